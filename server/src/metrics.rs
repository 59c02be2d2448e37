//! Figures for Prometheus, on a port of their own: who may read pages may not read these.
use axum::Router;
use axum::extract::State;
use axum::routing::get;
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// Upper bounds of the buckets of every duration, in seconds.
const SECONDS: [f64; 12] = [
    0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0,
];
/// How often the recorder tidies up what was recorded but not yet read.
const UPKEEP: Duration = Duration::from_secs(5);

/// Why there are no figures.
#[derive(Debug, thiserror::Error)]
pub enum MetricsError {
    /// The recorder can't be set up.
    #[error("metrics can't be recorded: {0}")]
    Recorder(#[from] BuildError),
    /// The address is taken, or not this machine's.
    #[error(
        "can't listen on {address} for metrics: {source}; choose another address with --metrics-listen or GATEHOUSE_METRICS_LISTEN"
    )]
    Listen {
        /// Where.
        address: SocketAddr,
        /// Why not.
        source: std::io::Error,
    },
}

/// Records from here on.
///
/// # Errors
/// When something else records already.
pub fn record() -> Result<PrometheusHandle, MetricsError> {
    let builder = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &SECONDS)?;
    let handle = builder.install_recorder()?;
    metrics::describe_counter!(
        "gatehouse_http_requests_total",
        "Requests by method, route and status"
    );
    metrics::describe_histogram!(
        "gatehouse_http_request_seconds",
        metrics::Unit::Seconds,
        "How long requests took, by method, route and status"
    );
    metrics::describe_counter!("gatehouse_http_panics_total", "Requests that panicked");
    metrics::describe_counter!("gatehouse_sign_ins_total", "Sign-ins by how they ended");
    Ok(handle)
}

/// Serves `/metrics` until `shutdown`.
///
/// # Errors
/// When it can't listen.
pub async fn serve(
    handle: PrometheusHandle,
    address: SocketAddr,
    shutdown: CancellationToken,
) -> Result<(), MetricsError> {
    let listener = TcpListener::bind(address)
        .await
        .map_err(|source| MetricsError::Listen { address, source })?;
    let upkeep = handle.clone();
    let router = Router::new()
        .route(
            "/metrics",
            get(|State(handle): State<PrometheusHandle>| async move { handle.render() }),
        )
        .with_state(handle);
    let tidy = async {
        loop {
            tokio::time::sleep(UPKEEP).await;
            upkeep.run_upkeep();
        }
    };
    let serving = axum::serve(listener, router)
        .with_graceful_shutdown(shutdown.cancelled_owned())
        .into_future();
    tokio::select! {
        served = serving => served.map_err(|source| MetricsError::Listen { address, source }),
        () = tidy => Ok(()),
    }
}
