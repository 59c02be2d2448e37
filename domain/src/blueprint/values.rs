//! Parameter values against their schema: every bad field gets its own message.
use crate::blueprint::{Manifest, Parameter, ParameterType, Problem};
use crate::characters::deceives;
use crate::stage::Stage;
use regex::Regex;
use std::collections::BTreeMap;
use std::net::Ipv4Addr;

/// The values that a form starts with at a stage.
pub fn defaults(manifest: &Manifest, stage: Stage) -> BTreeMap<String, String> {
    manifest
        .parameters
        .iter()
        .map(|(name, parameter)| {
            let value = parameter.default_at(stage).unwrap_or_default();
            (name.clone(), value.to_owned())
        })
        .collect()
}

/// Checks values against the manifest. An empty list means they may be rendered.
pub fn check_values(
    manifest: &Manifest,
    stage: Stage,
    values: &BTreeMap<String, String>,
) -> Vec<Problem> {
    let mut problems = Vec::new();
    for name in values.keys() {
        if !manifest.parameters.contains_key(name) {
            problems.push(Problem::at(
                name,
                format!("{} has no parameter called {name}", manifest.title),
            ));
        }
    }
    for (name, parameter) in &manifest.parameters {
        let value = values.get(name).map_or("", String::as_str);
        if let Err(message) = check_value(parameter, stage, value) {
            problems.push(Problem::at(name, message));
        }
    }
    problems
}

fn check_value(parameter: &Parameter, stage: Stage, value: &str) -> Result<(), String> {
    let label = &parameter.label;
    if parameter.is_fixed_at(stage) && parameter.default_at(stage) != Some(value) {
        let fixed = parameter.default_at(stage).unwrap_or_default();
        return Err(format!("{label} is always {fixed} at {stage}"));
    }
    if value.is_empty() {
        return if parameter.required {
            Err(format!("Enter {}", lower_first(label)))
        } else {
            Ok(())
        };
    }
    if value
        .chars()
        .any(|letter| letter.is_control() || deceives(letter))
    {
        return Err(format!(
            "{label} can't hold line breaks, control characters or invisible ones"
        ));
    }
    check_length(parameter, value)?;
    match parameter.kind {
        ParameterType::Integer => check_integer(parameter, value),
        ParameterType::Boolean => match value {
            "true" | "false" => Ok(()),
            _ => Err(format!("{label} is either true or false")),
        },
        ParameterType::Choice => check_choice(parameter, value),
        ParameterType::Email => check_email(label, value),
        ParameterType::Cidr => check_cidr(label, value),
        ParameterType::SecretReference => check_secret_reference(label, value),
        ParameterType::List => value
            .split(',')
            .try_for_each(|item| check_pattern(parameter, item.trim())),
        ParameterType::Text => check_pattern(parameter, value),
    }
}

fn lower_first(label: &str) -> String {
    let mut characters = label.chars();
    let second_is_upper = label.chars().nth(1).is_some_and(char::is_uppercase);
    match characters.next() {
        Some(first) if !second_is_upper => {
            first.to_lowercase().collect::<String>() + characters.as_str()
        }
        _ => label.to_owned(),
    }
}

fn check_length(parameter: &Parameter, value: &str) -> Result<(), String> {
    let length = value.chars().count();
    let label = &parameter.label;
    // CloudFormation's own limit of a parameter value is 4,096 bytes.
    if value.len() > 4096 {
        return Err(format!(
            "{label} is too long: CloudFormation takes at most 4,096 bytes"
        ));
    }
    match (parameter.minimum_length, parameter.maximum_length) {
        (Some(least), _) if length < least => Err(format!(
            "{label} needs at least {least} characters, not {length}"
        )),
        (_, Some(most)) if length > most => Err(format!(
            "{label} takes at most {most} characters, not {length}"
        )),
        _ => Ok(()),
    }
}

