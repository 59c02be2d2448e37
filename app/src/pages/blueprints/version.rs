use super::load_version::{LookingAt, load_version};
use super::version_parts::VersionParts;
use super::vetting_steps::vetting_steps;
use super::vettings::Vettings;
use crate::ui::{
    Card, Definition, Definitions, ErrorSummary, Link, Mono, Section, Static, StatusTag, When,
    framed_page, from_address, shown, title_of_form, version_address,
};
use leptos::prelude::*;
use leptos_meta::Title;

/// One version of a blueprint: what it grants and opens, and whether teams may have it.
#[component]
pub fn VersionPage() -> impl IntoView {
    let name = from_address("name").unwrap_or_default();
    let digest = from_address("digest").unwrap_or_default();
    let draft = from_address("draft");
    let looking = LookingAt {
        stage: from_address("stage"),
        against: from_address("against"),
        access: from_address("access"),
        verdict: from_address("verdict"),
        subject: from_address("subject"),
    };
    let page = Resource::new(
        || (),
        move |()| {
            let (name, digest) = (name.clone(), digest.clone());
            let (draft, looking) = (draft.clone(), looking.clone());
            async move { shown(load_version(name, digest, draft, looking).await).await }
        },
    );
    framed_page(page, Section::Blueprints, version)
}

fn version(parts: VersionParts) -> AnyView {
    let steps = vetting_steps(&parts.page);
    let page = parts.page;
    let (name, version) = (page.title, page.version);
    let of_name = name.clone();
    let title = title_of_form(&format!("{name} {version}"), &page.problems);
    let of_blueprint = format!("/blueprints/{}", page.name);
    let before = page.compared_with.map(|(version, digest)| {
        let href = version_address(&page.name, &digest);
        view! {
            <Definition term="Compared with">
                <Link href=href>{version}</Link>
            </Definition>
        }
    });
    let notes = Some(page.change_notes).filter(|notes| !notes.is_empty());
    let notes = notes.map(|notes| view! { <Definition term="What is new">{notes}</Definition> });
    view! {
        <Title text=title />
        <ErrorSummary problems=page.problems />
        <div class="flex flex-wrap items-start gap-3">
            <div class="min-w-0 flex-1 basis-64">
                <p class="soft">
                    <Link href="/blueprints">"Blueprints"</Link>
                    " / "
                    <Link href=of_blueprint>{of_name}</Link>
                </p>
                <h1 class="text-xl font-semibold leading-7">
                    {name} " " <span class="soft font-normal">{version}</span>
                </h1>
            </div>
            <StatusTag status=page.status />
        </div>
        <div class="mt-4 space-y-4">
            <Card id="about" title="About this version">
                <Definitions>
                    {notes} {before}
                    <Definition term="Read">
                        <When moment=page.read />
                    </Definition>
                    <Definition term="Digest">
                        <Mono text=page.digest />
                    </Definition>
                </Definitions>
            </Card>
            {steps}
            <Static markup=parts.access class="space-y-4" />
            <Vettings entries=page.vettings />
        </div>
    }
    .into_any()
}
