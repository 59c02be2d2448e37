//! What is right in a policy, and how it is read.
use super::*;
use crate::access::iam::statement::{
    Condition, Effect, Operator, Principal, PrincipalKind, Quantifier, Test,
};

#[test]
fn a_statement_is_read_with_all_its_elements() {
    let policy = json!({
        "Version": "2012-10-17",
        "Id": "orders",
        "Statement": {
            "Sid": "Read orders",
            "Effect": "Deny",
            "NotPrincipal": {"AWS": ["arn:aws:iam::123456789012:role/deploy"], "Service": "ecs.amazonaws.com"},
            "NotAction": ["S3:GetObject", "s3:List*"],
            "NotResource": "arn:aws:s3:::orders/*",
            "Condition": {"ForAnyValue:StringLikeIfExists": {"AWS:PrincipalTag/Team": ["pay*", 7, true]}},
        },
    });
    let principal = |kind, name| Principal {
        kind,
        name: literal(name),
    };
    assert_eq!(
        statements(&policy, DocumentKind::Resource),
        [Statement {
            effect: Effect::Deny,
            principals: Some(Test {
                not: true,
                values: vec![
                    principal(PrincipalKind::Aws, "arn:aws:iam::123456789012:role/deploy"),
                    principal(PrincipalKind::Service, "ecs.amazonaws.com"),
                ],
            }),
            actions: Test {
                not: true,
                values: vec![literal("S3:GetObject"), literal("s3:List*")],
            },
            resources: Some(Test {
                not: true,
                values: vec![literal("arn:aws:s3:::orders/*")],
            }),
            conditions: vec![Condition {
                quantifier: Some(Quantifier::ForAnyValue),
                operator: Operator::StringLike,
                if_exists: true,
                key: "aws:principaltag/team".into(),
                written: "AWS:PrincipalTag/Team".into(),
                values: vec![literal("pay*"), literal("7"), literal("true")],
            }],
        }]
    );
}

#[test]
fn valid_policies_have_no_findings() {
    use DocumentKind::{Identity, Resource, Trust};
    for (policy, kind, count) in [
        (json!({"Statement": []}), Identity, 0),
        (json!({"Version": "2008-10-17", "Statement": []}), Trust, 0),
        (identity(&json!({})), Identity, 1),
        (identity(&json!({"Action": "*"})), Identity, 1),
        (
            identity(
                &json!({"Action": ["*:*", "ec2:*", "a4b:Get?", "aws-portal:*Billing", "iam:Pass*Role"]}),
            ),
            Identity,
            1,
        ),
        (
            identity(&json!({"Action": [], "Resource": []})),
            Identity,
            1,
        ),
        (identity(&json!({"Condition": {}})), Identity, 1),
        (
            identity(&json!({"Resource": null, "NotResource": ["arn:aws:s3:::a", "*"]})),
            Identity,
            1,
        ),
        (resource(&json!({"Resource": null})), Resource, 1),
        (
            resource(&json!({"Resource": "execute-api:/*/GET/*"})),
            Resource,
            1,
        ),
        (
            resource(&json!({"Principal": null, "NotPrincipal": {"AWS": "123456789012"}})),
            Resource,
            1,
        ),
        (resource(&json!({"Principal": {}})), Resource, 1),
        (trust(&json!({})), Trust, 1),
        (
            trust(&json!({"Principal": {"Federated": "token.actions.githubusercontent.com"}})),
            Trust,
            1,
        ),
    ] {
        assert_eq!(statements(&policy, kind).len(), count, "{policy}");
    }
}

#[test]
fn conditions_are_read_whatever_their_case() {
    for (name, quantifier, operator, if_exists) in [
        ("StringEquals", None, Operator::StringEquals, false),
        (
            "stringnotequalsignorecase",
            None,
            Operator::StringNotEqualsIgnoreCase,
            false,
        ),
        ("ARNLIKEIFEXISTS", None, Operator::ArnLike, true),
        (
            "ForAllValues:StringLike",
            Some(Quantifier::ForAllValues),
            Operator::StringLike,
            false,
        ),
        (
            "foranyvalue:arnNotEqualsIfExists",
            Some(Quantifier::ForAnyValue),
            Operator::ArnNotEquals,
            true,
        ),
    ] {
        let policy =
            condition(&json!({name: {"Aws:PrincipalArn": "arn:aws:iam::123456789012:role/a"}}));
        let condition = only(statements(&policy, DocumentKind::Identity))
            .conditions
            .remove(0);
        assert_eq!(
            (
                condition.quantifier,
                condition.operator,
                condition.if_exists,
                condition.key.as_str()
            ),
            (quantifier, operator, if_exists, "aws:principalarn"),
            "{name}"
        );
    }
}

