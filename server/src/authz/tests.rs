use super::*;
use domain::change::may_decide;
use domain::names::{SessionId, Subject, TeamName};
use domain::person::{Grant, Principal};
use domain::stage::Stage;
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

fn targets(act: Act) -> Vec<(&'static str, Target)> {
    match act {
        Act::ViewCatalogue => vec![("", Target::Catalogue)],
        Act::ViewTeam | Act::AskFor => vec![("payments", Target::Team(team("payments")))],
        Act::Lock | Act::Unlock => {
            let (team, stage) = (team("payments"), Stage::Prod);
            vec![("payments at prod", Target::Environment { team, stage })]
        }
        _ => vec![
            ("someone's at prod", change(Stage::Prod, "someone else")),
            ("own at prod", change(Stage::Prod, "me")),
        ],
    }
}

#[test]
fn the_whole_matrix() {
    let authorizer = Authorizer::new().unwrap();
    let mut matrix = String::new();
    for (name, who) in people() {
        writeln!(matrix, "{name}").unwrap();
        for act in Act::ALL {
            for (what, target) in targets(act) {
                let decision = authorizer.decide(&who, act, &target);
                let answer = if decision.allowed { "yes" } else { "no" };
                let row = format!(
                    "  {:<14} {what:<18} {answer:<4} {}",
                    act.as_str(),
                    decision.policy
                );
                writeln!(matrix, "{}", row.trim_end()).unwrap();
            }
        }
    }
    insta::assert_snapshot!(matrix);
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
        for (_, target) in targets(act) {
            writeln!(words, "{}", authorizer.decide(&nobody, act, &target).why).unwrap();
        }
    }
    let (_, both) = people().remove(5);
    let own = authorizer.decide(&both, Act::DecideOn, &change(Stage::Prod, "me"));
    writeln!(words, "{}", own.why).unwrap();
    insta::assert_snapshot!(words);
}
