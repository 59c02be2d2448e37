//! Executed, watched, cancelled, continued, deleted.
use super::*;

#[tokio::test]
async fn what_was_approved_runs_once_and_its_events_carry_the_token() {
    let sandbox = Sandbox::running();
    let (plan, execute) = (sandbox.plan().await, sandbox.execute().await);
    let change_set = made(
        &plan,
        &request(&stack_name("run"), ChangeSetKind::Create, queue()),
    )
    .await;
    let (id, stack_id) = (&change_set.change_set_id, &change_set.stack_id);
    let token = a_token(Act::Execute);
    assert_eq!(
        execute.has_event_with_token(stack_id, &token).await,
        Ok(false)
    );
    assert_eq!(
        execute.execute_change_set(id, stack_id, &token).await,
        Ok(())
    );
    assert_eq!(
        execute.execute_change_set(id, stack_id, &token).await,
        Ok(())
    );

    let live = settled(&execute, stack_id).await;
    assert_eq!(live.status.0, "CREATE_COMPLETE");
    assert!(
        live.outputs["QueueArn"].starts_with("arn:aws:sqs:eu-west-1:"),
        "{:?}",
        live.outputs
    );
    assert_eq!(live.tags["gatehouse:team"], "payments");
    assert_eq!(live.parameters["Delay"], "1");
    assert_eq!(
        execute.execute_change_set(id, stack_id, &token).await,
        Ok(())
    );
    let refused = execute
        .execute_change_set(id, stack_id, &a_token(Act::Execute))
        .await
        .unwrap_err();
    assert_eq!(refused.kind, AwsErrorKind::InvalidState, "{refused}");

    assert_eq!(
        execute.has_event_with_token(stack_id, &token).await,
        Ok(true)
    );
    let events = execute
        .events_since(stack_id, Since::Beginning)
        .await
        .unwrap();
    assert!(events.is_sorted_by_key(|event| event.at));
    assert_eq!(events[0].status, "REVIEW_IN_PROGRESS");
    assert_eq!(events[0].token, None);
    assert!(
        events[1..]
            .iter()
            .all(|event| event.token.as_deref() == Some(token.as_str()))
    );
    let last = events.last().unwrap();
    assert!(last.is_of_stack(stack_id), "{last:?}");
    assert_eq!(last.status, "CREATE_COMPLETE");
    let starts = events
        .iter()
        .filter(|event| event.is_of_stack(stack_id) && event.status == "CREATE_IN_PROGRESS");
    assert_eq!(starts.count(), 1);

    let later = execute
        .events_since(stack_id, Since::Event(&events[1].event_id))
        .await
        .unwrap();
    assert_eq!(later, events[2..]);
    assert_eq!(
        execute
            .events_since(stack_id, Since::Event(&last.event_id))
            .await,
        Ok(vec![])
    );
    let from = execute
        .events_since(stack_id, Since::Time(last.at))
        .await
        .unwrap();
    assert_eq!(from.last(), Some(last));
    assert!(from.len() < events.len());

    let [queue] = execute
        .resources(stack_id)
        .await
        .unwrap()
        .try_into()
        .unwrap();
    assert_eq!(
        (queue.logical_id.as_str(), queue.status.as_str()),
        ("Queue", "CREATE_COMPLETE")
    );
}

#[tokio::test]
async fn a_failure_rolls_back_with_awss_reason_and_the_dead_stack_can_be_deleted() {
    let sandbox = Sandbox::running();
    let (plan, execute) = (sandbox.plan().await, sandbox.execute().await);
    let template = r#"{"Resources": {"Queue": {"Type": "AWS::SQS::Queue",
        "Properties": {"DelaySeconds": "soon"}}}}"#;
    let asked = request(
        &stack_name("fails"),
        ChangeSetKind::Create,
        template.to_owned(),
    );
    let live = deployed(&plan, &execute, &asked).await;
    assert_eq!(live.status.0, "ROLLBACK_COMPLETE");
    let events = execute
        .events_since(&live.stack_id, Since::Beginning)
        .await
        .unwrap();
    let failed = events
        .iter()
        .find(|event| event.status == "CREATE_FAILED")
        .unwrap();
    assert_eq!(failed.logical_id, "Queue");
    assert!(
        failed.reason.as_deref().unwrap().contains("DelaySeconds"),
        "{failed:?}"
    );

    execute
        .delete_stack(&live.stack_id, &[], &a_token(Act::Delete))
        .await
        .unwrap();
    assert_eq!(
        settled(&execute, &live.stack_id).await.status.0,
        "DELETE_COMPLETE"
    );
}

