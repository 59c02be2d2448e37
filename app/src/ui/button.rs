use leptos::prelude::*;

/// How much a button asks for attention.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The one thing to do here.
    Main,
    /// Something else.
    Plain,
    /// What takes something away.
    Danger,
}

/// A button that sends its form. A disabled one names the words that say why.
#[component]
pub fn Button(
    /// What it does.
    #[prop(into)]
    label: String,
    /// How much it asks for attention.
    #[prop(default = Kind::Plain)]
    kind: Kind,
    /// Name and value that it sends along.
    #[prop(optional)]
    sends: Option<(&'static str, &'static str)>,
    /// The id of the words that say why it can't be used.
    #[prop(optional_no_strip, into)]
    refused_by: Option<String>,
) -> impl IntoView {
    let look = match kind {
        Kind::Main => "button button-main",
        Kind::Plain => "button",
        Kind::Danger => "button button-danger",
    };
    view! {
        <button
            type="submit"
            class=look
            name=sends.map(|(name, _)| name)
            value=sends.map(|(_, value)| value)
            disabled=refused_by.is_some()
            aria-describedby=refused_by
        >
            {label}
        </button>
    }
}
