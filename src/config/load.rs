//! From text to configuration, naming every fault at once.
//!
//! A deserialiser stops at its first fault. To find the next ones, the line at fault is blanked and the text read again: lines
//! keep their numbers, and an administrator mends the file once instead of ten times.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Path, PathBuf};

use super::{Config, FILE_NAME, secret};
use crate::seal::Seal;

/// Enough to mend a bad file in one go; beyond it the file is probably no configuration.
const MOST_FAULTS: usize = 50;

/// Everything wrong with the configuration, one line each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Faults(pub Vec<String>);

impl std::error::Error for Faults {}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("\n"))
    }
}

pub(super) fn load(path: &Path) -> Result<Config, Faults> {
    match survey(path) {
        (Some(config), faults) if faults.is_empty() => Ok(config),
        (_, faults) => Err(Faults(faults)),
    }
}

/// What can be made of a configuration, with all its faults: the other checks go on with what could be read.
pub(super) fn survey(path: &Path) -> (Option<Config>, Vec<String>) {
    let file = if path.is_dir() { path.join(FILE_NAME) } else { path.to_path_buf() };
    let root = match file.parent() {
        Some(parent) if parent != Path::new("") => parent.to_path_buf(),
        _ => PathBuf::from("."),
    };
    let text = match std::fs::read_to_string(&file) {
        Ok(text) => text,
        Err(err) if err.kind() == std::io::ErrorKind::NotFound && path.is_dir() => String::new(),
        Err(err) => return (None, vec![format!("{}: {err}", file.display())]),
    };
    let (config, faults) = examine(&text, &root);
    let placed = faults.into_iter().map(|fault| match fault.line {
        Some(line) => format!("{}:{line}: {}", file.display(), fault.what),
        None => format!("{}: {}", file.display(), fault.what),
    });
    (config, placed.collect())
}

pub(super) fn parse(text: &str, root: &Path) -> Result<Config, Faults> {
    match examine(text, root) {
        (Some(config), faults) if faults.is_empty() => Ok(config),
        (_, faults) => Err(Faults(faults.iter().map(ToString::to_string).collect())),
    }
}

/// One fault and its line.
struct Fault {
    line: Option<usize>,
    what: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "line {line}: {}", self.what),
            None => f.write_str(&self.what),
        }
    }
}

fn examine(text: &str, root: &Path) -> (Option<Config>, Vec<Fault>) {
    let (config, mut faults) = read(text);
    let Some(mut config) = config else { return (None, faults) };
    config.root = root.to_path_buf();
    let unlocked = unlock(&mut config, root);
    faults.extend(
        check(&config).into_iter().chain(unlocked.err()).map(|(place, what)| Fault { line: place.line_in(text), what }),
    );
    faults.sort_by_key(|fault| fault.line);
    (Some(config), faults)
}

/// Where a key stands: which section of this name, and which key of it.
struct Place {
    section: &'static str,
    nth: usize,
    key: &'static str,
}

impl Place {
    fn of(section: &'static str, key: &'static str) -> Self {
        Self { section, nth: 0, key }
    }

    /// The line of the key, else of its section.
    fn line_in(&self, text: &str) -> Option<usize> {
        let mut heading = None;
        let mut before = 0;
        let mut within = false;
        for (number, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.starts_with('[') {
                within = line.trim_start_matches('[').split(']').next().map(str::trim) == Some(self.section);
                within &= {
                    before += usize::from(within);
                    before == self.nth + 1
                };
                if within {
                    heading = Some(number + 1);
                }
            } else if within && line.strip_prefix(self.key).is_some_and(|rest| rest.trim_start().starts_with('=')) {
                return Some(number + 1);
            }
        }
        heading
    }
}

/// What is left of a text once its faulty lines are blanked, and what was wrong with them.
fn read(text: &str) -> (Option<Config>, Vec<Fault>) {
    let mut text = text.to_owned();
    let mut faults = Vec::new();
    while faults.len() < MOST_FAULTS {
        let err = match toml::from_str::<Config>(&text) {
            Ok(config) => return (Some(config), faults),
            Err(err) => err,
        };
        let Some(span) = err.span() else {
            faults.push(Fault { line: None, what: err.message().to_owned() });
            break;
        };
        let start = span.start.min(text.len());
        let from = text[..start].rfind('\n').map_or(0, |at| at + 1);
        let to = text[start..].find('\n').map_or(text.len(), |at| start + at);
        let line = text[..start].matches('\n').count() + 1;
        // A key found missing in a section some of whose lines were blanked may be one of them: pass over that section.
        let follows = err.message().starts_with("missing field") && !faults.is_empty();
        if !follows {
            faults.push(Fault { line: Some(line), what: err.message().to_owned() });
        }
        let to = if follows { text[to..].find("\n[").map_or(text.len(), |at| to + at) } else { to };
        if text[from..to].trim().is_empty() {
            break;
        }
        let blank: String = text[from..to].chars().map(|c| if c == '\n' { c } else { ' ' }).collect();
        text.replace_range(from..to, &blank);
    }
    (None, faults)
}

