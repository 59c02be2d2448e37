//! What stays when it leaves the template: resources with the deletion policy `Retain`.
use super::Stack;
use crate::access::Aspect;
use crate::access::iam::Policy;
use crate::access::iam::collect::{Holder, Key, Piece};
use std::borrow::Cow;

/// What a subject holds after the change, with what stays of what it held.
pub(super) fn after<'c>(stack: &Stack<'c>, key: &Key) -> Option<Cow<'c, Holder>> {
    let new = stack.after.holders.get(key);
    let stays =
        |id: &str| stack.before.retained.contains(id) && !stack.after.resources.contains_key(id);
    let old = match stack.before.holders.get(key) {
        Some(old) if !stack.before.retained.is_empty() => old,
        _ => return new.map(Cow::Borrowed),
    };
    // A policy set on a resource takes the place of the one before.
    if key.aspect == Aspect::Resource && new.is_some_and(|new| !new.policies.is_empty()) {
        return new.map(Cow::Borrowed);
    }
    let itself = !key.outside && stays(&key.id);
    let kept = |piece: &&Piece| {
        let source = source(&piece.policy);
        stays(source)
            || (itself
                && (source == key.id
                    || old.attached.iter().any(|attached| {
                        attached.source == key.id && attached.name == format!("${{{source}}}")
                    })))
    };
    let mut policies = old.policies.iter().filter(kept).peekable();
    if !itself && policies.peek().is_none() {
        return new.map(Cow::Borrowed);
    }
    let gone = || Holder {
        policies: Vec::new(),
        attached: Vec::new(),
        boundary: Vec::new(),
        ..old.clone()
    };
    let there = itself || key.outside || stack.after.resources.contains_key(&key.id);
    let mut holder = match new {
        Some(new) => new.clone(),
        None if there => gone(),
        None => return None,
    };
    holder.policies.extend(policies.cloned());
    let attached = old
        .attached
        .iter()
        .filter(|attached| stays(&attached.source));
    holder.attached.extend(attached.cloned());
    if itself {
        holder.boundary.clone_from(&old.boundary);
    }
    Some(Cow::Owned(holder))
}

fn source(policy: &Policy) -> &str {
    match policy {
        Policy::Written(document) => &document.source,
        Policy::Named { source, .. } => source,
    }
}
