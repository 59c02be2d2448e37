//! Permission sets and attributes of IAM Identity Center, and policies of IoT: what no IAM type declares of identities.
use super::guard::{Choice, choices, items};
use super::identities::tagged;
use super::names::text;
use super::{Attached, Collected, Guard, How, Piece, Place, managed};
use crate::access::Aspect;
use crate::template::Value;

/// Adds the identity that the resource declares; whether its type is one that does.
pub(super) fn read(at: &Place<'_>, collected: &mut Collected) -> bool {
    match at.kind {
        "AWS::SSO::PermissionSet" => permission_set(at, collected),
        "AWS::SSO::InstanceAccessControlAttributeConfiguration" => attributes(at, collected),
        "AWS::IoT::Policy" => {
            let pieces = at
                .get("PolicyDocument")
                .map(|found| at.documents(found, &at.guard, "policy", &at.path("PolicyDocument")))
                .unwrap_or_default();
            collected
                .holder(at.key(Aspect::Identity), at.kind, at.guard.clone())
                .policies
                .extend(pieces);
        }
        _ => return false,
    }
    true
}

/// Which attributes of users become `aws:PrincipalTag/…` of their sessions (IAM Identity Center User Guide, "Attributes
/// for access control"). What that lets in or keeps out is up to every policy that asks for these tags.
fn attributes(at: &Place<'_>, collected: &mut Collected) {
    const LIST: &str = "AccessControlAttributes";
    let mut found = items(at.get(LIST), &at.guard, "");
    // The older way to say the same.
    let older = at.get("InstanceAccessControlAttributeConfiguration");
    for choice in older.map_or_else(Vec::new, |older| choices(older, &at.guard, "")) {
        match choice.value {
            Value::Map(entries) => found.extend(items(entries.get(LIST), &choice.guard, "")),
            _ => found.push(choice),
        }
    }
    let instance = items(at.get("InstanceArn"), &at.guard, "");
    let named = |word: &'static str| {
        move |choice: Choice<'_>| at.named(tagged(word, choice.value), choice.guard)
    };
    let pieces: Vec<Piece> = found
        .into_iter()
        .map(named("conditions on aws:PrincipalTag as given by"))
        .chain(instance.into_iter().map(named("conditions of users in")))
        .collect();
    collected
        .holder(at.key(Aspect::Resource), at.kind, at.guard.clone())
        .policies
        .extend(pieces);
}

fn permission_set(at: &Place<'_>, collected: &mut Collected) {
    let mut attached = Vec::new();
    let mut policies = at
        .get("InlinePolicy")
        .map(|found| at.documents(found, &at.guard, "policy", &at.path("InlinePolicy")))
        .unwrap_or_default();
    for property in ["ManagedPolicies", "CustomerManagedPolicyReferences"] {
        for choice in items(at.get(property), &at.guard, &at.path(property)) {
            policies.push(managed_policy(at, choice.value, choice.guard.clone()));
            attached.push(attachment(
                at,
                How::ManagedPolicy,
                choice.value,
                choice.guard,
            ));
        }
    }
    let mut boundary = Vec::new();
    for choice in items(at.get("PermissionsBoundary"), &Guard::default(), "") {
        let named = match choice.value {
            Value::Map(entries) => ["ManagedPolicyArn", "CustomerManagedPolicyReference"]
                .into_iter()
                .find_map(|key| entries.get(key))
                .unwrap_or(choice.value),
            other => other,
        };
        boundary.push(managed_policy(at, named, choice.guard.clone()));
        attached.push(attachment(at, How::Boundary, named, choice.guard));
    }
    let holder = collected.holder(at.key(Aspect::Identity), at.kind, at.guard.clone());
    holder.policies.extend(policies);
    holder.boundary.extend(boundary);
    holder.attached.extend(attached);
}

fn managed_policy(at: &Place<'_>, value: &Value, guard: Guard) -> Piece {
    match value {
        // The path and name of a customer's policy in each account that takes the set.
        Value::Map(_) => at.named(tagged("policy", value), guard),
        name => managed::outside(at, name, guard, at.path("ManagedPolicies")),
    }
}

pub(super) fn attachment(at: &Place<'_>, how: How, value: &Value, guard: Guard) -> Attached {
    Attached {
        guard,
        source: at.id.to_owned(),
        how,
        name: text(value),
    }
}
