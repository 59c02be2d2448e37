//! What CloudFormation reported while a deployment ran.
use super::{Connection, Result};
use chrono::{DateTime, Utc};
use domain::names::DeploymentId;
use domain::stack::StackEvent;

/// Adds events, given oldest first; those that are kept already are passed over. Gives how many
/// were new.
#[tracing::instrument(name = "db.stack_event.append", skip_all)]
pub async fn append(
    connection: &mut Connection,
    deployment: DeploymentId,
    stack: &str,
    events: &[StackEvent],
) -> Result<u64> {
    fn column<'a, T>(events: &'a [StackEvent], of: impl Fn(&'a StackEvent) -> T) -> Vec<T> {
        events.iter().map(of).collect()
    }
    let added = sqlx::query!(
        "insert into stack_event (deployment, stack, event_id, happened_at, logical_id,
           physical_id, resource_type, status, reason, token)
         select $1, $2, event_id, happened_at, logical_id, physical_id, resource_type, status,
           reason, token
         from unnest($3::text[], $4::timestamptz[], $5::text[], $6::text[], $7::text[],
             $8::text[], $9::text[], $10::text[]) with ordinality
           as event (event_id, happened_at, logical_id, physical_id, resource_type, status, reason,
             token, place)
         order by place
         on conflict (deployment, stack, event_id) do nothing",
        deployment.0,
        stack,
        &column(events, |event| event.event_id.clone()),
        &column(events, |event| event.at) as &[DateTime<Utc>],
        &column(events, |event| event.logical_id.clone()),
        &column(events, |event| event.physical_id.clone()) as &[Option<String>],
        &column(events, |event| event.resource_type.clone()),
        &column(events, |event| event.status.clone()),
        &column(events, |event| event.reason.clone()) as &[Option<String>],
        &column(events, |event| event.token.clone()) as &[Option<String>],
    )
    .execute(connection)
    .await?;
    Ok(added.rows_affected())
}

/// Every event of a deployment with the name of its stack, in the order they were reported.
#[tracing::instrument(name = "db.stack_event.of_deployment", skip_all)]
pub async fn of_deployment(
    connection: &mut Connection,
    deployment: DeploymentId,
) -> Result<Vec<(String, StackEvent)>> {
    let rows = sqlx::query!(
        "select stack, event_id, happened_at, logical_id, physical_id, resource_type, status,
           reason, token
         from stack_event where deployment = $1 order by position",
        deployment.0
    )
    .fetch_all(connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let event = StackEvent {
                event_id: row.event_id,
                at: row.happened_at,
                logical_id: row.logical_id,
                physical_id: row.physical_id,
                resource_type: row.resource_type,
                status: row.status,
                reason: row.reason,
                token: row.token,
            };
            (row.stack, event)
        })
        .collect())
}

/// Id of the latest event of a deployment's stack.
#[tracing::instrument(name = "db.stack_event.last_seen", skip_all)]
pub async fn last_seen(
    connection: &mut Connection,
    deployment: DeploymentId,
    stack: &str,
) -> Result<Option<String>> {
    let id = sqlx::query_scalar!(
        "select event_id from stack_event where deployment = $1 and stack = $2
         order by position desc limit 1",
        deployment.0,
        stack,
    )
    .fetch_optional(connection)
    .await?;
    Ok(id)
}
