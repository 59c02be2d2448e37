//! A resource: its declaration checked in form, its properties resolved.
//! Source: AWS CloudFormation Template Reference, "Resource attribute reference".

use std::collections::BTreeSet;

use super::entries::Entries;
use super::evaluate::{Evaluator, Reported};
use super::limits::name_fault;
use super::node::{Entry, Node};
use super::suggestion::did_you_mean;
use super::symbol::Symbol;
use super::value::Value;

/// A resource of the stack, with everything resolved that can be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resource {
    /// `Type`, for example `AWS::DynamoDB::GlobalTable`.
    pub kind: String,
    pub properties: Entries,
    /// `DependsOn`, without resources that their condition keeps out.
    pub depends_on: BTreeSet<String>,
    /// Resources that the properties and other attributes refer to.
    pub references: BTreeSet<String>,
    pub deletion_policy: Option<DeletionPolicy>,
    pub update_replace_policy: Option<DeletionPolicy>,
    pub update_policy: Option<Value>,
    pub creation_policy: Option<Value>,
    pub metadata: Option<Value>,
    /// The condition that the deployment decides; `None` when the resource is certain to be in the stack.
    pub condition: Option<String>,
}

/// What happens to the real thing when the resource leaves the stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeletionPolicy {
    Delete,
    Retain,
    /// Kept, unless the stack's creation itself failed.
    RetainExceptOnCreate,
    Snapshot,
}

impl DeletionPolicy {
    fn from_name(name: &str) -> Option<Self> {
        match name {
            "Delete" => Some(Self::Delete),
            "Retain" => Some(Self::Retain),
            "RetainExceptOnCreate" => Some(Self::RetainExceptOnCreate),
            "Snapshot" => Some(Self::Snapshot),
            _ => None,
        }
    }
}

const ATTRIBUTES: [&str; 9] = [
    "Condition",
    "CreationPolicy",
    "DeletionPolicy",
    "DependsOn",
    "Metadata",
    "Properties",
    "Type",
    "UpdatePolicy",
    "UpdateReplacePolicy",
];

/// Reports what is wrong with the form of a declaration. The path is already the resource's.
pub(super) fn check_form(e: &mut Evaluator<'_>, entry: &Entry) {
    if let Some(message) = name_fault("resource", &entry.key) {
        e.report(entry.at, message);
    }
    let Some(attributes) = entry.value.as_map() else {
        e.report(
            entry.value.at,
            format!(
                "the resource is {}; it must be a map with a `Type`.",
                entry.value.described()
            ),
        );
        return;
    };
    for attribute in attributes {
        if !ATTRIBUTES.contains(&attribute.key.as_str()) {
            let hint = did_you_mean(&attribute.key, ATTRIBUTES.into_iter());
            let message = format!(
                "`{}` is no attribute of a resource.{hint} What the resource's type defines belongs under `Properties`.",
                attribute.key
            );
            e.report(attribute.at, message);
        }
    }
    match entry.value.get("Type") {
        Some(node) if node.as_str().is_some_and(|kind| kind.contains("::")) => {}
        Some(node) => {
            e.report(
                node.at,
                "the Type must be the name of a resource type, such as `AWS::SNS::Topic`.",
            );
        }
        None => {
            e.report(
                entry.at,
                "the resource has no `Type`. Add one, such as `AWS::SNS::Topic`.",
            );
        }
    }
}

/// Resolves a declaration that [`check_form`] has passed. The path is already the resource's.
pub(super) fn resolve(
    e: &mut Evaluator<'_>,
    entry: &Entry,
    condition: Option<String>,
) -> Result<Resource, Reported> {
    e.uses.clear();
    let declared = &entry.value;
    let properties = properties(e, declared);
    let deletion_policy = policy(e, declared, "DeletionPolicy");
    let update_replace_policy = policy(e, declared, "UpdateReplacePolicy");
    let update_policy = attribute(e, declared, "UpdatePolicy");
    let creation_policy = attribute(e, declared, "CreationPolicy");
    let metadata = attribute(e, declared, "Metadata");
    let named = declared
        .get("DependsOn")
        .map(|node| node.as_list().unwrap_or(std::slice::from_ref(node)));
    let depends_on = named
        .unwrap_or_default()
        .iter()
        .filter_map(Node::as_str)
        .filter(|name| e.resources.get(*name).is_some_and(Option::is_none))
        .map(str::to_owned)
        .collect();
    Ok(Resource {
        kind: declared
            .get("Type")
            .and_then(Node::as_str)
            .unwrap_or_default()
            .to_owned(),
        properties: properties?,
        depends_on,
        references: std::mem::take(&mut e.uses),
        deletion_policy: deletion_policy?,
        update_replace_policy: update_replace_policy?,
        update_policy: update_policy?,
        creation_policy: creation_policy?,
        metadata: metadata?,
        condition,
    })
}

fn attribute(e: &mut Evaluator<'_>, declared: &Node, key: &str) -> Result<Option<Value>, Reported> {
    match declared.get(key) {
        Some(node) => e.within(key, |e| e.value(node)),
        None => Ok(None),
    }
}

fn properties(e: &mut Evaluator<'_>, declared: &Node) -> Result<Entries, Reported> {
    let Some(node) = declared.get("Properties") else {
        return Ok(Entries::new());
    };
    e.within("Properties", |e| match e.value(node)? {
        None => Ok(Entries::new()),
        Some(Value::Map(properties)) => Ok(properties),
        Some(Value::Symbol(symbol)) if matches!(*symbol, Symbol::Transform(_)) => Ok(
            Entries::from([("Fn::Transform".to_owned(), Value::Symbol(symbol))]),
        ),
        Some(other) => Err(e.report(
            node.at,
            format!(
                "the properties are {}; they must be a map.",
                other.described()
            ),
        )),
    })
}

fn policy(
    e: &mut Evaluator<'_>,
    declared: &Node,
    key: &str,
) -> Result<Option<DeletionPolicy>, Reported> {
    let Some(node) = declared.get(key) else {
        return Ok(None);
    };
    e.within(key, |e| {
        if node.as_str().is_none() && !e.template.has_language_extensions() {
            let message = format!("{key} must be a plain text; a function here needs `Transform: AWS::LanguageExtensions`.");
            return Err(e.report(node.at, message));
        }
        let Some(value) = e.value(node)? else { return Ok(None) };
        let policy = value.scalar_text().and_then(DeletionPolicy::from_name);
        match policy {
            Some(DeletionPolicy::RetainExceptOnCreate) if key == "UpdateReplacePolicy" => {
                Err(e.report(node.at, "RetainExceptOnCreate is a DeletionPolicy only. Use Delete, Retain or Snapshot."))
            }
            Some(policy) => Ok(Some(policy)),
            None => Err(e.report(
                node.at,
                format!("{key} must be Delete, Retain, Snapshot or (for DeletionPolicy) RetainExceptOnCreate, known before deployment."),
            )),
        }
    })
}
