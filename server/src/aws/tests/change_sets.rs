//! Change sets: made, read back, found again, refused.
use super::*;
use domain::stack::{Replacement, ResourceAction};

#[tokio::test]
async fn an_unknown_stack_is_none() {
    let plan = Sandbox::running().plan().await;
    assert_eq!(plan.describe_stack(&stack_name("unknown")).await, Ok(None));
}

#[tokio::test]
async fn a_change_set_reads_back_as_it_was_asked_for() {
    let sandbox = Sandbox::running();
    let plan = sandbox.plan().await;
    let stack = stack_name("readback");
    let mut request = request(&stack, ChangeSetKind::Create, queue());
    request
        .parameters
        .insert("Delay".to_owned(), "7".to_owned());

    let change_set = made(&plan, &request).await;
    assert_eq!(change_set.status, ChangeSetStatus::Ready);
    assert_eq!(change_set.execution, ChangeSetExecution::Available);
    assert_eq!(change_set.name, request.name.as_str());
    assert_eq!(change_set.tags, request.tags);
    assert_eq!(change_set.parameters["Delay"], "7");
    assert_eq!(change_set.parameters["Kept"], "3600");
    assert_eq!(change_set.changes.len(), 1);
    let change = &change_set.changes[0];
    assert_eq!(
        (change.action, change.replacement),
        (ResourceAction::Add, Replacement::No)
    );
    assert_eq!(change.logical_id, "Queue");
    assert_eq!(change.resource_type, "AWS::SQS::Queue");
    assert_eq!(change.physical_id, None);
    let template = plan
        .change_set_template(&change_set.change_set_id)
        .await
        .unwrap();
    assert_eq!(template, request.template);

    let live = plan.describe_stack(&stack).await.unwrap().unwrap();
    assert_eq!(live.status.0, "REVIEW_IN_PROGRESS");
    assert_eq!(live.stack_id, change_set.stack_id);
    assert_eq!(plan.template(&live).await, Ok(None));
    assert_eq!(plan.resources(&live.stack_id).await, Ok(vec![]));
}

#[tokio::test]
async fn asking_twice_finds_the_first_and_asking_for_something_else_is_refused() {
    let plan = Sandbox::running().plan().await;
    let stack = stack_name("twice");
    let mut request = request(&stack, ChangeSetKind::Create, queue());
    request
        .parameters
        .insert("Delay".to_owned(), "7".to_owned());
    let first = plan.create_change_set(&request).await.unwrap();
    assert_eq!(plan.create_change_set(&request).await.unwrap(), first);

    let mut other = request.clone();
    // With the same token it would be the same request to AWS, whatever it says.
    other.token = ClientToken::of_plan(a_plan(), 0);
    other.parameters.insert("Delay".to_owned(), "8".to_owned());
    let refused = plan.create_change_set(&other).await.unwrap_err();
    assert_eq!(refused.kind, AwsErrorKind::AlreadyExists);
    assert!(refused.message.contains("other parameters"), "{refused}");

    other.parameters = request.parameters.clone();
    other.template = topics(1, 0);
    let refused = plan.create_change_set(&other).await.unwrap_err();
    assert_eq!(refused.kind, AwsErrorKind::AlreadyExists);
    assert!(refused.message.contains("another template"), "{refused}");

    plan.delete_change_set(&first.change_set_id).await.unwrap();
    let gone = plan
        .find_change_set(&stack, &request.name)
        .await
        .unwrap_err();
    assert_eq!(gone.kind, AwsErrorKind::NotFound);
}

#[tokio::test]
async fn a_stack_that_exists_is_not_made_again() {
    let sandbox = Sandbox::running();
    let (plan, execute) = (sandbox.plan().await, sandbox.execute().await);
    let stack = stack_name("exists");
    let asked = request(&stack, ChangeSetKind::Create, queue());
    deployed(&plan, &execute, &asked).await;
    let refused = plan
        .create_change_set(&request(&stack, ChangeSetKind::Create, queue()))
        .await
        .unwrap_err();
    assert_eq!(refused.kind, AwsErrorKind::AlreadyExists, "{refused}");
    assert!(refused.request_id.is_some());
}

