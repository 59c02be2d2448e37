//! Changes to a policy as people make them.
use crate::draw::{self, Draw, Holds, Kind};
use serde_json::{Value, json};

/// Rewrites that leave access as it is, some of them after another.
pub fn rewritten(draw: &mut Draw, policy: &Value) -> Value {
    let mut statements = statements(policy);
    for _ in 0..1 + draw.below(4) {
        match draw.below(10) {
            0 => reorder(draw, &mut statements),
            1 => reorder_values(draw, &mut statements),
            2 => split(draw, &mut statements),
            3 => merge(&mut statements),
            4 => recase(draw, &mut statements),
            5 => rename(draw, &mut statements),
            6 => repeat(draw, &mut statements),
            7 => repeat_in_part(draw, &mut statements),
            8 => write_accounts_otherwise(&mut statements),
            _ => one_as_list(draw, &mut statements),
        }
    }
    with_statements(policy, statements)
}

/// One to three changes, some of which rewrite only.
pub fn changed(draw: &mut Draw, policy: &Value, kind: Kind) -> Value {
    let mut policy = policy.clone();
    for _ in 0..1 + draw.below(3) {
        if draw.chance(20) {
            policy = rewritten(draw, &policy);
            continue;
        }
        let mut all = statements(&policy);
        let at = draw.below(all.len());
        match draw.below(20) {
            0 | 1 => widen_action(draw, &mut all[at]),
            2 | 3 => narrow_action(draw, &mut all[at], kind),
            4 | 5 if kind != Kind::Trust => change_resource(draw, &mut all[at]),
            6 | 7 => swap_action(draw, &mut all[at], kind),
            8 if all.len() > 1 => {
                all.remove(at);
            }
            9 => all.push(draw::statement(draw, kind)),
            10 => flip(&mut all[at]),
            11 => drop_value(draw, &mut all[at]),
            12 | 13 => change_test(draw, &mut all[at]),
            14 => change_operator(draw, &mut all[at]),
            15 => drop_test(draw, &mut all[at]),
            16 => negate(draw, &mut all[at]),
            17 if kind != Kind::Identity => change_principal(draw, &mut all[at], kind),
            _ => add_action(draw, &mut all[at], kind),
        }
        policy = with_statements(&policy, all);
    }
    policy
}

pub fn statements(policy: &Value) -> Vec<Value> {
    values(&policy["Statement"])
}

pub fn with_statements(policy: &Value, statements: Vec<Value>) -> Value {
    json!({"Version": policy["Version"], "Statement": statements})
}

const LISTS: [&str; 4] = ["Action", "NotAction", "Resource", "NotResource"];

fn values(value: &Value) -> Vec<Value> {
    match value {
        Value::Array(items) => items.clone(),
        one => vec![one.clone()],
    }
}

/// The list that the statement names its actions in.
fn action_list(statement: &Value) -> &'static str {
    if statement.get("Action").is_some() {
        "Action"
    } else {
        "NotAction"
    }
}

fn resource_list(statement: &Value) -> &'static str {
    if statement.get("Resource").is_some() {
        "Resource"
    } else {
        "NotResource"
    }
}

fn shuffle<T>(draw: &mut Draw, items: &mut [T]) {
    for end in (1..items.len()).rev() {
        items.swap(end, draw.below(end + 1));
    }
}

fn reorder(draw: &mut Draw, statements: &mut [Value]) {
    shuffle(draw, statements);
}

fn reorder_values(draw: &mut Draw, statements: &mut [Value]) {
    for statement in statements {
        for list in LISTS {
            if let Some(items) = statement.get_mut(list).and_then(Value::as_array_mut) {
                shuffle(draw, items);
            }
        }
        if let Some((operator, key)) = some_test(draw, statement)
            && let Some(items) = statement["Condition"][&operator][&key].as_array_mut()
        {
            shuffle(draw, items);
        }
    }
}

/// One statement becomes two, each with some of the actions or resources.
fn split(draw: &mut Draw, statements: &mut Vec<Value>) {
    let at = draw.below(statements.len());
    let list = draw.pick(&["Action", "Resource"]);
    let Some(items) = statements[at].get(list).and_then(Value::as_array).cloned() else {
        return;
    };
    if items.len() < 2 {
        return;
    }
    let (some, others) = items.split_at(1 + draw.below(items.len() - 1));
    let mut second = statements[at].clone();
    second[list] = json!(others);
    forget_name(&mut second);
    statements[at][list] = json!(some);
    statements.push(second);
}

/// Two statements that differ in their actions or resources alone become one.
fn merge(statements: &mut Vec<Value>) {
    for first in 0..statements.len() {
        for second in first + 1..statements.len() {
            for list in ["Action", "Resource"] {
                if let Some(merged) = merged(&statements[first], &statements[second], list) {
                    statements[first] = merged;
                    statements.remove(second);
                    return;
                }
            }
        }
    }
}

