//! Who may reach what: the drawing, the same as a table, then each group.
use super::counts::counts;
use super::drawing::Drawing;
use super::others::other_rules;
use super::subject::{Judged, subjects};
use super::{Against, Around};
use crate::ui::{Card, Cell, Row, RowHead, Table};
use domain::access::{NetworkReview, Path, PathState};
use leptos::prelude::*;

const ID: &str = "who-may-reach-what";

/// Who may reach what, before against after.
#[component]
pub fn Network(
    /// The review.
    review: NetworkReview,
    /// The page it stands on.
    around: Around,
) -> impl IntoView {
    let verdicts: Vec<_> = review.groups.iter().map(|it| it.verdict).collect();
    let others = other_rules(&review, &around);
    let nothing = review.groups.is_empty();
    let untouched = match around.against {
        Against::Before => "No rule is touched: everything is reached as it was before.",
        Against::Vetted => "No rule differs from what was vetted.",
    };
    let tags = view! {
        {counts(&verdicts)}
        {(!nothing).then(|| around.layout_link(ID))}
    }
    .into_any();
    let has_paths = !review.paths.is_empty();
    let all: Vec<Judged> = review.groups.into_iter().map(Judged::from).collect();
    view! {
        <Card id=ID title="Who may reach what" tags=tags bare=true>
            {nothing
                .then(|| {
                    view! { <p class="soft px-4 py-3">{untouched}</p> }
                })}
            {has_paths
                .then(|| {
                    view! {
                        <Drawing paths=review.paths.clone() />
                        {table(review.paths)}
                    }
                })} {subjects(all, &around, ID)} {others}
        </Card>
    }
}

/// Every path of the drawing and of those left out of it: what comes and goes, and on demand what stays.
fn table(paths: Vec<Path>) -> AnyView {
    let (kept, mut moving): (Vec<_>, Vec<_>) = paths
        .into_iter()
        .partition(|path| path.state == PathState::Kept);
    moving.sort_by(|one, other| {
        let rank = |path: &Path| path.state != PathState::Gained;
        rank(one).cmp(&rank(other)).then_with(|| one.cmp(other))
    });
    let moving = (!moving.is_empty()).then(|| rows("Paths that open and close", moving));
    let count = kept.len();
    let words = match count {
        1 => "1 path stays".to_owned(),
        count => format!("{count} paths stay"),
    };
    let kept = (count > 0).then(|| {
        view! {
            <details class="folded">
                <summary class="px-4">{words}</summary>
                {rows("Paths that stay", kept)}
            </details>
        }
    });
    view! { <div class="border-b border-line pb-2 last:border-b-0">{moving} {kept}</div> }
        .into_any()
}

fn rows(caption: &'static str, paths: Vec<Path>) -> AnyView {
    let rows: Vec<_> = paths.into_iter().map(row).collect();
    view! {
        <Table caption=caption columns=vec!["change", "from", "to", "traffic"]>
            {rows}
        </Table>
    }
    .into_any()
}

fn row(path: Path) -> AnyView {
    let (class, ink, words) = match path.state {
        PathState::Gained => ("row-gained", "steady text-grow font-medium", "+ gained"),
        PathState::Lost => ("row-lost", "steady text-shrink font-medium", "− lost"),
        PathState::Kept => ("", "steady soft", "= stays"),
    };
    view! {
        <Row class=class>
            <RowHead class=ink>{words}</RowHead>
            <Cell label="from" class="mono roomy">
                {path.from}
            </Cell>
            <Cell label="to" class="mono roomy">
                {path.to}
            </Cell>
            <Cell label="traffic" class="mono">
                {path.traffic}
            </Cell>
        </Row>
    }
    .into_any()
}
