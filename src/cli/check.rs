//! `guichet check`: every fault of an installation at once, before the daemon meets it.

use std::fs;
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use serde::Serialize;

use super::OK;
use super::at::{At, block_on};
use super::phrases::Phrases;
use crate::config::Config;
use crate::domain::bank::Conditions;
use crate::layouts::Layouts;
use crate::post::Post;
use crate::rules::Rules;
use crate::schemas::{Forms, SchemaFaults};
use crate::templates::{Templates, difference};

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
            content(config, &mut report);
            models(config, &mut report);
            folders(config, &mut report);
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

/// Schemas, rules, layouts and templates, each with all its faults; then everything written once for an invented merchant, because
/// a template may be well formed and still ask for what nobody gives it.
fn content(config: &Config, report: &mut Report) {
    let schemas = config.schemas();
    let (forms, rules, layouts) = if schemas.is_dir() {
        let forms = Forms::load(&schemas).map_err(|faults| report.in_folder(&schemas, faults.0)).ok();
        let rules = forms.as_ref().map(|forms| Rules::load(&schemas, forms));
        let rules = rules.and_then(|rules| rules.map_err(|faults| report.in_folder(&schemas, faults.0)).ok());
        let shipped = crate::schemas::SHIPPED.files().filter_map(|file| file.path().to_str());
        for name in shipped.filter(|name| !schemas.join(name).exists()) {
            report.warnings.push(format!("{}: missing; what it says is not known here", schemas.join(name).display()));
        }
        let layouts = Layouts::load(&schemas).map_err(|faults| report.in_folder(&schemas, faults.0)).ok();
        (forms, rules, layouts)
    } else {
        report.warnings.push(format!("{}: no such folder; the schemas built in are used", schemas.display()));
        let forms = Forms::built_in();
        let rules = Rules::built_in(&forms);
        (Some(forms), Some(rules), Some(Layouts::built_in()))
    };
    if let Some(forms) = forms.as_ref().filter(|_| rules.is_some() && layouts.is_some()) {
        report.sound.push(format!("schemas: {} form(s)", forms.forms.len()));
    }
    let templates = config.templates();
    let read = if templates.is_dir() {
        Templates::load(&templates).map_err(|faults| report.in_folder(&templates, faults.0)).is_ok()
    } else {
        report.warnings.push(format!("{}: no such folder; the templates built in are used", templates.display()));
        true
    };
    for name in ["gates/fr.toml", "procedure/fr.toml"] {
        if let Err(err) = Phrases::load(Some(config), name) {
            report.in_folder(&templates, [format!("{err:#}")]);
        }
    }
    for name in ["words/fr.toml", "words/ar.toml", "words/en.toml", "gates/fr.toml", "procedure/fr.toml"] {
        let Ok(text) = fs::read_to_string(templates.join(name)) else { continue };
        let found = difference(name, &text);
        report.in_folder(&templates, found.unknown);
        report.warnings.extend(found.missing.iter().map(|word| templates.join(word).display().to_string()));
    }
    if let (true, Some(forms), Some(rules), Some(layouts)) = (read, forms, rules, layouts) {
        rehearse(config, forms, rules, layouts, report);
    }
}

/// Scans are read with models that the program does not carry, or with Tesseract; without either they go to a person.
fn models(config: &Config, report: &mut Report) {
    let folder = std::env::var_os(crate::extraction::MODELS).map_or_else(|| config.models(), Into::into);
    let (models, tesseract) = crate::extraction::engines(&folder);
    let second = if tesseract { "Tesseract as second opinion" } else { "no Tesseract for a second opinion" };
    match (models, tesseract) {
        (true, _) => report.sound.push(format!("scans: models in {}; {second}", folder.display())),
        (false, true) => report.warnings.push(format!(
            "scans: no models in {} (`make ocr-models` fetches them); Tesseract alone reads them, with more doubts",
            folder.display()
        )),
        (false, false) => report.warnings.push(format!(
            "scans: no models in {} (`make ocr-models` fetches them) and no Tesseract; scanned pages go to a person",
            folder.display()
        )),
    }
}

/// Writes every letter, answer and declaration for an invented merchant.
fn rehearse(config: &Config, forms: Forms, rules: Rules, layouts: Layouts, report: &mut Report) {
    match crate::scribe::open(config, Arc::new(forms), Arc::new(rules), Arc::new(layouts)) {
        Err(err) => report.faults.push(format!("{err:#}")),
        Ok(pen) => match pen.rehearse() {
            Ok(written) => report.sound.push(format!("templates: {written} letters, answers and declarations written")),
            Err(faults) => report.faults.extend(faults.into_iter().map(|fault| format!("templates: {fault}"))),
        },
    }
}

/// Folders can be written, are no more open than configured, and lie on one file system with what is renamed into them.
fn folders(config: &Config, report: &mut Report) {
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
