//! `guichet.toml`: one struct per section, read and checked once, before anything starts.
//!
//! Every key has a default but `[[bank]]`'s own: an empty file is a working installation. Paths are relative to the folder
//! the file lies in. All faults are reported at once, each with its line.

mod declarations;
mod limits;
mod load;
mod post;
mod secret;

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;

pub use declarations::{Declarations, Hour, LineEnd};
pub use limits::{Limits, Retention, Sandbox};
pub use load::Faults;
pub use post::{Post, Smtp, Tls};
pub use secret::Secret;
pub(crate) use secret::read as read_secret;

use crate::domain::bank::Bank;

/// Name of the configuration file of an installation.
pub const FILE_NAME: &str = "guichet.toml";
/// Exit code when the configuration is at fault (`EX_CONFIG`).
pub const AT_FAULT: i32 = 78;

/// The whole configuration.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Folder of the configuration file; every relative path starts there.
    #[serde(skip)]
    pub root: PathBuf,
    pub inbox: Inbox,
    pub outbox: Outbox,
    pub storage: Storage,
    pub content: Content,
    pub post: Post,
    pub monetique: Monetique,
    pub declarations: Declarations,
    pub limits: Limits,
    pub retention: Retention,
    pub log: Log,
    /// The banks that deposit here. None: every known bank, told by the forms that are dropped into the inbox itself.
    pub bank: Vec<Bank>,
}

/// Where documents are dropped and how they are taken.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Inbox {
    /// The folder that holds one folder per bank.
    pub path: PathBuf,
    /// `notify`: the system says when something changes. `poll`: look at intervals only, for NFS and SMB. `auto`: ask the
    /// file system which it is.
    pub watch: Watch,
    /// How long a file must stand still before it is taken, measured between two looks.
    #[serde(with = "jiff::fmt::serde::unsigned_duration::friendly::compact::required")]
    pub quiet: Duration,
    /// How long to wait for the end of a file whose structure is cut, before it is taken as it is and answered.
    #[serde(with = "jiff::fmt::serde::unsigned_duration::friendly::compact::required")]
    pub patience: Duration,
    /// A full look at every folder, whatever the system announces.
    #[serde(with = "jiff::fmt::serde::unsigned_duration::friendly::compact::required")]
    pub rescan: Duration,
    /// Rights of the folders banks drop into and of the answers left there, in octal.
    pub folder_mode: Mode,
    pub answer_mode: Mode,
    /// Answers are removed after so many days.
    pub answers_days: u32,
}

impl Default for Inbox {
    fn default() -> Self {
        Self {
            path: "inbox".into(),
            watch: Watch::Auto,
            quiet: Duration::from_secs(2),
            patience: Duration::from_mins(1),
            rescan: Duration::from_secs(10),
            folder_mode: Mode(0o700),
            answer_mode: Mode(0o600),
            answers_days: 90,
        }
    }
}

/// How changes in the inbox are noticed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Watch {
    Auto,
    Notify,
    Poll,
}

/// Rights of a file or folder, written in octal as a text: `"0750"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Mode(pub u32);

impl TryFrom<String> for Mode {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        match u32::from_str_radix(&text, 8) {
            Ok(mode) if mode <= 0o7777 => Ok(Self(mode)),
            _ => Err(format!("{text:?} is not a mode: write it in octal, such as \"0750\"")),
        }
    }
}

/// Where declaration files are offered.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Outbox {
    /// Holds `monetique/` and one folder per bank.
    pub path: PathBuf,
    /// Rights of the folders and files that Monétique-Tunisie and the banks fetch, in octal.
    pub folder_mode: Mode,
    pub file_mode: Mode,
}

impl Default for Outbox {
    fn default() -> Self {
        Self { path: "outbox".into(), folder_mode: Mode(0o700), file_mode: Mode(0o600) }
    }
}

/// Where guichet keeps what is its own.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Storage {
    /// Database, blobs, archive, letters.
    pub path: PathBuf,
    /// Originals are sealed with the first age key of this file: mode 0600, or a systemd credential of this name.
    pub key_file: Option<PathBuf>,
    #[serde(skip)]
    pub keys: Option<Secret>,
}

impl Default for Storage {
    fn default() -> Self {
        Self { path: "var".into(), key_file: None, keys: None }
    }
}

/// Forms and words, where a folder that does not exist stands for what the program carries in itself; and the models that
/// read scans, which it does not carry.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Content {
    pub schemas: PathBuf,
    pub templates: PathBuf,
    /// `make ocr-models` fetches them.
    pub models: PathBuf,
}

impl Default for Content {
    fn default() -> Self {
        Self { schemas: "schemas".into(), templates: "templates".into(), models: "var/models".into() }
    }
}

/// Monétique-Tunisie, as letters and declarations name it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Monetique {
    /// Its operators' mailboxes: told when a file is published.
    pub mailboxes: Vec<String>,
    /// Who runs this installation: told of documents set aside and rejected declarations.
    pub operations: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Log {
    pub format: LogFormat,
    pub level: LogLevel,
}

impl Default for Log {
    fn default() -> Self {
        Self { format: LogFormat::Text, level: LogLevel::Info }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    Text,
    Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogLevel {
    Error,
    Warn,
    Info,
    Debug,
}

impl LogLevel {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Debug => "debug",
        }
    }
}

impl Config {
    /// Reads the configuration of an installation: a `guichet.toml`, or the folder that holds one. A folder without one has
    /// the defaults.
    pub fn load(path: &Path) -> Result<Self, Faults> {
        load::load(path)
    }

    /// What can be made of a configuration, with every fault and its line: for checks that go on.
    #[must_use]
    pub fn survey(path: &Path) -> (Option<Self>, Vec<String>) {
        load::survey(path)
    }

    /// Reads a configuration from its text.
    pub fn parse(text: &str, root: &Path) -> Result<Self, Faults> {
        load::parse(text, root)
    }

    #[must_use]
    pub fn inbox(&self) -> PathBuf {
        self.root.join(&self.inbox.path)
    }

    #[must_use]
    pub fn outbox(&self) -> PathBuf {
        self.root.join(&self.outbox.path)
    }

    #[must_use]
    pub fn var(&self) -> PathBuf {
        self.root.join(&self.storage.path)
    }

    #[must_use]
    pub fn schemas(&self) -> PathBuf {
        self.root.join(&self.content.schemas)
    }

    #[must_use]
    pub fn templates(&self) -> PathBuf {
        self.root.join(&self.content.templates)
    }

    #[must_use]
    pub fn models(&self) -> PathBuf {
        self.root.join(&self.content.models)
    }

    /// The bank of a folder.
    #[must_use]
    pub fn bank(&self, folder: &crate::domain::bank::BankFolder) -> Option<&Bank> {
        self.bank.iter().find(|bank| bank.folder == *folder)
    }
}

#[cfg(test)]
mod documented;
