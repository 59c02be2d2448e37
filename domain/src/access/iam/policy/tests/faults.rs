//! What is wrong in a policy, and how it is said.
use super::*;

#[test]
fn faults_of_a_policy_are_findings() {
    for (policy, expected) in [
        (
            json!([]),
            "Doc: a policy is a map with `Version` and `Statement`, or the JSON text of one.",
        ),
        (
            json!({}),
            "Doc: `Statement` is missing. Add it with a list of statements.",
        ),
        (
            json!({"Statement": "x"}),
            "Doc.Statement: `x` stands where statements belong. Write a list of maps.",
        ),
        (
            json!({"Statement": ["x"]}),
            "Doc.Statement[0]: `x` stands where a statement belongs. Write a map with `Effect` and `Action`.",
        ),
        (
            json!({"Statement": null}),
            "Doc.Statement: null stands where statements belong. Write a list of maps.",
        ),
        (
            json!({"Version": "2012-10-18", "Statement": []}),
            "Doc.Version: `2012-10-18` is no version of the policy language. Write \"2012-10-17\", or \"2008-10-17\" for the old one.",
        ),
        (
            json!({"Id": "x", "Statement": []}),
            "Doc.Id: the policy of an identity has no `Id`. Remove it.",
        ),
        (
            json!({"statement": [], "Statement": []}),
            "Doc: `statement` is no element here. Element names are case-sensitive: write `Statement`.",
        ),
        (
            json!({"Extra": 1, "Statement": []}),
            "Doc: `Extra` is no element here. Use only Version, Id, Statement.",
        ),
    ] {
        assert_eq!(
            findings(&policy, DocumentKind::Identity),
            expected,
            "{policy}"
        );
    }
}

/// Each change to a valid statement is one fault, and the statement is not judged.
fn assert_faults(
    base: fn(&serde_json::Value) -> serde_json::Value,
    kind: DocumentKind,
    cases: &[(serde_json::Value, &str)],
) {
    for (elements, expected) in cases {
        let parsed = parsed(&base(elements), kind);
        assert_eq!(
            parsed.findings.len(),
            1,
            "{elements}: {:?}",
            parsed.findings
        );
        assert!(
            parsed.findings[0].starts_with(&format!("Doc.Statement[0]{expected}")),
            "{elements}: {}",
            parsed.findings[0]
        );
        assert_eq!(parsed.statements, []);
    }
}

#[test]
fn faults_of_a_statement_are_findings() {
    assert_faults(
        identity,
        DocumentKind::Identity,
        &[
            (json!({"Effect": null}), ": `Effect` is missing."),
            (
                json!({"Effect": "allow"}),
                ".Effect: `allow` is no effect. Write \"Allow\" or \"Deny\".",
            ),
            (
                json!({"Effect": ["Allow"]}),
                ".Effect: a list is no effect.",
            ),
            (json!({"Action": null}), ": `Action` is missing."),
            (
                json!({"NotAction": "s3:*"}),
                ": `Action` and `NotAction` stand in one statement.",
            ),
            (
                json!({"Action": null, "NotAction": []}),
                ".NotAction: `NotAction` is empty.",
            ),
            (
                json!({"Action": "GetObject"}),
                ".Action: `GetObject` is no action.",
            ),
            (
                json!({"Action": ["s3:*", "s3:"]}),
                ".Action[1]: `s3:` is no action.",
            ),
            (json!({"Action": "s*:Get"}), ".Action: "),
            (json!({"Action": "s3:Get Object"}), ".Action: "),
            (json!({"Action": "s3:a:b"}), ".Action: "),
            (json!({"Action": ""}), ".Action: "),
            (json!({"Action": true}), ".Action: `true` is no action."),
            (
                json!({"Action": {"s3": "Get"}}),
                ".Action: a map stands where a text belongs.",
            ),
            (
                json!({"Action": [["s3:*"]]}),
                ".Action[0]: a list stands where a text belongs.",
            ),
            (
                json!({"Action": ["s3:*", null]}),
                ".Action[1]: null stands here.",
            ),
            (
                json!({"Action": "s3:${aws:username}"}),
                ".Action: `s3:${aws:username}` holds `${`, and no policy variable may stand here.",
            ),
            (json!({"Resource": null}), ": `Resource` is missing."),
            (
                json!({"NotResource": "*"}),
                ": `Resource` and `NotResource` stand in one statement.",
            ),
            (
                json!({"Resource": null, "NotResource": []}),
                ".NotResource: `NotResource` is empty.",
            ),
            (
                json!({"Resource": "orders"}),
                ".Resource: `orders` is no resource.",
            ),
            (
                json!({"Resource": ""}),
                ".Resource: the name of a resource is empty.",
            ),
            (
                json!({"Resource": "arn:aws:s3:::${}"}),
                ".Resource: `${}` is a policy variable without a name.",
            ),
            (
                json!({"Principal": "*"}),
                ".Principal: the policy of an identity has no `Principal`",
            ),
            (
                json!({"NotPrincipal": "*"}),
                ".NotPrincipal: the policy of an identity has no `NotPrincipal`",
            ),
            (
                json!({"Sid": ["x"]}),
                ".Sid: a list stands where a text belongs.",
            ),
            (
                json!({"Extra": "x"}),
                ": `Extra` is no element here. Use only Sid, Effect,",
            ),
        ],
    );
    assert_faults(
        trust,
        DocumentKind::Trust,
        &[
            (
                json!({"Resource": "*"}),
                ".Resource: a trust policy has no `Resource`",
            ),
            (
                json!({"NotResource": "*"}),
                ".NotResource: a trust policy has no `NotResource`",
            ),
            (json!({"Principal": null}), ": `Principal` is missing."),
        ],
    );
}

