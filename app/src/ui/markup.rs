use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// HTML that the server made of a view, so that the browser needs no code to make it again
/// (docs/adr/0005). Whatever text stood in the view is escaped.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Markup(String);

impl Markup {
    /// The HTML of a view, with characters that deceive the eye written out: people decide by what they see in it.
    #[cfg(feature = "ssr")]
    pub fn of(view: impl RenderHtml) -> Markup {
        Markup(domain::characters::plain(&view.to_html()).into_owned())
    }

    /// The HTML itself.
    #[cfg(all(test, feature = "ssr"))]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Text as the content of an element, where Leptos takes HTML.
pub fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

/// A part of a page that stands as the server made it.
#[component]
pub fn Static(
    /// What stands in it.
    markup: Markup,
    /// Classes.
    #[prop(optional)]
    class: &'static str,
    /// Its role: `status` where it is read aloud when it changes.
    #[prop(optional)]
    role: Option<&'static str>,
) -> impl IntoView {
    view! { <div class=class role=role inner_html=markup.0></div> }
}

#[cfg(test)]
#[cfg(feature = "ssr")]
mod tests {
    use super::*;

    #[test]
    fn text_in_a_view_is_escaped() {
        let text = "</p><script>alert(1)</script> & \"'";
        let markup = Markup::of(view! { <p title=text>{text}</p> });
        assert!(!markup.as_str().contains("<script>"), "{markup:?}");
        assert!(markup.as_str().contains("&lt;/p&gt;"), "{markup:?}");
        assert!(!markup.as_str().contains("\"'\""), "{markup:?}");
    }

    #[test]
    fn what_turns_letters_round_is_written_out() {
        let markup = Markup::of(view! { <p>"s3:\u{202e}*teG"</p> });
        assert!(markup.as_str().contains("s3:\\u{202e}*teG"), "{markup:?}");
    }
}
