use super::load_template::load_template;
use crate::api::views;
use crate::ui::{
    Link, Section, change_address, framed_page, from_address, shown, template_address,
};
use leptos::prelude::*;
use leptos_meta::Title;
use std::collections::BTreeMap;

/// The source that a plan gives to CloudFormation: every line and every resource has an address.
#[component]
pub fn TemplatePage() -> impl IntoView {
    let number = from_address("number").unwrap_or_default();
    let stack = from_address("stack");
    let page = Resource::new(
        || (),
        move |()| {
            let (number, stack) = (number.clone(), stack.clone());
            async move { shown(load_template(number, stack).await).await }
        },
    );
    framed_page(page, Section::Elsewhere, template)
}

fn template(page: views::TemplatePage) -> AnyView {
    let number = page.row.number.clone();
    let title = format!("Template of {}", page.stack);
    let others: Vec<_> = page
        .stacks
        .iter()
        .filter(|name| **name != page.stack)
        .map(|name| {
            let href = template_address(&number, name, "");
            let words = format!("Template of {name}");
            view! {
                <li>
                    <Link href=href>{words}</Link>
                </li>
            }
        })
        .collect();
    let places: BTreeMap<usize, String> = page
        .places
        .into_iter()
        .map(|(logical_id, line)| (line, logical_id))
        .collect();
    let count = page.lines.len();
    let lines: Vec<_> = page
        .lines
        .into_iter()
        .enumerate()
        .map(|(index, text)| line(index + 1, text, places.get(&(index + 1))))
        .collect();
    view! {
        <Title text=format!("{title}, {number}") />
        <p class="soft">
            <Link href=change_address(&number)>{number.clone()} " " {page.row.title}</Link>
        </p>
        <h1 class="text-xl font-semibold leading-7">{title.clone()}</h1>
        <p class="soft">
            "As it is given to CloudFormation, " {count}
            " lines. Parameters are put in by CloudFormation."
        </p>
        {(!others.is_empty())
            .then(|| view! { <ul class="flex flex-wrap gap-x-4">{others}</ul> })}
        <pre class="code source" tabindex="0" role="region" aria-label=title>
            {lines}
        </pre>
    }
    .into_any()
}

fn line(number: usize, text: String, resource: Option<&String>) -> impl IntoView + use<> {
    let resource = resource.map(|id| view! { <span id=format!("resource-{id}")></span> });
    let text = domain::characters::plain(&text).into_owned();
    view! {
        <span id=format!("L{number}") class="source-line">
            {resource}
            {text}
            "\n"
        </span>
    }
}
