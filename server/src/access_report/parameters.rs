//! Parameter values from a file. Three forms are read, in JSON or YAML: a map of names to values, the list of the AWS
//! CLI (`[{"ParameterKey": …, "ParameterValue": …}]`), and either of them under `Parameters`, as a template
//! configuration file has it.
use super::input::{Unusable, read};
use domain::template::{Kind, Node, ParseError, Position, Template, parse_values};
use std::collections::BTreeMap;
use std::path::Path;

/// Values by parameter, each with its place in the file.
#[derive(Clone, Debug, Default)]
pub(super) struct Values {
    /// The file they come from; empty when none was given.
    file: String,
    given: BTreeMap<String, (Position, Given)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Given {
    Text(String),
    /// `UsePreviousValue`: whatever the stack has.
    Previous,
}

/// The values for the template before.
///
/// # Errors
/// When the file can't be read as values, or asks for a value from before.
pub(super) fn old(path: Option<&Path>) -> Result<Values, Unusable> {
    let values = values(path)?;
    for (name, (at, given)) in &values.given {
        if *given == Given::Previous {
            return Err(values.wrong(
                *at,
                format!(
                    "there is nothing before this for `{name}`. Write the value that the stack has."
                ),
            ));
        }
    }
    Ok(values)
}

/// The values for the template after. What stays as it was takes the value given before.
///
/// # Errors
/// When the file can't be read as values, or keeps a value that the values before don't have.
pub(super) fn new(path: Option<&Path>, before: &Values) -> Result<Values, Unusable> {
    let mut values = values(path)?;
    let mut missing = None;
    for (name, (at, given)) in &mut values.given {
        if *given != Given::Previous {
            continue;
        }
        match before.given.get(name) {
            Some((_, known)) => *given = known.clone(),
            None => missing = Some((*at, name.clone())),
        }
    }
    match missing {
        None => Ok(values),
        Some((at, name)) => Err(values.wrong(
            at,
            format!(
                "`{name}` keeps its previous value, which is not given. Write it into the file for --old-parameters."
            ),
        )),
    }
}

impl Values {
    /// What a template is resolved with.
    ///
    /// # Errors
    /// When the template declares no parameter of a name.
    pub(super) fn of(&self, template: &Template) -> Result<BTreeMap<String, String>, Unusable> {
        let mut texts = BTreeMap::new();
        for (name, (at, given)) in &self.given {
            if !template.parameters.contains_key(name) {
                return Err(self.wrong(
                    *at,
                    format!("{} declares no parameter `{name}`.", template.file),
                ));
            }
            if let Given::Text(text) = given {
                texts.insert(name.clone(), text.clone());
            }
        }
        Ok(texts)
    }

    /// # Errors
    /// When there is a value, which no template takes.
    pub(super) fn refuse_any(&self) -> Result<(), Unusable> {
        match self.given.values().next() {
            None => Ok(()),
            Some((at, _)) => Err(Unusable::ValuesForNothing {
                file: self.file.clone(),
                at: *at,
            }),
        }
    }

