//! Sets of addresses, IPv4 and IPv6, as sorted intervals (RFC 4632, RFC 4291).
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::LazyLock;

/// How many blocks a text names.
const MAX_BLOCKS: usize = 4;

/// IPv4 or IPv6.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Family {
    V4,
    V6,
}

impl Family {
    fn bits(self) -> u32 {
        match self {
            Family::V4 => 32,
            Family::V6 => 128,
        }
    }

    fn last(self) -> u128 {
        match self {
            Family::V4 => u128::from(u32::MAX),
            Family::V6 => u128::MAX,
        }
    }

    /// The block of all addresses.
    pub fn everything(self) -> &'static str {
        match self {
            Family::V4 => "0.0.0.0/0",
            Family::V6 => "::/0",
        }
    }
}

/// Numbers as sorted intervals that neither overlap nor touch; both ends belong to them.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Intervals(Vec<(u128, u128)>);

impl Intervals {
    pub fn one(first: u128, last: u128) -> Intervals {
        Intervals(vec![(first, last)])
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Both ends of each interval, in order.
    pub fn iter(&self) -> impl Iterator<Item = (u128, u128)> + '_ {
        self.0.iter().copied()
    }

    pub fn add(&mut self, other: &Intervals) {
        match (self.0.as_slice(), other.0.as_slice()) {
            (_, []) => {}
            ([], _) => self.0.clone_from(&other.0),
            _ => {
                self.0.extend(&other.0);
                self.join();
            }
        }
    }

    fn join(&mut self) {
        self.0.sort_unstable();
        let mut joined: Vec<(u128, u128)> = Vec::with_capacity(self.0.len());
        for &(first, last) in &self.0 {
            match joined.last_mut() {
                Some(open) if first <= open.1.saturating_add(1) => open.1 = open.1.max(last),
                _ => joined.push((first, last)),
            }
        }
        self.0 = joined;
    }

    pub fn without(&self, other: &Intervals) -> Intervals {
        let mut rest = Vec::with_capacity(self.0.len());
        let mut cuts = other.0.iter().copied().peekable();
        for &(first, last) in &self.0 {
            let mut from = first;
            let mut spent = false;
            while let Some(&(cut_first, cut_last)) = cuts.peek() {
                if cut_last < from {
                    cuts.next();
                    continue;
                }
                if cut_first > last {
                    break;
                }
                if cut_first > from {
                    rest.push((from, cut_first - 1));
                }
                if cut_last >= last {
                    spent = true;
                    break;
                }
                from = cut_last + 1;
                cuts.next();
            }
            if !spent {
                rest.push((from, last));
            }
        }
        Intervals(rest)
    }

    pub fn common(&self, other: &Intervals) -> Intervals {
        self.without(&self.without(other))
    }

    #[cfg(test)]
    pub fn contains(&self, number: u128) -> bool {
        let after = self.0.partition_point(|&(first, _)| first <= number);
        after
            .checked_sub(1)
            .and_then(|index| self.0.get(index))
            .is_some_and(|&(_, last)| number <= last)
    }
}

/// Addresses of both families.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Addresses {
    pub v4: Intervals,
    pub v6: Intervals,
}

impl Addresses {
    /// All addresses of a family.
    pub fn all_of(family: Family) -> Addresses {
        Addresses::of(family, Intervals::one(0, family.last()))
    }

    pub fn of(family: Family, intervals: Intervals) -> Addresses {
        match family {
            Family::V4 => Addresses {
                v4: intervals,
                v6: Intervals::default(),
            },
            Family::V6 => Addresses {
                v4: Intervals::default(),
                v6: intervals,
            },
        }
    }

    pub fn family(&self, family: Family) -> &Intervals {
        match family {
            Family::V4 => &self.v4,
            Family::V6 => &self.v6,
        }
    }

    pub fn is_empty(&self) -> bool {
        self.v4.is_empty() && self.v6.is_empty()
    }

    /// Whether every address of the family is in it.
    pub fn is_whole(&self, family: Family) -> bool {
        self.family(family).0 == [(0, family.last())]
    }

    /// Whether every address of the family is in it that a stranger on the internet can send from.
    pub fn is_whole_internet(&self, family: Family) -> bool {
        let strangers = Addresses::all_of(family).without(&PRIVATE);
        strangers.without(self).is_empty()
    }

