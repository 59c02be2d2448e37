//! What a network holds, sorted by what it is about.
use super::model::{Declared, Network, Stack};
use super::rule::Name;
use super::worlds::{World, picked, possible};
use super::{exposure, member};
use crate::access::worlds::chosen;
use crate::template::{Entries, Value};
use std::collections::BTreeMap;

/// What a verdict is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Subject {
    Group(Name),
    Acl(Name),
    RouteTable(Name),
    Subnet(Name),
    /// A prefix list, a firewall or a part of one, or whatever else has an address, by its name.
    Resource(String),
}

impl Subject {
    pub fn id(&self) -> String {
        match self {
            Subject::Group(name)
            | Subject::Acl(name)
            | Subject::RouteTable(name)
            | Subject::Subnet(name) => name.to_string(),
            Subject::Resource(id) => id.clone(),
        }
    }
}

/// A resource, as a part of what its subject is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Piece<'n> {
    pub prefix: &'n str,
    pub id: &'n str,
    pub stack: &'n Stack,
    pub declared: &'n Declared,
}

impl<'n> Piece<'n> {
    /// The logical id, with its stack's prefix.
    pub fn source(&self) -> String {
        format!("{}{}", self.prefix, self.id)
    }

    pub fn path(&self) -> String {
        format!("{}Resources.{}.Properties", self.prefix, self.id)
    }

    pub fn name(&self, value: &Value) -> Name {
        Name::of(value, self.stack, self.prefix)
    }

    fn holds(&self, world: &World, condition: &str) -> bool {
        world.holds(self.stack, self.prefix, condition)
    }

    /// Whether the resource is there.
    pub fn is_in(&self, world: &World) -> bool {
        let condition = self.declared.condition.as_deref();
        condition.is_none_or(|name| self.holds(world, name))
    }

    /// The condition of the resource, in words.
    pub fn condition(&self) -> String {
        match &self.declared.condition {
            Some(name) => format!("if {name}"),
            None => String::new(),
        }
    }

    /// A property as written, past the choices around it.
    pub fn raw(&self, key: &str, world: &World) -> Option<&'n Value> {
        picked(self.declared.properties.get(key)?, &|name| {
            self.holds(world, name)
        })
    }

    pub fn chosen(&self, value: &Value, world: &World) -> Option<Value> {
        chosen(value, &|name| self.holds(world, name)).map(flat)
    }

    /// What a property comes to.
    pub fn property(&self, key: &str, world: &World) -> Option<Value> {
        self.chosen(self.declared.properties.get(key)?, world)
    }

    /// What all properties come to.
    pub fn properties(&self, world: &World) -> Entries {
        self.declared
            .properties
            .iter()
            .filter_map(|(key, value)| Some((key.clone(), self.chosen(value, world)?)))
            .collect()
    }

    /// The items of a list, or the single value in its place, each with its path.
    pub fn items(&self, key: &str, world: &World) -> Vec<(String, Value)> {
        let mut found = Vec::new();
        if let Some(value) = self.declared.properties.get(key) {
            self.collect(value, format!("{}.{key}", self.path()), world, &mut found);
        }
        found
    }

    // As deep as the template's nesting, which parsing bounds.
    fn collect(
        &self,
        value: &Value,
        path: String,
        world: &World,
        found: &mut Vec<(String, Value)>,
    ) {
        match picked(value, &|name| self.holds(world, name)) {
            Some(Value::List(items)) => {
                for (index, item) in items.iter().enumerate() {
                    self.collect(item, format!("{path}[{index}]"), world, found);
                }
            }
            Some(one) => found.extend(self.chosen(one, world).map(|one| (path, one))),
            None => {}
        }
    }

    fn same(&self, other: &Piece<'_>) -> bool {
        self.id == other.id && self.prefix == other.prefix && self.declared == other.declared
    }
}

/// Lists without lists in them: a branch of `Fn::If` in a list may itself be a list of what stands there.
// As deep as the template's nesting, which parsing bounds.
fn flat(value: Value) -> Value {
    match value {
        Value::List(items) => Value::List(
            items
                .into_iter()
                .map(flat)
                .flat_map(|item| match item {
                    Value::List(inner) => inner,
                    one => vec![one],
                })
                .collect(),
        ),
        Value::Map(entries) => Value::Map(
            entries
                .into_iter()
                .map(|(key, item)| (key, flat(item)))
                .collect(),
        ),
        other => other,
    }
}

/// Everything of a network by its subject.
pub(super) type Subjects<'n> = BTreeMap<Subject, Vec<Piece<'n>>>;

/// Sorts a network by what its resources are about.
pub(super) fn subjects(network: &Network) -> Subjects<'_> {
    let mut subjects = Subjects::new();
    for (prefix, stack) in &network.stacks {
        for (id, declared) in &stack.resources {
            let piece = Piece {
                prefix,
                id,
                stack,
                declared,
            };
            for subject in about(&piece) {
                subjects.entry(subject).or_default().push(piece);
            }
        }
    }
    subjects
}

fn about(piece: &Piece<'_>) -> Vec<Subject> {
    let own = || Name::Own(piece.source());
    let named = |key: &str, subject: fn(Name) -> Subject| -> Vec<Subject> {
        let values = piece.declared.properties.get(key).map(possible);
        let mut found: Vec<Subject> = values
            .unwrap_or_default()
            .into_iter()
            .map(|value| subject(piece.name(value)))
            .collect();
        found.sort();
        found.dedup();
        if found.is_empty() {
            // It names nothing: the fault is told where it stands.
            found.push(subject(own()));
        }
        found
    };
    match piece.declared.kind.as_str() {
        "AWS::EC2::SecurityGroup" => vec![Subject::Group(own())],
        "AWS::EC2::SecurityGroupIngress" | "AWS::EC2::SecurityGroupEgress" => {
            let key = group_key(piece);
            named(key, Subject::Group)
        }
        "AWS::EC2::NetworkAcl" => vec![Subject::Acl(own())],
        "AWS::EC2::NetworkAclEntry" => named("NetworkAclId", Subject::Acl),
        "AWS::EC2::RouteTable" => vec![Subject::RouteTable(own())],
        "AWS::EC2::Route" => named("RouteTableId", Subject::RouteTable),
        "AWS::EC2::Subnet" => vec![Subject::Subnet(own())],
        "AWS::EC2::SubnetRouteTableAssociation" | "AWS::EC2::SubnetNetworkAclAssociation" => {
            named("SubnetId", Subject::Subnet)
        }
        "AWS::EC2::PrefixList" => vec![Subject::Resource(piece.source())],
        "AWS::NetworkFirewall::LoggingConfiguration" => Vec::new(),
        kind if kind.starts_with("AWS::NetworkFirewall::") => {
            vec![Subject::Resource(piece.source())]
        }
        kind => {
            let properties = &piece.declared.properties;
            let counts = exposure::has_default(kind)
                || properties.iter().any(|(key, value)| {
                    member::concerns(kind, key, value) || exposure::concerns(kind, key, value)
                });
            counts
                .then(|| Subject::Resource(piece.source()))
                .into_iter()
                .collect()
        }
    }
}

/// The property that names the group of a standalone rule.
pub(super) fn group_key(piece: &Piece<'_>) -> &'static str {
    if piece.declared.properties.contains_key("GroupId") {
        "GroupId"
    } else {
        "GroupName"
    }
}

/// Whether a subject is written the same on both sides.
pub(super) fn same(before: &[Piece<'_>], after: &[Piece<'_>]) -> bool {
    before.len() == after.len() && before.iter().zip(after).all(|(one, other)| one.same(other))
}
