//! Every rule finds what its example calls bad, and nothing that it calls fine; the shipped blueprints pass.
use super::document::document;
use super::evaluate::failures;
use super::rule::{FILES, TEXTS, read};
use super::{StackToGuard, access_findings, template_findings};
use domain::access::{Access, AccessReview, review};
use domain::account::Account;
use domain::blueprint::{Asked, Manifest, defaults, parse_manifest, render};
use domain::change::{Finding, Operation, ReviewedStack, Severity};
use domain::names::ReleaseNumber;
use domain::stage::Stage;
use domain::template::{Context, Resolved, Template, WithoutValue, parse, resolve};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

fn here() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("policies/guardrails")
}

struct Stack {
    template: Template,
    parameters: BTreeMap<String, String>,
    resolved: Resolved,
}

impl Stack {
    fn new(source: &str) -> Stack {
        let template = parse("template.yaml", source).unwrap();
        let context = Context::new("111111111111", "eu-west-1", "orders");
        let resolved = resolve(&template, &context).unwrap();
        Stack {
            template,
            parameters: BTreeMap::new(),
            resolved,
        }
    }

    fn to_guard(&self) -> StackToGuard<'_> {
        StackToGuard {
            name: "main",
            template: &self.template,
            parameters: &self.parameters,
            resolved: &self.resolved,
        }
    }

    fn document(&self, stage: Stage) -> String {
        document(stage, self.to_guard()).to_string()
    }
}

