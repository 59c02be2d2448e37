//! A template's sections, read from a file and checked in form.
//! Source: AWS CloudFormation User Guide, "CloudFormation template sections".

use std::collections::BTreeMap;

use super::error::{Fault, ParseError};
use super::limits::{MAX_BUCKET_BYTES, name_fault};
use super::node::{Entry, Kind, Node, Position};
use super::parameters::ParameterDeclaration;
use super::suggestion::did_you_mean;
use super::value::Value;
use super::{json, yaml};

/// Two levels of keys above scalars or lists of scalars.
pub type Mapping = BTreeMap<String, BTreeMap<String, Value>>;

/// A macro that the template as a whole goes through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transform {
    pub at: Position,
    pub name: String,
}

/// A template that reads well. Loops, conditions and functions are still as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    /// As given to [`parse`]; error messages start with it.
    pub file: String,
    pub source_bytes: usize,
    pub description: Option<String>,
    pub metadata: Option<Node>,
    pub parameters: BTreeMap<String, ParameterDeclaration>,
    /// Checked to be a map; CloudFormation itself evaluates rules when a change set is made.
    pub rules: Option<Node>,
    pub mappings: BTreeMap<String, Mapping>,
    pub conditions: Option<Node>,
    pub transforms: Vec<Transform>,
    /// A map with at least one entry.
    pub resources: Node,
    pub outputs: Option<Node>,
    pub hooks: Option<Node>,
}

const SECTIONS: [&str; 11] = [
    "AWSTemplateFormatVersion",
    "Conditions",
    "Description",
    "Hooks",
    "Mappings",
    "Metadata",
    "Outputs",
    "Parameters",
    "Resources",
    "Rules",
    "Transform",
];

const FORMAT_VERSION: &str = "2010-09-09";

/// The transform that `Fn::ForEach`, `Fn::Length`, `Fn::ToJsonString` and a default in `Fn::FindInMap` need.
pub(super) const LANGUAGE_EXTENSIONS: &str = "AWS::LanguageExtensions";

/// Reads a template. One that starts with `{` or `[` is JSON, anything else YAML, as CloudFormation decides it.
/// `file_name` only names it in messages.
pub fn parse(file_name: &str, source: &str) -> Result<Template, ParseError> {
    read(file_name, source).map_err(|fault| fault.of(file_name))
}

/// Reads a file of values that belongs to a template, such as its parameters: JSON when it starts with `{` or `[`,
/// anything else YAML. `file_name` only names it in messages.
///
/// # Errors
/// Where it is neither, and where it goes over the bounds that hold for templates.
pub fn parse_values(file_name: &str, source: &str) -> Result<Node, ParseError> {
    tree(source)
        .and_then(|root| {
            root.ok_or_else(|| {
                Fault::new(
                    Position::START,
                    "the file is empty. Write {} for no values.",
                )
            })
        })
        .map_err(|fault| fault.of(file_name))
}

fn tree(source: &str) -> Result<Option<Node>, Fault> {
    let text = source.strip_prefix('\u{feff}').unwrap_or(source);
    if text.trim_start().starts_with(['{', '[']) {
        json::read(text).map(Some)
    } else {
        yaml::read(text)
    }
}

fn read(file_name: &str, source: &str) -> Result<Template, Fault> {
    if source.len() > MAX_BUCKET_BYTES {
        let message = format!(
            "the template has {} bytes, and CloudFormation's limit is {MAX_BUCKET_BYTES}. Split it into several stacks.",
            source.len()
        );
        return Err(Fault::new(Position::START, message));
    }
    let Some(root) = tree(source)? else {
        return Err(Fault::new(
            Position::START,
            "the template is empty. It needs at least a `Resources` section.",
        ));
    };
    let at = root.at;
    map_of(&root, "the template")?;
    let sections = root.into_map();
    for section in &sections {
        if !SECTIONS.contains(&section.key.as_str()) {
            let hint = did_you_mean(&section.key, SECTIONS.into_iter());
            let message = format!(
                "`{}` is no section of a template.{hint} There are: {}.",
                section.key,
                SECTIONS.join(", ")
            );
            return Err(Fault::new(section.at, message));
        }
    }
    let mut sections: BTreeMap<String, Entry> = sections
        .into_iter()
        .map(|section| (section.key.clone(), section))
        .collect();
    check_format_version(sections.get("AWSTemplateFormatVersion"))?;
    let description = sections.get("Description").map(description).transpose()?;
    let transforms = sections.get("Transform").map(transforms).transpose()?;
    let mut map_section = |name: &str| -> Result<Option<Node>, Fault> {
        let Some(entry) = sections.remove(name) else {
            return Ok(None);
        };
        map_of(&entry.value, &format!("the section `{name}`"))?;
        Ok(Some(entry.value))
    };
    let Some(resources) = map_section("Resources")? else {
        return Err(Fault::new(
            at,
            "the template has no `Resources` section. Add one with at least one resource.",
        ));
    };
    if resources.as_map().is_none_or(<[_]>::is_empty) {
        return Err(Fault::new(
            resources.at,
            "the `Resources` section is empty. A template needs at least one resource.",
        ));
    }
    Ok(Template {
        file: file_name.to_owned(),
        source_bytes: source.len(),
        description,
        metadata: map_section("Metadata")?,
        parameters: parameters(map_section("Parameters")?)?,
        rules: map_section("Rules")?,
        mappings: mappings(map_section("Mappings")?)?,
        conditions: map_section("Conditions")?,
        transforms: transforms.unwrap_or_default(),
        resources,
        outputs: map_section("Outputs")?,
        hooks: map_section("Hooks")?,
    })
}

