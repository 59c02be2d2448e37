//! What the review of access says, read from the HTML that the server makes of it.
use super::*;
use crate::api::views::StackView;
use crate::ui::Markup;
use domain::access::{
    Aspect, Escalation, GroupReview, IamReview, Line, Lines, NetworkReview, PacketWitness, Path,
    PathState, RuleText, StatementText, SubjectReview, Verdict, Witness,
};
use std::collections::BTreeSet;

fn line(source: &str, place: &str, action: &str) -> Line {
    Line {
        source: source.to_owned(),
        place: place.to_owned(),
        effect: "Allow".to_owned(),
        action: action.to_owned(),
        resource: "arn:aws:s3:::orders/*".to_owned(),
        ..Line::default()
    }
}

fn role(id: &str, verdict: Verdict) -> SubjectReview {
    let (gains, loses) = match verdict {
        Verdict::Equivalent => (Some(false), Some(false)),
        Verdict::Narrowed => (Some(false), Some(true)),
        Verdict::Undecided => (None, None),
        Verdict::Changed => (Some(true), Some(true)),
        Verdict::Widened => (Some(true), Some(false)),
    };
    let says = |answer: Option<bool>, words: &str| {
        let words = format!("{id} can {words} s3:PutObject on arn:aws:s3:::orders/*");
        (answer == Some(true))
            .then_some(words)
            .into_iter()
            .collect()
    };
    SubjectReview {
        id: id.to_owned(),
        kind: "AWS::IAM::Role".to_owned(),
        aspect: Aspect::Identity,
        verdict,
        new_access: gains,
        lost_access: loses,
        gained: says(gains, "now"),
        lost: says(loses, "no longer"),
        witness: (gains == Some(true)).then(|| Witness {
            action: "s3:PutObject".to_owned(),
            resource: "arn:aws:s3:::orders/*".to_owned(),
            principal: id.to_owned(),
            context: BTreeMap::new(),
        }),
        reasons: Vec::new(),
        escalations: Vec::new(),
        lines: Lines {
            added: vec![line(id, "policy orders", "s3:PutObject")],
            removed: vec![line(id, "policy orders", "s3:GetObject")],
            unchanged: vec![line(id, "trust", "sts:AssumeRole")],
        },
    }
}

fn group(id: &str, verdict: Verdict, internet: bool) -> GroupReview {
    let gains = verdict.may_widen();
    GroupReview {
        id: id.to_owned(),
        kind: "AWS::EC2::SecurityGroup".to_owned(),
        verdict,
        new_access: Some(gains),
        lost_access: Some(!gains),
        gained: if gains {
            vec![format!(
                "the internet (0.0.0.0/0) can now reach TCP 22 on {id}"
            )]
        } else {
            Vec::new()
        },
        lost: Vec::new(),
        witness: gains.then(|| PacketWitness {
            direction: "ingress".to_owned(),
            protocol: "tcp".to_owned(),
            port: Some("22".to_owned()),
            peer: "198.51.100.7".to_owned(),
        }),
        reasons: Vec::new(),
        internet,
        lines: Lines::default(),
    }
}

fn review(subjects: Vec<SubjectReview>, groups: Vec<GroupReview>) -> AccessReview {
    let worst = |verdicts: Vec<Verdict>| verdicts.into_iter().max().unwrap_or_default();
    AccessReview::new(
        IamReview {
            verdict: worst(subjects.iter().map(|it| it.verdict).collect()),
            subjects,
            ..IamReview::default()
        },
        NetworkReview {
            verdict: worst(groups.iter().map(|it| it.verdict).collect()),
            groups,
            ..NetworkReview::default()
        },
    )
}

