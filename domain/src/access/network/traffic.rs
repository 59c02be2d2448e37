//! Protocols and ports, and ICMP types and codes. Source: IANA protocol numbers; Amazon EC2 API, `IpPermission`.

/// A protocol, or all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Protocol {
    /// Every protocol, written `-1`.
    All,
    /// One by its IANA number.
    Number(u8),
}

impl Protocol {
    pub const ICMP: Protocol = Protocol::Number(1);
    pub const TCP: Protocol = Protocol::Number(6);
    pub const UDP: Protocol = Protocol::Number(17);
    pub const ICMPV6: Protocol = Protocol::Number(58);

    /// From a name (`tcp`, `udp`, `icmp`, `icmpv6`, `all`) or a number (`-1` for all).
    ///
    /// # Errors
    /// What is wrong with the text, and what would be right.
    pub fn parse(text: &str) -> Result<Protocol, String> {
        match text.to_ascii_lowercase().as_str() {
            "-1" | "all" => Ok(Protocol::All),
            "tcp" => Ok(Protocol::TCP),
            "udp" => Ok(Protocol::UDP),
            "icmp" => Ok(Protocol::ICMP),
            "icmpv6" => Ok(Protocol::ICMPV6),
            number => number.parse().map(Protocol::Number).map_err(|_| {
                format!(
                    "`{text}` is no protocol; write tcp, udp, icmp, icmpv6, a number from 0 to 255, or -1 for all."
                )
            }),
        }
    }

    /// Whether it has ports.
    pub(super) fn has_ports(self) -> bool {
        self == Protocol::TCP || self == Protocol::UDP
    }

    /// Whether it has types and codes.
    pub(super) fn is_icmp(self) -> bool {
        self == Protocol::ICMP || self == Protocol::ICMPV6
    }

    /// `tcp`, `udp`, `icmp`, `icmpv6`, `all`, or the number.
    pub(super) fn text(self) -> String {
        match self {
            Protocol::All => "all".to_owned(),
            Protocol::TCP => "tcp".to_owned(),
            Protocol::UDP => "udp".to_owned(),
            Protocol::ICMP => "icmp".to_owned(),
            Protocol::ICMPV6 => "icmpv6".to_owned(),
            Protocol::Number(number) => number.to_string(),
        }
    }

    /// Whether every packet of the other is one of this.
    pub(super) fn covers(self, other: Protocol) -> bool {
        self == Protocol::All || self == other
    }

    /// As a person says it.
    fn shown(self) -> String {
        match self {
            Protocol::All => "all traffic".to_owned(),
            Protocol::TCP => "TCP".to_owned(),
            Protocol::UDP => "UDP".to_owned(),
            Protocol::ICMP => "ICMP".to_owned(),
            Protocol::ICMPV6 => "ICMPv6".to_owned(),
            Protocol::Number(number) => format!("protocol {number}"),
        }
    }
}

/// Ports from first to last. For ICMP each number is a type times 256 plus a code, so that one kind of
/// interval serves both; a protocol with neither has the whole span.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Span {
    pub first: u16,
    pub last: u16,
}

impl Span {
    pub const WHOLE: Span = Span {
        first: 0,
        last: u16::MAX,
    };

    pub fn one(port: u16) -> Span {
        Span {
            first: port,
            last: port,
        }
    }

    pub fn overlaps(self, other: Span) -> bool {
        self.first <= other.last && other.first <= self.last
    }

    pub fn covers(self, other: Span) -> bool {
        self.first <= other.first && other.last <= self.last
    }

    /// All codes of an ICMP type, or one of them.
    pub fn icmp(kind: u8, code: Option<u8>) -> Span {
        let base = u16::from(kind) * 256;
        match code {
            Some(code) => Span::one(base + u16::from(code)),
            None => Span {
                first: base,
                last: base + 255,
            },
        }
    }
}

/// The span as the column of a table shows it: `443`, `1024-65535`, `all`, `type 8`.
pub(super) fn ports_text(protocol: Protocol, span: Span) -> String {
    if span == Span::WHOLE || !(protocol.has_ports() || protocol.is_icmp()) {
        return "all".to_owned();
    }
    if protocol.has_ports() {
        return if span.first == span.last {
            span.first.to_string()
        } else {
            format!("{}-{}", span.first, span.last)
        };
    }
    let [from_type, from_code] = span.first.to_be_bytes();
    let [to_type, to_code] = span.last.to_be_bytes();
    match (from_type == to_type, from_code, to_code) {
        (true, 0, 255) => format!("type {from_type}"),
        (true, from, to) if from == to => format!("type {from_type} code {from}"),
        (true, from, to) => format!("type {from_type} codes {from}-{to}"),
        (false, 0, 255) => format!("types {from_type}-{to_type}"),
        (false, from, to) => format!("type {from_type} code {from} to type {to_type} code {to}"),
    }
}

