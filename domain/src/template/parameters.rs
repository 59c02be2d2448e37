//! A template's parameters: how they are declared, and what a given text must satisfy.
//! Source: AWS CloudFormation User Guide, "CloudFormation template Parameters syntax".

use std::collections::BTreeMap;

use regex::bytes;

use super::context::{Context, WithoutValue};
use super::error::Fault;
use super::limits::MAX_PARAMETER_VALUE_BYTES;
use super::node::{Entry, Node, Position};
use super::scalar::is_decimal;
use super::suggestion::did_you_mean;
use super::symbol::Symbol;
use super::value::Value;

/// A parameter as declared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParameterDeclaration {
    pub at: Position,
    pub kind: ParameterType,
    pub default: Option<String>,
    pub description: Option<String>,
    /// The value is not to be shown. It stays symbolic when resolved, so it can't leak into a page.
    pub no_echo: bool,
    pub constraints: Constraints,
}

/// What a value must satisfy besides its type.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Constraints {
    /// Empty: anything goes.
    pub allowed_values: Vec<String>,
    /// A regular expression that the whole value must match.
    pub allowed_pattern: Option<String>,
    /// In characters.
    pub min_length: Option<usize>,
    /// In characters.
    pub max_length: Option<usize>,
    /// A number, as written.
    pub min_value: Option<String>,
    /// A number, as written.
    pub max_value: Option<String>,
    /// The template's own words for a value that doesn't fit.
    pub description: Option<String>,
}

/// The type of a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParameterType {
    One(ScalarType),
    /// Comma-separated.
    List(ScalarType),
    Ssm(SsmType),
}

/// A parameter that names a Systems Manager parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SsmType {
    /// The name itself is used.
    Name,
    /// CloudFormation reads the value at deployment.
    Value { list: bool },
}

/// The type of one value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScalarType {
    String,
    Number,
    AvailabilityZone,
    Image,
    Instance,
    KeyPair,
    SecurityGroupName,
    SecurityGroup,
    Subnet,
    Volume,
    Vpc,
    HostedZone,
}

const SCALAR_TYPES: [(&str, ScalarType); 12] = [
    ("String", ScalarType::String),
    ("Number", ScalarType::Number),
    (
        "AWS::EC2::AvailabilityZone::Name",
        ScalarType::AvailabilityZone,
    ),
    ("AWS::EC2::Image::Id", ScalarType::Image),
    ("AWS::EC2::Instance::Id", ScalarType::Instance),
    ("AWS::EC2::KeyPair::KeyName", ScalarType::KeyPair),
    (
        "AWS::EC2::SecurityGroup::GroupName",
        ScalarType::SecurityGroupName,
    ),
    ("AWS::EC2::SecurityGroup::Id", ScalarType::SecurityGroup),
    ("AWS::EC2::Subnet::Id", ScalarType::Subnet),
    ("AWS::EC2::Volume::Id", ScalarType::Volume),
    ("AWS::EC2::VPC::Id", ScalarType::Vpc),
    ("AWS::Route53::HostedZone::Id", ScalarType::HostedZone),
];

impl ParameterType {
    /// The type of that name in a template.
    pub fn from_name(name: &str) -> Option<Self> {
        let inside = |prefix: &str| {
            name.strip_prefix(prefix)
                .and_then(|rest| rest.strip_suffix('>'))
        };
        if name == "AWS::SSM::Parameter::Name" {
            return Some(Self::Ssm(SsmType::Name));
        }
        if let Some(inner) = inside("AWS::SSM::Parameter::Value<") {
            return match Self::from_name(inner)? {
                Self::One(_) => Some(Self::Ssm(SsmType::Value { list: false })),
                Self::List(_) => Some(Self::Ssm(SsmType::Value { list: true })),
                Self::Ssm(_) => None,
            };
        }
        if name == "CommaDelimitedList" {
            return Some(Self::List(ScalarType::String));
        }
        let scalar = |name: &str| {
            SCALAR_TYPES
                .iter()
                .find(|(known, _)| *known == name)
                .map(|(_, kind)| *kind)
        };
        match inside("List<") {
            Some(inner) => scalar(inner).map(Self::List),
            None => scalar(name).map(Self::One),
        }
    }

    fn is_list(self) -> bool {
        matches!(
            self,
            Self::List(_) | Self::Ssm(SsmType::Value { list: true })
        )
    }
}

