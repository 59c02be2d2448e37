//! What only the deployment knows, kept as an expression that can be compared and read.

use std::fmt;

use super::text::Part;
use super::value::Value;

/// A value that is unknown before deployment. Two equal symbols of one template stand for equal values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Symbol {
    /// `Ref` to a resource.
    Resource(String),
    /// `Fn::GetAtt`.
    Attribute {
        resource: String,
        attribute: String,
    },
    /// A pseudo parameter that AWS gives a value, such as `AWS::StackId`, or whose value is not known here.
    Pseudo(&'static str),
    /// A parameter whose value is not shown here: read from SSM, marked NoEcho, or not given.
    Parameter {
        name: String,
        list: bool,
    },
    /// `Fn::ImportValue` of an export's name.
    Import(Value),
    /// A dynamic reference `{{resolve:...}}`, whole, with the unknown parts in it.
    Dynamic(Vec<Part>),
    /// Literal and unknown parts in a row: at least two, at least one unknown, no two literals side by side.
    Text(Vec<Part>),
    /// `Fn::GetAZs` of a region: a list.
    Zones(Value),
    Select {
        index: Value,
        list: Value,
    },
    /// A list.
    Split {
        delimiter: String,
        text: Value,
    },
    Join {
        delimiter: String,
        list: Value,
    },
    FindInMap {
        map: String,
        top: Value,
        second: Value,
        default: Option<Value>,
    },
    Base64(Value),
    /// A list.
    Cidr {
        block: Value,
        count: Value,
        bits: Value,
    },
    Length(Value),
    /// `Fn::ToJsonString` of a value that holds symbols.
    Json(Value),
    /// `Fn::If` on a condition that is undecided. A missing branch is `AWS::NoValue`.
    If {
        condition: String,
        then: Option<Value>,
        otherwise: Option<Value>,
    },
    /// A macro that AWS runs; its arguments as written.
    Transform(Value),
}

/// What kind of value a symbol stands for, as far as the template tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    Text,
    List,
    Any,
}

impl Symbol {
    /// `Fn::GetAtt` of a resource's attribute.
    pub fn attribute(resource: impl Into<String>, attribute: impl Into<String>) -> Self {
        Self::Attribute {
            resource: resource.into(),
            attribute: attribute.into(),
        }
    }

    pub(crate) fn shape(&self) -> Shape {
        match self {
            Self::Zones(_)
            | Self::Split { .. }
            | Self::Cidr { .. }
            | Self::Pseudo("AWS::NotificationARNs")
            | Self::Parameter { list: true, .. } => Shape::List,
            Self::Resource(_)
            | Self::Pseudo(_)
            | Self::Parameter { list: false, .. }
            | Self::Import(_)
            | Self::Dynamic(_)
            | Self::Text(_)
            | Self::Join { .. }
            | Self::Base64(_)
            | Self::Length(_)
            | Self::Json(_) => Shape::Text,
            Self::Attribute { .. }
            | Self::Select { .. }
            | Self::FindInMap { .. }
            | Self::If { .. }
            | Self::Transform(_) => Shape::Any,
        }
    }

    /// Whether a resource of this stack stands in it.
    pub(super) fn names_resource(&self) -> bool {
        match self {
            Self::Resource(_) | Self::Attribute { .. } => true,
            Self::Text(parts) | Self::Dynamic(parts) => parts
                .iter()
                .any(|part| matches!(part, Part::Symbol(symbol) if symbol.names_resource())),
            _ => self
                .operands()
                .iter()
                .any(|value| value_names_resource(value)),
        }
    }

    fn operands(&self) -> Vec<&Value> {
        match self {
            Self::Resource(_)
            | Self::Attribute { .. }
            | Self::Pseudo(_)
            | Self::Parameter { .. }
            | Self::Dynamic(_)
            | Self::Text(_) => Vec::new(),
            Self::Import(value)
            | Self::Zones(value)
            | Self::Base64(value)
            | Self::Length(value)
            | Self::Json(value)
            | Self::Transform(value) => vec![value],
            Self::Select { index, list } => vec![index, list],
            Self::Split { text, .. } => vec![text],
            Self::Join { list, .. } => vec![list],
            Self::FindInMap {
                top,
                second,
                default,
                ..
            } => [top, second].into_iter().chain(default).collect(),
            Self::Cidr { block, count, bits } => vec![block, count, bits],
            Self::If {
                then, otherwise, ..
            } => then.iter().chain(otherwise).collect(),
        }
    }

    pub(super) fn weight(&self) -> usize {
        let operands: usize = self.operands().iter().map(|value| value.weight()).sum();
        64 + operands
            + match self {
                Self::Text(parts) | Self::Dynamic(parts) => parts.iter().map(Part::weight).sum(),
                Self::Resource(name) | Self::Parameter { name, .. } => name.len(),
                Self::Attribute {
                    resource,
                    attribute,
                } => resource.len() + attribute.len(),
                Self::Split { delimiter, .. } | Self::Join { delimiter, .. } => delimiter.len(),
                Self::FindInMap { map, .. } => map.len(),
                Self::If { condition, .. } => condition.len(),
                _ => 0,
            }
    }

