//! A small world for tests: people, a blueprint, services, environments, changes and plans.
use super::blueprint::BlueprintVersion;
use super::environment::NewEnvironment;
use super::{
    Connection, blueprint, change, environment, person, plan, release, rule_set, service, vetting,
};
use chrono::{DateTime, Utc};
use domain::access::{
    AccessReview, Aspect, IamReview, Line, Lines, NetworkReview, SubjectReview, Verdict, Witness,
};
use domain::blueprint::{Vetting, parse_manifest};
use domain::change::{
    Baseline, Binding, ChangeKind, ChangeState, Closing, Operation, Plan, Reviewed, ReviewedStack,
    Rules, StackBinding, review_digest,
};
use domain::names::{
    ChangeId, ChangeNumber, Digest, EnvironmentId, PlanId, ReleaseId, ServiceId, Subject, TeamName,
    VettingId,
};
use domain::stage::Stage;
use std::collections::BTreeMap;
use uuid::Uuid;

/// Reads a name.
pub(crate) fn name<T: std::str::FromStr<Err: std::fmt::Debug>>(text: &str) -> T {
    text.parse().unwrap()
}

/// A moment without more digits than Postgres keeps.
pub(crate) fn moment() -> DateTime<Utc> {
    DateTime::from_timestamp_micros(1_790_000_000_123_456).unwrap()
}

/// Somebody who signed in without any grant.
pub(crate) async fn person(connection: &mut Connection, who: &str) -> Subject {
    let subject: Subject = name(who);
    person::upsert(
        connection,
        &subject,
        &format!("{who} the Tester"),
        None,
        &[],
    )
    .await
    .unwrap();
    subject
}

/// A version of the blueprint `table`.
pub(crate) fn version(number: u8) -> BlueprintVersion {
    let manifest = format!(
        r#"
        name = "table"
        title = "Table"
        version = "{number}"
        summary = "A table."
        owner = "platform"
        stages = ["dev", "prod"]
        monthly-cost = {{ dev = 1.5 }}
        [[stack]]
        name = "main"
        template = "template.yaml"
        [[group]]
        title = "Table"
        parameters = ["Reads"]
        [parameter.Reads]
        label = "Reads"
        type = "integer"
        default = 5
        stage = {{ prod = 50 }}
        "#
    );
    BlueprintVersion {
        digest: name(&format!("{number:02x}").repeat(32)),
        name: name("table"),
        version: number.to_string(),
        manifest: parse_manifest("manifest.toml", &manifest).unwrap(),
        files: BTreeMap::from([("template.yaml".into(), "Resources: {}\n".into())]),
        read_at: moment(),
    }
}

/// Has a version vetted by the configuration.
pub(crate) async fn vetted(connection: &mut Connection, version: &BlueprintVersion) {
    let vetting = Vetting::by_configuration("It is listed", moment());
    let id = VettingId(Uuid::now_v7());
    vetting::insert(connection, id, &version.digest, &vetting)
        .await
        .unwrap();
}

/// The shipped approval rules.
pub(crate) async fn rule_set(connection: &mut Connection) -> Digest {
    rule_set::keep(connection, &Rules::shipped()).await.unwrap()
}

/// A service of the blueprint `table`.
pub(crate) async fn service(connection: &mut Connection, team: &str, called: &str) -> ServiceId {
    let id = ServiceId(Uuid::now_v7());
    service::insert(connection, id, &name(team), &name(called), &name("table"))
        .await
        .unwrap();
    id
}

/// The service's first release, or its next.
pub(crate) async fn release(connection: &mut Connection, service: ServiceId) -> ReleaseId {
    let by = person(connection, "ada").await;
    let version = version(1);
    blueprint::insert(connection, &version).await.unwrap();
    let id = ReleaseId(Uuid::now_v7());
    let parameters = BTreeMap::from([("Reads".to_owned(), "5".to_owned())]);
    release::insert_next(connection, service, id, &version.digest, &parameters, &by)
        .await
        .unwrap();
    id
}

/// An environment of a service.
pub(crate) async fn environment(
    connection: &mut Connection,
    service: ServiceId,
    stage: Stage,
) -> EnvironmentId {
    let id = EnvironmentId(Uuid::now_v7());
    let new = NewEnvironment {
        id,
        service,
        stage,
        account: &name("123456789012"),
        region: &name("eu-west-1"),
    };
    environment::insert(connection, new).await.unwrap();
    id
}

/// Where a change stands that waits for a review.
pub(crate) fn waiting() -> ChangeState {
    ChangeState::Waiting {
        plan: PlanId(Uuid::now_v7()),
        review: name(&"a".repeat(64)),
    }
}

