//! The answer for people: the verdict first, then whom it concerns, then the lines that did it.
use super::policy::{Limit, PolicyReport};
use domain::access::{
    AccessReview, Aspect, BoundaryChange, GroupReview, Line, Lines, PacketWitness, SubjectReview,
    Verdict, Witness,
};
use domain::characters;
use std::fmt::{self, Display, Write as _};
use std::io::IsTerminal as _;

/// Whether the answer may have colours: only on a terminal, and not where `NO_COLOR` is set
/// (<https://no-color.org>).
pub(super) fn colours() -> bool {
    let set = |name| std::env::var_os(name).filter(|value| !value.is_empty());
    std::io::stdout().is_terminal()
        && set("NO_COLOR").is_none()
        && set("TERM").is_some_and(|terminal| terminal != "dumb")
}

/// What a review of two templates says.
pub(super) fn review(found: &AccessReview, colours: bool) -> String {
    let mut page = Page::new(colours);
    page.painted(0, colour(found.verdict), sentence(found.verdict));
    let subjects = &found.iam.subjects;
    let groups = &found.network.groups;
    if found.verdict == Verdict::Equivalent && subjects.is_empty() && groups.is_empty() {
        page.line(0, "No policy and no network rule differs.");
    }
    if !subjects.is_empty() {
        page.section("Who may do what", found.iam.verdict);
        for one in subjects
            .iter()
            .filter(|one| shows(one.verdict, &one.reasons))
        {
            subject(&mut page, one);
        }
        let rewritten = subjects
            .iter()
            .filter(|one| !shows(one.verdict, &one.reasons));
        rewrites(&mut page, rewritten.map(|one| one.id.as_str()));
        boundaries(&mut page, &found.iam.boundaries);
    }
    if !groups.is_empty() {
        page.section("Who may reach what", found.network.verdict);
        for one in groups.iter().filter(|one| shows(one.verdict, &one.reasons)) {
            group(&mut page, one);
        }
        let rewritten = groups
            .iter()
            .filter(|one| !shows(one.verdict, &one.reasons));
        rewrites(&mut page, rewritten.map(|one| one.id.as_str()));
    }
    page.text
}

/// What a comparison of two policies says.
pub(super) fn policy(found: &PolicyReport, colours: bool) -> String {
    let mut page = Page::new(colours);
    page.painted(0, colour(found.verdict), sentence(found.verdict));
    for witness in &found.gained {
        page.labelled(1, "now allowed", request(witness, "the identity"));
    }
    for witness in &found.lost {
        page.labelled(1, "no longer", request(witness, "the identity"));
    }
    if let Some(limit) = found.limit {
        let grant = Limit {
            new_access: found.new_access,
            lost_access: found.lost_access,
        };
        page.labelled(1, "as a grant", answers(grant));
        page.labelled(1, "as a limit", answers(limit));
    }
    for reason in &found.reasons {
        page.labelled(1, "reason", reason);
    }
    page.text
}

fn sentence(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Equivalent => "Equivalent: exactly the same is allowed before and after.",
        Verdict::Narrowed => "Narrowed: nothing new is allowed, and something no longer is.",
        Verdict::Undecided => {
            "Undecided: it could not be ruled out that something new is allowed. Take it for widened."
        }
        Verdict::Changed => "Changed: something new is allowed, and something no longer is.",
        Verdict::Widened => "Widened: something new is allowed.",
    }
}

/// Whether there is more to say than that it is written differently.
fn shows(verdict: Verdict, reasons: &[String]) -> bool {
    verdict != Verdict::Equivalent || !reasons.is_empty()
}

/// A colour as terminals know it (ECMA-48, "Select graphic rendition").
#[derive(Clone, Copy)]
enum Colour {
    Red,
    Green,
    Yellow,
}

fn colour(verdict: Verdict) -> Colour {
    match verdict {
        Verdict::Equivalent => Colour::Green,
        Verdict::Narrowed => Colour::Yellow,
        Verdict::Undecided | Verdict::Changed | Verdict::Widened => Colour::Red,
    }
}

/// Lines of text, each indented by two spaces a level, with nothing in them that steers a terminal but
/// the colours, where they are wanted.
struct Page {
    text: String,
    colours: bool,
}

