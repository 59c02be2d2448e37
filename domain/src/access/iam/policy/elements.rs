//! The elements of a policy and of its statements.
use super::reading::{Reading, each, quoted, shown};
use super::text::{self, Variables};
use super::{DocumentKind, MAX_STATEMENTS, condition, principal};
use crate::access::iam::statement::{Effect, Piece, Principal, Statement, Test, Text};
use crate::template::{Entries, Value};

const POLICY_ELEMENTS: [&str; 3] = ["Version", "Id", "Statement"];
const STATEMENT_ELEMENTS: [&str; 9] = [
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
];

/// The statements of a policy that have no fault.
pub(super) fn statements(policy: &Entries, reading: &mut Reading) -> Vec<Statement> {
    check_names(policy, &POLICY_ELEMENTS, reading);
    version(policy.get("Version"), reading);
    if let Some(id) = policy.get("Id") {
        if reading.kind == DocumentKind::Identity {
            reading.at("Id", |reading| {
                reading.fault::<()>("the policy of an identity has no `Id`. Remove it.")
            });
        } else {
            check_text("Id", id, reading);
        }
    }
    match policy.get("Statement") {
        Some(value) => reading
            .at("Statement", |reading| statement_list(value, reading))
            .unwrap_or_default(),
        None => {
            reading.fault::<()>("`Statement` is missing. Add it with a list of statements.");
            Vec::new()
        }
    }
}

fn statement_list(value: &Value, reading: &mut Reading) -> Option<Vec<Statement>> {
    match value {
        Value::List(items) if items.len() > MAX_STATEMENTS => reading.fault(format!(
            "there are {} statements, and no more than {MAX_STATEMENTS} are read. Split the policy.",
            items.len()
        )),
        Value::List(items) => Some(
            items
                .iter()
                .enumerate()
                .filter_map(|(index, item)| {
                    reading.at_item(index, |reading| statement(item, reading))
                })
                .collect(),
        ),
        Value::Map(_) => Some(vec![statement(value, reading)?]),
        _ => reading.fault(format!(
            "{} stands where statements belong. Write a list of maps.",
            shown(value)
        )),
    }
}

/// Element names are compared as written: the guide writes them in one case only, and says no more.
fn check_names(entries: &Entries, known: &[&str], reading: &mut Reading) -> Option<()> {
    let mut fine = Some(());
    for name in entries
        .keys()
        .filter(|name| !known.contains(&name.as_str()))
    {
        let right = match known.iter().find(|known| known.eq_ignore_ascii_case(name)) {
            Some(known) => format!("Element names are case-sensitive: write `{known}`."),
            None => format!("Use only {}.", known.join(", ")),
        };
        fine = reading.fault(format!("{} is no element here. {right}", quoted(name)));
    }
    fine
}

fn version(value: Option<&Value>, reading: &mut Reading) {
    reading.variables = match value {
        None => false,
        Some(Value::String(version)) if version == "2012-10-17" => true,
        Some(Value::String(version)) if version == "2008-10-17" => false,
        Some(value) => {
            reading.at("Version", |reading| {
                reading.fault::<()>(format!(
                    "{} is no version of the policy language. Write \"2012-10-17\", or \"2008-10-17\" for the old one.",
                    shown(value)
                ))
            });
            // The meaning that nearly every policy is written for, so that the rest is still checked.
            true
        }
    };
}

/// `Id` and `Sid` say nothing about access: only their type matters.
fn check_text(name: &str, value: &Value, reading: &mut Reading) -> Option<()> {
    reading.at(name, |reading| {
        text::push_value(value, &mut Vec::new(), reading)
    })
}

fn statement(value: &Value, reading: &mut Reading) -> Option<Statement> {
    let Value::Map(entries) = value else {
        return reading.fault(format!(
            "{} stands where a statement belongs. Write a map with `Effect` and `Action`.",
            shown(value)
        ));
    };
    let names = check_names(entries, &STATEMENT_ELEMENTS, reading);
    let sid = match entries.get("Sid") {
        Some(sid) => check_text("Sid", sid, reading),
        None => Some(()),
    };
    let effect = effect(entries.get("Effect"), reading);
    let principals = principals(entries, reading);
    let actions = actions(entries, reading);
    let resources = resources(entries, reading);
    let conditions = match entries.get("Condition") {
        Some(value) => reading.at("Condition", |reading| condition::all(value, reading)),
        None => Some(Vec::new()),
    };
    names.and(sid)?;
    Some(Statement {
        effect: effect?,
        principals: principals?,
        actions: actions?,
        resources: resources?,
        conditions: conditions?,
    })
}

/// The value is case-sensitive: IAM User Guide, "IAM JSON policy elements: Effect".
fn effect(value: Option<&Value>, reading: &mut Reading) -> Option<Effect> {
    match value {
        Some(Value::String(effect)) if effect == "Allow" => Some(Effect::Allow),
        Some(Value::String(effect)) if effect == "Deny" => Some(Effect::Deny),
        Some(value) => reading.at("Effect", |reading| {
            reading.fault(format!(
                "{} is no effect. Write \"Allow\" or \"Deny\".",
                shown(value)
            ))
        }),
        None => reading.fault("`Effect` is missing. Add it with \"Allow\" or \"Deny\"."),
    }
}

