//! News of changes: one connection listens for the whole process, and every page that follows a
//! change gets word over server-sent events.
use super::observe::request_id;
use super::refusal::as_json;
use super::site::Site;
use crate::store::{Notice, Store};
use app::api::AppError;
use axum::extract::{Path, State};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use domain::names::ChangeNumber;
use domain::person::Principal;
use futures::stream;
use http::request::Parts;
use std::convert::Infallible;
use std::time::Duration;
use tokio::sync::broadcast::{self, error::RecvError};
use tokio_util::sync::CancellationToken;

/// Before listening is tried again.
const PAUSE: Duration = Duration::from_secs(2);
/// Comments that keep proxies from closing a quiet stream.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// After that the browser connects again, and whether it still may is asked again.
const LONGEST: Duration = Duration::from_secs(30 * 60);

/// What happened to a change; `None` stands for any of them.
type News = Option<ChangeNumber>;

/// Tells those who follow a change that something happened to it.
#[derive(Clone, Debug)]
pub struct Changes {
    news: broadcast::Sender<News>,
}

impl Default for Changes {
    fn default() -> Self {
        Self {
            news: broadcast::channel(1024).0,
        }
    }
}

impl Changes {
    /// Listens to the database until `shutdown`.
    pub async fn listen(self, store: Store, shutdown: CancellationToken) {
        shutdown.run_until_cancelled(self.forward(store)).await;
    }

    async fn forward(self, store: Store) {
        let mut listener = loop {
            match store.listen("gatehouse_change").await {
                Ok(listener) => break listener,
                Err(error) => {
                    tracing::warn!(%error, "can't listen for news of changes, trying again");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        };
        self.tell(None);
        loop {
            match listener.recv().await {
                Notice::Payload(number) => match number.parse() {
                    Ok(number) => self.tell(Some(ChangeNumber(number))),
                    Err(_) => tracing::warn!(number, "news of a change that has no number"),
                },
                Notice::MaybeMissed => self.tell(None),
            }
        }
    }

    fn tell(&self, news: News) {
        // Nobody has to be following.
        let _ = self.news.send(news);
    }
}

/// A stream that says `changed` whenever something happened to the change.
pub(super) async fn follow(
    State(site): State<Site>,
    Path(number): Path<String>,
    parts: Parts,
) -> Response {
    let Some(who) = parts.extensions.get::<Principal>().cloned() else {
        return as_json(&AppError::SignedOut);
    };
    let Ok(number) = number.parse::<ChangeNumber>() else {
        return as_json(&AppError::NotFound {
            what: "change".to_owned(),
        });
    };
    // Before the change is looked at, so that nothing falls between.
    let news = site.changes.news.subscribe();
    let portal = (site.portal)(&request_id(&parts.extensions));
    if let Err(error) = portal.change(&who, number, None).await {
        return as_json(&error);
    }
    let shutdown = site.shutdown.clone();
    let until = tokio::time::Instant::now() + LONGEST;
    // The first word comes at once: it stands for all that happened since the page was made, or
    // since the stream before this one broke off.
    let words = stream::unfold((news, true), move |(mut news, first)| {
        let shutdown = shutdown.clone();
        async move {
            if !first {
                tokio::select! {
                    () = shutdown.cancelled() => return None,
                    () = tokio::time::sleep_until(until) => return None,
                    heard = next_of(&mut news, number) => heard?,
                }
            }
            let event = Event::default().data("changed");
            Some((Ok::<_, Infallible>(event), (news, false)))
        }
    });
    Sse::new(words)
        .keep_alive(KeepAlive::new().interval(KEEP_ALIVE))
        .into_response()
}

/// Waits for news of the change; whoever falls behind is told once. `None` when there will be none.
async fn next_of(news: &mut broadcast::Receiver<News>, number: ChangeNumber) -> Option<()> {
    loop {
        match news.recv().await {
            Ok(Some(other)) if other != number => {}
            Ok(_) | Err(RecvError::Lagged(_)) => return Some(()),
            Err(RecvError::Closed) => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn followers_hear_of_their_change_and_of_gaps() {
        let changes = Changes::default();
        let mut news = changes.news.subscribe();
        changes.tell(Some(ChangeNumber(1)));
        changes.tell(Some(ChangeNumber(2)));
        changes.tell(None);
        assert_eq!(next_of(&mut news, ChangeNumber(2)).await, Some(()));
        assert_eq!(next_of(&mut news, ChangeNumber(2)).await, Some(()));
        for _ in 0..2000 {
            changes.tell(Some(ChangeNumber(1)));
        }
        assert_eq!(next_of(&mut news, ChangeNumber(2)).await, Some(()));
        drop(changes);
        assert_eq!(next_of(&mut news, ChangeNumber(2)).await, None);
    }
}
