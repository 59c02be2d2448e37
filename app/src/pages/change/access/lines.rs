//! The lines behind a verdict: statements, attachments and rules that come, go and stay.
use super::{Around, Layout};
use crate::ui::{Cell, Row, RowHead, Table};
use domain::access::{self, Line, Verdict};
use leptos::prelude::*;

/// Lines that stay before the rest is left to the template.
const UNCHANGED: usize = 50;

/// What the columns are called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Columns {
    /// Of statements.
    Statements,
    /// Of rules.
    Rules,
}

impl Columns {
    fn action(self) -> &'static str {
        match self {
            Columns::Statements => "action",
            Columns::Rules => "traffic",
        }
    }

    fn resource(self) -> &'static str {
        match self {
            Columns::Statements => "on what",
            Columns::Rules => "from or to",
        }
    }
}

/// What becomes of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Comes,
    Goes,
    Stays,
}

/// Which way a line moves access, as far as one line can say so and the verdict agrees: a `Deny` that
/// comes is no gain, and no line of a rewritten policy is.
fn direction(line: &Line, fate: Fate, verdict: Verdict) -> Direction {
    let comes = match fate {
        Fate::Comes => true,
        Fate::Goes => false,
        Fate::Stays => return Direction::Neither,
    };
    let grows = match (
        line.effect.to_ascii_lowercase().as_str(),
        line.place.as_str(),
    ) {
        ("deny", _) => !comes,
        // A boundary lets through what it names and cuts off the rest.
        (_, "boundary") => return Direction::Neither,
        _ => comes,
    };
    let agrees = match verdict {
        Verdict::Equivalent => false,
        Verdict::Narrowed => !grows,
        Verdict::Widened => grows,
        Verdict::Changed | Verdict::Undecided => true,
    };
    match (agrees, grows) {
        (false, _) => Direction::Neither,
        (true, true) => Direction::Grows,
        (true, false) => Direction::Shrinks,
    }
}

/// Which way a line moves access.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Direction {
    Grows,
    Shrinks,
    Neither,
}

/// Lines that come and go.
#[component]
pub fn Lines(
    /// The lines.
    lines: access::Lines,
    /// What the columns are called.
    columns: Columns,
    /// What they come to.
    verdict: Verdict,
    /// What the table holds, for those who don't see it.
    caption: String,
    /// The page it stands on.
    around: Around,
) -> impl IntoView {
    match around.look.layout {
        Layout::Inline => {
            let added = lines.added.into_iter().map(|line| (Fate::Comes, line));
            let removed = lines.removed.into_iter().map(|line| (Fate::Goes, line));
            let lines = added.chain(removed).collect();
            inline(lines, columns, verdict, caption, &around)
        }
        Layout::SideBySide => side_by_side(lines, verdict, caption, &around),
    }
}

/// Lines that stay, on demand.
#[component]
pub fn Unchanged(
    /// The lines.
    lines: Vec<Line>,
    /// What the columns are called.
    columns: Columns,
    /// What the table holds, for those who don't see it.
    caption: String,
    /// The page it stands on.
    around: Around,
) -> impl IntoView {
    let count = lines.len();
    let more = count.saturating_sub(UNCHANGED);
    let words = match count {
        1 => "1 line stays".to_owned(),
        count => format!("{count} lines stay"),
    };
    let lines = lines.into_iter().take(UNCHANGED);
    let lines = lines.map(|line| (Fate::Stays, line)).collect();
    view! {
        <details class="folded">
            <summary class="px-4">{words}</summary>
            {inline(lines, columns, Verdict::Equivalent, caption, &around)}
            {(more > 0)
                .then(|| view! { <p class="soft px-4 py-1">{more} " more stand in the template."</p> })}
        </details>
    }
}