#[tokio::test]
async fn an_update_says_what_changes_and_nothing_to_change_is_a_success() {
    let sandbox = Sandbox::running();
    let (plan, execute) = (sandbox.plan().await, sandbox.execute().await);
    let stack = stack_name("update");
    deployed(
        &plan,
        &execute,
        &request(&stack, ChangeSetKind::Create, queue()),
    )
    .await;

    let same = made(&plan, &request(&stack, ChangeSetKind::Update, queue())).await;
    assert_eq!(same.status, ChangeSetStatus::NoChanges);
    assert_eq!(same.execution, ChangeSetExecution::Unavailable);

    let mut update = request(&stack, ChangeSetKind::Update, queue());
    update.parameters.insert("Delay".to_owned(), "9".to_owned());
    let update = made(&plan, &update).await;
    assert_eq!(update.status, ChangeSetStatus::Ready);
    let [change] = update.changes.as_slice() else {
        panic!("{:?}", update.changes)
    };
    assert_eq!(
        (change.action, change.replacement),
        (ResourceAction::Modify, Replacement::No)
    );
    assert_eq!(change.changed, ["DelaySeconds"]);
    assert!(change.physical_id.is_some());

    let live = plan.describe_stack(&stack).await.unwrap().unwrap();
    assert_eq!(plan.template(&live).await, Ok(Some(queue())));
}

#[tokio::test]
async fn a_template_too_long_for_a_request_goes_through_the_bucket() {
    let sandbox = Sandbox::running();
    let plan = sandbox.plan().await;
    let asked = request(
        &stack_name("long"),
        ChangeSetKind::Create,
        topics(30, 3_000),
    );
    assert!(asked.template.len() > 51_200);
    let first = plan.create_change_set(&asked).await.unwrap();
    let change_set = plan
        .await_change_set(&first.change_set_id, Duration::from_secs(30))
        .await
        .unwrap();
    assert_eq!(change_set.changes.len(), 30);
    let template = plan
        .change_set_template(&first.change_set_id)
        .await
        .unwrap();
    assert_eq!(template, asked.template);
    assert_eq!(plan.create_change_set(&asked).await.unwrap(), first);

    let url = plan.put_template(&asked.template).await.unwrap();
    assert_eq!(plan.put_template(&asked.template).await.unwrap(), url);
    assert!(
        url.contains(&format!("{}/templates/", sandbox.account.artifact_bucket)),
        "{url}"
    );
}

#[tokio::test]
async fn a_template_too_long_for_cloudformation_is_refused_with_words() {
    let plan = Sandbox::running().plan().await;
    let asked = request(
        &stack_name("too-long"),
        ChangeSetKind::Create,
        topics(100, 11_000),
    );
    let refused = plan.create_change_set(&asked).await.unwrap_err();
    assert_eq!(refused.kind, AwsErrorKind::LimitExceeded, "{refused}");
    assert!(refused.to_string().contains("1000000 bytes"), "{refused}");
}

#[tokio::test]
async fn a_parameter_without_a_value_is_refused_in_awss_words() {
    let plan = Sandbox::running().plan().await;
    let template = queue().replace(r#","Default":"1""#, "");
    assert_ne!(template, queue());
    let asked = request(&stack_name("bad"), ChangeSetKind::Create, template);
    let refused = plan.create_change_set(&asked).await.unwrap_err();
    assert_eq!(
        refused.code.as_deref(),
        Some("ValidationError"),
        "{refused}"
    );
    assert!(refused.to_string().contains("Delay"), "{refused}");
    assert!(!refused.is_transient());
}

#[tokio::test]
async fn a_hundred_and_twenty_changes_and_resources_are_read_whole() {
    let sandbox = Sandbox::running();
    let (plan, execute) = (sandbox.plan().await, sandbox.execute().await);
    let asked = request(&stack_name("many"), ChangeSetKind::Create, topics(120, 0));
    let change_set = made(&plan, &asked).await;
    let mut logical_ids: Vec<_> = change_set
        .changes
        .iter()
        .map(|change| change.logical_id.clone())
        .collect();
    logical_ids.sort();
    logical_ids.dedup();
    assert_eq!(logical_ids.len(), 120);

    execute
        .execute_change_set(
            &change_set.change_set_id,
            &change_set.stack_id,
            &a_token(Act::Execute),
        )
        .await
        .unwrap();
    let live = settled(&execute, &change_set.stack_id).await;
    assert_eq!(live.status.0, "CREATE_COMPLETE");
    let resources = execute.resources(&live.stack_id).await.unwrap();
    assert_eq!(resources.len(), 120);
    let events = execute
        .events_since(&live.stack_id, Since::Beginning)
        .await
        .unwrap();
    assert!(events.len() >= 240, "{}", events.len());
    assert!(events.is_sorted_by_key(|event| event.at));
}
