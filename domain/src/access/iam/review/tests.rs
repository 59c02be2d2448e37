//! Which subjects are looked into, and what stands beside their verdicts.
use crate::access::{Access, AccessReview, Aspect, Line, SubjectReview, Verdict, review};
use crate::template::{Context, parse, resolve};

fn read(source: &str) -> Access {
    let template = parse("template.yaml", source).unwrap();
    Access::read(&resolve(&template, &Context::unknown()).unwrap())
}

fn reviewed(before: &str, after: &str) -> AccessReview {
    review(
        &read(&format!("Resources:\n{before}")),
        &read(&format!("Resources:\n{after}")),
    )
}

fn ids(review: &AccessReview) -> Vec<(&str, Aspect)> {
    review
        .iam
        .subjects
        .iter()
        .map(|subject| (subject.id.as_str(), subject.aspect))
        .collect()
}

fn only(review: &AccessReview) -> &SubjectReview {
    match review.iam.subjects.as_slice() {
        [one] => one,
        other => panic!("{other:#?}"),
    }
}

fn shown(lines: &[Line]) -> Vec<String> {
    lines
        .iter()
        .map(|line| {
            [
                &line.source,
                &line.place,
                &line.effect,
                &line.principal,
                &line.action,
                &line.resource,
                &line.condition,
            ]
            .map(String::as_str)
            .join(" | ")
        })
        .collect()
}

const GET: &str = "{Statement: [{Effect: Allow, Action: 's3:GetObject', Resource: '*'}]}";
const PUT: &str = "{Statement: [{Effect: Allow, Action: 's3:PutObject', Resource: '*'}]}";

fn role(id: &str, policies: &str) -> String {
    format!("  {id}: {{Type: AWS::IAM::Role, Properties: {{Policies: [{policies}]}}}}\n")
}

fn policy(name: &str, document: &str) -> String {
    format!("{{PolicyName: {name}, PolicyDocument: {document}}}")
}

#[test]
fn the_same_twice_has_no_subjects() {
    let both = role("A", &policy("p", GET)) + "  Q: {Type: AWS::KMS::Key}\n";
    let review = reviewed(&both, &both);
    assert_eq!(
        review,
        AccessReview::new(Default::default(), Default::default())
    );
    assert_eq!(review.verdict, Verdict::Equivalent);
}

#[test]
fn only_what_differs_is_a_subject() {
    let before = role("A", &policy("p", GET)) + &role("B", &policy("p", GET));
    let after = role("A", &policy("p", GET)) + &role("B", &policy("p", PUT));
    let review = reviewed(&before, &after);
    assert_eq!(ids(&review), [("B", Aspect::Identity)]);
    let subject = only(&review);
    assert_eq!(
        shown(&subject.lines.added),
        ["B | policy p | Allow |  | s3:PutObject | * | "]
    );
    assert_eq!(
        shown(&subject.lines.removed),
        ["B | policy p | Allow |  | s3:GetObject | * | "]
    );
    let added: Vec<_> = review
        .iam
        .statements
        .added
        .iter()
        .map(|one| one.source.as_str())
        .collect();
    assert_eq!(added, ["B/policy p"]);
}

#[test]
fn a_fault_is_told_with_the_subject_that_changes() {
    let bad = policy("bad", "{Statement: [{Effect: Permit}]}");
    let after = role("A", &bad) + &role("B", &policy("p", PUT));
    let before = role("A", &bad) + &role("B", &policy("p", GET));
    let review = reviewed(&before, &after);
    assert_eq!(ids(&review), [("B", Aspect::Identity)]);
    assert_eq!(review.verdict, Verdict::Changed);
    assert!(only(&review).reasons.is_empty(), "{:#?}", only(&review));
    let more = format!("{bad}, {}", policy("p", GET));
    let review = reviewed(&role("A", &bad), &role("A", &more));
    let changed = only(&review);
    assert_eq!(changed.verdict, Verdict::Undecided);
    let place = "Resources.A.Properties.Policies[0].PolicyDocument";
    assert!(changed.reasons[0].contains(place), "{changed:#?}");
}

#[test]
fn a_managed_policy_that_is_attached_is_no_subject_of_its_own() {
    let of = |document: &str| {
        format!(
            "  R: {{Type: AWS::IAM::Role}}\n  M: {{Type: AWS::IAM::ManagedPolicy, Properties: {{Roles: [!Ref R], PolicyDocument: {document}}}}}"
        )
    };
    let review = reviewed(&of(GET), &of(PUT));
    assert_eq!(ids(&review), [("R", Aspect::Identity)]);
    assert_eq!(
        shown(&only(&review).lines.unchanged),
        ["M | managed policy | - |  |  | ${M} | "]
    );
    // Its statements are listed once, not at every subject that has it.
    assert_eq!(review.iam.statements.added.len(), 1);
}

#[test]
fn attachments_and_boundaries_that_come_and_go() {
    let of =
        |properties: &str| format!("  R: {{Type: AWS::IAM::Role, Properties: {{{properties}}}}}");
    let before = of(
        "ManagedPolicyArns: ['arn:aws:iam::aws:policy/A'], PermissionsBoundary: 'arn:aws:iam::111111111111:policy/b'",
    );
    let after = of("ManagedPolicyArns: ['arn:aws:iam::aws:policy/C']");
    let review = reviewed(&before, &after);
    let names = |attached: &[crate::access::Attachment]| -> Vec<String> {
        attached
            .iter()
            .map(|one| format!("{} {}", one.subject, one.policy))
            .collect()
    };
    assert_eq!(
        names(&review.iam.managed_policies.added),
        ["R arn:aws:iam::aws:policy/C"]
    );
    assert_eq!(
        names(&review.iam.managed_policies.removed),
        ["R arn:aws:iam::aws:policy/A"]
    );
    let boundary = &review.iam.boundaries[0];
    assert_eq!(
        (
            boundary.subject.as_str(),
            boundary.before.as_deref(),
            boundary.after.as_deref()
        ),
        ("R", Some("arn:aws:iam::111111111111:policy/b"), None)
    );
    assert_eq!(
        shown(&only(&review).lines.removed),
        [
            "R | boundary | - |  |  | arn:aws:iam::111111111111:policy/b | ",
            "R | managed policy | - |  |  | arn:aws:iam::aws:policy/A | ",
        ]
    );
}