#[test]
fn faults_of_principals_are_findings() {
    assert_faults(
        resource,
        DocumentKind::Resource,
        &[
            (json!({"Principal": null}), ": `Principal` is missing."),
            (
                json!({"NotPrincipal": "*"}),
                ": `Principal` and `NotPrincipal` stand in one statement.",
            ),
            (
                json!({"Principal": null, "NotPrincipal": {}}),
                ".NotPrincipal: `NotPrincipal` is empty.",
            ),
            (
                json!({"Principal": "123456789012"}),
                ".Principal: `123456789012` is no principal.",
            ),
            (
                json!({"Principal": ["*"]}),
                ".Principal: a list is no principal.",
            ),
            (
                json!({"Principal": {"aws": "*"}}),
                ".Principal.aws: this is no kind of principal.",
            ),
            (
                json!({"Principal": {"AWS": "12345"}}),
                ".Principal.AWS: `12345` is no AWS principal.",
            ),
            (
                json!({"Principal": {"AWS": "deploy"}}),
                ".Principal.AWS: `deploy` is no AWS principal.",
            ),
            (
                json!({"Principal": {"AWS": "arn:aws:s3:::orders"}}),
                ".Principal.AWS: ",
            ),
            (
                json!({"Principal": {"AWS": ""}}),
                ".Principal.AWS: the name of a principal is empty.",
            ),
            (
                json!({"Principal": {"AWS": ["*", "arn:aws:iam::123456789012:role/*"]}}),
                ".Principal.AWS[1]: `arn:aws:iam::123456789012:role/*` holds a wildcard",
            ),
            (
                json!({"Principal": {"Service": "*"}}),
                ".Principal.Service: `*` holds a wildcard",
            ),
            (
                json!({"Principal": {"Federated": {}}}),
                ".Principal.Federated: a map stands where",
            ),
            (
                json!({"Principal": {"AWS": "arn:aws:iam::123456789012:user/${aws:username}"}}),
                ".Principal.AWS: `arn:aws:iam::123456789012:user/${aws:username}` holds `${`",
            ),
        ],
    );
}

