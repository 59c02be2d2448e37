//! Splitting an address block into equal smaller ones, for IPv4 and IPv6.
//! Source: AWS CloudFormation Template Reference, "Fn::Cidr"; text of IPv6 addresses: RFC 5952.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The largest number of blocks that `Fn::Cidr` gives.
const MAX_COUNT: u128 = 256;

/// The first `count` blocks of `bits` host bits each inside `block`.
pub(super) fn split(block: &str, count: u128, bits: u32) -> Result<Vec<String>, String> {
    let parsed = block.split_once('/').and_then(|(address, prefix)| {
        Some((
            address.parse::<IpAddr>().ok()?,
            prefix
                .parse::<u32>()
                .ok()
                .filter(|_| !prefix.starts_with('+'))?,
        ))
    });
    let Some((address, prefix)) = parsed else {
        return Err(format!(
            "`{block}` is no address block. Write one such as 10.0.0.0/16 or 2001:db8::/56."
        ));
    };
    let (width, number) = match address {
        IpAddr::V4(v4) => (32, u128::from(u32::from(v4))),
        IpAddr::V6(v6) => (128, u128::from(v6)),
    };
    if prefix > width {
        return Err(format!("`{block}` has a prefix longer than /{width}."));
    }
    if !(1..=MAX_COUNT).contains(&count) {
        return Err(format!(
            "the count of blocks is {count}; it must be between 1 and {MAX_COUNT}."
        ));
    }
    let Some(mask) = width.checked_sub(bits).filter(|mask| *mask >= prefix) else {
        return Err(format!(
            "{bits} host bits make blocks larger than `{block}`. Use at most {} bits.",
            width - prefix
        ));
    };
    // A shift of 128 bits has room for everything.
    let room = 1u128.checked_shl(mask - prefix).unwrap_or(u128::MAX);
    if count > room {
        return Err(format!(
            "`{block}` holds {room} blocks of /{mask}, and {count} are asked for."
        ));
    }
    let host_bits = width - prefix;
    let base = number
        .checked_shr(host_bits)
        .and_then(|n| n.checked_shl(host_bits))
        .unwrap_or(0);
    (0..count)
        .map(|i| {
            let start = base + i.checked_shl(bits).unwrap_or(0);
            let address = match address {
                IpAddr::V4(_) => u32::try_from(start)
                    .map(|n| Ipv4Addr::from(n).to_string())
                    .map_err(|e| e.to_string())?,
                IpAddr::V6(_) => Ipv6Addr::from(start).to_string(),
            };
            Ok(format!("{address}/{mask}"))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documented_example() {
        assert_eq!(
            split("192.168.0.0/24", 6, 5).expect("fits"),
            [
                "192.168.0.0/27",
                "192.168.0.32/27",
                "192.168.0.64/27",
                "192.168.0.96/27",
                "192.168.0.128/27",
                "192.168.0.160/27"
            ]
        );
    }

    #[test]
    fn subnets_of_a_vpc() {
        assert_eq!(
            split("10.0.0.0/16", 3, 8).expect("fits"),
            ["10.0.0.0/24", "10.0.1.0/24", "10.0.2.0/24"]
        );
        assert_eq!(split("10.0.7.9/16", 1, 8).expect("fits"), ["10.0.0.0/24"]);
    }

    #[test]
    fn ipv6() {
        assert_eq!(
            split("2001:db8:1234:1a00::/56", 3, 64).expect("fits"),
            [
                "2001:db8:1234:1a00::/64",
                "2001:db8:1234:1a01::/64",
                "2001:db8:1234:1a02::/64"
            ]
        );
    }

    #[test]
    fn extremes_do_not_overflow() {
        assert_eq!(split("0.0.0.0/0", 1, 32).expect("fits"), ["0.0.0.0/0"]);
        assert_eq!(split("::/0", 1, 128).expect("fits"), ["::/0"]);
        assert_eq!(split("::/0", 2, 127).expect("fits"), ["::/1", "8000::/1"]);
        assert_eq!(split("::/0", 2, 0).expect("fits"), ["::/128", "::1/128"]);
        assert_eq!(
            split("255.255.255.255/32", 1, 0).expect("fits"),
            ["255.255.255.255/32"]
        );
        assert_eq!(
            split("255.255.255.254/31", 2, 0).expect("fits")[1],
            "255.255.255.255/32"
        );
    }

    #[test]
    fn says_what_does_not_fit() {
        let fault = |block, count, bits| split(block, count, bits).expect_err(block);
        insta::assert_snapshot!(fault("10.0.0.0/24", 5, 6), @"`10.0.0.0/24` holds 4 blocks of /26, and 5 are asked for.");
        insta::assert_snapshot!(fault("10.0.0.0/24", 1, 9), @"9 host bits make blocks larger than `10.0.0.0/24`. Use at most 8 bits.");
        insta::assert_snapshot!(fault("10.0.0.0/24", 257, 0), @"the count of blocks is 257; it must be between 1 and 256.");
        insta::assert_snapshot!(fault("10.0.0.0/33", 1, 0), @"`10.0.0.0/33` has a prefix longer than /32.");
        insta::assert_snapshot!(fault("10.0.0/8", 1, 0), @"`10.0.0/8` is no address block. Write one such as 10.0.0.0/16 or 2001:db8::/56.");
    }
}
