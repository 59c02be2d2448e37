//! Who may assume what.
use super::*;

#[tokio::test]
async fn the_portal_user_can_assume_both_roles_and_nothing_else() {
    let sandbox = Sandbox::running();
    let gateway = sandbox.gateway().await;
    let account = &sandbox.account;
    assert!(
        gateway
            .caller()
            .await
            .unwrap()
            .ends_with(":user/gatehouse-portal")
    );
    for role in [&account.plan_role, &account.execute_role] {
        gateway
            .try_role(account, role, &account.external_id)
            .await
            .unwrap();
    }

    let refused = gateway
        .try_role(account, &account.service_role, &account.external_id)
        .await
        .unwrap_err();
    assert_eq!(refused.kind, AwsErrorKind::AccessDenied);

    let itself = aws_sdk_cloudformation::Client::from_conf(
        aws_sdk_cloudformation::Config::builder()
            .behavior_version_latest()
            .region(aws_sdk_cloudformation::config::Region::new("eu-west-1"))
            .endpoint_url(&sandbox.endpoint)
            .credentials_provider(aws_sdk_sts::config::Credentials::new(
                &sandbox.access_key_id,
                &sandbox.secret_access_key,
                None,
                None,
                "test",
            ))
            .build(),
    );
    let refused = AwsError::new(
        Operation::DescribeStack,
        itself.describe_stacks().send().await.unwrap_err(),
    );
    assert_eq!(refused.kind, AwsErrorKind::AccessDenied, "{refused}");
}

#[tokio::test]
async fn a_wrong_external_id_and_a_missing_role_are_refused_with_words() {
    let sandbox = Sandbox::running();
    let gateway = sandbox.gateway().await;
    let account = &sandbox.account;
    let wrong = gateway
        .try_role(account, &account.plan_role, "not-the-external-id")
        .await
        .unwrap_err();
    let missing = gateway
        .try_role(
            account,
            &format!("{}-gone", account.plan_role),
            &account.external_id,
        )
        .await
        .unwrap_err();
    // The local AWS gives no request id when the caller's own policy is what refuses.
    assert!(wrong.request_id.is_some(), "{wrong}");
    for error in [wrong, missing] {
        assert_eq!(error.kind, AwsErrorKind::AccessDenied);
        assert_eq!(error.code.as_deref(), Some("AccessDenied"));
        let words = error.to_string();
        assert!(
            words.starts_with("AWS did not allow Gatehouse to assume the role"),
            "{words}"
        );
        assert!(
            words.contains("must exist") && words.contains("ExternalId"),
            "{words}"
        );
        assert!(!words.contains(&account.external_id), "{words}");
        assert!(!error.is_transient());
    }
}

#[tokio::test]
async fn a_session_is_refused_when_the_configured_external_id_is_wrong() {
    let mut sandbox = Sandbox::running();
    sandbox.account.external_id = "not-the-external-id".to_owned();
    let gateway = sandbox.gateway().await;
    for refused in [
        sandbox.plan_by(&gateway).await.map(drop),
        sandbox.execute_by(&gateway).await.map(drop),
    ] {
        assert_eq!(refused.unwrap_err().kind, AwsErrorKind::AccessDenied);
    }
}

#[tokio::test]
async fn the_execute_role_makes_no_change_set_and_the_plan_role_executes_none() {
    let sandbox = Sandbox::running();
    let stack = stack_name("roles");
    let mut as_executor = sandbox.account.clone();
    as_executor.plan_role = sandbox.account.execute_role.clone();
    let mut as_planner = sandbox.account.clone();
    as_planner.execute_role = sandbox.account.plan_role.clone();
    let gateway = sandbox.gateway().await;

    let wrong = gateway
        .plan_session(&as_executor, &as_executor.region, &acting())
        .await
        .unwrap();
    let request = request(&stack, ChangeSetKind::Create, queue());
    let refused = wrong.create_change_set(&request).await.unwrap_err();
    assert_eq!(refused.kind, AwsErrorKind::AccessDenied, "{refused}");

    let plan = sandbox.plan().await;
    let change_set = made(&plan, &request).await;
    let wrong = gateway
        .execute_session(&as_planner, &as_planner.region, &acting())
        .await
        .unwrap();
    let refused = wrong
        .execute_change_set(
            &change_set.change_set_id,
            &change_set.stack_id,
            &a_token(Act::Execute),
        )
        .await
        .unwrap_err();
    assert_eq!(refused.kind, AwsErrorKind::AccessDenied, "{refused}");
    plan.delete_change_set(&change_set.change_set_id)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_long_session_renews_its_credentials() {
    let sandbox = Sandbox::running();
    let execute = sandbox.execute().await;
    let first = execute.expire_credentials().await;
    assert_eq!(execute.describe_stack(&stack_name("none")).await, Ok(None));
    let second = execute.expire_credentials().await;
    assert_ne!(first, second);
}
