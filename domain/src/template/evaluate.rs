//! Walking a template's tree and giving every node its value.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Arguments;

use super::budget::Budget;
use super::conditions::Decision;
use super::context::Context;
use super::error::TemplateError;
use super::intrinsic;
use super::node::{Kind, Node, Position};
use super::parameters::ResolvedParameter;
use super::parse::Template;
use super::suggestion::did_you_mean;
use super::tags::is_function;
use super::text::{self, Text};
use super::value::Value;

/// A problem was added to [`Problems`]; whoever gets this has nothing more to say.
#[derive(Debug)]
pub(super) struct Reported;

/// Where in the template the walk is: functions differ in where they may stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// The collection of an `Fn::ForEach`.
    Loop,
    Conditions,
    Resources,
    Outputs,
}

/// Everything found wrong so far.
#[derive(Debug)]
pub(super) struct Problems {
    file: String,
    found: Vec<TemplateError>,
}

impl Problems {
    /// More than anyone reads at once.
    const MOST: usize = 100;

    pub fn new(file: &str) -> Self {
        Self {
            file: file.to_owned(),
            found: Vec::new(),
        }
    }

    pub fn add(&mut self, at: Position, path: String, message: impl Into<String>) -> Reported {
        let message = message.into();
        let known = self
            .found
            .iter()
            .any(|e| e.at == at && e.path == path && e.message == message);
        if self.found.len() < Self::MOST && !known {
            self.found.push(TemplateError {
                file: self.file.clone(),
                at,
                path,
                message,
            });
        }
        Reported
    }

    /// Ends a stage: what was found, if anything.
    pub fn stop_if_any(&mut self) -> Result<(), Vec<TemplateError>> {
        if self.found.is_empty() {
            Ok(())
        } else {
            Err(std::mem::take(&mut self.found))
        }
    }
}

pub(super) struct Evaluator<'t> {
    pub template: &'t Template,
    pub context: &'t Context,
    pub parameters: &'t BTreeMap<String, ResolvedParameter>,
    pub conditions: BTreeMap<String, Decision>,
    /// Every declared resource; with the condition's name when that keeps it out of the stack.
    pub resources: BTreeMap<String, Option<String>>,
    pub place: Place,
    /// Resources referred to since this was last emptied.
    pub uses: BTreeSet<String>,
    pub problems: Problems,
    /// Where the walk is, as messages show it.
    path: String,
    /// How long the path was before each step.
    steps: Vec<usize>,
    budget: Budget,
}

impl<'t> Evaluator<'t> {
    pub fn new(
        template: &'t Template,
        context: &'t Context,
        parameters: &'t BTreeMap<String, ResolvedParameter>,
    ) -> Self {
        Self {
            template,
            context,
            parameters,
            conditions: BTreeMap::new(),
            resources: BTreeMap::new(),
            place: Place::Loop,
            uses: BTreeSet::new(),
            problems: Problems::new(&template.file),
            path: String::new(),
            steps: Vec::new(),
            budget: Budget::default(),
        }
    }

    /// Runs `work` one step deeper in the path that messages show.
    pub fn within<T>(&mut self, step: &str, work: impl FnOnce(&mut Self) -> T) -> T {
        self.enter(step);
        let result = work(self);
        self.leave();
        result
    }

    /// Runs `work` for an item of a list, whose place messages show.
    pub fn within_item<T>(&mut self, place: usize, work: impl FnOnce(&mut Self) -> T) -> T {
        self.steps.push(self.path.len());
        self.path.push('[');
        self.path.push_str(&place.to_string());
        self.path.push(']');
        let result = work(self);
        self.leave();
        result
    }

    /// One step deeper, until [`leave`](Self::leave).
    pub fn enter(&mut self, step: &str) {
        self.steps.push(self.path.len());
        if !self.path.is_empty() {
            self.path.push('.');
        }
        self.path.push_str(step);
    }

    pub fn leave(&mut self) {
        if let Some(length) = self.steps.pop() {
            self.path.truncate(length);
        }
    }

    pub fn report(&mut self, at: Position, message: impl Into<String>) -> Reported {
        self.problems.add(at, self.path.clone(), message)
    }

    /// Takes from the bound on how much a template may grow to.
    pub fn spend(&mut self, bytes: usize, at: Position) -> Result<(), Reported> {
        if self.budget.take(bytes) {
            return Ok(());
        }
        Err(self.report(
            at,
            "the template grows too large when its functions are worked out. Repeat less in it.",
        ))
    }

    /// The value of a node; `None` is `AWS::NoValue`.
    pub fn value(&mut self, node: &Node) -> Result<Option<Value>, Reported> {
        match &node.kind {
            Kind::Bool(flag) => {
                self.spend(64, node.at)?;
                Ok(Some(Value::Bool(*flag)))
            }
            Kind::Number(text) => {
                self.spend(64 + text.len(), node.at)?;
                Ok(Some(Value::Number(text.clone())))
            }
            Kind::String(text) => {
                self.spend(64 + text.len(), node.at)?;
                Ok(Some(text::literal(text)))
            }
            Kind::List(items) => self
                .list(items, node.at)
                .map(|items| Some(Value::List(items))),
            Kind::Map(entries) => match entries.as_slice() {
                [entry] if entry.key == "Ref" || entry.key.starts_with("Fn::") => {
                    intrinsic::call(self, &entry.key, &entry.value, entry.at)
                }
                _ => self.map(node).map(Some),
            },
        }
    }

