//! The small set of parts that every page is made of, one file each. A new part needs a reason.
//! Nothing here knows an area of the portal or calls the server.

mod address;
mod banner;
mod button;
mod card;
mod definition_list;
mod empty_state;
mod error_summary;
mod field;
mod frame;
mod link;
mod markdown;
mod markup;
mod moment;
mod mono;
mod page;
mod pager;
mod post_form;
mod stage_node;
mod table;
mod tag;
mod text_area;
mod timeline;
mod verdict;

pub use address::{
    address, ask_waiver_address, change_address, environment_address, promotion_address,
    rollback_address, service_address, template_address, version_address, waiver_address,
};
pub use banner::Banner;
pub use button::{Button, Kind};
pub use card::Card;
pub use definition_list::{Definition, Definitions};
pub use empty_state::EmptyState;
pub use error_summary::{ErrorSummary, FieldProblem, bad, described_by, field_id, title_of_form};
pub use field::{Confirm, ParameterField, Select, TextField};
pub use frame::{Frame, Section};
pub use link::Link;
pub use markdown::Markdown;
pub use markup::{Markup, Static, escaped};
pub use moment::When;
pub use mono::Mono;
pub use page::{Shown, framed_page, from_address, shown};
pub use pager::Pager;
pub use post_form::{Hidden, PostForm};
pub use stage_node::StageNode;
pub use table::{Cell, Row, RowHead, Table};
pub use tag::{StatusTag, Tag};
pub use text_area::TextArea;
pub use timeline::Timeline;
pub use verdict::{VerdictTag, verdict_look};
