//! The paths between groups and outside networks as a drawing. The table below it says the same.

mod layout;

use domain::access::{Path, PathState};
use layout::{Arrow, EndBox, lay_out};
use leptos::prelude::*;

/// The drawing. Whoever does not see it is told what it shows, and led to the table.
#[component]
pub fn Drawing(
    /// Every path.
    paths: Vec<Path>,
) -> impl IntoView {
    let drawn = lay_out(&paths);
    let count = |state| paths.iter().filter(|path| path.state == state).count();
    let words = format!(
        "Network paths: {} gained, {} lost, {} stay. The table below says the same.",
        count(PathState::Gained),
        count(PathState::Lost),
        count(PathState::Kept)
    );
    let (width, height) = (drawn.width, drawn.height);
    let left_out = (drawn.left_out > 0).then(|| {
        view! {
            <p class="soft px-4 pb-1">
                {drawn.left_out} " paths are left out of the drawing; the table below has all."
            </p>
        }
    });
    view! {
        <div class="drawing" tabindex="0" role="region" aria-label="Drawing of the network paths">
            <svg
                role="img"
                aria-label=words
                width=width
                height=height
                viewBox=format!("0 0 {width} {height}")
            >
                <defs>{HEADS.map(head).collect_view()}</defs>
                {drawn.arrows.iter().map(line).collect_view()}
                {drawn.boxes.into_iter().map(labelled_box).collect_view()}
                {drawn.arrows.into_iter().map(label).collect_view()}
            </svg>
        </div>
        {left_out}
        <p class="soft px-4 pb-2" aria-hidden="true">
            <span class="text-grow">"━ + gained"</span>
            " · "
            <span class="text-shrink">"╌ − lost"</span>
            " · ─ stays"
        </p>
    }
}

const HEADS: [(&str, &str); 3] = [
    ("head-gained", "head path-gained"),
    ("head-lost", "head path-lost"),
    ("head-kept", "head path-kept"),
];

fn head((id, class): (&'static str, &'static str)) -> AnyView {
    view! {
        <marker
            id=id
            viewBox="0 0 10 10"
            refX="9"
            refY="5"
            markerUnits="userSpaceOnUse"
            markerWidth="11"
            markerHeight="11"
            orient="auto-start-reverse"
        >
            <path class=class d="M0 0L10 5L0 10z"></path>
        </marker>
    }
    .into_any()
}

fn line(arrow: &Arrow) -> AnyView {
    let (class, head) = match arrow.state {
        PathState::Gained => ("path path-gained", "url(#head-gained)"),
        PathState::Lost => ("path path-lost", "url(#head-lost)"),
        PathState::Kept => ("path path-kept", "url(#head-kept)"),
    };
    view! { <path class=class d=arrow.curve.clone() marker-end=head></path> }.into_any()
}

fn label(arrow: Arrow) -> AnyView {
    let (class, sign) = match arrow.state {
        PathState::Gained => ("path-label path-gained", "+ "),
        PathState::Lost => ("path-label path-lost", "− "),
        PathState::Kept => ("path-label path-kept", ""),
    };
    view! {
        <text class=class x=arrow.label_x y=arrow.label_y text-anchor="middle">
            {format!("{sign}{}", arrow.label)}
        </text>
    }
    .into_any()
}

fn labelled_box(it: EndBox) -> AnyView {
    let class = if it.outside {
        "path-end path-end-outside"
    } else {
        "path-end"
    };
    let (x, y) = (it.x + it.width / 2, it.y + it.height / 2 + 4);
    view! {
        <g>
            <title>{it.name}</title>
            <rect class=class x=it.x y=it.y width=it.width height=it.height rx="6"></rect>
            <text class="path-name" x=x y=y text-anchor="middle">
                {it.label}
            </text>
        </g>
    }
    .into_any()
}
