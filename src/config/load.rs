//! From text to configuration, naming every fault at once.
//!
//! A deserialiser stops at its first fault. To find the next ones, the line at fault is blanked and the text read again: lines
//! keep their numbers, and an administrator mends the file once instead of ten times.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use super::{Config, FILE_NAME, secret};

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
    let file = if path.is_dir() { path.join(FILE_NAME) } else { path.to_path_buf() };
    let root = match file.parent() {
        Some(parent) if parent != Path::new("") => parent.to_path_buf(),
        _ => PathBuf::from("."),
    };
    match std::fs::read_to_string(&file) {
        Ok(text) => parse(&text, &root).map_err(|faults| {
            Faults(faults.0.into_iter().map(|fault| format!("{}: {fault}", file.display())).collect())
        }),
        Err(err) if err.kind() == std::io::ErrorKind::NotFound && path.is_dir() => parse("", &root),
        Err(err) => Err(Faults(vec![format!("{}: {err}", file.display())])),
    }
}

pub(super) fn parse(text: &str, root: &Path) -> Result<Config, Faults> {
    let (config, mut faults) = read(text);
    match config {
        Some(mut config) if faults.is_empty() => {
            faults.extend(check(&config));
            faults.extend(unlock(&mut config, root).err());
            config.root = root.to_path_buf();
            if faults.is_empty() { Ok(config) } else { Err(Faults(faults)) }
        }
        _ => Err(Faults(faults)),
    }
}

fn read(text: &str) -> (Option<Config>, Vec<String>) {
    let mut text = text.to_owned();
    let mut faults = Vec::new();
    while faults.len() < MOST_FAULTS {
        let err = match toml::from_str::<Config>(&text) {
            Ok(config) => return (Some(config), faults),
            Err(err) => err,
        };
        let Some(span) = err.span() else {
            faults.push(err.message().to_owned());
            break;
        };
        let start = span.start.min(text.len());
        let from = text[..start].rfind('\n').map_or(0, |at| at + 1);
        let to = text[start..].find('\n').map_or(text.len(), |at| start + at);
        let line = text[..start].matches('\n').count() + 1;
        // A key found missing in a section some of whose lines were blanked may be one of them: pass over that section.
        let follows = err.message().starts_with("missing field") && !faults.is_empty();
        if !follows {
            faults.push(format!("line {line}: {}", err.message()));
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

/// Faults between keys.
fn check(config: &Config) -> Vec<String> {
    let mut faults = Vec::new();
    let mut codes = BTreeMap::new();
    let mut folders = BTreeMap::new();
    for bank in &config.bank {
        if bank.code.len() != 2 || !bank.code.bytes().all(|b| b.is_ascii_digit()) {
            faults.push(format!("bank {}: code {:?} is not the two digits a RIB begins with", bank.folder, bank.code));
        }
        if let Some(other) = codes.insert(&bank.code, &bank.folder) {
            faults.push(format!("banks {other} and {}: both have the code {}", bank.folder, bank.code));
        }
        if folders.insert(&bank.folder, ()).is_some() {
            faults.push(format!("bank {}: described twice", bank.folder));
        }
        for address in bank.mailboxes.iter().chain(&bank.monetique) {
            faults.extend(bad_address(address).map(|fault| format!("bank {}: {fault}", bank.folder)));
        }
    }
    for address in config.monetique.mailboxes.iter().chain(&config.monetique.operations) {
        faults.extend(bad_address(address).map(|fault| format!("monetique: {fault}")));
    }
    for address in std::iter::once(&config.post.from).chain(&config.post.reply_to) {
        faults.extend(bad_address(address).map(|fault| format!("post: {fault}")));
    }
    let declarations = &config.declarations;
    for (key, value, digits) in
        [("code_emetteur", &declarations.code_emetteur, 5), ("code_faconnier", &declarations.code_faconnier, 6)]
    {
        if value.len() != digits || !value.bytes().all(|b| b.is_ascii_digit()) {
            faults.push(format!("declarations: {key} takes {digits} digits, not {value:?}"));
        }
    }
    if config.limits.deposit_files == 0 || config.limits.file_bytes == 0 {
        faults.push("limits: deposit_files and file_bytes must be greater than 0".to_owned());
    }
    if config.inbox.rescan.is_zero() {
        faults.push("inbox: rescan must be greater than 0".to_owned());
    }
    faults
}

/// Reads the secrets that the configuration points to.
fn unlock(config: &mut Config, root: &Path) -> Result<(), String> {
    let Some(smtp) = &mut config.post.smtp else { return Ok(()) };
    match (&smtp.user, &smtp.password_file) {
        (Some(_), Some(file)) => {
            smtp.password = Some(secret::read(root, file).map_err(|fault| format!("post.smtp: {fault}"))?);
            Ok(())
        }
        (Some(_), None) => Err("post.smtp: user is given, password_file is missing".to_owned()),
        (None, Some(_)) => Err("post.smtp: password_file is given, user is missing".to_owned()),
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
