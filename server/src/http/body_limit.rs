//! How much a request may bring.
use tower_http::limit::RequestBodyLimitLayer;

/// In bytes. The largest form, with every parameter of the largest blueprint filled in, is far smaller.
pub(super) const LARGEST: usize = 256 * 1024;

pub(super) fn layer() -> RequestBodyLimitLayer {
    RequestBodyLimitLayer::new(LARGEST)
}