    fn list(&mut self, items: &[Node], at: Position) -> Result<Vec<Value>, Reported> {
        self.spend(64, at)?;
        let mut values = Vec::with_capacity(items.len());
        let mut failed = None;
        for (i, item) in items.iter().enumerate() {
            match self.within_item(i, |e| e.value(item)) {
                Ok(value) => values.extend(value),
                Err(reported) => failed = Some(reported),
            }
        }
        failed.map_or(Ok(values), Err)
    }

    fn map(&mut self, node: &Node) -> Result<Value, Reported> {
        self.spend(64, node.at)?;
        let mut values = Vec::new();
        let mut failed = None;
        for entry in node.as_map().unwrap_or_default() {
            // A macro may stand beside the keys that it adds to; no other function may.
            let result = if entry.key == "Fn::Transform" {
                intrinsic::call(self, &entry.key, &entry.value, entry.at)
            } else if is_function(&entry.key) {
                Err(self.report(
                    entry.at,
                    format!(
                        "`{}` must be the only key of its map. Remove the other keys.",
                        entry.key
                    ),
                ))
            } else {
                self.spend(64 + entry.key.len(), entry.at)
                    .and_then(|()| self.within(&entry.key, |e| e.value(&entry.value)))
            };
            match result {
                Ok(Some(value)) => {
                    values.push((entry.key.clone(), value));
                }
                Ok(None) => {}
                Err(reported) => failed = Some(reported),
            }
        }
        match failed {
            None => Ok(Value::Map(values.into_iter().collect())),
            Some(reported) => Err(reported),
        }
    }

    /// The value of a node where one must be.
    pub fn present(&mut self, node: &Node, what: &str) -> Result<Value, Reported> {
        match self.value(node)? {
            Some(value) => Ok(value),
            None => Err(self.report(
                node.at,
                format!("{what} is AWS::NoValue; it needs a value."),
            )),
        }
    }

    /// A value as text, known or not.
    pub fn text(&mut self, node: &Node, what: &str) -> Result<Value, Reported> {
        let value = self.present(node, what)?;
        let mut text = Text::default();
        match text.push_value(value) {
            Ok(()) => Ok(text.into_value()),
            Err(found) => {
                Err(self.report(node.at, format!("{what} is {found}; it must be a text.")))
            }
        }
    }

    /// A text that must be known before deployment.
    pub fn known_text(&mut self, node: &Node, what: &str) -> Result<String, Reported> {
        match self.text(node, what)? {
            Value::String(text) => Ok(text),
            other => Err(self.report(
                node.at,
                format!(
                    "{what} must be known before deployment, and `{}` is not.",
                    shown(&other)
                ),
            )),
        }
    }

    /// The arguments of a function that takes a list of them.
    pub fn arguments<'n>(
        &mut self,
        node: &'n Node,
        form: &str,
        counts: &[usize],
    ) -> Result<&'n [Node], Reported> {
        let message = match node.as_list() {
            Some(items) if counts.contains(&items.len()) => return Ok(items),
            Some(items) => format!("arguments given: {}. Write {form}.", items.len()),
            None => format!(
                "the arguments are {}, not a list. Write {form}.",
                node.described()
            ),
        };
        Err(self.report(node.at, message))
    }

    /// Records that a resource is referred to. Says so when it doesn't exist or isn't made.
    pub fn use_resource(
        &mut self,
        name: &str,
        call: Arguments<'_>,
        at: Position,
    ) -> Result<(), Reported> {
        match self.place {
            Place::Loop => {
                return Err(self.report(
                    at,
                    format!(
                        "{call} is not known before deployment, and a loop needs known values."
                    ),
                ));
            }
            Place::Conditions => {
                return Err(self.report(
                    at,
                    format!("{call} is a resource, which Conditions can't look at. Use a parameter or a mapping."),
                ));
            }
            Place::Resources | Place::Outputs => {}
        }
        match self.resources.get(name) {
            Some(None) => {
                if !self.uses.contains(name) {
                    self.uses.insert(name.to_owned());
                }
                Ok(())
            }
            Some(Some(condition)) => {
                let message = format!(
                    "{call} is a resource that this stack doesn't make: its condition `{condition}` is false. \
                     Wrap this in Fn::If with that condition."
                );
                Err(self.report(at, message))
            }
            None => {
                let hint = did_you_mean(name, self.resources.keys().map(String::as_str));
                Err(self.report(
                    at,
                    format!("{call} names nothing: there is no resource `{name}`.{hint}"),
                ))
            }
        }
    }
}

/// A value for a message.
pub(super) fn shown(value: &Value) -> String {
    match value.to_json() {
        serde_json::Value::String(text) => text,
        json => json.to_string(),
    }
}