/// Faults between keys, and of values that a type cannot tell.
fn check(config: &Config) -> Vec<(Place, String)> {
    let mut faults = Vec::new();
    let mut codes = BTreeMap::new();
    let mut folders = BTreeSet::new();
    for (nth, bank) in config.bank.iter().enumerate() {
        let mut fault = |key, what| faults.push((Place { section: "bank", nth, key }, what));
        if bank.code.len() != 2 || !bank.code.bytes().all(|b| b.is_ascii_digit()) {
            let what = format!("bank {}: code {:?} is not the two digits a RIB begins with", bank.folder, bank.code);
            fault("code", what);
        }
        if let Some(other) = codes.insert(&bank.code, &bank.folder) {
            fault("code", format!("banks {other} and {}: both have the code {}", bank.folder, bank.code));
        }
        if !folders.insert(&bank.folder) {
            fault("folder", format!("bank {}: described twice", bank.folder));
        }
        for (key, addresses) in [("mailboxes", &bank.mailboxes), ("monetique", &bank.monetique)] {
            for what in addresses.iter().filter_map(|address| bad_address(address)) {
                fault(key, format!("bank {}: {what}", bank.folder));
            }
        }
    }
    let mut fault = |section, key, what| faults.push((Place::of(section, key), what));
    let (monetique, post) = (&config.monetique, &config.post);
    for (key, addresses) in [("mailboxes", &monetique.mailboxes), ("operations", &monetique.operations)] {
        for what in addresses.iter().filter_map(|address| bad_address(address)) {
            fault("monetique", key, format!("monetique: {what}"));
        }
    }
    for (key, address) in [("from", Some(&post.from)), ("reply_to", post.reply_to.as_ref())] {
        if let Some(what) = address.and_then(|address| bad_address(address)) {
            fault("post", key, format!("post: {what}"));
        }
    }
    let declarations = &config.declarations;
    for (key, value, digits) in
        [("code_emetteur", &declarations.code_emetteur, 5), ("code_faconnier", &declarations.code_faconnier, 6)]
    {
        if value.len() != digits || !value.bytes().all(|b| b.is_ascii_digit()) {
            fault("declarations", key, format!("declarations: {key} takes {digits} digits, not {value:?}"));
        }
    }
    if declarations.nom_emetteur.chars().count() > 40 {
        fault("declarations", "nom_emetteur", "declarations: nom_emetteur takes 40 characters at most".to_owned());
    }
    let limits = &config.limits;
    for (key, is_zero) in [("deposit_files", limits.deposit_files == 0), ("file_bytes", limits.file_bytes == 0)] {
        if is_zero {
            fault("limits", key, format!("limits: {key} must be greater than 0"));
        }
    }
    if config.inbox.rescan.is_zero() {
        fault("inbox", "rescan", "inbox: rescan must be greater than 0".to_owned());
    }
    faults
}

/// Reads the secrets that the configuration points to.
fn unlock(config: &mut Config, root: &Path) -> Result<(), (Place, String)> {
    if let Some(file) = &config.storage.key_file {
        let fault = |what: String| (Place::of("storage", "key_file"), format!("storage: {}: {what}", file.display()));
        let keys = secret::read(root, file).map_err(fault)?;
        Seal::with(&keys).map_err(fault)?;
        config.storage.keys = Some(keys);
    }
    let Some(smtp) = &mut config.post.smtp else { return Ok(()) };
    let fault = |key, what: &str| (Place::of("post.smtp", key), format!("post.smtp: {what}"));
    if let Some(file) = &smtp.ca_file {
        let path = root.join(file);
        let pem = std::fs::read(&path).map_err(|err| fault("ca_file", &format!("{}: {err}", path.display())))?;
        smtp.ca = Some(pem);
    }
    match (&smtp.user, &smtp.password_file) {
        (Some(_), Some(file)) => {
            smtp.password = Some(secret::read(root, file).map_err(|what| fault("password_file", &what))?);
            Ok(())
        }
        (Some(_), None) => Err(fault("user", "user is given, password_file is missing")),
        (None, Some(_)) => Err(fault("password_file", "password_file is given, user is missing")),
        (None, None) => Ok(()),
    }
}

fn bad_address(address: &str) -> Option<String> {
    address.parse::<lettre::message::Mailbox>().err().map(|err| format!("{address:?} is not a mailbox ({err})"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_file_has_the_documented_defaults() {
        let config = parse("", Path::new("/installation")).unwrap();
        insta::assert_debug_snapshot!(config);
    }

    #[test]
    fn every_fault_is_named_at_once_with_its_line() {
        let text = "[inbox]\nquiet = \"soon\"\nwatch = \"sometimes\"\n\n[outbox]\npth = \"out\"\n\n[[bank]]\nfolder = \"../etc\"\ncode = \"08\"\nname = \"X\"\n";
        let faults = parse(text, Path::new(".")).unwrap_err();
        insta::assert_snapshot!(faults);
    }

    #[test]
    fn banks_are_checked_against_one_another() {
        let bank =
            |folder: &str, code: &str| format!("[[bank]]\nfolder = \"{folder}\"\ncode = \"{code}\"\nname = \"B\"\n");
        let text = bank("biat", "08") + &bank("atb", "8") + &bank("bna", "08") + "mailboxes = [\"nobody\"]\n";
        insta::assert_snapshot!(parse(&text, Path::new(".")).unwrap_err());
    }

    #[test]
    fn a_mail_server_takes_its_own_keys_and_its_password_from_a_closed_file() {
        let root = tempfile::tempdir().unwrap();
        let text = "[post.smtp]\nhost = \"mail.example\"\nuser = \"guichet\"\npassword_file = \"secret\"\n";
        assert!(parse(text, root.path()).unwrap_err().to_string().contains("secret"));
        let file = root.path().join("secret");
        std::fs::write(&file, "s3same\n").unwrap();
        std::fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
        assert!(parse(text, root.path()).unwrap_err().to_string().contains("chmod 600"));
        std::fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        let config = parse(text, root.path()).unwrap();
        assert!(!format!("{config:?}").contains("s3same"));
    }
}
