//! Random walks through the life of a change: nothing runs without its approvals or against a finding, and every walk
//! can end.

// A test that can't go on fails, and says where.
#![allow(clippy::unwrap_used)]

use domain::change::{
    Approval, Asked, ChangeState, Closing, Covering, Failure, FailureKind, Finding, FindingKey,
    Group, Outcome, Repair, ReviewedFinding, Severity, Stuck, WaiverInForce, reviewed, unblocked,
};
use domain::names::{DeploymentId, Digest, PlanId, Subject, WaiverNumber};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// What can happen. A crash is no event of its own: whatever was under way happens once more.
#[derive(Clone, Copy, Debug)]
enum Event {
    /// The plan is made, with one of a few digests.
    Planned(u8),
    PlanningFails {
        stuck: bool,
    },
    NothingToDo,
    Approve(u8),
    Close(Closing),
    ChangeSetGone,
    PlanAgain,
    /// Other rules are in force from now on.
    Rules(u8),
    /// Other waivers are in force from now on, as the bits say; the change is planned again where it is stopped.
    Waivers(u8),
    Start,
    Stop,
    /// The stack changed behind the deployment.
    Overtaken,
    Succeeds,
    Fails {
        stuck: bool,
    },
    Repair,
    RepairFails,
}

fn event() -> impl Strategy<Value = Event> {
    let closing = prop_oneof![
        Just(Closing::Rejected),
        Just(Closing::ChangesRequested),
        Just(Closing::Withdrawn),
        Just(Closing::Cancelled),
    ];
    prop_oneof![
        4 => (0..3u8).prop_map(Event::Planned),
        1 => any::<bool>().prop_map(|stuck| Event::PlanningFails { stuck }),
        1 => Just(Event::NothingToDo),
        8 => (0..6u8).prop_map(Event::Approve),
        1 => closing.prop_map(Event::Close),
        1 => Just(Event::ChangeSetGone),
        2 => Just(Event::PlanAgain),
        2 => (0..5u8).prop_map(Event::Rules),
        3 => (0..4u8).prop_map(Event::Waivers),
        4 => Just(Event::Start),
        1 => Just(Event::Stop),
        1 => Just(Event::Overtaken),
        1 => Just(Event::Succeeds),
        1 => any::<bool>().prop_map(|stuck| Event::Fails { stuck }),
        1 => Just(Event::Repair),
        1 => Just(Event::RepairFails),
    ]
}

fn rules(number: u8) -> Asked {
    use Group::{Approver, Platform, Security};
    let of: &[(Group, u8)] = match number {
        0 => &[],
        1 => &[(Approver, 1)],
        2 => &[(Approver, 2)],
        3 => &[(Approver, 1), (Platform, 1)],
        _ => &[(Approver, 1), (Platform, 1), (Security, 1)],
    };
    Asked {
        rules: vec![number.to_string()],
        of: of.iter().copied().collect(),
    }
}

/// The requester is the first, and a member of every group.
fn groups(person: u8) -> BTreeSet<Group> {
    match person {
        0 => Group::ALL.into(),
        1 | 2 => [Group::Approver].into(),
        3 => [Group::Platform].into(),
        4 => [Group::Security, Group::Platform].into(),
        _ => [Group::Approver, Group::Platform].into(),
    }
}

fn person(number: u8) -> Subject {
    format!("person-{number}").parse().unwrap()
}

fn digest(number: u8) -> Digest {
    number.to_string().repeat(64).parse().unwrap()
}

/// What waivers cover: the first bit one of two findings, the second the other.
fn finding(bit: u8) -> Finding {
    Finding {
        key: FindingKey {
            rule: format!("rule-{bit}"),
            stack: "main".to_owned(),
            resource: "Orders".to_owned(),
            path: String::new(),
        },
        severity: Severity::Block,
        title: "Title".to_owned(),
        found: "Found".to_owned(),
        why: "Why".to_owned(),
        right: "Right".to_owned(),
    }
}

fn waivers(bits: u8) -> Vec<WaiverInForce> {
    (0..2u8)
        .filter(|bit| bits & (1 << bit) != 0)
        .map(|bit| WaiverInForce {
            key: finding(bit).key,
            covering: Covering {
                number: WaiverNumber(bit.into()),
                until: Default::default(),
            },
        })
        .collect()
}

