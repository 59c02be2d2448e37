//! Reading a manifest, with the place of every mistake.
use crate::blueprint::{Manifest, ParameterType, check_values, values::compile};
use std::collections::{BTreeMap, BTreeSet};

/// A mistake in a manifest.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {message}")]
pub struct ManifestError {
    /// The file's name.
    pub file: String,
    /// The line, counted from one.
    pub line: usize,
    /// What was wrong and what would be right.
    pub message: String,
}

/// Reads a manifest and checks that its parts fit together.
///
/// # Errors
/// Every mistake found, each with its line.
pub fn parse_manifest(file: &str, source: &str) -> Result<Manifest, Vec<ManifestError>> {
    let manifest: Manifest = toml::from_str(source).map_err(|error| {
        let line = error.span().map_or(1, |span| line_at(source, span.start));
        vec![ManifestError {
            file: file.to_owned(),
            line,
            message: error.message().trim().to_owned(),
        }]
    })?;
    let mistakes: Vec<_> = mistakes(&manifest)
        .into_iter()
        .map(|(heading, message)| ManifestError {
            file: file.to_owned(),
            line: line_of(source, &heading),
            message,
        })
        .collect();
    if mistakes.is_empty() {
        Ok(manifest)
    } else {
        Err(mistakes)
    }
}

fn line_at(source: &str, offset: usize) -> usize {
    source
        .bytes()
        .take(offset)
        .filter(|byte| *byte == b'\n')
        .count()
        + 1
}

/// The first line that starts with the heading; the first of the file if there is none.
fn line_of(source: &str, heading: &str) -> usize {
    source
        .lines()
        .position(|line| line.trim_start().starts_with(heading))
        .map_or(1, |index| index + 1)
}

/// Mistakes between parts, each with the start of the line it is to be shown at.
fn mistakes(manifest: &Manifest) -> Vec<(String, String)> {
    let mut found = Vec::new();
    if manifest.stacks.is_empty() {
        found.push((
            "name".into(),
            "there is no [[stack]]; a blueprint has at least one, called main".into(),
        ));
    }
    if manifest.stages.is_empty() {
        found.push((
            "stages".into(),
            "stages is empty; name the stages it is offered at".into(),
        ));
    }
    let mut names = BTreeSet::new();
    for stack in &manifest.stacks {
        if !names.insert(&stack.name) {
            found.push((
                "[[stack]]".into(),
                format!("two stacks are called {}", stack.name),
            ));
        }
        if stack.template.contains(['/', '\\']) || stack.template.starts_with('.') {
            found.push((
                "[[stack]]".into(),
                format!(
                    "{} is not a file name in the blueprint's own folder",
                    stack.template
                ),
            ));
        }
    }
    let mut grouped = BTreeMap::new();
    for group in &manifest.groups {
        for name in &group.parameters {
            if !manifest.parameters.contains_key(name) {
                found.push((
                    "[[group]]".into(),
                    format!(
                        "group “{}” names {name}, but there is no [parameter.{name}]",
                        group.title
                    ),
                ));
            }
            if let Some(other) = grouped.insert(name, &group.title) {
                found.push((
                    "[[group]]".into(),
                    format!(
                        "{name} stands in two groups, “{other}” and “{}”",
                        group.title
                    ),
                ));
            }
        }
    }
    for (name, parameter) in &manifest.parameters {
        let heading = format!("[parameter.{name}]");
        if !grouped.contains_key(name) {
            found.push((
                heading.clone(),
                format!("{name} stands in no [[group]], so no form would show it"),
            ));
        }
        if manifest.derived.contains_key(name) {
            found.push((
                heading.clone(),
                format!("{name} is derived, so it can't be a parameter too"),
            ));
        }
        if (parameter.kind == ParameterType::Choice) == parameter.choices.is_empty() {
            found.push((
                heading.clone(),
                format!("{name}: type choice and choices go together"),
            ));
        }
        if let Some(Err(error)) = parameter.pattern.as_deref().map(compile) {
            found.push((
                heading.clone(),
                format!("{name}: the pattern is no regular expression: {error}"),
            ));
        }
        for stage in &manifest.stages {
            if let Some(default) = parameter.default_at(*stage) {
                let values = BTreeMap::from([(name.clone(), default.to_owned())]);
                for problem in check_values(manifest, *stage, &values) {
                    if problem.field == *name {
                        found.push((
                            heading.clone(),
                            format!(
                                "{name}: the default at {stage} does not do: {}",
                                problem.message
                            ),
                        ));
                    }
                }
            } else if parameter.is_fixed_at(*stage) {
                found.push((
                    heading.clone(),
                    format!("{name} is fixed at {stage} but has no default there"),
                ));
            }
        }
    }
    found
}