    fn wrong(&self, at: Position, message: String) -> Unusable {
        wrong(&self.file, at, message)
    }
}

fn wrong(file: &str, at: Position, message: String) -> Unusable {
    Unusable::Parse(ParseError {
        file: file.to_owned(),
        at,
        message,
    })
}

fn values(path: Option<&Path>) -> Result<Values, Unusable> {
    let Some(path) = path else {
        return Ok(Values::default());
    };
    let file = path.display().to_string();
    let root = parse_values(&file, &read(path)?)?;
    let mut given = BTreeMap::new();
    take(&file, under_parameters(&root), &mut given)?;
    Ok(Values { file, given })
}

/// What stands under `Parameters`, unless that is itself the name of a parameter.
fn under_parameters(root: &Node) -> &Node {
    match root.get("Parameters") {
        Some(inner) if matches!(inner.kind, Kind::Map(_)) || entries(inner).is_some() => inner,
        _ => root,
    }
}

/// The items of a list of maps.
fn entries(node: &Node) -> Option<&[Node]> {
    node.as_list()
        .filter(|items| items.iter().all(|item| item.as_map().is_some()))
}

fn take(
    file: &str,
    node: &Node,
    given: &mut BTreeMap<String, (Position, Given)>,
) -> Result<(), Unusable> {
    if let Some(items) = entries(node) {
        for item in items {
            let (name, at, value) = entry(file, item)?;
            if given.insert(name.clone(), (at, value)).is_some() {
                return Err(wrong(
                    file,
                    at,
                    format!("`{name}` is given twice. Keep one of them."),
                ));
            }
        }
        return Ok(());
    }
    let Some(map) = node.as_map() else {
        return Err(wrong(
            file,
            node.at,
            format!(
                "parameter values are a map of names to texts, or a list of maps with ParameterKey and ParameterValue; \
                 this is {}.",
                node.described()
            ),
        ));
    };
    for field in map {
        let text = text(file, &field.key, &field.value)?;
        given.insert(field.key.clone(), (field.at, Given::Text(text)));
    }
    Ok(())
}

/// One of the AWS CLI's list.
fn entry(file: &str, item: &Node) -> Result<(String, Position, Given), Unusable> {
    let Some(name) = item.get("ParameterKey").and_then(Node::as_str) else {
        return Err(wrong(
            file,
            item.at,
            "this has no ParameterKey. Write {\"ParameterKey\": \"Name\", \"ParameterValue\": \"value\"}.".to_owned(),
        ));
    };
    let previous = item.get("UsePreviousValue").and_then(Node::scalar_text) == Some("true");
    let given = match item.get("ParameterValue") {
        _ if previous => Given::Previous,
        Some(value) => Given::Text(text(file, name, value)?),
        None => {
            return Err(wrong(
                file,
                item.at,
                format!("`{name}` has no ParameterValue. Add one, or \"UsePreviousValue\": true."),
            ));
        }
    };
    Ok((name.to_owned(), item.at, given))
}

/// A text, or a list of them as CloudFormation writes it: with commas.
fn text(file: &str, name: &str, value: &Node) -> Result<String, Unusable> {
    let texts = match value.as_list() {
        Some(items) => items.iter().map(Node::scalar_text).collect(),
        None => value.scalar_text().map(|text| vec![text]),
    };
    texts
        .map(|texts: Vec<&str>| texts.join(","))
        .ok_or_else(|| {
            wrong(
                file,
                value.at,
                format!(
                    "the value of `{name}` is {}; it must be a text or a list of texts.",
                    value.described()
                ),
            )
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(source: &str) -> Result<Values, String> {
        let root = parse_values("values", source).map_err(|error| error.to_string())?;
        let mut given = BTreeMap::new();
        take("values", under_parameters(&root), &mut given).map_err(|error| error.to_string())?;
        Ok(Values {
            file: "values".to_owned(),
            given,
        })
    }

    fn shown(source: &str) -> String {
        match taken(source) {
            Err(error) => error,
            Ok(values) => values
                .given
                .iter()
                .map(|(name, (at, given))| format!("{name}@{at}={given:?}"))
                .collect::<Vec<_>>()
                .join(" "),
        }
    }

    #[test]
    fn every_form_says_the_same() {
        for source in [
            "{\"A\": \"1.10\"}",
            "{\"A\":  1.10}",
            "{\"Parameters\": {\"A\": \"1.10\"}}",
            "[{\"ParameterKey\": \"A\", \"ParameterValue\": \"1.10\"}]",
            "{\"Parameters\": [{\"ParameterKey\": \"A\", \"ParameterValue\": \"1.10\"}]}",
            "A: 1.10",
        ] {
            assert!(shown(source).ends_with("=Text(\"1.10\")"), "{source}");
        }
        assert_eq!(shown("A: [a, 2]"), "A@1:1=Text(\"a,2\")");
        assert_eq!(shown("Parameters: x"), "Parameters@1:1=Text(\"x\")");
        assert_eq!(shown("{}"), "");
    }

    #[test]
    fn what_is_no_value_is_said_with_its_place() {
        insta::assert_snapshot!(
            [
                "A: {b: c}",
                "text",
                "[{\"ParameterKey\": \"A\"}]",
                "[{\"Name\": \"A\"}]",
                "[{\"ParameterKey\": \"A\", \"ParameterValue\": \"1\"},\n {\"ParameterKey\": \"A\", \"ParameterValue\": \"2\"}]",
                "{\"A\": \"1\",\n \"A\": \"2\"}",
                "{\"A\": ",
                "",
            ]
            .map(shown)
            .join("\n"),
            @r#"
        values:1:4: the value of `A` is a map; it must be a text or a list of texts.
        values:1:1: parameter values are a map of names to texts, or a list of maps with ParameterKey and ParameterValue; this is a string.
        values:1:2: `A` has no ParameterValue. Add one, or "UsePreviousValue": true.
        values:1:2: this has no ParameterKey. Write {"ParameterKey": "Name", "ParameterValue": "value"}.
        values:2:2: `A` is given twice. Keep one of them.
        values:2:2: the key `A` stands twice in this map. Keep one of them.
        values:1:7: expected a value, found the end of the file.
        values:1:1: the file is empty. Write {} for no values.
        "#
        );
    }
}
