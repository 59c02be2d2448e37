//! Approving, asking for changes, rejecting, commenting.
use super::refusal::{moved, target, thing};
use super::{PortalService, unavailable};
use crate::authz::Act;
use crate::store::change::Change;
use crate::store::job::JobKind;
use crate::store::{self, Transaction};
use app::api::{AppError, CommentPost, DecidePost, Form, Location};
use domain::audit::Action;
use domain::blueprint::Problem;
use domain::change::{ChangeState, Closing, Decision};
use domain::names::{ChangeNumber, DeploymentId};
use domain::person::Principal;
use serde_json::json;
use std::collections::BTreeMap;
use uuid::Uuid;

/// The longest comment, in characters.
const LONGEST_COMMENT: usize = 5000;

/// The path of a change's page.
pub(super) fn page_of(number: ChangeNumber) -> String {
    format!("/changes/{number}")
}

impl PortalService {
    /// The change, locked until the transaction ends; not found where the person may not know of it.
    pub(super) async fn lock_change(
        &self,
        transaction: &mut Transaction,
        who: &Principal,
        number: ChangeNumber,
    ) -> Result<Change, AppError> {
        let not_found = || AppError::NotFound {
            what: number.to_string(),
        };
        let found = store::change::by_number(transaction, number)
            .await
            .map_err(unavailable)?
            .ok_or_else(not_found)?;
        self.may_see(who, &found.team, &number.to_string()).await?;
        store::change::lock(transaction, found.id)
            .await
            .map_err(unavailable)?
            .ok_or_else(not_found)
    }

    /// Sends a post back to its change's page with a problem and the words that were typed.
    pub(super) async fn change_says_no(
        &self,
        who: &Principal,
        number: ChangeNumber,
        field: &str,
        message: impl Into<String>,
        typed: &str,
    ) -> Form {
        let values = BTreeMap::from([("comment".to_owned(), typed.to_owned())]);
        self.send_back(
            who,
            &page_of(number),
            values,
            vec![Problem::at(field, message)],
        )
        .await
    }

    /// The policy that allows the act; or the answer to give, with what was typed, where none does.
    pub(super) async fn allowed(
        &self,
        who: &Principal,
        act: Act,
        change: &Change,
        typed: &str,
    ) -> Result<String, Form> {
        let number = change.number;
        let decided = self
            .authorize(who, act, &target(change), &thing(change), Some(number))
            .await;
        match decided {
            Ok(policy) => Ok(policy),
            Err(AppError::Forbidden { why }) => {
                Err(self.change_says_no(who, number, "", why, typed).await)
            }
            Err(other) => Err(Err(other)),
        }
    }

    pub(super) async fn take_decision(&self, who: &Principal, post: DecidePost) -> Form {
        let number = post.change;
        let comment = post.comment.trim().to_owned();
        if let Some(message) = bad_comment(&comment, post.decision != Decision::Approve) {
            return self
                .change_says_no(who, number, "comment", message, &comment)
                .await;
        }
        let mut transaction = self.store.begin().await.map_err(unavailable)?;
        let change = self.lock_change(&mut transaction, who, number).await?;
        let policy = match self.allowed(who, Act::DecideOn, &change, &comment).await {
            Ok(policy) => policy,
            Err(answer) => return answer,
        };
        let ChangeState::Waiting { plan, review } = change.state.clone() else {
            let message = format!(
                "{number} {} now, so there is nothing to decide on",
                change.state.words()
            );
            return self
                .change_says_no(who, number, "", message, &comment)
                .await;
        };
        if review.as_str() != post.digest {
            let message = "The plan has changed since you opened the page. Look at it as it is now, then decide.";
            return self
                .change_says_no(who, number, "", message, &comment)
                .await;
        }
        let deployment = DeploymentId(Uuid::now_v7());
        let from = change.state.clone();
        let next = match post.decision {
            Decision::Approve => from.clone().approved(&review, deployment),
            Decision::AskForChanges => from.clone().close(Closing::ChangesRequested),
            Decision::Reject => from.clone().close(Closing::Rejected),
        };
        let next = match next {
            Ok(next) => next,
            Err(refused) => {
                return self
                    .change_says_no(who, number, "", refused.to_string(), &comment)
                    .await;
            }
        };
        store::decision::insert(
            &mut transaction,
            change.id,
            plan,
            &review,
            post.decision,
            &comment,
            &who.subject,
        )
        .await
        .map_err(unavailable)?;
        store::change::save_state(&mut transaction, change.id, &next)
            .await
            .map_err(unavailable)?;
        let (action, job, payload) = match post.decision {
            Decision::Approve => {
                store::deployment::insert(
                    &mut transaction,
                    deployment,
                    change.id,
                    plan,
                    &who.subject,
                )
                .await
                .map_err(unavailable)?;
                (
                    Action::Approved,
                    JobKind::Deploy,
                    json!({ "deployment": deployment }),
                )
            }
            Decision::AskForChanges => (Action::ChangesRequested, JobKind::Close, json!({})),
            Decision::Reject => (Action::Rejected, JobKind::Close, json!({})),
        };
        self.enqueue(&mut transaction, job, &change, payload)
            .await?;
        let mut detail = moved(&from, &next);
        detail["digest"] = json!(review);
        detail["plan"] = json!(plan);
        let entry = self.entry(who, action, &change, Some(&comment), Some(policy), detail);
        store::audit::append(&mut transaction, &entry, Some(who.session))
            .await
            .map_err(unavailable)?;
        store::commit(transaction).await.map_err(unavailable)?;
        tracing::info!(change = %number, subject = %who.subject, decision = post.decision.as_str(), "{number} decided on");
        Ok(Location(page_of(number)))
    }