#[tokio::test]
async fn a_stack_with_outputs_is_deleted_and_found_by_its_id_only() {
    let sandbox = Sandbox::running();
    let (plan, execute) = (sandbox.plan().await, sandbox.execute().await);
    let stack = stack_name("delete");
    let live = deployed(
        &plan,
        &execute,
        &request(&stack, ChangeSetKind::Create, queue()),
    )
    .await;
    assert_eq!(live.outputs.len(), 1);
    let token = a_token(Act::Delete);
    assert_eq!(
        execute.delete_stack(&live.stack_id, &[], &token).await,
        Ok(())
    );
    let gone = settled(&execute, &live.stack_id).await;
    assert_eq!(gone.status.0, "DELETE_COMPLETE");
    assert_eq!(execute.describe_stack(&stack).await, Ok(None));
    assert_eq!(
        execute.has_event_with_token(&live.stack_id, &token).await,
        Ok(true)
    );
    execute
        .delete_stack(&live.stack_id, &[], &token)
        .await
        .unwrap();
}

#[tokio::test]
async fn an_abandoned_review_is_cleared_away() {
    let sandbox = Sandbox::running();
    let (plan, execute) = (sandbox.plan().await, sandbox.execute().await);
    let stack = stack_name("abandoned");
    let change_set = made(&plan, &request(&stack, ChangeSetKind::Create, queue())).await;
    execute
        .delete_change_set(&change_set.change_set_id)
        .await
        .unwrap();
    let token = a_token(Act::Execute);
    let refused = execute
        .execute_change_set(&change_set.change_set_id, &change_set.stack_id, &token)
        .await
        .unwrap_err();
    assert_eq!(refused.kind, AwsErrorKind::NotFound, "{refused}");
    execute
        .delete_stack(&change_set.stack_id, &[], &a_token(Act::Delete))
        .await
        .unwrap();
    for _ in 0..100 {
        if execute.describe_stack(&stack).await.unwrap().is_none() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{stack} is still there");
}

#[tokio::test]
async fn an_update_can_be_cancelled_and_a_create_cannot() {
    let sandbox = Sandbox::running();
    let (plan, execute) = (sandbox.plan().await, sandbox.execute().await);
    let stack = stack_name("cancel");
    let asked = request(&stack, ChangeSetKind::Create, topics(2, 0));
    let change_set = made(&plan, &asked).await;
    let stack_id = &change_set.stack_id;
    execute
        .execute_change_set(&change_set.change_set_id, stack_id, &a_token(Act::Execute))
        .await
        .unwrap();
    let refused = execute
        .cancel_update(stack_id, &a_token(Act::Cancel))
        .await
        .unwrap_err();
    assert_eq!(refused.kind, AwsErrorKind::InvalidState, "{refused}");
    assert_eq!(
        settled(&execute, stack_id).await.status.0,
        "CREATE_COMPLETE"
    );

    let update = made(
        &plan,
        &request(&stack, ChangeSetKind::Update, topics(20, 0)),
    )
    .await;
    execute
        .execute_change_set(&update.change_set_id, stack_id, &a_token(Act::Execute))
        .await
        .unwrap();
    let token = a_token(Act::Cancel);
    assert_eq!(execute.cancel_update(stack_id, &token).await, Ok(()));
    assert_eq!(
        settled(&execute, stack_id).await.status.0,
        "UPDATE_ROLLBACK_COMPLETE"
    );
    assert_eq!(
        execute.has_event_with_token(stack_id, &token).await,
        Ok(true)
    );
    assert_eq!(execute.cancel_update(stack_id, &token).await, Ok(()));
}

/// A template of queues with logical ids that no other test has, so that only these fail as told.
fn queues(ids: &[&str], delay: u32) -> String {
    let mut resources = serde_json::Map::new();
    let mut before: Option<&str> = None;
    for id in ids {
        let mut queue = serde_json::json!({
            "Type": "AWS::SQS::Queue",
            "Properties": { "DelaySeconds": delay },
        });
        if let Some(before) = before.replace(id) {
            queue["DependsOn"] = before.into();
        }
        resources.insert((*id).to_owned(), queue);
    }
    serde_json::json!({ "Resources": resources }).to_string()
}

fn own(name: &str) -> String {
    format!("{name}{}", Uuid::new_v4().simple())
}

#[tokio::test]
async fn a_rollback_that_failed_continues_without_what_stands_in_its_way() {
    let sandbox = Sandbox::running();
    let (plan, execute) = (sandbox.plan().await, sandbox.execute().await);
    let stack = stack_name("continue");
    let (kept, new) = (own("Kept"), own("New"));
    let asked = request(&stack, ChangeSetKind::Create, queues(&[&kept], 1));
    let stack_id = deployed(&plan, &execute, &asked).await.stack_id;
    let early = execute
        .continue_rollback(&stack_id, &[], &a_token(Act::Continue))
        .await
        .unwrap_err();
    assert_eq!(early.kind, AwsErrorKind::InvalidState, "{early}");

    for fault in [
        serde_json::json!({ "logical_id": new, "reason": "Quota exceeded" }),
        serde_json::json!({ "logical_id": kept, "reason": "In use", "operation": "rollback" }),
    ] {
        wire::break_resource(&sandbox.endpoint, fault).await;
    }
    let asked = request(&stack, ChangeSetKind::Update, queues(&[&kept, &new], 2));
    let stuck = deployed(&plan, &execute, &asked).await;
    assert_eq!(stuck.status.0, "UPDATE_ROLLBACK_FAILED");
    let events = execute
        .events_since(&stack_id, Since::Beginning)
        .await
        .unwrap();
    assert!(
        events
            .iter()
            .any(|event| event.reason.as_deref() == Some("Quota exceeded"))
    );

    let token = a_token(Act::Continue);
    let skip = [kept];
    assert_eq!(
        execute.continue_rollback(&stack_id, &skip, &token).await,
        Ok(())
    );
    assert_eq!(
        settled(&execute, &stack_id).await.status.0,
        "UPDATE_ROLLBACK_COMPLETE"
    );
    assert_eq!(
        execute.continue_rollback(&stack_id, &skip, &token).await,
        Ok(())
    );
}

#[tokio::test]
async fn a_delete_that_failed_goes_on_and_leaves_what_is_named() {
    let sandbox = Sandbox::running();
    let (plan, execute) = (sandbox.plan().await, sandbox.execute().await);
    let stack = stack_name("retain");
    let kept = own("Kept");
    let asked = request(&stack, ChangeSetKind::Create, queues(&[&kept], 1));
    let stack_id = deployed(&plan, &execute, &asked).await.stack_id;
    let retain = [kept.clone()];
    let early = execute
        .delete_stack(&stack_id, &retain, &a_token(Act::Delete))
        .await
        .unwrap_err();
    assert_eq!(early.kind, AwsErrorKind::InvalidState, "{early}");

    let fault =
        serde_json::json!({ "logical_id": kept, "reason": "In use", "operation": "delete" });
    wire::break_resource(&sandbox.endpoint, fault).await;
    execute
        .delete_stack(&stack_id, &[], &a_token(Act::Delete))
        .await
        .unwrap();
    assert_eq!(settled(&execute, &stack_id).await.status.0, "DELETE_FAILED");
    let token = a_token(Act::Delete);
    assert_eq!(
        execute.delete_stack(&stack_id, &retain, &token).await,
        Ok(())
    );
    assert_eq!(
        settled(&execute, &stack_id).await.status.0,
        "DELETE_COMPLETE"
    );
}
