//! CloudFormation's limits on a template, and our own bounds on what is read.
//! Source: AWS CloudFormation User Guide, "Understand CloudFormation quotas".

use super::node::Node;
use super::parse::Template;
use super::resolve::Resolved;

/// Resources in one template, after loops are expanded and whatever their conditions say.
pub const MAX_RESOURCES: usize = 500;
/// Parameters in one template.
pub const MAX_PARAMETERS: usize = 200;
/// Outputs in one template.
pub const MAX_OUTPUTS: usize = 200;
/// Mappings in one template.
pub const MAX_MAPPINGS: usize = 200;
/// Attributes (second-level keys) in one mapping.
pub const MAX_MAPPING_ATTRIBUTES: usize = 200;
/// Characters in the name of a parameter, resource, output, mapping or mapping attribute.
pub const MAX_NAME_CHARACTERS: usize = 255;
/// Bytes in the value of a parameter.
pub const MAX_PARAMETER_VALUE_BYTES: usize = 4_096;
/// Bytes in a template's Description.
pub const MAX_DESCRIPTION_BYTES: usize = 1_024;
/// Bytes in a template that is sent in the request itself.
pub const MAX_INLINE_BYTES: usize = 51_200;
/// Bytes in a template that is read from a bucket (1 MB; the service counts a million).
pub const MAX_BUCKET_BYTES: usize = 1_000_000;

/// How deep a template may nest. Ours: far above what people write, far below what a stack holds.
pub const MAX_DEPTH: usize = 100;
/// How many values a template may hold once aliases and loops are written out. Ours.
pub const MAX_NODES: usize = 300_000;
/// How many bytes of text a template may hold once aliases are written out. Ours.
pub const MAX_TEXT: usize = 8_000_000;

/// How a template reaches CloudFormation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// In the request (`TemplateBody`).
    Inline,
    /// Through a bucket (`TemplateURL`).
    Bucket,
}

/// A limit that a template goes over.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{subject} {found} {unit}, and CloudFormation's limit is {limit}. {advice}")]
pub struct LimitError {
    /// What is too large, with its verb: "the template declares".
    pub subject: String,
    pub found: usize,
    pub limit: usize,
    pub unit: &'static str,
    pub advice: &'static str,
}

/// What CloudFormation would refuse in this template as written, before loops are expanded.
pub fn check(template: &Template, delivery: Delivery) -> Result<(), Vec<LimitError>> {
    let mut over = Over::default();
    let (bytes, advice) = match delivery {
        Delivery::Inline => (
            MAX_INLINE_BYTES,
            "Send it through the account's artifact bucket.",
        ),
        Delivery::Bucket => (MAX_BUCKET_BYTES, "Split it into several stacks."),
    };
    over.check(
        "the template has",
        template.source_bytes,
        bytes,
        "bytes",
        advice,
    );
    if let Some(description) = &template.description {
        over.check(
            "the Description has",
            description.len(),
            MAX_DESCRIPTION_BYTES,
            "bytes",
            "Shorten it.",
        );
    }
    let count = |node: Option<&Node>| node.and_then(Node::as_map).map_or(0, <[_]>::len);
    over.check(
        "the template declares",
        template.parameters.len(),
        MAX_PARAMETERS,
        "parameters",
        "Put several values into one list, or split the template.",
    );
    over.resources(count(Some(&template.resources)));
    over.outputs(count(template.outputs.as_ref()));
    over.check(
        "the template declares",
        template.mappings.len(),
        MAX_MAPPINGS,
        "mappings",
        "Merge some, or split the template.",
    );
    for (name, mapping) in &template.mappings {
        for (key, attributes) in mapping {
            over.check(
                format!("the mapping {name}.{key} has"),
                attributes.len(),
                MAX_MAPPING_ATTRIBUTES,
                "attributes",
                "Spread them over several mappings.",
            );
        }
    }
    over.0.is_empty().then_some(()).ok_or(over.0)
}

/// What CloudFormation would refuse once loops are expanded.
pub fn check_resolved(resolved: &Resolved) -> Result<(), Vec<LimitError>> {
    let mut over = Over::default();
    over.resources(resolved.declared_resources);
    over.outputs(resolved.declared_outputs);
    over.0.is_empty().then_some(()).ok_or(over.0)
}

#[derive(Default)]
struct Over(Vec<LimitError>);

impl Over {
    fn check(
        &mut self,
        subject: impl Into<String>,
        found: usize,
        limit: usize,
        unit: &'static str,
        advice: &'static str,
    ) {
        if found > limit {
            self.0.push(LimitError {
                subject: subject.into(),
                found,
                limit,
                unit,
                advice,
            });
        }
    }

    fn resources(&mut self, found: usize) {
        self.check(
            "the template declares",
            found,
            MAX_RESOURCES,
            "resources",
            "Move some into a nested stack or a stack of their own.",
        );
    }

    fn outputs(&mut self, found: usize) {
        self.check(
            "the template declares",
            found,
            MAX_OUTPUTS,
            "outputs",
            "Keep only those that something reads.",
        );
    }
}

/// Whether a name fits CloudFormation's rule for logical ids: letters and digits, at most 255.
pub(super) fn name_fault(what: &str, name: &str) -> Option<String> {
    if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return Some(format!(
            "the {what} name `{name}` may hold only letters and digits (A-Z, a-z, 0-9)."
        ));
    }
    (name.len() > MAX_NAME_CHARACTERS).then(|| {
        format!(
            "the {what} name is {} characters long; the limit is {MAX_NAME_CHARACTERS}.",
            name.len()
        )
    })
}
