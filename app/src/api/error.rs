//! What can go wrong with a request, as a page is told.
use leptos::server_fn::codec::JsonEncoding;
use leptos::server_fn::error::{FromServerFnError, ServerFnErrorErr};
use serde::{Deserialize, Serialize};

/// Why a request was not answered. Carries only words fit for the person who asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum AppError {
    /// Nobody is signed in.
    #[error("You are signed out. Sign in and try again.")]
    SignedOut,
    /// The person may not do this.
    #[error("{why}")]
    Forbidden {
        /// Why, and what it would take.
        why: String,
    },
    /// There is no such thing, or the person may not know of it.
    #[error("There is no {what} here, or your teams have no part in it.")]
    NotFound {
        /// What was looked for.
        what: String,
    },
    /// The request makes no sense; a form of ours would not send it.
    #[error("{message}")]
    Malformed {
        /// What was wrong.
        message: String,
    },
    /// Something of ours does not work; the log says what, under the request's id.
    #[error("Gatehouse could not do this just now. Nothing was changed. Try again in a minute.")]
    Unavailable,
}

impl AppError {
    /// The HTTP status that goes with it (RFC 9110).
    pub fn status(&self) -> u16 {
        match self {
            AppError::SignedOut => 401,
            AppError::Forbidden { .. } => 403,
            AppError::NotFound { .. } => 404,
            AppError::Malformed { .. } => 400,
            AppError::Unavailable => 503,
        }
    }
}

impl FromServerFnError for AppError {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::Args(message)
            | ServerFnErrorErr::MissingArg(message)
            | ServerFnErrorErr::Deserialization(message) => AppError::Malformed {
                message: format!("The form was not complete: {message}"),
            },
            _ => AppError::Unavailable,
        }
    }
}