fn plan(review: &AccessReview, shows: &[&str]) -> PlanView {
    PlanView {
        stacks: vec![StackView {
            name: "main".to_owned(),
            stack_name: "payments-checkout-dev".to_owned(),
            destination: String::new(),
            operation: "updates".to_owned(),
            groups: Vec::new(),
            removals: Vec::new(),
            parameters: Vec::new(),
            template_lines: Some(1),
            shows: shows
                .iter()
                .map(|name| (*name).to_owned())
                .collect::<BTreeSet<_>>(),
            counts: [0; 4],
        }],
        access: review.clone(),
        findings: Vec::new(),
        compared_with: "what runs now".to_owned(),
        whole: None,
        changed_since_approval: Vec::new(),
    }
}

fn html(review: AccessReview, look: Look, shows: &[&str]) -> String {
    let around = Around::new("CH-7", look, &plan(&review, shows), false);
    Markup::of(view! { <Access review=review around=around /> })
        .as_str()
        .to_owned()
}

fn beside() -> Look {
    Look::named(Some("side-by-side"), None, None).unwrap()
}

fn before(review: &AccessReview) -> sentence::Headline {
    headline(review, Against::Before)
}

fn on_top(review: &AccessReview) -> String {
    Markup::of(proof(review, Against::Before))
        .as_str()
        .to_owned()
}

/// The text of some HTML, as a reader has it.
fn text(html: &str) -> String {
    let mut text = String::new();
    let mut inside = false;
    for character in html.chars() {
        match character {
            '<' => inside = true,
            '>' => inside = false,
            other if !inside => text.push(other),
            _ => {}
        }
    }
    text
}

/// What stands outside of every folded part.
fn unfolded(html: &str) -> String {
    let mut open = String::new();
    let mut depth = 0;
    for (index, part) in html.split("<details").enumerate() {
        depth += usize::from(index > 0);
        let mut rest = part;
        while let Some((inside, after)) = rest.split_once("</details>") {
            if depth == 0 {
                open.push_str(inside);
            }
            depth -= 1;
            rest = after;
        }
        if depth == 0 {
            open.push_str(rest);
        }
    }
    open
}

#[test]
fn the_headline_says_whose_access_moves_and_counts_each_once() {
    let mut trust = role("Writer", Verdict::Widened);
    trust.aspect = Aspect::Trust;
    let found = before(&review(
        vec![
            role("Writer", Verdict::Widened),
            trust,
            role("Reader", Verdict::Changed),
            role("Odd", Verdict::Undecided),
            role("Old", Verdict::Narrowed),
            role("Same", Verdict::Equivalent),
        ],
        vec![group("Bastion", Verdict::Widened, true)],
    ));
    assert_eq!(
        found.words,
        "Access grows for 2 identities and 1 security group, may grow for 1 identity and shrinks for 2 identities"
    );
    assert_eq!(found.sign, "▲");
}

