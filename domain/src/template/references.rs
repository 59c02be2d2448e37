//! Every name that resources and outputs refer to must exist, also in branches that the parameters don't choose.

use std::collections::BTreeSet;
use std::fmt::Arguments;

use super::evaluate::Evaluator;
use super::intrinsic::reference::{Attribute, PSEUDO_PARAMETERS, get_att_parts};
use super::intrinsic::sub::{self, Piece};
use super::node::{Entry, Node, Position};
use super::suggestion::did_you_mean;

/// Names that the template declares, besides those of its parameters and mappings.
pub(super) struct Declared<'n> {
    pub resources: BTreeSet<&'n str>,
    pub conditions: BTreeSet<&'n str>,
}

/// Reports every reference in the entries of a section that names nothing.
pub(super) fn check(
    e: &mut Evaluator<'_>,
    section: &str,
    entries: &[Entry],
    declared: &Declared<'_>,
) {
    let mut checker = Checker { declared };
    e.within(section, |e| {
        for entry in entries {
            e.within(&entry.key, |e| {
                for attribute in entry.value.as_map().unwrap_or_default() {
                    // These hold plain names, not functions.
                    match attribute.key.as_str() {
                        "Condition" => checker.condition(e, &attribute.value, "the condition"),
                        "DependsOn" => {
                            e.within("DependsOn", |e| checker.depends_on(e, &attribute.value))
                        }
                        key => e.within(key, |e| checker.walk(e, &attribute.value)),
                    }
                }
            });
        }
    });
}

struct Checker<'d, 'n> {
    declared: &'d Declared<'n>,
}

impl Checker<'_, '_> {
    fn walk(&mut self, e: &mut Evaluator<'_>, node: &Node) {
        if let Some(items) = node.as_list() {
            for (i, item) in items.iter().enumerate() {
                e.within_item(i, |e| self.walk(e, item));
            }
            return;
        }
        let entries = node.as_map().unwrap_or_default();
        if let [entry] = entries
            && (entry.key == "Ref" || entry.key.starts_with("Fn::"))
        {
            self.function(e, &entry.key, &entry.value);
            return;
        }
        for entry in entries {
            e.within(&entry.key, |e| self.walk(e, &entry.value));
        }
    }

    fn function(&mut self, e: &mut Evaluator<'_>, key: &str, argument: &Node) {
        match key {
            "Ref" => {
                if let Some(name) = argument.as_str() {
                    self.reference(e, name, format_args!("`!Ref {name}`"), argument.at);
                }
                return;
            }
            "Fn::GetAtt" => {
                if let Some((resource, attribute)) = get_att_parts(argument) {
                    self.resource(
                        e,
                        resource,
                        format_args!("`!GetAtt` of `{resource}`"),
                        argument.at,
                    );
                    if let Attribute::Node(node) = attribute {
                        self.walk(e, node);
                    }
                }
                return;
            }
            "Fn::Sub" => self.sub(e, argument),
            "Fn::If" => {
                if let Some([name, ..]) = argument.as_list() {
                    self.condition(e, name, "Fn::If");
                }
            }
            "Fn::FindInMap" => {
                if let Some([map, _, _]) = argument.as_list()
                    && let Some(name) = map.as_str()
                    && !e.template.mappings.contains_key(name)
                {
                    let hint = did_you_mean(name, e.template.mappings.keys().map(String::as_str));
                    e.report(map.at, format!("there is no mapping `{name}`.{hint}"));
                }
            }
            _ => {}
        }
        // Arguments hold functions too, but their places in a list say nothing to a reader.
        match argument.as_list() {
            Some(items) => items.iter().for_each(|item| self.walk(e, item)),
            None => self.walk(e, argument),
        }
    }

    fn sub(&mut self, e: &mut Evaluator<'_>, argument: &Node) {
        let Some((text, variables)) = sub::parts(argument) else {
            return;
        };
        for piece in sub::pieces(text) {
            let Piece::Variable(name) = piece else {
                continue;
            };
            if variables.is_some_and(|variables| variables.get(name).is_some())
                || !sub::is_variable_name(name)
            {
                continue;
            }
            let call = format_args!("`${{{name}}}` in Fn::Sub");
            match name.split_once('.') {
                Some((resource, _)) => self.resource(e, resource, call, argument.at),
                None => self.reference(e, name, call, argument.at),
            }
        }
    }

    fn reference(&self, e: &mut Evaluator<'_>, name: &str, call: Arguments<'_>, at: Position) {
        if e.parameters.contains_key(name)
            || PSEUDO_PARAMETERS.contains(&name)
            || self.declared.resources.contains(name)
        {
            return;
        }
        let names = e
            .parameters
            .keys()
            .map(String::as_str)
            .chain(PSEUDO_PARAMETERS);
        let hint = did_you_mean(name, names.chain(self.declared.resources.iter().copied()));
        e.report(
            at,
            format!("{call} names nothing: there is no parameter or resource `{name}`.{hint}"),
        );
    }

    fn resource(&self, e: &mut Evaluator<'_>, name: &str, call: Arguments<'_>, at: Position) {
        if !self.declared.resources.contains(name) {
            let hint = did_you_mean(name, self.declared.resources.iter().copied());
            e.report(
                at,
                format!("{call} names nothing: there is no resource `{name}`.{hint}"),
            );
        }
    }

    fn condition(&self, e: &mut Evaluator<'_>, node: &Node, what: &str) {
        match node.as_str() {
            Some(name) if self.declared.conditions.contains(name) => {}
            Some(name) => {
                let hint = did_you_mean(name, self.declared.conditions.iter().copied());
                e.report(
                    node.at,
                    format!("{what} names nothing: there is no condition `{name}`.{hint}"),
                );
            }
            None => {
                let message = format!(
                    "{what} is given {}; it needs the name of a condition.",
                    node.described()
                );
                e.report(node.at, message);
            }
        }
    }

    fn depends_on(&self, e: &mut Evaluator<'_>, node: &Node) {
        let items = node.as_list().unwrap_or(std::slice::from_ref(node));
        for item in items {
            match item.as_str() {
                Some(name) => self.resource(e, name, format_args!("`{name}`"), item.at),
                None => {
                    let message = format!(
                        "DependsOn holds {}; it must be a resource's name or a list of names.",
                        item.described()
                    );
                    e.report(item.at, message);
                }
            }
        }
    }
}
