//! `guichet grid REF`: where the tests of a dossier stand, and its papers.

use std::fs;
use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use comfy_table::Table;

use super::at::At;
use super::table::{shown, table};
use super::{NO, OK};
use crate::domain::dossier::DossierRef;
use crate::domain::event::Verdict;
use crate::domain::notification::Language;

/// Shows the tests of a dossier; with --out, writes the grid to fill in (workbook and PDF) and the report.
///
/// Before a report is recorded with `guichet step REF report`, its draft is written.
#[derive(Debug, Args)]
pub(super) struct Grid {
    /// Reference, such as D26-000123
    reference: String,
    /// Folder to write the papers into
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Language of the workbook: fr, ar or en; the merchant's when it is left out
    #[arg(long, value_name = "LANGUAGE", value_parser = language)]
    language: Option<Language>,
    #[command(flatten)]
    at: At,
}

/// The four columns that always stand there, and those in which something was noted: a terminal is narrow.
fn of_what_is_noted(lines: &[[String; 10]]) -> Table {
    const ALL: [&str; 10] = [
        "Test",
        "Scénario",
        "Attendu",
        "Verdict",
        "Réseau",
        "Constaté",
        "Autorisation",
        "Commande",
        "Heure",
        "Remarque",
    ];
    let shown: Vec<usize> =
        (0..ALL.len()).filter(|&column| column < 4 || lines.iter().any(|line| !line[column].is_empty())).collect();
    let mut rows = table(&shown.iter().map(|&column| ALL[column]).collect::<Vec<_>>());
    for line in lines {
        rows.add_row(shown.iter().map(|&column| line[column].as_str()));
    }
    rows
}

fn language(text: &str) -> Result<Language, String> {
    let known = [Language::Fr, Language::Ar, Language::En];
    known.into_iter().find(|language| language.as_str() == text).ok_or_else(|| "fr, ar or en".to_owned())
}

impl Grid {
    pub(super) fn run(&self) -> anyhow::Result<u8> {
        let reference = DossierRef::parse(&self.reference)?;
        let config = self.at.load()?;
        let pen = super::letters::pen(&config)?;
        self.at.with_desk(|desk| async move {
            let Some(filed) = desk.store.dossier(&reference).await? else {
                eprintln!("{reference} : ce dossier n'est pas connu ; « guichet status » les montre.");
                return Ok(NO);
            };
            let dossier = filed.dossier;
            let mut lines = Vec::new();
            for scenario in desk.rules.grid.applying(dossier.adhesion.as_ref(), dossier.fiche.as_ref()) {
                let result = dossier.tests.get(&scenario.code);
                let verdict = match result.map(|result| &result.verdict) {
                    _ if dossier.to_run_again(&scenario.code) => "à reprendre".to_owned(),
                    None => "à faire".to_owned(),
                    Some(Verdict::Conforme) => "conforme".to_owned(),
                    Some(Verdict::NonConforme) => "non conforme".to_owned(),
                    Some(Verdict::Derogation { by, .. }) => format!("dérogation ({})", shown(by)),
                };
                let text = |text: Option<&String>| shown(text.map_or("", String::as_str));
                lines.push([
                    scenario.code.clone(),
                    scenario.title_in("fr").to_owned(),
                    scenario.expected_in("fr").to_owned(),
                    verdict,
                    text(result.and_then(|result| result.network.as_ref())),
                    text(result.and_then(|result| result.observed.as_ref())),
                    text(result.and_then(|result| result.authorisation.as_ref())),
                    text(result.and_then(|result| result.order.as_ref())),
                    text(result.and_then(|result| result.time.as_ref())),
                    text(result.and_then(|result| result.remark.as_ref())),
                ]);
            }
            println!("{}", of_what_is_noted(&lines));
            for report in &dossier.reports {
                let conclusion = if report.favourable { "favorable" } else { "défavorable" };
                let day = report.date.strftime("%d/%m/%Y");
                println!("Procès-verbal {} du {day} : {conclusion}", shown(&report.reference));
            }
            if let Some(folder) = &self.out {
                fs::create_dir_all(folder).with_context(|| format!("{}", folder.display()))?;
                let language = self.language.unwrap_or(dossier.language);
                let papers = pen.papers(&dossier, language, desk.clock.now());
                for (name, _, bytes) in [papers.workbook()?, papers.form(), papers.report()] {
                    let path = folder.join(name);
                    fs::write(&path, bytes).with_context(|| format!("{}", path.display()))?;
                    println!("{}", path.display());
                }
            }
            Ok(OK)
        })
    }
}
