//! Which resource of the template a reference means: by `Ref`, by `Fn::GetAtt`, or by the name or ARN that it has there.
use crate::template::{Part, Resolved, Resource, Symbol, Value};
use std::collections::HashMap;

/// The resources of a template by the names they give themselves.
pub(super) struct Names<'r> {
    pub(super) resolved: &'r Resolved,
    named: HashMap<String, Vec<&'r str>>,
}

impl<'r> Names<'r> {
    pub(super) fn new(resolved: &'r Resolved) -> Self {
        let mut named: HashMap<String, Vec<&str>> = HashMap::new();
        for (id, resource) in &resolved.resources {
            if let Some(name) = own_name(resource) {
                named.entry(text(name)).or_default().push(id);
            }
        }
        Self { resolved, named }
    }

    /// The logical id of what is meant, where it is a resource of a type that `accepts`.
    pub(super) fn find(&self, value: &Value, accepts: &dyn Fn(&str) -> bool) -> Option<&'r str> {
        if let Value::Symbol(symbol) = value
            && let Some(id) = self.referred(symbol, accepts)
        {
            return Some(id);
        }
        if !matches!(value, Value::String(_) | Value::Symbol(_)) {
            return None;
        }
        let whole = text(value);
        // What AWS itself owns is never the template's.
        if whole.contains(":iam::aws:") {
            return None;
        }
        // The name is what an ARN or a URL ends with.
        let last = whole.rsplit(['/', ':']).next().unwrap_or_default();
        [whole.as_str(), last]
            .into_iter()
            .filter_map(|name| self.named.get(name))
            .flatten()
            .copied()
            .find(|id| self.kind(id).is_some_and(accepts))
    }

    pub(super) fn kind(&self, id: &str) -> Option<&'r str> {
        self.resolved
            .resources
            .get(id)
            .map(|resource| resource.kind.as_str())
    }

    fn referred(&self, symbol: &Symbol, accepts: &dyn Fn(&str) -> bool) -> Option<&'r str> {
        match symbol {
            Symbol::Resource(id) | Symbol::Attribute { resource: id, .. } => self
                .resolved
                .resources
                .get_key_value(id)
                .filter(|(_, resource)| accepts(&resource.kind))
                .map(|(id, _)| id.as_str()),
            // An ARN put together around one resource's name.
            Symbol::Text(parts) => {
                let mut ids = parts.iter().filter_map(|part| match part {
                    Part::Symbol(symbol) => self.referred(symbol, accepts),
                    Part::Literal(_) => None,
                });
                ids.next().filter(|_| ids.next().is_none())
            }
            _ => None,
        }
    }
}

/// `BucketName` of a bucket, `RoleName` of a role, `Name` of much else.
fn own_name(resource: &Resource) -> Option<&Value> {
    let last = resource.kind.rsplit("::").next().unwrap_or_default();
    resource
        .properties
        .get(&format!("{last}Name"))
        .or_else(|| resource.properties.get("Name"))
}

/// A value as a reader sees it: what only the deployment knows as `${Orders.Arn}`.
pub(in crate::access::iam) fn text(value: &Value) -> String {
    match value {
        Value::String(text) | Value::Number(text) => text.clone(),
        Value::Bool(flag) => flag.to_string(),
        Value::Symbol(symbol) => symbol.to_string(),
        Value::List(_) | Value::Map(_) => value.to_json().to_string(),
    }
}
