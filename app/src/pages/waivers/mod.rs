//! Waivers: the list, one of them with what can be done about it, and the form to ask for one.

mod ask;
mod ask_page;
mod decide;
mod end;
mod list;
mod load;
mod page;

pub use ask_page::AskWaiverPage;
pub use list::WaiversPage;
pub use page::WaiverPage;
