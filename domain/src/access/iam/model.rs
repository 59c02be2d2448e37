//! Which policies bear on whom, before anything in them is read.
use crate::template::Value;
use std::sync::Arc;

/// The policies that bear on a subject, by how they are evaluated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Held {
    /// Policies of an identity: any of them allows, any of them denies, the boundary cuts.
    Identity {
        policies: Vec<Arc<Policy>>,
        boundary: Boundary,
    },
    /// A role's trust policy: who may assume it.
    Trust { policies: Vec<Arc<Policy>> },
    /// A resource's own policies. Judged as a grant (what they let others do), and as a limit (what
    /// they forbid to callers whose own policies allow all).
    Resource {
        policies: Vec<Arc<Policy>>,
        unwritten: Unwritten,
    },
}

/// What a resource without any policy lets callers do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unwritten {
    /// Nothing beyond what callers' own policies allow: the rule.
    Nothing,
    /// Everything: a VPC endpoint without a policy.
    Everything,
}

/// What cuts an identity's policies: a permissions boundary, or the session policies of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Boundary {
    /// None: nothing is cut.
    None,
    /// Only what any of them allows and none of them denies remains.
    Is(Vec<Arc<Policy>>),
}

/// A policy, read or only named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Policy {
    /// Its text is at hand.
    Written(Document),
    /// A managed policy, or a role outside the template, whose text is not at hand: the same name stands for the
    /// same set of allowed and denied requests, whatever they are.
    Named {
        /// ARN or name, as a value since it may be known only at deployment.
        name: Value,
        /// Logical id of the resource that attaches it.
        source: String,
    },
}

/// A policy document at its place in a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// Logical id of the resource it stands in.
    pub source: String,
    /// The place for people: `trust`, `policy orders-read`, `resource policy`.
    pub place: String,
    /// The place in the template, such as `Resources.Role.Properties.Policies[0].PolicyDocument`.
    pub path: String,
    /// The document, resolved; or its JSON as a text.
    pub value: Value,
}
