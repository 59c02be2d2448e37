//! What the process says of itself: JSON lines in production, lines to read in a terminal.
use std::io::IsTerminal as _;
use tracing_subscriber::filter::{EnvFilter, LevelFilter, ParseError};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::{SubscriberInitExt as _, TryInitError};

/// How log lines look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum LogFormat {
    /// To read in a terminal.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// Why nothing can be logged.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// `RUST_LOG` makes no sense.
    #[error("RUST_LOG: {0}; write for example RUST_LOG=info,server=debug")]
    Filter(#[from] ParseError),
    /// Something else logs already.
    #[error("the log can't be set up: {0}")]
    Taken(#[from] TryInitError),
    /// `RUST_LOG` is no text.
    #[error("RUST_LOG is not readable: {0}")]
    Unreadable(#[from] std::env::VarError),
}

/// Logs to standard error from here on, filtered by `RUST_LOG` (default `info`).
///
/// # Errors
/// When `RUST_LOG` makes no sense.
pub fn init(format: LogFormat) -> Result<(), LogError> {
    let builder = EnvFilter::builder().with_default_directive(LevelFilter::INFO.into());
    let filter = match std::env::var("RUST_LOG") {
        Ok(directives) => builder.parse(directives)?,
        Err(std::env::VarError::NotPresent) => builder.parse("")?,
        Err(error) => return Err(error.into()),
    };
    let registry = tracing_subscriber::registry().with(filter);
    let layer = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    match format {
        LogFormat::Text => registry.with(layer).try_init()?,
        LogFormat::Json => registry
            .with(
                layer
                    .json()
                    .flatten_event(true)
                    .with_current_span(true)
                    .with_span_list(false),
            )
            .try_init()?,
    }
    Ok(())
}