/// Protocol and span in words: `TCP 22`, `all UDP ports`, `ICMP type 8`, `all traffic`.
pub(super) fn traffic_text(protocol: Protocol, span: Span) -> String {
    let name = protocol.shown();
    match ports_text(protocol, span).as_str() {
        "all" if protocol.has_ports() => format!("all {name} ports"),
        "all" if protocol.is_icmp() => format!("all {name}"),
        "all" => name,
        ports => format!("{name} {ports}"),
    }
}

/// The ports that a rule of a security group or a network ACL states, `-1` and nothing standing for all.
///
/// # Errors
/// What is wrong with the numbers, and what would be right.
pub(super) fn stated_span(
    protocol: Protocol,
    from: Option<i64>,
    to: Option<i64>,
) -> Result<Span, String> {
    if protocol.is_icmp() {
        return icmp_span(from, to);
    }
    if !protocol.has_ports() {
        return Ok(Span::WHOLE);
    }
    let (from, to) = match (from, to) {
        (None | Some(-1), None | Some(-1)) => return Ok(Span::WHOLE),
        (Some(from), Some(to)) => (from, to),
        _ => {
            return Err("one end of the port range is missing; state both ends.".to_owned());
        }
    };
    let port = |number: i64| {
        u16::try_from(number).map_err(|_| format!("{number} is no port; ports go from 0 to 65535."))
    };
    let (first, last) = (port(from)?, port(to)?);
    if first > last {
        return Err(format!(
            "the port range starts at {first} and ends at {last}; the start must not be above the end."
        ));
    }
    Ok(Span { first, last })
}

fn icmp_span(kind: Option<i64>, code: Option<i64>) -> Result<Span, String> {
    let number = |what: &str, number: Option<i64>| match number {
        None | Some(-1) => Ok(None),
        Some(number) => u8::try_from(number).map(Some).map_err(|_| {
            format!("{number} is no ICMP {what}; write a number from 0 to 255, or -1 for all.")
        }),
    };
    Ok(match (number("type", kind)?, number("code", code)?) {
        (None, _) => Span::WHOLE,
        (Some(kind), code) => Span::icmp(kind, code),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_numbers_are_the_same() {
        for (name, number) in [
            ("tcp", "6"),
            ("UDP", "17"),
            ("icmp", "1"),
            ("icmpv6", "58"),
            ("all", "-1"),
        ] {
            assert_eq!(Protocol::parse(name), Protocol::parse(number));
        }
        for bad in ["http", "256", "-2", "", "6.0"] {
            assert!(Protocol::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn spans_as_stated() {
        let span = |from, to| stated_span(Protocol::TCP, from, to);
        assert_eq!(span(Some(22), Some(22)), Ok(Span::one(22)));
        assert_eq!(span(Some(-1), Some(-1)), Ok(Span::WHOLE));
        assert_eq!(span(None, None), Ok(Span::WHOLE));
        assert!(span(Some(23), Some(22)).is_err());
        assert!(span(Some(22), None).is_err());
        assert!(span(Some(0), Some(65536)).is_err());
        let icmp = |kind, code| stated_span(Protocol::ICMP, kind, code);
        assert_eq!(icmp(Some(8), Some(0)), Ok(Span::one(8 * 256)));
        assert_eq!(icmp(Some(8), Some(-1)), Ok(Span::icmp(8, None)));
        assert_eq!(icmp(Some(-1), Some(-1)), Ok(Span::WHOLE));
        assert!(icmp(Some(256), Some(-1)).is_err());
        assert_eq!(
            stated_span(Protocol::Number(50), Some(9), Some(1)),
            Ok(Span::WHOLE)
        );
    }

    #[test]
    fn words() {
        let text = |protocol, from, to| {
            traffic_text(
                protocol,
                stated_span(protocol, Some(from), Some(to)).unwrap(),
            )
        };
        assert_eq!(text(Protocol::TCP, 22, 22), "TCP 22");
        assert_eq!(text(Protocol::UDP, 1, 9), "UDP 1-9");
        assert_eq!(text(Protocol::TCP, 0, 65535), "all TCP ports");
        assert_eq!(text(Protocol::ICMP, 8, -1), "ICMP type 8");
        assert_eq!(text(Protocol::ICMP, 3, 4), "ICMP type 3 code 4");
        assert_eq!(text(Protocol::ICMPV6, -1, -1), "all ICMPv6");
        assert_eq!(text(Protocol::Number(50), 0, 0), "protocol 50");
        assert_eq!(text(Protocol::All, 0, 0), "all traffic");
    }
}