impl ScalarType {
    /// What an identifier of this type starts with.
    fn prefix(self) -> Option<&'static str> {
        match self {
            Self::Image => Some("ami-"),
            Self::Instance => Some("i-"),
            Self::SecurityGroup => Some("sg-"),
            Self::Subnet => Some("subnet-"),
            Self::Volume => Some("vol-"),
            Self::Vpc => Some("vpc-"),
            Self::String
            | Self::Number
            | Self::AvailabilityZone
            | Self::KeyPair
            | Self::SecurityGroupName
            | Self::HostedZone => None,
        }
    }
}

/// A parameter with its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResolvedParameter {
    /// Symbolic when AWS reads it from SSM, when it is marked NoEcho, and when no value is known.
    pub value: Value,
    pub no_echo: bool,
    /// False when the value is the template's default, or not known.
    pub given: bool,
}

impl ParameterDeclaration {
    const KEYS: [&str; 11] = [
        "AllowedPattern",
        "AllowedValues",
        "ConstraintDescription",
        "Default",
        "Description",
        "MaxLength",
        "MaxValue",
        "MinLength",
        "MinValue",
        "NoEcho",
        "Type",
    ];

    pub(super) fn read(entry: &Entry) -> Result<Self, Fault> {
        let name = &entry.key;
        let Some(fields) = entry.value.as_map() else {
            return Err(Fault::new(
                entry.value.at,
                format!(
                    "the parameter `{name}` is {}; it must be a map with a `Type`.",
                    entry.value.described()
                ),
            ));
        };
        if let Some(wrong) = fields
            .iter()
            .find(|field| !Self::KEYS.contains(&field.key.as_str()))
        {
            let hint = did_you_mean(&wrong.key, Self::KEYS.into_iter());
            return Err(Fault::new(
                wrong.at,
                format!(
                    "`{}` is no attribute of a parameter (in `{name}`).{hint}",
                    wrong.key
                ),
            ));
        }
        let text = |key: &str| -> Result<Option<String>, Fault> {
            entry
                .value
                .get(key)
                .map(|node| scalar(node, &format!("{key} of the parameter `{name}`")))
                .transpose()
        };
        let Some(kind_node) = entry.value.get("Type") else {
            return Err(Fault::new(
                entry.at,
                format!("the parameter `{name}` has no `Type`. Add one, such as `String`."),
            ));
        };
        let kind_name = kind_node.as_str().unwrap_or_default();
        let kind = ParameterType::from_name(kind_name).ok_or_else(|| {
            let names = SCALAR_TYPES
                .iter()
                .map(|(known, _)| *known)
                .chain(["CommaDelimitedList", "List<Number>"]);
            let hint = did_you_mean(kind_name, names);
            Fault::new(
                kind_node.at,
                format!("`{kind_name}` is no parameter type of CloudFormation.{hint}"),
            )
        })?;
        let declaration = Self {
            at: entry.at,
            kind,
            default: text("Default")?,
            description: text("Description")?,
            no_echo: text("NoEcho")?.is_some_and(|flag| flag.eq_ignore_ascii_case("true")),
            constraints: Constraints {
                allowed_values: allowed_values(entry.value.get("AllowedValues"), name)?,
                allowed_pattern: text("AllowedPattern")?,
                min_length: length(entry.value.get("MinLength"), "MinLength")?,
                max_length: length(entry.value.get("MaxLength"), "MaxLength")?,
                min_value: bound(entry.value.get("MinValue"), "MinValue")?,
                max_value: bound(entry.value.get("MaxValue"), "MaxValue")?,
                description: text("ConstraintDescription")?,
            },
        };
        if let Some(pattern) = &declaration.constraints.allowed_pattern
            && let Err(reason) = compile(pattern)
        {
            let at = entry
                .value
                .get("AllowedPattern")
                .map_or(entry.at, |node| node.at);
            return Err(Fault::new(
                at,
                format!(
                    "the AllowedPattern of `{name}` can't be checked here: {reason}. Look-around and back references \
                     are not supported; write the pattern without them."
                ),
            ));
        }
        Ok(declaration)
    }

    /// Everything that is wrong with `text` as this parameter's value: one sentence each.
    pub fn check(&self, text: &str) -> Vec<String> {
        let mut faults = Vec::new();
        if text.len() > MAX_PARAMETER_VALUE_BYTES {
            faults.push(format!(
                "the value has {} bytes, and CloudFormation's limit is {MAX_PARAMETER_VALUE_BYTES}. Shorten it.",
                text.len()
            ));
            return faults;
        }
        match self.kind {
            ParameterType::One(kind) => self.check_one(kind, text, &mut faults),
            ParameterType::List(kind) => {
                items(text).for_each(|item| self.check_one(kind, item, &mut faults))
            }
            // The constraints hold for the name here; the value is AWS's to check.
            ParameterType::Ssm(_) => self.check_one(ScalarType::String, text, &mut faults),
        }
        if !faults.is_empty()
            && let Some(words) = &self.constraints.description
        {
            faults.push(words.clone());
        }
        faults
    }

