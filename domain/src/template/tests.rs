//! Whole templates: every intrinsic function, the words of every error, and what must never happen.

mod errors;
mod functions;
mod loops;
mod never_panics;
mod stack;

use super::*;

pub(super) const FILE: &str = "template.yaml";

pub(super) fn context() -> Context {
    Context::new("111122223333", "eu-central-1", "orders-dev")
}

/// What is wrong with a template, one line a problem.
pub(super) fn problems(source: &str, context: &Context) -> String {
    match parse(FILE, source) {
        Err(error) => error.to_string(),
        Ok(template) => match resolve(&template, context) {
            Ok(_) => "nothing".to_owned(),
            Err(errors) => errors
                .iter()
                .map(TemplateError::to_string)
                .collect::<Vec<_>>()
                .join("\n"),
        },
    }
}

#[track_caller]
pub(super) fn resolved(source: &str, context: &Context) -> Resolved {
    let template = parse(FILE, source).unwrap_or_else(|error| panic!("{error}"));
    resolve(&template, context).unwrap_or_else(|errors| panic!("{errors:#?}"))
}

/// The value of the property `V` of the resource `R`, which has the given YAML.
#[track_caller]
pub(super) fn value_in(before: &str, value: &str, context: &Context) -> Value {
    let source = with_value(before, value);
    resolved(&source, context).resources["R"]
        .properties
        .get("V")
        .cloned()
        .expect("the property V")
}

/// A template with a topic `T`, and a resource `R` whose property `V` is the given flow YAML.
pub(super) fn with_value(before: &str, value: &str) -> String {
    format!(
        "Transform: AWS::LanguageExtensions\n{before}\nResources:\n  T:\n    Type: AWS::SNS::Topic\n  R:\n    Type: AWS::X::Y\n    Properties:\n      V: {value}\n"
    )
}
