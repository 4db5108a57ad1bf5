//! `guichet check`: every fault of an installation at once, before the daemon meets it.

mod content;
mod folders;

use std::path::Path;

use clap::Args;
use serde::Serialize;

use super::OK;
use super::at::{At, block_on};
use crate::config::Config;
use crate::domain::bank::Conditions;
use crate::post::Post;
use crate::schemas::SchemaFaults;

/// Exit code when something is at fault (`EX_CONFIG`).
const AT_FAULT: u8 = 78;

const EXAMPLES: &str = "\
Examples:
  guichet check                                    the installation in this folder
  guichet check --config /srv/guichet/guichet.toml
  sudo -u guichet guichet check --config /srv/guichet    with the rights the daemon will have
  guichet check --offline --json | jq .faults";

/// Checks configuration, schemas, templates, folders, rights, sandbox and mail server; names every fault at once.
///
/// Files are named with the line at fault. Exit code 0 when all is well, 78 when something is at fault; warnings do not
/// count. Nothing is changed and no letter is sent.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Check {
    #[command(flatten)]
    at: At,
    /// One JSON object: `faults`, `warnings`, `sound`
    #[arg(long)]
    json: bool,
    /// Do not try to reach the mail server
    #[arg(long)]
    offline: bool,
}

#[derive(Debug, Default, Serialize)]
struct Report {
    faults: Vec<String>,
    warnings: Vec<String>,
    sound: Vec<String>,
}

impl Check {
    pub(super) fn run(&self) -> anyhow::Result<u8> {
        let mut report = Report::default();
        let (config, faults) = Config::survey(&self.at.config);
        if let Some(config) = &config {
            if faults.is_empty() {
                report.sound.push(format!("configuration: {} bank(s)", config.bank.len()));
            }
            content::content(config, &mut report);
            content::models(config, &mut report);
            folders::folders(config, &mut report);
            banks(config, &mut report);
            sandbox(config, &mut report);
            if !self.offline {
                mail_server(config, &mut report)?;
            }
        }
        // The configuration comes first: what is wrong with it may be why the rest is.
        report.faults.splice(0..0, faults);
        if self.json {
            println!("{}", serde_json::to_string_pretty(&report)?);
        } else {
            report.print();
        }
        Ok(if report.faults.is_empty() { OK } else { AT_FAULT })
    }
}

impl Report {
    fn print(&self) {
        for (mark, lines) in [("ok      ", &self.sound), ("warning ", &self.warnings), ("FAULT   ", &self.faults)] {
            for line in lines {
                // Whatever a file says stays on its line.
                println!("{mark} {}", super::table::shown(line));
            }
        }
        match (self.faults.len(), self.warnings.len()) {
            (0, 0) => println!("\nAll is well."),
            (0, warnings) => println!("\nNo fault, {warnings} warning(s)."),
            (faults, warnings) => println!("\n{faults} fault(s), {warnings} warning(s)."),
        }
    }

    /// Faults of files in a folder, with their whole path.
    fn in_folder(&mut self, folder: &Path, faults: impl IntoIterator<Item = String>) {
        for fault in faults {
            let fault = folder.join(fault).display().to_string();
            // Two readers of one file meet the same fault.
            if !self.faults.contains(&fault) {
                self.faults.push(fault);
            }
        }
    }
}

/// A bank that nobody can write to gets no letter: say so before the first merchant waits.
fn banks(config: &Config, report: &mut Report) {
    if config.bank.is_empty() {
        report.warnings.push("no [[bank]]: every known bank has a folder, none has a mailbox".to_owned());
    }
    for bank in config.bank.iter().filter(|bank| bank.mailboxes.is_empty()) {
        report.warnings.push(format!("bank {}: no mailboxes, it will get no letter", bank.folder));
    }
    for bank in config.bank.iter().filter(|bank| bank.conditions == Conditions::default()) {
        let told =
            "no [bank.conditions], its production declarations carry no ceiling, and no commission but the form's";
        report.warnings.push(format!("bank {}: {told}", bank.folder));
    }
    if config.monetique.mailboxes.is_empty() {
        report.warnings.push("[monetique] mailboxes: empty, its operators will get no letter".to_owned());
    }
    if config.monetique.operations.is_empty() {
        report.warnings.push("[monetique] operations: empty, nobody is told of documents set aside".to_owned());
    }
}

fn sandbox(config: &Config, report: &mut Report) {
    match crate::app::layers(config) {
        Ok(layers) => report.sound.push(format!("sandbox: {layers}")),
        // Told already, with their files and lines.
        Err(err) if err.is::<SchemaFaults>() => {}
        Err(err) => report.faults.push(format!("sandbox: {err:#}")),
    }
}

/// The server is there, speaks the protection asked for, and lets us in. No letter is sent.
fn mail_server(config: &Config, report: &mut Report) -> anyhow::Result<()> {
    let Some(smtp) = &config.post.smtp else {
        let folder = config.root.join(&config.post.folder);
        report.warnings.push(format!("no mail server: letters are written to {}", folder.display()));
        return Ok(());
    };
    match Post::open(&config.post, &config.root) {
        Err(fault) => report.faults.push(fault),
        Ok(post) => match block_on(async { Ok(post.probe().await) })? {
            Ok(()) => report.sound.push(format!("mail server: {} lets us in", smtp.host)),
            Err(err) => report.faults.push(format!("mail server {}: {err}", smtp.host)),
        },
    }
    Ok(())
}