/// The plan of digest 0 has no findings, that of 1 has one, that of 2 both.
fn findings(number: u8) -> Vec<ReviewedFinding> {
    reviewed((0..number).map(finding).collect(), &[])
}

fn failure() -> Failure {
    Failure {
        kind: FailureKind::Aws,
        message: "AWS said no.".to_owned(),
        aws_code: None,
        aws_request_id: None,
    }
}

fn dead(stuck: bool) -> Option<Stuck> {
    stuck.then(|| Stuck::Dead {
        status: "ROLLBACK_COMPLETE".to_owned(),
    })
}

/// Whether the people can be given to the places, each to one: by trying every way.
fn enough(places: &[Group], people: &[u8]) -> bool {
    let Some((place, others)) = places.split_first() else {
        return true;
    };
    people.iter().any(|taken| {
        let rest: Vec<u8> = people.iter().copied().filter(|it| it != taken).collect();
        groups(*taken).contains(place) && enough(others, &rest)
    })
}

/// A change, and what is kept beside it.
struct Walk {
    state: ChangeState,
    asked: Asked,
    waivers: u8,
    on_show: Digest,
    found: u8,
    approvals: Vec<(u8, Digest)>,
    ids: u128,
}

impl Walk {
    fn new() -> Walk {
        Walk {
            state: ChangeState::Planning {
                plan: PlanId(Uuid::from_u128(1)),
                again_because: None,
            },
            asked: rules(1),
            waivers: 0,
            on_show: digest(0),
            found: 0,
            approvals: Vec::new(),
            ids: 1,
        }
    }

    fn id(&mut self) -> Uuid {
        self.ids += 1;
        Uuid::from_u128(self.ids)
    }

    fn count(&self) -> domain::change::Count {
        let approvals: Vec<Approval> = self
            .approvals
            .iter()
            .map(|(by, digest)| Approval {
                by: person(*by),
                digest: digest.clone(),
                groups: groups(*by),
            })
            .collect();
        self.asked.count(&self.on_show, &person(0), &approvals)
    }

    /// What the rules in force ask for is there, counted in another way than the product counts.
    fn is_approved(&self) -> bool {
        let places: Vec<Group> = self
            .asked
            .of
            .iter()
            .flat_map(|(group, count)| std::iter::repeat_n(*group, usize::from(*count)))
            .collect();
        let people: BTreeSet<u8> = self
            .approvals
            .iter()
            .filter(|(by, digest)| *by != 0 && *digest == self.on_show)
            .map(|(by, _)| *by)
            .collect();
        enough(&places, &people.into_iter().collect::<Vec<_>>())
    }

    fn unblocked(&self) -> Option<domain::change::Unblocked> {
        unblocked(&self.on_show, &findings(self.found), &waivers(self.waivers)).ok()
    }

    /// Every finding of the plan on show is waived, told in another way than the product tells it.
    fn is_unblocked(&self) -> bool {
        (0..self.found).all(|bit| self.waivers & (1 << bit) != 0)
    }

