//! `guichet check`: every fault of an installation at once, before the daemon meets it.

use std::fs;
use std::net::{TcpStream, ToSocketAddrs};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::time::Duration;

use clap::Args;
use serde::Serialize;

use super::OK;
use super::at::At;
use crate::config::{Config, Tls};
use crate::layouts::Layouts;
use crate::rules::Rules;
use crate::schemas::Forms;
use crate::templates::Templates;

/// Exit code when something is at fault (`EX_CONFIG`).
const AT_FAULT: u8 = 78;
/// How long the mail server may take to answer.
const MAIL_SERVER: Duration = Duration::from_secs(5);

/// Checks configuration, schemas, templates, folders, rights, sandbox and mail server; names every fault at once.
///
/// Exit code 0 when all is well, 78 when something is at fault. Warnings do not count.
#[derive(Debug, Args)]
pub(super) struct Check {
    #[command(flatten)]
    at: At,
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
        match Config::load(&self.at.config) {
            Err(faults) => report.faults.extend(faults.to_string().lines().map(ToOwned::to_owned)),
            Ok(config) => {
                report.sound.push(format!("configuration: {} bank(s)", config.bank.len()));
                content(&config, &mut report);
                models(&config, &mut report);
                folders(&config, &mut report);
                banks(&config, &mut report);
                sandbox(&config, &mut report);
                if !self.offline {
                    mail_server(&config, &mut report);
                }
            }
        }
        if self.json {
            println!("{}", serde_json::to_string_pretty(&report)?);
        } else {
            for line in &report.sound {
                println!("ok       {line}");
            }
            for line in &report.warnings {
                println!("warning  {line}");
            }
            for line in &report.faults {
                println!("FAULT    {line}");
            }
        }
        Ok(if report.faults.is_empty() { OK } else { AT_FAULT })
    }
}

/// Schemas, rules, layouts and templates, each with all its faults.
fn content(config: &Config, report: &mut Report) {
    let schemas = config.schemas();
    if schemas.is_dir() {
        match Forms::load(&schemas) {
            Ok(forms) => {
                report.sound.push(format!("schemas: {} form(s) in {}", forms.forms.len(), schemas.display()));
                if let Err(faults) = Rules::load(&schemas, &forms) {
                    report.faults.extend(faults.0.into_iter().map(|fault| format!("schemas/{fault}")));
                }
            }
            Err(faults) => report.faults.extend(faults.0.into_iter().map(|fault| format!("schemas/{fault}"))),
        }
        if let Err(faults) = Layouts::load(&schemas) {
            report.faults.extend(faults.0.into_iter().map(|fault| format!("schemas/{fault}")));
        }
    } else {
        report.warnings.push(format!("{}: no such folder; the schemas built in are used", schemas.display()));
    }
    let templates = config.templates();
    if templates.is_dir() {
        match Templates::load(&templates) {
            Ok(_) => report.sound.push(format!("templates: {}", templates.display())),
            Err(faults) => report.faults.extend(faults.to_string().lines().map(|fault| format!("templates/{fault}"))),
        }
    } else {
        report.warnings.push(format!("{}: no such folder; the templates built in are used", templates.display()));
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

/// Folders can be written, are private, and lie on one file system with what is renamed into them.
fn folders(config: &Config, report: &mut Report) {
    let mut inboxes = vec![config.inbox()];
    inboxes.extend(config.bank.iter().map(|bank| config.inbox().join(bank.folder.as_str())));
    for inbox in inboxes {
        writable(&inbox, report);
        same_file_system(&inbox, ".claimed", report);
    }
    let mut outboxes = vec![config.outbox().join("monetique")];
    outboxes.extend(config.bank.iter().map(|bank| config.outbox().join(bank.folder.as_str())));
    for outbox in outboxes {
        writable(&outbox, report);
        same_file_system(&outbox, ".stage", report);
    }
    let var = config.var();
    writable(&var, report);
    if let Ok(facts) = fs::metadata(&var)
        && facts.permissions().mode() & 0o077 != 0
    {
        report.faults.push(format!("{}: others can read it; chmod 700", var.display()));
    }
}

fn writable(folder: &Path, report: &mut Report) {
    let probe = folder.join(format!(".guichet-check-{}", std::process::id()));
    match fs::write(&probe, b"") {
        Ok(()) => {
            let _ = fs::remove_file(&probe);
            report.sound.push(format!("folder {}", folder.display()));
        }
        Err(err) => {
            report.faults.push(format!("{}: cannot be written ({err}); `guichet init` makes it", folder.display()))
        }
    }
}

fn same_file_system(folder: &Path, below: &str, report: &mut Report) {
    let inner = folder.join(below);
    if let (Ok(outer), Ok(inner_facts)) = (fs::metadata(folder), fs::metadata(&inner))
        && outer.dev() != inner_facts.dev()
    {
        report
            .faults
            .push(format!("{}: on another file system than its folder; renaming into it is not safe", inner.display()));
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
    if config.monetique.mailboxes.is_empty() {
        report.warnings.push("[monetique] mailboxes: empty, its operators will get no letter".to_owned());
    }
}

fn sandbox(config: &Config, report: &mut Report) {
    match crate::app::layers(config) {
        Ok(layers) => report.sound.push(format!("sandbox: {layers}")),
        Err(err) => report.faults.push(format!("sandbox: {err:#}")),
    }
}

fn mail_server(config: &Config, report: &mut Report) {
    let Some(smtp) = &config.post.smtp else {
        report.warnings.push(format!(
            "no mail server: letters are written to {}",
            config.root.join(&config.post.folder).display()
        ));
        return;
    };
    let port = smtp.port.unwrap_or(match smtp.tls {
        Tls::Starttls => 587,
        Tls::Wrapped => 465,
        Tls::None => 25,
    });
    let reached = (smtp.host.as_str(), port).to_socket_addrs().and_then(|mut addresses| {
        let address = addresses.next().ok_or_else(|| std::io::Error::other("no address"))?;
        TcpStream::connect_timeout(&address, MAIL_SERVER)
    });
    match reached {
        Ok(_) => report.sound.push(format!("mail server {}:{port} answers", smtp.host)),
        Err(err) => report.faults.push(format!("mail server {}:{port}: {err}", smtp.host)),
    }
}
