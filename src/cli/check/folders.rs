//! Folders: that the daemon can work in them, and nobody else more than configured.

use std::fs;
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use super::Report;
use crate::config::Config;

/// Folders can be written, are no more open than configured, and lie on one file system with what is renamed into them.
pub(super) fn folders(config: &Config, report: &mut Report) {
    let banks = || config.bank.iter().map(|bank| bank.folder.as_str());
    let inbox = config.inbox();
    let inboxes = std::iter::once(inbox.clone()).chain(banks().map(|bank| inbox.join(bank)));
    let outboxes = std::iter::once("monetique").chain(banks()).map(|to| config.outbox().join(to));
    let below = inboxes.map(|inbox| (inbox, ".claimed", config.inbox.folder_mode.0));
    let below = below.chain(outboxes.map(|outbox| (outbox, ".stage", config.outbox.folder_mode.0)));
    let (mut good, mut owners) = (0, Vec::new());
    for (folder, within, mode) in below {
        match usable(&folder, within) {
            Err(fault) => report.faults.push(fault),
            Ok(facts) => {
                good += 1;
                owners.push((folder.clone(), facts.uid()));
                let more = facts.permissions().mode() & 0o777 & !mode;
                if more != 0 {
                    report.warnings.push(format!(
                        "{}: its rights are {:o}, the configuration says {mode:o}",
                        folder.display(),
                        facts.permissions().mode() & 0o7777
                    ));
                }
            }
        }
    }
    let var = config.var();
    match usable(&var, "tmp") {
        Err(fault) => report.faults.push(fault),
        Ok(facts) => {
            good += 1;
            owners.push((var.clone(), facts.uid()));
            if facts.permissions().mode() & 0o077 != 0 {
                report.faults.push(format!("{}: others can enter it; chmod 700", var.display()));
            }
        }
    }
    report.sound.push(format!("folders: {good} can be written, renaming into them is safe"));
    let us = rustix::process::geteuid().as_raw();
    if let Some((folder, owner)) = owners.iter().find(|(_, owner)| *owner != us) {
        report.warnings.push(format!(
            "{}: belongs to user {owner}, checked as user {us}; check again as the user the daemon runs as",
            folder.display()
        ));
    }
}

/// Proves that a file can be written here, and renamed into a folder below and into the one that guichet uses there: what a
/// mount or an overlay would refuse. Leaves nothing behind.
fn usable(folder: &Path, within: &str) -> Result<fs::Metadata, String> {
    let tell = |(what, err): (&str, io::Error)| match err.kind() {
        io::ErrorKind::NotFound => format!("{}: no such folder; `guichet init` makes it", folder.display()),
        io::ErrorKind::CrossesDevices => {
            format!(
                "{}/{within}: on another file system than its folder; files cannot be renamed into it",
                folder.display()
            )
        }
        _ => format!("{}: {what} ({err})", folder.display()),
    };
    let facts = fs::metadata(folder).map_err(|err| ("cannot be looked at", err)).map_err(tell)?;
    let name = format!(".guichet-check-{}", std::process::id());
    let (probe, below) = (folder.join(&name), folder.join(format!("{name}.d")));
    let mut lies_at: PathBuf = probe.clone();
    let mut proof = || -> Result<(), (&str, io::Error)> {
        fs::write(&probe, b"").map_err(|err| ("cannot be written", err))?;
        fs::create_dir(&below).map_err(|err| ("no folder can be made in it", err))?;
        let mut targets = vec![below.join(&name)];
        let used = folder.join(within);
        if used.is_dir() {
            targets.push(used.join(&name));
        }
        for target in targets {
            fs::rename(&lies_at, &target).map_err(|err| ("a file cannot be renamed below it", err))?;
            lies_at = target;
        }
        Ok(())
    };
    let proven = proof();
    let _ = fs::remove_file(&lies_at);
    let _ = fs::remove_dir(&below);
    proven.map_err(tell)?;
    Ok(facts)
}
