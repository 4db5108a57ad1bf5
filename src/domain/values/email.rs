//! E-mail addresses that may be written to.
//!
//! Narrower than RFC 5321 on purpose: an address from a form that is quoted, commented or not ASCII is a person's
//! business, and nothing that could split a header passes.

use std::fmt;

/// `local@domain`, at most 254 characters, as printed.
///
/// ```
/// use guichet::domain::values::Email;
/// assert!(Email::parse("direction@dar-home.tn").is_ok());
/// assert!(Email::parse("direction@dar-home").is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Email(String);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an e-mail address")]
pub struct EmailError;

impl Email {
    pub fn parse(text: &str) -> Result<Self, EmailError> {
        let text = text.trim();
        let (local, domain) = text.rsplit_once('@').ok_or(EmailError)?;
        let local_fits = (1..=64).contains(&local.len())
            && local.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~.".contains(&b))
            && !local.starts_with('.')
            && !local.ends_with('.')
            && !local.contains("..");
        let labels: Vec<&str> = domain.split('.').collect();
        let domain_fits = labels.len() >= 2
            && labels.iter().all(|label| {
                (1..=63).contains(&label.len())
                    && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
                    && !label.starts_with('-')
                    && !label.ends_with('-')
            })
            && labels.last().is_some_and(|top| {
                top.len() >= 2 && (top.bytes().all(|b| b.is_ascii_alphabetic()) || top.starts_with("xn--"))
            });
        if local_fits && domain_fits && text.len() <= 254 { Ok(Self(text.to_owned())) } else { Err(EmailError) }
    }

    #[must_use]
    pub fn domain(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(_, domain)| domain)
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::Email;

    #[test]
    fn nothing_that_splits_a_header_passes() {
        for text in ["a@b.tn\r\nBcc: x@y.tn", "a b@c.tn", "a@b..tn", "@b.tn", "a@@b.tn", "a@b.t", "é@b.tn", "a,b@c.tn"]
        {
            assert!(Email::parse(text).is_err(), "{text}");
        }
        assert_eq!(Email::parse("m.ben-salah@x-y.com.tn").unwrap().domain(), "x-y.com.tn");
    }
}