impl Template {
    /// Whether the template asks for the language extensions.
    pub(super) fn has_language_extensions(&self) -> bool {
        self.transforms
            .iter()
            .any(|transform| transform.name == LANGUAGE_EXTENSIONS)
    }
}

fn map_of<'n>(node: &'n Node, what: &str) -> Result<&'n [Entry], Fault> {
    node.as_map().ok_or_else(|| {
        Fault::new(
            node.at,
            format!("{what} is {}; it must be a map.", node.described()),
        )
    })
}

fn check_format_version(section: Option<&Entry>) -> Result<(), Fault> {
    match section {
        Some(entry) if entry.value.as_str() != Some(FORMAT_VERSION) => Err(Fault::new(
            entry.value.at,
            format!(
                "AWSTemplateFormatVersion must be \"{FORMAT_VERSION}\"; there is no other version."
            ),
        )),
        _ => Ok(()),
    }
}

fn description(entry: &Entry) -> Result<String, Fault> {
    entry.value.scalar_text().map(str::to_owned).ok_or_else(|| {
        Fault::new(
            entry.value.at,
            format!(
                "the Description is {}; it must be a text.",
                entry.value.described()
            ),
        )
    })
}

fn parameters(section: Option<Node>) -> Result<BTreeMap<String, ParameterDeclaration>, Fault> {
    let mut declared = BTreeMap::new();
    for entry in section.iter().filter_map(Node::as_map).flatten() {
        if let Some(message) = name_fault("parameter", &entry.key) {
            return Err(Fault::new(entry.at, message));
        }
        declared.insert(entry.key.clone(), ParameterDeclaration::read(entry)?);
    }
    Ok(declared)
}

fn mappings(section: Option<Node>) -> Result<BTreeMap<String, Mapping>, Fault> {
    let mut mappings = BTreeMap::new();
    for entry in section.iter().filter_map(Node::as_map).flatten() {
        if let Some(message) = name_fault("mapping", &entry.key) {
            return Err(Fault::new(entry.at, message));
        }
        let mut mapping = Mapping::new();
        for top in map_of(&entry.value, &format!("the mapping `{}`", entry.key))? {
            let mut attributes = BTreeMap::new();
            for second in map_of(&top.value, &format!("`{}.{}`", entry.key, top.key))? {
                let path = || format!("{}.{}.{}", entry.key, top.key, second.key);
                attributes.insert(second.key.clone(), mapped_value(&second.value, path)?);
            }
            mapping.insert(top.key.clone(), attributes);
        }
        mappings.insert(entry.key.clone(), mapping);
    }
    Ok(mappings)
}

/// A scalar, or a list of scalars: functions can't stand in a mapping.
fn mapped_value(node: &Node, path: impl Fn() -> String) -> Result<Value, Fault> {
    let scalar = |node: &Node| match &node.kind {
        Kind::Bool(flag) => Ok(Value::Bool(*flag)),
        Kind::Number(text) => Ok(Value::Number(text.clone())),
        Kind::String(text) => Ok(Value::string(text)),
        Kind::List(_) | Kind::Map(_) => Err(Fault::new(
            node.at,
            format!(
                "the mapped value `{}` holds {}; it must be a text or a list of texts.",
                path(),
                node.described()
            ),
        )),
    };
    match node.as_list() {
        Some(items) => Ok(Value::List(
            items.iter().map(scalar).collect::<Result<_, _>>()?,
        )),
        None => scalar(node),
    }
}

fn transforms(entry: &Entry) -> Result<Vec<Transform>, Fault> {
    let one = |node: &Node| {
        node.as_str()
            .or_else(|| node.get("Name").and_then(Node::as_str))
            .map_or_else(
                || {
                    Err(Fault::new(
                        node.at,
                        format!(
                            "Transform holds {}; it must be a macro's name or a list of names.",
                            node.described()
                        ),
                    ))
                },
                |name| {
                    Ok(Transform {
                        at: node.at,
                        name: name.to_owned(),
                    })
                },
            )
    };
    match entry.value.as_list() {
        Some(items) => items.iter().map(one).collect(),
        None => Ok(vec![one(&entry.value)?]),
    }
}
