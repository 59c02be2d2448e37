//! What stands between a subnet and everything else: its network ACL and its route table.
//! Source: Amazon VPC User Guide, "Subnet route tables" and "Network ACL basics".
use super::acl::{self, Acl};
use super::compare::{self, Comparer, Gains};
use super::facts::Facts;
use super::route;
use super::rule::{Name, Rule};
use super::side::{Piece, Subject, Subjects};
use super::worlds::World;

/// What filters and carries a subnet's packets.
#[derive(Debug)]
pub(super) struct Way {
    pub acl: Part<Acl>,
    pub routes: Part<Vec<Rule>>,
}

/// A network ACL or a route table.
#[derive(Debug)]
pub(super) struct Part<T> {
    /// What a person calls it; equal names are the same thing.
    pub name: String,
    /// What it holds, where the template says so.
    pub holds: Option<T>,
    pub faults: Vec<String>,
}

/// What stands around a subnet on one side.
pub(super) fn way(subnet: &Name, subjects: &Subjects<'_>, facts: &Facts, world: &World) -> Way {
    let none = Vec::new();
    let pieces = subjects
        .get(&Subject::Subnet(subnet.clone()))
        .unwrap_or(&none);
    // A VPC that the template makes starts with an ACL that lets all through and a table without routes.
    let own_vpc = pieces.iter().any(|piece| {
        piece.declared.kind == "AWS::EC2::Subnet"
            && piece
                .property("VpcId", world)
                .is_some_and(|vpc| matches!(piece.name(&vpc), Name::Own(_)))
    });
    let acl = match associated(
        subnet,
        pieces,
        "AWS::EC2::SubnetNetworkAclAssociation",
        "NetworkAclId",
        world,
    ) {
        Some(name) => {
            let found = matches!(name, Name::Own(_))
                .then(|| subjects.get(&Subject::Acl(name.clone())))
                .flatten()
                .map(|pieces| acl::acl(&name, pieces, world));
            let faults = found
                .as_ref()
                .map(|acl| acl.faults.clone())
                .unwrap_or_default();
            Part {
                name: format!("network ACL {name}"),
                holds: found,
                faults,
            }
        }
        None => Part {
            name: "the default network ACL".to_owned(),
            holds: own_vpc.then(acl::open),
            faults: Vec::new(),
        },
    };
    let routes = match associated(
        subnet,
        pieces,
        "AWS::EC2::SubnetRouteTableAssociation",
        "RouteTableId",
        world,
    ) {
        Some(name) => {
            let found = matches!(name, Name::Own(_))
                .then(|| subjects.get(&Subject::RouteTable(name.clone())))
                .flatten()
                .map(|pieces| route::routes(&name, pieces, facts, world));
            let name = format!("route table {name}");
            match found {
                Some(found) => Part {
                    name,
                    holds: Some(found.rules),
                    faults: found.faults,
                },
                None => Part {
                    name,
                    holds: None,
                    faults: Vec::new(),
                },
            }
        }
        None => Part {
            name: "the main route table".to_owned(),
            holds: own_vpc.then(Vec::new),
            faults: Vec::new(),
        },
    };
    Way { acl, routes }
}

fn associated(
    subnet: &Name,
    pieces: &[Piece<'_>],
    kind: &str,
    key: &str,
    world: &World,
) -> Option<Name> {
    pieces
        .iter()
        .filter(|piece| piece.declared.kind == kind && piece.is_in(world))
        .filter(|piece| {
            piece
                .raw("SubnetId", world)
                .is_some_and(|named| piece.name(named) == *subnet)
        })
        .find_map(|piece| piece.raw(key, world).map(|value| piece.name(value)))
}

/// What comes through with a new way and did not with any of the old ones. A part that stays is not judged
/// here: its own change is told where it stands.
pub(super) fn gains(new: &Way, old: &[Way], comparer: &Comparer) -> Gains {
    let mut gains = Gains::default();
    if !old.iter().any(|old| old.acl.name == new.acl.name) {
        gains.add(through(
            &new.acl,
            old.iter().map(|old| &old.acl),
            |new, old| acl::gains(new, old, comparer),
        ));
    }
    if !old.iter().any(|old| old.routes.name == new.routes.name) {
        gains.add(through(
            &new.routes,
            old.iter().map(|old| &old.routes),
            |new, old| {
                let new: Vec<&Rule> = new.iter().collect();
                let old: Vec<&Rule> = old.iter().collect();
                compare::gains(&new, &old, comparer)
            },
        ));
    }
    gains
}

/// The least that is gained against any of the old parts.
fn through<'p, T: 'p>(
    new: &Part<T>,
    old: impl Iterator<Item = &'p Part<T>>,
    compare: impl Fn(&T, &T) -> Gains,
) -> Gains {
    let mut least: Option<Gains> = None;
    for old in old {
        let one = match (&new.holds, &old.holds) {
            (Some(new_holds), Some(old_holds))
                if new.faults.is_empty() && old.faults.is_empty() =>
            {
                compare(new_holds, old_holds)
            }
            _ => {
                let mut open = Gains::default();
                open.add_open(format!(
                    "the template does not say all that {} and {} let through",
                    old.name, new.name
                ));
                open
            }
        };
        let rank = |gains: &Gains| match gains.answer() {
            Some(false) => 0,
            None => 1,
            Some(true) => 2,
        };
        if least.as_ref().is_none_or(|known| rank(&one) < rank(known)) {
            least = Some(one);
        }
    }
    least.unwrap_or_default()
}
