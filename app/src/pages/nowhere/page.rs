use crate::api::AppError;
use crate::ui::{Link, Section, Shown, framed_page, shown};
use leptos::prelude::*;
use leptos_meta::Title;

/// An address that leads nowhere.
#[component]
pub fn UnknownPage() -> impl IntoView {
    let page = Resource::new(
        || (),
        |()| {
            let what = "page".to_owned();
            shown::<()>(Err(AppError::NotFound { what }))
        },
    );
    framed_page(page, Section::Elsewhere, |()| ().into_any())
}

/// Where signing out leads.
#[component]
pub fn SignedOutPage() -> impl IntoView {
    let page = Resource::new(|| (), |()| async { Shown::to_nobody(()) });
    framed_page(page, Section::Elsewhere, |()| {
        view! {
            <Title text="Signed out" />
            <div class="card max-w-xl p-5">
                <h1 class="text-xl font-semibold leading-7">"You are signed out"</h1>
                <p class="mt-2">"What you asked for goes on without you."</p>
                <p class="mt-3">
                    <Link href="/sign-in" class="button button-main">
                        "Sign in"
                    </Link>
                </p>
            </div>
        }
        .into_any()
    })
}
