//! Requests near what two policies say, so that they hit.
use crate::change::statements;
use crate::draw::{self, Draw, Holds, Kind};
use crate::evaluator::{Caller, Request};
use serde_json::Value;
use std::collections::BTreeMap;

/// What requests are drawn for.
pub struct Targets {
    kind: Kind,
    all: Vec<Value>,
    /// Where in `all` the statements are that stand on one side only.
    lonely: Vec<usize>,
}

impl Targets {
    pub fn new(kind: Kind, before: &[Value], after: &[Value]) -> Targets {
        let before: Vec<Value> = before.iter().flat_map(statements).collect();
        let after: Vec<Value> = after.iter().flat_map(statements).collect();
        let without = |side: &[Value], statement: &Value| !side.contains(statement);
        let lonely_before = (0..before.len()).filter(|at| without(&after, &before[*at]));
        let lonely_after = (0..after.len()).filter(|at| without(&before, &after[*at]));
        let lonely = lonely_before
            .chain(lonely_after.map(|at| at + before.len()))
            .collect();
        Targets {
            kind,
            lonely,
            all: before.into_iter().chain(after).collect(),
        }
    }

    /// A request that some statement may apply to: preferably one that stands on one side only, mixed
    /// with what others ask for.
    pub fn request(&self, draw: &mut Draw) -> Request {
        let statement = self.statement(draw);
        let other = &self.all[draw.below(self.all.len())];
        let action = mixed(draw, statement, other)
            .get("Action")
            .and_then(|patterns| one_of(draw, patterns, action_like))
            .unwrap_or_else(|| draw::action(draw, self.kind).to_owned());
        let resource = match self.kind {
            Kind::Trust => "arn:aws:iam::111122223333:role/trusted".to_owned(),
            Kind::Identity | Kind::Resource => mixed(draw, statement, other)
                .get("Resource")
                .and_then(|patterns| one_of(draw, patterns, resource_like))
                .unwrap_or_else(|| {
                    let pattern = draw::resource(draw);
                    resource_like(draw, pattern)
                }),
        };
        let caller = match self.kind {
            Kind::Identity => Caller::Holder,
            Kind::Resource | Kind::Trust => caller(draw, statement),
        };
        let mut context = BTreeMap::new();
        if draw.chance(30) {
            satisfy(draw, other, &mut context);
        }
        satisfy(draw, statement, &mut context);
        fill_variables(draw, &mut context);
        Request {
            caller,
            action,
            resource: filled(&resource, &context),
            context: with_filled_values(&context),
        }
    }

    fn statement(&self, draw: &mut Draw) -> &Value {
        if self.lonely.is_empty() || draw.chance(20) {
            &self.all[draw.below(self.all.len())]
        } else {
            &self.all[self.lonely[draw.below(self.lonely.len())]]
        }
    }
}

fn mixed<'a>(draw: &mut Draw, statement: &'a Value, other: &'a Value) -> &'a Value {
    if draw.chance(85) { statement } else { other }
}

/// The variables that are drawn always have a value: AWS does not say what becomes of one without.
const VARIABLES: [(&str, &[&str]); 2] = [
    ("aws:username", &["david", "eve", "*"]),
    ("aws:principaltag/team", &["payments", "checkout"]),
];

fn fill_variables(draw: &mut Draw, context: &mut BTreeMap<String, Vec<String>>) {
    for (key, values) in VARIABLES {
        let held = context.entry(key.to_owned()).or_default();
        if held.len() != 1 || held.iter().any(|value| value.contains("${")) {
            *held = vec![draw.pick(values).to_owned()];
        }
    }
}

fn with_filled_values(context: &BTreeMap<String, Vec<String>>) -> BTreeMap<String, Vec<String>> {
    let filled_values = |values: &Vec<String>| {
        let filled = values.iter().map(|value| filled(value, context));
        filled.collect()
    };
    context
        .iter()
        .map(|(key, values)| (key.clone(), filled_values(values)))
        .collect()
}

fn filled(text: &str, context: &BTreeMap<String, Vec<String>>) -> String {
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        let (name, after) = after.split_once('}').unwrap_or((after, ""));
        let values = context.get(&name.to_ascii_lowercase());
        filled.push_str(before);
        filled.push_str(
            values
                .and_then(|values| values.first())
                .map_or("x", String::as_str),
        );
        rest = after;
    }
    filled + rest
}

fn one_of(
    draw: &mut Draw,
    patterns: &Value,
    like: fn(&mut Draw, &str) -> String,
) -> Option<String> {
    let all: Vec<&str> = match patterns {
        Value::Array(items) => items.iter().filter_map(Value::as_str).collect(),
        one => one.as_str().into_iter().collect(),
    };
    let pattern = *all.get(draw.below(all.len()))?;
    Some(like(draw, pattern))
}

/// An action that fits the pattern, if one is known, in the case AWS writes it.
fn action_like(draw: &mut Draw, pattern: &str) -> String {
    let fitting: Vec<&str> = draw::actions_known()
        .filter(|action| crate::evaluator::action_like(pattern, action))
        .collect();
    match fitting.get(draw.below(fitting.len())) {
        Some(action) if draw.chance(90) => (*action).to_owned(),
        _ => text_like(draw, pattern),
    }
}