    /// All of them together.
    pub fn union<'a>(sets: impl Iterator<Item = &'a Addresses>) -> Addresses {
        let mut all = Addresses::default();
        for set in sets {
            all.v4.0.extend(&set.v4.0);
            all.v6.0.extend(&set.v6.0);
        }
        all.v4.join();
        all.v6.join();
        all
    }

    pub fn add(&mut self, other: &Addresses) {
        self.v4.add(&other.v4);
        self.v6.add(&other.v6);
    }

    pub fn without(&self, other: &Addresses) -> Addresses {
        Addresses {
            v4: self.v4.without(&other.v4),
            v6: self.v6.without(&other.v6),
        }
    }

    pub fn common(&self, other: &Addresses) -> Addresses {
        Addresses {
            v4: self.v4.common(&other.v4),
            v6: self.v6.common(&other.v6),
        }
    }

    /// The fewest blocks that make up the set, IPv4 first: the first ones, and how many more there are.
    pub fn blocks(&self, most: usize) -> (Vec<String>, usize) {
        let mut blocks = Vec::new();
        let mut more = 0;
        for family in [Family::V4, Family::V6] {
            for (first, last) in self.family(family).iter() {
                each_block(family, first, last, |from, prefix| {
                    if blocks.len() < most {
                        blocks.push(format!("{}/{prefix}", address_text(family, from)));
                    } else {
                        more += 1;
                    }
                });
            }
        }
        (blocks, more)
    }

    /// The blocks in words, as many as a person reads.
    pub fn text(&self) -> String {
        let (blocks, more) = self.blocks(MAX_BLOCKS);
        let text = blocks.join(", ");
        if more == 0 {
            text
        } else {
            format!("{text} and {more} more blocks")
        }
    }

    /// One address of the set, from the internet if there is one.
    pub fn example(&self) -> Option<String> {
        let public = self.without(&PRIVATE);
        let from = if public.is_empty() { self } else { &public };
        [Family::V4, Family::V6].into_iter().find_map(|family| {
            let (first, _) = from.family(family).iter().next()?;
            Some(address_text(family, first))
        })
    }

    /// Whether some address in it may belong to anybody on the internet.
    pub fn reaches_internet(&self) -> bool {
        !self.without(&PRIVATE).is_empty()
    }
}

/// Addresses that no stranger on the internet can send from: private, shared, local, multicast and
/// reserved ones (IANA special-purpose address registries, RFC 6890). Ranges for documentation are left
/// out on purpose: as examples they stand for public ones.
static PRIVATE: LazyLock<Addresses> = LazyLock::new(|| {
    let mut all = Addresses::default();
    for block in [
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "224.0.0.0/3",
        "::/127",
        "fc00::/7",
        "fe80::/10",
        "ff00::/8",
    ] {
        if let Ok((_, addresses)) = parse_block(block) {
            all.add(&addresses);
        }
    }
    all
});

/// The addresses of a block such as `10.0.0.0/8` or `2001:db8::/32`. Bits beyond the prefix are taken for
/// zero, as Amazon EC2 takes them.
///
/// # Errors
/// What is wrong with the text, and what would be right.
pub(super) fn parse_block(text: &str) -> Result<(Family, Addresses), String> {
    let wrong =
        || format!("`{text}` is no address block; write one such as 10.0.0.0/16 or 2001:db8::/56.");
    let (address, prefix) = text.split_once('/').ok_or_else(wrong)?;
    let prefix: u32 = prefix
        .bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| prefix.parse().ok())
        .flatten()
        .ok_or_else(wrong)?;
    let (family, number) = match address.parse::<IpAddr>().map_err(|_| wrong())? {
        IpAddr::V4(address) => (Family::V4, u128::from(u32::from(address))),
        IpAddr::V6(address) => (Family::V6, u128::from(address)),
    };
    let bits = family.bits();
    if prefix > bits {
        return Err(format!(
            "`{text}` has a prefix of {prefix} bits; at most {bits} are possible."
        ));
    }
    // A shift by all 128 bits leaves nothing.
    let hosts = 1u128
        .checked_shl(bits - prefix)
        .map_or(u128::MAX, |size| size - 1);
    let first = number & !hosts;
    Ok((
        family,
        Addresses::of(family, Intervals::one(first, first | hosts)),
    ))
}

