//! `[post]`: how letters leave, and to whom.

use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;

use super::Secret;

/// How letters leave: through a mail server when `[post.smtp]` is given, else into a folder.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Post {
    /// Sender of every letter.
    pub from: String,
    /// Where answers to letters go; the sender when empty.
    pub reply_to: Option<String>,
    /// Right-hand side of every Message-ID; the sender's domain when empty.
    pub domain: Option<String>,
    /// Letters are written here as `.eml` files when there is no mail server.
    pub folder: PathBuf,
    /// Trial mode: letters go to these addresses only (`@domain` stands for a whole domain); all others are kept and shown.
    /// Empty: to everyone.
    pub only_to: Vec<String>,
    pub smtp: Option<Smtp>,
}

impl Default for Post {
    fn default() -> Self {
        Self {
            from: "Guichet ClicToPay <guichet@localhost.localdomain>".to_owned(),
            reply_to: None,
            domain: None,
            folder: "var/letters".into(),
            only_to: Vec::new(),
            smtp: None,
        }
    }
}

impl Post {
    /// Not in trial mode, or an address the trial may write to.
    #[must_use]
    pub fn may_write_to(&self, address: &str) -> bool {
        let address = address.trim_end_matches('>').rsplit('<').next().unwrap_or(address).to_lowercase();
        let listed = |entry: &String| {
            let entry = entry.to_lowercase();
            if entry.starts_with('@') { address.ends_with(&entry) } else { address == entry }
        };
        self.only_to.is_empty() || self.only_to.iter().any(listed)
    }
}

/// A mail server.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Smtp {
    pub host: String,
    /// 465 for TLS from the start, 587 for STARTTLS, 25 without TLS, unless given.
    pub port: Option<u16>,
    #[serde(default)]
    pub tls: Tls,
    /// Certificate (PEM) of the authority that vouches for the server, when it is a house's own.
    pub ca_file: Option<PathBuf>,
    /// Read from `ca_file`.
    #[serde(skip)]
    pub ca: Option<Vec<u8>>,
    pub user: Option<String>,
    /// File that holds the password, mode 0600, or a name under `$CREDENTIALS_DIRECTORY`.
    pub password_file: Option<PathBuf>,
    /// Read from `password_file`.
    #[serde(skip)]
    pub password: Option<Secret>,
    /// How long to wait for the server.
    #[serde(default = "smtp_timeout", with = "jiff::fmt::serde::unsigned_duration::friendly::compact::required")]
    pub timeout: Duration,
}

fn smtp_timeout() -> Duration {
    Duration::from_secs(30)
}

/// How the connection to the mail server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tls {
    /// STARTTLS, required.
    #[default]
    Starttls,
    /// TLS from the first byte.
    Wrapped,
    /// None: only for a relay on this machine.
    None,
}
