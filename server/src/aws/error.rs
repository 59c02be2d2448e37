//! What AWS says when it doesn't do as asked, sorted by what the caller can do about it.
use super::call::Operation;
use aws_sdk_cloudformation::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use aws_sdk_cloudformation::operation::RequestId;
use std::fmt;

/// A call to AWS that failed. Its text is fit for the change page and keeps AWS's own code, message
/// and request id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AwsError {
    /// What was asked.
    pub operation: Operation,
    /// What kind of failure it is.
    pub kind: AwsErrorKind,
    /// AWS's error code, if AWS answered.
    pub code: Option<String>,
    /// AWS's message, or what went wrong on the way.
    pub message: String,
    /// AWS's id of the request, for its support.
    pub request_id: Option<String>,
}

/// Kinds of failures, by what to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AwsErrorKind {
    /// Too many calls, still after the SDK's own retries.
    Throttled,
    /// No answer in time. The call may have had its effect.
    TimedOut,
    /// AWS can't be reached or failed inside. The call may have had its effect.
    Unavailable,
    /// The role, the credentials or a policy doesn't allow it.
    AccessDenied,
    /// The thing doesn't exist.
    NotFound,
    /// A thing of that name exists.
    AlreadyExists,
    /// The thing exists, in a state in which this can't be done.
    InvalidState,
    /// A quota, for example the size of a template.
    LimitExceeded,
    /// Anything else, mostly a request that is wrong.
    Other,
}

impl AwsErrorKind {
    /// Its name in metrics.
    pub fn name(self) -> &'static str {
        match self {
            AwsErrorKind::Throttled => "throttled",
            AwsErrorKind::TimedOut => "timed_out",
            AwsErrorKind::Unavailable => "unavailable",
            AwsErrorKind::AccessDenied => "access_denied",
            AwsErrorKind::NotFound => "not_found",
            AwsErrorKind::AlreadyExists => "already_exists",
            AwsErrorKind::InvalidState => "invalid_state",
            AwsErrorKind::LimitExceeded => "limit_exceeded",
            AwsErrorKind::Other => "other",
        }
    }

    /// Sorts AWS's answer. CloudFormation says most things as `ValidationError`, so the words of
    /// its message count too (CloudFormation API Reference, Common Errors, and what it answers).
    fn of(code: &str, message: &str, status: Option<u16>) -> Self {
        match code.strip_suffix("Exception").unwrap_or(code) {
            "Throttling"
            | "Throttled"
            | "RequestThrottled"
            | "TooManyRequests"
            | "RequestLimitExceeded"
            | "SlowDown"
            | "PriorRequestNotComplete" => Self::Throttled,
            "RequestTimeout" => Self::TimedOut,
            "InternalFailure" | "InternalError" | "InternalServiceError" | "ServiceUnavailable" => {
                Self::Unavailable
            }
            "AccessDenied"
            | "UnauthorizedOperation"
            | "NotAuthorized"
            | "OptInRequired"
            | "InvalidClientTokenId"
            | "UnrecognizedClient"
            | "SignatureDoesNotMatch"
            | "IncompleteSignature"
            | "MissingAuthenticationToken"
            | "ExpiredToken"
            | "InvalidAccessKeyId"
            | "RegionDisabled" => Self::AccessDenied,
            "ChangeSetNotFound" | "StackNotFound" | "NoSuchBucket" | "NoSuchKey" => Self::NotFound,
            "AlreadyExists" | "NameAlreadyExists" | "TokenAlreadyExists" => Self::AlreadyExists,
            "InvalidChangeSetStatus"
            | "InvalidStateTransition"
            | "InvalidOperation"
            | "OperationInProgress" => Self::InvalidState,
            "LimitExceeded" => Self::LimitExceeded,
            "ValidationError" | "Validation" => Self::of_validation(message),
            _ if status.is_some_and(|status| status == 429) => Self::Throttled,
            _ if status.is_some_and(|status| status >= 500) => Self::Unavailable,
            _ => Self::Other,
        }
    }

    fn of_validation(message: &str) -> Self {
        let says = |words: &str| message.contains(words);
        if says("Rate exceeded") {
            Self::Throttled
        } else if says("Template may not exceed")
            || says("at 'templateBody' failed to satisfy constraint")
            || says("maximum number of")
        {
            Self::LimitExceeded
        } else if says("already exists") {
            Self::AlreadyExists
        } else if says("does not exist") {
            Self::NotFound
        } else if says("current stack status")
            || says(" state and can")
            || says("_IN_PROGRESS state")
            || says("is not in DELETE_FAILED state")
            || says("TerminationProtection is enabled")
        {
            Self::InvalidState
        } else {
            Self::Other
        }
    }
}

