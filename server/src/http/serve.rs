//! Listening, and ending in good order.
use super::router::router;
use super::site::Site;
use crate::store::{StoreError, draft, session};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpListener;

/// How long requests under way may take once the process is to end.
const GRACE: Duration = Duration::from_secs(20);

/// How often what has expired is deleted.
const TIDY: Duration = Duration::from_secs(600);

/// Why the site could not be served.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The address is taken, or not this machine's.
    #[error(
        "can't listen on {address}: {source}; choose another address with --listen or GATEHOUSE_LISTEN"
    )]
    Listen {
        /// Where.
        address: SocketAddr,
        /// Why not.
        source: std::io::Error,
    },
    /// The portal's address is no origin.
    #[error("portal address: {0}")]
    Address(#[from] tower_http::csrf::ConfigError),
    /// The connection to the network broke.
    #[error("serving ended: {0}")]
    Io(#[from] std::io::Error),
}

/// Serves the site until its shutdown token is cancelled; then takes no more connections, ends event
/// streams, and lets requests under way come to their end for a while.
///
/// # Errors
/// When it can't listen.
pub async fn serve(site: Site, address: SocketAddr) -> Result<(), ServeError> {
    let router = router(&site)?;
    let listener = TcpListener::bind(address)
        .await
        .map_err(|source| ServeError::Listen { address, source })?;
    let shutdown = site.shutdown.clone();
    let news = tokio::spawn(
        site.changes
            .clone()
            .listen(site.store.clone(), shutdown.clone()),
    );
    let tidying = tokio::spawn(tidy(site.clone()));
    let portal = &site.configuration.address;
    tracing::info!(%address, %portal, "serving {portal} on {address}");
    let serving = axum::serve(listener, router)
        .with_graceful_shutdown(shutdown.clone().cancelled_owned())
        .into_future();
    let patience = async {
        shutdown.cancelled().await;
        tokio::time::sleep(GRACE).await;
    };
    let served = tokio::select! {
        served = serving => served,
        () = patience => {
            tracing::warn!("requests were still under way after {} s and are dropped", GRACE.as_secs());
            Ok(())
        }
    };
    shutdown.cancel();
    // They end with the token; a panic of theirs has been logged.
    let _ = tokio::join!(news, tidying);
    Ok(served?)
}

/// Deletes expired sessions, sign-ins and kept forms now and then, until the process is to end.
async fn tidy(site: Site) {
    let tidying = async {
        loop {
            tokio::time::sleep(TIDY).await;
            if let Err(error) = delete_expired(&site).await {
                tracing::warn!(%error, "expired sessions could not be deleted, trying again later");
            }
        }
    };
    site.shutdown.run_until_cancelled(tidying).await;
}

async fn delete_expired(site: &Site) -> Result<(), StoreError> {
    let settings = &site.configuration.sign_in;
    let mut connection = site.store.acquire().await?;
    session::delete_expired(
        &mut connection,
        settings.session_idle,
        settings.session_absolute,
    )
    .await?;
    draft::delete_old(&mut connection).await?;
    Ok(())
}
