//! What happened to a stack, event by event.
use super::call::Operation;
use super::error::AwsError;
use super::page::Pages;
use super::session::Session;
use super::stack::time;
use super::token::ClientToken;
use aws_sdk_cloudformation::types;
use chrono::{DateTime, Utc};
use domain::stack::StackEvent;
use std::collections::HashSet;
use std::ops::ControlFlow;

/// From where on events are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Since<'a> {
    /// All that AWS still has: 90 days.
    Beginning,
    /// After this moment, or at it.
    Time(DateTime<Utc>),
    /// After the event with this id.
    Event(&'a str),
}

impl<R> Session<R> {
    /// The stack's events from `since` on, oldest first. AWS gives the newest first; pages are read
    /// until the known event or moment is met.
    pub async fn events_since(
        &self,
        stack_id: &str,
        since: Since<'_>,
    ) -> Result<Vec<StackEvent>, AwsError> {
        let mut events = Vec::new();
        // Events that arrive meanwhile push others onto the next page, where they show again.
        let mut seen = HashSet::new();
        self.each_event(stack_id, |event| {
            let known = match since {
                Since::Beginning => false,
                Since::Time(start) => event.at < start,
                Since::Event(id) => event.event_id == id,
            };
            if known {
                return ControlFlow::Break(());
            }
            if seen.insert(event.event_id.clone()) {
                events.push(event);
            }
            ControlFlow::Continue(())
        })
        .await?;
        events.reverse();
        Ok(events)
    }

    /// Whether a request with this token has had its effect on the stack.
    pub async fn has_event_with_token(
        &self,
        stack_id: &str,
        token: &ClientToken,
    ) -> Result<bool, AwsError> {
        let mut found = false;
        self.each_event(stack_id, |event| {
            found = event.token.as_deref() == Some(token.as_str());
            if found {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        })
        .await?;
        Ok(found)
    }

    async fn each_event(
        &self,
        stack_id: &str,
        mut visit: impl FnMut(StackEvent) -> ControlFlow<()>,
    ) -> Result<(), AwsError> {
        let client = self.cloudformation().await?;
        let mut pages = Pages::of(Operation::DescribeStackEvents);
        loop {
            let request = client
                .describe_stack_events()
                .stack_name(stack_id)
                .set_next_token(pages.token())
                .send();
            let page = self
                .call(Operation::DescribeStackEvents, stack_id, Box::pin(request))
                .await?;
            let next = page.next_token;
            for event in page.stack_events.unwrap_or_default() {
                if visit(stack_event(event)).is_break() {
                    return Ok(());
                }
            }
            if !pages.turn(next.as_deref())? {
                return Ok(());
            }
        }
    }
}

fn stack_event(event: types::StackEvent) -> StackEvent {
    let given = |text: Option<String>| text.filter(|text| !text.is_empty());
    StackEvent {
        event_id: event.event_id.unwrap_or_default(),
        at: event.timestamp.map(time).unwrap_or_default(),
        logical_id: event.logical_resource_id.unwrap_or_default(),
        physical_id: given(event.physical_resource_id),
        resource_type: event.resource_type.unwrap_or_default(),
        status: event
            .resource_status
            .map(|status| status.as_str().to_owned())
            .unwrap_or_default(),
        reason: given(event.resource_status_reason),
        token: given(event.client_request_token),
    }
}
