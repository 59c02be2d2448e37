//! Where boxes and arrows stand: columns from the outside networks that reach in, through the groups, to
//! the outside networks that are reached. Arrows that pass a column get a lane of their own, so none
//! runs through a box (after Sugiyama, Tagawa and Toda, "Methods for Visual Understanding of
//! Hierarchical System Structures", 1981).
use domain::access::{Path, PathState};
use std::collections::{BTreeMap, BTreeSet};

/// Arrows drawn at most; what comes and goes is drawn first.
const ARROWS: usize = 40;
/// Boxes drawn at most.
const BOXES: usize = 30;
/// Characters of a name and of a label before they are cut.
const NAME: usize = 22;
const LABEL: usize = 18;
/// Pixels.
const CHARACTER: i32 = 7;
const LABEL_CHARACTER: i32 = 6;
const LEAST_GAP: i32 = 64;
const ROW_GAP: i32 = 26;
const LANE: i32 = 20;
const LEAST_WIDTH: i32 = 76;
const LEAST_HEIGHT: i32 = 36;
const MARGIN: i32 = 12;
/// Room above each box for an arrow that leads back to it.
const LOOP: i32 = 22;

/// A drawing with everything in its place, in pixels.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Drawn {
    pub width: i32,
    pub height: i32,
    pub boxes: Vec<EndBox>,
    pub arrows: Vec<Arrow>,
    /// Paths that found no room.
    pub left_out: usize,
}

/// A group or an outside network.
#[derive(Debug, PartialEq, Eq)]
pub struct EndBox {
    pub x: i32,
    pub y: i32,
    pub width: i32,
    pub height: i32,
    pub name: String,
    /// The name, cut to fit.
    pub label: String,
    pub outside: bool,
}

/// Paths of one state from one end to another.
#[derive(Debug, PartialEq, Eq)]
pub struct Arrow {
    pub state: PathState,
    /// The curve, from its beginning to its head, as SVG path data.
    pub curve: String,
    pub label: String,
    pub label_x: i32,
    pub label_y: i32,
}

/// Which box a path's end is. An outside network that both reaches in and is reached has two boxes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum End<'a> {
    From(&'a str),
    Group(&'a str),
    To(&'a str),
}

impl<'a> End<'a> {
    fn name(self) -> &'a str {
        match self {
            End::From(name) | End::Group(name) | End::To(name) => name,
        }
    }
}

/// Whether a path's end is a network outside the groups: the internet, an address range, a prefix list.
fn is_outside(name: &str) -> bool {
    let is_range = name.rsplit_once('/').is_some_and(|(address, length)| {
        address.contains(['.', ':']) && length.bytes().all(|byte| byte.is_ascii_digit())
    });
    name == "internet" || name.starts_with("pl-") || is_range
}

/// The paths of one arrow.
struct Bundle<'a> {
    from: End<'a>,
    to: End<'a>,
    state: PathState,
    traffic: Vec<&'a str>,
}

/// Puts everything in its place.
pub fn lay_out(paths: &[Path]) -> Drawn {
    let (bundles, left_out) = bundles(paths);
    let (loops, bundles): (Vec<_>, Vec<_>) = bundles.into_iter().partition(|it| it.from == it.to);
    let order = order(&loops, &bundles);
    let mut grid = Grid::new(&order, &bundles);
    grid.untangle();
    grid.place(&bundles);
    let mut arrows: Vec<_> = bundles
        .iter()
        .enumerate()
        .filter_map(|(index, bundle)| grid.arrow(index, bundle))
        .collect();
    arrows.extend(loops.iter().filter_map(|bundle| grid.loop_arrow(bundle)));
    // What comes and goes is drawn over what stays.
    arrows.sort_by_key(|arrow| arrow.state != PathState::Kept);
    let (width, height) = grid.size();
    Drawn {
        width,
        height,
        boxes: grid.boxes(),
        arrows,
        left_out,
    }
}

