//! One folder an area of the portal: its pages, their parts, and one file a server function.
//! What two areas share is a part in `ui`, or a list of changes, deployments, parameters, findings or what holds them in here.

mod approvals;
mod ask;
mod blueprints;
mod change;
mod change_list;
mod compared;
mod deployment_list;
mod environment;
mod findings;
mod freezes;
mod history;
mod holds;
mod nowhere;
mod promotion;
mod rollback;
mod schedule;
mod services;
mod waivers;
mod work;

pub use approvals::ApprovalsPage;
pub use ask::AskPage;
pub use blueprints::{BlueprintPage, BlueprintsPage, VersionPage};
pub use change::{ChangePage, TemplatePage};
pub use environment::EnvironmentPage;
pub use freezes::FreezesPage;
pub use history::HistoryPage;
pub use nowhere::{SignedOutPage, UnknownPage};
pub use promotion::PromotionPage;
pub use rollback::RollbackPage;
pub use services::{ServicePage, ServicesPage};
pub use waivers::{AskWaiverPage, WaiverPage, WaiversPage};
pub use work::WorkPage;