fn resource_like(draw: &mut Draw, pattern: &str) -> String {
    if pattern != "*" {
        return text_like(draw, pattern);
    }
    let pattern = draw::resource(draw);
    text_like(draw, pattern)
}

/// A text that fits the pattern, which may hold variables.
fn text_like(draw: &mut Draw, pattern: &str) -> String {
    pattern
        .chars()
        .map(|letter| match letter {
            '*' => draw
                .pick(&["", "a", "in/2026", "Object", "orders", "x:y", "-"])
                .to_owned(),
            '?' => draw.pick(&["s", "1", "g"]).to_owned(),
            other => other.to_string(),
        })
        .collect()
}

fn caller(draw: &mut Draw, statement: &Value) -> Caller {
    let named = statement.get("Principal").and_then(Value::as_object);
    if let Some(kinds) = named
        && draw.chance(80)
    {
        let kinds: Vec<(&String, &Value)> = kinds.iter().collect();
        let (kind, names) = kinds[draw.below(kinds.len())];
        let name = one_of(draw, names, |_, name| name.to_owned()).unwrap_or_default();
        let account = name
            .strip_prefix("arn:aws:iam::")
            .and_then(|rest| rest.strip_suffix(":root"))
            .unwrap_or(&name);
        match kind.as_str() {
            "Service" => return Caller::Service(name),
            "Federated" => return Caller::Federated(name),
            "CanonicalUser" => return Caller::CanonicalUser(name),
            // Accounts do not ask; someone of theirs does.
            _ if account.len() == 12 => {
                let role = draw.pick(&["app", "x"]);
                return Caller::Aws(format!("arn:aws:iam::{account}:role/{role}"));
            }
            _ if name.starts_with("arn:") => return Caller::Aws(name),
            _ => {}
        }
    }
    match draw.below(12) {
        0 => Caller::Anonymous,
        1 | 2 => Caller::Service(draw.pick(draw::SERVICE_CALLERS).to_owned()),
        3 => Caller::Federated(draw.pick(draw::PROVIDERS).to_owned()),
        4 => Caller::CanonicalUser(draw.pick(draw::CANONICAL_USERS).to_owned()),
        5 => Caller::Aws("arn:aws:iam::777788889999:user/stranger".to_owned()),
        _ => {
            let names: Vec<&str> = draw::CALLERS
                .iter()
                .copied()
                .filter(|name| name.starts_with("arn:"))
                .collect();
            Caller::Aws(draw.pick(&names).to_owned())
        }
    }
}

/// Values near those that the statement asks for; some are left out.
fn satisfy(draw: &mut Draw, statement: &Value, context: &mut BTreeMap<String, Vec<String>>) {
    let operators = statement.get("Condition").and_then(Value::as_object);
    for (operator, keys) in operators.into_iter().flatten() {
        for (name, values) in keys.as_object().into_iter().flatten() {
            let Some(key) = draw::key(name) else {
                continue;
            };
            let name = name.to_ascii_lowercase();
            if draw.chance(12) || (operator == "Null" && values == "true") {
                context.remove(&name);
                continue;
            }
            let (_, others) = draw::test(draw, key);
            let near = if operator == "Null" || draw.chance(20) {
                &others
            } else {
                values
            };
            let count = match key.holds {
                Holds::Texts => draw.below(3),
                _ => 1,
            };
            let values: Vec<String> = (0..count)
                .filter_map(|_| {
                    let written = one_of(draw, near, |_, value| value.to_owned())?;
                    Some(value_near(draw, &written, key.holds))
                })
                .collect();
            context.insert(name, values);
        }
    }
}

/// A value that meets the written one, or just does not.
fn value_near(draw: &mut Draw, written: &str, holds: Holds) -> String {
    match holds {
        Holds::Text | Holds::Texts | Holds::Arn => match draw.below(10) {
            0 => written.to_ascii_uppercase(),
            1 => written.to_owned(),
            _ => text_like(draw, written),
        },
        Holds::Flag => draw.pick(&["true", "false"]).to_owned(),
        Holds::Bytes => draw.pick(&[written, "AAAA"]).to_owned(),
        Holds::Number => {
            let number: f64 = written.parse().unwrap_or(0.0);
            let step = [-1.0, 0.0, 0.0, 0.5, 1.0];
            (number + step[draw.below(step.len())]).to_string()
        }
        Holds::Time => match draw.below(4) {
            0 => "2020-01-01T00:00:00Z".to_owned(),
            1 => "2030-01-01T00:00:00Z".to_owned(),
            2 => "2026-06-01T00:00:00Z".to_owned(),
            _ => written.to_owned(),
        },
        Holds::Address => match draw.below(3) {
            0 => draw
                .pick(&[
                    "203.0.113.5",
                    "203.0.113.200",
                    "198.51.100.7",
                    "198.51.100.8",
                    "192.0.2.1",
                    "2001:db8::1",
                    "2001:db8:1::1",
                    "::1",
                ])
                .to_owned(),
            _ => written.split('/').next().unwrap_or(written).to_owned(),
        },
    }
}
