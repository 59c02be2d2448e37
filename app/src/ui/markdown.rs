//! The small part of Markdown that runbooks use: headings, paragraphs, lists, tables, code, strong
//! words and web links. It becomes views, never HTML text, so nothing in it can be markup.
use leptos::prelude::*;

/// A text in Markdown. Its headings stand below a card's.
#[component]
pub fn Markdown(
    /// The text.
    #[prop(into)]
    text: String,
) -> impl IntoView {
    let blocks: Vec<_> = parse(&text).into_iter().map(show_block).collect();
    view! { <div class="reading">{blocks}</div> }
}

#[derive(Debug, PartialEq)]
enum Block {
    Heading(usize, Vec<Span>),
    Paragraph(Vec<Span>),
    List {
        ordered: bool,
        items: Vec<Vec<Span>>,
    },
    Code(String),
    Table {
        head: Vec<Vec<Span>>,
        rows: Vec<Vec<Vec<Span>>>,
    },
}

#[derive(Debug, PartialEq)]
enum Span {
    Text(String),
    Code(String),
    Strong(String),
    Link { text: String, href: String },
}

fn parse(text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        let trimmed = line.trim();
        if trimmed.is_empty() {
            continue;
        }
        if trimmed.starts_with("```") {
            let code: Vec<_> = lines
                .by_ref()
                .take_while(|line| !line.trim().starts_with("```"))
                .collect();
            blocks.push(Block::Code(code.join("\n")));
        } else if let Some((level, words)) = heading(trimmed) {
            blocks.push(Block::Heading(level, spans(words)));
        } else if trimmed.starts_with('|') {
            let mut rows = vec![cells(trimmed)];
            while let Some(row) = lines.next_if(|line| line.trim().starts_with('|')) {
                if !row
                    .trim()
                    .chars()
                    .all(|c| matches!(c, '|' | '-' | ':' | ' '))
                {
                    rows.push(cells(row.trim()));
                }
            }
            let head = rows.remove(0);
            blocks.push(Block::Table { head, rows });
        } else if let Some((ordered, first)) = item(trimmed) {
            let mut items = vec![first.to_owned()];
            while let Some(next) = lines.next_if(|line| {
                let next = line.trim();
                !next.is_empty()
                    && match item(next) {
                        Some((same, _)) => same == ordered,
                        None => line.starts_with(' '),
                    }
            }) {
                match (item(next.trim()), items.last_mut()) {
                    (Some((_, words)), _) => items.push(words.to_owned()),
                    (None, Some(last)) => {
                        last.push(' ');
                        last.push_str(next.trim());
                    }
                    (None, None) => {}
                }
            }
            let items = items.iter().map(|words| spans(words)).collect();
            blocks.push(Block::List { ordered, items });
        } else {
            let mut words = trimmed.to_owned();
            while let Some(next) = lines.next_if(|line| continues_paragraph(line.trim())) {
                words.push(' ');
                words.push_str(next.trim());
            }
            blocks.push(Block::Paragraph(spans(&words)));
        }
    }
    blocks
}

fn continues_paragraph(line: &str) -> bool {
    !line.is_empty()
        && !line.starts_with("```")
        && !line.starts_with('|')
        && heading(line).is_none()
        && item(line).is_none()
}

fn heading(line: &str) -> Option<(usize, &str)> {
    let level = line.chars().take_while(|c| *c == '#').count();
    let words = line.get(level..)?.strip_prefix(' ')?;
    (1..=6).contains(&level).then_some((level, words.trim()))
}

/// Whether it begins an item of a list: ordered or not, and its words.
fn item(line: &str) -> Option<(bool, &str)> {
    if let Some(words) = line.strip_prefix("- ").or_else(|| line.strip_prefix("* ")) {
        return Some((false, words.trim()));
    }
    let (number, words) = line.split_once(". ")?;
    let is_number = (1..=3).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit());
    is_number.then_some((true, words.trim()))
}

fn cells(row: &str) -> Vec<Vec<Span>> {
    let row = row.strip_prefix('|').unwrap_or(row);
    let row = row.strip_suffix('|').unwrap_or(row);
    row.split('|').map(|cell| spans(cell.trim())).collect()
}

fn spans(words: &str) -> Vec<Span> {
    let mut spans = Vec::new();
    let mut plain = String::new();
    let mut rest = words;
    while let Some(next) = rest.chars().next() {
        match marked(rest) {
            Some((span, after)) => {
                if !plain.is_empty() {
                    spans.push(Span::Text(std::mem::take(&mut plain)));
                }
                spans.push(span);
                rest = after;
            }
            None => {
                plain.push(next);
                rest = rest.get(next.len_utf8()..).unwrap_or_default();
            }
        }
    }
    if !plain.is_empty() {
        spans.push(Span::Text(plain));
    }
    spans
}