/// Paths gathered into arrows, and how many paths found no room.
fn bundles(paths: &[Path]) -> (Vec<Bundle<'_>>, usize) {
    let mut gathered: BTreeMap<_, Vec<&str>> = BTreeMap::new();
    for path in paths {
        let from = match path.from.as_str() {
            name if is_outside(name) => End::From(name),
            name => End::Group(name),
        };
        let to = match path.to.as_str() {
            name if is_outside(name) => End::To(name),
            name => End::Group(name),
        };
        let rank = match path.state {
            PathState::Gained => 0,
            PathState::Lost => 1,
            PathState::Kept => 2,
        };
        let traffic = gathered.entry((rank, from, to)).or_default();
        traffic.push(&path.traffic);
    }
    let (mut found, mut left_out) = (Vec::new(), 0);
    let mut boxes = BTreeSet::new();
    for ((rank, from, to), traffic) in gathered {
        let new = BTreeSet::from([from, to]).difference(&boxes).count();
        if found.len() >= ARROWS || boxes.len() + new > BOXES {
            left_out += traffic.len();
            continue;
        }
        boxes.extend([from, to]);
        found.push(Bundle {
            from,
            to,
            state: match rank {
                0 => PathState::Gained,
                1 => PathState::Lost,
                _ => PathState::Kept,
            },
            traffic,
        });
    }
    (found, left_out)
}

/// Every box, in the order that traffic meets them; arrows against it lead back.
fn order<'a>(loops: &[Bundle<'a>], bundles: &[Bundle<'a>]) -> Vec<End<'a>> {
    let ends: BTreeSet<End> = loops
        .iter()
        .chain(bundles)
        .flat_map(|it| [it.from, it.to])
        .collect();
    let mut left: BTreeMap<End, BTreeSet<End>> =
        ends.iter().map(|end| (*end, BTreeSet::new())).collect();
    for it in bundles {
        left.entry(it.to).or_default().insert(it.from);
    }
    let mut order = Vec::new();
    // Next comes what everything that leads to it stands before; in a circle, what lacks the least.
    while let Some(end) = left
        .iter()
        .min_by_key(|(end, missing)| (missing.len(), **end))
        .map(|(end, _)| *end)
    {
        left.remove(&end);
        for missing in left.values_mut() {
            missing.remove(&end);
        }
        order.push(end);
    }
    order
}

/// A box or a lane in its column.
#[derive(Debug)]
struct Node<'a> {
    end: Option<End<'a>>,
    column: usize,
    width: i32,
    height: i32,
    x: i32,
    y: i32,
    /// Neighbours in the columns before and after, one for each arrow.
    before: Vec<usize>,
    after: Vec<usize>,
}

impl Node<'_> {
    fn middle(&self) -> i32 {
        self.y + self.height / 2
    }
}

/// The nodes of one arrow from left to right, and whether its head is at the left.
#[derive(Debug)]
struct Chain {
    nodes: Vec<usize>,
    back: bool,
}

#[derive(Debug)]
struct Grid<'a> {
    nodes: Vec<Node<'a>>,
    /// Nodes of each column from top to bottom.
    columns: Vec<Vec<usize>>,
    /// One for each arrow.
    chains: Vec<Chain>,
}

