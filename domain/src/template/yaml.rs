//! YAML into a tree that knows its lines and columns, with short tags in their long form.
//!
//! Anchors and aliases are copied out, within bounds on how much they may grow. Merge keys (`<<`) are refused, as
//! CloudFormation does (User Guide, "CloudFormation template format").

use std::collections::{HashMap, HashSet};

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, Tag};

use super::error::Fault;
use super::limits::{MAX_DEPTH, MAX_NODES, MAX_TEXT};
use super::node::{Entry, Kind, Node, Position};
use super::scalar;
use super::tags;

/// The tree of a document, or `None` when there is nothing in it.
pub(super) fn read(source: &str) -> Result<Option<Node>, Fault> {
    let mut builder = Builder::default();
    let mut parser = Parser::new_from_str(source.strip_prefix('\u{feff}').unwrap_or(source));
    while let Some(event) = parser.next_event() {
        let (event, span) = event.map_err(|e| {
            let at = position(*e.marker());
            // The parser's own bound on brackets; ours is lower but counts only what was read whole.
            if e.info().contains("recursion limit") {
                return too_deep(at);
            }
            Fault::new(at, format!("this is no valid YAML: {}.", e.info()))
        })?;
        builder.take(event, position(span.start))?;
    }
    Ok(builder.root)
}

fn position(marker: Marker) -> Position {
    Position {
        line: marker.line().max(1),
        column: marker.col() + 1,
    }
}

/// How much a finished node holds.
#[derive(Debug, Clone, Copy, Default)]
struct Size {
    height: usize,
    nodes: usize,
    text: usize,
}

impl Size {
    fn hold(&mut self, child: Self) {
        self.height = self.height.max(child.height + 1);
        self.nodes += child.nodes;
        self.text += child.text;
    }
}

/// A list or map that is still open.
struct Frame {
    at: Position,
    anchor: usize,
    tag: Option<&'static str>,
    size: Size,
    content: Content,
}

enum Content {
    List(Vec<Node>),
    Map {
        entries: Vec<Entry>,
        seen: HashSet<String>,
        key: Option<(String, Position)>,
    },
}

#[derive(Default)]
struct Builder {
    open: Vec<Frame>,
    anchors: HashMap<usize, (Node, Size)>,
    total: Size,
    documents: usize,
    root: Option<Node>,
}

