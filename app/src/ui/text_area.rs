use crate::ui::{FieldProblem, described_by, escaped, field_id};
use leptos::prelude::*;

/// Several lines of text. The one place with a `<textarea>`: Leptos does not escape its content.
#[component]
pub fn TextArea(
    /// The field's name.
    name: &'static str,
    /// Label.
    #[prop(into)]
    label: String,
    /// What stands in it.
    value: String,
    /// What helps to fill it in.
    #[prop(optional, into)]
    hint: Option<String>,
    /// What was wrong with it.
    #[prop(optional_no_strip)]
    problem: Option<String>,
    /// Lines shown.
    #[prop(default = 3)]
    rows: u32,
) -> impl IntoView {
    let id = field_id(name);
    let invalid = problem.is_some();
    let described_by = described_by(name, hint.is_some(), invalid);
    view! {
        <div class=if invalid { "field-bad" } else { "" }>
            <label for=id.clone() class="block font-medium">
                {label}
            </label>
            {hint
                .map(|hint| {
                    view! {
                        <p id=format!("{}-hint", field_id(name)) class="soft">
                            {hint}
                        </p>
                    }
                })}
            <FieldProblem field=name problem=problem />
            <textarea
                id=id
                name=name
                rows=rows
                class="field mt-1"
                aria-describedby=described_by
                aria-invalid=invalid.then_some("true")
                inner_html=content(&value)
            />
        </div>
    }
}

/// The value as the content of a `<textarea>`. The parser drops a first line break, so there is one to
/// drop (HTML, "in body" insertion mode).
fn content(value: &str) -> String {
    format!("\n{}", escaped(value))
}
