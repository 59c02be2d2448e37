//! What rules mean beyond their own text: the groups behind names, the addresses behind lists and VPCs.
use super::address::{Addresses, Family, parse_block};
use super::model::{Declared, Network, Stack};
use super::rule::{End, Name, Unknown};
use crate::template::{Entries, Value};
use std::collections::{BTreeMap, BTreeSet};

/// What one network says of names.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Facts {
    /// Groups by prefix and by the name that the template gives them.
    group_names: BTreeMap<(String, String), Name>,
    /// Prefix lists whose entries the template states.
    prefix_lists: BTreeMap<Name, Addresses>,
    /// The addresses that members of a group can have, where the template says so.
    pub homes: BTreeMap<Name, Addresses>,
}

impl Facts {
    pub fn of(network: &Network) -> Facts {
        let mut facts = Facts::default();
        for (prefix, stack) in &network.stacks {
            let vpcs = vpcs(stack, prefix);
            let shared = shared_groups(stack, prefix);
            for (id, declared) in &stack.resources {
                let name = Name::Own(format!("{prefix}{id}"));
                match declared.kind.as_str() {
                    "AWS::EC2::SecurityGroup" => {
                        if let Some(Value::String(text)) = declared.properties.get("GroupName") {
                            let key = (prefix.clone(), text.clone());
                            facts.group_names.insert(key, name.clone());
                        }
                        let vpc = declared.properties.get("VpcId");
                        let home = vpc.and_then(|vpc| vpcs.get(&Name::of(vpc, stack, prefix)));
                        if let Some(home) = home
                            && !shared.contains(&name)
                        {
                            facts.homes.insert(name, home.clone());
                        }
                    }
                    "AWS::EC2::PrefixList" => {
                        if let Some(addresses) = entries(declared) {
                            facts.prefix_lists.insert(name, addresses);
                        }
                    }
                    _ => {}
                }
            }
        }
        facts
    }

    /// The group that a name of a group stands for. One that the template does not make may be any group.
    pub fn group_by_name(&self, value: &Value, stack: &Stack, prefix: &str) -> Name {
        match value {
            Value::String(text) => self
                .group_names
                .get(&(prefix.to_owned(), text.clone()))
                .cloned()
                .unwrap_or_else(|| Name::Unknown(Unknown::named(text))),
            value => Name::of(value, stack, prefix),
        }
    }

    /// What a prefix list holds; the list itself where the template does not say.
    pub fn prefix_list(&self, name: Name) -> End {
        match self.prefix_lists.get(&name) {
            Some(addresses) => End::Addresses(addresses.clone()),
            None => End::PrefixList(name),
        }
    }

    /// Whether names mean the same on both sides, so that equal rules let the same through.
    pub fn same_names(&self, other: &Facts) -> bool {
        self.group_names == other.group_names && self.prefix_lists == other.prefix_lists
    }
}

/// The addresses of each VPC, where the template states them.
fn vpcs(stack: &Stack, prefix: &str) -> BTreeMap<Name, Addresses> {
    let mut vpcs = BTreeMap::new();
    for (id, declared) in &stack.resources {
        if declared.kind == "AWS::EC2::VPC"
            && let Some(addresses) = stated(&declared.properties, "CidrBlock")
        {
            vpcs.insert(Name::Own(format!("{prefix}{id}")), addresses);
        }
    }
    for declared in stack.resources.values() {
        if declared.kind == "AWS::EC2::VPCCidrBlock"
            && let Some(vpc) = declared.properties.get("VpcId")
        {
            let more = more_addresses(declared);
            match Name::of(vpc, stack, prefix) {
                name @ Name::Own(_) => {
                    if let Some(known) = vpcs.get_mut(&name) {
                        known.add(&more);
                    }
                }
                // It may be any of them.
                _ => vpcs.values_mut().for_each(|known| known.add(&more)),
            }
        }
    }
    vpcs
}

/// A second block of a VPC; one that only AWS knows may hold any address of its family.
fn more_addresses(declared: &Declared) -> Addresses {
    let properties = &declared.properties;
    stated(properties, "CidrBlock")
        .or_else(|| stated(properties, "Ipv6CidrBlock"))
        .unwrap_or_else(|| {
            let mut any = Addresses::all_of(Family::V6);
            if !properties.contains_key("AmazonProvidedIpv6CidrBlock") {
                any.add(&Addresses::all_of(Family::V4));
            }
            any
        })
}

/// Groups that may have members in other VPCs too.
fn shared_groups(stack: &Stack, prefix: &str) -> BTreeSet<Name> {
    stack
        .resources
        .values()
        .filter(|declared| declared.kind == "AWS::EC2::SecurityGroupVpcAssociation")
        .filter_map(|declared| declared.properties.get("GroupId"))
        .map(|group| Name::of(group, stack, prefix))
        .collect()
}

/// The entries of a prefix list, when the template states them all and the list is there for certain.
fn entries(declared: &Declared) -> Option<Addresses> {
    let Some(Value::List(entries)) = declared.properties.get("Entries") else {
        return None;
    };
    if declared.condition.is_some() {
        return None;
    }
    let mut all = Addresses::default();
    for entry in entries {
        let Value::Map(entry) = entry else {
            return None;
        };
        all.add(&stated(entry, "Cidr")?);
    }
    Some(all)
}

fn stated(properties: &Entries, key: &str) -> Option<Addresses> {
    let text = properties.get(key)?.scalar_text()?;
    Some(parse_block(text).ok()?.1)
}
