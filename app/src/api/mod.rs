//! What a page may ask of the portal: the trait (server only), the views it gives, the errors.
//! Nothing here knows SQL or AWS; `server/src/service` implements the trait.

mod error;
#[cfg(feature = "ssr")]
mod portal;
pub mod views;

pub use error::AppError;
#[cfg(feature = "ssr")]
pub use portal::{
    AskPost, CommentPost, DecidePost, DecommissionPost, DeploymentFilter, Form, Location, Portal,
    RepairPost, asked_by,
};

/// The request being answered, by the id that the log knows it by. The HTTP layer provides it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestId(pub String);