#[test]
fn what_nobody_judged_counts_as_a_gain() {
    let old: AccessReview = serde_json::from_str(r#"{"holders":[]}"#).unwrap();
    let found = headline(&old, Against::Before);
    assert_eq!(found.words, "Nobody has judged whether access grows");
    assert_eq!(found.tone, crate::api::views::Tone::Grow);
    assert!(text(&on_top(&old)).contains("counts as a gain"));
}

#[test]
fn nothing_gained_and_nothing_lost_says_so() {
    let none = review(Vec::new(), Vec::new());
    assert_eq!(
        headline(&none, Against::Before).words,
        "Access stays as it is"
    );
    let same = review(vec![role("Same", Verdict::Equivalent)], Vec::new());
    assert_eq!(
        headline(&same, Against::Before).words,
        "Access stays as it is"
    );
    assert!(text(&on_top(&same)).contains("written differently and allows the same"));
}

#[test]
fn the_example_comes_first_and_the_internet_is_named() {
    let words = text(&on_top(&review(
        vec![role("Writer", Verdict::Widened)],
        vec![
            group("Api", Verdict::Widened, false),
            group("Bastion", Verdict::Widened, true),
        ],
    )));
    assert!(
        words.starts_with(
            "Writer can now s3:PutObject on arn:aws:s3:::orders/*, and could not before."
        ),
        "{words}"
    );
    let internet = words
        .find("Open to the internet: The internet (0.0.0.0/0) can now reach TCP 22 on Bastion.")
        .unwrap();
    assert!(internet < words.find("on Api").unwrap());
}

#[test]
fn what_could_not_be_compared_is_named_and_counts_as_a_gain() {
    let mut odd = role("Odd", Verdict::Undecided);
    odd.reasons = vec!["its policy has more than 500 conditions".to_owned()];
    let review = review(vec![odd], Vec::new());
    assert_eq!(
        headline(&review, Against::Before).words,
        "Access may grow for 1 identity"
    );
    let words = text(&on_top(&review));
    assert!(
        words.contains("counts as a gain: Odd: its policy has more than 500 conditions."),
        "{words}"
    );
}

fn many() -> AccessReview {
    let mut subjects: Vec<_> = (0..120)
        .map(|index| role(&format!("Writer{index}"), Verdict::Widened))
        .collect();
    subjects.extend((0..30).map(|index| role(&format!("Reader{index}"), Verdict::Narrowed)));
    subjects.push(role("Same", Verdict::Equivalent));
    review(subjects, vec![group("Web", Verdict::Widened, true)])
}

#[test]
fn what_gains_is_never_folded_and_what_is_the_same_always_is() {
    let html = html(many(), Look::default(), &[]);
    let open = unfolded(&html);
    for index in 0..120 {
        assert!(
            open.contains(&format!("Writer{index} can now s3:PutObject")),
            "{index}"
        );
    }
    assert!(!open.contains("Same"));
    assert!(!open.contains("Reader"));
    let words = text(&html);
    assert!(words.contains("1 written differently, same access: Same"));
    assert!(words.contains("30 narrowed too: Reader0, Reader1, Reader2, …"));
}

#[test]
fn many_subjects_are_a_line_each_after_the_first_that_are_whole() {
    let html = html(many(), Look::default(), &[]);
    let open = unfolded(&html);
    // Of those that are whole, the lines of the first are open; the others are opened one by one.
    assert_eq!(open.matches("+ added").count(), 10);
    assert_eq!(html.matches("+ added").count(), 25);
    assert!(text(open.as_str()).contains("95 more, a line each."));
    assert!(text(&html).contains("120 widened"));
    assert!(html.contains("href=\"/changes/CH-7?subject=Writer25#who-may-do-what\""));
    assert!(!html.contains("?subject=Writer24#"));
    let place = |id: &str| open.find(&format!("{id} can now")).unwrap();
    assert!(place("Writer24") < place("Writer25") && place("Writer25") < place("Writer119"));
    assert!(html.len() < 160 * 1024, "{} bytes", html.len());
}

#[test]
fn few_subjects_are_whole_and_not_filtered() {
    let few = (0..25).map(|index| role(&format!("Writer{index}"), Verdict::Widened));
    let html = html(review(few.collect(), Vec::new()), Look::default(), &[]);
    assert!(!html.contains("?subject="));
    assert!(!html.contains("Filter access"));
    assert_eq!(html.matches("+ added").count(), 25);
}

#[test]
fn one_subject_is_shown_whole_and_leads_back_to_all() {
    let look = Look::named(
        Some("side-by-side"),
        Some("widened"),
        Some("Writer99".to_owned()),
    );
    let one = html(many(), look.unwrap(), &["Writer99"]);
    let words = text(&unfolded(&one));
    assert!(words.contains("Writer99 can now s3:PutObject"), "{words}");
    assert!(!words.contains("Writer98"));
    assert!(words.contains("Only Writer99 is shown; the verdict on top is about everything."));
    assert!(words.contains("− removed Allow s3:GetObject"));
    assert!(words.contains("120 widened"), "all are counted still");
    assert!(one.contains("href=\"/changes/CH-7?access=side-by-side#who-may-do-what\""));
    let other = "/changes/CH-7?verdict=widened&amp;subject=Writer99#who-may-do-what";
    assert!(
        one.contains(other),
        "the other layout shows the same: {one}"
    );
    let unknown = Look::named(None, None, Some("Nobody".to_owned())).unwrap();
    assert!(text(&html(many(), unknown, &[])).contains("Nothing here fits what is chosen above."));
}

#[test]
fn a_verdict_filters_and_stays_in_every_address() {
    let look = Look::named(None, Some("narrowed"), None).unwrap();
    let html = html(many(), look, &[]);
    let words = text(&unfolded(&html));
    assert!(!words.contains("Writer"), "{words}");
    assert!(words.contains("Reader0 ") && words.contains("Reader29"));
    assert!(words.contains("5 more, a line each."));
    assert!(
        html.contains(
            "href=\"/changes/CH-7?verdict=narrowed&amp;subject=Reader29#who-may-do-what\""
        )
    );
    assert!(html.contains("value=\"narrowed\" selected"));
    assert!(words.contains("widened: 121"), "{words}");
    let error = Look::named(None, Some("worse"), None).unwrap_err();
    assert_eq!(
        error.to_string(),
        "“worse” is not a verdict; the verdicts are widened, changed, undecided, narrowed, equivalent"
    );
}

#[test]
fn lines_that_stay_are_shown_on_demand_and_bounded() {
    let mut writer = role("Writer", Verdict::Widened);
    writer.lines.unchanged = vec![line("Writer", "policy orders", "s3:ListBucket"); 70];
    let html = html(review(vec![writer], Vec::new()), Look::default(), &[]);
    assert!(!unfolded(&html).contains("ListBucket"));
    assert_eq!(html.matches("s3:ListBucket").count(), 50);
    assert!(text(&html).contains("70 lines stay"));
    assert!(text(&html).contains("20 more stand in the template."));
}

#[test]
fn a_name_leads_to_its_place_in_the_template_where_it_has_one() {
    let subjects = vec![
        role("Writer", Verdict::Widened),
        role("Gone", Verdict::Narrowed),
    ];
    let html = html(review(subjects, Vec::new()), Look::default(), &["Writer"]);
    assert!(html.contains("href=\"/changes/CH-7/template?stack=main#resource-Writer\""));
    assert!(!html.contains("#resource-Gone"));
}

#[test]
fn the_layout_is_a_link_and_stands_in_the_address() {
    let one = review(vec![role("Writer", Verdict::Changed)], Vec::new());
    let inline = html(one.clone(), Look::default(), &[]);
    assert!(inline.contains("href=\"/changes/CH-7?access=side-by-side#who-may-do-what\""));
    assert!(text(&inline).contains("+ added"));
    let beside = html(one, beside(), &[]);
    assert!(beside.contains("href=\"/changes/CH-7#who-may-do-what\""));
    assert!(beside.contains("data-label=\"before\""));
    assert!(
        text(&beside).contains("− removed Allow s3:GetObject"),
        "{}",
        text(&beside)
    );
    let nonsense = Look::named(Some("nonsense"), None, None).unwrap();
    assert_eq!(nonsense, Look::default());
}

#[test]
fn ways_to_more_access_come_before_anything_else() {
    let mut writer = role("Writer", Verdict::Widened);
    writer.escalations = vec![Escalation {
        name: "pass-role-to-lambda".to_owned(),
        words: "can run code as any role that trusts Lambda".to_owned(),
    }];
    let review = review(vec![writer], Vec::new());
    let below = text(&html(review.clone(), Look::default(), &[]));
    let way = below.find("can run code as any role").unwrap();
    assert!(way < below.find("+ Writer can now").unwrap(), "{below}");
    assert!(text(&on_top(&review)).contains("Writer gets a known way to more access"));
}

#[test]
fn nothing_of_the_template_is_left_out() {
    let mut review = review(vec![role("Writer", Verdict::Widened)], Vec::new());
    let statement = |source: &str, action: &str| StatementText {
        source: source.to_owned(),
        effect: "Allow".to_owned(),
        principals: Default::default(),
        actions: domain::access::Names {
            not: true,
            values: vec![action.to_owned()],
        },
        resources: Default::default(),
        condition: None,
    };
    review.iam.statements.added = vec![
        statement("Writer/policy orders", "s3:PutObject"),
        statement("Lonely/policy", "iam:*"),
    ];
    review.network.rules.removed = vec![RuleText {
        source: "Rule".to_owned(),
        group: "Web".to_owned(),
        direction: "ingress".to_owned(),
        protocol: "tcp".to_owned(),
        ports: "443".to_owned(),
        peer: "pl-1".to_owned(),
        effect: "allow".to_owned(),
    }];
    let words = text(&html(review, Look::default(), &[]));
    assert!(
        words.contains("Other statements that come and go: 1"),
        "{words}"
    );
    assert!(words.contains("all but iam:*"));
    assert!(words.contains("Other rules that come and go: 1"));
    assert!(words.contains("ingress of Web"));
}

#[test]
fn the_table_below_the_drawing_says_the_same() {
    let path = |from: &str, to: &str, state| Path {
        from: from.to_owned(),
        to: to.to_owned(),
        traffic: "TCP 443".to_owned(),
        state,
    };
    let mut review = review(Vec::new(), vec![group("Web", Verdict::Widened, true)]);
    review.network.paths = vec![
        path("Web", "Api", PathState::Kept),
        path("10.0.0.0/8", "Web", PathState::Lost),
        path("internet", "Web", PathState::Gained),
    ];
    let html = html(review, Look::default(), &[]);
    assert!(html.contains("aria-label=\"Network paths: 1 gained, 1 lost, 1 stay."));
    for class in ["path path-gained", "path path-lost", "path path-kept"] {
        assert!(html.contains(class), "{class}");
    }
    let table = &html[html.find("</svg>").unwrap()..];
    let (gained, lost) = (
        table.find("+ gained</").unwrap(),
        table.find("10.0.0.0/8").unwrap(),
    );
    assert!(gained < lost);
    assert!(text(table).contains("1 path stays"));
}

#[test]
fn no_text_of_a_template_becomes_markup_and_nothing_is_styled_inline() {
    const EVIL: &str = "\"'></text></title><script>alert(1)</script><img src=x>";
    let mut subject = role(EVIL, Verdict::Changed);
    subject.kind = EVIL.to_owned();
    subject.reasons = vec![EVIL.to_owned()];
    subject.escalations = vec![Escalation {
        name: EVIL.to_owned(),
        words: EVIL.to_owned(),
    }];
    if let Some(witness) = &mut subject.witness {
        witness.context = BTreeMap::from([(EVIL.to_owned(), vec![EVIL.to_owned()])]);
    }
    for line in &mut subject.lines.added {
        *line = Line {
            source: EVIL.to_owned(),
            place: EVIL.to_owned(),
            effect: EVIL.to_owned(),
            principal: EVIL.to_owned(),
            action: EVIL.to_owned(),
            resource: EVIL.to_owned(),
            condition: EVIL.to_owned(),
        };
    }
    let mut review = review(vec![subject], vec![group(EVIL, Verdict::Widened, true)]);
    review.network.paths = vec![Path {
        from: EVIL.to_owned(),
        to: EVIL.replace('x', "y"),
        traffic: EVIL.to_owned(),
        state: PathState::Gained,
    }];
    let only = Look::named(None, None, Some(EVIL.to_owned())).unwrap();
    for look in [Look::default(), beside(), only] {
        let all = html(review.clone(), look, &[EVIL]) + &on_top(&review);
        assert!(!all.contains("<script"), "{all}");
        assert!(!all.contains("<img"), "{all}");
        assert!(!all.contains("style="), "{all}");
        assert!(!all.contains("\"\"'>"), "{all}");
    }
}
