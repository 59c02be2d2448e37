//! A step on a change: the change is held and the person authorized before anything else, and a post that is not
//! taken goes back to the change's page with words and with what was typed.
use super::refusal::{target, thing};
use super::{PortalService, unavailable};
use crate::authz::Act;
use crate::store::change::Change;
use crate::store::job::JobKind;
use crate::store::{self, StoreError, Transaction};
use app::api::{AppError, Form, Location};
use domain::blueprint::Problem;
use domain::change::InvalidTransition;
use domain::names::ChangeNumber;
use domain::person::Principal;
use std::collections::BTreeMap;

/// A change that nobody else can move until the transaction ends, and that the person may act on.
pub(super) struct Held {
    pub(super) transaction: Transaction,
    pub(super) change: Change,
    /// The policy that allows it.
    pub(super) policy: String,
}

/// Why a step is not taken.
pub(super) enum NotTaken {
    /// The post goes back.
    Back {
        /// The field that the words stand beside; empty for the page as a whole.
        field: &'static str,
        words: String,
    },
    Failed(AppError),
}

impl NotTaken {
    /// The post goes back with these words.
    pub(super) fn because(words: impl Into<String>) -> Self {
        Self::beside("", words)
    }

    /// The post goes back with these words beside a field.
    pub(super) fn beside(field: &'static str, words: impl Into<String>) -> Self {
        Self::Back {
            field,
            words: words.into(),
        }
    }
}

impl From<AppError> for NotTaken {
    fn from(error: AppError) -> Self {
        match error {
            AppError::Forbidden { why } => Self::because(why),
            other => Self::Failed(other),
        }
    }
}

impl From<StoreError> for NotTaken {
    fn from(error: StoreError) -> Self {
        Self::Failed(unavailable(error))
    }
}

impl From<InvalidTransition> for NotTaken {
    fn from(refused: InvalidTransition) -> Self {
        Self::because(refused.to_string())
    }
}

/// The path of a change's page.
pub(super) fn page_of(number: ChangeNumber) -> String {
    format!("/changes/{number}")
}

impl PortalService {
    /// The change, once the person may do that to it; not found where they may not know of it.
    pub(super) async fn hold(
        &self,
        who: &Principal,
        act: Act,
        number: ChangeNumber,
    ) -> Result<Held, NotTaken> {
        let not_found = || AppError::NotFound {
            what: number.to_string(),
        };
        let mut transaction = self.store.begin().await?;
        let found = store::change::by_number(&mut transaction, number)
            .await?
            .ok_or_else(not_found)?;
        self.may_see(who, &found.team, &number.to_string()).await?;
        let change = store::change::lock(&mut transaction, found.id)
            .await?
            .ok_or_else(not_found)?;
        let policy = self
            .authorize(who, act, &target(&change), &thing(&change), Some(number))
            .await?;
        Ok(Held {
            transaction,
            change,
            policy,
        })
    }

    /// Puts a job of the change into the queue.
    pub(super) async fn enqueue(
        &self,
        transaction: &mut Transaction,
        kind: JobKind,
        change: &Change,
        payload: serde_json::Value,
    ) -> Result<(), StoreError> {
        store::job::enqueue(
            transaction,
            kind,
            change.id,
            payload,
            change.environment,
            self.request_id.as_deref(),
        )
        .await?;
        Ok(())
    }

    /// Answers the post: leads on, or back to the change's page with the words that were typed.
    pub(super) async fn answer(
        &self,
        who: &Principal,
        number: ChangeNumber,
        typed: &str,
        taken: Result<Location, NotTaken>,
    ) -> Form {
        match taken {
            Ok(location) => Ok(location),
            Err(NotTaken::Failed(error)) => Err(error),
            Err(NotTaken::Back { field, words }) => {
                let values = BTreeMap::from([("comment".to_owned(), typed.to_owned())]);
                let problems = vec![Problem::at(field, words)];
                self.send_back(who, &page_of(number), values, problems)
                    .await
            }
        }
    }
}
