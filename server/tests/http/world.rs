//! A site over a database of its own, and the provider its people sign in at.
use crate::browser::Browser;
use crate::identity_provider::IdentityProvider;
use axum::Router;
use server::authz::Authorizer;
use server::configuration::Configuration;
use server::http::{Changes, Site, router};
use server::service::PortalService;
use server::store::Store;
use sqlx::ConnectOptions as _;
use sqlx::PgPool;
use std::path::Path;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

pub const ADDRESS: &str = "http://127.0.0.1:3000";

pub struct World {
    pub pool: PgPool,
    pub provider: Arc<IdentityProvider>,
    router: Router,
}

/// The configuration of the configuration's own tests, with this provider.
fn configuration(issuer: &str) -> Configuration {
    let source =
        include_str!("../../src/configuration/good.toml").replace("http://127.0.0.1:9400", issuer);
    Configuration::parse("good.toml", &source).unwrap()
}

impl World {
    pub async fn new(pool: PgPool) -> Self {
        let provider = IdentityProvider::start().await;
        let configuration = Arc::new(configuration(&provider.issuer));
        let url = pool.connect_options().to_url_lossy().to_string();
        let identity = server::http::IdentityProvider::new(
            &configuration.sign_in,
            &configuration.address,
            "only for this test".to_owned(),
        );
        let store = Store::connect(&url, 5).await.unwrap();
        let service = PortalService::new(
            store.clone(),
            configuration.clone(),
            Arc::new(Authorizer::new().unwrap()),
        );
        let site = Site {
            store,
            configuration,
            portal: Arc::new(move |id| Arc::new(service.for_request(id))),
            identity: Arc::new(identity.unwrap()),
            changes: Changes::default(),
            shutdown: CancellationToken::new(),
            leptos: Site::leptos_options(Path::new("no such folder")),
        };
        Self {
            pool,
            provider,
            router: router(&site).unwrap(),
        }
    }

    pub fn browser(&self) -> Browser {
        Browser::new(self.router.clone())
    }

    /// What the history says, oldest first: action, subject and reason.
    pub async fn history(&self) -> Vec<String> {
        sqlx::query_scalar(
            "select concat_ws(' ', action, subject, reason) from audit_entry order by id",
        )
        .fetch_all(&self.pool)
        .await
        .unwrap()
    }

    pub async fn sessions(&self) -> i64 {
        sqlx::query_scalar("select count(*) from session")
            .fetch_one(&self.pool)
            .await
            .unwrap()
    }
}
