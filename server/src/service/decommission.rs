//! Asking for the end of an environment.
use super::ask::check_reason;
use super::asked::{Asked, finish};
use super::environments::protected_because;
use super::{PortalService, unavailable};
use crate::store::environment::{Environment, EnvironmentState};
use crate::store::{self, Connection, StoreError};
use app::api::{AppError, DecommissionPost, Form};
use domain::audit::Action;
use domain::blueprint::Problem;
use domain::change::ChangeKind;
use domain::names::ChangeNumber;
use domain::person::Principal;
use serde_json::json;
use std::collections::BTreeMap;

impl PortalService {
    pub(super) async fn take_decommission(&self, who: &Principal, post: DecommissionPost) -> Form {
        let thing = format!("{}/{}/{}", post.team, post.service, post.stage);
        let page = format!("/services/{thing}");
        let policy = self.may_ask(who, &post.team, &thing).await?;
        let mut transaction = self.store.begin().await.map_err(unavailable)?;
        let not_found = || AppError::NotFound {
            what: thing.clone(),
        };
        let service = store::service::find(&mut transaction, &post.team, &post.service)
            .await
            .map_err(unavailable)?
            .ok_or_else(not_found)?;
        let environment = store::environment::find(&mut transaction, service.id, post.stage)
            .await
            .map_err(unavailable)?
            .ok_or_else(not_found)?;
        let reason = post.reason.trim().to_owned();
        let mut problems: Vec<Problem> = check_reason(&reason).into_iter().collect();
        if post.confirmation.trim() != thing {
            problems.push(Problem::at(
                "confirmation",
                format!("Enter {thing} to confirm"),
            ));
        }
        if let Some(why) = self
            .decommission_refused(&mut transaction, &environment)
            .await
            .map_err(unavailable)?
        {
            problems.push(Problem::whole(why));
        }
        if problems.is_empty() {
            let written = self
                .write_decommission(&mut transaction, who, &environment, &reason, policy)
                .await;
            match finish(transaction, who, &thing, written).await? {
                Ok(location) => return Ok(location),
                Err(problem) => problems.push(problem),
            }
        }
        let typed = BTreeMap::from([
            ("reason".to_owned(), reason),
            ("confirmation".to_owned(), post.confirmation),
        ]);
        self.send_back(who, &page, typed, problems).await
    }

    /// What must happen before this environment can be decommissioned, if anything.
    pub(super) async fn decommission_refused(
        &self,
        connection: &mut Connection,
        environment: &Environment,
    ) -> Result<Option<String>, StoreError> {
        if let Some(open) = store::change::open_of(connection, environment.id).await? {
            return Ok(Some(format!(
                "{} is still open; it has to end first.",
                open.number
            )));
        }
        if environment.state != EnvironmentState::Live {
            return Ok(Some("Nothing is deployed here.".to_owned()));
        }
        let Some(release) = environment.release else {
            return Ok(None);
        };
        let Some(release) = store::release::get(connection, release).await? else {
            return Ok(None);
        };
        let Some(version) = store::blueprint::get(connection, &release.blueprint_digest).await?
        else {
            return Ok(None);
        };
        Ok(protected_because(
            &version.manifest,
            &release.parameters,
            environment.stage,
        ))
    }

    async fn write_decommission(
        &self,
        connection: &mut Connection,
        who: &Principal,
        environment: &Environment,
        reason: &str,
        policy: String,
    ) -> Result<ChangeNumber, StoreError> {
        self.write_change(
            connection,
            who,
            Asked {
                kind: ChangeKind::Decommission,
                environment: environment.id,
                release: None,
                place: (
                    &environment.team,
                    &environment.service_name,
                    environment.stage,
                ),
                reason,
                schedule: None,
                policy,
                action: Action::ChangeAsked,
                detail: json!({ "kind": ChangeKind::Decommission }),
            },
        )
        .await
    }
}