    /// Inside `${ }`: the expression without its wrapping.
    fn write_inner(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Resource(name) | Self::Parameter { name, .. } => f.write_str(name),
            Self::Attribute {
                resource,
                attribute,
            } => write!(f, "{resource}.{attribute}"),
            Self::Pseudo(name) => f.write_str(name),
            Self::Dynamic(parts) => parts.iter().try_for_each(|part| write!(f, "{part}")),
            Self::Text(parts) => {
                f.write_str("\"")?;
                parts.iter().try_for_each(|part| write!(f, "{part}"))?;
                f.write_str("\"")
            }
            Self::Import(name) => call(f, "ImportValue", &[name]),
            Self::Zones(region) => call(f, "GetAZs", &[region]),
            Self::Select { index, list } => call(f, "Select", &[index, list]),
            Self::Split { delimiter, text } => call(f, "Split", &[&Value::string(delimiter), text]),
            Self::Join { delimiter, list } => call(f, "Join", &[&Value::string(delimiter), list]),
            Self::FindInMap {
                map,
                top,
                second,
                default,
            } => {
                let map = Value::string(map);
                call(
                    f,
                    "FindInMap",
                    &[&map, top, second]
                        .into_iter()
                        .chain(default)
                        .collect::<Vec<_>>(),
                )
            }
            Self::Base64(value) => call(f, "Base64", &[value]),
            Self::Cidr { block, count, bits } => call(f, "Cidr", &[block, count, bits]),
            Self::Length(value) => call(f, "Length", &[value]),
            Self::Json(value) => call(f, "ToJsonString", &[value]),
            Self::Transform(value) => call(f, "Transform", &[value]),
            Self::If {
                condition,
                then,
                otherwise,
            } => {
                write!(f, "If({condition}, ")?;
                write_branch(f, then.as_ref())?;
                f.write_str(", ")?;
                write_branch(f, otherwise.as_ref())?;
                f.write_str(")")
            }
        }
    }
}

fn value_names_resource(value: &Value) -> bool {
    match value {
        Value::Symbol(symbol) => symbol.names_resource(),
        Value::List(items) => items.iter().any(value_names_resource),
        Value::Map(entries) => entries.values().any(value_names_resource),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

fn call(f: &mut fmt::Formatter<'_>, name: &str, arguments: &[&Value]) -> fmt::Result {
    write!(f, "{name}(")?;
    for (i, argument) in arguments.iter().enumerate() {
        if i > 0 {
            f.write_str(", ")?;
        }
        write_operand(f, argument)?;
    }
    f.write_str(")")
}

fn write_branch(f: &mut fmt::Formatter<'_>, branch: Option<&Value>) -> fmt::Result {
    match branch {
        Some(value) => write_operand(f, value),
        None => f.write_str("AWS::NoValue"),
    }
}

fn write_operand(f: &mut fmt::Formatter<'_>, value: &Value) -> fmt::Result {
    match value {
        Value::Symbol(symbol) => symbol.write_inner(f),
        Value::List(items) => {
            f.write_str("[")?;
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    f.write_str(", ")?;
                }
                write_operand(f, item)?;
            }
            f.write_str("]")
        }
        Value::Map(entries) => {
            f.write_str("{")?;
            for (i, (key, item)) in entries.iter().enumerate() {
                if i > 0 {
                    f.write_str(", ")?;
                }
                write!(f, "{key}: ")?;
                write_operand(f, item)?;
            }
            f.write_str("}")
        }
        Value::String(text) => write!(f, "{text:?}"),
        Value::Number(text) => f.write_str(text),
        Value::Bool(flag) => write!(f, "{flag}"),
    }
}

impl fmt::Display for Symbol {
    /// `${Orders.Arn}`; a text with unknown parts is `arn:${AWS::StackId}/x`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(parts) | Self::Dynamic(parts) => {
                parts.iter().try_for_each(|part| write!(f, "{part}"))
            }
            _ => {
                f.write_str("${")?;
                self.write_inner(f)?;
                f.write_str("}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_well() {
        let split = Symbol::Split {
            delimiter: ":".into(),
            text: Symbol::attribute("Orders", "Arn").into(),
        };
        let select = Symbol::Select {
            index: Value::Number("5".into()),
            list: split.into(),
        };
        assert_eq!(
            select.to_string(),
            r#"${Select(5, Split(":", Orders.Arn))}"#
        );
        let text = Symbol::Text(vec![
            Part::Literal("a-".into()),
            Part::Symbol(Symbol::Resource("B".into())),
        ]);
        assert_eq!(text.to_string(), "a-${B}");
        let choice = Symbol::If {
            condition: "Prod".into(),
            then: Some(text.into()),
            otherwise: None,
        };
        assert_eq!(choice.to_string(), r#"${If(Prod, "a-${B}", AWS::NoValue)}"#);
    }
}
