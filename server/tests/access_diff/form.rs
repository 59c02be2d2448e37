//! What machines get has the form that `docs/schema` promises.
use crate::folder::{Folder, policy_of, role_that_may};
use crate::schema::Schema;
use serde_json::{Value, json};

#[track_caller]
fn fits(schema: &Schema, answer: &Value) {
    let wrong = schema.wrong(answer);
    assert!(wrong.is_empty(), "{}\n{answer:#}", wrong.join("\n"));
}

const DIFF: &str = include_str!("../../../docs/schema/diff.json");
const POLICY_DIFF: &str = include_str!("../../../docs/schema/policy-diff.json");

/// A template in which as many kinds of things as the answer has fields stand.
fn everything() -> String {
    format!(
        r#"{}      ManagedPolicyArns: [arn:aws:iam::aws:policy/ReadOnlyAccess]
      PermissionsBoundary: arn:aws:iam::aws:policy/PowerUserAccess
  Orders:
    Type: AWS::S3::Bucket
  OrdersPolicy:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref Orders
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          Effect: Deny
          NotPrincipal: {{ AWS: !GetAtt OrdersRole.Arn }}
          NotAction: s3:GetObject
          Resource: !Sub "${{Orders.Arn}}/*"
          Condition: {{ Bool: {{ "aws:SecureTransport": "false" }} }}
  Bastion:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: Bastion
      SecurityGroupIngress:
        - {{ IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: 0.0.0.0/0 }}
"#,
        role_that_may("iam:*")
    )
}

#[test]
fn of_two_templates() {
    let schema = Schema::new(DIFF);
    let folder = Folder::new("of_two_templates")
        .with("all.yaml", everything())
        .with("role.yaml", role_that_may("s3:GetObject"));
    let files = ["-", "all.yaml", "role.yaml"];
    for old in files {
        for new in files {
            fits(&schema, &folder.json(&["diff", old, new]));
        }
    }
    let found = folder.json(&["diff", "-", "all.yaml"]);
    assert_eq!(found["verdict"], "widened");
    let statements = found["iam"]["statements"]["added"].as_array().unwrap();
    let bucket = statements
        .iter()
        .find(|one| one["source"].as_str().unwrap().starts_with("OrdersPolicy/"))
        .unwrap();
    assert_eq!(bucket["effect"], "Deny");
    assert_eq!(
        bucket["principals"],
        json!({"not": true, "values": ["AWS:${OrdersRole.Arn}"]})
    );
    assert_eq!(
        bucket["actions"],
        json!({"not": true, "values": ["s3:GetObject"]})
    );
    assert_eq!(
        bucket["resources"],
        json!({"not": false, "values": ["${Orders.Arn}/*"]})
    );
    assert_eq!(
        bucket["condition"],
        json!({"Bool": {"aws:SecureTransport": "false"}})
    );
    assert_eq!(
        found["iam"]["managed_policies"]["added"],
        json!([{"subject": "OrdersRole", "policy": "arn:aws:iam::aws:policy/ReadOnlyAccess"}])
    );
    assert_eq!(
        found["iam"]["boundaries"],
        json!([{"subject": "OrdersRole", "before": null, "after": "arn:aws:iam::aws:policy/PowerUserAccess"}])
    );
    let group = &found["network"]["groups"][0];
    assert_eq!(group["id"], "Bastion");
    assert_eq!(group["internet"], true);
    assert!(group["witness"].is_object(), "{group}");
}

#[test]
fn of_two_policies() {
    let schema = Schema::new(POLICY_DIFF);
    let folder = Folder::new("of_two_policies")
        .with("narrow.json", policy_of("s3:GetObject"))
        .with("wide.json", policy_of("s3:*"))
        .with("wrong.json", policy_of("").replace("Allow", "Permit"));
    let files = ["-", "narrow.json", "wide.json", "wrong.json"];
    for kind in ["identity", "resource", "trust"] {
        for old in files {
            for new in files {
                let found = folder.json(&["policy-diff", old, new, "--kind", kind]);
                fits(&schema, &found);
                assert_eq!(found["limit"].is_object(), kind == "resource", "{found}");
            }
        }
    }
}

#[test]
fn a_schema_refuses_what_is_something_else() {
    let wrong = |source, answer: Value| !Schema::new(source).wrong(&answer).is_empty();
    assert!(wrong(DIFF, json!({"verdict": "widened"})));
    assert!(wrong(POLICY_DIFF, json!({"verdict": "better"})));
}
