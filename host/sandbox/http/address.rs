//! Which addresses belong to the public network, so that a granted name reaches nothing that only this machine can.
//!
//! Source: IANA's registries of special-purpose addresses. What is not known to be public is not.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What an address is that is not public.
pub(super) fn not_public(address: IpAddr) -> Option<&'static str> {
    match address.to_canonical() {
        IpAddr::V4(v4) => special_v4(v4),
        IpAddr::V6(v6) => special_v6(v6),
    }
}

fn special_v4(v4: Ipv4Addr) -> Option<&'static str> {
    let [a, b, c, _] = v4.octets();
    Some(match (a, b, c) {
        (0, ..) => "an address of this machine",
        (127, ..) => "a loopback address",
        (10, ..) | (172, 16..=31, _) | (192, 168, _) => "a private address",
        (169, 254, _) => "a link-local address",
        (100, 64..=127, _) => "an address of a provider's own network",
        (192, 0, 0) | (192, 88, 99) | (198, 18..=19, _) => "an address with a special purpose",
        (192, 0, 2) | (198, 51, 100) | (203, 0, 113) => "an address for documentation",
        (224..=239, ..) => "a multicast address",
        (240.., ..) => "a reserved address",
        _ => return None,
    })
}

fn special_v6(v6: Ipv6Addr) -> Option<&'static str> {
    let [a, b, c, d, e, f, g, h] = v6.segments();
    let embedded = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        special_v4(Ipv4Addr::new(a, b, c, d))
    };
    Some(match (a, b, c, d, e, f) {
        (0, 0, 0, 0, 0, 0) if (g, h) == (0, 1) => "a loopback address",
        (0, 0, 0, 0, 0, 0) if (g, h) == (0, 0) => "an address of this machine",
        // Behind these two prefixes stands an address of IPv4.
        (0x64, 0xff9b, 0, 0, 0, 0) => return embedded(g, h),
        (0x2002, ..) => return embedded(b, c),
        (0x2001, 0..0x200, ..) => "an address with a special purpose",
        (0x2001, 0xdb8, ..) | (0x3fff, 0..0x1000, ..) => "an address for documentation",
        (0x2000..0x4000, ..) => return None,
        (0xfc00..0xfe00, ..) => "a private address",
        (0xfe80..0xfec0, ..) => "a link-local address",
        (0xff00.., ..) => "a multicast address",
        _ => "a reserved address",
    })
}

#[cfg(test)]
#[path = "address_tests.rs"]
mod tests;
