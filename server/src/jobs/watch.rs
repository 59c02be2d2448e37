//! Watching one operation on one stack, from its first event to its last.
use super::run::JobError;
use crate::aws::{ClientToken, ExecuteSession, Since};
use chrono::{DateTime, Utc};
use domain::stack::{StackEvent, StackStatus};
use std::time::{Duration, Instant};

/// While something happens.
const SHORTEST_PAUSE: Duration = Duration::from_secs(1);
/// While nothing does.
const LONGEST_PAUSE: Duration = Duration::from_secs(3);
/// AWS shows the first event of an operation a moment after it has taken the request.
const FIRST_EVENT_WITHIN: Duration = Duration::from_secs(120);

/// An operation that AWS has taken, known by the token of the request.
pub(super) struct Watch<'a> {
    session: &'a ExecuteSession,
    stack_id: &'a str,
    token: &'a ClientToken,
    /// Events from before this moment are none of this operation's.
    after: Option<DateTime<Utc>>,
    began: Instant,
    last: Option<String>,
    quiet: u32,
    ended: Option<StackStatus>,
}

impl<'a> Watch<'a> {
    pub(super) fn new(
        session: &'a ExecuteSession,
        stack_id: &'a str,
        token: &'a ClientToken,
        after: Option<DateTime<Utc>>,
    ) -> Self {
        Self {
            session,
            stack_id,
            token,
            after,
            began: Instant::now(),
            last: None,
            quiet: 0,
            ended: None,
        }
    }

    /// The stack's status at the end of the operation, once it has come to its end.
    pub(super) fn ended(&self) -> Option<&StackStatus> {
        self.ended.as_ref()
    }

    /// How long to wait before asking again.
    pub(super) fn pause(&self) -> Duration {
        (SHORTEST_PAUSE + Duration::from_millis(200) * self.quiet.saturating_sub(5))
            .min(LONGEST_PAUSE)
    }

    /// The events since the last call, oldest first; with the first call all that there are. Every
    /// event from the operation's first on counts, whatever its token: someone may have cancelled
    /// or deleted in the console, and no other operation can start before this one has ended.
    pub(super) async fn poll(&mut self) -> Result<Vec<StackEvent>, JobError> {
        let since = match (&self.last, self.after) {
            (Some(event), _) => Since::Event(event),
            (None, Some(time)) => Since::Time(time),
            (None, None) => Since::Beginning,
        };
        let mut events = self.session.events_since(self.stack_id, since).await?;
        if self.last.is_none() {
            let first = events
                .iter()
                .position(|event| event.token.as_deref() == Some(self.token.as_str()));
            match first {
                Some(first) => drop(events.drain(..first)),
                None => {
                    self.look_without_events().await?;
                    return Ok(Vec::new());
                }
            }
        }
        let end = events.iter().position(|event| {
            let status = StackStatus(event.status.clone());
            event.is_of_stack(self.stack_id) && !status.in_progress()
        });
        if let Some(end) = end {
            events.truncate(end + 1);
        }
        match events.last() {
            Some(last) => {
                self.quiet = 0;
                self.last = Some(last.event_id.clone());
                if end.is_some() {
                    self.ended = Some(StackStatus(last.status.clone()));
                }
            }
            None => self.quiet += 1,
        }
        Ok(events)
    }

    /// AWS takes the deletion of a stack that is gone, and then there is no event of it.
    async fn look_without_events(&mut self) -> Result<(), JobError> {
        let live = self.session.describe_stack_by_id(self.stack_id).await?;
        if live.is_none_or(|live| live.status.0 == "DELETE_COMPLETE") {
            self.ended = Some(StackStatus("DELETE_COMPLETE".to_owned()));
        } else if self.began.elapsed() > FIRST_EVENT_WITHIN {
            return Err(JobError::Unclear(format!(
                "AWS took the request {} for {} but shows no event of it yet",
                self.token, self.stack_id
            )));
        }
        Ok(())
    }
}
