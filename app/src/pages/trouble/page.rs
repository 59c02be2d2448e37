use crate::api::AppError;
use crate::ui::{Link, Section, Shown, framed_page, from_address, shown};
use leptos::prelude::*;
use leptos_meta::Title;

/// Why a posted form was refused. The address names the sort of refusal; the words are ours.
#[component]
pub fn TroublePage() -> impl IntoView {
    let error = match from_address("kind").as_deref() {
        Some("signed-out") => AppError::SignedOut,
        Some("forbidden") => AppError::Forbidden {
            why: "What you asked for takes a role that your sign-in does not grant.".to_owned(),
        },
        Some("unavailable") => AppError::Unavailable,
        Some("malformed") => AppError::Malformed {
            message: "The form that came in was not complete.".to_owned(),
        },
        _ => unknown(),
    };
    refused(error)
}

/// An address that leads nowhere.
#[component]
pub fn UnknownPage() -> impl IntoView {
    refused(unknown())
}

fn unknown() -> AppError {
    AppError::NotFound {
        what: "page".to_owned(),
    }
}

fn refused(error: AppError) -> impl IntoView {
    let page = Resource::new(
        || (),
        move |()| {
            let error = error.clone();
            async move { shown::<()>(Err(error)).await }
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