impl Builder {
    fn take(&mut self, event: Event<'_>, at: Position) -> Result<(), Fault> {
        match event {
            Event::DocumentStart(_) => {
                self.documents += 1;
                if self.documents > 1 {
                    return Err(Fault::new(
                        at,
                        "a second document starts here. A template is one document: remove `---`.",
                    ));
                }
                Ok(())
            }
            Event::Scalar(text, style, anchor, tag) => {
                self.scalar(&text, style, anchor, tag.as_deref(), at)
            }
            Event::SequenceStart(anchor, tag) => self.open(
                Content::List(Vec::new()),
                anchor,
                collection_tag(tag.as_deref(), "seq", at)?,
                at,
            ),
            Event::MappingStart(anchor, tag) => {
                let content = Content::Map {
                    entries: Vec::new(),
                    seen: HashSet::new(),
                    key: None,
                };
                self.open(
                    content,
                    anchor,
                    collection_tag(tag.as_deref(), "map", at)?,
                    at,
                )
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(),
            Event::Alias(anchor) => self.alias(anchor, at),
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => Ok(()),
        }
    }

    /// Whether the next node is a key.
    fn wants_key(&self) -> bool {
        matches!(
            self.open.last(),
            Some(Frame {
                content: Content::Map { key: None, .. },
                ..
            })
        )
    }

    fn open(
        &mut self,
        content: Content,
        anchor: usize,
        tag: Option<&'static str>,
        at: Position,
    ) -> Result<(), Fault> {
        if self.wants_key() {
            return Err(Fault::new(
                at,
                "a list or map can't be a key. A key is a text.",
            ));
        }
        if self.open.len() >= MAX_DEPTH {
            return Err(too_deep(at));
        }
        self.open.push(Frame {
            at,
            anchor,
            tag,
            size: Size {
                height: 0,
                nodes: 1,
                text: 0,
            },
            content,
        });
        Ok(())
    }

    fn close(&mut self) -> Result<(), Fault> {
        let Some(frame) = self.open.pop() else {
            return Ok(());
        };
        let kind = match frame.content {
            Content::List(items) => Kind::List(items),
            Content::Map { entries, .. } => Kind::Map(entries),
        };
        let node = Node { at: frame.at, kind };
        self.finish(node, frame.size, frame.anchor, frame.tag)
    }

    fn scalar(
        &mut self,
        text: &str,
        style: ScalarStyle,
        anchor: usize,
        tag: Option<&Tag>,
        at: Position,
    ) -> Result<(), Fault> {
        let size = Size {
            height: 0,
            nodes: 1,
            text: text.len(),
        };
        let plain = style == ScalarStyle::Plain;
        if self.wants_key() {
            let key = key_text(text, plain, tag).map_err(|message| Fault::new(at, message))?;
            if anchor != 0 {
                self.anchors.insert(
                    anchor,
                    (
                        Node {
                            at,
                            kind: Kind::String(key.clone()),
                        },
                        size,
                    ),
                );
            }
            return self.key(key, at);
        }
        let (kind, function) = match tag {
            None if plain => (
                scalar::plain(text).map_err(|message| Fault::new(at, message))?,
                None,
            ),
            None => (Kind::String(text.to_owned()), None),
            Some(tag) => tagged_scalar(text, tag, at)?,
        };
        self.finish(Node { at, kind }, size, anchor, function)
    }

    fn alias(&mut self, anchor: usize, at: Position) -> Result<(), Fault> {
        let Some((node, size)) = self.anchors.get(&anchor) else {
            return Err(Fault::new(
                at,
                "this alias stands inside the value that it repeats. Write the value out.",
            ));
        };
        if self.wants_key() {
            let Some(key) = node.as_str().map(str::to_owned) else {
                return Err(Fault::new(
                    at,
                    format!("this alias is {}, and a key is a text.", node.described()),
                ));
            };
            return self.key(key, at);
        }
        // Checked before the copy is made, or a few lines could ask for more memory than there is.
        if self.total.nodes + size.nodes > MAX_NODES || self.total.text + size.text > MAX_TEXT {
            return Err(Fault::new(
                at,
                "the aliases make this template too large. Repeat less through them.",
            ));
        }
        let (node, size) = (node.clone(), *size);
        self.finish(node, size, 0, None)
    }

    fn key(&mut self, key: String, at: Position) -> Result<(), Fault> {
        if let Some(Frame {
            content: Content::Map {
                seen, key: pending, ..
            },
            ..
        }) = self.open.last_mut()
        {
            if !seen.insert(key.clone()) {
                return Err(Fault::new(
                    at,
                    format!("the key `{key}` stands twice in this map. Keep one of them."),
                ));
            }
            *pending = Some((key, at));
        }
        Ok(())
    }

    /// A whole node: under its tag, remembered for aliases, put where it belongs.
    fn finish(
        &mut self,
        node: Node,
        mut size: Size,
        anchor: usize,
        function: Option<&'static str>,
    ) -> Result<(), Fault> {
        let node = match function {
            Some(key) => {
                size.height += 2;
                size.nodes += 1;
                tags::expand(key, node)
            }
            None => node,
        };
        if size.height + self.open.len() > MAX_DEPTH {
            return Err(too_deep(node.at));
        }
        if anchor != 0 {
            self.anchors.insert(anchor, (node.clone(), size));
        }
        let Some(parent) = self.open.last_mut() else {
            self.root = Some(node);
            return Ok(());
        };
        // Only leaves and copies are counted into the total here; an open list or map counts its own children once.
        parent.size.hold(size);
        match &mut parent.content {
            Content::List(items) => items.push(node),
            Content::Map { entries, key, .. } => {
                if let Some((key, at)) = key.take() {
                    parent.size.text += key.len();
                    entries.push(Entry {
                        key,
                        at,
                        value: node,
                    });
                }
            }
        }
        self.total = self.open.iter().fold(Size::default(), |mut total, frame| {
            total.nodes += frame.size.nodes;
            total.text += frame.size.text;
            total
        });
        if self.total.nodes > MAX_NODES {
            return Err(Fault::new(
                Position::START,
                format!("this template holds more than {MAX_NODES} values."),
            ));
        }
        Ok(())
    }
}

fn too_deep(at: Position) -> Fault {
    Fault::new(
        at,
        format!("the file is nested deeper than {MAX_DEPTH} levels. Flatten it."),
    )
}

fn key_text(text: &str, plain: bool, tag: Option<&Tag>) -> Result<String, String> {
    if let Some(tag) = tag
        && !(tag.is_yaml_core_schema() && tag.suffix == "str")
    {
        return Err(format!(
            "the key `{text}` has the tag `{tag}`. A key is a plain text."
        ));
    }
    if !plain {
        return Ok(text.to_owned());
    }
    if text == "<<" {
        return Err("CloudFormation knows no merge keys (`<<`). Write the entries out, or use an alias for a whole \
                    value."
            .to_owned());
    }
    match scalar::plain(text)? {
        Kind::Bool(_) => Err(format!(
            "YAML reads the key `{text}` as a boolean. Quote it: \"{text}\"."
        )),
        _ => Ok(text.to_owned()),
    }
}

/// The value of a scalar with a tag, and the function that the tag calls.
fn tagged_scalar(
    text: &str,
    tag: &Tag,
    at: Position,
) -> Result<(Kind, Option<&'static str>), Fault> {
    let string = || Kind::String(text.to_owned());
    if tag.handle == "!" && !tag.suffix.is_empty() {
        return Ok((string(), Some(tags::long_key(&tag.suffix, at)?)));
    }
    if !tag.is_yaml_core_schema() {
        // A lone `!` says "a text, whatever it looks like".
        return if tag.suffix == "!" || tag.suffix.is_empty() {
            Ok((string(), None))
        } else {
            Err(unknown_tag(tag, at))
        };
    }
    let kind = match tag.suffix.as_str() {
        "str" => string(),
        "int" | "float" | "bool" => {
            let kind = scalar::plain(text).map_err(|message| Fault::new(at, message))?;
            let fits = match tag.suffix.as_str() {
                "bool" => matches!(kind, Kind::Bool(_)),
                _ => matches!(kind, Kind::Number(_)),
            };
            if !fits {
                return Err(Fault::new(
                    at,
                    format!("`{text}` is no {}, as its tag says it is.", tag.suffix),
                ));
            }
            kind
        }
        _ => return Err(unknown_tag(tag, at)),
    };
    Ok((kind, None))
}

/// The function that the tag of a list or map calls.
fn collection_tag(
    tag: Option<&Tag>,
    own: &str,
    at: Position,
) -> Result<Option<&'static str>, Fault> {
    match tag {
        None => Ok(None),
        Some(tag) if tag.handle == "!" && !tag.suffix.is_empty() => {
            tags::long_key(&tag.suffix, at).map(Some)
        }
        Some(tag) if tag.is_yaml_core_schema() && tag.suffix == own => Ok(None),
        Some(tag) => Err(unknown_tag(tag, at)),
    }
}