    /// What the product does when the event happens; nothing where the state does not allow it.
    fn happens(&mut self, event: Event) {
        let state = self.state.clone();
        let deployment = match &state {
            ChangeState::Approved { deployment, .. }
            | ChangeState::Deploying { deployment, .. }
            | ChangeState::Repairing {
                deployment: Some(deployment),
                ..
            } => *deployment,
            _ => DeploymentId(Uuid::nil()),
        };
        let planning = match &state {
            ChangeState::Planning { plan, .. } => *plan,
            _ => PlanId(Uuid::nil()),
        };
        let next = match event {
            Event::Planned(number) => {
                if !matches!(state, ChangeState::Planning { .. }) {
                    return;
                }
                self.on_show = digest(number);
                self.found = number;
                let shown = self.on_show.clone();
                self.approvals.retain(|(_, digest)| *digest == shown);
                let id = DeploymentId(self.id());
                match (self.unblocked(), self.count().met()) {
                    (None, _) => state.planned_as_blocked(planning),
                    (Some(unblocked), Some(met)) => {
                        state.planned_as_approved(planning, &met, &unblocked, id)
                    }
                    (Some(unblocked), None) => state.planned(planning, shown, &unblocked),
                }
            }
            Event::PlanningFails { stuck } => {
                state.planning_failed(planning, failure(), dead(stuck))
            }
            Event::NothingToDo => state.found_nothing_to_do(planning),
            Event::Approve(by) => {
                if !matches!(state, ChangeState::Waiting { .. }) {
                    return;
                }
                self.approvals.push((by, self.on_show.clone()));
                let id = DeploymentId(self.id());
                match self.count().met() {
                    Some(met) => state.approved(&met, id),
                    None => return,
                }
            }
            Event::Close(closing) => state.close(closing),
            Event::ChangeSetGone => state.closed(),
            Event::PlanAgain => {
                let plan = PlanId(self.id());
                state.plan_again(plan, None)
            }
            Event::Rules(number) => {
                self.asked = rules(number);
                return;
            }
            Event::Waivers(bits) => {
                self.waivers = bits;
                if !matches!(state, ChangeState::Blocked { .. }) {
                    return;
                }
                let plan = PlanId(self.id());
                state.plan_again(plan, None)
            }
            Event::Start => match (self.unblocked(), self.count().met()) {
                (None, _) => {
                    let plan = PlanId(self.id());
                    state.overtaken(deployment, plan, "A waiver is over.".to_owned())
                }
                (Some(unblocked), Some(met)) => state.started(&met, &unblocked),
                (Some(_), None) => state.asked_for_more(deployment, self.on_show.clone()),
            },
            Event::Stop => state.stop(),
            Event::Overtaken => {
                let plan = PlanId(self.id());
                state.overtaken(deployment, plan, "It changed.".to_owned())
            }
            Event::Succeeds => state.succeeded(deployment, Outcome::Deployed),
            Event::Fails { stuck } => state.failed(deployment, failure(), dead(stuck)),
            Event::Repair => state.repair(Repair::DeleteDeadStack),
            Event::RepairFails => state.repair_failed(failure(), None),
        };
        if let Ok(next) = next {
            self.state = next;
        }
    }

    /// The shortest way to an end from here, by what people and AWS can still do.
    fn ends(mut self) -> bool {
        for _ in 0..4 {
            let event = match &self.state {
                state if state.is_over() => return true,
                ChangeState::Closing { .. } => Event::ChangeSetGone,
                ChangeState::Deploying { .. }
                | ChangeState::Repairing {
                    deployment: Some(_),
                    ..
                } => Event::Succeeds,
                ChangeState::Repairing { .. } => Event::PlanAgain,
                ChangeState::Failed { .. } => Event::Repair,
                ChangeState::Waiting { .. } => Event::Close(Closing::Rejected),
                _ => Event::Close(Closing::Withdrawn),
            };
            self.happens(event);
        }
        self.state.is_over()
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_runs_unapproved_or_blocked_and_every_walk_can_end(events in prop::collection::vec(event(), 1..60)) {
        let mut walk = Walk::new();
        for event in events {
            let before = walk.state.clone();
            walk.happens(event);
            let started = matches!(walk.state, ChangeState::Deploying { .. })
                && !matches!(before, ChangeState::Deploying { .. });
            if started {
                prop_assert!(matches!(before, ChangeState::Approved { .. }), "{before:?}");
                prop_assert!(walk.is_approved(), "{:?} {:?}", walk.asked, walk.approvals);
                prop_assert!(walk.is_unblocked(), "{} {}", walk.found, walk.waivers);
            }
            if before.is_over() {
                prop_assert_eq!(&walk.state, &before, "after its end");
            }
        }
        prop_assert!(walk.ends());
    }

    /// The count that gives the proof agrees with trying every way to give people to places.
    #[test]
    fn counting_agrees_with_trying_every_way(
        by in prop::collection::vec(0..6u8, 0..7),
        number in 0..5u8,
    ) {
        let walk = Walk {
            approvals: by.into_iter().map(|by| (by, digest(0))).collect(),
            asked: rules(number),
            ..Walk::new()
        };
        prop_assert_eq!(walk.count().met().is_some(), walk.is_approved());
    }
}

/// The walks come to everything that can happen: a walk that never starts proves nothing.
#[test]
fn walks_come_to_every_state() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut seen: BTreeMap<&str, u32> = BTreeMap::new();
    let events = prop::collection::vec(event(), 60);
    for _ in 0..100 {
        let mut walk = Walk::new();
        for event in events.new_tree(&mut runner).unwrap().current() {
            walk.happens(event);
            *seen.entry(walk.state.name()).or_default() += 1;
        }
    }
    assert_eq!(seen.len(), 11, "{seen:?}");
}
