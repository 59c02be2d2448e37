//! Approving, asking for changes, rejecting, commenting.
use super::PortalService;
use super::refusal::moved;
use super::step::{Held, NotTaken, page_of};
use crate::authz::Act;
use crate::store;
use crate::store::job::JobKind;
use app::api::{CommentPost, DecidePost, Form, Location};
use domain::audit::Action;
use domain::change::{ChangeState, Closing, Decision};
use domain::names::DeploymentId;
use domain::person::Principal;
use serde_json::json;
use uuid::Uuid;

/// The longest comment, in characters.
const LONGEST_COMMENT: usize = 5000;

impl PortalService {
    pub(super) async fn take_decision(&self, who: &Principal, post: DecidePost) -> Form {
        let comment = post.comment.trim();
        let taken = self.record_decision(who, &post, comment).await;
        self.answer(who, post.change, comment, taken).await
    }

    async fn record_decision(
        &self,
        who: &Principal,
        post: &DecidePost,
        comment: &str,
    ) -> Result<Location, NotTaken> {
        let number = post.change;
        if let Some(message) = bad_comment(comment, post.decision != Decision::Approve) {
            return Err(NotTaken::beside("comment", message));
        }
        let Held {
            mut transaction,
            change,
            policy,
        } = self.hold(who, Act::DecideOn, number).await?;
        let ChangeState::Waiting { plan, review } = change.state.clone() else {
            return Err(NotTaken::because(format!(
                "{number} {} now, so there is nothing to decide on",
                change.state.words()
            )));
        };
        if review.as_str() != post.digest {
            return Err(NotTaken::because(
                "The plan has changed since you opened the page. Look at it as it is now, then decide.",
            ));
        }
        let deployment = DeploymentId(Uuid::now_v7());
        let from = change.state.clone();
        let next = match post.decision {
            Decision::Approve => from.clone().approved(&review, deployment),
            Decision::AskForChanges => from.clone().close(Closing::ChangesRequested),
            Decision::Reject => from.clone().close(Closing::Rejected),
        }?;
        store::decision::insert(
            &mut transaction,
            change.id,
            plan,
            &review,
            post.decision,
            comment,
            &who.subject,
        )
        .await?;
        store::change::save_state(&mut transaction, change.id, &next).await?;
        let (action, job, payload) = match post.decision {
            Decision::Approve => {
                store::deployment::insert(
                    &mut transaction,
                    deployment,
                    change.id,
                    plan,
                    &who.subject,
                )
                .await?;
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
        let entry = self.entry(who, action, &change, Some(comment), Some(policy), detail);
        store::audit::append(&mut transaction, &entry, Some(who.session)).await?;
        store::commit(transaction).await?;
        tracing::info!(change = %number, subject = %who.subject, decision = post.decision.as_str(), "{number} decided on");
        Ok(Location(page_of(number)))
    }

    pub(super) async fn take_comment(&self, who: &Principal, post: CommentPost) -> Form {
        let body = post.body.trim();
        let taken = self.record_comment(who, &post, body).await;
        self.answer(who, post.change, body, taken).await
    }

    async fn record_comment(
        &self,
        who: &Principal,
        post: &CommentPost,
        body: &str,
    ) -> Result<Location, NotTaken> {
        if let Some(message) = bad_comment(body, true) {
            return Err(NotTaken::beside("body", message));
        }
        let Held {
            mut transaction,
            change,
            policy,
        } = self.hold(who, Act::Comment, post.change).await?;
        store::comment::insert(&mut transaction, change.id, body, &who.subject).await?;
        let entry = self.entry(
            who,
            Action::Commented,
            &change,
            Some(body),
            Some(policy),
            json!({}),
        );
        store::audit::append(&mut transaction, &entry, Some(who.session)).await?;
        store::commit(transaction).await?;
        Ok(Location(format!("{}#discussion", page_of(post.change))))
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