/// Where a change stands that was withdrawn.
pub(crate) fn withdrawn() -> ChangeState {
    ChangeState::Closed {
        closing: Closing::Withdrawn,
    }
}

/// A decommission of an environment, asked for by `requester`.
pub(crate) async fn change(
    connection: &mut Connection,
    environment: EnvironmentId,
    (team, stage): (&str, Stage),
    requester: &Subject,
    state: &ChangeState,
) -> super::Result<(ChangeId, ChangeNumber)> {
    let id = ChangeId(Uuid::now_v7());
    let team: TeamName = name(team);
    let new = change::NewChange {
        id,
        environment,
        kind: ChangeKind::Decommission,
        release: None,
        reason: "no longer needed",
        requester,
        state,
        team: &team,
        stage,
        schedule: None,
    };
    Ok((id, change::insert(connection, new).await?))
}

/// A change that waits for a review, with all it takes: of service `checkout` of team `payments`
/// at dev, asked for by `ada`.
pub(crate) async fn one_change(connection: &mut Connection) -> (EnvironmentId, ChangeId) {
    let ada = person(connection, "ada").await;
    let service = service(connection, "payments", "checkout").await;
    let environment = environment(connection, service, Stage::Dev).await;
    let place = ("payments", Stage::Dev);
    let (change, _) = change(connection, environment, place, &ada, &waiting())
        .await
        .unwrap();
    (environment, change)
}

/// A role that a function may take on from now on.
fn access() -> AccessReview {
    let who_may_take_it_on = SubjectReview {
        id: "Writer".into(),
        kind: "AWS::IAM::Role".into(),
        aspect: Aspect::Trust,
        verdict: Verdict::Widened,
        new_access: Some(true),
        lost_access: Some(false),
        gained: vec!["lambda.amazonaws.com can now sts:AssumeRole on Writer".into()],
        lost: Vec::new(),
        witness: Some(Witness {
            action: "sts:AssumeRole".into(),
            resource: "${Writer.Arn}".into(),
            principal: "lambda.amazonaws.com".into(),
            context: BTreeMap::new(),
        }),
        reasons: Vec::new(),
        escalations: Vec::new(),
        lines: Lines {
            added: vec![Line {
                source: "Writer".into(),
                place: "trust".into(),
                effect: "Allow".into(),
                principal: "Service:lambda.amazonaws.com".into(),
                action: "sts:AssumeRole".into(),
                ..Line::default()
            }],
            ..Lines::default()
        },
    };
    AccessReview::new(
        IamReview {
            verdict: Verdict::Widened,
            subjects: vec![who_may_take_it_on],
            ..IamReview::default()
        },
        NetworkReview::default(),
    )
}

/// A plan; plans with equal templates have equal digests.
pub(crate) fn plan(template: &str) -> Plan {
    let reviewed = Reviewed {
        kind: ChangeKind::Update,
        environment: "payments/checkout/dev".into(),
        stage: Stage::Dev,
        blueprint: name("table"),
        blueprint_version: "1".into(),
        blueprint_digest: version(1).digest,
        stacks: vec![ReviewedStack {
            name: "main".into(),
            account: name("123456789012"),
            region: name("eu-west-1"),
            stack_name: name("payments-checkout-dev"),
            operation: Operation::Deploy {
                creates: true,
                template: template.into(),
                parameters: BTreeMap::from([("Reads".into(), "5".into())]),
                changes: Vec::new(),
            },
            tags: BTreeMap::from([("gatehouse:team".into(), "payments".into())]),
        }],
        access: access(),
        baseline: Baseline::Live,
        findings: Vec::new(),
        rule_version: 1,
    };
    Plan {
        id: PlanId(Uuid::now_v7()),
        digest: review_digest(&reviewed).unwrap(),
        reviewed,
        binding: Binding {
            stacks: vec![StackBinding {
                change_set_id: Some(
                    "arn:aws:cloudformation:eu-west-1:123456789012:changeSet/a/b".into(),
                ),
                stack_id: None,
                status: Some("REVIEW_IN_PROGRESS".into()),
                changed_at: Some(moment()),
            }],
        },
    }
}

/// A plan of a change, kept.
pub(crate) async fn kept_plan(
    connection: &mut Connection,
    change: ChangeId,
    template: &str,
) -> (PlanId, Digest) {
    let made = plan(template);
    plan::insert(connection, change, &made).await.unwrap();
    (made.id, made.digest)
}
