//! A template and a context into the stack that would stand: what is known, known; the rest symbolic.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::conditions::{self, Decision};
use super::context::Context;
use super::error::TemplateError;
use super::evaluate::{Evaluator, Place, Problems, Reported};
use super::limits::name_fault;
use super::node::{Entry, Node, Position};
use super::parameters::{self, ResolvedParameter};
use super::parse::{LANGUAGE_EXTENSIONS, Template};
use super::references::{self, Declared};
use super::resource::{self, Resource};
use super::suggestion::did_you_mean;
use super::value::Value;
use super::{dependencies, foreach};

/// A template with its parameters put in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolved {
    pub parameters: BTreeMap<String, ResolvedParameter>,
    pub conditions: BTreeMap<String, Decision>,
    /// By logical id, without those whose condition is false.
    pub resources: BTreeMap<String, Resource>,
    /// Without those whose condition is false.
    pub outputs: BTreeMap<String, Output>,
    /// Resources once loops are written out, whatever their conditions say: what CloudFormation's limit counts.
    pub declared_resources: usize,
    /// Outputs, counted the same way.
    pub declared_outputs: usize,
}

/// An output of the stack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    pub value: Value,
    pub description: Option<String>,
    /// The name under which other stacks import it.
    pub export: Option<Value>,
    /// The condition that the deployment decides, if any.
    pub condition: Option<String>,
}

/// Resolves a template. The same template and context always give the same result.
///
/// # Errors
/// Everything found wrong in the first stage that fails (parameters, loops, references, conditions, values, circles),
/// each with its path, line and column.
pub fn resolve(template: &Template, context: &Context) -> Result<Resolved, Vec<TemplateError>> {
    check_transforms(template)?;
    let parameters = parameters::resolve(&template.parameters, context).map_err(|faults| {
        let mut problems = Problems::new(&template.file);
        for fault in faults {
            let at = fault.at.unwrap_or(Position::START);
            problems.add(at, format!("Parameters.{}", fault.name), fault.message);
        }
        problems.stop_if_any().err().unwrap_or_default()
    })?;
    let mut evaluator = Evaluator::new(template, context, &parameters);
    let e = &mut evaluator;

    let conditions = section(e, "Conditions", template.conditions.as_ref());
    let declared = section(e, "Resources", Some(&template.resources));
    let declared_outputs = section(e, "Outputs", template.outputs.as_ref());
    e.problems.stop_if_any()?;

    check_forms(e, &conditions, &declared, &declared_outputs);
    let names = Declared {
        resources: declared.iter().map(|entry| entry.key.as_str()).collect(),
        conditions: conditions.iter().map(|entry| entry.key.as_str()).collect(),
    };
    references::check(e, "Resources", &declared, &names);
    references::check(e, "Outputs", &declared_outputs, &names);
    e.problems.stop_if_any()?;

    conditions::decide_all(e, &conditions);
    e.problems.stop_if_any()?;

    e.resources = declared
        .iter()
        .map(|entry| (entry.key.clone(), left_out(e, entry)))
        .collect();
    e.place = Place::Resources;
    let mut resources = BTreeMap::new();
    for entry in declared.iter() {
        if left_out(e, entry).is_some() {
            continue;
        }
        let condition = open_condition(e, entry);
        let resolved = e.within("Resources", |e| {
            e.within(&entry.key, |e| resource::resolve(e, entry, condition))
        });
        if let Ok(resource) = resolved {
            resources.insert(entry.key.clone(), resource);
        }
    }
    e.place = Place::Outputs;
    let mut outputs = BTreeMap::new();
    for entry in declared_outputs.iter() {
        if left_out(e, entry).is_some() {
            continue;
        }
        let resolved = e.within("Outputs", |e| e.within(&entry.key, |e| output(e, entry)));
        if let Ok(output) = resolved {
            outputs.insert(entry.key.clone(), output);
        }
    }
    e.problems.stop_if_any()?;

    dependencies::check(e, &resources, &declared);
    e.problems.stop_if_any()?;

    let conditions = std::mem::take(&mut e.conditions);
    Ok(Resolved {
        conditions,
        resources,
        outputs,
        declared_resources: declared.len(),
        declared_outputs: declared_outputs.len(),
        parameters,
    })
}

