//! The command line: reads settings, starts what was asked for, ends it in good order.
use clap::{Args, Parser, Subcommand};
use server::access_report;
use server::authz::{Authorizer, PolicyError};
use server::aws::Gateway;
use server::catalogue::CatalogueError;
use server::configuration::{Configuration, ConfigurationError};
use server::http::{Changes, IdentityProvider, PortalFor, ProviderError, ServeError, Site};
use server::jobs::{RETENTION_DAYS, Worker};
use server::log::{LogError, LogFormat};
use server::metrics::MetricsError;
use server::service::PortalService;
use server::store::{Store, StoreError};
use server::{catalogue, doctor, http, log, metrics, store};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

/// Reviews make and drop many small texts, which the C library is slow at.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How long the database may take to answer at start.
const DATABASE_PATIENCE: Duration = Duration::from_secs(60);
/// Connections for pages and jobs together.
const CONNECTIONS: u32 = 20;
/// How long everything may take to end.
const GRACE: Duration = Duration::from_secs(20);

/// Self-service AWS environments, with approvals and proof.
#[derive(Debug, Parser)]
#[command(name = "gatehouse", version)]
struct CommandLine {
    /// How log lines look: text for a terminal, json for production.
    #[arg(
        long,
        env = "GATEHOUSE_LOG_FORMAT",
        value_enum,
        default_value_t,
        global = true
    )]
    log_format: LogFormat,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    #[command(flatten)]
    Portal(PortalCommand),
    /// Says what a change of a CloudFormation template does to access: who may do what, who may reach what. Reads
    /// files only: no database, no AWS.
    Diff(access_report::Diff),
    /// Says what a change of one IAM policy document does to access.
    PolicyDiff(access_report::PolicyDiff),
}

/// What works on or for the portal.
#[derive(Debug, Subcommand)]
enum PortalCommand {
    /// Serves the portal, and works on jobs.
    Serve(Serve),
    /// Only works on jobs.
    Worker(Work),
    /// Brings the database up to date, as the role that owns it.
    Migrate(Migrate),
    /// Tries database, identity provider and every account's roles, and says what to mend.
    Doctor(Common),
    /// Prints a new external id for an account.
    ExternalId,
}

#[derive(Debug, Args)]
struct Common {
    /// The configuration file.
    #[arg(
        long,
        env = "GATEHOUSE_CONFIGURATION",
        default_value = "gatehouse.toml"
    )]
    configuration: PathBuf,
    /// Postgres, as the role that the server works as.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    database_url: String,
}

#[derive(Debug, Args)]
struct Process {
    #[command(flatten)]
    common: Common,
    /// Where Prometheus finds /metrics.
    #[arg(
        long,
        env = "GATEHOUSE_METRICS_LISTEN",
        default_value = "127.0.0.1:9464"
    )]
    metrics_listen: SocketAddr,
    /// For how many days jobs that have ended are kept; history is kept for ever.
    #[arg(
        long,
        env = "GATEHOUSE_JOB_RETENTION_DAYS",
        default_value_t = RETENTION_DAYS,
        value_parser = clap::value_parser!(u16).range(1..)
    )]
    job_retention_days: u16,
}

#[derive(Debug, Args)]
struct Serve {
    #[command(flatten)]
    process: Process,
    /// Where the portal listens.
    #[arg(long, env = "GATEHOUSE_LISTEN", default_value = "127.0.0.1:3000")]
    listen: SocketAddr,
    /// The folder of the blueprints.
    #[arg(long, env = "GATEHOUSE_BLUEPRINTS", default_value = "blueprints")]
    blueprints: PathBuf,
    /// What the identity provider knows Gatehouse by, besides its client id.
    #[arg(long, env = "GATEHOUSE_CLIENT_SECRET", hide_env_values = true)]
    client_secret: String,
    /// The folder of the built scripts and styles.
    #[arg(long, env = "LEPTOS_SITE_ROOT", default_value = "target/site")]
    site_root: PathBuf,
    /// Leave the jobs to other processes.
    #[arg(long)]
    without_worker: bool,
}

#[derive(Debug, Args)]
struct Work {
    #[command(flatten)]
    process: Process,
}

#[derive(Debug, Args)]
struct Migrate {
    /// Postgres, as the role that owns the tables.
    #[arg(long, env = "DATABASE_MIGRATION_URL", hide_env_values = true)]
    database_migration_url: String,
}

