//! Lays out an installation: configuration, folders, forms and words.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use crate::config::{Config, FILE_NAME};
use crate::domain::bank::{Bank, BankFolder, Conditions};
use crate::durable;
use crate::rules::Rules;
use crate::schemas::{Forms, SHIPPED};
use crate::shipped::{self, Laid};

/// Makes an installation in `folder` with these banks (two-digit codes; every known bank when none is given). What is there
/// already stays as it is, but for schemas and templates of an earlier version that nobody changed; gives what was done.
pub fn init(folder: &Path, codes: &[String]) -> anyhow::Result<Laid> {
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o077));
    let mut laid = Laid::default();
    durable::private_folder(folder).with_context(|| format!("{}", folder.display()))?;
    let file = folder.join(FILE_NAME);
    write_new(&file, configuration(codes)?.as_bytes(), &mut laid.made)?;
    let config = Config::load(&file)?;
    let mut folders = vec![config.inbox(), config.outbox().join("monetique/accuses"), config.var().join("archive")];
    for bank in &config.bank {
        folders.push(config.inbox().join(bank.folder.as_str()));
        folders.push(config.outbox().join(bank.folder.as_str()).join("accuses"));
    }
    for folder in folders {
        if !folder.is_dir() {
            durable::private_folder(&folder).with_context(|| format!("{}", folder.display()))?;
            laid.made.push(folder);
        }
    }
    for (carried, folder) in [(&SHIPPED, config.schemas()), (&crate::templates::SHIPPED, config.templates())] {
        shipped::lay_out(&shipped::carried(carried), &folder, &mut laid)
            .with_context(|| format!("{}", folder.display()))?;
    }
    Ok(laid)
}

fn write_new(path: &Path, bytes: &[u8], made: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    use std::io::Write;
    match fs::OpenOptions::new().write(true).create_new(true).open(path) {
        Ok(mut file) => {
            file.write_all(bytes).with_context(|| format!("{}", path.display()))?;
            made.push(path.to_path_buf());
            Ok(())
        }
        Err(err) if err.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(err) => Err(err).with_context(|| format!("{}", path.display())),
    }
}

/// Says in the log that a new version of the program works with schemas or templates of an earlier one.
pub(super) fn tell_age(config: &Config) {
    let folders = [(&SHIPPED, config.schemas()), (&crate::templates::SHIPPED, config.templates())];
    let pieces = folders
        .into_iter()
        .filter(|(_, folder)| folder.is_dir())
        .flat_map(|(carried, folder)| shipped::survey(&shipped::carried(carried), &folder).unwrap_or_default());
    let old = pieces.filter(|piece| piece.standing.is_old()).count();
    if old > 0 {
        tracing::warn!(
            "{old} schemas and templates are not of this version of the program; `guichet check` names them"
        );
    }
}

/// A first `guichet.toml`: the banks, and what an administrator is most likely to fill in.
fn configuration(codes: &[String]) -> anyhow::Result<String> {
    let rules = Rules::built_in(&Forms::built_in());
    let known = known_banks(&rules);
    let mut text = include_str!("first.toml").to_owned();
    if let Some(unknown) = codes.iter().find(|code| !known.iter().any(|bank| bank.code == **code)) {
        bail!("no bank is known under the code {unknown}; describe it in {FILE_NAME}");
    }
    for bank in known.iter().filter(|bank| codes.is_empty() || codes.contains(&bank.code)) {
        let (folder, code, name) = (&bank.folder, &bank.code, bank.name.replace(['"', '\\'], "'"));
        let _ =
            write!(text, "\n[[bank]]\nfolder = \"{folder}\"\ncode = \"{code}\"\nname = \"{name}\"\nmailboxes = []\n");
    }
    Ok(text)
}

/// Every bank the data knows, with the folder it would have.
pub(super) fn known_banks(rules: &Rules) -> Vec<Bank> {
    let bank = |(code, name): (&String, &String)| {
        Some(Bank {
            folder: folder_of(name, code)?,
            code: code.clone(),
            name: name.clone(),
            mailboxes: vec![],
            monetique: vec![],
            conditions: Conditions::default(),
            held: None,
            held_changes: None,
            merchant_copies: true,
        })
    };
    rules.banks.iter().filter_map(bank).collect()
}

/// Initials of the bank's name, as banks are called, with its code: `bna-03`.
fn folder_of(name: &str, code: &str) -> Option<BankFolder> {
    let name = name.split('(').next().unwrap_or_default();
    let words: Vec<&str> = name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let initials: String = match words.as_slice() {
        [one] => (*one).to_owned(),
        words => words.iter().filter(|word| word.len() > 2).filter_map(|word| word.chars().next()).collect(),
    };
    let folder = format!("{}-{code}", initials.to_ascii_lowercase());
    BankFolder::parse(&folder).or_else(|_| BankFolder::parse(&format!("banque-{code}"))).ok()
}
