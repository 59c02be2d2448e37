//! From a resolved template to the subjects whose access is judged. One file a family of resource types; what the
//! policies say is not read here.

mod elsewhere;
mod grants;
mod guard;
mod identities;
mod managed;
mod names;
mod public;
mod resource_policies;
mod session;
mod sso;
#[cfg(test)]
mod tests;
mod workloads;

pub(super) use guard::{Choice, Guard, choices, items};
pub(super) use identities::tagged;
pub(super) use names::text;
pub(super) use public::BLOCKS;
pub(super) use workloads::{Given, Workload};

use super::{Document, Policy, Unwritten};
use crate::access::Aspect;
use crate::template::{Decision, DeletionPolicy, Entries, Logic, Resolved, Resource, Value};
use names::Names;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The subjects of one template.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::access) struct Collected {
    /// Identities, trusts and resources with policies.
    pub(super) holders: BTreeMap<Key, Holder>,
    /// What runs with a role, by logical id.
    pub(super) workloads: BTreeMap<String, Workload>,
    /// The conditions that only the deployment decides.
    pub(super) conditions: BTreeMap<String, Logic>,
    /// What is there, by logical id.
    pub(super) resources: BTreeMap<String, There>,
    /// Those that stay when they leave the template.
    pub(super) retained: BTreeSet<String>,
}

/// A resource that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct There {
    /// Resource type.
    pub(super) kind: String,
    pub(super) guard: Guard,
}

impl There {
    fn new(resource: &Resource) -> There {
        There {
            kind: resource.kind.clone(),
            guard: Guard::of(resource.condition.as_deref()),
        }
    }
}

/// Names a subject.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    /// Logical id, or the name or ARN of something outside the template.
    pub(super) id: String,
    pub(super) aspect: Aspect,
    /// Which part of it, where parts have policies of their own: a replica, a stream.
    pub(super) part: String,
    /// Whether it is outside the template.
    pub(super) outside: bool,
}

/// A subject with all that bears on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Holder {
    /// Resource type.
    pub(super) kind: String,
    /// When the subject is there at all.
    pub(super) guard: Guard,
    pub(super) policies: Vec<Piece>,
    /// Permissions boundaries, at most one of them at a time; or session policies.
    pub(super) boundary: Vec<Piece>,
    pub(super) unwritten: Unwritten,
    /// What is attached by name: for people to read.
    pub(super) attached: Vec<Attached>,
    /// Whether its policies show at other subjects anyway: a managed policy that is attached.
    pub(super) covered: bool,
}

/// A policy, and when it is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) guard: Guard,
    pub(super) policy: Arc<Policy>,
}

/// Something attached by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Attached {
    pub(super) guard: Guard,
    /// Logical id of the resource that says so.
    pub(super) source: String,
    pub(super) how: How,
    /// Its name, ARN or `${Id}`.
    pub(super) name: String,
}

/// How something is attached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum How {
    ManagedPolicy,
    Member,
    Boundary,
    /// A policy whose text is not at hand.
    Unread,
}

impl How {
    pub(super) fn words(self) -> &'static str {
        match self {
            How::ManagedPolicy => "managed policy",
            How::Member => "member of",
            How::Boundary => "boundary",
            How::Unread => "policy",
        }
    }
}

impl Key {
    /// What a role, user or group of the template may do.
    pub(super) fn identity(id: &str) -> Key {
        Key {
            id: id.to_owned(),
            aspect: Aspect::Identity,
            part: String::new(),
            outside: false,
        }
    }
}

impl Collected {
    /// Finds every subject of a template.
    pub(in crate::access) fn read(resolved: &Resolved) -> Collected {
        let mut collected = Collected {
            conditions: open_conditions(resolved),
            resources: resolved
                .resources
                .iter()
                .map(|(id, resource)| (id.clone(), There::new(resource)))
                .collect(),
            retained: resolved
                .resources
                .iter()
                .filter(|(_, resource)| stays(resource))
                .map(|(id, _)| id.clone())
                .collect(),
            ..Collected::default()
        };
        let names = Names::new(resolved);
        identities::read(&names, &mut collected);
        for (id, resource) in &resolved.resources {
            let at = Place::new(id, resource);
            let known = resource_policies::read(&names, &at, &mut collected)
                | grants::read(&names, &at, &mut collected)
                | public::read(&names, &at, &mut collected)
                | session::read(&names, &at, &mut collected)
                | sso::read(&at, &mut collected);
            if !known && !resource.kind.starts_with("AWS::IAM::") {
                elsewhere::read(&at, &mut collected);
            }
            elsewhere::read_macro(&at, &mut collected);
        }
        workloads::read(&names, &mut collected);
        collected
    }

    /// How many subjects there are.
    pub(super) fn subjects(&self) -> usize {
        self.holders.len() + self.workloads.len()
    }

    /// The subject of that name, made when it is met for the first time.
    fn holder(&mut self, key: Key, kind: &str, guard: Guard) -> &mut Holder {
        self.holders.entry(key).or_insert_with(|| Holder {
            kind: kind.to_owned(),
            guard,
            policies: Vec::new(),
            boundary: Vec::new(),
            unwritten: Unwritten::Nothing,
            attached: Vec::new(),
            covered: false,
        })
    }