/// Why the process ends before it was asked to.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("the configuration has mistakes:\n{}", lines(.0))]
    Configuration(Vec<ConfigurationError>),
    #[error(transparent)]
    Log(#[from] LogError),
    #[error("the policies of this build: {0}")]
    Policies(#[from] PolicyError),
    #[error("the identity provider: {0}")]
    Provider(#[from] ProviderError),
    #[error("{0}")]
    Store(#[from] StoreError),
    #[error("the database has to be migrated first; run gatehouse migrate")]
    Pending,
    #[error(transparent)]
    Metrics(#[from] MetricsError),
    #[error(transparent)]
    Serve(#[from] ServeError),
    #[error("signals can't be waited for: {0}")]
    Signal(std::io::Error),
    #[error("{0}")]
    Catalogue(#[from] CatalogueError),
    #[error("there are things to mend")]
    Unwell,
    #[error("the operating system gives no randomness: {0}")]
    Randomness(#[from] rand::rand_core::OsError),
}

fn lines(errors: &[ConfigurationError]) -> String {
    let lines: Vec<_> = errors.iter().map(|error| format!("  {error}")).collect();
    lines.join("\n")
}

fn main() -> ExitCode {
    let command_line = CommandLine::parse();
    match command_line.command {
        Command::Portal(command) => start(command_line.log_format, command),
        Command::Diff(settings) => access_report::diff(&settings),
        Command::PolicyDiff(settings) => access_report::policy_diff(&settings),
    }
}

fn start(log_format: LogFormat, command: PortalCommand) -> ExitCode {
    // Rendering a page needs other tasks to move on: fewer than four threads can stand still.
    let threads = std::thread::available_parallelism().map_or(4, |cores| cores.get().max(4));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(threads)
        .enable_all()
        .build();
    let ended = match runtime {
        Ok(runtime) => runtime.block_on(run(log_format, command)),
        Err(error) => Err(Failure::Signal(error)),
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("gatehouse: {failure}");
            ExitCode::FAILURE
        }
    }
}

async fn run(log_format: LogFormat, command: PortalCommand) -> Result<(), Failure> {
    log::init(log_format)?;
    match command {
        PortalCommand::Serve(settings) => serve(settings).await,
        PortalCommand::Worker(settings) => work(settings).await,
        PortalCommand::Migrate(settings) => {
            Ok(store::migrate(&settings.database_migration_url).await?)
        }
        PortalCommand::Doctor(settings) => examine(settings).await,
        PortalCommand::ExternalId => print_external_id(),
    }
}

fn print_external_id() -> Result<(), Failure> {
    use rand::TryRngCore as _;
    let mut bytes = [0; 24];
    rand::rngs::OsRng.try_fill_bytes(&mut bytes)?;
    println!("gatehouse-{}", hex::encode(bytes));
    Ok(())
}

fn read_configuration(common: &Common) -> Result<Arc<Configuration>, Failure> {
    let configuration =
        Configuration::read(&common.configuration).map_err(Failure::Configuration)?;
    Ok(Arc::new(configuration))
}

/// Connects as a role that can't rewrite history, to a database that has every migration. A database
/// that is still starting is waited for.
async fn open_store(url: &str) -> Result<Store, Failure> {
    let began = Instant::now();
    let mut pause = Duration::from_millis(50);
    let store = loop {
        match Store::connect(url, CONNECTIONS).await {
            Ok(store) => break store,
            Err(error) if error.is_transient() && began.elapsed() < DATABASE_PATIENCE => {
                tracing::warn!(%error, "the database does not answer yet, trying again");
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(Duration::from_secs(2));
            }
            Err(error) => return Err(error.into()),
        }
    };
    if store.pending_migrations().await? {
        return Err(Failure::Pending);
    }
    store.refuse_owner().await?;
    Ok(store)
}

/// Cancels the token when the process is asked to end.
fn end_on_signal(shutdown: CancellationToken) -> Result<(), Failure> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate()).map_err(Failure::Signal)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(Failure::Signal)?;
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("ending: taking no more requests and jobs");
        shutdown.cancel();
    });
    Ok(())
}

/// One of the things that the process does at the same time.
type Part = futures::future::BoxFuture<'static, Result<(), Failure>>;

/// Runs each part until it ends or the token is cancelled; the first that fails ends all of them.
async fn together(parts: Vec<Part>, shutdown: CancellationToken) -> Result<(), Failure> {
    let mut running = tokio::task::JoinSet::new();
    for part in parts {
        running.spawn(part);
    }
    let mut outcome = Ok(());
    let patience = async {
        shutdown.cancelled().await;
        tokio::time::sleep(GRACE + Duration::from_secs(2)).await;
    };
    tokio::pin!(patience);
    loop {
        tokio::select! {
            () = &mut patience => {
                tracing::warn!("some work was still under way and is dropped");
                break;
            }
            ended = running.join_next() => match ended {
                None => break,
                Some(Ok(Ok(()))) => {}
                Some(Ok(Err(failure))) => {
                    outcome = outcome.and(Err(failure));
                    shutdown.cancel();
                }
                Some(Err(error)) => {
                    tracing::error!(%error, "a part of the process broke off");
                    shutdown.cancel();
                }
            },
        }
    }
    outcome
}

/// The portal over its parts, with the blueprints as they lie in the folder now.
async fn portal(
    store: &Store,
    configuration: &Arc<Configuration>,
    authorizer: Authorizer,
    blueprints: &Path,
) -> Result<PortalFor, Failure> {
    catalogue::load(store, blueprints, &configuration.vetted_blueprints).await?;
    let service = PortalService::new(store.clone(), configuration.clone(), Arc::new(authorizer));
    for words in service.rules_too_few_can_meet().await? {
        tracing::warn!("{words}");
    }
    Ok(Arc::new(move |request_id| {
        Arc::new(service.for_request(request_id))
    }))
}

/// Works on jobs until `shutdown`.
async fn worker(
    store: &Store,
    configuration: &Arc<Configuration>,
    retention_days: u16,
    shutdown: CancellationToken,
) -> Part {
    let gateway = Gateway::from_environment().await;
    let worker = Worker::new(store.clone(), gateway, configuration.clone())
        .keeping_jobs_for_days(retention_days);
    Box::pin(async move {
        worker.run(shutdown).await;
        Ok(())
    })
}

async fn serve(settings: Serve) -> Result<(), Failure> {
    let configuration = read_configuration(&settings.process.common)?;
    let authorizer = Authorizer::new()?;
    let identity = IdentityProvider::new(
        &configuration.sign_in,
        &configuration.address,
        settings.client_secret,
    )?;
    let handle = metrics::record()?;
    let store = open_store(&settings.process.common.database_url).await?;
    let shutdown = CancellationToken::new();
    end_on_signal(shutdown.clone())?;
    let site = Site {
        portal: portal(&store, &configuration, authorizer, &settings.blueprints).await?,
        store: store.clone(),
        configuration: configuration.clone(),
        identity: Arc::new(identity),
        changes: Changes::default(),
        shutdown: shutdown.clone(),
        leptos: Site::leptos_options(&settings.site_root),
    };
    let metrics_listen = settings.process.metrics_listen;
    let ending = shutdown.clone();
    let mut parts: Vec<Part> = vec![
        Box::pin(async move { Ok(http::serve(site, settings.listen).await?) }),
        Box::pin(async move { Ok(metrics::serve(handle, metrics_listen, ending).await?) }),
    ];
    if !settings.without_worker {
        let kept = settings.process.job_retention_days;
        parts.push(worker(&store, &configuration, kept, shutdown.clone()).await);
    }
    let outcome = together(parts, shutdown).await;
    store.close().await;
    outcome
}

async fn work(settings: Work) -> Result<(), Failure> {
    let configuration = read_configuration(&settings.process.common)?;
    let handle = metrics::record()?;
    let store = open_store(&settings.process.common.database_url).await?;
    let shutdown = CancellationToken::new();
    end_on_signal(shutdown.clone())?;
    let metrics_ending = shutdown.clone();
    let metrics_listen = settings.process.metrics_listen;
    let kept = settings.process.job_retention_days;
    let outcome = together(
        vec![
            Box::pin(
                async move { Ok(metrics::serve(handle, metrics_listen, metrics_ending).await?) },
            ),
            worker(&store, &configuration, kept, shutdown.clone()).await,
        ],
        shutdown,
    )
    .await;
    store.close().await;
    outcome
}

async fn examine(settings: Common) -> Result<(), Failure> {
    let configuration = read_configuration(&settings)?;
    let mut findings = doctor::database(&settings.database_url).await;
    findings.extend(doctor::identity_provider(&configuration).await);
    let gateway = Gateway::from_environment().await;
    findings.extend(doctor::accounts(&configuration, &gateway).await);
    for finding in &findings {
        println!("{finding}");
    }
    if findings.iter().any(|finding| finding.wrong.is_some()) {
        return Err(Failure::Unwell);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(given: &[&str]) -> Result<u16, clap::Error> {
        let worker = [
            "gatehouse",
            "worker",
            "--database-url",
            "postgres://127.0.0.1",
        ];
        let words = worker.iter().chain(given);
        let Command::Portal(PortalCommand::Worker(work)) =
            CommandLine::try_parse_from(words)?.command
        else {
            panic!("not the worker")
        };
        Ok(work.process.job_retention_days)
    }

    #[test]
    fn jobs_are_kept_for_a_month_or_as_long_as_asked_but_at_least_a_day() {
        assert_eq!(days(&[]).unwrap(), 30);
        assert_eq!(days(&["--job-retention-days", "7"]).unwrap(), 7);
        let refused = days(&["--job-retention-days", "0"])
            .unwrap_err()
            .to_string();
        assert!(refused.contains("0 is not in 1..=65535"), "{refused}");
    }
}