fn inline(
    lines: Vec<(Fate, Line)>,
    columns: Columns,
    verdict: Verdict,
    caption: String,
    around: &Around,
) -> AnyView {
    let with = |field: Field| lines.iter().any(|(_, line)| !field(line).is_empty());
    let (who, condition) = (with(|line| &line.principal), with(|line| &line.condition));
    let (action, resource) = (with(|line| &line.action), with(|line| &line.resource));
    let effect = lines.iter().any(|(_, line)| line.effect != "-");
    let mut names = vec!["change", "where"];
    names.extend(effect.then_some("effect"));
    names.extend(who.then_some("who"));
    names.extend(action.then_some(columns.action()));
    names.extend(resource.then_some(columns.resource()));
    names.extend(condition.then_some("condition"));
    let rows: Vec<_> = lines
        .into_iter()
        .map(|(fate, line)| {
            let words = match fate {
                Fate::Comes => "+ added",
                Fate::Goes => "− removed",
                Fate::Stays => "= stays",
            };
            let (class, ink) = match direction(&line, fate, verdict) {
                Direction::Grows => ("row-gained", "steady text-grow font-medium"),
                Direction::Shrinks => ("row-lost", "steady text-shrink font-medium"),
                Direction::Neither => ("", "steady soft font-medium"),
            };
            let place = place(&line, around);
            let cells = view! {
                {effect.then(|| cell("effect", "mono whole", line.effect))}
                {who.then(|| mono("who", line.principal))}
                {action.then(|| mono(columns.action(), line.action))}
                {resource.then(|| mono(columns.resource(), line.resource))}
                {condition.then(|| mono("condition", line.condition))}
            }
            .into_any();
            view! {
                <Row class=class>
                    <RowHead class=ink>{words}</RowHead>
                    <Cell label="where" class="roomy">
                        {place}
                    </Cell>
                    {cells}
                </Row>
            }
        })
        .collect();
    view! {
        <Table caption=caption columns=names>
            {rows}
        </Table>
    }
    .into_any()
}

/// Where a line stands: the resource, leading to the template, and the place in it.
fn place(line: &Line, around: &Around) -> AnyView {
    view! {
        {around.name(&line.source)}
        " "
        <span class="soft">{line.place.clone()}</span>
    }
    .into_any()
}

fn mono(label: &'static str, text: String) -> AnyView {
    let class = if text.is_empty() {
        "mono empty"
    } else {
        "mono roomy"
    };
    cell(label, class, text)
}

fn cell(label: &'static str, class: &'static str, text: String) -> AnyView {
    view! {
        <Cell label=label class=class>
            {text}
        </Cell>
    }
    .into_any()
}

/// Lines that stand in the same place, before and after; those without a counterpart by themselves.
fn pairs(lines: access::Lines) -> Vec<(Option<Line>, Option<Line>)> {
    let mut added: Vec<Option<Line>> = lines.added.into_iter().map(Some).collect();
    let mut pairs = Vec::new();
    for before in lines.removed {
        let after = added
            .iter_mut()
            .find(|after| {
                after.as_ref().is_some_and(|after| {
                    (&after.source, &after.place) == (&before.source, &before.place)
                })
            })
            .and_then(Option::take);
        pairs.push((Some(before), after));
    }
    pairs.extend(added.into_iter().flatten().map(|line| (None, Some(line))));
    pairs
}

fn side_by_side(
    lines: access::Lines,
    verdict: Verdict,
    caption: String,
    around: &Around,
) -> AnyView {
    let rows: Vec<_> = pairs(lines)
        .into_iter()
        .map(|(before, after)| {
            let where_it_stands = before
                .as_ref()
                .or(after.as_ref())
                .map(|line| place(line, around));
            let old = side(Fate::Goes, before.as_ref(), after.as_ref(), verdict);
            let new = side(Fate::Comes, after.as_ref(), before.as_ref(), verdict);
            view! {
                <Row>
                    <RowHead label="where" class="roomy">
                        {where_it_stands}
                    </RowHead>
                    <Cell label="before" class="side">
                        {old}
                    </Cell>
                    <Cell label="after" class="side">
                        {new}
                    </Cell>
                </Row>
            }
        })
        .collect();
    view! {
        <Table caption=caption columns=vec!["where", "before", "after"]>
            {rows}
        </Table>
    }
    .into_any()
}

