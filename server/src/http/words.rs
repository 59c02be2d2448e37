//! Plain pages of words, for what stands outside the app: a failed sign-in, a refused request, a
//! mistake of ours. They need nothing that could have failed.
use axum::response::{Html, IntoResponse, Response};
use http::StatusCode;
use std::fmt::Write as _;

/// A page of words.
#[derive(Clone, Debug)]
pub(super) struct Words {
    pub(super) status: StatusCode,
    pub(super) title: String,
    /// One paragraph each.
    pub(super) said: Vec<String>,
    /// Where to go on: address and the link's words.
    pub(super) link: (String, &'static str),
}

impl Words {
    pub(super) fn new(status: StatusCode, title: &str, said: &str) -> Self {
        Self {
            status,
            title: title.to_owned(),
            said: vec![said.to_owned()],
            link: ("/".to_owned(), "Go to the first page"),
        }
    }

    /// Something of ours does not work.
    pub(super) fn unavailable() -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "Gatehouse can't do this just now",
            "Nothing was changed. Try again in a minute.",
        )
    }

    /// The page; `request_id` is what the log knows the request by.
    pub(super) fn page(self, request_id: &str) -> Response {
        let title = escaped(&self.title);
        let mut said = String::new();
        for paragraph in &self.said {
            // Writing to a text can't fail.
            let _ = write!(said, "<p class=\"mt-2\">{}</p>", escaped(paragraph));
        }
        let (href, link) = self.link;
        let href = escaped(&href);
        let body = format!(
            "<!DOCTYPE html>\
             <html lang=\"en\"><head><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
             <meta name=\"color-scheme\" content=\"light dark\">\
             <link rel=\"icon\" href=\"/favicon.svg\" type=\"image/svg+xml\">\
             <link rel=\"stylesheet\" href=\"/pkg/gatehouse.css\">\
             <title>{title} · Gatehouse</title></head><body>\
             <header class=\"border-b border-line bg-card\">\
             <div class=\"mx-auto flex max-w-6xl flex-wrap items-center gap-x-6 gap-y-1 px-4 py-1.5\">\
             <a href=\"/\" class=\"py-1 text-base font-semibold text-ink no-underline\">Gatehouse</a></div></header>\
             <main id=\"main\" class=\"mx-auto max-w-6xl px-4 py-5\"><div class=\"card max-w-xl p-5\">\
             <h1 class=\"text-xl font-semibold leading-7\">{title}</h1>{said}\
             <p class=\"mt-3\"><a href=\"{href}\" class=\"button button-main\">{link}</a></p>\
             <p class=\"mt-3 soft\">Request <span class=\"mono\">{}</span></p>\
             </div></main></body></html>",
            escaped(request_id)
        );
        (self.status, Html(body)).into_response()
    }
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_from_elsewhere_is_escaped() {
        assert_eq!(
            escaped("<a href='x'>&\"</a>"),
            "&lt;a href=&#39;x&#39;&gt;&amp;&quot;&lt;/a&gt;"
        );
    }
}
