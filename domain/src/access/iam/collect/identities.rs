//! Roles, users and groups: what stands in them, what is attached to them from anywhere in the template, the groups
//! that users are in, boundaries, and who may assume a role.
use super::guard::{Choice, Guard, items};
use super::names::{Names, text};
use super::{Attached, Collected, How, Key, Piece, Place, managed};
use crate::access::Aspect;
use crate::access::iam::Policy;
use crate::access::worlds::conditions_in;
use crate::template::{Entries, Part, Symbol, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

const ROLE: &str = "AWS::IAM::Role";
const USER: &str = "AWS::IAM::User";
const GROUP: &str = "AWS::IAM::Group";
pub(super) const MANAGED_POLICY: &str = "AWS::IAM::ManagedPolicy";

/// How many policies of groups are handed to their members in all.
const MOST_COPIES: usize = 100_000;

/// Properties that name identities, and the type of these.
const ATTACHMENTS: [(&str, &str); 6] = [
    ("Roles", ROLE),
    ("Users", USER),
    ("Groups", GROUP),
    ("RoleName", ROLE),
    ("UserName", USER),
    ("GroupName", GROUP),
];

/// Adds every identity and every trust of the template.
pub(super) fn read(names: &Names<'_>, collected: &mut Collected) {
    let mut reader = Reader {
        names,
        managed: managed_policies(names),
        in_use: BTreeSet::new(),
        members: Vec::new(),
        collected,
    };
    for (id, resource) in &names.resolved.resources {
        let at = Place::new(id, resource);
        match at.kind {
            ROLE | USER | GROUP => reader.identity(&at),
            "AWS::IAM::Policy"
            | "AWS::IAM::RolePolicy"
            | "AWS::IAM::UserPolicy"
            | "AWS::IAM::GroupPolicy" => reader.policy(&at),
            MANAGED_POLICY => reader.managed_policy(&at),
            "AWS::IAM::UserToGroupAddition" => reader.addition(&at),
            _ => {}
        }
    }
    reader.join_groups();
    reader.mark_covered();
}

/// The documents of the template's managed policies, by logical id.
fn managed_policies<'r>(names: &Names<'r>) -> BTreeMap<&'r str, Vec<Piece>> {
    names
        .resolved
        .resources
        .iter()
        .filter(|(_, resource)| resource.kind == MANAGED_POLICY)
        .map(|(id, resource)| {
            (
                id.as_str(),
                policy_documents(&Place::new(id, resource), "policy"),
            )
        })
        .collect()
}

/// The documents under `PolicyDocument`.
fn policy_documents(at: &Place<'_>, place: &str) -> Vec<Piece> {
    at.get("PolicyDocument")
        .map(|document| at.documents(document, &at.guard, place, &at.path("PolicyDocument")))
        .unwrap_or_default()
}

/// `policy orders-read`.
fn place_of(name: Option<&Value>) -> String {
    match name {
        Some(name) => format!("policy {}", text(name)),
        None => "policy".to_owned(),
    }
}

/// The value with a word before it, so that a group never passes for a policy of the same name.
pub(in crate::access::iam) fn tagged(word: &str, value: &Value) -> Value {
    match value {
        Value::Symbol(symbol) => Symbol::Text(vec![
            Part::Literal(format!("{word} ")),
            Part::Symbol((**symbol).clone()),
        ])
        .into(),
        known => {
            let mut conditions = BTreeSet::new();
            conditions_in(known, &mut conditions);
            if conditions.is_empty() {
                Value::String(format!("{word} {}", text(known)))
            } else {
                // It stays a value, so that its conditions are decided.
                tagged(word, &Symbol::Json(known.clone()).into())
            }
        }
    }
}

struct Reader<'n, 'r, 'c> {
    names: &'n Names<'r>,
    managed: BTreeMap<&'r str, Vec<Piece>>,
    /// Managed policies that show at an identity.
    in_use: BTreeSet<&'r str>,
    /// A user, the group it is in, and when.
    members: Vec<(Key, Key, Guard)>,
    collected: &'c mut Collected,
}

