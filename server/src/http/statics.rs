//! The built files: scripts, wasm, styles, icons.
use axum::body::Body;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use http::header::CACHE_CONTROL;
use http::request::Parts;
use http::{HeaderValue, Method, StatusCode};
use tower::ServiceExt as _;
use tower_http::services::ServeDir;

/// The file that the request names, compressed beforehand where the browser takes that; none if
/// there is no such file.
pub(super) async fn file(site_root: &str, request: &Parts) -> Option<Response> {
    if !matches!(request.method, Method::GET | Method::HEAD) || request.uri.path() == "/" {
        return None;
    }
    let mut asked = Request::new(Body::empty());
    *asked.method_mut() = request.method.clone();
    *asked.uri_mut() = request.uri.clone();
    *asked.headers_mut() = request.headers.clone();
    let folder = ServeDir::new(site_root)
        .append_index_html_on_directories(false)
        .precompressed_br()
        .precompressed_gzip();
    let Ok(response) = folder.oneshot(asked).await;
    if response.status() == StatusCode::NOT_FOUND {
        return None;
    }
    let mut response = response.into_response();
    let keep = if is_named_by_content(request.uri.path()) {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    response
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static(keep));
    Some(response)
}

/// Whether the name holds a digest, as cargo-leptos gives it: `/pkg/gatehouse.<digest>.wasm`.
fn is_named_by_content(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let parts: Vec<_> = name.split('.').collect();
    path.starts_with("/pkg/") && matches!(parts.as_slice(), [_, digest, _] if digest.len() >= 16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_with_a_digest_are_kept_for_ever() {
        assert!(is_named_by_content(
            "/pkg/gatehouse.1B2M2Y8AsgTpgAmY7PhCfg.wasm"
        ));
        assert!(!is_named_by_content("/pkg/gatehouse.wasm"));
        assert!(!is_named_by_content("/favicon.svg"));
    }
}
