//! What a page may ask of the portal: the trait (server only), the views it gives, the errors.
//! Nothing here knows SQL or AWS; `server/src/service` implements the trait.

#[cfg(feature = "ssr")]
mod answer;
mod error;
#[cfg(feature = "ssr")]
mod portal;
mod viewer;
pub mod views;

#[cfg(feature = "ssr")]
pub use answer::{
    answered, draft_named, framed, named, narrowed, posted, set_status, vetting_named,
};
pub use error::AppError;
#[cfg(feature = "ssr")]
pub use portal::{
    ApprovalFilter, AskPost, CommentPost, DecidePost, DecommissionPost, DeploymentFilter, Form,
    Inbox, Location, LockPost, Portal, PromotePost, RepairPost, RollbackPost, UnknownInbox,
    VetPost, WaiverDecisionPost, WaiverEndPost, WaiverFilter, WaiverPost, asked_by,
};
pub use viewer::{LoadViewer, RequestId, load_viewer, request_id};