impl<'r> Reader<'_, 'r, '_> {
    fn identity(&mut self, at: &Place<'_>) {
        let key = at.key(Aspect::Identity);
        let mut policies = Vec::new();
        let mut attached = Vec::new();
        for inline in items(at.get("Policies"), &at.guard, &at.path("Policies")) {
            match inline.value {
                Value::Map(entries) => {
                    let place = place_of(entries.get("PolicyName"));
                    let path = format!("{}.PolicyDocument", inline.path);
                    // Without a document it is no valid policy, which is told when it is read.
                    let none = Value::Map(Entries::new());
                    let document = entries.get("PolicyDocument").unwrap_or(&none);
                    policies.extend(at.documents(document, &inline.guard, &place, &path));
                }
                unknown => {
                    policies.push(at.named(tagged("policy", unknown), inline.guard.clone()));
                    attached.push(Attached {
                        guard: inline.guard,
                        source: at.id.to_owned(),
                        how: How::Unread,
                        name: text(unknown),
                    });
                }
            }
        }
        for choice in items(
            at.get("ManagedPolicyArns"),
            &at.guard,
            &at.path("ManagedPolicyArns"),
        ) {
            policies.extend(self.managed_policy_named(at, &choice));
            attached.push(self.attachment(at, How::ManagedPolicy, &choice));
        }
        let mut boundary = Vec::new();
        // A boundary bears on nothing once its identity is gone, so it is guarded by its own conditions alone.
        for choice in items(
            at.get("PermissionsBoundary"),
            &Guard::default(),
            &at.path("PermissionsBoundary"),
        ) {
            boundary.extend(self.managed_policy_named(at, &choice));
            attached.push(self.attachment(at, How::Boundary, &choice));
        }
        let holder = self
            .collected
            .holder(key.clone(), at.kind, at.guard.clone());
        holder.policies.extend(policies);
        holder.boundary.extend(boundary);
        holder.attached.extend(attached);
        if at.kind == USER {
            for group in items(at.get("Groups"), &at.guard, "") {
                self.member(at, key.clone(), &group);
            }
        }
        if at.kind == ROLE {
            let trust = at
                .get("AssumeRolePolicyDocument")
                .map(|document| {
                    let path = at.path("AssumeRolePolicyDocument");
                    at.documents(document, &at.guard, "trust", &path)
                })
                .unwrap_or_default();
            self.collected
                .holder(at.key(Aspect::Trust), at.kind, at.guard.clone())
                .policies
                .extend(trust);
        }
    }

    /// A policy that names the identities it belongs to.
    fn policy(&mut self, at: &Place<'_>) {
        let pieces = policy_documents(at, &place_of(at.get("PolicyName")));
        let mut attached = false;
        for (key, guard) in self.identities(at) {
            attached = true;
            self.extend(&key, &guard, &pieces);
        }
        if !attached {
            let holder = self
                .collected
                .holder(at.key(Aspect::Identity), at.kind, at.guard.clone());
            holder.policies.extend(pieces);
        }
    }

    fn managed_policy(&mut self, at: &Place<'_>) {
        let pieces = self.managed.get(at.id).cloned().unwrap_or_default();
        for (key, guard) in self.identities(at) {
            self.in_use(at.id);
            self.extend(&key, &guard, &pieces);
            if let Some(holder) = self.collected.holders.get_mut(&key) {
                holder.attached.push(Attached {
                    guard,
                    source: at.id.to_owned(),
                    how: How::ManagedPolicy,
                    name: format!("${{{}}}", at.id),
                });
            }
        }
        let holder = self
            .collected
            .holder(at.key(Aspect::Identity), at.kind, at.guard.clone());
        holder.policies.extend(pieces);
    }

    fn addition(&mut self, at: &Place<'_>) {
        for user in items(at.get("Users"), &at.guard, "") {
            let (key, _) = self.key_of(user.value, USER);
            for group in items(at.get("GroupName"), &user.guard, "") {
                self.member(at, key.clone(), &group);
            }
        }
    }

    /// The identities that a policy names, made subjects if they are none yet.
    fn identities(&mut self, at: &Place<'_>) -> Vec<(Key, Guard)> {
        let mut found = Vec::new();
        for (property, kind) in ATTACHMENTS {
            for choice in items(at.get(property), &at.guard, "") {
                let (key, _) = self.key_of(choice.value, kind);
                found.push((key, choice.guard));
            }
        }
        found
    }