/// What a line says in one column.
type Field = fn(&Line) -> &String;

/// One side of a pair, with what differs from the other side in bold.
fn side(
    fate: Fate,
    line: Option<&Line>,
    other: Option<&Line>,
    verdict: Verdict,
) -> Option<AnyView> {
    let line = line?;
    let words = if fate == Fate::Comes {
        "+ added "
    } else {
        "− removed "
    };
    let (look, ink) = match direction(line, fate, verdict) {
        Direction::Grows => ("side-line side-grows", "text-grow font-medium"),
        Direction::Shrinks => ("side-line side-shrinks", "text-shrink font-medium"),
        Direction::Neither => ("side-line", "soft font-medium"),
    };
    let fields: [(&str, Field); 5] = [
        ("", |line| &line.effect),
        ("who", |line| &line.principal),
        ("", |line| &line.action),
        ("on", |line| &line.resource),
        ("if", |line| &line.condition),
    ];
    let fields = fields
        .into_iter()
        .map(|(word, field)| (word, field(line), other.map(field)))
        .filter(|(_, text, _)| !text.is_empty() && text.as_str() != "-")
        .map(|(word, text, other)| {
            let differs = other.is_some_and(|other| other != text);
            let class = if differs { "mono font-bold" } else { "mono" };
            view! {
                {(!word.is_empty()).then(|| view! { <span class="soft">{word} " "</span> })}
                <span class=class>{text.clone()}</span>
                " "
            }
        })
        .collect_view();
    Some(
        view! {
            <div class=look>
                <span class=ink>{words}</span>
                {fields}
            </div>
        }
        .into_any(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(place: &str, action: &str) -> Line {
        Line {
            place: place.to_owned(),
            action: action.to_owned(),
            ..Line::default()
        }
    }

    #[test]
    fn a_line_is_a_gain_only_where_it_lets_something_in() {
        let allow = line("policy a", "s3:*");
        let deny = Line {
            effect: "Deny".to_owned(),
            ..line("policy a", "s3:*")
        };
        let boundary = line("boundary", "");
        let cases = [
            (&allow, Fate::Comes, Verdict::Widened, Direction::Grows),
            (&allow, Fate::Goes, Verdict::Changed, Direction::Shrinks),
            (&deny, Fate::Goes, Verdict::Widened, Direction::Grows),
            (&deny, Fate::Comes, Verdict::Narrowed, Direction::Shrinks),
            (&boundary, Fate::Goes, Verdict::Widened, Direction::Neither),
            // A wider statement takes the place of a narrower one.
            (&allow, Fate::Goes, Verdict::Widened, Direction::Neither),
            (&allow, Fate::Comes, Verdict::Equivalent, Direction::Neither),
            (&allow, Fate::Stays, Verdict::Widened, Direction::Neither),
        ];
        for (line, fate, verdict, expected) in cases {
            assert_eq!(direction(line, fate, verdict), expected, "{line:?}");
        }
    }

    #[test]
    fn lines_of_one_place_stand_beside_each_other() {
        let lines = access::Lines {
            added: vec![line("policy a", "s3:*"), line("trust", "sts:AssumeRole")],
            removed: vec![line("boundary", ""), line("policy a", "s3:GetObject")],
            unchanged: Vec::new(),
        };
        let found: Vec<_> = pairs(lines)
            .into_iter()
            .map(|(before, after)| (before.map(|it| it.place), after.map(|it| it.action)))
            .collect();
        let some = |words: &str| Some(words.to_owned());
        assert_eq!(
            found,
            [
                (some("boundary"), None),
                (some("policy a"), some("s3:*")),
                (None, some("sts:AssumeRole")),
            ]
        );
    }
}