impl Page {
    fn new(colours: bool) -> Page {
        Page {
            text: String::new(),
            colours,
        }
    }

    fn line(&mut self, level: usize, text: impl Display) {
        self.written(level, None, &text.to_string());
    }

    fn painted(&mut self, level: usize, colour: Colour, text: impl Display) {
        self.written(
            level,
            Some(colour).filter(|_| self.colours),
            &text.to_string(),
        );
    }

    fn written(&mut self, level: usize, colour: Option<Colour>, text: &str) {
        let (before, after) = match colour {
            None => ("", ""),
            Some(Colour::Red) => ("\u{1b}[31m", "\u{1b}[0m"),
            Some(Colour::Green) => ("\u{1b}[32m", "\u{1b}[0m"),
            Some(Colour::Yellow) => ("\u{1b}[33m", "\u{1b}[0m"),
        };
        let text = characters::plain(text).replace('\n', " ");
        // Writing to a String never fails.
        let _ = writeln!(
            self.text,
            "{:indent$}{before}{text}{after}",
            "",
            indent = level * 2
        );
    }

    fn labelled(&mut self, level: usize, label: &str, text: impl Display) {
        self.line(level, format_args!("{label:<12} {text}"));
    }

    fn section(&mut self, title: &str, verdict: Verdict) {
        self.text.push('\n');
        self.painted(
            0,
            colour(verdict),
            format_args!("{title}: {}", verdict.as_str()),
        );
    }
}

fn subject(page: &mut Page, one: &SubjectReview) {
    let aspect = match one.aspect {
        Aspect::Identity => "what it may do",
        Aspect::Trust => "who may take it on",
        Aspect::Resource => "who may use it",
    };
    let verdict = one.verdict.as_str();
    page.painted(
        1,
        colour(one.verdict),
        format_args!("{} ({}), {aspect}: {verdict}", one.id, one.kind),
    );
    sentences(page, &one.gained, &one.lost);
    if let Some(witness) = &one.witness {
        page.labelled(2, "for example", request(witness, &one.id));
    }
    for escalation in &one.escalations {
        page.labelled(
            2,
            "escalation",
            format_args!("{}: {}", escalation.name, escalation.words),
        );
    }
    details(page, &one.id, &one.reasons, &one.lines);
}

fn group(page: &mut Page, one: &GroupReview) {
    let internet = if one.internet {
        ", open to the internet"
    } else {
        ""
    };
    let verdict = one.verdict.as_str();
    page.painted(
        1,
        colour(one.verdict),
        format_args!("{} ({}): {verdict}{internet}", one.id, one.kind),
    );
    sentences(page, &one.gained, &one.lost);
    if let Some(witness) = &one.witness {
        page.labelled(2, "for example", packet(witness));
    }
    details(page, &one.id, &one.reasons, &one.lines);
}

fn sentences(page: &mut Page, gained: &[String], lost: &[String]) {
    for sentence in gained {
        page.labelled(2, "gained", sentence);
    }
    for sentence in lost {
        page.labelled(2, "lost", sentence);
    }
}

fn details(page: &mut Page, id: &str, reasons: &[String], lines: &Lines) {
    for reason in reasons {
        page.labelled(2, "reason", reason);
    }
    for line in &lines.added {
        page.painted(2, Colour::Green, format_args!("+ {}", line_text(line, id)));
    }
    for line in &lines.removed {
        page.painted(2, Colour::Red, format_args!("- {}", line_text(line, id)));
    }
}

fn rewrites<'i>(page: &mut Page, ids: impl Iterator<Item = &'i str>) {
    let ids: Vec<_> = ids.collect();
    if !ids.is_empty() {
        page.line(
            1,
            format_args!("written differently, the same access: {}", ids.join(", ")),
        );
    }
}

fn boundaries(page: &mut Page, changes: &[BoundaryChange]) {
    for change in changes {
        let shown = |policy: &Option<String>| policy.clone().unwrap_or_else(|| "none".to_owned());
        page.line(
            1,
            format_args!(
                "permissions boundary of {}: {} before, {} after",
                change.subject,
                shown(&change.before),
                shown(&change.after)
            ),
        );
    }
}