impl<'a> Grid<'a> {
    fn new(order: &[End<'a>], bundles: &[Bundle<'a>]) -> Grid<'a> {
        let rank: BTreeMap<End, usize> = order.iter().copied().zip(0..).collect();
        let oriented: Vec<(End, End, bool)> = bundles
            .iter()
            .map(|it| {
                let back = rank.get(&it.from) > rank.get(&it.to);
                if back {
                    (it.to, it.from, true)
                } else {
                    (it.from, it.to, false)
                }
            })
            .collect();
        let column = columns_of(order, &oriented);
        let mut grid = Grid {
            nodes: Vec::new(),
            columns: Vec::new(),
            chains: Vec::new(),
        };
        let mut index = BTreeMap::new();
        for end in order {
            let at = column.get(end).copied().unwrap_or(0);
            index.insert(*end, grid.add(Some(*end), at));
        }
        for (left, right, back) in oriented {
            let (Some(&first), Some(&last)) = (index.get(&left), index.get(&right)) else {
                continue;
            };
            let between = grid.nodes[first].column + 1..grid.nodes[last].column;
            let mut nodes = vec![first];
            nodes.extend(between.map(|column| grid.add(None, column)));
            nodes.push(last);
            for pair in nodes.windows(2) {
                if let [one, other] = *pair {
                    grid.nodes[one].after.push(other);
                    grid.nodes[other].before.push(one);
                }
            }
            grid.chains.push(Chain { nodes, back });
        }
        grid
    }

    fn add(&mut self, end: Option<End<'a>>, column: usize) -> usize {
        let index = self.nodes.len();
        let width = end.map_or(0, |end| {
            let characters = cut(end.name(), NAME).chars().count();
            i32::try_from(characters).unwrap_or(0) * CHARACTER + 22
        });
        self.nodes.push(Node {
            end,
            column,
            width: if end.is_some() {
                width.max(LEAST_WIDTH)
            } else {
                0
            },
            height: LANE,
            x: 0,
            y: 0,
            before: Vec::new(),
            after: Vec::new(),
        });
        if self.columns.len() <= column {
            self.columns.resize_with(column + 1, Vec::new);
        }
        self.columns[column].push(index);
        index
    }

    /// Orders each column by where its neighbours stand, a few times to and fro.
    fn untangle(&mut self) {
        for round in 0..6 {
            let forward = round % 2 == 0;
            let count = self.columns.len();
            for step in 0..count {
                let column = if forward { step } else { count - 1 - step };
                let mut place = vec![0; self.nodes.len()];
                for nodes in &self.columns {
                    for (position, node) in nodes.iter().enumerate() {
                        place[*node] = position;
                    }
                }
                let key = |node: usize| {
                    let it = &self.nodes[node];
                    let neighbours = if forward { &it.before } else { &it.after };
                    let sum: usize = neighbours.iter().map(|one| place[*one]).sum();
                    match neighbours.len() {
                        0 => place[node] * 1000,
                        count => sum * 1000 / count,
                    }
                };
                let mut nodes = self.columns[column].clone();
                nodes.sort_by_key(|node| key(*node));
                self.columns[column] = nodes;
            }
        }
    }

    /// Gives every node its place. A box is as high as the arrows at one of its sides need.
    fn place(&mut self, bundles: &[Bundle<'a>]) {
        let labels = bundles
            .iter()
            .map(|it| label(&it.traffic).chars().count() + 2);
        let longest = i32::try_from(labels.max().unwrap_or(0)).unwrap_or(0);
        let gap = (longest * LABEL_CHARACTER + 24).max(LEAST_GAP);
        for node in self.nodes.iter_mut().filter(|node| node.end.is_some()) {
            let arrows = node.before.len().max(node.after.len());
            let needed = i32::try_from(arrows).unwrap_or(0) * LANE + 12;
            node.height = needed.max(LEAST_HEIGHT);
        }
        let heights: Vec<i32> = self
            .columns
            .iter()
            .map(|nodes| {
                let rows = nodes.iter().map(|node| self.nodes[*node].height + ROW_GAP);
                rows.sum::<i32>() - ROW_GAP
            })
            .collect();
        let highest = heights.iter().copied().max().unwrap_or(0);
        let mut x = MARGIN;
        for (nodes, height) in self.columns.iter().zip(heights) {
            let width = nodes.iter().map(|node| self.nodes[*node].width).max();
            let width = width.unwrap_or(0);
            let mut y = MARGIN + LOOP + (highest - height) / 2;
            for node in nodes {
                let node = &mut self.nodes[*node];
                (node.x, node.y, node.width) = (x, y, width);
                y += node.height + ROW_GAP;
            }
            x += width + gap;
        }
    }

    fn size(&self) -> (i32, i32) {
        let right = self.nodes.iter().map(|node| node.x + node.width).max();
        let bottom = self.nodes.iter().map(|node| node.y + node.height).max();
        (right.unwrap_or(0) + MARGIN, bottom.unwrap_or(0) + MARGIN)
    }

    fn boxes(&self) -> Vec<EndBox> {
        let boxes = self.nodes.iter().filter_map(|node| {
            let end = node.end?;
            Some(EndBox {
                x: node.x,
                y: node.y,
                width: node.width,
                height: node.height,
                name: end.name().to_owned(),
                label: cut(end.name(), NAME),
                outside: !matches!(end, End::Group(_)),
            })
        });
        boxes.collect()
    }

    /// Where an arrow meets a box's side: arrows are spread over it in the order of their other ends.
    fn port(&self, node: usize, chain: usize, at_right: bool) -> i32 {
        let mut here: Vec<(i32, usize)> = self
            .chains
            .iter()
            .enumerate()
            .filter_map(|(index, it)| {
                let (own, other) = if at_right {
                    (it.nodes.first()?, it.nodes.get(1)?)
                } else {
                    let last = it.nodes.len().checked_sub(1)?;
                    (it.nodes.get(last)?, it.nodes.get(last.checked_sub(1)?)?)
                };
                (*own == node).then(|| (self.nodes[*other].middle(), index))
            })
            .collect();
        here.sort_unstable();
        let position = here.iter().position(|(_, index)| *index == chain);
        let of = |count: usize| i32::try_from(count).unwrap_or(0);
        let offset = (2 * of(position.unwrap_or(0)) + 1 - of(here.len())) * LANE / 2;
        self.nodes[node].middle() + offset
    }

    fn arrow(&self, index: usize, bundle: &Bundle) -> Option<Arrow> {
        let chain = self.chains.get(index)?;
        let (first, last) = (*chain.nodes.first()?, *chain.nodes.last()?);
        let start = &self.nodes[first];
        // Points that the curve goes through, in pairs: one for each gap between columns.
        let mut points = vec![(start.x + start.width, self.port(first, index, true))];
        for lane in chain
            .nodes
            .iter()
            .filter(|node| self.nodes[**node].end.is_none())
        {
            let lane = &self.nodes[*lane];
            points.extend([
                (lane.x, lane.middle()),
                (lane.x + lane.width, lane.middle()),
            ]);
        }
        points.push((self.nodes[last].x, self.port(last, index, false)));
        let [(x, y), (to_x, to_y), ..] = *points.as_slice() else {
            return None;
        };
        if chain.back {
            points.reverse();
        }
        Some(Arrow {
            state: bundle.state,
            curve: curve(&points),
            label: label(&bundle.traffic),
            label_x: (x + to_x) / 2,
            label_y: (y + to_y) / 2 - 4,
        })
    }

    /// An arrow from a group to itself.
    fn loop_arrow(&self, bundle: &Bundle) -> Option<Arrow> {
        let node = self
            .nodes
            .iter()
            .find(|node| node.end == Some(bundle.from))?;
        let shift = match bundle.state {
            PathState::Gained => -24,
            PathState::Lost => 0,
            PathState::Kept => 24,
        };
        let (x, y) = (node.x + node.width / 2 + shift, node.y);
        Some(Arrow {
            state: bundle.state,
            curve: format!(
                "M{} {y}C{} {} {} {} {} {y}",
                x - 8,
                x - 14,
                y - 20,
                x + 14,
                y - 20,
                x + 8
            ),
            label: label(&bundle.traffic),
            label_x: x,
            label_y: y - 18,
        })
    }
}

