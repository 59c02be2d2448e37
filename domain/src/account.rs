//! An AWS account that Gatehouse may work in, and the roles it uses there.
use crate::names::{AccountId, Region};
use crate::stage::Stage;
use serde::{Deserialize, Serialize};

/// One target account, as configured.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Account {
    /// The account's twelve digits.
    pub id: AccountId,
    /// What people call it.
    pub name: String,
    /// The stages whose environments live here.
    pub stages: Vec<Stage>,
    /// The home region of its environments.
    pub region: Region,
    /// ARN of the role that creates and reads change sets.
    pub plan_role: String,
    /// ARN of the role that executes, cancels and deletes.
    pub execute_role: String,
    /// ARN of the role that CloudFormation works with.
    pub service_role: String,
    /// ARN of the managed policy that bounds every role a blueprint creates.
    pub permissions_boundary: String,
    /// The secret-like value both roles' trust policies ask for (IAM User Guide, "external ID").
    pub external_id: String,
    /// Bucket for templates over CloudFormation's inline limit.
    pub artifact_bucket: String,
}
