//! What a template is resolved with: parameter values and where the stack will stand.

use std::collections::BTreeMap;

/// The values of parameters and pseudo parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Context {
    /// As typed: every value is a text, lists are comma-separated. What is missing takes its default.
    pub parameters: BTreeMap<String, String>,
    /// `AWS::AccountId`.
    pub account_id: String,
    /// `AWS::Region`.
    pub region: String,
    /// `AWS::Partition`.
    pub partition: String,
    /// `AWS::URLSuffix`.
    pub url_suffix: String,
    /// `AWS::StackName`.
    pub stack_name: String,
    /// `AWS::NotificationARNs`.
    pub notification_arns: Vec<String>,
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
        let region = region.into();
        let (partition, url_suffix) = PARTITIONS
            .iter()
            .find(|(prefix, ..)| region.starts_with(prefix))
            .map_or(("aws", "amazonaws.com"), |(_, partition, suffix)| {
                (partition, suffix)
            });
        Self {
            parameters: BTreeMap::new(),
            account_id: account_id.into(),
            region,
            partition: partition.to_owned(),
            url_suffix: url_suffix.to_owned(),
            stack_name: stack_name.into(),
            notification_arns: Vec::new(),
        }
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
}