/// The column of each end: one more than the furthest that leads to it; what is reached outside last.
fn columns_of<'a>(
    order: &[End<'a>],
    oriented: &[(End<'a>, End<'a>, bool)],
) -> BTreeMap<End<'a>, usize> {
    let mut column: BTreeMap<End, usize> = BTreeMap::new();
    let has_outside = order.iter().any(|end| matches!(end, End::From(_)));
    for end in order {
        let least = usize::from(has_outside && !matches!(end, End::From(_)));
        let before = oriented.iter().filter(|(_, right, _)| right == end);
        let furthest = before.filter_map(|(left, _, _)| column.get(left)).max();
        let own = furthest.map_or(least, |before| least.max(before + 1));
        column.insert(*end, own);
    }
    let groups = column.iter().filter(|(end, _)| !matches!(end, End::To(_)));
    let last = groups.map(|(_, column)| column + 1).max().unwrap_or(0);
    for (end, column) in &mut column {
        if matches!(end, End::To(_)) {
            *column = last;
        }
    }
    column
}

/// A curve through points: bent between boxes, straight along lanes.
fn curve(points: &[(i32, i32)]) -> String {
    let mut data = String::new();
    let mut previous: Option<(i32, i32)> = None;
    for (index, (x, y)) in points.iter().copied().enumerate() {
        match previous {
            None => data.push_str(&format!("M{x} {y}")),
            Some((from_x, from_y)) if index % 2 == 1 => {
                let middle = (from_x + x) / 2;
                data.push_str(&format!("C{middle} {from_y} {middle} {y} {x} {y}"));
            }
            Some(_) => data.push_str(&format!("L{x} {y}")),
        }
        previous = Some((x, y));
    }
    data
}