fn unknown_tag(tag: &Tag, at: Position) -> Fault {
    Fault::new(
        at,
        format!(
            "CloudFormation doesn't know the tag `{tag}`. Remove it, or write the value as a text."
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(source: &str) -> Node {
        read(source).expect("reads").expect("has a document")
    }

    fn fault(source: &str) -> String {
        let fault = read(source).expect_err(source);
        format!("{}: {}", fault.at, fault.message)
    }

    #[test]
    fn places_are_those_of_keys_and_values() {
        let node = tree("a:\n  - b: !Ref C\n");
        let list = node.get("a").expect("a");
        assert_eq!(list.at, Position { line: 2, column: 3 });
        let b = &list.as_list().expect("list")[0].as_map().expect("map")[0];
        assert_eq!(b.at, Position { line: 2, column: 5 });
        assert_eq!(b.value.only_entry().map(|e| e.key.as_str()), Some("Ref"));
        assert_eq!(b.value.get("Ref").and_then(Node::as_str), Some("C"));
    }

    #[test]
    fn short_tags_become_long_forms() {
        let node = tree(
            "a: !GetAtt Orders.Stream.Arn\nb: !GetAtt [Orders, Arn]\nc: !Join [',', [a, !Sub '${B}']]\nd: !GetAZs ''",
        );
        assert_eq!(
            node.get("a")
                .and_then(|n| n.get("Fn::GetAtt"))
                .and_then(Node::as_str),
            Some("Orders.Stream.Arn")
        );
        assert_eq!(
            node.get("b")
                .and_then(|n| n.get("Fn::GetAtt"))
                .and_then(Node::as_list)
                .map(<[_]>::len),
            Some(2)
        );
        assert!(node.get("c").and_then(|n| n.get("Fn::Join")).is_some());
        assert_eq!(
            node.get("d")
                .and_then(|n| n.get("Fn::GetAZs"))
                .and_then(Node::as_str),
            Some("")
        );
    }

    #[test]
    fn aliases_copy_their_value() {
        let node = tree("a: &x {k: [1]}\nb: *x\n");
        assert_eq!(node.get("a"), node.get("b"));
    }

    #[test]
    fn aliases_are_bounded_in_number_size_and_depth() {
        let mut laughs = "a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n".to_owned();
        for i in 1..12 {
            let inner = vec![format!("*a{}", i - 1); 9].join(", ");
            laughs.push_str(&format!("a{i}: &a{i} [{inner}]\n"));
        }
        assert!(fault(&laughs).contains("too large"));

        let mut long = format!("a: &a \"{}\"\n", "x".repeat(100_000));
        for i in 0..1000 {
            long.push_str(&format!("k{i}: *a\n"));
        }
        assert!(fault(&long).contains("too large"));

        let mut deep = "a0: &a0 [x]\n".to_owned();
        for i in 1..2000 {
            deep.push_str(&format!("a{i}: &a{i} [*a{}]\n", i - 1));
        }
        assert!(fault(&deep).contains("nested deeper"));
    }

    #[test]
    fn deep_nesting_is_an_error() {
        for source in [
            "[".repeat(5000),
            "- ".repeat(5000),
            "a:\n".to_owned() + &"- ".repeat(5000),
        ] {
            let message = fault(&source);
            assert!(message.contains("nested deeper"), "{message}");
        }
    }

    #[test]
    fn says_what_is_wrong_and_where() {
        insta::assert_snapshot!(fault("a: 1\na: 2"), @"2:1: the key `a` stands twice in this map. Keep one of them.");
        insta::assert_snapshot!(fault("a: !Reff B"), @"1:4: `!Reff` is no intrinsic function of CloudFormation. Did you mean `Ref`?");
        insta::assert_snapshot!(fault("on: 1"), @r#"1:1: YAML reads the key `on` as a boolean. Quote it: "on"."#);
        insta::assert_snapshot!(fault("a:\nb: 1"), @r#"1:2: there is no value here, and CloudFormation allows no null. Write a value, or remove the key; an empty text is ""."#);
        insta::assert_snapshot!(fault("a: &a {b: *a}"), @"1:11: this alias stands inside the value that it repeats. Write the value out.");
        insta::assert_snapshot!(fault("<<: {a: 1}"), @"1:1: CloudFormation knows no merge keys (`<<`). Write the entries out, or use an alias for a whole value.");
        insta::assert_snapshot!(fault("a: 1\n---\nb: 1"), @"2:1: a second document starts here. A template is one document: remove `---`.");
        insta::assert_snapshot!(fault("? [a]\n: 1"), @"1:3: a list or map can't be a key. A key is a text.");
        insta::assert_snapshot!(fault("a: !!binary aGk="), @"1:4: CloudFormation doesn't know the tag `tag:yaml.org,2002:!binary`. Remove it, or write the value as a text.");
        insta::assert_snapshot!(fault("a: [1"), @"2:1: this is no valid YAML: while parsing a flow sequence, expected ',' or ']'.");
        insta::assert_snapshot!(fault("a: b: c"), @"1:5: this is no valid YAML: mapping values are not allowed in this context.");
    }
}
