//! Names and ids: every thing has its own type, so that one can't be passed where another is meant.
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use uuid::Uuid;

/// A name that breaks the rules of its kind. The message is fit for the person who typed it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("“{value}” can't be a {kind}: {rule}")]
pub struct InvalidName {
    /// What was given.
    pub value: String,
    /// The kind of name, in the words of the product.
    pub kind: &'static str,
    /// What would be right.
    pub rule: &'static str,
}

macro_rules! text_name {
    ($(#[$doc:meta])* $name:ident, $kind:literal, $rule:literal, $valid:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = InvalidName;

            fn from_str(value: &str) -> Result<Self, InvalidName> {
                let valid: fn(&str) -> bool = $valid;
                if valid(value) {
                    Ok(Self(value.to_owned()))
                } else {
                    Err(InvalidName { value: value.to_owned(), kind: $kind, rule: $rule })
                }
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidName;

            fn try_from(value: String) -> Result<Self, InvalidName> {
                value.parse()
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> String {
                name.0
            }
        }
    };
}

/// Lower-case letters, digits and single hyphens, starting with a letter: what every AWS name that
/// Gatehouse derives from it accepts.
fn is_slug(value: &str, longest: usize) -> bool {
    value.len() <= longest
        && value.starts_with(|c: char| c.is_ascii_lowercase())
        && !value.ends_with('-')
        && !value.contains("--")
        && value
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}

text_name!(
    /// A team, as in the configuration.
    TeamName,
    "team name",
    "use 1 to 24 lower-case letters, digits and single hyphens, starting with a letter",
    |value| is_slug(value, 24)
);
text_name!(
    /// A service of a team.
    ServiceName,
    "service name",
    "use 1 to 24 lower-case letters, digits and single hyphens, starting with a letter",
    |value| is_slug(value, 24)
);
text_name!(
    /// A blueprint: the name of its folder and of its manifest.
    BlueprintName,
    "blueprint name",
    "use 1 to 40 lower-case letters, digits and single hyphens, starting with a letter",
    |value| is_slug(value, 40)
);
text_name!(
    /// An AWS account: twelve digits.
    AccountId,
    "AWS account id",
    "it has exactly twelve digits",
    |value| value.len() == 12 && value.bytes().all(|b| b.is_ascii_digit())
);
text_name!(
    /// An AWS region, for example `eu-west-1`.
    Region,
    "AWS region",
    "it looks like eu-west-1",
    |value| value.len() <= 25
        && value.split('-').count() >= 3
        && value.ends_with(|c: char| c.is_ascii_digit())
        && value.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
);
text_name!(
    /// A CloudFormation stack name.
    StackName,
    "stack name",
    "CloudFormation takes 1 to 128 letters, digits and hyphens, starting with a letter",
    |value| value.len() <= 128
        && value.starts_with(|c: char| c.is_ascii_alphabetic())
        && value.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
);
text_name!(
    /// The subject of a person at the identity provider: stable, says nothing about who it is.
    Subject,
    "subject",
    "it has 1 to 255 characters, none of them a control character (OpenID Connect Core, section 2)",
    |value| !value.is_empty() && value.len() <= 255 && !value.chars().any(char::is_control)
);
text_name!(
    /// SHA-256 in 64 lower-case hexadecimal digits.
    Digest,
    "digest",
    "it has 64 lower-case hexadecimal digits",
    |value| value.len() == 64
        && value.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
);

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

uuid_id!(
    /// A service.
    ServiceId
);
uuid_id!(
    /// An environment.
    EnvironmentId
);
uuid_id!(
    /// A release.
    ReleaseId
);
uuid_id!(
    /// A change; people see its [`ChangeNumber`].
    ChangeId
);
uuid_id!(
    /// A plan; the names and tokens of what is created at AWS for it derive from this id.
    PlanId
);
uuid_id!(
    /// A deployment; the tokens of what is executed at AWS for it derive from this id.
    DeploymentId
);
uuid_id!(
    /// The vetting of a blueprint version.
    VettingId
);
uuid_id!(
    /// A kept form: what was typed and what was wrong with it.
    DraftId
);
uuid_id!(
    /// A browser session.
    SessionId
);

/// The number people know a change by, written `CH-42`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ChangeNumber(pub i64);

impl fmt::Display for ChangeNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CH-{}", self.0)
    }
}