    /// The subject that a reference to an identity means.
    fn key_of(&mut self, value: &Value, kind: &str) -> (Key, bool) {
        let found = self.names.find(value, &|found| found == kind);
        let key = Key {
            id: found.map_or_else(|| text(value), str::to_owned),
            aspect: Aspect::Identity,
            part: String::new(),
            outside: found.is_none(),
        };
        let guard = found
            .and_then(|id| self.names.resolved.resources.get(id))
            .map(|resource| Guard::of(resource.condition.as_deref()))
            .unwrap_or_default();
        self.collected.holder(key.clone(), kind, guard);
        (key, found.is_some())
    }

    fn extend(&mut self, key: &Key, guard: &Guard, pieces: &[Piece]) {
        if let Some(holder) = self.collected.holders.get_mut(key) {
            holder.policies.extend(under(guard, pieces));
        }
    }

    /// The policies behind an ARN or a reference to a managed policy.
    fn managed_policy_named(&mut self, at: &Place<'_>, choice: &Choice<'_>) -> Vec<Piece> {
        let found = self
            .names
            .find(choice.value, &|kind| kind == MANAGED_POLICY);
        if let Some(id) = found {
            self.in_use(id);
            let pieces = self.managed.get(id).map(Vec::as_slice).unwrap_or_default();
            return under(&choice.guard, pieces);
        }
        vec![managed::outside(
            at,
            choice.value,
            choice.guard.clone(),
            choice.path.clone(),
        )]
    }

    fn in_use(&mut self, id: &str) {
        if let Some((id, _)) = self.managed.get_key_value(id) {
            self.in_use.insert(id);
        }
    }

    fn attachment(&self, at: &Place<'_>, how: How, choice: &Choice<'_>) -> Attached {
        let found = self
            .names
            .find(choice.value, &|kind| kind == MANAGED_POLICY);
        Attached {
            guard: choice.guard.clone(),
            source: at.id.to_owned(),
            how,
            name: found.map_or_else(|| text(choice.value), |id| format!("${{{id}}}")),
        }
    }

    fn member(&mut self, at: &Place<'_>, user: Key, group: &Choice<'_>) {
        let (key, here) = self.key_of(group.value, GROUP);
        if let Some(holder) = self.collected.holders.get_mut(&user) {
            holder.attached.push(Attached {
                guard: group.guard.clone(),
                source: at.id.to_owned(),
                how: How::Member,
                name: if here {
                    format!("${{{}}}", key.id)
                } else {
                    key.id.clone()
                },
            });
            // What else a group outside the template holds is not known.
            if !here {
                let unknown = at.named(tagged("group", group.value), group.guard.clone());
                holder.policies.push(unknown);
            }
        }
        self.members.push((user, key, group.guard.clone()));
    }

    /// Gives users what their groups hold, once all that groups hold is known.
    fn join_groups(&mut self) {
        let mut copied = 0;
        for (user, group, guard) in std::mem::take(&mut self.members) {
            let mut held = self
                .collected
                .holders
                .get(&group)
                .map(|holder| under(&guard, &holder.policies))
                .unwrap_or_default();
            copied += held.len();
            // The group itself is a subject too, so what changes in it is not missed.
            if copied > MOST_COPIES {
                let named = Policy::Named {
                    name: Value::String(format!("group {}", group.id)),
                    source: user.id.clone(),
                };
                held = vec![Piece {
                    guard,
                    policy: Arc::new(named),
                }];
            }
            if let Some(holder) = self.collected.holders.get_mut(&user) {
                holder.policies.extend(held);
            }
        }
        // A group outside the template is known by its members alone.
        self.collected.holders.retain(|key, holder| {
            !(key.outside && holder.kind == GROUP && holder.policies.is_empty())
        });
    }

    fn mark_covered(&mut self) {
        for (key, holder) in &mut self.collected.holders {
            holder.covered = holder.kind == MANAGED_POLICY && self.in_use.contains(key.id.as_str());
        }
    }
}

/// The same policies under one more guard.
pub(super) fn under(guard: &Guard, pieces: &[Piece]) -> Vec<Piece> {
    pieces
        .iter()
        .filter_map(|piece| {
            Some(Piece {
                guard: piece.guard.both(guard)?,
                policy: piece.policy.clone(),
            })
        })
        .collect()
}
