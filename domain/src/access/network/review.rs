//! Before against after, subject by subject.
use super::acl::{self, Acl};
use super::address::Addresses;
use super::compare::{self, Comparer, Gains};
use super::exposure;
use super::facts::Facts;
use super::firewall;
use super::group::{self, Contents};
use super::member::{self, Membership};
use super::model::Network;
use super::paths::{self, Paths};
use super::route::{self, Routes};
use super::rule::{Direction, End, Meaning, Name, Rule, Traffic, Unknown};
use super::side::{self, Piece, Subject, Subjects};
use super::subnet;
use super::told::{Judged, Told, told};
use super::worlds::{Named, TOO_MANY, World};
use crate::access::{Delta, Line, NetworkReview};
use crate::template::Value;
use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

/// Judges what a change does to reachability. Rules of a group outside the templates are judged as far as
/// the templates state them: what others add to it stays as it is.
pub fn review(before: &Network, after: &Network) -> NetworkReview {
    let both = Both::of(before, after);
    let all: BTreeSet<&Subject> = both
        .before
        .subjects
        .keys()
        .chain(both.after.subjects.keys())
        .collect();
    let mut groups = Vec::new();
    let mut rules = Delta::default();
    let mut paths = Paths::default();
    for subject in all {
        let old = both.before.pieces(subject);
        let new = both.after.pieces(subject);
        let mut named = Named::default();
        for (is_after, pieces) in [(false, old), (true, new)] {
            for piece in pieces {
                named.note(is_after, piece.prefix, piece.stack, piece.declared);
            }
        }
        let same = side::same(old, new)
            && (both.names_agree || !matches!(subject, Subject::Group(_)))
            && (both.conditions_agree || named.shown().is_empty());
        if same {
            if let Subject::Group(name) = subject {
                unchanged(&both, name, new, &named, &mut paths);
            }
            continue;
        }
        let Some(judged) = both.judge(subject, old, new, &mut named) else {
            continue;
        };
        if let (Subject::Group(name), Ok(ways)) = (subject, &judged) {
            for way in ways {
                paths.changed(name, way);
            }
        }
        let kind = kind(subject, old, new);
        let (review, texts) = told(subject.id(), kind, judged, &named.shown());
        rules.added.extend(texts.added);
        rules.removed.extend(texts.removed);
        groups.push(review);
    }
    rules.added.sort();
    rules.added.dedup();
    rules.removed.sort();
    rules.removed.dedup();
    groups.sort_by(|a, b| b.verdict.cmp(&a.verdict).then_with(|| a.id.cmp(&b.id)));
    let verdict = groups
        .iter()
        .map(|group| group.verdict)
        .max()
        .unwrap_or_default();
    NetworkReview {
        verdict,
        rules,
        groups,
        paths: paths.drawn(),
    }
}

/// A group that stays as it is: its paths are drawn. What is wrong with it is no question of this change.
fn unchanged(
    both: &Both<'_>,
    name: &Name,
    pieces: &[Piece<'_>],
    named: &Named<'_>,
    paths: &mut Paths,
) {
    let worlds = named.worlds().unwrap_or_else(|| vec![World::default()]);
    for world in &worlds {
        if let Some(contents) = group::contents(name, pieces, &both.after.facts, world) {
            paths.kept(name, &contents);
        }
    }
}

fn kind(subject: &Subject, old: &[Piece<'_>], new: &[Piece<'_>]) -> String {
    match subject {
        Subject::Group(_) => "AWS::EC2::SecurityGroup",
        Subject::Acl(_) => "AWS::EC2::NetworkAcl",
        Subject::RouteTable(_) => "AWS::EC2::RouteTable",
        Subject::Subnet(_) => "AWS::EC2::Subnet",
        Subject::Resource(_) => new
            .iter()
            .chain(old)
            .map(|piece| piece.declared.kind.as_str())
            .next()
            .unwrap_or_default(),
    }
    .to_owned()
}

/// One side of the change.
struct Side<'n> {
    subjects: Subjects<'n>,
    facts: Facts,
    /// What `towards` gives where nothing is open.
    plain_towards: OnceCell<Towards>,
}

/// By group, the rules of other groups that name it, seen from its members.
type Towards = BTreeMap<Name, Vec<Rule>>;