fn example(rule: &str) -> String {
    let file = here().join("examples").join(format!("{rule}.yaml"));
    fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// What a rule finds: logical ids, or names of parameters.
fn found_by(rule: &str, file: &str, source: &str, document: &str) -> BTreeSet<String> {
    let failures =
        failures(document, file, source).unwrap_or_else(|error| panic!("{rule}: {error}"));
    let failures = failures.into_iter().filter(|it| it.rule == rule);
    failures
        .map(|failure| match failure.resource.as_str() {
            "" => {
                let place = failure.places.first().unwrap();
                place.path.split('.').nth(1).unwrap().to_owned()
            }
            resource => resource.to_owned(),
        })
        .collect()
}

#[test]
fn every_rule_tells_its_bad_examples_from_its_fine_ones() {
    let mut problems = Vec::new();
    for file in &FILES {
        for (rule, _) in read(file.name, file.source).unwrap() {
            let stack = Stack::new(&example(&rule));
            let names = stack
                .template
                .parameters
                .keys()
                .chain(stack.resolved.resources.keys());
            let bad: BTreeSet<String> = names
                .clone()
                .filter(|name| name.starts_with("Bad"))
                .cloned()
                .collect();
            assert!(!bad.is_empty(), "{rule} has no failing example");
            assert!(
                names.clone().any(|name| name.starts_with("Fine")),
                "{rule} has no passing example"
            );
            let document = stack.document(Stage::Prod);
            let found = found_by(&rule, file.name, file.source, &document);
            if found != bad {
                problems.push(format!("{rule} finds {found:?}"));
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn no_example_is_left_over() {
    for entry in fs::read_dir(here().join("examples")).unwrap() {
        let path = entry.unwrap().path();
        let rule = path.file_stem().unwrap().to_str().unwrap();
        assert!(TEXTS.contains_key(rule), "{rule} is no rule");
    }
    let files: BTreeSet<String> = fs::read_dir(here())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".guard"))
        .collect();
    let built_in: BTreeSet<String> = FILES.iter().map(|file| file.name.to_owned()).collect();
    assert_eq!(files, built_in);
}

#[test]
fn some_rules_hold_in_production_only() {
    let mut later = Vec::new();
    for file in &FILES {
        for (rule, _) in read(file.name, file.source).unwrap() {
            let stack = Stack::new(&example(&rule));
            let find = |stage| found_by(&rule, file.name, file.source, &stack.document(stage));
            let in_production = find(Stage::Prod);
            assert_eq!(find(Stage::Recovery), in_production, "{rule}");
            if find(Stage::Dev) != in_production {
                assert_eq!(find(Stage::Dev), BTreeSet::new(), "{rule}");
                later.push(rule);
            }
        }
    }
    assert_eq!(
        later,
        [
            "database_spans_zones",
            "cache_spans_zones",
            "service_runs_twice",
            "log_is_kept",
            "table_can_be_restored",
            "global_table_can_be_restored",
            "table_is_protected",
            "global_table_is_protected",
            "database_is_backed_up",
            "database_is_protected",
            "data_outlives_its_stack",
            "bucket_keeps_versions",
            "file_system_is_backed_up",
        ]
    );
}

async fn findings(source: &str, stage: Stage) -> Vec<Finding> {
    let stack = Stack::new(source);
    template_findings(stage, stack.to_guard()).await
}

#[tokio::test]
async fn a_finding_says_where_what_and_what_would_be_right() {
    let found = findings(&example("queue_is_encrypted"), Stage::Dev).await;
    let finding = found
        .iter()
        .find(|it| it.key.rule == "queue-is-encrypted")
        .unwrap();
    assert_eq!(finding.severity, Severity::Block);
    assert_eq!(finding.key.resource, "BadSwitchedOff");
    assert_eq!(
        finding.found,
        "KmsMasterKeyId is not set, and SqsManagedSseEnabled is false"
    );
    assert_eq!(finding.key.path, "KmsMasterKeyId, SqsManagedSseEnabled");
    assert!(finding.right.contains("SqsManagedSseEnabled"));
}

#[tokio::test]
async fn no_secret_is_told() {
    for rule in TEXTS.iter().filter(|(_, text)| !text.shows_values) {
        let found = findings(&example(rule.0), Stage::Prod).await;
        assert!(!found.is_empty());
        let told = serde_json::to_string(&found).unwrap();
        assert!(!told.contains("correct-horse"), "{told}");
    }
}

#[tokio::test]
async fn what_can_not_be_evaluated_blocks() {
    let mut deep = "x".to_owned();
    for _ in 0..60 {
        deep = format!("{{a: [{deep}]}}");
    }
    let large = format!(
        "Resources:\n{}",
        (0..40)
            .map(|nth| format!(
                "  R{nth}: {{Type: 'AWS::SNS::Topic', Metadata: {{}}, Properties: {{DisplayName: {}}}}}\n",
                "x".repeat(110_000)
            ))
            .collect::<String>()
    );
    for source in [
        format!("Resources: {{Q: {{Type: 'AWS::SNS::Topic', Properties: {{X: {deep}}}}}}}"),
        large,
    ] {
        let Ok(template) = parse("template.yaml", &source) else {
            // Deeper than what is read at all.
            continue;
        };
        let context = Context::new("111111111111", "eu-west-1", "orders");
        let resolved = resolve(&template, &context).unwrap();
        let stack = Stack {
            template,
            parameters: BTreeMap::new(),
            resolved,
        };
        let found = template_findings(Stage::Dev, stack.to_guard()).await;
        let fell = found.iter().all(|it| it.severity == Severity::Block);
        let evaluated = found
            .iter()
            .any(|it| it.key.rule == "topic-is-encrypted" && it.key.resource == "Q");
        assert!(evaluated || (fell && !found.is_empty()), "{found:?}");
    }
}

#[test]
fn values_of_any_shape_are_survived() {
    let shapes = [
        "[]",
        "{}",
        "''",
        "5",
        "true",
        "[1, [2]]",
        "{a: {b: c}}",
        "'${x'",
    ];
    for file in &FILES {
        let examples = read(file.name, file.source).unwrap();
        let examples: String = examples.iter().map(|(rule, _)| example(rule)).collect();
        let words = examples.split([' ', ',', '}', '\n']);
        let types: BTreeSet<&str> = words.filter(|word| word.starts_with("AWS::")).collect();
        for shape in shapes {
            let mut hostile = "Resources:\n".to_owned();
            for (nth, kind) in types
                .iter()
                .filter(|it| it.matches("::").count() == 2)
                .enumerate()
            {
                let property = |name: &str| format!("{name}: {shape}");
                let properties = [
                    "Tags",
                    "Environment",
                    "Replicas",
                    "Targets",
                    "ContainerDefinitions",
                    "DefaultActions",
                    "MasterUserPassword",
                    "BlockDeviceMappings",
                    "Name",
                    "LaunchTemplateData",
                    "PublicAccessBlockConfiguration",
                    "RetentionInDays",
                    "RedrivePolicy",
                    "DesiredCount",
                    "Protocol",
                ];
                let properties = properties.map(property).join(", ");
                hostile.push_str(&format!(
                    "  R{nth}: {{Type: '{kind}', Properties: {{{properties}}}}}\n"
                ));
            }
            let document = Stack::new(&hostile).document(Stage::Prod);
            let found = failures(&document, file.name, file.source);
            assert!(found.is_ok(), "{}: {:?}\n{hostile}", file.name, found.err());
        }
    }
}

fn reviewed(name: &str) -> ReviewedStack {
    ReviewedStack {
        name: name.to_owned(),
        account: "111111111111".parse().unwrap(),
        region: "eu-west-1".parse().unwrap(),
        stack_name: "orders".parse().unwrap(),
        operation: Operation::Nothing,
        tags: BTreeMap::new(),
    }
}

fn access(before: &str, after: &str) -> AccessReview {
    let read = |source: &str| match source {
        "" => Access::default(),
        source => Access::read(&Stack::new(source).resolved),
    };
    review(&read(before), &read(after))
}

/// Rule, severity, resource and path of each.
fn told(access: &AccessReview) -> Vec<(String, Severity, String, String)> {
    access_findings(access, &[reviewed("main"), reviewed("edge")])
        .into_iter()
        .map(|it| (it.key.rule, it.severity, it.key.resource, it.key.path))
        .collect()
}

fn row(
    rule: &str,
    severity: Severity,
    resource: &str,
    path: &str,
) -> (String, Severity, String, String) {
    (
        rule.to_owned(),
        severity,
        resource.to_owned(),
        path.to_owned(),
    )
}

fn group(port: u16) -> String {
    format!(
        "Resources:\n  Worker:\n    Type: AWS::EC2::SecurityGroup\n    Properties:\n      GroupDescription: x\n      \
         SecurityGroupIngress: [{{IpProtocol: tcp, FromPort: {port}, ToPort: {port}, CidrIp: 0.0.0.0/0}}]\n"
    )
}

#[test]
fn what_the_internet_reaches_newly_blocks_but_for_the_web() {
    let ssh = row(
        "internet-exposure",
        Severity::Block,
        "Worker",
        "the internet (0.0.0.0/0): TCP 22",
    );
    assert_eq!(told(&access("", &group(22))), std::slice::from_ref(&ssh));
    let web = row(
        "internet-exposure",
        Severity::Info,
        "Worker",
        "the internet (0.0.0.0/0): TCP 443",
    );
    assert_eq!(told(&access("", &group(443))), [web]);
    // What was open before has been decided on.
    assert_eq!(told(&access(&group(22), &group(22))), []);
    assert_eq!(told(&access(&group(443), &group(22))), [ssh]);
}

fn role(statement: &str, trust: &str) -> String {
    format!(
        "Resources:\n  Worker:\n    Type: AWS::IAM::Role\n    Properties:\n      AssumeRolePolicyDocument: {{Version: \
         '2012-10-17', Statement: [{{Effect: Allow, Principal: {trust}, Action: 'sts:AssumeRole'}}]}}\n      Policies: \
         [{{PolicyName: p, PolicyDocument: {{Version: '2012-10-17', Statement: [{statement}]}}}}]\n"
    )
}

#[test]
fn wildcards_escalations_and_strangers_block() {
    let lambda = "{Service: lambda.amazonaws.com}";
    let harmless = "{Effect: Allow, Action: 'sqs:SendMessage', Resource: 'arn:aws:sqs:eu-west-1:111111111111:a'}";
    assert_eq!(told(&access("", &role(harmless, lambda))), []);

    let everything = "{Effect: Allow, Action: 'sqs:*', Resource: '*'}";
    let found = told(&access("", &role(everything, lambda)));
    let wildcard = row(
        "wildcard-grant",
        Severity::Block,
        "Worker",
        "policy p: sqs:*",
    );
    assert!(found.contains(&wildcard), "{found:?}");

    let found = told(&access(
        "",
        &role(
            "{Effect: Allow, Action: 'iam:PutRolePolicy', Resource: '*'}",
            lambda,
        ),
    ));
    assert_eq!(
        found,
        [row(
            "escalation",
            Severity::Block,
            "Worker",
            "put-role-policy"
        )]
    );

    let found = told(&access(
        "",
        &role(harmless, "{AWS: 'arn:aws:iam::222222222222:root'}"),
    ));
    assert_eq!(
        found,
        [row(
            "cross-account",
            Severity::Block,
            "Worker",
            "trust: AWS:arn:aws:iam::222222222222:root"
        )]
    );
    let own = "{AWS: 'arn:aws:iam::111111111111:root'}";
    assert_eq!(told(&access("", &role(harmless, own))), []);

    let found = told(&access("", &role(harmless, "'*'")));
    assert_eq!(
        found,
        [row("public-access", Severity::Block, "Worker", "trust")]
    );
}

fn queue(condition: &str) -> String {
    format!(
        "Resources:\n  Orders: {{Type: AWS::SQS::Queue}}\n  Policy:\n    Type: AWS::SQS::QueuePolicy\n    Properties:\n      \
         Queues: [!Ref Orders]\n      PolicyDocument: {{Version: '2012-10-17', Statement: [{{Effect: Allow, Principal: '*', \
         Action: 'sqs:SendMessage', Resource: !GetAtt Orders.Arn{condition}}}]}}\n"
    )
}

#[test]
fn what_anybody_may_do_blocks_unless_a_condition_names_who() {
    let found = told(&access("", &queue("")));
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].0, "public-access");
    let named = ", Condition: {StringEquals: {'aws:SourceAccount': '111111111111'}}";
    assert_eq!(told(&access("", &queue(named))), []);
}

#[test]
fn the_policy_of_an_endpoint_lets_nobody_in() {
    let endpoint = "Resources:\n  Way:\n    Type: AWS::EC2::VPCEndpoint\n    Properties:\n      VpcId: vpc-1\n      ServiceName: s3\n      \
                    PolicyDocument: {Version: '2012-10-17', Statement: [{Effect: Allow, Principal: '*', Action: 's3:GetObject', \
                    Resource: 'arn:aws:s3:::orders/*'}]}\n";
    assert_eq!(told(&access("", endpoint)), []);
}

#[test]
fn a_companions_resource_is_named_with_its_stack() {
    let (mut before, mut after) = (Access::default(), Access::default());
    before.merge("", Access::default());
    after.merge("edge/", Access::read(&Stack::new(&group(22)).resolved));
    let found = access_findings(
        &review(&before, &after),
        &[reviewed("main"), reviewed("edge")],
    );
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].key.stack, "edge");
    assert_eq!(found[0].key.resource, "Worker");
}

