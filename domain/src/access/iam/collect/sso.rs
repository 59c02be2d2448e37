//! Permission sets of IAM Identity Center, and policies of IoT: identities that no IAM type declares.
use super::guard::items;
use super::identities::tagged;
use super::names::text;
use super::{Attached, Collected, Guard, How, Piece, Place, managed};
use crate::access::Aspect;
use crate::template::Value;

/// Adds the identity that the resource declares; whether its type is one that does.
pub(super) fn read(at: &Place<'_>, collected: &mut Collected) -> bool {
    match at.kind {
        "AWS::SSO::PermissionSet" => permission_set(at, collected),
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
    match managed::document(value) {
        Some(document) => Piece {
            guard,
            policy: at.written(
                &format!("managed policy {}", text(value)),
                at.path("ManagedPolicies"),
                document,
            ),
        },
        // The path and name of a customer's policy in each account that takes the set.
        None if matches!(value, Value::Map(_)) => at.named(tagged("policy", value), guard),
        None => at.named(value.clone(), guard),
    }
}

fn attachment(at: &Place<'_>, how: How, value: &Value, guard: Guard) -> Attached {
    Attached {
        guard,
        source: at.id.to_owned(),
        how,
        name: text(value),
    }
}
