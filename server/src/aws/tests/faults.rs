//! Throttling, silence and lost answers: tried again, and said when they last.
use super::wire::{Fault, Wire};
use super::*;

/// Five tries as always, but quick ones.
fn brisk() -> Patience {
    Patience {
        first_pause: Duration::from_millis(20),
        longest_pause: Duration::from_millis(100),
        connect: Duration::from_millis(500),
        attempt: Duration::from_millis(400),
        whole: Duration::from_secs(3),
        ..Patience::default()
    }
}

#[tokio::test]
async fn throttling_is_waited_out() {
    let sandbox = Sandbox::running();
    let wire = Wire::to(&sandbox.endpoint, Fault::Throttle(3)).await;
    let gateway = sandbox
        .gateway_by(&wire.endpoint, Patience::default())
        .await;
    let plan = sandbox.plan_by(&gateway).await.unwrap();
    assert_eq!(wire.left(), Fault::None);
    wire.becomes(Fault::Throttle(2));
    assert_eq!(plan.describe_stack(&stack_name("none")).await, Ok(None));
    assert_eq!(wire.left(), Fault::None);
}

#[tokio::test]
async fn throttling_that_lasts_is_said() {
    let sandbox = Sandbox::running();
    let wire = Wire::to(&sandbox.endpoint, Fault::None).await;
    let gateway = sandbox.gateway_by(&wire.endpoint, brisk()).await;
    let plan = sandbox.plan_by(&gateway).await.unwrap();
    wire.becomes(Fault::Throttle(1_000));
    let error = plan.describe_stack(&stack_name("none")).await.unwrap_err();
    assert_eq!(wire.left(), Fault::Throttle(995));
    assert_eq!(error.kind, AwsErrorKind::Throttled);
    assert!(error.is_transient());
    assert_eq!(
        error.to_string(),
        "AWS was asked to describe the stack but is taking no more calls for now: Rate exceeded \
         (Throttling, request from-the-wire)"
    );
    let error = sandbox.plan_by(&gateway).await.unwrap_err();
    assert_eq!(
        (error.operation, error.kind),
        (Operation::AssumeRole, AwsErrorKind::Throttled)
    );
}

#[tokio::test]
async fn silence_is_a_time_out() {
    let sandbox = Sandbox::running();
    let wire = Wire::to(&sandbox.endpoint, Fault::None).await;
    let gateway = sandbox.gateway_by(&wire.endpoint, brisk()).await;
    let plan = sandbox.plan_by(&gateway).await.unwrap();
    wire.becomes(Fault::Silence);
    let error = plan.describe_stack(&stack_name("none")).await.unwrap_err();
    assert_eq!(error.kind, AwsErrorKind::TimedOut, "{error}");
    assert!(error.is_transient());
    assert_eq!(
        error.to_string(),
        "AWS was asked to describe the stack but did not answer in time: no answer in time"
    );
}

#[tokio::test]
async fn an_aws_that_cannot_be_reached_is_unavailable() {
    let sandbox = Sandbox::running();
    let nobody = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let gateway = sandbox
        .gateway_by(&format!("http://{nobody}"), brisk())
        .await;
    let error = sandbox.plan_by(&gateway).await.unwrap_err();
    assert_eq!(error.kind, AwsErrorKind::Unavailable, "{error}");
    assert!(error.is_transient());
}

#[tokio::test]
async fn a_change_set_whose_answer_was_lost_is_made_once() {
    let sandbox = Sandbox::running();
    let wire = Wire::to(&sandbox.endpoint, Fault::None).await;
    let gateway = sandbox
        .gateway_by(&wire.endpoint, Patience::default())
        .await;
    let plan = sandbox.plan_by(&gateway).await.unwrap();
    wire.becomes(Fault::LoseAnswer(1));
    let asked = request(&stack_name("lost-create"), ChangeSetKind::Create, queue());
    let change_set = made(&plan, &asked).await;
    assert_eq!(wire.left(), Fault::None);
    assert_eq!(change_set.name, asked.name.as_str());
    assert_eq!(change_set.status, ChangeSetStatus::Ready);
}

#[tokio::test]
async fn an_execution_whose_answer_was_lost_runs_once() {
    let sandbox = Sandbox::running();
    let plan = sandbox.plan().await;
    let asked = request(&stack_name("lost-run"), ChangeSetKind::Create, queue());
    let change_set = made(&plan, &asked).await;
    let wire = Wire::to(&sandbox.endpoint, Fault::None).await;
    let gateway = sandbox
        .gateway_by(&wire.endpoint, Patience::default())
        .await;
    let execute = sandbox.execute_by(&gateway).await.unwrap();
    wire.becomes(Fault::LoseAnswer(1));
    let token = a_token(Act::Execute);
    let taken = execute
        .execute_change_set(&change_set.change_set_id, &change_set.stack_id, &token)
        .await;
    assert_eq!(taken, Ok(()));
    assert_eq!(
        settled(&execute, &change_set.stack_id).await.status.0,
        "CREATE_COMPLETE"
    );
    let events = execute
        .events_since(&change_set.stack_id, Since::Beginning)
        .await
        .unwrap();
    let starts = events.iter().filter(|event| {
        event.is_of_stack(&change_set.stack_id) && event.status == "CREATE_IN_PROGRESS"
    });
    assert_eq!(starts.count(), 1);
}