/// An element that may be turned into its opposite.
struct Element<'v> {
    name: &'static str,
    value: &'v Value,
    not: bool,
}

/// The element or its opposite; None within where there is neither.
fn either<'v>(
    entries: &'v Entries,
    name: &'static str,
    opposite: &'static str,
    reading: &mut Reading,
) -> Option<Option<Element<'v>>> {
    match (entries.get(name), entries.get(opposite)) {
        (Some(_), Some(_)) => reading.fault(format!(
            "`{name}` and `{opposite}` stand in one statement. Keep one of them."
        )),
        (Some(value), None) => Some(Some(Element {
            name,
            value,
            not: false,
        })),
        (None, Some(value)) => Some(Some(Element {
            name: opposite,
            value,
            not: true,
        })),
        (None, None) => Some(None),
    }
}

/// Reads the values of an element. An empty list makes the statement one about nothing, as Access Analyzer has it; what
/// the opposite of an empty list means is documented nowhere.
fn test<T>(
    element: &Element<'_>,
    reading: &mut Reading,
    read: impl FnOnce(&Value, &mut Reading) -> Option<Vec<T>>,
) -> Option<Test<T>> {
    reading.at(element.name, |reading| {
        let values = read(element.value, reading)?;
        if element.not && values.is_empty() {
            return reading.fault(format!("`{}` is empty. Name at least one.", element.name));
        }
        Some(Test {
            not: element.not,
            values,
        })
    })
}

fn principals(entries: &Entries, reading: &mut Reading) -> Option<Option<Test<Principal>>> {
    let element = either(entries, "Principal", "NotPrincipal", reading)?;
    match (element, reading.kind) {
        (None, DocumentKind::Identity) => Some(None),
        (None, DocumentKind::Resource | DocumentKind::Trust) => {
            reading.fault("`Principal` is missing. Add it: who is meant by this statement?")
        }
        (Some(element), DocumentKind::Identity) => reading.at(element.name, |reading| {
            reading.fault(format!(
                "the policy of an identity has no `{}`: the identity itself is meant. Remove it.",
                element.name
            ))
        }),
        (Some(element), DocumentKind::Resource | DocumentKind::Trust) => {
            test(&element, reading, principal::all).map(Some)
        }
    }
}

fn actions(entries: &Entries, reading: &mut Reading) -> Option<Test<Text>> {
    let Some(element) = either(entries, "Action", "NotAction", reading)? else {
        return reading.fault(
            "`Action` is missing. Add it, or `NotAction`, with actions such as s3:GetObject.",
        );
    };
    test(&element, reading, |value, reading| {
        each(value, reading, action)
    })
}

fn action(value: &Value, reading: &mut Reading) -> Option<Text> {
    let action = text::text(value, Variables::Refused, reading)?;
    match text::literal(&action) {
        Some(literal) if !is_action(literal) => reading.fault(format!(
            "{} is no action. Write `*`, or a service and an action such as s3:GetObject or s3:Get*.",
            quoted(literal)
        )),
        _ => Some(action),
    }
}

fn is_action(action: &str) -> bool {
    if action == "*" {
        return true;
    }
    let Some((service, name)) = action.split_once(':') else {
        return false;
    };
    let service_is_fine = service == "*"
        || !service.is_empty()
            && service
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let name_is_fine = !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"*?-_".contains(&byte));
    service_is_fine && name_is_fine
}

fn resources(entries: &Entries, reading: &mut Reading) -> Option<Option<Test<Text>>> {
    let element = either(entries, "Resource", "NotResource", reading)?;
    match (element, reading.kind) {
        (None, DocumentKind::Identity) => {
            reading.fault("`Resource` is missing. Add it, or `NotResource`, with ARNs or \"*\".")
        }
        (None, DocumentKind::Resource | DocumentKind::Trust) => Some(None),
        (Some(element), DocumentKind::Trust) => reading.at(element.name, |reading| {
            reading.fault(format!(
                "a trust policy has no `{}`: the role itself is meant. Remove it.",
                element.name
            ))
        }),
        (Some(element), DocumentKind::Identity | DocumentKind::Resource) => {
            test(&element, reading, |value, reading| {
                each(value, reading, resource)
            })
            .map(Some)
        }
    }
}

/// IAM takes ARNs and `*` only; services know other names in the policies of their own resources.
fn resource(value: &Value, reading: &mut Reading) -> Option<Text> {
    let resource = text::text(value, Variables::Allowed, reading)?;
    if resource.0.is_empty() {
        return reading.fault("the name of a resource is empty. Write an ARN, or `*`.");
    }
    match resource.0.as_slice() {
        [Piece::Literal(start), rest @ ..]
            if reading.kind == DocumentKind::Identity && !starts_arn(start, rest.is_empty()) =>
        {
            reading.fault(format!(
                "{} is no resource. Write an ARN such as arn:aws:s3:::orders/*, or `*`.",
                quoted(start)
            ))
        }
        _ => Some(resource),
    }
}

fn starts_arn(start: &str, whole: bool) -> bool {
    start.starts_with("arn:") || start.starts_with('*') || !whole && "arn:".starts_with(start)
}
