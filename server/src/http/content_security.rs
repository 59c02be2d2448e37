//! The headers that tell a browser what a page of ours may do.
use super::site::Site;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::HeaderValue;
use http::header::{
    CONTENT_SECURITY_POLICY, HeaderName, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY,
    X_CONTENT_TYPE_OPTIONS,
};

/// The policy of a page whose own scripts carry the nonce. `'self'` lets those load the app's module
/// and its wasm. Browsers hold the redirects of a form to `form-action` too, and signing in and out
/// leads to the identity provider.
pub(super) fn policy(nonce: Option<&str>, identity_origins: &[String]) -> String {
    let script = nonce.map_or_else(
        || "'none'".to_owned(),
        |nonce| format!("'self' 'nonce-{nonce}' 'wasm-unsafe-eval'"),
    );
    let mut form_action = "'self'".to_owned();
    for origin in identity_origins {
        form_action.push(' ');
        form_action.push_str(origin);
    }
    format!(
        "default-src 'none'; script-src {script}; style-src 'self'; img-src 'self' data:; \
         connect-src 'self'; form-action {form_action}; frame-ancestors 'none'; base-uri 'none'"
    )
}

/// Adds the headers; a policy with a nonce that a page already has stays.
pub(super) async fn guard(State(site): State<Site>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    if !headers.contains_key(CONTENT_SECURITY_POLICY)
        && let Ok(value) = HeaderValue::try_from(policy(None, &site.identity.origins()))
    {
        headers.insert(CONTENT_SECURITY_POLICY, value);
    }
    let mut set = |name: HeaderName, value: &'static str| {
        headers.insert(name, HeaderValue::from_static(value));
    };
    set(X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(REFERRER_POLICY, "same-origin");
    set(
        HeaderName::from_static("permissions-policy"),
        "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    );
    set(
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    );
    set(
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    );
    if site.configuration.address.is_secure() {
        set(STRICT_TRANSPORT_SECURITY, "max-age=31536000");
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_runs_only_what_carries_its_nonce_or_comes_from_here() {
        insta::assert_snapshot!(
            policy(Some("abc"), &["https://login.example.com".to_owned()]),
            @"default-src 'none'; script-src 'self' 'nonce-abc' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self' https://login.example.com; frame-ancestors 'none'; base-uri 'none'"
        );
        assert!(policy(None, &[]).contains("script-src 'none'"));
        assert!(!policy(Some("abc"), &[]).contains("unsafe-inline"));
    }
}