impl AwsError {
    pub(super) fn new<E>(operation: Operation, error: SdkError<E>) -> Self
    where
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        let status = error
            .raw_response()
            .map(|response| response.status().as_u16());
        let request_id = error
            .as_service_error()
            .and_then(|answer| answer.meta().request_id())
            .map(str::to_owned);
        let unanswered = |kind, message: String| Self {
            operation,
            kind,
            code: None,
            message,
            request_id: None,
        };
        match &error {
            SdkError::ServiceError(answer) => {
                let answer = answer.err();
                let code = answer.code().unwrap_or_default();
                let message = answer.message().unwrap_or_default();
                Self {
                    operation,
                    kind: AwsErrorKind::of(code, message, status),
                    code: Some(code)
                        .filter(|code| !code.is_empty())
                        .map(str::to_owned),
                    message: shortened(message),
                    request_id,
                }
            }
            SdkError::TimeoutError(_) => {
                unanswered(AwsErrorKind::TimedOut, "no answer in time".to_owned())
            }
            SdkError::DispatchFailure(failure) if failure.is_timeout() => {
                unanswered(AwsErrorKind::TimedOut, "no connection in time".to_owned())
            }
            SdkError::DispatchFailure(failure) if failure.is_io() => unanswered(
                AwsErrorKind::Unavailable,
                format!("AWS can't be reached: {}", DisplayErrorContext(&error)),
            ),
            SdkError::ResponseError(_) => unanswered(
                AwsErrorKind::Unavailable,
                format!("the answer can't be read: {}", DisplayErrorContext(&error)),
            ),
            _ => unanswered(
                AwsErrorKind::Other,
                format!(
                    "the request could not be sent: {}",
                    DisplayErrorContext(&error)
                ),
            ),
        }
    }

    /// A failure that Gatehouse found itself in what AWS answered.
    pub(super) fn found(
        operation: Operation,
        kind: AwsErrorKind,
        message: impl Into<String>,
    ) -> Self {
        Self {
            operation,
            kind,
            code: None,
            message: message.into(),
            request_id: None,
        }
    }

    /// Whether the same call may succeed a little later.
    pub fn is_transient(&self) -> bool {
        matches!(
            self.kind,
            AwsErrorKind::Throttled | AwsErrorKind::TimedOut | AwsErrorKind::Unavailable
        )
    }

    /// Whether AWS has seen this very request, by its token, and does what it asked.
    pub(super) fn token_was_seen(&self) -> bool {
        self.code
            .as_deref()
            .is_some_and(|code| code.starts_with("TokenAlreadyExists"))
    }
}

/// CloudFormation echoes a whole template into its message about one that is too long.
fn shortened(message: &str) -> String {
    const LONGEST: usize = 2_000;
    const TAIL: usize = 300;
    if message.chars().count() <= LONGEST {
        return message.to_owned();
    }
    let head: String = message.chars().take(LONGEST - TAIL).collect();
    let tail: Vec<char> = message.chars().rev().take(TAIL).collect();
    format!("{head} … {}", tail.into_iter().rev().collect::<String>())
}