impl FromStr for ChangeNumber {
    type Err = InvalidName;

    fn from_str(value: &str) -> Result<Self, InvalidName> {
        value
            .strip_prefix("CH-")
            .filter(|digits| !digits.starts_with(['0', '+', '-']))
            .and_then(|digits| digits.parse().ok())
            .map(ChangeNumber)
            .ok_or_else(|| InvalidName {
                value: value.to_owned(),
                kind: "change number",
                rule: "it looks like CH-42",
            })
    }
}

/// The number people know a waiver by, written `W-7`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct WaiverNumber(pub i64);

impl fmt::Display for WaiverNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "W-{}", self.0)
    }
}

impl FromStr for WaiverNumber {
    type Err = InvalidName;

    fn from_str(value: &str) -> Result<Self, InvalidName> {
        value
            .strip_prefix("W-")
            .filter(|digits| !digits.starts_with(['0', '+', '-']))
            .and_then(|digits| digits.parse().ok())
            .map(WaiverNumber)
            .ok_or_else(|| InvalidName {
                value: value.to_owned(),
                kind: "waiver number",
                rule: "it looks like W-7",
            })
    }
}

/// The number of a release of a service, written `r14`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ReleaseNumber(pub i32);

impl fmt::Display for ReleaseNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "r{}", self.0)
    }
}

impl FromStr for ReleaseNumber {
    type Err = InvalidName;

    fn from_str(value: &str) -> Result<Self, InvalidName> {
        value
            .strip_prefix('r')
            .filter(|digits| !digits.starts_with(['0', '+', '-']))
            .and_then(|digits| digits.parse().ok())
            .map(ReleaseNumber)
            .ok_or_else(|| InvalidName {
                value: value.to_owned(),
                kind: "release number",
                rule: "it looks like r14",
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_their_rules() {
        for good in ["a", "checkout", "a1-b2", "payments-api"] {
            assert!(good.parse::<ServiceName>().is_ok(), "{good}");
        }
        for bad in [
            "",
            "1a",
            "-a",
            "a-",
            "a--b",
            "A",
            "a_b",
            "a b",
            "ä",
            &"a".repeat(25),
        ] {
            assert!(bad.parse::<ServiceName>().is_err(), "{bad}");
        }
        assert!("123456789012".parse::<AccountId>().is_ok());
        assert!("12345678901".parse::<AccountId>().is_err());
        assert!("eu-west-1".parse::<Region>().is_ok());
        assert!("Europe".parse::<Region>().is_err());
    }

    #[test]
    fn change_numbers_read_back() {
        assert_eq!("CH-42".parse(), Ok(ChangeNumber(42)));
        assert_eq!(ChangeNumber(42).to_string(), "CH-42");
        for bad in [
            "42",
            "CH-",
            "CH-042",
            "CH--1",
            "CH-+1",
            "CH-x",
            "CH-99999999999999999999",
        ] {
            assert!(bad.parse::<ChangeNumber>().is_err(), "{bad}");
        }
    }

    #[test]
    fn waiver_numbers_read_back() {
        assert_eq!("W-7".parse(), Ok(WaiverNumber(7)));
        assert_eq!(WaiverNumber(7).to_string(), "W-7");
        for bad in ["7", "W-", "W-07", "W--1", "CH-7"] {
            assert!(bad.parse::<WaiverNumber>().is_err(), "{bad}");
        }
    }

    #[test]
    fn release_numbers_read_back() {
        assert_eq!("r14".parse(), Ok(ReleaseNumber(14)));
        assert_eq!(ReleaseNumber(14).to_string(), "r14");
        for bad in ["14", "r", "r0", "r014", "r-1", "r+1", "r99999999999"] {
            assert!(bad.parse::<ReleaseNumber>().is_err(), "{bad}");
        }
    }
}