/// Code, strong words or a link at the start of the text, and what follows.
fn marked(text: &str) -> Option<(Span, &str)> {
    if let Some(rest) = text.strip_prefix('`') {
        let (code, after) = rest.split_once('`')?;
        return Some((Span::Code(code.to_owned()), after));
    }
    if let Some(rest) = text.strip_prefix("**") {
        let (strong, after) = rest.split_once("**")?;
        return Some((Span::Strong(strong.to_owned()), after));
    }
    let (words, rest) = text.strip_prefix('[')?.split_once("](")?;
    let (href, after) = rest.split_once(')')?;
    let leads_to_the_web = href.starts_with("https://") || href.starts_with("http://");
    (leads_to_the_web && !words.contains('[')).then(|| {
        let (text, href) = (words.to_owned(), href.to_owned());
        (Span::Link { text, href }, after)
    })
}

fn show_block(block: Block) -> AnyView {
    match block {
        Block::Heading(1 | 2, spans) => view! { <h3>{show(spans)}</h3> }.into_any(),
        Block::Heading(3, spans) => view! { <h4>{show(spans)}</h4> }.into_any(),
        Block::Heading(_, spans) => view! { <h5>{show(spans)}</h5> }.into_any(),
        Block::Paragraph(spans) => view! { <p>{show(spans)}</p> }.into_any(),
        Block::List { ordered, items } => {
            let items: Vec<_> = items
                .into_iter()
                .map(|item| view! { <li>{show(item)}</li> })
                .collect();
            if ordered {
                view! { <ol>{items}</ol> }.into_any()
            } else {
                view! { <ul>{items}</ul> }.into_any()
            }
        }
        Block::Code(code) => view! { <pre class="code" tabindex="0">{code}</pre> }.into_any(),
        Block::Table { head, rows } => view! {
            <div class="overflow-x-auto" tabindex="0" role="group" aria-label="Table">
                <table class="plain-table">
                    <thead>
                        <tr>
                            {head
                                .into_iter()
                                .map(|cell| view! { <th scope="col">{show(cell)}</th> })
                                .collect_view()}
                        </tr>
                    </thead>
                    <tbody>
                        {rows
                            .into_iter()
                            .map(|row| {
                                view! {
                                    <tr>
                                        {row
                                            .into_iter()
                                            .map(|cell| view! { <td>{show(cell)}</td> })
                                            .collect_view()}
                                    </tr>
                                }
                            })
                            .collect_view()}
                    </tbody>
                </table>
            </div>
        }
        .into_any(),
    }
}

fn show(spans: Vec<Span>) -> Vec<AnyView> {
    spans
        .into_iter()
        .map(|span| match span {
            Span::Text(words) => words.into_any(),
            Span::Code(words) => view! { <code>{words}</code> }.into_any(),
            Span::Strong(words) => view! { <strong>{words}</strong> }.into_any(),
            Span::Link { text, href } => view! {
                <a href=href rel="external noopener noreferrer">
                    {text}
                </a>
            }
            .into_any(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(words: &str) -> Vec<Span> {
        vec![Span::Text(words.to_owned())]
    }

    #[test]
    fn blocks_are_told_apart() {
        let blocks = parse(
            "# Title\nOne\ntwo.\n- a\n  more of a\n- b\n\n1. first\n2. second\n\n```\nlet x;\n# no heading\n```\n\
             | k | v |\n|---|:-:|\n| a | `b` |\nend",
        );
        assert_eq!(
            blocks,
            [
                Block::Heading(1, text("Title")),
                Block::Paragraph(text("One two.")),
                Block::List {
                    ordered: false,
                    items: vec![text("a more of a"), text("b")]
                },
                Block::List {
                    ordered: true,
                    items: vec![text("first"), text("second")]
                },
                Block::Code("let x;\n# no heading".to_owned()),
                Block::Table {
                    head: vec![text("k"), text("v")],
                    rows: vec![vec![text("a"), vec![Span::Code("b".to_owned())]]],
                },
                Block::Paragraph(text("end")),
            ]
        );
    }

    #[test]
    fn spans_are_told_apart_and_unclosed_marks_are_text() {
        assert_eq!(
            spans("Read `a|b` **now** at [AWS](https://aws.example.test/a)."),
            [
                Span::Text("Read ".to_owned()),
                Span::Code("a|b".to_owned()),
                Span::Text(" ".to_owned()),
                Span::Strong("now".to_owned()),
                Span::Text(" at ".to_owned()),
                Span::Link {
                    text: "AWS".to_owned(),
                    href: "https://aws.example.test/a".to_owned()
                },
                Span::Text(".".to_owned()),
            ]
        );
        assert_eq!(spans("a ` b ** c [d"), text("a ` b ** c [d"));
        assert_eq!(
            spans("[x](javascript:alert(1))"),
            text("[x](javascript:alert(1))")
        );
    }

    #[test]
    fn no_text_makes_it_panic() {
        for text in [
            "#",
            "|",
            "||",
            "```",
            "- ",
            "1. ",
            "[](",
            "**",
            "é`ü",
            "|é\n|-\n|",
        ] {
            parse(text);
        }
    }
}
