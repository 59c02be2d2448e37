//! What a version grants and opens: each stage in a line, then one of them with all its lines. Made into HTML on the
//! server only (docs/adr/0005).
use crate::api::views::{StageAccess, Tone, VersionAccess, VersionPage};
use crate::pages::change::access::{Access, Against, Around, Look, NOTHING, headline, proof};
use crate::ui::{
    Banner, Card, Cell, Link, Row, RowHead, Table, VerdictTag, address, version_address,
};
use domain::access::AccessReview;
use domain::stage::Stage;
use leptos::prelude::*;

/// The heading that a link to one stage leads to.
const ID: &str = "at-stage";

/// The access of a version at every stage, and at one of them whole: at the first where none is named. `whole` asks
/// for everything rather than the difference to the version before.
pub fn version_access(
    page: &VersionPage,
    stages: &[StageAccess],
    stage: Option<Stage>,
    whole: bool,
    look: Look,
) -> AnyView {
    let shown = match stage {
        Some(stage) => stages.iter().find(|it| it.stage == stage),
        None => stages.first(),
    };
    let rows: Vec<_> = stages.iter().map(|it| row(page, it)).collect();
    let one = shown.map(|shown| match &shown.access {
        Ok(access) => one_stage(page, shown.stage, access, whole, look),
        Err(why) => unreadable(shown.stage, why),
    });
    view! {
        <Card id="stages" title="Access at every stage" bare=true>
            <Table
                caption="What this version does to access, by stage"
                columns=&["stage", "difference", "as a whole"]
            >
                {rows}
            </Table>
        </Card>
        {one}
    }
    .into_any()
}

fn place(page: &VersionPage) -> String {
    version_address(&page.name, &page.digest)
}

fn at(page: &VersionPage, stage: Stage, against: &str) -> String {
    let query = [("stage", stage.as_str()), ("against", against)];
    format!("{}#{ID}", address(&place(page), &query))
}

fn row(page: &VersionPage, it: &StageAccess) -> AnyView {
    let stage = it.stage;
    let (difference, whole) = match &it.access {
        Err(_) => (
            "It can't be read".into_any(),
            view! { <Link href=at(page, stage, "")>"See why"</Link> }.into_any(),
        ),
        Ok(access) => {
            let difference = match &access.difference {
                Some(review) => {
                    let words = words(review);
                    view! {
                        <VerdictTag verdict=review.verdict />
                        " "
                        <Link href=at(page, stage, "")>{words}</Link>
                    }
                    .into_any()
                }
                None => view! { <span class="soft">"nothing to compare with"</span> }.into_any(),
            };
            let words = words(&access.whole);
            let whole = view! { <Link href=at(page, stage, NOTHING)>{words}</Link> };
            (difference, whole.into_any())
        }
    };
    view! {
        <Row>
            <RowHead>{stage.as_str()}</RowHead>
            <Cell label="difference">{difference}</Cell>
            <Cell label="as a whole">{whole}</Cell>
        </Row>
    }
    .into_any()
}

fn words(review: &AccessReview) -> String {
    headline(review, Against::Before).words
}

fn one_stage(
    page: &VersionPage,
    stage: Stage,
    access: &VersionAccess,
    whole: bool,
    look: Look,
) -> AnyView {
    let difference = access.difference.as_ref().filter(|_| !whole);
    let review = difference.unwrap_or(&access.whole);
    let headline = headline(review, Against::Before);
    let before = page.compared_with.as_ref().map(|(version, _)| version);
    let compared = match (difference, before) {
        (Some(_), Some(version)) => {
            format!("Compared with version {version} at {stage}, each with the stage's defaults.")
        }
        _ => "Compared with nothing: all that it grants and opens with the stage's defaults."
            .to_owned(),
    };
    let other = access.difference.is_some().then(|| {
        let (href, words) = match difference {
            Some(_) => (at(page, stage, NOTHING), "Show its whole access"),
            None => (at(page, stage, ""), "Show only the difference"),
        };
        view! {
            " "
            <Link href=href class="underlined">
                {words}
            </Link>
        }
    });
    let also = [
        ("stage", stage.as_str()),
        ("against", if whole { NOTHING } else { "" }),
    ];
    let also = also.map(|(name, value)| (name, value.to_owned()));
    let also = also.into_iter().filter(|(_, value)| !value.is_empty());
    let around = Around::of_page(place(page), look, also.collect());
    let title = format!("At {stage}: {}", lower_first(&headline.words));
    let proof = proof(review, Against::Before);
    view! {
        <Banner id=ID tone=headline.tone sign=Some(headline.sign) title=title>
            <p class="soft">{compared} {other}</p>
            {proof}
        </Banner>
        <Access review=AccessReview::clone(review) around=around />
    }
    .into_any()
}

fn lower_first(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_lowercase().collect::<String>() + letters.as_str()
    })
}

fn unreadable(stage: Stage, why: &str) -> AnyView {
    let title = format!("At {stage}: its access can't be shown");
    let why = why.to_owned();
    view! {
        <Banner id=ID tone=Tone::Grow title=title>
            <p class="said mt-1">{why}</p>
        </Banner>
    }
    .into_any()
}