    fn check_one(&self, kind: ScalarType, text: &str, faults: &mut Vec<String>) {
        let shown = if self.no_echo {
            "the value".to_owned()
        } else {
            format!("`{text}`")
        };
        let constraints = &self.constraints;
        if kind == ScalarType::Number && number(text).is_none() {
            faults.push(format!(
                "{shown} is no number. Write digits, such as 5 or 0.25."
            ));
            return;
        }
        if let Some(prefix) = kind.prefix()
            && !text.starts_with(prefix)
        {
            faults.push(format!(
                "{shown} is no identifier of this type. It starts with `{prefix}`."
            ));
        }
        if !constraints.allowed_values.is_empty()
            && !constraints.allowed_values.iter().any(|value| value == text)
        {
            let hint = if self.no_echo {
                String::new()
            } else {
                did_you_mean(text, constraints.allowed_values.iter().map(String::as_str))
            };
            let allowed = constraints.allowed_values.join(", ");
            faults.push(format!(
                "{shown} is not allowed. Choose one of: {allowed}.{hint}"
            ));
        }
        if let Some(pattern) = &constraints.allowed_pattern
            && !matches_whole(pattern, text)
        {
            faults.push(format!("{shown} doesn't match the pattern {pattern}."));
        }
        let length = text.chars().count();
        if let Some(least) = constraints.min_length
            && length < least
        {
            faults.push(format!(
                "{shown} has length {length}; at least {least} characters are needed."
            ));
        }
        if let Some(most) = constraints.max_length
            && length > most
        {
            faults.push(format!(
                "{shown} has length {length}; at most {most} characters are allowed."
            ));
        }
        if kind == ScalarType::Number {
            self.check_range(text, &shown, faults);
        }
    }

    fn check_range(&self, text: &str, shown: &str, faults: &mut Vec<String>) {
        let value = number(text);
        if let Some(least) = &self.constraints.min_value
            && value < number(least)
        {
            faults.push(format!("{shown} is too small; the least is {least}."));
        }
        if let Some(most) = &self.constraints.max_value
            && value > number(most)
        {
            faults.push(format!("{shown} is too large; the most is {most}."));
        }
    }

    /// The value that `Ref` gives.
    fn value(&self, name: &str, text: &str) -> Value {
        if self.no_echo || matches!(self.kind, ParameterType::Ssm(SsmType::Value { .. })) {
            return self.symbol(name);
        }
        match self.kind {
            ParameterType::One(kind) => typed(kind, text),
            ParameterType::List(kind) => {
                Value::List(items(text).map(|item| typed(kind, item)).collect())
            }
            ParameterType::Ssm(_) => Value::string(text),
        }
    }

    fn symbol(&self, name: &str) -> Value {
        Symbol::Parameter {
            name: name.to_owned(),
            list: self.kind.is_list(),
        }
        .into()
    }
}

/// What is wrong with a parameter or the value given for it.
#[derive(Debug)]
pub(super) struct ParameterFault {
    pub name: String,
    /// Where it is declared, when it is.
    pub at: Option<Position>,
    pub message: String,
}

/// Values for every declared parameter.
pub(super) fn resolve(
    declared: &BTreeMap<String, ParameterDeclaration>,
    context: &Context,
) -> Result<BTreeMap<String, ResolvedParameter>, Vec<ParameterFault>> {
    let mut faults = Vec::new();
    let mut resolved = BTreeMap::new();
    for name in context
        .parameters
        .keys()
        .filter(|name| !declared.contains_key(*name))
    {
        let hint = did_you_mean(name, declared.keys().map(String::as_str));
        let message =
            format!("a value is given, but the template declares no such parameter.{hint}");
        faults.push(ParameterFault {
            name: name.clone(),
            at: None,
            message,
        });
    }
    for (name, declaration) in declared {
        let at = Some(declaration.at);
        let given = context.parameters.get(name);
        let Some(text) = given.or(declaration.default.as_ref()) else {
            if context.without_value == WithoutValue::Unknown {
                let parameter = ResolvedParameter {
                    value: declaration.symbol(name),
                    no_echo: declaration.no_echo,
                    given: false,
                };
                resolved.insert(name.clone(), parameter);
                continue;
            }
            let message = "it has no default, so a value must be given.".to_owned();
            faults.push(ParameterFault {
                name: name.clone(),
                at,
                message,
            });
            continue;
        };
        let found = declaration.check(text).into_iter();
        faults.extend(found.map(|message| ParameterFault {
            name: name.clone(),
            at,
            message,
        }));
        let value = declaration.value(name, text);
        let parameter = ResolvedParameter {
            value,
            no_echo: declaration.no_echo,
            given: given.is_some(),
        };
        resolved.insert(name.clone(), parameter);
    }
    if faults.is_empty() {
        Ok(resolved)
    } else {
        Err(faults)
    }
}