fn check_integer(parameter: &Parameter, value: &str) -> Result<(), String> {
    let label = &parameter.label;
    let number: i64 = value
        .parse()
        .ok()
        .filter(|number: &i64| number.to_string() == value)
        .ok_or_else(|| format!("{label} is a whole number, such as 5, not “{value}”"))?;
    match (parameter.minimum, parameter.maximum) {
        (Some(least), Some(most)) if number < least || number > most => Err(format!(
            "{label} is between {least} and {most}, not {number}"
        )),
        (Some(least), _) if number < least => {
            Err(format!("{label} is at least {least}, not {number}"))
        }
        (_, Some(most)) if number > most => Err(format!("{label} is at most {most}, not {number}")),
        _ => Ok(()),
    }
}

fn check_choice(parameter: &Parameter, value: &str) -> Result<(), String> {
    if parameter.choices.iter().any(|choice| choice.value == value) {
        return Ok(());
    }
    let values: Vec<_> = parameter
        .choices
        .iter()
        .map(|choice| choice.value.as_str())
        .collect();
    Err(format!(
        "{} is one of {}, not “{value}”",
        parameter.label,
        values.join(", ")
    ))
}

fn check_email(label: &str, value: &str) -> Result<(), String> {
    let good = value.split_once('@').is_some_and(|(name, host)| {
        !name.is_empty()
            && host.contains('.')
            && !host.contains('@')
            && !host.starts_with('.')
            && !host.ends_with('.')
    }) && !value.contains(char::is_whitespace);
    if good {
        Ok(())
    } else {
        Err(format!(
            "{label} is an e-mail address, such as team@example.test, not “{value}”"
        ))
    }
}

fn check_cidr(label: &str, value: &str) -> Result<(), String> {
    let wrong = || format!("{label} is an IPv4 network, such as 10.0.0.0/16, not “{value}”");
    let (address, prefix) = value.split_once('/').ok_or_else(wrong)?;
    let address: Ipv4Addr = address.parse().map_err(|_| wrong())?;
    let prefix: u32 = prefix
        .parse()
        .ok()
        .filter(|prefix| *prefix <= 32)
        .ok_or_else(wrong)?;
    let mask = u32::MAX.checked_shl(32 - prefix).unwrap_or(0);
    let network = Ipv4Addr::from(u32::from(address) & mask);
    if network == address {
        Ok(())
    } else {
        Err(format!(
            "{label}: {value} has bits set behind /{prefix}; the network is {network}/{prefix}"
        ))
    }
}

fn check_secret_reference(label: &str, value: &str) -> Result<(), String> {
    let parts: Vec<_> = value.splitn(6, ':').collect();
    let good = matches!(parts.as_slice(), ["arn", _, "secretsmanager", region, account, rest]
            if !region.is_empty() && account.len() == 12 && rest.starts_with("secret:"))
        || matches!(parts.as_slice(), ["arn", _, "ssm", region, account, rest]
            if !region.is_empty() && account.len() == 12 && rest.starts_with("parameter/"));
    if good {
        Ok(())
    } else {
        // What was typed may be the secret itself, so it is not repeated.
        Err(format!(
            "{label} is the ARN of a secret in Secrets Manager or of a parameter in SSM, never the secret itself"
        ))
    }
}

fn check_pattern(parameter: &Parameter, value: &str) -> Result<(), String> {
    let Some(pattern) = &parameter.pattern else {
        return Ok(());
    };
    let matches = compile(pattern).is_ok_and(|pattern| pattern.is_match(value));
    if matches {
        return Ok(());
    }
    let hint = parameter.pattern_hint.as_ref().unwrap_or(pattern);
    Err(format!(
        "{}: “{value}” does not fit: {hint}",
        parameter.label
    ))
}

/// A pattern that must match the whole value.
pub(super) fn compile(pattern: &str) -> Result<Regex, regex::Error> {
    Regex::new(&format!("^(?:{pattern})$"))
}
