//! Controls with their label, hint and problem.
use crate::api::views::Field;
use crate::ui::{FieldProblem, Hidden, described_by, field_id};
use domain::blueprint::{Choice, ParameterType};
use leptos::prelude::*;

/// What stands around every control: label, hint, problem.
#[component]
fn Labelled(
    /// The field's name, as in a problem.
    name: String,
    /// Label.
    label: String,
    /// What helps to fill it in.
    hint: String,
    /// What was wrong with it.
    problem: Option<String>,
    /// The control.
    children: Children,
) -> impl IntoView {
    let id = field_id(&name);
    let class = if problem.is_some() { "field-bad" } else { "" };
    view! {
        <div class=class>
            <label for=id.clone() class="block font-medium">
                {label}
            </label>
            {(!hint.is_empty())
                .then(|| {
                    view! {
                        <p id=format!("{id}-hint") class="soft">
                            {hint}
                        </p>
                    }
                })}
            <FieldProblem field=name problem=problem />
            {children()}
        </div>
    }
}

/// One line of text.
#[component]
pub fn TextField(
    /// The field's name.
    name: &'static str,
    /// Label.
    #[prop(into)]
    label: String,
    /// What stands in it.
    value: String,
    /// What helps to fill it in.
    #[prop(optional, into)]
    hint: String,
    /// What was wrong with it.
    #[prop(optional_no_strip)]
    problem: Option<String>,
    /// The id of a `<datalist>` with suggestions.
    #[prop(optional)]
    suggestions: Option<&'static str>,
    /// The kind of control.
    #[prop(default = "text")]
    kind: &'static str,
) -> impl IntoView {
    let invalid = problem.is_some();
    let described_by = described_by(name, !hint.is_empty(), invalid);
    view! {
        <Labelled name=name.to_owned() label=label hint=hint problem=problem>
            <input
                type=kind
                id=field_id(name)
                name=name
                value=value
                list=suggestions
                class="field mt-1"
                autocomplete="off"
                spellcheck="false"
                aria-describedby=described_by
                aria-invalid=invalid.then_some("true")
            />
        </Labelled>
    }
}

/// One of a few values.
#[component]
pub fn Select(
    /// The field's name.
    name: &'static str,
    /// Label.
    #[prop(into)]
    label: String,
    /// The values.
    options: Vec<Choice>,
    /// The one that is chosen.
    value: String,
    /// What stands for no value.
    none: &'static str,
    /// What helps to choose.
    #[prop(optional, into)]
    hint: String,
    /// What was wrong with it.
    #[prop(optional_no_strip)]
    problem: Option<String>,
) -> impl IntoView {
    let invalid = problem.is_some();
    let described_by = described_by(name, !hint.is_empty(), invalid);
    view! {
        <Labelled name=name.to_owned() label=label hint=hint problem=problem>
            <select
                id=field_id(name)
                name=name
                class="field mt-1"
                aria-describedby=described_by
                aria-invalid=invalid.then_some("true")
            >
                <option value="">{none}</option>
                {options_of(options, &value)}
            </select>
        </Labelled>
    }
}

fn options_of(choices: Vec<Choice>, chosen: &str) -> Vec<AnyView> {
    choices
        .into_iter()
        .map(|choice| {
            let selected = choice.value == chosen;
            view! {
                <option value=choice.value selected=selected>
                    {choice.label}
                </option>
            }
            .into_any()
        })
        .collect()
}

/// A box to tick before something is lost.
#[component]
pub fn Confirm(
    /// Its id, unique on the page.
    #[prop(into)]
    id: String,
    /// What is confirmed.
    #[prop(into)]
    label: String,
    /// Whether the viewer can't.
    #[prop(optional)]
    disabled: bool,
) -> impl IntoView {
    let of = id.clone();
    view! {
        <label for=of class="mt-2 flex items-start gap-2">
            <input type="checkbox" id=id name="confirmed" value="true" disabled=disabled />
            <span>{label}</span>
        </label>
    }
}