#[test]
fn faults_of_conditions_are_findings() {
    for (wrong, expected) in [
        (
            json!([]),
            ": a list stands where a map of condition operators belongs.",
        ),
        (
            json!({"StringEquals": "x"}),
            ".StringEquals: `x` stands where a map of condition keys belongs.",
        ),
        (
            json!({"StringIs": {"aws:a": "x"}}),
            ".StringIs: `StringIs` is no condition operator.",
        ),
        (
            json!({"IfExists": {"aws:a": "x"}}),
            ".IfExists: `` is no condition operator.",
        ),
        (
            json!({"ForOne:StringLike": {"aws:a": "x"}}),
            ".ForOne:StringLike: `ForOne` is no set operator.",
        ),
        (
            json!({"NullIfExists": {"aws:a": "true"}}),
            ".NullIfExists: `Null` takes no `IfExists`",
        ),
        (
            json!({"ForAnyValue:Null": {"aws:a": "true"}}),
            ".ForAnyValue:Null: `Null` takes no set operator",
        ),
        (
            json!({"StringLike": {"aws:a": "x"}, "stringlike": {"aws:b": "x"}}),
            ".stringlike: this operator stands here twice",
        ),
        (
            json!({"StringLike": {"aws:A": "x", "aws:a": "y"}}),
            ".StringLike.aws:a: this key stands here twice",
        ),
        (
            json!({"StringLike": {"username": "x"}}),
            ".StringLike.username: this is no condition key.",
        ),
        (
            json!({"StringLike": {"aws:a": []}}),
            ".StringLike.aws:a: the list of values is empty.",
        ),
        (
            json!({"StringLike": {"aws:a": null}}),
            ".StringLike.aws:a: null stands here.",
        ),
        (
            json!({"StringLike": {"aws:a": ["x", {}]}}),
            ".StringLike.aws:a[1]: a map stands where a text belongs.",
        ),
        (
            json!({"Bool": {"aws:a": "yes"}}),
            ".Bool.aws:a: `yes` is neither true nor false.",
        ),
        (
            json!({"Null": {"aws:a": "${aws:b}"}}),
            ".Null.aws:a: `${aws:b}` holds `${`",
        ),
        (
            json!({"Null": {"aws:a": 1}}),
            ".Null.aws:a: `1` is neither true nor false.",
        ),
        (
            json!({"NumericLessThan": {"s3:max-keys": "ten"}}),
            ".NumericLessThan.s3:max-keys: `ten` is no number.",
        ),
        (
            json!({"NumericEquals": {"s3:max-keys": "${aws:b}"}}),
            ".NumericEquals.s3:max-keys: `${aws:b}` holds `${`",
        ),
        (
            json!({"DateLessThan": {"aws:CurrentTime": "2020-02-30"}}),
            ".DateLessThan.aws:CurrentTime: `2020-02-30` is no date.",
        ),
        (
            json!({"IpAddress": {"aws:SourceIp": "10.0.0.0/33"}}),
            ".IpAddress.aws:SourceIp: `10.0.0.0/33` is no address",
        ),
        (
            json!({"NotIpAddress": {"aws:SourceIp": ["::/0", "::/129"]}}),
            ".NotIpAddress.aws:SourceIp[1]: ",
        ),
        (
            json!({"ArnLike": {"aws:SourceArn": "orders"}}),
            ".ArnLike.aws:SourceArn: `orders` is no ARN.",
        ),
        (
            json!({"BinaryEquals": {"aws:a": "a?"}}),
            ".BinaryEquals.aws:a: `a?` is not in base64.",
        ),
    ] {
        assert_faults(
            condition,
            DocumentKind::Identity,
            &[(wrong, &format!(".Condition{expected}"))],
        );
    }
}

#[test]
fn bounds_are_findings() {
    let statement = json!({"Effect": "Allow", "Action": "s3:*", "Resource": "*"});
    let many = json!({"Statement": vec![statement; MAX_STATEMENTS + 1]});
    assert_eq!(
        findings(&many, DocumentKind::Identity),
        "Doc.Statement: there are 5001 statements, and no more than 5000 are read. Split the policy."
    );
    let long = format!("arn:{}", "a".repeat(MAX_CHARACTERS / 2));
    let large = identity(&json!({"Resource": [long, long, long]}));
    let found = findings(&large, DocumentKind::Identity);
    assert!(
        found.contains("the policy holds more than 1000000 characters") && !found.contains('\n'),
        "{found}"
    );
    assert!(
        read(Value::string(large.to_string()))
            .unwrap_err()
            .starts_with("Doc: the policy holds more than")
    );
    let faulty = json!({"Statement": vec![json!({}); 1000]});
    let found = parsed(&faulty, DocumentKind::Identity).findings;
    assert_eq!(found.len(), MAX_FINDINGS);
    assert_eq!(
        found.last().unwrap(),
        "and 2901 more faults in the same policy."
    );
}

#[test]
fn a_document_without_a_path_is_called_the_policy() {
    let mut unnamed = document(value_of(&json!({"Version": "x"})));
    unnamed.path.clear();
    assert_eq!(
        parse(&unnamed, DocumentKind::Identity).findings,
        [
            "Version: `x` is no version of the policy language. Write \"2012-10-17\", or \"2008-10-17\" for the old one.",
            "the policy: `Statement` is missing. Add it with a list of statements.",
        ]
    );
}
