//! Policies that only cut: session policies, and the policies of an organization. What they leave of everything is
//! the subject's access.
use super::identities::{MANAGED_POLICY, under};
use super::names::Names;
use super::sso::attachment;
use super::{Collected, How, Key, Piece, Place, anyone, items, managed, tagged};
use crate::access::Aspect;
use crate::template::Value;

/// Type, and the property that cuts the sessions of the role that the resource hands out.
const SESSIONS: [(&str, &str); 3] = [
    ("AWS::EKS::PodIdentityAssociation", "Policy"),
    ("AWS::RolesAnywhere::Profile", "SessionPolicy"),
    ("AWS::Transfer::User", "Policy"),
];

/// Adds the subject that the resource cuts; whether its type is one that cuts.
pub(super) fn read(names: &Names<'_>, at: &Place<'_>, collected: &mut Collected) -> bool {
    let session = SESSIONS.iter().find(|(kind, _)| *kind == at.kind);
    let (property, place) = match session {
        Some((_, property)) => (*property, "session policy"),
        None if at.kind == "AWS::Organizations::Policy" => return organization(at, collected),
        None => return false,
    };
    cut(at, property, place, collected);
    if at.kind == "AWS::RolesAnywhere::Profile" {
        managed_policies(names, at, collected);
    }
    true
}

/// Managed policies that cut together with the inline one: what any of them allows remains (IAM User Guide, "Session
/// policies").
fn managed_policies(names: &Names<'_>, at: &Place<'_>, collected: &mut Collected) {
    let property = "ManagedPolicyArns";
    let (mut cutting, mut attached): (Vec<Piece>, Vec<_>) = Default::default();
    for choice in items(at.get(property), &at.guard, &at.path(property)) {
        let own = names
            .find(choice.value, &|kind| kind == MANAGED_POLICY)
            .and_then(|id| collected.holders.get(&Key::identity(id)));
        attached.push(attachment(
            at,
            How::ManagedPolicy,
            choice.value,
            choice.guard.clone(),
        ));
        match own {
            Some(own) => cutting.extend(under(&choice.guard, &own.policies)),
            None => cutting.push(managed::outside(
                at,
                choice.value,
                choice.guard,
                choice.path,
            )),
        }
    }
    let holder = collected.holder(at.key(Aspect::Identity), at.kind, at.guard.clone());
    holder.boundary.extend(cutting);
    holder.attached.extend(attached);
}

/// Policies of an organization that cut what its accounts may do, or what may be done with what they own
/// (Organizations User Guide, "Authorization policies").
fn organization(at: &Place<'_>, collected: &mut Collected) -> bool {
    let targets = at
        .get("TargetIds")
        .map(|targets| at.named(tagged("targets", targets), at.guard.clone()));
    let aspect = if at.says("Type", "SERVICE_CONTROL_POLICY") {
        cut(at, "Content", "service control policy", collected);
        Aspect::Identity
    } else if at.says("Type", "RESOURCE_CONTROL_POLICY") {
        let content = at
            .get("Content")
            .map(|content| {
                at.documents(
                    content,
                    &at.guard,
                    "resource control policy",
                    &at.path("Content"),
                )
            })
            .unwrap_or_default();
        collected
            .holder(at.key(Aspect::Resource), at.kind, at.guard.clone())
            .policies
            .extend(content);
        Aspect::Resource
    } else {
        return false;
    };
    // Whom it cuts is known by their ids alone.
    collected
        .holder(at.key(aspect), at.kind, at.guard.clone())
        .policies
        .extend(targets);
    true
}

fn cut(at: &Place<'_>, property: &str, place: &str, collected: &mut Collected) {
    let boundary = at
        .get(property)
        .map(|policy| at.documents(policy, &at.guard, place, &at.path(property)))
        .unwrap_or_default();
    let everything = at.statement(
        "whatever the role allows",
        vec![
            ("Effect", Value::string("Allow")),
            ("Action", anyone()),
            ("Resource", anyone()),
        ],
    );
    let holder = collected.holder(at.key(Aspect::Identity), at.kind, at.guard.clone());
    holder.policies.push(everything);
    holder.boundary.extend(boundary);
}
