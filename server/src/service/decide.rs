//! Approving, asking for changes, rejecting, commenting.
use super::PortalService;
use super::refusal::moved;
use super::step::{Held, NotTaken, page_of};
use super::words::sentence;
use crate::authz::Act;
use crate::store::change::Change;
use crate::store::decision::NewDecision;
use crate::store::job::JobKind;
use crate::store::{self, Transaction};
use app::api::{CommentPost, DecidePost, Form, Location};
use domain::audit::Action;
use domain::change::{
    Approval, Case, ChangeState, Closing, Count, Decision, NoUse, may_decide, proven_lately,
};
use domain::names::{DeploymentId, PlanId, TeamName};
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
        let groups = may_decide(
            &who.subject,
            &who.grants,
            &change.requester,
            &change.team,
            change.stage,
        )
        .map_err(|why| NotTaken::because(sentence(&why.to_string())))?;
        if post.decision == Decision::Approve {
            proven_lately(change.stage, who.authenticated_at, self.now())
                .map_err(|why| NotTaken::because(sentence(&why.to_string())))?;
        }
        let from = change.state.clone();
        let rule_set = store::rule_set::keep(&mut transaction, &self.configuration.rules).await?;
        let mut detail =
            json!({ "digest": review, "plan": plan, "groups": groups, "rule_set": rule_set });
        let (action, next) = match post.decision {
            Decision::Approve => {
                let approval = Approval {
                    by: who.subject.clone(),
                    digest: review.clone(),
                    groups: groups.clone(),
                };
                let count = self
                    .count_with(&mut transaction, &change, plan, approval)
                    .await?;
                detail["still_missing"] = json!(count.missing());
                store::change::set_waits_for(&mut transaction, change.id, &count.missing()).await?;
                let next = match count.met() {
                    Some(met) => {
                        let deployment = DeploymentId(Uuid::now_v7());
                        Some((
                            from.clone().approved(&met, deployment)?,
                            JobKind::Deploy,
                            json!({ "deployment": deployment }),
                        ))
                    }
                    None => None,
                };
                (Action::Approved, next)
            }
            Decision::AskForChanges => {
                let next = from.clone().close(Closing::ChangesRequested)?;
                (
                    Action::ChangesRequested,
                    Some((next, JobKind::Close, json!({}))),
                )
            }
            Decision::Reject => {
                let next = from.clone().close(Closing::Rejected)?;
                (Action::Rejected, Some((next, JobKind::Close, json!({}))))
            }
        };
        let decision = NewDecision {
            plan,
            digest: &review,
            decision: post.decision,
            comment,
            by: &who.subject,
            groups: &groups,
            rule_set: &rule_set,
        };
        store::decision::insert(&mut transaction, change.id, decision).await?;
        if let Some((next, job, payload)) = next {
            store::change::save_state(&mut transaction, change.id, &next).await?;
            if let ChangeState::Approved { deployment, .. } = &next {
                store::deployment::insert(
                    &mut transaction,
                    *deployment,
                    change.id,
                    plan,
                    Some(&who.subject),
                )
                .await?;
            }
            self.enqueue(&mut transaction, job, &change, payload)
                .await?;
            if let (Some(detail), Some(moved)) =
                (detail.as_object_mut(), moved(&from, &next).as_object_mut())
            {
                detail.append(moved);
            }
        }
        let entry = self.entry(who, action, &change, Some(comment), Some(policy), detail);
        store::audit::append(&mut transaction, &entry, Some(who.session)).await?;
        store::commit(transaction).await?;
        tracing::info!(change = %number, subject = %who.subject, decision = post.decision.as_str(), "{number} decided on");
        Ok(Location(page_of(number)))
    }

    /// How far the approvals of a plan go with one more, which has to bring the change on.
    async fn count_with(
        &self,
        transaction: &mut Transaction,
        change: &Change,
        plan: PlanId,
        approval: Approval,
    ) -> Result<Count, NotTaken> {
        let (shown, _) = store::plan::get(transaction, plan).await?.ok_or_else(|| {
            NotTaken::because("The plan is gone. Open the page again and look at it as it is now.")
        })?;
        let asked = self.configuration.rules.ask(Case::of(&shown.reviewed));
        let standing =
            store::decision::standing_approvals(transaction, change.id, &approval.digest).await?;
        asked
            .count_with(&change.requester, &standing, approval)
            .map_err(|why| NotTaken::because(of_no_use(&why, &change.team)))
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

/// Why an approval is of no use, in words for who would give it.
pub(super) fn of_no_use(why: &NoUse, team: &TeamName) -> String {
    let count = match why {
        NoUse::Given => return "You have approved this plan already.".to_owned(),
        NoUse::FillsNoPlace(count) => count,
    };
    let missing: Vec<String> = count
        .missing()
        .into_iter()
        .map(|group| group.words(1, team))
        .collect();
    format!(
        "What is still missing is the approval of {}, and yours is none. You can comment, ask for changes or reject.",
        missing.join(" and of ")
    )
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