impl fmt::Display for AwsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let asked = self.operation.words();
        match self.kind {
            AwsErrorKind::Throttled => write!(
                f,
                "AWS was asked to {asked} but is taking no more calls for now"
            )?,
            AwsErrorKind::TimedOut => {
                write!(f, "AWS was asked to {asked} but did not answer in time")?
            }
            AwsErrorKind::Unavailable => write!(f, "AWS was asked to {asked} but could not")?,
            AwsErrorKind::AccessDenied => write!(f, "AWS did not allow Gatehouse to {asked}")?,
            _ => write!(f, "AWS was asked to {asked} and refused")?,
        }
        if !self.message.is_empty() {
            write!(f, ": {}", self.message)?;
        }
        match (&self.code, &self.request_id) {
            (Some(code), Some(id)) => write!(f, " ({code}, request {id})"),
            (Some(code), None) => write!(f, " ({code})"),
            (None, Some(id)) => write!(f, " (request {id})"),
            (None, None) => Ok(()),
        }
    }
}

impl std::error::Error for AwsError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_sorted_by_what_to_do_next() {
        use AwsErrorKind::*;
        let said = [
            ("Throttling", "Rate exceeded", 400, Throttled),
            ("ThrottlingException", "Rate exceeded", 400, Throttled),
            (
                "RequestLimitExceeded",
                "Request limit exceeded.",
                503,
                Throttled,
            ),
            (
                "SlowDown",
                "Please reduce your request rate.",
                503,
                Throttled,
            ),
            ("Whatever", "", 503, Unavailable),
            ("InternalFailure", "", 500, Unavailable),
            (
                "AccessDenied",
                "User: x is not authorized to perform: sts:AssumeRole",
                403,
                AccessDenied,
            ),
            (
                "ExpiredToken",
                "The security token included in the request is expired",
                403,
                AccessDenied,
            ),
            (
                "ChangeSetNotFound",
                "ChangeSet [x] does not exist",
                404,
                NotFound,
            ),
            (
                "ValidationError",
                "Stack with id x does not exist",
                400,
                NotFound,
            ),
            (
                "NoSuchBucket",
                "The specified bucket does not exist",
                404,
                NotFound,
            ),
            (
                "AlreadyExistsException",
                "ChangeSet x cannot be created due to a mismatch",
                400,
                AlreadyExists,
            ),
            (
                "ValidationError",
                "Stack [x] already exists and cannot be created again with the changeSet [y].",
                400,
                AlreadyExists,
            ),
            (
                "InvalidChangeSetStatus",
                "ChangeSet [x] cannot be executed in its current status of [CREATE_IN_PROGRESS]",
                400,
                InvalidState,
            ),
            (
                "ValidationError",
                "Stack:x is in UPDATE_IN_PROGRESS state and can not be updated.",
                400,
                InvalidState,
            ),
            (
                "ValidationError",
                "CancelUpdateStack cannot be called from current stack status",
                400,
                InvalidState,
            ),
            (
                "ValidationError",
                "Stack [x] cannot be deleted while TerminationProtection is enabled",
                400,
                InvalidState,
            ),
            (
                "LimitExceededException",
                "Limit for stack has been exceeded",
                400,
                LimitExceeded,
            ),
            (
                "ValidationError",
                "Template may not exceed 1000000 bytes in size.",
                400,
                LimitExceeded,
            ),
            (
                "ValidationError",
                "Template format error: JSON not well-formed.",
                400,
                Other,
            ),
        ];
        for (code, message, status, kind) in said {
            assert_eq!(
                AwsErrorKind::of(code, message, Some(status)),
                kind,
                "{code}: {message}"
            );
        }
    }

    #[test]
    fn its_words_keep_code_message_and_request_id() {
        let error = AwsError {
            operation: Operation::ExecuteChangeSet,
            kind: AwsErrorKind::NotFound,
            code: Some("ChangeSetNotFound".to_owned()),
            message: "ChangeSet [x] does not exist".to_owned(),
            request_id: Some("1f2e".to_owned()),
        };
        assert_eq!(
            error.to_string(),
            "AWS was asked to execute the change set and refused: ChangeSet [x] does not exist \
             (ChangeSetNotFound, request 1f2e)"
        );
    }

    #[test]
    fn a_template_in_a_message_is_cut_out() {
        let message = format!("Value '{}' at 'templateBody' failed", "é".repeat(60_000));
        let short = shortened(&message);
        assert!(short.chars().count() < 2_100 && short.ends_with("at 'templateBody' failed"));
    }
}
