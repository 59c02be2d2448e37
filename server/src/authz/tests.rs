use super::*;
use domain::change::may_decide;
use domain::names::{SessionId, Subject, TeamName};
use domain::person::{Grant, Principal};
use domain::stage::Stage;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

fn team(name: &str) -> TeamName {
    name.parse().unwrap()
}

fn subject(name: &str) -> Subject {
    name.parse().unwrap()
}

/// Everyone the matrix asks about, by what their sign-in grants.
fn people() -> Vec<(&'static str, Principal)> {
    let payments = || team("payments");
    let approver = |stages: &[Stage]| Grant::Approver {
        team: payments(),
        stages: stages.to_vec(),
    };
    [
        ("nobody", vec![]),
        ("developer", vec![Grant::Developer { team: payments() }]),
        (
            "developer of another team",
            vec![Grant::Developer {
                team: team("logistics"),
            }],
        ),
        ("approver for prod", vec![approver(&[Stage::Prod])]),
        ("approver for staging", vec![approver(&[Stage::Staging])]),
        (
            "developer and approver for prod",
            vec![
                Grant::Developer { team: payments() },
                approver(&[Stage::Prod]),
            ],
        ),
        ("security", vec![Grant::Security]),
        ("platform", vec![Grant::Platform]),
        ("auditor", vec![Grant::Auditor]),
    ]
    .into_iter()
    .map(|(name, grants)| {
        let principal = Principal {
            subject: subject("me"),
            name: name.to_owned(),
            session: SessionId(uuid::Uuid::nil()),
            grants,
            authenticated_at: None,
        };
        (name, principal)
    })
    .collect()
}

fn change(stage: Stage, requester: &str) -> Target {
    Target::Change {
        team: team("payments"),
        stage,
        requester: subject(requester),
    }
}

/// What an act is done to, by the words that the matrix has for it.
fn targets(act: Act, stage: Stage) -> Vec<(&'static str, Target)> {
    match act {
        Act::ViewCatalogue => vec![("", Target::Catalogue)],
        Act::ViewTeam | Act::AskFor => vec![("", Target::Team(team("payments")))],
        Act::DecideOnWaiver | Act::EndWaiver => {
            let waiver = |asker: &str| Target::Waiver {
                team: team("payments"),
                asker: subject(asker),
            };
            vec![
                (", somebody else's", waiver("someone else")),
                (", one's own", waiver("me")),
            ]
        }
        Act::Lock | Act::Unlock => {
            let team = team("payments");
            vec![("", Target::Environment { team, stage })]
        }
        Act::ProposeBlueprint | Act::AnswerProposal | Act::WithdrawBlueprint => {
            let version = |proposer: &str| Target::BlueprintVersion {
                proposed_by: Some(subject(proposer)),
            };
            let new = Target::BlueprintVersion { proposed_by: None };
            vec![
                (", never proposed", new),
                (", somebody else's", version("someone else")),
                (", one's own", version("me")),
            ]
        }
        _ => vec![
            (", somebody else's", change(stage, "someone else")),
            (", one's own", change(stage, "me")),
        ],
    }
}

const MATRIX: &str = include_str!("matrix.txt");

/// Stages at which somebody may, by act and person.
type May = BTreeMap<(String, String), Vec<Stage>>;

/// The matrix as written, and what addresses ask.
fn written() -> (May, BTreeSet<String>) {
    let (mut may, mut asked) = (BTreeMap::new(), BTreeSet::new());
    let mut heading = "";
    for line in MATRIX.lines() {
        if line.trim().is_empty() || line.starts_with('#') {
            continue;
        }
        let Some(line) = line.strip_prefix("  ") else {
            heading = line;
            continue;
        };
        let (first, last) = line.rsplit_once("  ").unwrap();
        if heading == "addresses" {
            asked.insert(last.trim().to_owned());
            continue;
        }
        let stages = match last.trim() {
            "all" => Stage::ALL.to_vec(),
            some => some
                .split(' ')
                .map(|stage| stage.parse().unwrap())
                .collect(),
        };
        let before = may.insert((heading.to_owned(), first.trim().to_owned()), stages);
        assert_eq!(before, None, "{line} stands there twice");
    }
    (may, asked)
}

#[test]
fn the_policies_hold_the_whole_matrix() {
    let authorizer = Authorizer::new().unwrap();
    let (mut may, _) = written();
    for (name, who) in people() {
        for act in Act::ALL {
            let mut allowed: BTreeMap<String, Vec<Stage>> = BTreeMap::new();
            for stage in Stage::ALL {
                for (of, target) in targets(act, stage) {
                    let key = format!("{}{of}", act.as_str());
                    let stages = allowed.entry(key).or_default();
                    let decision = authorizer.decide(&who, act, &target);
                    assert_eq!(decision.allowed, decision.why.is_empty(), "{name} {act:?}");
                    if decision.allowed {
                        stages.push(stage);
                    }
                }
            }
            for (key, stages) in allowed {
                let expected = may.remove(&(key.clone(), name.to_owned()));
                assert_eq!(stages, expected.unwrap_or_default(), "{key}, {name}");
            }
        }
    }
    assert_eq!(
        may,
        BTreeMap::new(),
        "stand in the matrix and were never asked"
    );
}

#[test]
fn what_addresses_ask_is_an_act_or_a_sign_in() {
    let (_, mut asked) = written();
    for known in ["anyone", "signed-in"] {
        assert!(asked.remove(known), "{known}");
    }
    let acts: BTreeSet<String> = Act::ALL.iter().map(|act| act.as_str().to_owned()).collect();
    assert_eq!(asked, acts);
}

#[test]
fn deciding_agrees_with_the_domain() {
    let authorizer = Authorizer::new().unwrap();
    for (name, who) in people() {
        for stage in Stage::ALL {
            for requester in ["me", "someone else"] {
                let target = change(stage, requester);
                let decision = authorizer.decide(&who, Act::DecideOn, &target);
                let rule = may_decide(
                    &who.subject,
                    &who.grants,
                    &subject(requester),
                    &team("payments"),
                    stage,
                );
                assert_eq!(
                    decision.allowed,
                    rule.is_ok(),
                    "{name}, {stage}, {requester}"
                );
            }
        }
    }
}

#[test]
fn seeing_agrees_with_the_lists() {
    let authorizer = Authorizer::new().unwrap();
    for (name, who) in people() {
        for of in ["payments", "logistics"] {
            let decision = authorizer.decide(&who, Act::ViewTeam, &Target::Team(team(of)));
            let listed = who.sees().is_none_or(|teams| teams.contains(&&team(of)));
            assert_eq!(decision.allowed, listed, "{name}, {of}");
        }
    }
}

#[test]
fn a_refusal_says_what_it_takes() {
    let authorizer = Authorizer::new().unwrap();
    let (_, nobody) = people().remove(0);
    let mut words = String::new();
    for act in Act::ALL {
        for (_, target) in targets(act, Stage::Prod) {
            writeln!(words, "{}", authorizer.decide(&nobody, act, &target).why).unwrap();
        }
    }
    let (_, both) = people().remove(5);
    let own = authorizer.decide(&both, Act::DecideOn, &change(Stage::Prod, "me"));
    writeln!(words, "{}", own.why).unwrap();
    insta::assert_snapshot!(words);
}