fn typed(kind: ScalarType, text: &str) -> Value {
    match kind {
        ScalarType::Number if is_decimal(text) => Value::Number(text.to_owned()),
        _ => Value::string(text),
    }
}

/// The items of a comma-separated list, trimmed. An empty text is one empty item, as `Fn::Join` shows it.
fn items(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim)
}

fn number(text: &str) -> Option<f64> {
    let numeric = text
        .bytes()
        .all(|b| b.is_ascii_digit() || matches!(b, b'-' | b'+' | b'.' | b'e' | b'E'));
    text.parse::<f64>()
        .ok()
        .filter(|n| numeric && n.is_finite())
}

fn compile(pattern: &str) -> Result<bytes::Regex, String> {
    // CloudFormation matches with Java, where \d, \w and case folding mean ASCII.
    bytes::RegexBuilder::new(&format!(r"\A(?:{pattern})\z"))
        .unicode(false)
        .size_limit(1 << 20)
        .build()
        .map_err(|e| match e {
            regex::Error::CompiledTooBig(_) => "it is too large".to_owned(),
            _ => "it is no regular expression we can read".to_owned(),
        })
}

fn matches_whole(pattern: &str, text: &str) -> bool {
    // In characters where the text has more than ASCII: `.{3}` takes three letters, not three bytes.
    if !text.is_ascii()
        && let Ok(unicode) = regex::RegexBuilder::new(&format!(r"\A(?:{pattern})\z"))
            .size_limit(1 << 22)
            .build()
    {
        return unicode.is_match(text);
    }
    compile(pattern).is_ok_and(|regex| regex.is_match(text.as_bytes()))
}

fn scalar(node: &Node, what: &str) -> Result<String, Fault> {
    node.scalar_text().map(str::to_owned).ok_or_else(|| {
        Fault::new(
            node.at,
            format!("the {what} is {}; it must be a text.", node.described()),
        )
    })
}

fn allowed_values(node: Option<&Node>, name: &str) -> Result<Vec<String>, Fault> {
    let Some(node) = node else {
        return Ok(Vec::new());
    };
    let Some(values) = node.as_list().filter(|values| !values.is_empty()) else {
        return Err(Fault::new(
            node.at,
            format!("the AllowedValues of `{name}` must be a list of at least one value."),
        ));
    };
    values
        .iter()
        .map(|value| scalar(value, &format!("allowed value of the parameter `{name}`")))
        .collect()
}

fn length(node: Option<&Node>, key: &str) -> Result<Option<usize>, Fault> {
    node.map(|node| {
        node.scalar_text()
            .and_then(|text| text.parse().ok())
            .ok_or_else(|| {
                Fault::new(
                    node.at,
                    format!("{key} must be a whole number of characters, such as 8."),
                )
            })
    })
    .transpose()
}