#[test]
fn values_of_every_kind_of_condition_are_read() {
    for valid in [
        json!({"NumericLessThanEquals": {"s3:max-keys": "10"}, "NumericEquals": {"s3:max-keys": [10, -2.5]}}),
        json!({"DateGreaterThan": {"aws:TokenIssueTime": "2020-01-01T00:00:01Z"}, "DateEquals": {"aws:EpochTime": 1577836801}}),
        json!({"Bool": {"aws:SecureTransport": false, "aws:MultiFactorAuthPresent": "${aws:ViaAWSService}"}}),
        json!({"Null": {"aws:TokenIssueTime": ["true", false]}}),
        json!({"IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "2001:DB8:1234:5678::/64", "10.0.0.1"]}}),
        json!({"BinaryEquals": {"kms:key": "QmluYXJ5VmFsdWVJbkJhc2U2NA=="}}),
        json!({"ArnEquals": {"aws:SourceArn": "arn:aws:sns:*:123456789012:*"}}),
        json!({"StringLike": {"s3:prefix": ["", "home/", "home/${aws:username}/"]}}),
        json!({"ForAllValues:StringEquals": {"aws:TagKeys": []}}),
        json!({"StringEquals": {}}),
    ] {
        statements(&condition(&valid), DocumentKind::Identity);
    }
}

#[test]
fn principals_have_one_name_each() {
    let root = |partition: &str| format!("arn:{partition}:iam::123456789012:root");
    for (principal, kind, name) in [
        (json!("*"), PrincipalKind::Everyone, "*".to_owned()),
        (json!({"AWS": "*"}), PrincipalKind::Everyone, "*".to_owned()),
        (
            json!({"AWS": "123456789012"}),
            PrincipalKind::Aws,
            root("aws"),
        ),
        (
            json!({"AWS": 123_456_789_012_u64}),
            PrincipalKind::Aws,
            root("aws"),
        ),
        (json!({"AWS": root("aws")}), PrincipalKind::Aws, root("aws")),
        (
            json!({"AWS": root("aws-cn")}),
            PrincipalKind::Aws,
            root("aws-cn"),
        ),
        (
            json!({"AWS": "AIDAJQABLZS4A3QDU576Q"}),
            PrincipalKind::Aws,
            "AIDAJQABLZS4A3QDU576Q".to_owned(),
        ),
        (
            json!({"AWS": "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1"}),
            PrincipalKind::Aws,
            "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1".to_owned(),
        ),
        (
            json!({"Federated": ["www.amazon.com"]}),
            PrincipalKind::Federated,
            "www.amazon.com".to_owned(),
        ),
        (
            json!({"CanonicalUser": "79a59df900b9"}),
            PrincipalKind::CanonicalUser,
            "79a59df900b9".to_owned(),
        ),
    ] {
        let policy = resource(&json!({"Principal": principal}));
        let principals = only(statements(&policy, DocumentKind::Resource))
            .principals
            .unwrap();
        assert_eq!(
            principals.values,
            [Principal {
                kind,
                name: literal(&name)
            }],
            "{principal}"
        );
    }
}

#[test]
fn variables_are_read_where_the_version_has_them() {
    let name =
        "arn:aws:s3:::b/${aws:PrincipalTag/Team}/${*}${?}${$}/${aws:UserId, 'No One'}/${open";
    let policy = |version: &str| json!({"Version": version, "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": name}]});
    let resource = |version| {
        only(statements(&policy(version), DocumentKind::Identity))
            .resources
            .unwrap()
            .values
    };
    let slash = || Piece::Literal("/".into());
    assert_eq!(
        resource("2012-10-17"),
        [Text(vec![
            Piece::Literal("arn:aws:s3:::b/".into()),
            Piece::Variable("aws:principaltag/team".into()),
            slash(),
            Piece::Verbatim('*'),
            Piece::Verbatim('?'),
            Piece::Verbatim('$'),
            slash(),
            Piece::Variable("aws:userid, 'No One'".into()),
            Piece::Literal("/${open".into()),
        ])]
    );
    assert_eq!(resource("2008-10-17"), [literal(name)]);
}
