//! The `Principal` and `NotPrincipal` elements.
//! Source: IAM User Guide, "AWS JSON policy elements: Principal".
use super::reading::{Reading, each, quoted, shown};
use super::text::{self, Variables};
use crate::access::iam::statement::{Piece, Principal, PrincipalKind, Text};
use crate::template::{Symbol, Value};

/// The entries of a principal element, whatever their kind.
pub(super) fn all(value: &Value, reading: &mut Reading) -> Option<Vec<Principal>> {
    match value {
        Value::String(everyone) if everyone == "*" => Some(vec![everyone_at_all()]),
        Value::Map(kinds) => {
            let mut principals = Some(Vec::new());
            for (name, value) in kinds {
                let read = reading.at(name, |reading| of_kind(name, value, reading));
                principals = principals.zip(read).map(|(mut principals, read)| {
                    principals.extend(read);
                    principals
                });
            }
            principals
        }
        _ => reading.fault(format!(
            "{} is no principal. Write \"*\", or a map such as {{\"AWS\": \"arn:aws:iam::123456789012:root\"}}.",
            shown(value)
        )),
    }
}

fn of_kind(name: &str, value: &Value, reading: &mut Reading) -> Option<Vec<Principal>> {
    match name {
        "AWS" => each(value, reading, aws),
        "Service" => each(value, reading, |value, reading| {
            named(PrincipalKind::Service, value, reading)
        }),
        "Federated" => each(value, reading, |value, reading| {
            named(PrincipalKind::Federated, value, reading)
        }),
        "CanonicalUser" => each(value, reading, |value, reading| {
            named(PrincipalKind::CanonicalUser, value, reading)
        }),
        _ => reading
            .fault("this is no kind of principal. Use AWS, Service, Federated or CanonicalUser."),
    }
}

fn everyone_at_all() -> Principal {
    Principal {
        kind: PrincipalKind::Everyone,
        name: Text(vec![Piece::Literal("*".to_owned())]),
    }
}

fn named(kind: PrincipalKind, value: &Value, reading: &mut Reading) -> Option<Principal> {
    let name = without_wildcards(value, reading)?;
    Some(Principal { kind, name })
}

/// An account, role, user or session.
fn aws(value: &Value, reading: &mut Reading) -> Option<Principal> {
    if matches!(value, Value::String(everyone) if everyone == "*") {
        return Some(everyone_at_all());
    }
    let name = without_wildcards(value, reading)?;
    let name = match name.0.as_slice() {
        [Piece::Literal(number)] if is_account(number) => root(name.0),
        [Piece::Symbol(Symbol::Pseudo("AWS::AccountId"))] => root(name.0),
        [Piece::Literal(literal)] if !is_arn(literal) && !is_unique_id(literal) => {
            return reading.fault(format!(
                "{} is no AWS principal. Write an ARN such as arn:aws:iam::123456789012:role/deploy, or an account's 12 digits.",
                quoted(literal)
            ));
        }
        _ => name,
    };
    Some(Principal {
        kind: PrincipalKind::Aws,
        name,
    })
}

/// "You cannot use a wildcard to match part of a principal name or ARN."
fn without_wildcards(value: &Value, reading: &mut Reading) -> Option<Text> {
    let name = text::text(value, Variables::Refused, reading)?;
    if name.0.is_empty() {
        return reading.fault("the name of a principal is empty. Write it out.");
    }
    for piece in &name.0 {
        if let Piece::Literal(literal) = piece
            && literal.contains(['*', '?'])
        {
            return reading.fault(format!(
                "{} holds a wildcard, and a principal is named in full. Use a condition such as ArnLike on aws:PrincipalArn for a pattern; only AWS may be \"*\" as a whole.",
                quoted(literal)
            ));
        }
    }
    Some(name)
}

/// The account's number and its root's ARN mean the same.
fn root(account: Vec<Piece>) -> Text {
    let mut pieces = Vec::with_capacity(3);
    for piece in std::iter::once(Piece::Literal("arn:aws:iam::".to_owned()))
        .chain(account)
        .chain([Piece::Literal(":root".to_owned())])
    {
        match (pieces.last_mut(), piece) {
            (Some(Piece::Literal(last)), Piece::Literal(literal)) => last.push_str(&literal),
            (_, piece) => pieces.push(piece),
        }
    }
    Text(pieces)
}

fn is_account(name: &str) -> bool {
    name.len() == 12 && name.bytes().all(|byte| byte.is_ascii_digit())
}

/// `arn:aws:iam::123456789012:user/ada`; also of the STS, and of CloudFront's origin access identities, whose account is
/// `cloudfront`.
fn is_arn(name: &str) -> bool {
    let fields: Vec<&str> = name.splitn(6, ':').collect();
    let [arn, partition, service, region, account, resource] = fields.as_slice() else {
        return false;
    };
    *arn == "arn"
        && !partition.is_empty()
        && matches!(*service, "iam" | "sts")
        && region.is_empty()
        && !account.is_empty()
        && !resource.is_empty()
}

/// Such as AIDAJQABLZS4A3QDU576Q: IAM User Guide, "IAM identifiers".
fn is_unique_id(name: &str) -> bool {
    (16..=128).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
        && name.starts_with('A')
}