fn bound(node: Option<&Node>, key: &str) -> Result<Option<String>, Fault> {
    node.map(|node| {
        node.scalar_text()
            .filter(|text| number(text).is_some())
            .map(str::to_owned)
            .ok_or_else(|| Fault::new(node.at, format!("{key} must be a number.")))
    })
    .transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn declaration(kind: &str) -> ParameterDeclaration {
        ParameterDeclaration {
            at: Position::START,
            kind: ParameterType::from_name(kind).expect("a type"),
            default: None,
            description: None,
            no_echo: false,
            constraints: Constraints::default(),
        }
    }

    #[test]
    fn types_are_known_by_name() {
        let of = ParameterType::from_name;
        assert_eq!(
            of("CommaDelimitedList"),
            Some(ParameterType::List(ScalarType::String))
        );
        assert_eq!(
            of("List<AWS::EC2::Subnet::Id>"),
            Some(ParameterType::List(ScalarType::Subnet))
        );
        assert_eq!(
            of("AWS::SSM::Parameter::Value<List<String>>"),
            Some(ParameterType::Ssm(SsmType::Value { list: true }))
        );
        assert_eq!(
            of("AWS::SSM::Parameter::Value<AWS::SSM::Parameter::Name>"),
            None
        );
        assert_eq!(of("Strin"), None);
        assert_eq!(of("List<String"), None);
    }

    #[test]
    fn numbers_are_checked_and_bounded() {
        let mut number = declaration("Number");
        number.constraints.min_value = Some("1".into());
        number.constraints.max_value = Some("10".into());
        assert!(number.check("5.5").is_empty());
        assert_eq!(number.check("0"), ["`0` is too small; the least is 1."]);
        assert_eq!(
            number.check("10.5"),
            ["`10.5` is too large; the most is 10."]
        );
        assert_eq!(
            number.check("ten"),
            ["`ten` is no number. Write digits, such as 5 or 0.25."]
        );
        assert_eq!(
            number.check("inf"),
            ["`inf` is no number. Write digits, such as 5 or 0.25."]
        );
        assert_eq!(number.value("N", "5"), Value::Number("5".into()));
        assert_eq!(number.value("N", "007"), Value::string("007"));
    }

    #[test]
    fn a_pattern_must_match_the_whole_value() {
        let mut name = declaration("String");
        name.constraints.allowed_pattern = Some("[a-z]+|x9".into());
        name.constraints.description = Some("Small letters only.".into());
        assert!(name.check("abc").is_empty());
        assert_eq!(
            name.check("abc1"),
            [
                "`abc1` doesn't match the pattern [a-z]+|x9.",
                "Small letters only."
            ]
        );
        name.constraints.allowed_pattern = Some("(?i)a.{3}".into());
        assert!(name.check("ABCD").is_empty());
        name.constraints.allowed_pattern = Some(".{3}".into());
        assert!(name.check("üöä").is_empty());
    }

    #[test]
    fn allowed_values_hold_for_each_item_of_a_list() {
        let mut list = declaration("CommaDelimitedList");
        list.constraints.allowed_values = vec!["read".into(), "write".into()];
        assert!(list.check("read, write").is_empty());
        assert_eq!(
            list.check("read,wirte"),
            ["`wirte` is not allowed. Choose one of: read, write. Did you mean `write`?"]
        );
        assert_eq!(
            list.value("L", "a, b"),
            Value::List(vec![Value::string("a"), Value::string("b")])
        );
    }

    #[test]
    fn lengths_count_characters() {
        let mut text = declaration("String");
        text.constraints.min_length = Some(2);
        text.constraints.max_length = Some(3);
        assert!(text.check("üöä").is_empty());
        assert_eq!(
            text.check("a"),
            ["`a` has length 1; at least 2 characters are needed."]
        );
        assert_eq!(
            text.check("abcd"),
            ["`abcd` has length 4; at most 3 characters are allowed."]
        );
        assert!(text.check(&"x".repeat(5000))[0].contains("limit is 4096"));
    }

    #[test]
    fn identifiers_have_their_prefix() {
        assert!(
            declaration("AWS::EC2::VPC::Id")
                .check("vpc-0a1b")
                .is_empty()
        );
        assert_eq!(
            declaration("List<AWS::EC2::Subnet::Id>").check("subnet-1,vpc-2"),
            ["`vpc-2` is no identifier of this type. It starts with `subnet-`."]
        );
    }

    #[test]
    fn hidden_values_are_neither_shown_nor_resolved() {
        let mut hidden = declaration("String");
        hidden.no_echo = true;
        hidden.constraints.min_length = Some(8);
        assert_eq!(
            hidden.check("short"),
            ["the value has length 5; at least 8 characters are needed."]
        );
        assert_eq!(
            hidden.value("P", "x"),
            Symbol::Parameter {
                name: "P".into(),
                list: false
            }
            .into()
        );
    }

    #[test]
    fn values_from_ssm_are_unknown() {
        let ssm = declaration("AWS::SSM::Parameter::Value<CommaDelimitedList>");
        assert_eq!(
            ssm.value("P", "/a"),
            Symbol::Parameter {
                name: "P".into(),
                list: true
            }
            .into()
        );
        assert_eq!(
            declaration("AWS::SSM::Parameter::Name").value("P", "/a"),
            Value::string("/a")
        );
    }
}
