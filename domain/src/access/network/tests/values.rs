//! A verdict holds for every value that the deployment may put in, and whichever way its conditions go: what is
//! said of the open template is held against what is said once everything is known.
use super::packets::{cases, resolved_with, resource};
use super::*;
use crate::access::Verdict;
use crate::template::{Decision, Entries, Logic, Symbol, Value};
use proptest::prelude::*;
use std::collections::BTreeMap;

/// A rule whose block, port and presence may be open.
#[derive(Clone, Debug)]
struct Draft {
    block: Written,
    port: Written,
    /// Which condition it stands under, and which way that must go.
    condition: Option<(usize, bool)>,
    standalone: bool,
}

#[derive(Clone, Copy, Debug)]
enum Written {
    Known(&'static str),
    /// A parameter, by number.
    Open(usize),
}

/// What the deployment decides.
#[derive(Clone, Copy, Debug)]
struct Deployed {
    blocks: [&'static str; 2],
    ports: [&'static str; 2],
    conditions: [bool; 2],
}

const BLOCKS: [&str; 5] = [
    "0.0.0.0/0",
    "10.0.0.0/8",
    "10.0.0.0/9",
    "10.128.0.0/9",
    "192.168.0.0/16",
];
const PORTS: [&str; 3] = ["22", "23", "443"];

fn draft() -> impl Strategy<Value = Draft> {
    let written = |known: &'static [&'static str]| {
        prop_oneof![
            3 => prop::sample::select(known).prop_map(Written::Known),
            1 => (0..2usize).prop_map(Written::Open),
        ]
    };
    let condition = prop_oneof![2 => Just(None), 1 => (0..2usize, any::<bool>()).prop_map(Some)];
    (written(&BLOCKS), written(&PORTS), condition, any::<bool>()).prop_map(
        |(block, port, condition, standalone)| Draft {
            block,
            port,
            condition,
            standalone,
        },
    )
}

fn parameter(kind: &str, number: usize) -> Value {
    Value::Symbol(Box::new(Symbol::Parameter {
        name: format!("{kind}{number}"),
        list: false,
    }))
}

fn value(written: Written, kind: &str, known: Option<[&str; 2]>) -> Value {
    match (written, known) {
        (Written::Known(text), _) => Value::string(text),
        (Written::Open(number), Some(known)) => Value::string(known[number]),
        (Written::Open(number), None) => parameter(kind, number),
    }
}

/// The template as written, or as deployed.
fn stated(drafts: &[Draft], deployed: Option<Deployed>) -> Network {
    let mut resources = BTreeMap::new();
    let mut inline = Vec::new();
    for (index, draft) in drafts.iter().enumerate() {
        let stands = match (draft.condition, deployed) {
            (Some((number, holds)), Some(deployed)) => deployed.conditions[number] == holds,
            _ => true,
        };
        if !stands {
            continue;
        }
        let port = value(draft.port, "Port", deployed.map(|deployed| deployed.ports));
        let mut rule = Entries::from([
            ("IpProtocol".to_owned(), Value::string("tcp")),
            ("FromPort".to_owned(), port.clone()),
            ("ToPort".to_owned(), port),
            (
                "CidrIp".to_owned(),
                value(
                    draft.block,
                    "Block",
                    deployed.map(|deployed| deployed.blocks),
                ),
            ),
        ]);
        let condition = draft.condition.filter(|_| deployed.is_none());
        if draft.standalone {
            let own = Symbol::attribute("Web", "GroupId");
            rule.insert("GroupId".to_owned(), Value::Symbol(Box::new(own)));
            let mut one = resource("AWS::EC2::SecurityGroupIngress", rule);
            one.condition = condition.map(|(number, holds)| {
                if holds {
                    format!("C{number}")
                } else {
                    format!("Not{number}")
                }
            });
            resources.insert(format!("Rule{index}"), one);
        } else {
            inline.push(match condition {
                None => Value::Map(rule),
                Some((number, holds)) => {
                    let (then, otherwise) = if holds {
                        (Some(Value::Map(rule)), None)
                    } else {
                        (None, Some(Value::Map(rule)))
                    };
                    Value::Symbol(Box::new(Symbol::If {
                        condition: format!("C{number}"),
                        then,
                        otherwise,
                    }))
                }
            });
        }
    }
    let group = Entries::from([("SecurityGroupIngress".to_owned(), Value::List(inline))]);
    resources.insert("Web".to_owned(), resource("AWS::EC2::SecurityGroup", group));
    let mut conditions = BTreeMap::new();
    if deployed.is_none() {
        for number in 0..2 {
            let equals = Logic::Equals(parameter("Stage", number), Value::string("prod"));
            conditions.insert(format!("C{number}"), Decision::Undecided(equals));
            let opposite = Logic::Not(Box::new(Logic::Condition(format!("C{number}"))));
            conditions.insert(format!("Not{number}"), Decision::Undecided(opposite));
        }
    }
    resolved_with(resources, conditions)
}

/// Every way that this deployment differs from others would be too many: a few, drawn.
fn deployed() -> impl Strategy<Value = Deployed> {
    let block = || prop::sample::select(&BLOCKS[..]);
    let port = || prop::sample::select(&PORTS[..]);
    (
        [block(), block()],
        [port(), port()],
        [any::<bool>(), any::<bool>()],
    )
        .prop_map(|(blocks, ports, conditions)| Deployed {
            blocks,
            ports,
            conditions,
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases()))]

    #[test]
    fn a_verdict_holds_for_every_deployment(
        before in proptest::collection::vec(draft(), 0..4),
        after in proptest::collection::vec(draft(), 0..4),
        kept in 0..4usize,
        ways in proptest::collection::vec(deployed(), 3),
    ) {
        let after: Vec<Draft> = before.iter().take(kept).cloned().chain(after).take(4).collect();
        let open = review(&stated(&before, None), &stated(&after, None)).verdict;
        for way in ways {
            let known = review(&stated(&before, Some(way)), &stated(&after, Some(way))).verdict;
            let holds = match open {
                Verdict::Undecided => true,
                // What is lost need not be certain.
                Verdict::Narrowed => !known.may_widen(),
                other => known == other,
            };
            prop_assert!(holds, "{open:?}, but {known:?} with {way:?}");
        }
    }
}