fn address_text(family: Family, number: u128) -> String {
    match family {
        Family::V4 => Ipv4Addr::from(u32::try_from(number).unwrap_or(u32::MAX)).to_string(),
        Family::V6 => Ipv6Addr::from(number).to_string(),
    }
}

fn each_block(family: Family, first: u128, last: u128, mut each: impl FnMut(u128, u32)) {
    let bits = family.bits();
    let mut from = first;
    loop {
        // The largest block that starts here and does not pass the end.
        let room = last - from;
        let fits = room
            .checked_add(1)
            .map_or(128, |size| 127 - size.leading_zeros());
        let host_bits = from.trailing_zeros().min(fits).min(bits);
        each(from, bits - host_bits);
        let size = 1u128.checked_shl(host_bits);
        match size.and_then(|size| from.checked_add(size)) {
            Some(next) if next <= last => from = next,
            _ => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(blocks: &[&str]) -> Addresses {
        let mut all = Addresses::default();
        for block in blocks {
            all.add(&parse_block(block).unwrap().1);
        }
        all
    }

    #[test]
    fn two_halves_are_the_whole() {
        assert_eq!(
            set(&["10.0.0.0/25", "10.0.0.128/25"]),
            set(&["10.0.0.0/24"])
        );
        assert!(set(&["0.0.0.0/1", "128.0.0.0/1"]).is_whole(Family::V4));
        assert!(set(&["::/1", "8000::/1"]).is_whole(Family::V6));
        assert!(!set(&["0.0.0.0/0"]).is_whole(Family::V6));
    }

    #[test]
    fn blocks_are_the_fewest() {
        for blocks in [
            vec!["10.0.0.0/8"],
            vec!["0.0.0.0/0"],
            vec!["::/0"],
            vec!["10.0.0.1/32", "10.0.0.2/31", "10.0.0.4/30"],
            vec!["255.255.255.255/32", "ffff::/16"],
        ] {
            assert_eq!(set(&blocks).blocks(9).0, blocks);
        }
        let rest = set(&["0.0.0.0/0"]).without(&set(&["0.0.0.0/1", "192.0.0.0/2"]));
        assert_eq!(rest.text(), "128.0.0.0/2");
    }

    #[test]
    fn algebra_holds_for_each_number() {
        let left = set(&["10.0.0.0/30", "10.0.0.8/29"]);
        let right = set(&["10.0.0.2/31", "10.0.0.12/31"]);
        let base = u128::from(u32::from(Ipv4Addr::new(10, 0, 0, 0)));
        for number in base..base + 20 {
            let (l, r) = (left.v4.contains(number), right.v4.contains(number));
            assert_eq!(left.without(&right).v4.contains(number), l && !r);
            assert_eq!(left.common(&right).v4.contains(number), l && r);
        }
    }

    #[test]
    fn bits_beyond_the_prefix_count_for_nothing() {
        assert_eq!(set(&["100.68.0.18/18"]), set(&["100.68.0.0/18"]));
    }

    #[test]
    fn what_is_public() {
        for public in [
            "0.0.0.0/0",
            "8.8.8.8/32",
            "203.0.113.0/24",
            "2001:db8::/32",
            "::/0",
        ] {
            assert!(set(&[public]).reaches_internet(), "{public}");
        }
        for private in [
            "10.1.0.0/16",
            "172.16.0.0/12",
            "100.64.1.0/24",
            "fd00::/8",
            "::1/128",
        ] {
            assert!(!set(&[private]).reaches_internet(), "{private}");
        }
        assert_eq!(set(&["0.0.0.0/0"]).example().unwrap(), "1.0.0.0");
        assert_eq!(set(&["10.2.0.0/16"]).example().unwrap(), "10.2.0.0");
    }

    #[test]
    fn bad_blocks_are_refused() {
        for bad in [
            "10.0.0.0",
            "10.0.0.0/33",
            "10.0.0/8",
            "::/129",
            "10.0.0.0/+8",
            "10.0.0.0/",
            "x/8",
        ] {
            assert!(parse_block(bad).is_err(), "{bad}");
        }
    }
}