fn line_text(line: &Line, id: &str) -> String {
    let place = if line.source.is_empty() || line.source == id {
        line.place.clone()
    } else {
        format!("{} {}", line.source, line.place)
    };
    let mut text = format!("{place}:");
    let mut add = |before: &str, part: &str| {
        if !part.is_empty() {
            text.push_str(before);
            text.push_str(part);
        }
    };
    if line.effect != "-" {
        add(" ", &line.effect);
    }
    add(" ", &line.principal);
    add(" ", &line.action);
    let join = if line.action.is_empty() { " " } else { " on " };
    add(join, &line.resource);
    add(" if ", &line.condition);
    text
}

/// How many condition keys of a request are read out; JSON has them all.
const MOST_KEYS: usize = 8;

/// A request in words; `identity` is who asks where the request names nobody.
fn request<'w>(witness: &'w Witness, identity: &'w str) -> impl Display + 'w {
    fmt::from_fn(move |f| {
        let principal = match witness.principal.as_str() {
            "" => identity,
            named => named,
        };
        write!(f, "{principal} may {}", witness.action)?;
        // A trust policy names no resource.
        if !witness.resource.is_empty() {
            write!(f, " on {}", witness.resource)?;
        }
        for (i, (key, values)) in witness.context.iter().take(MOST_KEYS).enumerate() {
            let join = if i == 0 { ", with" } else { " and" };
            write!(f, "{join} {key} = {}", values.join(", "))?;
        }
        match witness.context.len().checked_sub(MOST_KEYS) {
            None | Some(0) => Ok(()),
            Some(more) => write!(f, " and {more} more keys"),
        }
    })
}

fn packet(witness: &PacketWitness) -> String {
    let port = match &witness.port {
        Some(port) => format!(" {port}"),
        None => String::new(),
    };
    let direction = if witness.direction == "egress" {
        "to"
    } else {
        "from"
    };
    format!(
        "{}{port} {direction} {}",
        witness.protocol.to_uppercase(),
        witness.peer
    )
}

