//! What a template is resolved with: parameter values and where the stack will stand.

use std::collections::BTreeMap;

/// The values of parameters and pseudo parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Context {
    /// As typed: every value is a text, lists are comma-separated. What is missing takes its default.
    pub parameters: BTreeMap<String, String>,
    /// What becomes of a parameter that has neither a value nor a default.
    pub without_value: WithoutValue,
    /// `AWS::AccountId`; none stays a symbol.
    pub account_id: Option<String>,
    /// `AWS::Region`; none stays a symbol.
    pub region: Option<String>,
    /// `AWS::Partition`.
    pub partition: String,
    /// `AWS::URLSuffix`.
    pub url_suffix: String,
    /// `AWS::StackName`; none stays a symbol.
    pub stack_name: Option<String>,
    /// `AWS::NotificationARNs`; none stays a symbol.
    pub notification_arns: Option<Vec<String>>,
}

/// What becomes of a parameter that has neither a value nor a default.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WithoutValue {
    /// The template can't be resolved: CloudFormation would refuse it.
    Refused,
    /// It stays a symbol, for a template that is compared before anyone has chosen its values.
    Unknown,
}

/// Region prefix, partition and DNS suffix. Source: the partitions file of the AWS SDKs (`partitions.json`).
const PARTITIONS: [(&str, &str, &str); 7] = [
    ("cn-", "aws-cn", "amazonaws.com.cn"),
    ("us-gov-", "aws-us-gov", "amazonaws.com"),
    ("us-iso-", "aws-iso", "c2s.ic.gov"),
    ("us-isob-", "aws-iso-b", "sc2s.sgov.gov"),
    ("us-isof-", "aws-iso-f", "csp.hci.ic.gov"),
    ("eu-isoe-", "aws-iso-e", "cloud.adc-e.uk"),
    ("eusc-", "aws-eusc", "amazonaws.eu"),
];

impl Context {
    /// A context without parameter values; partition and DNS suffix follow from the region.
    pub fn new(
        account_id: impl Into<String>,
        region: impl Into<String>,
        stack_name: impl Into<String>,
    ) -> Self {
        Self {
            without_value: WithoutValue::Refused,
            account_id: Some(account_id.into()),
            stack_name: Some(stack_name.into()),
            notification_arns: Some(Vec::new()),
            ..Self::unknown().in_region(region)
        }
    }

    /// A context in which nothing is known but that the stack stands in the partition `aws`: parameters
    /// without a value and pseudo parameters stay symbols.
    pub fn unknown() -> Self {
        Self {
            parameters: BTreeMap::new(),
            without_value: WithoutValue::Unknown,
            account_id: None,
            region: None,
            partition: "aws".to_owned(),
            url_suffix: "amazonaws.com".to_owned(),
            stack_name: None,
            notification_arns: None,
        }
    }

    /// The same in a region, whose partition and DNS suffix follow from it.
    #[must_use]
    pub fn in_region(mut self, region: impl Into<String>) -> Self {
        let region = region.into();
        if let Some((_, partition, suffix)) = PARTITIONS
            .iter()
            .find(|(prefix, ..)| region.starts_with(prefix))
        {
            self.partition = (*partition).to_owned();
            self.url_suffix = (*suffix).to_owned();
        }
        self.region = Some(region);
        self
    }

    /// The same with one more parameter value.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.parameters.insert(name.into(), value.into());
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn partition_follows_from_the_region() {
        let of = |region: &str| {
            let context = Context::new("111122223333", region, "s");
            (context.partition, context.url_suffix)
        };
        assert_eq!(of("eu-central-1"), ("aws".into(), "amazonaws.com".into()));
        assert_eq!(
            of("cn-north-1"),
            ("aws-cn".into(), "amazonaws.com.cn".into())
        );
        assert_eq!(
            of("us-gov-west-1"),
            ("aws-us-gov".into(), "amazonaws.com".into())
        );
    }

    #[test]
    fn without_a_region_nothing_but_the_partition_is_known() {
        let context = Context::unknown();
        assert_eq!(context.partition, "aws");
        assert_eq!((context.account_id, context.region), (None, None));
    }
}
