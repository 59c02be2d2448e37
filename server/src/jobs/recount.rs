//! Counting again what waits for approval, since the rules may have changed while nobody was running.
use super::run::environment_name;
use crate::store::change::Change;
use crate::store::job::JobKind;
use crate::store::{self, Store, StoreError, Transaction};
use domain::audit::{Action, Actor, Entry};
use domain::change::{Case, ChangeState, Rules};
use domain::names::{ChangeId, PlanId};
use serde_json::json;
use uuid::Uuid;

/// Changes looked at in one go.
const AT_ONCE: u32 = 100;

/// Brings every waiting change in line with the rules in force: it shows to the groups that they ask for, and one that
/// needs nobody any more is planned again, which brings it on.
pub(super) async fn recount(store: &Store, rules: &Rules) -> Result<(), StoreError> {
    let mut after = None;
    loop {
        let mut connection = store.acquire().await?;
        let page = store::change::waiting(&mut connection, after, AT_ONCE).await?;
        drop(connection);
        for change in &page {
            recount_one(store, rules, change.id).await?;
        }
        match page.last() {
            Some(last) => after = Some(last.number),
            None => return Ok(()),
        }
    }
}

async fn recount_one(store: &Store, rules: &Rules, id: ChangeId) -> Result<(), StoreError> {
    let mut transaction = store.begin().await?;
    let Some(change) = store::change::lock(&mut transaction, id).await? else {
        return Ok(());
    };
    let ChangeState::Waiting { plan, review } = &change.state else {
        return Ok(());
    };
    let Some((shown, _)) = store::plan::get(&mut transaction, *plan).await? else {
        return Ok(());
    };
    let asked = rules.ask(Case::of(&shown.reviewed));
    let standing = store::decision::standing_approvals(&mut transaction, change.id, review).await?;
    let count = asked.count(review, &change.requester, &standing);
    if count.met().is_some() {
        let reason = format!(
            "The rules in force now ask for {}, which is there.",
            asked.words(&change.team)
        );
        plan_again(&mut transaction, &change, reason).await?;
    } else {
        store::change::set_waits_for(&mut transaction, change.id, &count.missing()).await?;
    }
    store::commit(transaction).await
}

async fn plan_again(
    transaction: &mut Transaction,
    change: &Change,
    reason: String,
) -> Result<(), StoreError> {
    let plan = PlanId(Uuid::now_v7());
    let Ok(state) = change.state.clone().plan_again(plan, Some(reason.clone())) else {
        return Ok(());
    };
    store::change::save_state(transaction, change.id, &state).await?;
    let payload = json!({ "plan": plan });
    let environment = change.environment;
    store::job::enqueue(
        transaction,
        JobKind::Plan,
        change.id,
        payload,
        environment,
        None,
    )
    .await?;
    let entry = Entry {
        actor: Actor::Worker,
        action: Action::PlanAgain,
        change: Some(change.number),
        thing: environment_name(change),
        reason: Some(reason),
        policy: None,
        request_id: None,
        detail: json!({ "plan": plan }),
    };
    store::audit::append(transaction, &entry, None).await?;
    Ok(())
}