/// A macro over the whole template may rewrite anything, so what stands in the file says nothing certain.
fn check_transforms(template: &Template) -> Result<(), Vec<TemplateError>> {
    let mut problems = Problems::new(&template.file);
    for transform in template
        .transforms
        .iter()
        .filter(|transform| transform.name != LANGUAGE_EXTENSIONS)
    {
        let message = format!(
            "the macro `{}` rewrites the template inside AWS, so its outcome can't be known here. \
             Give the processed template instead.",
            transform.name
        );
        problems.add(transform.at, "Transform".to_owned(), message);
    }
    problems.stop_if_any()
}

/// The entries of a section with loops written out; none when that failed, which is reported.
fn section<'t>(e: &mut Evaluator<'t>, name: &str, node: Option<&'t Node>) -> Cow<'t, [Entry]> {
    let Some(node) = node else {
        return Cow::default();
    };
    let Some(entries) = node.as_map() else {
        let message = format!("the section is {}; it must be a map.", node.described());
        e.within(name, |e| e.report(node.at, message));
        return Cow::default();
    };
    if !foreach::has_loops(node) {
        return Cow::Borrowed(entries);
    }
    match e.within(name, |e| foreach::expand(e, entries)) {
        Ok(written) => Cow::Owned(written),
        Err(Reported) => Cow::default(),
    }
}

const OUTPUT_KEYS: [&str; 4] = ["Condition", "Description", "Export", "Value"];

fn check_forms(
    e: &mut Evaluator<'_>,
    conditions: &[Entry],
    resources: &[Entry],
    outputs: &[Entry],
) {
    e.within("Conditions", |e| {
        for entry in conditions {
            if let Some(message) = name_fault("condition", &entry.key) {
                e.report(entry.at, message);
            }
        }
    });
    e.within("Resources", |e| {
        for entry in resources {
            e.within(&entry.key, |e| resource::check_form(e, entry));
        }
    });
    e.within("Outputs", |e| {
        for entry in outputs {
            e.within(&entry.key, |e| check_output(e, entry));
        }
    });
}

fn check_output(e: &mut Evaluator<'_>, entry: &Entry) {
    if let Some(message) = name_fault("output", &entry.key) {
        e.report(entry.at, message);
    }
    let Some(fields) = entry.value.as_map() else {
        let message = format!(
            "the output is {}; it must be a map with a `Value`.",
            entry.value.described()
        );
        e.report(entry.value.at, message);
        return;
    };
    for field in fields
        .iter()
        .filter(|field| !OUTPUT_KEYS.contains(&field.key.as_str()))
    {
        let hint = did_you_mean(&field.key, OUTPUT_KEYS.into_iter());
        e.report(
            field.at,
            format!("`{}` is no attribute of an output.{hint}", field.key),
        );
    }
    if entry.value.get("Value").is_none() {
        e.report(entry.at, "the output has no `Value`. Add one.");
    }
    if let Some(node) = entry.value.get("Description")
        && node.scalar_text().is_none()
    {
        e.report(
            node.at,
            format!(
                "the Description is {}; it must be a text.",
                node.described()
            ),
        );
    }
    if let Some(node) = entry.value.get("Export")
        && node.only_entry().is_none_or(|export| export.key != "Name")
    {
        e.report(node.at, "the Export must be a map with one key, `Name`.");
    }
}

fn condition_of(entry: &Entry) -> Option<&str> {
    entry.value.get("Condition").and_then(Node::as_str)
}

/// The condition that keeps this resource or output out of the stack.
fn left_out(e: &Evaluator<'_>, entry: &Entry) -> Option<String> {
    condition_of(entry)
        .filter(|name| e.conditions.get(*name) == Some(&Decision::False))
        .map(str::to_owned)
}

/// The condition of this resource or output that the deployment decides.
fn open_condition(e: &Evaluator<'_>, entry: &Entry) -> Option<String> {
    condition_of(entry)
        .filter(|name| matches!(e.conditions.get(*name), Some(Decision::Undecided(_))))
        .map(str::to_owned)
}

fn output(e: &mut Evaluator<'_>, entry: &Entry) -> Result<Output, Reported> {
    let value = entry.value.get("Value").ok_or(Reported)?;
    let value = e.within("Value", |e| e.present(value, "the output's value"));
    let export = match entry
        .value
        .get("Export")
        .and_then(|export| export.get("Name"))
    {
        Some(name) => e
            .within("Export.Name", |e| e.text(name, "the export's name"))
            .map(Some),
        None => Ok(None),
    };
    Ok(Output {
        value: value?,
        description: entry
            .value
            .get("Description")
            .and_then(Node::scalar_text)
            .map(str::to_owned),
        export: export?,
        condition: open_condition(e, entry),
    })
}