/// A parameter of a blueprint.
#[component]
pub fn ParameterField(
    /// The parameter.
    field: Field,
    /// What was wrong with it.
    problem: Option<String>,
) -> impl IntoView {
    let name = format!("values[{}]", field.name);
    let label = if field.required || field.fixed_because.is_some() {
        field.label.clone()
    } else {
        format!("{} (optional)", field.label)
    };
    let hint = hint_of(&field);
    let control = Control {
        id: field_id(&name),
        described_by: described_by(&name, !hint.is_empty(), problem.is_some()),
        invalid: problem.is_some().then_some("true"),
        name: name.clone(),
        value: field.value,
    };
    if let Some(why) = field.fixed_because {
        return fixed(control, field.choices, label, hint, why);
    }
    if field.kind == ParameterType::Boolean {
        return yes_or_no(control, label, hint, problem);
    }
    let control = match field.kind {
        ParameterType::Choice => choice(control, field.choices),
        ParameterType::Integer => line(control, Some("numeric"), "field field-short mt-1"),
        ParameterType::SecretReference => line(control, None, "field mono mt-1"),
        _ => line(control, None, "field mt-1"),
    };
    view! {
        <Labelled name=name label=label hint=hint problem=problem>
            {control}
        </Labelled>
    }
    .into_any()
}

struct Control {
    id: String,
    name: String,
    value: String,
    described_by: Option<String>,
    invalid: Option<&'static str>,
}

fn hint_of(field: &Field) -> String {
    let mut hint = Vec::new();
    if !field.description.is_empty() {
        hint.push(field.description.trim_end_matches('.').to_owned());
    }
    if !field.hint.is_empty() {
        hint.push(field.hint.trim_end_matches('.').to_owned());
    }
    if let Some(in_force) = &field.in_force {
        hint.push(if in_force.is_empty() {
            "In force now: nothing".to_owned()
        } else {
            format!("In force now: {in_force}")
        });
    }
    if hint.is_empty() {
        String::new()
    } else {
        hint.join(". ") + "."
    }
}

fn line(control: Control, inputmode: Option<&'static str>, class: &'static str) -> AnyView {
    view! {
        <input
            type="text"
            id=control.id
            name=control.name
            value=control.value
            inputmode=inputmode
            class=class
            autocomplete="off"
            spellcheck="false"
            aria-describedby=control.described_by
            aria-invalid=control.invalid
        />
    }
    .into_any()
}

fn choice(control: Control, choices: Vec<Choice>) -> AnyView {
    let known = choices.iter().any(|choice| choice.value == control.value);
    let options = options_of(choices, &control.value);
    view! {
        <select
            id=control.id
            name=control.name
            class="field mt-1"
            aria-describedby=control.described_by
            aria-invalid=control.invalid
        >
            {(!known).then(|| view! { <option value="">"Choose"</option> })}
            {options}
        </select>
    }
    .into_any()
}

fn yes_or_no(control: Control, label: String, hint: String, problem: Option<String>) -> AnyView {
    let Control {
        id,
        name,
        value,
        described_by,
        ..
    } = control;
    let hint_id = format!("{id}-hint");
    let class = if problem.is_some() { "field-bad" } else { "" };
    let (yes, no_name) = (id.clone(), name.clone());
    let other = format!("{id}-false");
    let no = other.clone();
    view! {
        <fieldset
            aria-describedby=described_by
            class=class
        >
            <legend class="font-medium">{label}</legend>
            {(!hint.is_empty())
                .then(|| {
                    view! {
                        <p id=hint_id class="soft">
                            {hint}
                        </p>
                    }
                })}
            <FieldProblem field=name.clone() problem=problem />
            <div class="mt-1 flex flex-wrap gap-x-5 gap-y-1">
                <label for=yes class="inline-flex items-center gap-2 py-0.5">
                    <input
                        type="radio"
                        id=id
                        name=name
                        value="true"
                        checked=value == "true"
                    />
                    "Yes"
                </label>
                <label for=no class="inline-flex items-center gap-2 py-0.5">
                    <input
                        type="radio"
                        id=other
                        name=no_name
                        value="false"
                        checked=value == "false"
                    />
                    "No"
                </label>
            </div>
        </fieldset>
    }
    .into_any()
}

/// What can't be changed here: its value as text, and why.
fn fixed(
    control: Control,
    choices: Vec<Choice>,
    label: String,
    hint: String,
    why: String,
) -> AnyView {
    let shown = match control.value.as_str() {
        "true" => "Yes".to_owned(),
        "false" => "No".to_owned(),
        "" => "nothing".to_owned(),
        value => choices
            .into_iter()
            .find(|choice| choice.value == value)
            .map_or_else(|| value.to_owned(), |choice| choice.label),
    };
    view! {
        <div>
            <p class="font-medium">{label}</p>
            {(!hint.is_empty()).then(|| view! { <p class="soft">{hint}</p> })}
            <p class="field field-fixed mt-1" id=control.id>
                {shown}
            </p>
            <p class="soft mt-1">{why}</p>
            <Hidden name=control.name value=control.value />
        </div>
    }
    .into_any()
}