impl<'n> Side<'n> {
    fn of(network: &'n Network) -> Side<'n> {
        Side {
            subjects: side::subjects(network),
            facts: Facts::of(network),
            plain_towards: OnceCell::new(),
        }
    }

    fn pieces(&self, subject: &Subject) -> &[Piece<'n>] {
        self.subjects.get(subject).map_or(&[], Vec::as_slice)
    }

    fn group(&self, name: &Name, world: &World) -> Option<Contents> {
        let pieces = self.pieces(&Subject::Group(name.clone()));
        group::contents(name, pieces, &self.facts, world)
    }

    /// What the rules of all groups let members of each group reach, and be reached from.
    fn towards(&self, world: &World) -> Cow<'_, Towards> {
        if world.is_plain() {
            Cow::Borrowed(self.plain_towards.get_or_init(|| self.all_towards(world)))
        } else {
            Cow::Owned(self.all_towards(world))
        }
    }

    fn all_towards(&self, world: &World) -> Towards {
        let mut found = Towards::new();
        for name in self.groups() {
            let rules = self.group(name, world).map(|contents| contents.rules);
            for rule in rules.unwrap_or_default() {
                let End::Group(peer) = rule.meaning.end.clone() else {
                    continue;
                };
                let direction = match rule.meaning.direction {
                    Direction::Ingress => Direction::Into,
                    _ => Direction::OutOf,
                };
                found.entry(peer).or_default().push(Rule {
                    meaning: Meaning {
                        direction,
                        end: End::Group(name.clone()),
                        ..rule.meaning.clone()
                    },
                    ..rule
                });
            }
        }
        found
    }

    fn groups(&self) -> impl Iterator<Item = &Name> {
        self.subjects.keys().filter_map(|subject| match subject {
            Subject::Group(name) => Some(name),
            _ => None,
        })
    }
}

struct Both<'n> {
    before: Side<'n>,
    after: Side<'n>,
    comparer: Comparer,
    conditions_agree: bool,
    names_agree: bool,
    surroundings: OnceCell<Named<'n>>,
}

