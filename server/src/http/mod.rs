//! The web side of the process: router, sign-in and sessions, what every answer carries, live
//! updates, health. What a page shows and who may do what is decided in `service`, not here.

mod bare;
mod body_limit;
mod caching;
mod changes;
mod content_security;
mod cookie;
mod forgery;
mod gate;
mod health;
mod observe;
mod panic;
mod patience;
mod refusal;
mod refused_form;
mod return_to;
mod router;
mod serve;
mod session;
mod sign_in;
mod site;
mod statics;
mod token;
mod words;

pub use changes::Changes;
pub use router::{addresses_of_posts, router};
pub use serve::{ServeError, serve};
pub use sign_in::{IdentityProvider, ProviderError};
pub use site::{PortalFor, Site};
