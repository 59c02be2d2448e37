use super::ask::AskWaiver;
use super::load::{About, load_waiver_form};
use crate::api::views;
use crate::pages::findings::FindingBody;
use crate::ui::{
    Banner, Button, Card, ErrorSummary, Hidden, Kind, Link, PostForm, Section, TextArea, TextField,
    bad, change_address, framed_page, from_address, shown, title_of_form,
};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::Title;

/// The form to ask for a waiver of a finding.
#[component]
pub fn AskWaiverPage() -> impl IntoView {
    let named = |name| from_address(name).unwrap_or_default();
    let about = About {
        change: named("number"),
        rule: named("rule"),
        stack: named("stack"),
        resource: named("resource"),
        path: named("path"),
    };
    let draft = from_address("draft");
    let page = Resource::new(
        || (),
        move |()| {
            let (about, draft) = (about.clone(), draft.clone());
            async move { shown(load_waiver_form(about, draft).await).await }
        },
    );
    framed_page(page, Section::Elsewhere, form)
}

fn form(page: views::AskWaiverPage) -> AnyView {
    let number = page.row.number.clone();
    let title = title_of_form(&format!("Ask for a waiver, {number}"), &page.problems);
    let place = format!("{} at {}", page.row.service, page.row.stage);
    let for_place = place.clone();
    let href = change_address(&number);
    let way = way(&page);
    view! {
        <Title text=title />
        <ErrorSummary problems=page.problems />
        <p class="soft">
            <Link href=href>{number}</Link>
            " / "
            {place}
        </p>
        <h1 class="text-xl font-semibold leading-7">"Ask for a waiver"</h1>
        <p class="soft">
            "A waiver lets one finding through at " {for_place}
            ", until its last day. Somebody of security decides on it, never who asked."
        </p>
        <div class="mt-4 space-y-4">
            <Card id="finding" title="What was found">
                <FindingBody finding=page.finding waived=false />
            </Card>
            {way}
        </div>
    }
    .into_any()
}

fn way(page: &views::AskWaiverPage) -> AnyView {
    if let Some(why) = page.refused_because.clone() {
        return view! {
            <Banner id="refused" tone=views::Tone::Wait title="It can't be asked for now">
                <p class="mt-1">{why}</p>
            </Banner>
        }
        .into_any();
    }
    let (number, key) = (page.row.number.clone(), page.finding.key.clone());
    let (reason, until) = (page.typed_reason.clone(), page.typed_until.clone());
    let hint = format!(
        "Year-month-day, {} at the latest. It ends by itself after that day.",
        page.latest
    );
    let [bad_reason, bad_until] =
        ["waiver_reason", "until"].map(|field| bad(&page.problems, field));
    view! {
        <Card id="ask" title="Ask for a waiver">
            <PostForm action=AskWaiver::url() class="max-w-xl space-y-3">
                <Hidden name="change" value=number />
                <Hidden name="rule" value=key.rule />
                <Hidden name="stack" value=key.stack />
                <Hidden name="resource" value=key.resource />
                <Hidden name="path" value=key.path />
                <TextArea
                    name="waiver_reason"
                    label="Why should it be let through?"
                    hint="Security reads this, and whoever looks at the finding later."
                    value=reason
                    problem=bad_reason
                />
                <TextField
                    name="until"
                    label="Last day"
                    hint=hint
                    value=until
                    problem=bad_until
                />
                <Button label="Ask security" kind=Kind::Main />
            </PostForm>
        </Card>
    }
    .into_any()
}
