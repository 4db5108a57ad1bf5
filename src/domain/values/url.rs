//! Addresses of web pages that the payment server will call or show.

use std::fmt;
use std::net::IpAddr;

use ::url::Host;

/// Longest address a declaration can carry.
const LONGEST: usize = 255;

/// An https address on a public host, as printed (with `https://` where no scheme is printed).
///
/// ```
/// use guichet::domain::values::Url;
/// assert_eq!(Url::parse("www.dar-home.tn").unwrap().to_string(), "https://www.dar-home.tn");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Url {
    printed: String,
    host: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    #[error("not a web address")]
    NotAnAddress,
    #[error("not https")]
    NotHttps,
    #[error("holds a user name or a password")]
    Credentials,
    #[error("holds a fragment")]
    Fragment,
    #[error("the host is private, reserved or this machine")]
    PrivateHost,
    #[error("longer than 255 characters")]
    TooLong,
}

impl UrlError {
    /// Code of the finding that says so.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::NotHttps => "url_not_https",
            Self::PrivateHost => "private_ip",
            Self::NotAnAddress => "bad_url",
            Self::Credentials => "url_credentials",
            Self::Fragment => "url_fragment",
            Self::TooLong => "url_too_long",
        }
    }
}

impl Url {
    pub fn parse(text: &str) -> Result<Self, UrlError> {
        let printed = with_scheme(text);
        if printed.len() > LONGEST {
            return Err(UrlError::TooLong);
        }
        if printed.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return Err(UrlError::NotAnAddress);
        }
        let parsed = ::url::Url::parse(&printed).map_err(|_| UrlError::NotAnAddress)?;
        let private = match parsed.host() {
            Some(Host::Domain(domain)) => {
                let domain = domain.trim_end_matches('.');
                if domain == "localhost"
                    || [".localhost", ".local", ".internal", ".lan"].iter().any(|end| domain.ends_with(end))
                {
                    true
                } else if domain.contains('.') {
                    false
                } else {
                    return Err(UrlError::NotAnAddress);
                }
            }
            Some(Host::Ipv4(ip)) => !super::ip::is_public(IpAddr::V4(ip)),
            Some(Host::Ipv6(ip)) => !super::ip::is_public(IpAddr::V6(ip)),
            None => return Err(UrlError::NotAnAddress),
        };
        match parsed.scheme() {
            "https" => {}
            "http" => return Err(if private { UrlError::PrivateHost } else { UrlError::NotHttps }),
            _ => return Err(UrlError::NotAnAddress),
        }
        if private {
            Err(UrlError::PrivateHost)
        } else if !parsed.username().is_empty() || parsed.password().is_some() {
            Err(UrlError::Credentials)
        } else if parsed.fragment().is_some() {
            Err(UrlError::Fragment)
        } else {
            Ok(Self { host: parsed.host_str().unwrap_or_default().to_owned(), printed })
        }
    }

    /// Lower case, without port.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.printed)
    }
}

/// The address as printed, with `https://` in front where no scheme stands.
pub(super) fn with_scheme(text: &str) -> String {
    let text = text.trim();
    if text.contains("://") { text.to_owned() } else { format!("https://{text}") }
}

/// The part of a host that one registers: `shop.dar-home.com.tn` → `dar-home.com.tn` (public suffix list).
#[must_use]
pub fn registrable_domain(host: &str) -> Option<&str> {
    psl::domain_str(host)
}

/// Does a host end as hosts do: `tn`, `com.tn`? A point lost or a letter too few gives an ending nobody can register under.
#[must_use]
pub fn has_known_ending(host: &str) -> bool {
    psl::suffix(host.to_ascii_lowercase().as_bytes()).is_some_and(|suffix| suffix.is_known())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ending_nobody_registers_under_is_none() {
        assert!(has_known_ending("www.atelier.com.tn") && has_known_ending("Atelier.TN"));
        assert!(!has_known_ending("www.atelier.comtn") && !has_known_ending("atelier.t"));
    }

    #[test]
    fn each_fault_is_its_own() {
        let err = |text| Url::parse(text).unwrap_err();
        assert_eq!(err("http://shop.tn"), UrlError::NotHttps);
        assert_eq!(err("https://192.168.1.9/ok"), UrlError::PrivateHost);
        assert_eq!(err("localhost:8080/ok"), UrlError::PrivateHost);
        assert_eq!(err("https://a:b@shop.tn"), UrlError::Credentials);
        assert_eq!(err("https://shop.tn/#ok"), UrlError::Fragment);
        assert_eq!(err("shop"), UrlError::NotAnAddress);
        assert_eq!(err("javascript://shop.tn/"), UrlError::NotAnAddress);
        assert_eq!(err(&format!("shop.tn/{}", "a".repeat(300))), UrlError::TooLong);
        assert_eq!(Url::parse("https://shop.tn/index.php?fc=module&x=1").unwrap().host(), "shop.tn");
    }

    #[test]
    fn one_registers_the_name_before_the_public_suffix() {
        assert_eq!(registrable_domain("shop.dar-home.com.tn"), Some("dar-home.com.tn"));
        assert_eq!(registrable_domain("www.dar-home.tn"), Some("dar-home.tn"));
    }
}