    /// Puts a job of a change into the queue.
    pub(super) async fn enqueue(
        &self,
        transaction: &mut Transaction,
        kind: JobKind,
        change: &Change,
        payload: serde_json::Value,
    ) -> Result<(), AppError> {
        store::job::enqueue(
            transaction,
            kind,
            change.id,
            payload,
            change.environment,
            self.request_id.as_deref(),
        )
        .await
        .map_err(unavailable)?;
        Ok(())
    }

    pub(super) async fn take_comment(&self, who: &Principal, post: CommentPost) -> Form {
        let number = post.change;
        let body = post.body.trim().to_owned();
        if let Some(message) = bad_comment(&body, true) {
            return self
                .change_says_no(who, number, "body", message, &body)
                .await;
        }
        let mut transaction = self.store.begin().await.map_err(unavailable)?;
        let change = self.lock_change(&mut transaction, who, number).await?;
        let policy = match self.allowed(who, Act::Comment, &change, &body).await {
            Ok(policy) => policy,
            Err(answer) => return answer,
        };
        store::comment::insert(&mut transaction, change.id, &body, &who.subject)
            .await
            .map_err(unavailable)?;
        let entry = self.entry(
            who,
            Action::Commented,
            &change,
            Some(&body),
            Some(policy),
            json!({}),
        );
        store::audit::append(&mut transaction, &entry, Some(who.session))
            .await
            .map_err(unavailable)?;
        store::commit(transaction).await.map_err(unavailable)?;
        Ok(Location(format!("{}#discussion", page_of(number))))
    }
}

fn bad_comment(comment: &str, needed: bool) -> Option<String> {
    if comment.is_empty() && needed {
        return Some("Enter a comment: it tells the requester what to do".to_owned());
    }
    let length = comment.chars().count();
    if length > LONGEST_COMMENT {
        return Some(format!(
            "A comment takes at most {LONGEST_COMMENT} characters, not {length}"
        ));
    }
    unprintable(comment).then(|| "A comment can't hold control characters".to_owned())
}

/// Whether a text of several lines holds what no keyboard types and Postgres does not take.
pub(super) fn unprintable(text: &str) -> bool {
    text.chars()
        .any(|character| character.is_control() && !matches!(character, '\n' | '\r' | '\t'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_is_words() {
        assert_eq!(bad_comment("Two lines,\r\n\tone indented.", true), None);
        assert_eq!(bad_comment("", false), None);
        assert!(bad_comment("", true).is_some_and(|why| why.contains("Enter a comment")));
        assert!(bad_comment("a\0b", true).is_some_and(|why| why.contains("control characters")));
        let long = "x".repeat(LONGEST_COMMENT + 1);
        assert!(bad_comment(&long, true).is_some_and(|why| why.contains("5001")));
    }
}
