//! Statements as they are compared: every element read, nothing judged.
use crate::template::Symbol;

/// One statement of a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Statement {
    pub(super) effect: Effect,
    /// None in the policy of an identity.
    pub(super) principals: Option<Test<Principal>>,
    pub(super) actions: Test<Text>,
    /// None in a trust policy, and where a resource's own policy names none: the resource is meant.
    pub(super) resources: Option<Test<Text>>,
    /// All of them have to hold.
    pub(super) conditions: Vec<Condition>,
}

/// Whether a statement lets in or keeps out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Effect {
    Allow,
    Deny,
}

/// One of these values; or, with `not`, none of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Test<T> {
    pub(super) not: bool,
    pub(super) values: Vec<T>,
}

/// A text in which some parts are known only at deployment or with the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Text(pub(super) Vec<Piece>);

/// A part of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// As written; `*` and `?` may be wildcards, which the place of the text decides.
    Literal(String),
    /// One character that is never a wildcard: `${*}`, `${?}`, `${$}`.
    Verbatim(char),
    /// Known only at deployment.
    Symbol(Symbol),
    /// A policy variable, without its `${` and `}`: known only with the request.
    Variable(String),
}

/// One entry of a principal element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Principal {
    pub(super) kind: PrincipalKind,
    pub(super) name: Text,
}

/// What a principal entry names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum PrincipalKind {
    /// `"*"`, or `AWS` with `*`.
    Everyone,
    /// An account, role, user or session, by ARN, number or unique id.
    Aws,
    /// An AWS service.
    Service,
    /// An identity provider.
    Federated,
    /// An account's canonical user id.
    CanonicalUser,
}

/// One operator on one key: `{"StringLike": {"aws:PrincipalArn": [...]}}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Condition {
    pub(super) quantifier: Option<Quantifier>,
    pub(super) operator: Operator,
    /// The operator's name ends in `IfExists`.
    pub(super) if_exists: bool,
    /// Lower case, since keys are case-blind.
    pub(super) key: String,
    /// The key as it stands in the policy.
    pub(super) written: String,
    pub(super) values: Vec<Text>,
}

/// How a condition treats a key with several values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Quantifier {
    ForAnyValue,
    ForAllValues,
}

/// Condition operators (IAM User Guide, "IAM JSON policy elements: Condition operators").
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Operator {
    StringEquals,
    StringNotEquals,
    StringEqualsIgnoreCase,
    StringNotEqualsIgnoreCase,
    StringLike,
    StringNotLike,
    NumericEquals,
    NumericNotEquals,
    NumericLessThan,
    NumericLessThanEquals,
    NumericGreaterThan,
    NumericGreaterThanEquals,
    DateEquals,
    DateNotEquals,
    DateLessThan,
    DateLessThanEquals,
    DateGreaterThan,
    DateGreaterThanEquals,
    Bool,
    BinaryEquals,
    IpAddress,
    NotIpAddress,
    /// The same as `ArnLike`.
    ArnEquals,
    ArnNotEquals,
    ArnLike,
    ArnNotLike,
    Null,
}
