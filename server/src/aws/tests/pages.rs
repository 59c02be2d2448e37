//! Change sets of several pages, which the local AWS never gives. What stands here answers as the CloudFormation API
//! Reference says `DescribeChangeSet` does.
use super::*;
use axum::Router;
use axum::http::header::CONTENT_TYPE;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

const CREDENTIALS: &str = "<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\
    <AssumeRoleResult><Credentials><AccessKeyId>given</AccessKeyId><SecretAccessKey>given</SecretAccessKey>\
    <SessionToken>given</SessionToken><Expiration>2100-01-01T00:00:00Z</Expiration></Credentials>\
    </AssumeRoleResult></AssumeRoleResponse>";

/// A page with one added queue; `next` is the token for the page after it.
fn page(queue: usize, next: Option<&str>) -> String {
    let next = next.map_or(String::new(), |token| {
        format!("<NextToken>{token}</NextToken>")
    });
    format!(
        "<DescribeChangeSetResponse xmlns=\"http://cloudformation.amazonaws.com/doc/2010-05-15/\">\
         <DescribeChangeSetResult>\
         <ChangeSetId>arn:aws:cloudformation:eu-west-1:111111111111:changeSet/paged/1</ChangeSetId>\
         <StackId>arn:aws:cloudformation:eu-west-1:111111111111:stack/paged/1</StackId>\
         <ChangeSetName>paged</ChangeSetName><Status>CREATE_COMPLETE</Status>\
         <ExecutionStatus>AVAILABLE</ExecutionStatus><Changes><member><Type>Resource</Type>\
         <ResourceChange><Action>Add</Action><LogicalResourceId>Queue{queue}</LogicalResourceId>\
         <ResourceType>AWS::SQS::Queue</ResourceType></ResourceChange></member></Changes>{next}\
         </DescribeChangeSetResult></DescribeChangeSetResponse>"
    )
}

/// The token that a request asks for a page with.
fn token(request: &str) -> Option<&str> {
    request
        .split('&')
        .find_map(|field| field.strip_prefix("NextToken="))
}

/// Reads the change set from an AWS that answers a token with the page that `answer` gives. Gives also how many
/// pages were asked for.
async fn read(
    answer: impl Fn(Option<&str>) -> String + Clone + Send + Sync + 'static,
) -> (Result<ChangeSet, AwsError>, usize) {
    let asked = Arc::new(AtomicUsize::new(0));
    let counted = asked.clone();
    let aws = Router::new().fallback(move |request: String| async move {
        let body = if request.contains("Action=AssumeRole") {
            CREDENTIALS.to_owned()
        } else {
            counted.fetch_add(1, Ordering::Relaxed);
            answer(token(&request))
        };
        ([(CONTENT_TYPE, "text/xml")], body)
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let serving = tokio::spawn(async move { axum::serve(listener, aws).await });
    let gateway = Gateway::to_endpoint(&endpoint, "given", "given", Patience::default()).await;
    let plan = gateway
        .plan_session(&account(), &"eu-west-1".parse().unwrap(), &acting())
        .await
        .unwrap();
    let change_set = plan.describe_change_set("paged").await;
    serving.abort();
    (change_set, asked.load(Ordering::Relaxed))
}

fn account() -> Account {
    let role = |name: &str| format!("arn:aws:iam::111111111111:role/{name}");
    Account {
        id: "111111111111".parse().unwrap(),
        name: "dev".to_owned(),
        stages: vec![domain::stage::Stage::Dev],
        region: "eu-west-1".parse().unwrap(),
        plan_role: role("gatehouse-plan"),
        execute_role: role("gatehouse-execute"),
        service_role: role("gatehouse-service"),
        permissions_boundary: "arn:aws:iam::111111111111:policy/gatehouse-boundary".to_owned(),
        external_id: "only-for-this-test".to_owned(),
        artifact_bucket: "gatehouse-artifacts".to_owned(),
    }
}

#[tokio::test]
async fn every_page_of_a_change_set_is_read_once_and_in_order() {
    let (change_set, asked) = read(|token| match token {
        None => page(1, Some("second")),
        Some("second") => page(2, Some("third")),
        Some("third") => page(3, None),
        other => panic!("{other:?}"),
    })
    .await;
    let change_set = change_set.unwrap();
    assert_eq!(asked, 3);
    assert_eq!(change_set.status, ChangeSetStatus::Ready);
    assert_eq!(change_set.execution, ChangeSetExecution::Available);
    let queues: Vec<_> = change_set
        .changes
        .iter()
        .map(|change| change.logical_id.as_str())
        .collect();
    assert_eq!(queues, ["Queue1", "Queue2", "Queue3"]);
}

#[tokio::test]
async fn a_page_token_that_comes_again_is_an_error() {
    let (change_set, asked) = read(|_| page(1, Some("again"))).await;
    let error = change_set.unwrap_err();
    assert_eq!(
        (error.operation, error.kind),
        (Operation::DescribeChangeSet, AwsErrorKind::Unavailable)
    );
    insta::assert_snapshot!(error.to_string(), @"AWS was asked to describe the change set but could not: it gave the same page of its answer again, so the answer has no end");
    assert_eq!(asked, 2);
    // Also where others come between.
    let (change_set, asked) = read(|token| match token {
        Some("one") => page(2, Some("two")),
        _ => page(1, Some("one")),
    })
    .await;
    assert!(change_set.is_err());
    assert_eq!(asked, 3);
}