fn account() -> Account {
    let role = |name: &str| format!("arn:aws:iam::111111111111:role/{name}");
    Account {
        id: "111111111111".parse().unwrap(),
        name: "payments".to_owned(),
        stages: Stage::ALL.to_vec(),
        region: "eu-west-1".parse().unwrap(),
        plan_role: role("plan"),
        execute_role: role("execute"),
        service_role: role("service"),
        permissions_boundary: "arn:aws:iam::111111111111:policy/boundary".to_owned(),
        external_id: "an-id".to_owned(),
        artifact_bucket: "artifacts".to_owned(),
    }
}

/// What is found in a blueprint at a stage, with the stage's defaults and nothing there before.
async fn found_in(folder: &Path, manifest: &Manifest, stage: Stage) -> Vec<Finding> {
    let (account, values) = (account(), defaults(manifest, stage));
    let asked = Asked {
        team: &"payments".parse().unwrap(),
        cost_centre: "4711",
        service: &"checkout".parse().unwrap(),
        stage,
        account: &account,
        release: ReleaseNumber(1),
        values: &values,
    };
    let (mut found, mut after, mut stacks) = (Vec::new(), Access::default(), Vec::new());
    for stack in &manifest.stacks {
        let source = fs::read_to_string(folder.join(&stack.template)).unwrap();
        let template = parse(&stack.template, &source).unwrap();
        let declared: Vec<String> = template.parameters.keys().cloned().collect();
        let mut rendered = render(manifest, stack, &declared, &asked).unwrap();
        // What a team has to choose stays open.
        rendered.parameters.retain(|_, value| !value.is_empty());
        let context = Context {
            parameters: rendered.parameters.clone(),
            without_value: WithoutValue::Unknown,
            ..Context::new("111111111111", rendered.region.as_str(), "a-stack")
        };
        let resolved = resolve(&template, &context).unwrap();
        let to_guard = StackToGuard {
            name: &rendered.name,
            template: &template,
            parameters: &rendered.parameters,
            resolved: &resolved,
        };
        found.extend(template_findings(stage, to_guard).await);
        let prefix = match rendered.name.as_str() {
            "main" => String::new(),
            name => format!("{name}/"),
        };
        after.merge(&prefix, Access::read(&resolved));
        stacks.push(reviewed(&rendered.name));
    }
    found.extend(access_findings(
        &review(&Access::default(), &after),
        &stacks,
    ));
    found
}

#[tokio::test]
async fn no_shipped_blueprint_is_stopped_at_any_of_its_stages() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../blueprints");
    let mut stopped = Vec::new();
    for entry in fs::read_dir(root).unwrap() {
        let folder = entry.unwrap().path();
        let source = fs::read_to_string(folder.join("manifest.toml")).unwrap();
        let manifest = parse_manifest("manifest.toml", &source).unwrap();
        for stage in manifest.stages.clone() {
            for finding in found_in(&folder, &manifest, stage).await {
                if finding.severity == Severity::Block {
                    let Finding { key, found, .. } = finding;
                    stopped.push(format!(
                        "{} at {stage}: {} {}: {found}",
                        manifest.name, key.rule, key.resource
                    ));
                }
            }
        }
    }
    assert!(stopped.is_empty(), "{}", stopped.join("\n"));
}
