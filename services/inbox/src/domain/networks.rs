//! Where webhooks may go: addresses that are of the public internet, and those that the operator allows.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use url::{Host, Url};

/// The longest address of a webhook, in characters.
pub const MAX_URL: usize = 2_000;

const fn v4(a: u8, b: u8, c: u8, bits: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, 0), bits)
}

const fn v6(a: u16, b: u16, c: u16, bits: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0), bits)
}

/// What of IPv4 is not the internet: this host, private, shared by carriers, loopback, link-local, protocols, documentation,
/// relays, benchmarks, multicast, reserved.
const NOT_PUBLIC: [Ipv4Net; 17] = [
    v4(0, 0, 0, 8),
    v4(10, 0, 0, 8),
    v4(100, 64, 0, 10),
    v4(127, 0, 0, 8),
    v4(169, 254, 0, 16),
    v4(172, 16, 0, 12),
    v4(192, 0, 0, 24),
    v4(192, 0, 2, 24),
    v4(192, 31, 196, 24),
    v4(192, 52, 193, 24),
    v4(192, 88, 99, 24),
    v4(192, 168, 0, 16),
    v4(192, 175, 48, 24),
    v4(198, 18, 0, 15),
    v4(198, 51, 100, 24),
    v4(203, 0, 113, 24),
    v4(224, 0, 0, 3),
];

/// Of IPv6 only this is the internet, so that addresses that carry others (mapped, compatible, NAT64), local and multicast
/// ones are none.
const PUBLIC: Ipv6Net = v6(0x2000, 0, 0, 3);

/// What is not, of that: protocols and Teredo, documentation, 6to4, documentation, AS112.
const NOT_PUBLIC_V6: [Ipv6Net; 5] = [
    v6(0x2001, 0, 0, 23),
    v6(0x2001, 0x0db8, 0, 32),
    v6(0x2002, 0, 0, 16),
    v6(0x3fff, 0, 0, 20),
    v6(0x2620, 0x004f, 0x8000, 48),
];

/// The networks that webhooks may reach.
#[derive(Debug, Clone, Default)]
pub struct Networks {
    allowed: Vec<IpNet>,
}

impl Networks {
    /// The public ones, and these, as CIDRs or single addresses.
    ///
    /// # Errors
    /// The text that is neither.
    pub fn new(allowed: &[String]) -> Result<Self, String> {
        let read = |text: &String| {
            let net = text.parse().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
            net.map_err(|_| format!("{text} is no network or address"))
        };
        Ok(Self { allowed: allowed.iter().map(read).collect::<Result<_, _>>()? })
    }

    /// Whether an address may be connected to.
    #[must_use]
    pub fn reach(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.allowed.iter().any(|net| net.contains(&address)) || is_public(address)
    }

    /// Reads the address of a webhook. A host that is an address is checked here; names are each time they are resolved.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(&self, text: &str) -> Result<Url, &'static str> {
        let url =
            Url::parse(text.trim()).map_err(|_| "That is no address such as https://example.com/hook.")?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err("Webhooks go to http or https.");
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("The address must not hold a name or password.");
        }
        let address = match url.host() {
            Some(Host::Ipv4(address)) => Some(IpAddr::V4(address)),
            Some(Host::Ipv6(address)) => Some(IpAddr::V6(address)),
            Some(Host::Domain(_)) => None,
            None => return Err("The address has no host."),
        };
        match address {
            Some(address) if !self.reach(address) => Err("Webhooks do not go to that network."),
            _ => Ok(url),
        }
    }
}

fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => !NOT_PUBLIC.iter().any(|net| net.contains(&address)),
        IpAddr::V6(address) => {
            PUBLIC.contains(&address) && !NOT_PUBLIC_V6.iter().any(|net| net.contains(&address))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_internet_is_reached() {
        let networks = Networks::default();
        for address in ["1.1.1.1", "8.8.8.8", "172.15.0.1", "172.32.0.1", "::ffff:8.8.8.8", "2606:4700::1111"]
        {
            assert!(networks.reach(address.parse().unwrap()), "{address}");
        }
        for address in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "127.0.0.1",
            "127.8.8.8",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::127.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::1",
            "3fff::1",
            "5f00::1",
            "fc00::1",
            "fd12::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            assert!(!networks.reach(address.parse().unwrap()), "{address}");
        }
    }

    #[test]
    fn the_operator_may_allow_more() {
        let networks = Networks::new(&["10.0.0.0/8".to_owned(), "::1".to_owned()]).unwrap();
        for (address, may) in
            [("10.1.1.1", true), ("::ffff:10.1.1.1", true), ("::1", true), ("127.0.0.1", false)]
        {
            assert_eq!(networks.reach(address.parse().unwrap()), may, "{address}");
        }
        assert!(Networks::new(&["10.0.0.0/99".to_owned()]).is_err());
    }

    #[test]
    fn addresses_of_webhooks_are_checked_however_they_are_written() {
        let networks = Networks::default();
        for text in ["https://example.com/hook?a=b", "http://example.com:8080", "https://1.1.1.1/x"] {
            assert!(networks.read(text).is_ok(), "{text}");
        }
        for text in [
            "",
            "example.com",
            "ftp://example.com",
            "file:///etc/passwd",
            "https://user:secret@example.com",
            "https://user@example.com",
            "https://",
            "http://127.0.0.1:5432",
            "http://169.254.169.254/latest/meta-data",
            "http://[::1]/",
            "http://[::ffff:127.0.0.1]/",
            "http://[::ffff:7f00:1]/",
            "http://2130706433/",
            "http://0x7f.1/",
            "http://0x7f000001/",
            "http://0177.0.0.1/",
            "http://127.1/",
            "http://0/",
            "http://\u{ff11}27.0.0.1/",
        ] {
            assert!(networks.read(text).is_err(), "{text}");
        }
    }
}