fn label(traffic: &[&str]) -> String {
    match traffic {
        [] => String::new(),
        [one] => cut(one, LABEL),
        [first, rest @ ..] => format!("{} +{}", cut(first, LABEL - 3), rest.len()),
    }
}

/// A text of at most so many characters.
fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let start: String = text.chars().take(most.saturating_sub(1)).collect();
    format!("{start}…")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(from: &str, to: &str, state: PathState) -> Path {
        Path {
            from: from.to_owned(),
            to: to.to_owned(),
            traffic: "TCP 443".to_owned(),
            state,
        }
    }

    fn kept(from: &str, to: &str) -> Path {
        path(from, to, PathState::Kept)
    }

    fn overlap(one: &EndBox, other: &EndBox) -> bool {
        one.x < other.x + other.width
            && other.x < one.x + one.width
            && one.y < other.y + other.height
            && other.y < one.y + one.height
    }

    #[test]
    fn traffic_runs_from_left_to_right() {
        let drawn = lay_out(&[
            kept("Api", "Db"),
            kept("Web", "Api"),
            kept("internet", "Web"),
        ]);
        let mut boxes: Vec<_> = drawn.boxes.iter().map(|it| (it.x, &*it.name)).collect();
        boxes.sort_unstable();
        let names: Vec<_> = boxes.into_iter().map(|(_, name)| name).collect();
        assert_eq!(names, ["internet", "Web", "Api", "Db"]);
        assert_eq!(drawn.arrows.len(), 3);
    }

    #[test]
    fn the_internet_has_a_box_at_either_end() {
        let drawn = lay_out(&[kept("internet", "Web"), kept("Web", "internet")]);
        let names: Vec<_> = drawn.boxes.iter().map(|it| &*it.name).collect();
        assert_eq!(names.iter().filter(|name| **name == "internet").count(), 2);
    }

    #[test]
    fn circles_and_loops_end() {
        let drawn = lay_out(&[
            kept("A", "B"),
            kept("B", "A"),
            kept("B", "C"),
            kept("C", "A"),
            kept("A", "A"),
        ]);
        assert_eq!((drawn.boxes.len(), drawn.arrows.len()), (3, 5));
    }

    #[test]
    fn no_box_covers_another_and_nothing_leaves_the_picture() {
        let mut paths = Vec::new();
        for from in 0..9 {
            for to in 0..9 {
                if (from * 7 + to * 3) % 4 == 0 {
                    paths.push(kept(&format!("Group{from}"), &format!("Group{to}")));
                }
            }
            paths.push(kept("internet", &format!("Group{from}")));
        }
        let drawn = lay_out(&paths);
        for (index, one) in drawn.boxes.iter().enumerate() {
            assert!(one.x >= 0 && one.x + one.width <= drawn.width);
            assert!(one.y >= 0 && one.y + one.height <= drawn.height);
            for other in drawn.boxes.iter().skip(index + 1) {
                assert!(!overlap(one, other), "{one:?} {other:?}");
            }
        }
    }

    #[test]
    fn a_drawing_stays_small_and_shows_what_moves_first() {
        let mut paths: Vec<_> = (0..500)
            .map(|it| kept(&format!("10.{}.0.0/16", it % 250), &format!("Group{it}")))
            .collect();
        paths.push(path("internet", "Last", PathState::Gained));
        let drawn = lay_out(&paths);
        assert!(drawn.arrows.len() <= ARROWS && drawn.boxes.len() <= BOXES);
        assert_eq!(drawn.left_out + drawn.arrows.len(), 501);
        assert!(drawn.boxes.iter().any(|it| it.name == "Last"));
    }

    #[test]
    fn ranges_and_prefix_lists_are_outside_and_a_companions_group_is_not() {
        for name in ["internet", "10.0.0.0/8", "::/0", "pl-0123"] {
            assert!(is_outside(name), "{name}");
        }
        for name in ["Web", "recovery/Web", "sg-0123", "a/b"] {
            assert!(!is_outside(name), "{name}");
        }
    }
}