    /// Adds a policy about a resource: about what `about` refers to, or about the resource that holds the policy.
    fn add_about(
        &mut self,
        names: &Names<'_>,
        at: &Place<'_>,
        about: Option<&Value>,
        piece: &Piece,
    ) {
        let Some(about) = about else {
            let holder = self.holder(at.key(Aspect::Resource), at.kind, at.guard.clone());
            holder.policies.push(piece.clone());
            return;
        };
        for choice in items(Some(about), &piece.guard, "") {
            let piece = Piece {
                guard: choice.guard,
                policy: Arc::clone(&piece.policy),
            };
            self.holder_of(names, choice.value, at).policies.push(piece);
        }
    }

    /// The resource that a policy or grant at `at` refers to.
    fn holder_of(&mut self, names: &Names<'_>, about: &Value, at: &Place<'_>) -> &mut Holder {
        let found = names
            .find(about, &|kind| {
                kind != at.kind && same_service(kind, at.kind)
            })
            .or_else(|| names.find(about, &|kind| kind != at.kind));
        match found.and_then(|id| Some((id, names.resolved.resources.get(id)?))) {
            Some((id, resource)) => {
                let there = Place::new(id, resource);
                self.holder(there.key(Aspect::Resource), there.kind, there.guard)
            }
            None => {
                let key = Key {
                    id: text(about),
                    aspect: Aspect::Resource,
                    part: String::new(),
                    outside: true,
                };
                self.holder(key, at.kind, Guard::default())
            }
        }
    }
}

/// `AWS::S3::Bucket` and `AWS::S3::BucketPolicy`.
fn same_service(one: &str, other: &str) -> bool {
    let service = |kind: &str| kind.split("::").nth(1).map(str::to_owned);
    service(one) == service(other)
}

fn stays(resource: &Resource) -> bool {
    matches!(
        resource.deletion_policy,
        Some(DeletionPolicy::Retain | DeletionPolicy::RetainExceptOnCreate)
    )
}

fn open_conditions(resolved: &Resolved) -> BTreeMap<String, Logic> {
    resolved
        .conditions
        .iter()
        .filter_map(|(name, decision)| match decision {
            Decision::Undecided(logic) => Some((name.clone(), logic.clone())),
            Decision::True | Decision::False => None,
        })
        .collect()
}

/// A resource that is being read.
struct Place<'r> {
    id: &'r str,
    kind: &'r str,
    properties: &'r Entries,
    guard: Guard,
}

impl<'r> Place<'r> {
    fn new(id: &'r str, resource: &'r Resource) -> Self {
        Self {
            id,
            kind: &resource.kind,
            properties: &resource.properties,
            guard: Guard::of(resource.condition.as_deref()),
        }
    }

    fn key(&self, aspect: Aspect) -> Key {
        Key {
            id: self.id.to_owned(),
            aspect,
            part: String::new(),
            outside: false,
        }
    }

    fn get(&self, property: &str) -> Option<&'r Value> {
        self.properties.get(property)
    }

    /// A property's text where it is known, without regard to case.
    fn says(&self, property: &str, text: &str) -> bool {
        self.get(property)
            .and_then(Value::scalar_text)
            .is_some_and(|found| found.eq_ignore_ascii_case(text))
    }

    fn path(&self, property: &str) -> String {
        format!("Resources.{}.Properties.{property}", self.id)
    }

    /// The documents that a value may be.
    fn documents(&self, value: &Value, guard: &Guard, place: &str, path: &str) -> Vec<Piece> {
        choices(value, guard, path)
            .into_iter()
            .map(|choice| Piece {
                guard: choice.guard,
                policy: self.written(place, choice.path, choice.value.clone()),
            })
            .collect()
    }

    /// A document that stands for what the resource says in its own way: one statement.
    fn statement(&self, place: &str, entries: Vec<(&str, Value)>) -> Piece {
        let statement = entries
            .into_iter()
            .map(|(key, value)| (key.to_owned(), value))
            .collect();
        let value = Value::Map(Entries::from([
            ("Version".to_owned(), Value::string("2012-10-17")),
            (
                "Statement".to_owned(),
                Value::List(vec![Value::Map(statement)]),
            ),
        ]));
        Piece {
            guard: self.guard.clone(),
            policy: self.written(place, format!("Resources.{}.Properties", self.id), value),
        }
    }

    fn written(&self, place: &str, path: String, value: Value) -> Arc<Policy> {
        Arc::new(Policy::Written(Document {
            source: self.id.to_owned(),
            place: place.to_owned(),
            path,
            value,
        }))
    }

    /// A policy of which only the name is known.
    fn named(&self, name: Value, guard: Guard) -> Piece {
        Piece {
            guard,
            policy: Arc::new(Policy::Named {
                name,
                source: self.id.to_owned(),
            }),
        }
    }
}

/// A map with one entry.
fn entry(key: &str, value: Value) -> Value {
    Value::Map(Entries::from([(key.to_owned(), value)]))
}

/// `anyone`: every caller, signed or not.
fn anyone() -> Value {
    Value::string("*")
}
