//! IP addresses of a merchant's servers: only public ones can be let through.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Reads an IPv4 or IPv6 address; blanks around and between (broken cells) do not matter.
#[must_use]
pub fn parse(text: &str) -> Option<IpAddr> {
    let text: String = super::digits::western(text).chars().filter(|c| !c.is_whitespace()).collect();
    text.trim_matches(['[', ']']).parse().ok()
}

/// Reachable from the Internet: not private, reserved, documentation, shared or local (IANA special-purpose registries).
#[must_use]
pub fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    let special = a == 0
        || ip.is_private()
        || ip.is_loopback()
        || ip.is_link_local()
        || ip.is_documentation()
        || (a == 100 && (64..128).contains(&b))
        || (a, b, c) == (192, 0, 0)
        || (a, b, c) == (192, 88, 99)
        || (a == 198 && (b == 18 || b == 19))
        || a >= 224;
    !special
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    if let Some(mapped) = ip.to_ipv4_mapped() {
        return is_public_v4(mapped);
    }
    let [first, second, third, ..] = ip.segments();
    // Only 2000::/3 is given out; within it lie Teredo, benchmarks, ORCHID, documentation and 6to4.
    let special = match first {
        0x2001 => matches!(second, 0 | 0xdb8 | 0x10..=0x3f) || (second, third) == (2, 0),
        0x2002 => true,
        0x3fff => second < 0x1000,
        _ => false,
    };
    (0x2000..0x4000).contains(&first) && !special
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_public_addresses_are_public() {
        for text in [
            "10.0.0.1",
            "192.168.1.1",
            "172.20.0.1",
            "127.0.0.1",
            "100.64.0.1",
            "203.0.113.9",
            "::1",
            "fe80::1",
            "2001:db8::1",
            "::ffff:10.0.0.1",
            "3fff::1",
            "224.0.0.1",
        ] {
            assert!(!is_public(parse(text).unwrap()), "{text}");
        }
        for text in ["41.229.164.58", "2001:41d0:8e7:968e::52"] {
            assert!(is_public(parse(text).unwrap()), "{text}");
        }
        assert_eq!(parse("41.229.164"), None);
    }
}