fn merged(one: &Value, other: &Value, list: &str) -> Option<Value> {
    let mut joined = values(one.get(list)?);
    joined.extend(values(other.get(list)?));
    let without = |statement: &Value| {
        let mut rest = statement.clone();
        if let Some(rest) = rest.as_object_mut() {
            rest.remove("Sid");
            rest.remove(list);
        }
        rest
    };
    if without(one) != without(other) {
        return None;
    }
    let mut merged = one.clone();
    merged[list] = json!(joined);
    Some(merged)
}

/// Actions and condition keys are the same in any case.
fn recase(draw: &mut Draw, statements: &mut [Value]) {
    let at = draw.below(statements.len());
    let statement = &mut statements[at];
    let list = action_list(statement);
    let upper = draw.chance(50);
    let recased: Vec<String> = values(&statement[list])
        .iter()
        .filter_map(Value::as_str)
        .map(|action| match upper {
            true => action.to_ascii_uppercase(),
            false => action.to_ascii_lowercase(),
        })
        .collect();
    statement[list] = json!(recased);
    for (_, tests) in statement
        .get_mut("Condition")
        .and_then(Value::as_object_mut)
        .into_iter()
        .flatten()
    {
        if let Some(keys) = tests.as_object_mut() {
            *keys = std::mem::take(keys)
                .into_iter()
                .map(|(key, values)| (key.to_ascii_lowercase(), values))
                .collect();
        }
    }
}

fn rename(draw: &mut Draw, statements: &mut [Value]) {
    let at = draw.below(statements.len());
    statements[at]["Sid"] = json!(format!("Renamed{}", draw.below(1_000_000)));
}

fn repeat(draw: &mut Draw, statements: &mut Vec<Value>) {
    let mut copy = statements[draw.below(statements.len())].clone();
    forget_name(&mut copy);
    statements.push(copy);
}

/// What a statement says already, once more for some of its actions or under one more condition.
fn repeat_in_part(draw: &mut Draw, statements: &mut Vec<Value>) {
    let mut copy = statements[draw.below(statements.len())].clone();
    forget_name(&mut copy);
    if copy.get("Action").is_some() && draw.chance(50) {
        let actions = values(&copy["Action"]);
        copy["Action"] = actions[draw.below(actions.len())].clone();
    } else if copy.get("Condition").is_none() {
        let key = draw.pick(draw::KEYS);
        let (operator, values) = draw::test(draw, key);
        copy["Condition"] = json!({operator: {key.name: values}});
    }
    statements.push(copy);
}

/// An account's number and its root mean the same.
fn write_accounts_otherwise(statements: &mut [Value]) {
    for statement in statements {
        let Some(names) = statement.pointer_mut("/Principal/AWS") else {
            continue;
        };
        let otherwise = |name: Value| {
            let text = name.as_str().unwrap_or_default();
            let number = text
                .strip_prefix("arn:aws:iam::")
                .and_then(|rest| rest.strip_suffix(":root"));
            match number {
                Some(number) => json!(number),
                None if text.len() == 12 => json!(format!("arn:aws:iam::{text}:root")),
                None => name,
            }
        };
        *names = values(names).into_iter().map(otherwise).collect();
    }
}

/// Names of statements are unique.
fn forget_name(statement: &mut Value) {
    if let Some(parts) = statement.as_object_mut() {
        parts.remove("Sid");
    }
}

fn one_as_list(draw: &mut Draw, statements: &mut [Value]) {
    let at = draw.below(statements.len());
    for list in LISTS {
        if let Some(value) = statements[at].get_mut(list) {
            *value = json!(values(value));
        }
    }
}

fn widen_action(draw: &mut Draw, statement: &mut Value) {
    let list = action_list(statement);
    let mut all = values(&statement[list]);
    let at = draw.below(all.len());
    let action = all[at].as_str().unwrap_or_default().to_owned();
    let (service, name) = action.split_once(':').unwrap_or(("s3", "GetObject"));
    let kept = name.chars().take(3).collect::<String>();
    all[at] = match draw.below(3) {
        0 => json!(format!("{service}:*")),
        _ => json!(format!("{service}:{kept}*")),
    };
    statement[list] = json!(all);
}

fn narrow_action(draw: &mut Draw, statement: &mut Value, kind: Kind) {
    let list = action_list(statement);
    let mut all = values(&statement[list]);
    if all.len() > 1 {
        all.remove(draw.below(all.len()));
    } else {
        all[0] = json!(draw::action(draw, kind));
    }
    statement[list] = json!(all);
}

fn swap_action(draw: &mut Draw, statement: &mut Value, kind: Kind) {
    let list = action_list(statement);
    let mut all = values(&statement[list]);
    let at = draw.below(all.len());
    all[at] = json!(draw::action(draw, kind));
    statement[list] = json!(all);
}

