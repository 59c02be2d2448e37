//! A site over a database of its own, and the provider its people sign in at.
use crate::browser::Browser;
use crate::identity_provider::IdentityProvider;
use axum::Router;
use domain::names::BlueprintName;
use serde_json::json;
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
    pub store: Store,
    pub configuration: Arc<Configuration>,
    router: Router,
}

/// The configuration of the configuration's own tests, with a staging, this provider and these tables.
fn configuration(issuer: &str, more: &str) -> Configuration {
    let source = include_str!("../../src/configuration/good.toml")
        .replace("http://127.0.0.1:9400", issuer)
        .replace(
            "stages = [\"prod\"]\nregion",
            "stages = [\"staging\", \"prod\"]\nregion",
        );
    let listed = "vetted-blueprints = [\"orders-queue\"]";
    Configuration::parse("good.toml", &format!("{listed}\n{source}{more}")).unwrap()
}

impl World {
    pub async fn new(pool: PgPool) -> Self {
        Self::with_connections(pool, 5).await
    }

    /// A site that has so many connections to its database.
    pub async fn with_connections(pool: PgPool, connections: u32) -> Self {
        Self::made(pool, connections, "").await
    }

    /// A site with more tables in its configuration.
    pub async fn configured(pool: PgPool, tables: &str) -> Self {
        Self::made(pool, 5, tables).await
    }

    async fn made(pool: PgPool, connections: u32, tables: &str) -> Self {
        let provider = IdentityProvider::start().await;
        let configuration = Arc::new(configuration(&provider.issuer, tables));
        let url = pool.connect_options().to_url_lossy().to_string();
        let identity = server::http::IdentityProvider::new(
            &configuration.sign_in,
            &configuration.address,
            "only for this test".to_owned(),
        );
        let store = Store::connect(&url, connections).await.unwrap();
        let service = PortalService::new(
            store.clone(),
            configuration.clone(),
            Arc::new(Authorizer::new().unwrap()),
        );
        let site = Site {
            store: store.clone(),
            configuration: configuration.clone(),
            portal: Arc::new(move |id| Arc::new(service.for_request(id))),
            identity: Arc::new(identity.unwrap()),
            changes: Changes::default(),
            shutdown: CancellationToken::new(),
            leptos: Site::leptos_options(Path::new("no such folder")),
        };
        Self {
            pool,
            provider,
            store,
            configuration,
            router: router(&site).unwrap(),
        }
    }

    pub fn browser(&self) -> Browser {
        Browser::new(self.router.clone())
    }

    /// A browser in which a developer of payments is signed in.
    pub async fn developer(&self) -> Browser {
        let mut browser = self.browser();
        let groups = json!({ "groups": ["payments:developer"] });
        let arrived = browser.sign_in(&self.provider, &groups).await;
        assert_eq!(arrived.location(), "/", "{}", arrived.body);
        browser
    }

    /// Asks for payments/checkout at dev, so that there is something to show: CH-1.
    pub async fn furnish(&self) {
        self.read_blueprints(&self.configuration.vetted_blueprints)
            .await;
        let mut browser = self.developer().await;
        let form = "team=payments&service=checkout&blueprint=orders-queue&stage=dev&reason=Why\
                    &values[WorkerWrites]=false&values[Support]=false";
        let answer = browser.post_form("/api/ask", form).await;
        let page = browser.get(answer.location()).await;
        assert_eq!(answer.location(), "/changes/CH-1", "{}", page.body);
    }

    /// Reads the blueprints of the journeys; versions of those that are listed count as vetted.
    pub async fn read_blueprints(&self, vetted: &[BlueprintName]) {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../end2end/blueprints");
        server::catalogue::load(&self.store, &folder, vetted)
            .await
            .unwrap();
    }

    /// The contents of every table that holds what people and AWS have done, by table. Left out is what
    /// a refused request may write: the history, the time a session was last used, kept forms.
    pub async fn state(&self) -> Vec<(String, String)> {
        let tables: Vec<String> = sqlx::query_scalar(
            "select table_name::text from information_schema.tables \
             where table_schema = 'public' and table_type = 'BASE TABLE' order by 1",
        )
        .fetch_all(&self.pool)
        .await
        .unwrap();
        let mut state = Vec::new();
        for table in tables {
            let what = match table.as_str() {
                "audit_entry" | "draft" | "sign_in_attempt" | "_sqlx_migrations" => continue,
                "session" => "id::text",
                _ => "t::text",
            };
            let query = format!(
                "select coalesce(string_agg({what}, ' ' order by {what}), '') from {table} t"
            );
            let contents: String = sqlx::query_scalar(sqlx::AssertSqlSafe(query))
                .fetch_one(&self.pool)
                .await
                .unwrap();
            state.push((table, contents));
        }
        assert!(state.len() > 10, "{state:?}");
        state
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
