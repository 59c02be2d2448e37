//! The checks themselves: a judge that overlooks something is caught.
use crate::change;
use crate::check::{self, differences};
use crate::draw::{Draw, Kind};
use crate::pair::{Holding, Pair};
use domain::access::Witness;
use domain::access::iam::Judgement;
use serde_json::{Value, json};

/// Says no where no difference is seen in policies that went through `blind`.
fn judged_by(blind: Blinding, pair: &Pair, draw: &mut Draw) -> Judgement {
    let seen = Pair {
        before: blind(&pair.before),
        after: blind(&pair.after),
        rewriting: pair.rewriting,
    };
    let mut said = Judgement {
        new_access: Some(false),
        lost_access: Some(false),
        ..Judgement::default()
    };
    for difference in differences(draw, &seen, Holding::allows, 100) {
        match difference.gained {
            true => said.new_access = None,
            false => said.lost_access = None,
        }
        if (said.new_access, said.lost_access) == (None, None) {
            break;
        }
    }
    said
}

fn each_statement(holding: &Holding, blind: impl Fn(&mut Value)) -> Holding {
    holding.with_documents(|document| {
        let mut statements = change::statements(document);
        statements.iter_mut().for_each(&blind);
        change::with_statements(document, statements)
    })
}

fn without(holding: &Holding, name: &str) -> Holding {
    each_statement(holding, |statement| {
        if let Some(parts) = statement.as_object_mut() {
            parts.remove(name);
        }
    })
}

/// Operators with this in their names lose it.
fn blunted(holding: &Holding, part: &str) -> Holding {
    each_statement(holding, |statement| {
        let Some(operators) = statement
            .get_mut("Condition")
            .and_then(Value::as_object_mut)
        else {
            return;
        };
        *operators = std::mem::take(operators)
            .into_iter()
            .map(|(operator, keys)| (operator.replace(part, ""), keys))
            .collect();
    })
}

type Blinding = fn(&Holding) -> Holding;

const BLIND: [(&str, Blinding); 12] = [
    ("conditions", |side| without(side, "Condition")),
    ("IfExists", |side| blunted(side, "IfExists")),
    ("negated conditions", |side| blunted(side, "Not")),
    ("quantifiers", |side| blunted(side, "ForAllValues:")),
    ("wildcards of conditions", |side| {
        each_statement(side, |statement| {
            if statement.get("Condition").is_some() {
                let text = statement["Condition"].to_string().replace("Like", "Equals");
                statement["Condition"] = serde_json::from_str(&text).unwrap_or_default();
            }
        })
    }),
    ("resources", |side| {
        each_statement(side, |statement| {
            if statement.get("Resource").is_some() {
                statement["Resource"] = json!("*");
            }
        })
    }),
    ("NotResource", |side| without(side, "NotResource")),
    ("NotAction", |side| {
        each_statement(side, |statement| {
            if statement.get("NotAction").is_some() {
                statement["NotAction"] = json!("none:*");
            }
        })
    }),
    ("principals", |side| without(side, "Principal")),
    ("NotPrincipal", |side| without(side, "NotPrincipal")),
    ("Deny", |side| {
        side.with_documents(|document| {
            let mut statements = change::statements(document);
            statements.retain(|statement| statement["Effect"] == "Allow");
            change::with_statements(document, statements)
        })
    }),
    ("boundaries", |side| Holding {
        boundary: None,
        ..side.clone()
    }),
];

#[test]
fn a_judge_that_overlooks_something_is_caught() {
    for (overlooked, blind) in BLIND {
        let caught = (0..20_000).find(|seed| {
            let draw = &mut Draw::new(*seed);
            let pair = Pair::drawn(draw);
            let bears = blind(&pair.before) != pair.before || blind(&pair.after) != pair.after;
            bears
                && differences(draw, &pair, Holding::allows, 20)
                    .next()
                    .is_some()
                && {
                    let said = judged_by(blind, &pair, draw);
                    check::nothing_overlooked(draw, &pair, &said, 20).is_err()
                }
        });
        println!("{overlooked}: caught at pair {caught:?}");
        assert!(caught.is_some(), "{overlooked}");
    }
}

/// A few requests for each pair are enough: far more of them find little more.
#[test]
fn few_requests_find_most_differences() {
    let (mut soon, mut late) = (0, 0);
    for seed in 0..120 {
        let draw = &mut Draw::new(seed);
        let pair = Pair::drawn(draw);
        let tries = differences(draw, &pair, Holding::allows, 150);
        match tries.map(|found| found.tried).next() {
            Some(tried) if tried <= 12 => soon += 1,
            Some(_) => late += 1,
            None => {}
        }
    }
    println!("{soon} soon, {late} late");
    assert!(soon > 2 * late, "{soon} soon, {late} late");
}

#[test]
fn rewritings_leave_access_as_it_is() {
    for seed in 0..500 {
        let draw = &mut Draw::new(seed);
        let pair = Pair::drawn(draw);
        if pair.rewriting {
            let said = Judgement {
                new_access: Some(false),
                lost_access: Some(false),
                ..Judgement::default()
            };
            let held = check::holds(draw, &pair, &said, 20);
            assert!(held.is_ok(), "seed {seed}: {held:?}");
        }
    }
}

#[test]
fn a_false_example_is_caught() {
    let allow =
        |action| json!({"Statement": {"Effect": "Allow", "Action": action, "Resource": "*"}});
    let pair = Pair::of(Kind::Identity, allow("s3:Get*"), allow("s3:*"));
    let said = |action: &str| Judgement {
        new_access: Some(true),
        lost_access: Some(false),
        gained: vec![Witness {
            action: action.to_owned(),
            resource: "arn:aws:s3:::orders/a".to_owned(),
            principal: String::new(),
            context: Default::default(),
        }],
        ..Judgement::default()
    };
    let draw = &mut Draw::new(1);
    assert!(check::holds(draw, &pair, &said("s3:PutObject"), 10).is_ok());
    assert!(check::holds(draw, &pair, &said("s3:GetObject"), 10).is_err());
    let silent = Judgement {
        gained: Vec::new(),
        ..said("s3:PutObject")
    };
    assert!(check::holds(draw, &pair, &silent, 10).is_err());
}