fn answers(limit: Limit) -> String {
    let answer = |known| match known {
        Some(true) => "yes",
        Some(false) => "no",
        None => "undecided",
    };
    format!(
        "new access: {}, lost access: {}",
        answer(limit.new_access),
        answer(limit.lost_access)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::access::{Escalation, IamReview, NetworkReview};

    fn identity(verdict: Verdict) -> SubjectReview {
        SubjectReview {
            id: "OrdersRole".to_owned(),
            kind: "AWS::IAM::Role".to_owned(),
            aspect: Aspect::Identity,
            verdict,
            new_access: Some(true),
            lost_access: Some(false),
            gained: vec!["OrdersRole can now s3:PutObject on arn:aws:s3:::orders/*".to_owned()],
            lost: Vec::new(),
            witness: Some(Witness {
                action: "s3:PutObject".to_owned(),
                resource: "arn:aws:s3:::orders/a".to_owned(),
                principal: String::new(),
                context: [("aws:SourceVpc".to_owned(), vec!["vpc-1".to_owned()])].into(),
            }),
            reasons: vec!["the text of ${Shared} is not known".to_owned()],
            escalations: vec![Escalation {
                name: "pass-role-to-lambda".to_owned(),
                words: "it can run code as any role it may pass".to_owned(),
            }],
            lines: Lines {
                added: vec![Line {
                    source: "Attached".to_owned(),
                    place: "policy orders".to_owned(),
                    effect: "Allow".to_owned(),
                    principal: String::new(),
                    action: "s3:*".to_owned(),
                    resource: "*".to_owned(),
                    condition: "{\"Bool\":{}}".to_owned(),
                }],
                removed: vec![Line {
                    source: "OrdersRole".to_owned(),
                    place: "boundary".to_owned(),
                    effect: "-".to_owned(),
                    resource: "arn:aws:iam::aws:policy/Limit".to_owned(),
                    ..Line::default()
                }],
                unchanged: Vec::new(),
            },
        }
    }

    fn rewritten() -> SubjectReview {
        SubjectReview {
            id: "Other".to_owned(),
            reasons: Vec::new(),
            ..identity(Verdict::Equivalent)
        }
    }

    fn bastion() -> GroupReview {
        GroupReview {
            id: "Bastion".to_owned(),
            kind: "AWS::EC2::SecurityGroup".to_owned(),
            verdict: Verdict::Widened,
            new_access: Some(true),
            lost_access: Some(false),
            gained: vec!["the internet (0.0.0.0/0) can now reach TCP 22 on Bastion".to_owned()],
            lost: Vec::new(),
            witness: Some(PacketWitness {
                direction: "ingress".to_owned(),
                protocol: "tcp".to_owned(),
                port: Some("22".to_owned()),
                peer: "8.8.8.8".to_owned(),
            }),
            reasons: Vec::new(),
            internet: true,
            lines: Lines::default(),
        }
    }

    #[test]
    fn the_verdict_comes_first_and_the_lines_last() {
        let found = AccessReview::new(
            IamReview {
                verdict: Verdict::Widened,
                boundaries: vec![BoundaryChange {
                    subject: "OrdersRole".to_owned(),
                    before: Some("arn:aws:iam::aws:policy/Limit".to_owned()),
                    after: None,
                }],
                subjects: vec![identity(Verdict::Widened), rewritten()],
                ..IamReview::default()
            },
            NetworkReview {
                verdict: Verdict::Widened,
                groups: vec![bastion()],
                ..NetworkReview::default()
            },
        );
        insta::assert_snapshot!(review(&found, false), @r#"
        Widened: something new is allowed.

        Who may do what: widened
          OrdersRole (AWS::IAM::Role), what it may do: widened
            gained       OrdersRole can now s3:PutObject on arn:aws:s3:::orders/*
            for example  OrdersRole may s3:PutObject on arn:aws:s3:::orders/a, with aws:SourceVpc = vpc-1
            escalation   pass-role-to-lambda: it can run code as any role it may pass
            reason       the text of ${Shared} is not known
            + Attached policy orders: Allow s3:* on * if {"Bool":{}}
            - boundary: arn:aws:iam::aws:policy/Limit
          written differently, the same access: Other
          permissions boundary of OrdersRole: arn:aws:iam::aws:policy/Limit before, none after

        Who may reach what: widened
          Bastion (AWS::EC2::SecurityGroup): widened, open to the internet
            gained       the internet (0.0.0.0/0) can now reach TCP 22 on Bastion
            for example  TCP 22 from 8.8.8.8
        "#);
    }

    #[test]
    fn nothing_to_say_is_said() {
        let found = AccessReview::new(IamReview::default(), NetworkReview::default());
        insta::assert_snapshot!(review(&found, false), @r"
        Equivalent: exactly the same is allowed before and after.
        No policy and no network rule differs.
        ");
    }

    #[test]
    fn colours_are_ended_on_their_line() {
        let found = AccessReview::new(IamReview::default(), NetworkReview::default());
        let text = review(&found, true);
        let first = text.lines().next().unwrap();
        assert!(first.starts_with("\u{1b}[32mEquivalent"), "{first:?}");
        assert!(first.ends_with("\u{1b}[0m"), "{first:?}");
    }

    #[test]
    fn nothing_steers_the_terminal() {
        let mut found = identity(Verdict::Widened);
        found.gained = vec!["one\ntwo\rthree\u{202e}".to_owned()];
        let mut page = Page::new(false);
        subject(&mut page, &found);
        assert!(
            page.text.contains("one two\\u{d}three\\u{202e}"),
            "{}",
            page.text
        );
    }

    #[test]
    fn a_policy_is_judged_as_a_grant_and_as_a_limit() {
        let found = PolicyReport {
            verdict: Verdict::Widened,
            new_access: Some(false),
            lost_access: Some(false),
            witness: None,
            limit: Some(Limit {
                new_access: Some(true),
                lost_access: None,
            }),
            reason: None,
            reasons: vec!["too large".to_owned()],
            gained: vec![Witness {
                action: "s3:GetObject".to_owned(),
                resource: "*".to_owned(),
                principal: "anonymous".to_owned(),
                context: Default::default(),
            }],
            lost: Vec::new(),
        };
        insta::assert_snapshot!(policy(&found, false), @r"
        Widened: something new is allowed.
          now allowed  anonymous may s3:GetObject on *
          as a grant   new access: no, lost access: no
          as a limit   new access: yes, lost access: undecided
          reason       too large
        ");
    }
}
