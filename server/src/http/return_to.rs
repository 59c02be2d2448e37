//! The page that somebody was going to before they had to sign in, or came from.
use http::HeaderMap;
use http::header::REFERER;

/// A path within the portal that a browser can be sent to without leaving it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ReturnTo(String);

/// Longer ones are dropped.
const LONGEST: usize = 2_000;

impl ReturnTo {
    /// The path if it stays within the portal, the first page otherwise. Browsers read `//` and `/\`
    /// as the start of another host, and skip control characters (WHATWG URL, "URL parsing").
    pub(super) fn new(path: &str) -> Self {
        let stays = path.starts_with('/')
            && !path.starts_with("//")
            && !path.contains('\\')
            && path.len() <= LONGEST
            && path.is_ascii()
            && !path.chars().any(|c| c.is_ascii_control() || c == ' ');
        let leads_back = path.starts_with("/sign-in") || path.starts_with("/sign-out");
        Self(if stays && !leads_back { path } else { "/" }.to_owned())
    }

    /// The page of ours that a request came from; the first page where it doesn't say.
    pub(super) fn came_from(headers: &HeaderMap, origin: &str) -> Self {
        let path = headers
            .get(REFERER)
            .and_then(|referer| referer.to_str().ok())
            .and_then(|referer| referer.strip_prefix(origin));
        Self::new(path.unwrap_or("/"))
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// The address that signs somebody in and brings them back here.
    pub(super) fn sign_in(&self) -> String {
        if self.0 == "/" {
            return "/sign-in".to_owned();
        }
        let query = openidconnect::url::form_urlencoded::Serializer::new(String::new())
            .append_pair("return_to", &self.0)
            .finish();
        format!("/sign-in?{query}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_within_the_portal_stays() {
        for good in [
            "/",
            "/changes/CH-42",
            "/ask?team=payments&service=a%20b",
            "/history?person=a%2F%2Fb",
        ] {
            assert_eq!(ReturnTo::new(good).as_str(), good);
        }
    }

    #[test]
    fn anything_else_becomes_the_first_page() {
        let long = format!("/{}", "a".repeat(LONGEST));
        for bad in [
            "",
            "//evil.example",
            "/\\evil.example",
            "/a\\b",
            "https://evil.example/",
            "javascript:alert(1)",
            "evil.example",
            "/\t/evil.example",
            "/\n/evil.example",
            "/a b",
            "/\u{7f}",
            "/ä",
            "/sign-in?return_to=/",
            "/sign-out",
            long.as_str(),
        ] {
            assert_eq!(ReturnTo::new(bad).as_str(), "/", "{bad}");
        }
    }

    #[test]
    fn the_way_back_is_encoded() {
        assert_eq!(ReturnTo::new("/").sign_in(), "/sign-in");
        assert_eq!(
            ReturnTo::new("/ask?team=a&stage=dev").sign_in(),
            "/sign-in?return_to=%2Fask%3Fteam%3Da%26stage%3Ddev"
        );
    }
}