#[test]
fn what_is_retained_stays() {
    let retained = role("R", &policy("p", GET)).replace("Role,", "Role, DeletionPolicy: Retain,");
    let topic = "  T: {Type: AWS::SNS::Topic}\n";
    let review = reviewed(&format!("{retained}{topic}"), topic);
    assert!(review.iam.subjects.is_empty(), "{review:#?}");
    // The template no longer holds the statement, which is listed.
    assert_eq!(review.iam.statements.removed.len(), 1);
    // A policy of its own that is not retained goes, even from what stays.
    let own = format!(
        "  P: {{Type: AWS::IAM::RolePolicy, Properties: {{RoleName: !Ref R, PolicyName: q, PolicyDocument: {PUT}}}}}\n"
    );
    let review = reviewed(&format!("{retained}{topic}{own}"), topic);
    let subject = review
        .iam
        .subjects
        .iter()
        .find(|subject| subject.id == "R")
        .unwrap();
    assert_eq!(
        shown(&subject.lines.removed),
        ["P | policy q | Allow |  | s3:PutObject | * | "]
    );
    assert_eq!(subject.lines.unchanged.len(), 1);
}

#[test]
fn a_resource_that_gets_its_first_policy_was_there_before() {
    let bucket = "  B: {Type: AWS::S3::Bucket}\n";
    let policy =
        "  P: {Type: AWS::S3::BucketPolicy, Properties: {Bucket: !Ref B, PolicyDocument: {}}}\n";
    let review = reviewed(bucket, &format!("{bucket}{policy}"));
    assert_eq!(ids(&review), [("B", Aspect::Resource)]);
    assert_eq!(only(&review).kind, "AWS::S3::Bucket");
}

#[test]
fn another_resource_under_the_same_id_is_one_that_goes_and_one_that_comes() {
    let before = "  B: {Type: AWS::SNS::Topic}\n  P: {Type: AWS::SNS::TopicPolicy, Properties: {Topics: [!Ref B], PolicyDocument: {}}}\n";
    let after = "  B: {Type: AWS::SQS::Queue}\n  P: {Type: AWS::SQS::QueuePolicy, Properties: {Queues: [!Ref B], PolicyDocument: {}}}\n";
    let review = reviewed(before, after);
    assert_eq!(ids(&review), [("B", Aspect::Resource)]);
    assert_eq!(only(&review).kind, "AWS::SQS::Queue");
}

#[test]
fn what_gets_another_role_is_a_subject() {
    let roles = role("A", &policy("p", GET)) + &role("B", &policy("p", PUT));
    let function = |role: &str| {
        format!(
            "{roles}  F: {{Type: AWS::Lambda::Function, Properties: {{Role: !GetAtt {role}.Arn}}}}\n"
        )
    };
    let review = reviewed(&function("A"), &function("B"));
    assert_eq!(ids(&review), [("F", Aspect::Identity)]);
    let lines = &only(&review).lines;
    assert_eq!(shown(&lines.added), ["F | Role | - |  |  | ${B.Arn} | "]);
    assert_eq!(shown(&lines.removed), ["F | Role | - |  |  | ${A.Arn} | "]);
    // With a role of its own, the role is the subject.
    let review = reviewed("  T: {Type: AWS::SNS::Topic}\n", &function("A"));
    assert_eq!(ids(&review).iter().filter(|(id, _)| *id == "F").count(), 0);
}

#[test]
fn stacks_keep_their_names_apart() {
    let one = |document: &str| {
        read(&format!(
            "Resources:\n{}",
            role("R", &policy("p", document))
        ))
    };
    let (mut before, mut after) = (Access::default(), Access::default());
    before.merge("main/", one(GET));
    after.merge("main/", one(GET));
    after.merge("edge/", one(PUT));
    let review = review(&before, &after);
    assert_eq!(
        ids(&review),
        [("edge/R", Aspect::Identity), ("edge/R", Aspect::Trust)]
    );
    assert_eq!(review.iam.statements.added[0].source, "edge/R/policy p");
}

#[test]
fn too_many_open_conditions_are_undecided() {
    let conditions: String = (0..6)
        .map(|i| format!("  C{i}: !Equals [!Ref P{i}, x]\n"))
        .collect();
    let parameters: String = (0..6)
        .map(|i| format!("  P{i}: {{Type: String}}\n"))
        .collect();
    let of = |action: &str| {
        let statements: Vec<_> = (0..6)
            .map(|i| format!("!If [C{i}, {{Effect: Allow, Action: '{action}{i}', Resource: '*'}}, !Ref 'AWS::NoValue']"))
            .collect();
        let document = format!("{{Statement: [{}]}}", statements.join(", "));
        read(&format!(
            "Parameters:\n{parameters}Conditions:\n{conditions}Resources:\n{}",
            role("R", &policy("p", &document))
        ))
    };
    let review = review(&of("a:A"), &of("a:B"));
    let subject = only(&review);
    assert_eq!(subject.verdict, Verdict::Undecided);
    assert!(
        subject.reasons[0].contains("C0, C1, C2, C3, C4, C5"),
        "{subject:#?}"
    );
}