fn add_action(draw: &mut Draw, statement: &mut Value, kind: Kind) {
    let list = action_list(statement);
    let mut all = values(&statement[list]);
    let action = draw::action(draw, kind);
    all.push(json!(draw::action_pattern(draw, action)));
    statement[list] = json!(all);
}

fn change_resource(draw: &mut Draw, statement: &mut Value) {
    let list = resource_list(statement);
    let mut all = values(&statement[list]);
    let at = draw.below(all.len());
    let before = all[at].as_str().unwrap_or_default().to_owned();
    match draw.below(6) {
        0 => all = vec![json!("*")],
        1 => all[at] = json!(format!("{}*", before.trim_end_matches('*'))),
        2 => all[at] = json!(format!("{}2026", before.trim_end_matches('*'))),
        3 if all.len() > 1 => {
            all.remove(at);
        }
        4 => all.push(json!(draw::resource(draw))),
        _ => all[at] = json!(draw::resource(draw)),
    }
    statement[list] = json!(all);
}

fn change_principal(draw: &mut Draw, statement: &mut Value, kind: Kind) {
    let list = if statement.get("Principal").is_some() {
        "Principal"
    } else {
        "NotPrincipal"
    };
    statement[list] = draw::principal(draw, kind);
}

fn flip(statement: &mut Value) {
    let denies = statement["Effect"] == "Deny";
    // Nobody but these may be denied; allowing all but these is refused by AWS.
    if denies && statement.get("NotPrincipal").is_some() {
        return;
    }
    statement["Effect"] = json!(if denies { "Allow" } else { "Deny" });
}

fn negate(draw: &mut Draw, statement: &mut Value) {
    let list = draw.pick(&LISTS);
    let opposite = match list.strip_prefix("Not") {
        Some(positive) => positive.to_owned(),
        None => format!("Not{list}"),
    };
    if let Some(statement) = statement.as_object_mut()
        && let Some(values) = statement.remove(list)
    {
        statement.insert(opposite, values);
    }
}

/// Some operator of the statement with some key.
fn some_test(draw: &mut Draw, statement: &Value) -> Option<(String, String)> {
    let tests: Vec<(String, String)> = statement
        .get("Condition")?
        .as_object()?
        .iter()
        .flat_map(|(operator, keys)| {
            let keys = keys.as_object().into_iter().flatten();
            keys.map(|(key, _)| (operator.clone(), key.clone()))
        })
        .collect();
    let test = tests.get(draw.below(tests.len()))?;
    Some(test.clone())
}

fn drop_value(draw: &mut Draw, statement: &mut Value) {
    if let Some((operator, key)) = some_test(draw, statement) {
        let mut all = values(&statement["Condition"][&operator][&key]);
        if all.len() > 1 {
            all.remove(draw.below(all.len()));
        }
        statement["Condition"][&operator][&key] = json!(all);
    }
}

/// Another value, one more value, or a test where there was none.
fn change_test(draw: &mut Draw, statement: &mut Value) {
    let Some((operator, name)) = some_test(draw, statement) else {
        let key = draw.pick(draw::KEYS);
        let (operator, values) = draw::test(draw, key);
        statement["Condition"] = json!({operator: {key.name: values}});
        return;
    };
    let Some(key) = draw::key(&name) else {
        return;
    };
    let (_, others) = draw::test(draw, key);
    let before = &statement["Condition"][&operator][&name];
    if operator == "Null" || others == "true" || others == "false" {
        return;
    }
    let several = key.holds != Holds::Flag && draw.chance(50);
    let mut all = if several { values(before) } else { Vec::new() };
    all.extend(values(&others));
    statement["Condition"][&operator][&name] = json!(all);
}

fn change_operator(draw: &mut Draw, statement: &mut Value) {
    let Some((operator, name)) = some_test(draw, statement) else {
        return;
    };
    let Some(key) = draw::key(&name) else {
        return;
    };
    if operator == "Null" {
        return;
    }
    let values = statement["Condition"][&operator][&name].clone();
    statement["Condition"] = json!({draw::operator(draw, key.holds): {name: values}});
}

fn drop_test(draw: &mut Draw, statement: &mut Value) {
    let Some((operator, name)) = some_test(draw, statement) else {
        return;
    };
    let mut left = 0;
    if let Some(operators) = statement["Condition"].as_object_mut() {
        if let Some(keys) = operators.get_mut(&operator).and_then(Value::as_object_mut) {
            keys.remove(&name);
        }
        operators.retain(|_, keys| keys.as_object().is_some_and(|keys| !keys.is_empty()));
        left = operators.len();
    }
    if left == 0
        && let Some(parts) = statement.as_object_mut()
    {
        parts.remove("Condition");
    }
}