impl<'n> Both<'n> {
    fn of(before: &'n Network, after: &'n Network) -> Both<'n> {
        let conditions = |network: &'n Network| -> Vec<_> {
            network
                .stacks
                .iter()
                .map(|(prefix, stack)| (prefix, &stack.conditions))
                .collect()
        };
        let conditions_agree = conditions(before) == conditions(after);
        let before = Side::of(before);
        let after = Side::of(after);
        Both {
            comparer: Comparer::new(homes(&before, &after)),
            names_agree: before.facts.same_names(&after.facts),
            conditions_agree,
            surroundings: OnceCell::new(),
            before,
            after,
        }
    }

    /// What each world says; an error when there are too many, and nothing when nothing of it changes.
    fn judge(
        &self,
        subject: &Subject,
        old: &[Piece<'n>],
        new: &[Piece<'n>],
        named: &mut Named<'n>,
    ) -> Option<Result<Vec<Judged>, String>> {
        if matches!(subject, Subject::Resource(_) | Subject::Subnet(_)) {
            named.add(self.surroundings());
        }
        let Some(worlds) = named.worlds() else {
            let names: Vec<_> = named.shown().into_iter().take(6).collect();
            return Some(Err(format!("{TOO_MANY}: {}", names.join(", "))));
        };
        let judged: Vec<Option<Judged>> = worlds
            .iter()
            .map(|world| match subject {
                Subject::Group(name) => Some(self.group(name, world)),
                Subject::Acl(name) => Some(self.acl(name, old, new, world)),
                Subject::RouteTable(name) => Some(self.route_table(name, old, new, world)),
                Subject::Subnet(name) => self.subnet(name, old, new, world),
                Subject::Resource(id) => self.resource(id, old, new, world),
            })
            .collect();
        if judged.iter().all(Option::is_none) {
            return None;
        }
        Some(Ok(judged
            .into_iter()
            .map(Option::unwrap_or_default)
            .collect()))
    }

    /// The conditions of everything around a resource: what it may do depends on them.
    fn surroundings(&self) -> &Named<'n> {
        self.surroundings.get_or_init(|| {
            let mut named = Named::default();
            for (is_after, side) in [(false, &self.before), (true, &self.after)] {
                for (subject, pieces) in &side.subjects {
                    if !matches!(subject, Subject::Resource(_)) {
                        for piece in pieces {
                            named.note(is_after, piece.prefix, piece.stack, piece.declared);
                        }
                    }
                }
            }
            named
        })
    }

    fn group(&self, name: &Name, world: &World) -> Judged {
        let old = self.before.group(name, world);
        let new = self.after.group(name, world);
        let sides = group::sides(old.as_ref(), new.as_ref());
        let id = name.to_string();
        let namesakes_before = namesakes(&self.before, name, world);
        let namesakes_after = namesakes(&self.after, name, world);
        let with = |rules: &[&'_ Rule], more: &'_ [Rule]| -> Vec<Rule> {
            rules
                .iter()
                .map(|rule| (*rule).clone())
                .chain(more.iter().cloned())
                .collect()
        };
        let all_before = with(&sides.before, &namesakes_before);
        let all_after = with(&sides.after, &namesakes_after);
        let mut judged = Judged {
            gained: compare::gains(
                &sides.after,
                &all_before.iter().collect::<Vec<_>>(),
                &self.comparer,
            ),
            lost: compare::gains(
                &sides.before,
                &all_after.iter().collect::<Vec<_>>(),
                &self.comparer,
            ),
            before: Told::rules(sides.before.iter().copied(), &id),
            after: Told::rules(sides.after.iter().copied(), &id),
            kept: paths::kept(&sides.after, &sides.before, &self.comparer),
            ..Judged::default()
        };
        if sides.perhaps_lost {
            judged.lost.add_open(
                "a standalone egress rule removes the rule that AWS adds to a group without egress rules"
                    .to_owned(),
            );
        }
        if let (Some(old), Some(new)) = (&old, &new)
            && old.vpc != new.vpc
        {
            for gains in [&mut judged.gained, &mut judged.lost] {
                gains.add_open("the group moves to another VPC".to_owned());
            }
        }
        judged.faults = faults(old, new);
        judged
    }

    fn acl(&self, name: &Name, old: &[Piece<'_>], new: &[Piece<'_>], world: &World) -> Judged {
        let id = name.to_string();
        let before = acl::acl(name, old, world);
        let after = acl::acl(name, new, world);
        let told = |acl: &Acl| Told {
            lines: acl.entries.iter().map(acl::Entry::line).collect(),
            texts: acl
                .entries
                .iter()
                .map(|entry| entry.rule_text(&id))
                .collect(),
        };
        let mut judged = Judged {
            gained: acl::gains(&after, &before, &self.comparer),
            lost: acl::gains(&before, &after, &self.comparer),
            before: told(&before),
            after: told(&after),
            ..Judged::default()
        };
        if !matches!(name, Name::Own(_)) && before != after {
            for gains in [&mut judged.gained, &mut judged.lost] {
                gains.found.clear();
                gains.add_open(format!(
                    "the other entries of {id}, which no template makes, are not known"
                ));
            }
        }
        judged.faults.extend(before.faults);
        judged.faults.extend(after.faults);
        judged
    }

    fn route_table(
        &self,
        name: &Name,
        old: &[Piece<'_>],
        new: &[Piece<'_>],
        world: &World,
    ) -> Judged {
        let id = name.to_string();
        let before = route::routes(name, old, &self.before.facts, world);
        let after = route::routes(name, new, &self.after.facts, world);
        let told = |routes: &Routes| Told::rules(routes.rules.iter(), &id);
        let mut judged = Judged {
            gained: gains(&after.rules, &before.rules, &self.comparer),
            lost: gains(&before.rules, &after.rules, &self.comparer),
            before: told(&before),
            after: told(&after),
            ..Judged::default()
        };
        let unknown = |routes: &Routes| -> BTreeSet<Meaning> {
            routes
                .rules
                .iter()
                .map(|rule| rule.meaning.clone())
                .filter(|meaning| !matches!(meaning.end, End::Addresses(_)))
                .collect()
        };
        if unknown(&before) != unknown(&after) {
            for gains in [&mut judged.gained, &mut judged.lost] {
                gains.add_open(
                    "a route whose destination only the deployment knows may take addresses from others"
                        .to_owned(),
                );
            }
        }
        judged.faults.extend(before.faults);
        judged.faults.extend(after.faults);
        judged
    }

    fn subnet(
        &self,
        name: &Name,
        old: &[Piece<'_>],
        new: &[Piece<'_>],
        world: &World,
    ) -> Option<Judged> {
        let mut judged = Judged::default();
        exposures(
            old,
            new,
            world,
            &mut judged,
            &name.to_string(),
            &self.comparer,
        );
        let stands = |pieces: &[Piece<'_>]| {
            !matches!(name, Name::Own(_))
                || pieces
                    .iter()
                    .any(|piece| piece.declared.kind == "AWS::EC2::Subnet" && piece.is_in(world))
        };
        // Nothing was in a subnet that was not there.
        if stands(old) && stands(new) {
            let before = subnet::way(name, &self.before.subjects, &self.before.facts, world);
            let after = subnet::way(name, &self.after.subjects, &self.after.facts, world);
            for (told, way) in [(&mut judged.before, &before), (&mut judged.after, &after)] {
                for part in [&way.acl.name, &way.routes.name] {
                    told.lines.insert(placed(&name.to_string(), "subnet", part));
                }
            }
            let before = [before];
            let after = [after];
            for new in &after {
                judged
                    .gained
                    .add(subnet::gains(new, &before, &self.comparer));
            }
            for old in &before {
                judged.lost.add(subnet::gains(old, &after, &self.comparer));
            }
        }
        (judged.before.lines != judged.after.lines).then_some(judged)
    }

    fn resource(
        &self,
        id: &str,
        old: &[Piece<'_>],
        new: &[Piece<'_>],
        world: &World,
    ) -> Option<Judged> {
        let kind = kind(&Subject::Resource(id.to_owned()), old, new);
        if kind.starts_with("AWS::NetworkFirewall::") {
            return Some(self.firewall(id, old, new, world));
        }
        if kind == "AWS::EC2::PrefixList" {
            return Some(prefix_list(id, old, new, world, &self.comparer));
        }
        let mut judged = Judged::default();
        exposures(old, new, world, &mut judged, id, &self.comparer);
        let in_what = |pieces: &[Piece<'_>]| {
            pieces
                .first()
                .map(|piece| member::membership(piece, world))
                .unwrap_or_default()
        };
        let (before, after) = (in_what(old), in_what(new));
        for (told, membership) in [(&mut judged.before, &before), (&mut judged.after, &after)] {
            for (place, names) in [
                ("group", &membership.groups),
                ("subnet", &membership.subnets),
            ] {
                for name in names {
                    told.lines.insert(placed(id, place, &name.to_string()));
                }
            }
        }
        let mut told = judged.before.lines != judged.after.lines;
        if before.groups != after.groups || before.present != after.present {
            told &= self.groups_of(&before, &after, world, &mut judged)
                || before.subnets != after.subnets
                || !judged.gained.found.is_empty()
                || !judged.lost.found.is_empty()
                || !judged.gained.open.is_empty();
        }
        if before.present && after.present && before.subnets != after.subnets {
            self.subnets_of(&before, &after, world, &mut judged);
        }
        if before.present != after.present
            && judged.gained == Gains::default()
            && judged.lost == Gains::default()
        {
            return None;
        }
        told.then_some(judged)
    }

    /// What other groups a resource brings to it. Gives whether there was anything to judge.
    fn groups_of(
        &self,
        before: &Membership,
        after: &Membership,
        world: &World,
        judged: &mut Judged,
    ) -> bool {
        // A resource that comes with its groups, or goes with them, is told where they are.
        let exists = |side: &Side<'_>, name: &Name| {
            !matches!(name, Name::Own(_))
                || side.subjects.contains_key(&Subject::Group(name.clone()))
        };
        let with_groups = (!before.present
            && !after.groups.iter().any(|name| exists(&self.before, name)))
            || (!after.present && !before.groups.iter().any(|name| exists(&self.after, name)));
        if with_groups {
            return false;
        }
        let (mut old, mut new) = (Vec::new(), Vec::new());
        for name in before.groups.union(&after.groups) {
            let contents_before = self.before.group(name, world);
            let contents_after = self.after.group(name, world);
            let sides = group::sides(contents_before.as_ref(), contents_after.as_ref());
            let whole =
                |contents: &Option<Contents>| matches!(name, Name::Own(_)) && contents.is_some();
            if before.groups.contains(name) {
                old.extend(sides.before.into_iter().cloned());
                old.extend(opaque_group(name, whole(&contents_before)));
            }
            if after.groups.contains(name) {
                new.extend(sides.after.into_iter().cloned());
                new.extend(opaque_group(name, whole(&contents_after)));
            }
            let was = contents_before.filter(|_| before.groups.contains(name));
            let is = contents_after.filter(|_| after.groups.contains(name));
            judged.faults.extend(faults(was, is));
        }
        for (side, membership, rules) in [
            (&self.before, before, &mut old),
            (&self.after, after, &mut new),
        ] {
            let towards = side.towards(world);
            for name in &membership.groups {
                rules.extend(towards.get(name).into_iter().flatten().cloned());
            }
        }
        // Where the resource names no group, the VPC's default group counts.
        for (membership, rules) in [(before, &mut old), (after, &mut new)] {
            if membership.present && membership.groups.is_empty() {
                let default = Name::Unknown(Unknown::named("the default group"));
                rules.extend(opaque_group(&default, false));
            }
        }
        let old: Vec<&Rule> = old.iter().collect();
        let new: Vec<&Rule> = new.iter().collect();
        judged
            .gained
            .add(compare::gains(&new, &old, &self.comparer));
        judged.lost.add(compare::gains(&old, &new, &self.comparer));
        true
    }

    fn subnets_of(
        &self,
        before: &Membership,
        after: &Membership,
        world: &World,
        judged: &mut Judged,
    ) {
        if before.subnets.is_empty() || after.subnets.is_empty() {
            for gains in [&mut judged.gained, &mut judged.lost] {
                gains.add_open("its subnets are stated on one side only".to_owned());
            }
            return;
        }
        let ways = |side: &Side<'_>, names: &BTreeSet<Name>| -> Vec<subnet::Way> {
            names
                .iter()
                .map(|name| subnet::way(name, &side.subjects, &side.facts, world))
                .collect()
        };
        let (old, new) = (
            ways(&self.before, &before.subnets),
            ways(&self.after, &after.subnets),
        );
        let opaque = |names: &BTreeSet<Name>, others: &BTreeSet<Name>| {
            names
                .difference(others)
                .find(|name| !matches!(name, Name::Own(_)))
                .cloned()
        };
        if let Some(name) = opaque(&after.subnets, &before.subnets) {
            judged.gained.add_open(format!(
                "it moves to {name}, and the template does not say what can reach that subnet"
            ));
        }
        if let Some(name) = opaque(&before.subnets, &after.subnets) {
            judged.lost.add_open(format!(
                "it leaves {name}, and the template does not say what can reach that subnet"
            ));
        }
        for (name, way) in after.subnets.iter().zip(&new) {
            if matches!(name, Name::Own(_)) && !before.subnets.contains(name) {
                judged.gained.add(subnet::gains(way, &old, &self.comparer));
            }
        }
        for (name, way) in before.subnets.iter().zip(&old) {
            if matches!(name, Name::Own(_)) && !after.subnets.contains(name) {
                judged.lost.add(subnet::gains(way, &new, &self.comparer));
            }
        }
    }

    fn firewall(&self, id: &str, old: &[Piece<'_>], new: &[Piece<'_>], world: &World) -> Judged {
        let read = |pieces: &[Piece<'_>]| {
            pieces
                .first()
                .filter(|piece| piece.is_in(world))
                .map(|piece| firewall::firewall(&piece.properties(world)))
        };
        let (before, after) = (read(old), read(new));
        let told = |firewall: &Option<firewall::Firewall>| {
            firewall
                .as_ref()
                .map_or_else(Told::default, |firewall| Told {
                    lines: firewall.lines(id).into_iter().collect(),
                    texts: firewall.rule_texts(id).into_iter().collect(),
                })
        };
        Judged {
            gained: firewall::gains(after.as_ref(), before.as_ref()),
            lost: firewall::losses(after.as_ref(), before.as_ref()),
            before: told(&before),
            after: told(&after),
            ..Judged::default()
        }
    }
}

/// What is wrong with a group, where it differs: the same fault on both sides lets the same through.
fn faults(old: Option<Contents>, new: Option<Contents>) -> BTreeSet<String> {
    if old == new {
        return BTreeSet::new();
    }
    [old, new]
        .into_iter()
        .flatten()
        .flat_map(|contents| contents.faults)
        .collect()
}

fn gains(new: &[Rule], old: &[Rule], comparer: &Comparer) -> Gains {
    let new: Vec<&Rule> = new.iter().collect();
    let old: Vec<&Rule> = old.iter().collect();
    compare::gains(&new, &old, comparer)
}

/// The addresses that members of groups can have, whichever side counts.
fn homes(before: &Side<'_>, after: &Side<'_>) -> BTreeMap<Name, Addresses> {
    let mut homes = BTreeMap::new();
    for (name, home) in before.facts.homes.iter().chain(&after.facts.homes) {
        let known = |side: &Side<'_>| {
            side.facts.homes.contains_key(name)
                || side.pieces(&Subject::Group(name.clone())).is_empty()
        };
        if known(before) && known(after) {
            homes
                .entry(name.clone())
                .or_insert_with(Addresses::default)
                .add(home);
        }
    }
    homes
}

/// The rules of other groups that may be the same as one that the template does not make.
fn namesakes(side: &Side<'_>, name: &Name, world: &World) -> Vec<Rule> {
    if matches!(name, Name::Own(_)) {
        return Vec::new();
    }
    side.groups()
        .filter(|other| *other != name && !matches!(other, Name::Own(_)) && other.may_equal(name))
        .flat_map(|other| {
            let rules = side.group(other, world).map(|contents| contents.rules);
            rules.unwrap_or_default().into_iter().map(move |rule| Rule {
                perhaps: Some(format!("{other} may be the same group")),
                ..rule
            })
        })
        .collect()
}

/// A group of which the template does not say all.
fn opaque_group(name: &Name, whole: bool) -> Vec<Rule> {
    if whole {
        return Vec::new();
    }
    let unknown = match name {
        Name::Unknown(unknown) => unknown.clone(),
        other => Unknown::named(&other.to_string()),
    };
    [Direction::Ingress, Direction::Egress]
        .map(|direction| Rule::opaque(direction, "", unknown.clone(), String::new()))
        .into()
}

/// What a resource opens by itself, before against after.
fn exposures(
    old: &[Piece<'_>],
    new: &[Piece<'_>],
    world: &World,
    judged: &mut Judged,
    id: &str,
    comparer: &Comparer,
) {
    let there = |pieces: &[Piece<'_>]| pieces.iter().any(|piece| piece.is_in(world));
    let one_sided = there(old) != there(new);
    let rules = |pieces: &[Piece<'_>]| -> Vec<Rule> {
        pieces
            .iter()
            .flat_map(|piece| exposure::rules(piece, world))
            // Of a resource that comes or goes, what nobody states is no news.
            .filter(|rule| !(one_sided && matches!(rule.meaning.end, End::Anything(_))))
            .collect()
    };
    let (before, after) = (rules(old), rules(new));
    judged.gained.add(gains(&after, &before, comparer));
    judged.lost.add(gains(&before, &after, comparer));
    judged.before.add(before.iter(), id);
    judged.after.add(after.iter(), id);
}

/// The entries of a prefix list.
fn prefix_list(
    id: &str,
    old: &[Piece<'_>],
    new: &[Piece<'_>],
    world: &World,
    comparer: &Comparer,
) -> Judged {
    let mut judged = Judged::default();
    let mut read = |pieces: &[Piece<'_>]| -> Vec<Rule> {
        let mut rules = Vec::new();
        for piece in pieces.iter().filter(|piece| piece.is_in(world)) {
            for (path, entry) in piece.items("Entries", world) {
                let end = match &entry {
                    Value::Map(entry) => entry
                        .get("Cidr")
                        .and_then(Value::scalar_text)
                        .map(super::address::parse_block),
                    _ => None,
                };
                let end = match end {
                    Some(Ok((_, addresses))) => End::Addresses(addresses),
                    Some(Err(message)) => {
                        judged.faults.insert(format!("{path}.Cidr: {message}"));
                        continue;
                    }
                    None => End::Anything(Unknown::of(&entry, piece.prefix)),
                };
                let meaning = Meaning {
                    direction: Direction::Listed,
                    via: String::new(),
                    traffic: Traffic::ALL,
                    end,
                };
                rules.push(Rule::new(meaning, piece.source()));
            }
        }
        rules
    };
    let (before, after) = (read(old), read(new));
    judged.gained = gains(&after, &before, comparer);
    judged.lost = gains(&before, &after, comparer);
    judged.before = Told::rules(before.iter(), id);
    judged.after = Told::rules(after.iter(), id);
    judged
}

fn placed(source: &str, place: &str, name: &str) -> Line {
    Line {
        source: source.to_owned(),
        place: place.to_owned(),
        effect: "-".to_owned(),
        resource: name.to_owned(),
        ..Line::default()
    }
}
