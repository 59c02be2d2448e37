//! `Fn::ForEach`: loops in Conditions, Resources, Outputs and properties, written out before anything is resolved.
//! Source: AWS CloudFormation Template Reference, "Fn::ForEach".

use std::collections::{BTreeMap, HashSet};

use super::evaluate::{Evaluator, Place, Reported, shown};
use super::node::{Entry, Kind, Node, Position};
use super::parse::LANGUAGE_EXTENSIONS;
use super::value::Value;

/// What the key of a loop starts with; its name follows.
pub(super) const PREFIX: &str = "Fn::ForEach::";

/// Identifiers of the loops around a node, with the item of this turn.
type Bindings = Vec<(String, String)>;

/// A section with all its loops written out.
pub(super) fn expand(e: &mut Evaluator<'_>, section: &[Entry]) -> Result<Vec<Entry>, Reported> {
    e.place = Place::Loop;
    let mut expander = Expander {
        e,
        bindings: Vec::new(),
        names: BTreeMap::new(),
    };
    expander.entries(section)
}

/// Whether a loop stands anywhere in it.
// As deep as the template's nesting, which parsing bounds.
pub(super) fn has_loops(node: &Node) -> bool {
    match &node.kind {
        Kind::Bool(_) | Kind::Number(_) | Kind::String(_) => false,
        Kind::List(items) => items.iter().any(has_loops),
        Kind::Map(entries) => entries
            .iter()
            .any(|entry| entry.key.starts_with(PREFIX) || has_loops(&entry.value)),
    }
}

struct Expander<'e, 't> {
    e: &'e mut Evaluator<'t>,
    bindings: Bindings,
    /// Loops by name, with the place of each: a name may stand at one place only.
    names: BTreeMap<String, Position>,
}

impl Expander<'_, '_> {
    fn node(&mut self, node: &Node) -> Result<Node, Reported> {
        let kind = match &node.kind {
            Kind::Bool(flag) => Kind::Bool(*flag),
            Kind::Number(text) => Kind::Number(text.clone()),
            Kind::String(text) => Kind::String(self.substituted(text, node.at)?),
            Kind::List(items) => {
                let mut list = Vec::with_capacity(items.len());
                for item in items {
                    list.push(self.node(item)?);
                }
                Kind::List(list)
            }
            Kind::Map(entries) => match self.bound_reference(node) {
                Some(item) => Kind::String(item),
                None => Kind::Map(self.entries(entries)?),
            },
        };
        self.e.spend(64, node.at)?;
        Ok(Node { at: node.at, kind })
    }

    /// The item, when this is a `Ref` to the identifier of a loop around it.
    fn bound_reference(&self, node: &Node) -> Option<String> {
        let name = node
            .only_entry()
            .filter(|entry| entry.key == "Ref")?
            .value
            .as_str()?;
        self.bindings
            .iter()
            .find(|(identifier, _)| identifier == name)
            .map(|(_, item)| item.clone())
    }

    fn entries(&mut self, entries: &[Entry]) -> Result<Vec<Entry>, Reported> {
        let mut written = Vec::with_capacity(entries.len());
        self.write_entries(entries, &mut written)?;
        let mut seen = HashSet::new();
        for entry in &written {
            if !seen.insert(entry.key.as_str()) {
                let message = format!(
                    "the key `{}` comes twice once loops are written out. Use the loop's identifier in the key.",
                    entry.key
                );
                return Err(self.e.report(entry.at, message));
            }
        }
        Ok(written)
    }

    fn write_entries(
        &mut self,
        entries: &[Entry],
        written: &mut Vec<Entry>,
    ) -> Result<(), Reported> {
        for entry in entries {
            if let Some(name) = entry.key.strip_prefix(PREFIX) {
                self.begin(entry, name)?;
                self.within(&entry.key, |expander| expander.repeat(entry, written))?;
                continue;
            }
            let key = self.substituted(&entry.key, entry.at)?;
            let value = self.within(&key, |expander| expander.node(&entry.value))?;
            written.push(Entry {
                key,
                at: entry.at,
                value,
            });
        }
        Ok(())
    }

    fn within<T>(&mut self, step: &str, work: impl FnOnce(&mut Self) -> T) -> T {
        self.e.enter(step);
        let result = work(self);
        self.e.leave();
        result
    }

    /// What must hold for a loop before it turns.
    fn begin(&mut self, entry: &Entry, name: &str) -> Result<(), Reported> {
        if !self.e.template.has_language_extensions() {
            let message = format!(
                "Fn::ForEach needs `Transform: {LANGUAGE_EXTENSIONS}` at the top of the template. Add it."
            );
            return Err(self.e.report(entry.at, message));
        }
        if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric()) {
            let message = format!(
                "the loop's name in `{}` may hold only letters and digits.",
                entry.key
            );
            return Err(self.e.report(entry.at, message));
        }
        if *self.names.entry(name.to_owned()).or_insert(entry.at) != entry.at {
            return Err(self.e.report(
                entry.at,
                format!("another loop is called `{name}`. Give each its own name."),
            ));
        }
        Ok(())
    }

    fn repeat(&mut self, entry: &Entry, written: &mut Vec<Entry>) -> Result<(), Reported> {
        let form = "a list of an identifier, a collection and a map";
        let [identifier, collection, fragment] = self.e.arguments(&entry.value, form, &[3])? else {
            return Err(Reported);
        };
        let Some(name) = identifier.as_str().filter(|name| !name.is_empty()) else {
            let message = format!(
                "the loop's identifier is {}; it must be a text.",
                identifier.described()
            );
            return Err(self.e.report(identifier.at, message));
        };
        if self.e.parameters.contains_key(name)
            || self.bindings.iter().any(|(bound, _)| bound == name)
        {
            let message = format!(
                "the identifier `{name}` is also a parameter or the identifier of an outer loop. Rename it."
            );
            return Err(self.e.report(identifier.at, message));
        }
        let Some(fragment) = fragment.as_map() else {
            let message = format!(
                "what the loop repeats is {}; it must be a map.",
                fragment.described()
            );
            return Err(self.e.report(fragment.at, message));
        };
        for item in self.items(collection)? {
            self.bindings.push((name.to_owned(), item));
            let result = self.write_entries(fragment, written);
            self.bindings.pop();
            result?;
        }
        Ok(())
    }

    fn items(&mut self, collection: &Node) -> Result<Vec<String>, Reported> {
        let collection = self.node(collection)?;
        let items = match self.e.present(&collection, "the loop's collection")? {
            Value::List(items) => items,
            Value::Symbol(symbol) => {
                let message = format!(
                    "the loop's collection must be known before deployment, and `{symbol}` is not."
                );
                return Err(self.e.report(collection.at, message));
            }
            other => {
                let message = format!(
                    "the loop's collection is {}; it must be a list.",
                    other.described()
                );
                return Err(self.e.report(collection.at, message));
            }
        };
        let mut texts = Vec::with_capacity(items.len());
        for item in &items {
            match item.scalar_text() {
                Some(text) => texts.push(text.to_owned()),
                None => {
                    let message = format!(
                        "the loop's collection holds `{}`; it may hold only known texts.",
                        shown(item)
                    );
                    return Err(self.e.report(collection.at, message));
                }
            }
        }
        Ok(texts)
    }

    /// `text` with `${Identifier}` replaced by the item and `&{Identifier}` by its letters and digits.
    fn substituted(&mut self, text: &str, at: Position) -> Result<String, Reported> {
        self.e.spend(text.len(), at)?;
        if self.bindings.is_empty() {
            return Ok(text.to_owned());
        }
        let mut result = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(start) = rest.find(['$', '&']) {
            let (before, from) = rest.split_at(start);
            result.push_str(before);
            let found = self.bindings.iter().find_map(|(identifier, item)| {
                let after = from[1..]
                    .strip_prefix('{')?
                    .strip_prefix(identifier.as_str())?
                    .strip_prefix('}')?;
                Some((item, after))
            });
            match found {
                Some((item, after)) => {
                    self.e.spend(item.len(), at)?;
                    if from.starts_with('&') {
                        result.extend(item.chars().filter(char::is_ascii_alphanumeric));
                    } else {
                        result.push_str(item);
                    }
                    rest = after;
                }
                None => {
                    result.push_str(&from[..1]);
                    rest = &from[1..];
                }
            }
        }
        result.push_str(rest);
        Ok(result)
    }
}
