//! What came of a rehearsal, against what was written before it began.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use serde::Serialize;

use super::super::table::table;
use super::Rehearsal;
use super::people::Play;
use crate::domain::declaration::FileType;
use crate::practice::end;

/// What came of it.
#[derive(Debug, Serialize)]
pub(in crate::cli) struct Outcome {
    installation: PathBuf,
    merchants: u32,
    /// Where dossiers ended: by step, how many were expected there and how many are.
    ends: BTreeMap<String, (usize, usize)>,
    /// Files by type: how many were expected and how many were taken.
    files: BTreeMap<String, (usize, usize)>,
    letters: usize,
    seconds: f64,
    dossiers_per_second: f64,
    pub(in crate::cli) faults: Vec<String>,
}

impl Outcome {
    pub(in crate::cli) fn print(&self) {
        let mut rows = table(&["Fin", "Attendus", "Trouvés"]);
        for (step, (expected, found)) in &self.ends {
            rows.add_row([step.clone(), expected.to_string(), found.to_string()]);
        }
        println!("{rows}");
        let files: Vec<String> =
            self.files.iter().map(|(kind, (expected, taken))| format!("{kind} {taken}/{expected}")).collect();
        println!(
            "Fichiers pris (sur attendus) : {} ; numéros sans trou, chaque fichier offert une fois",
            files.join(", ")
        );
        println!("Lettres : {}, aucune deux fois", self.letters);
        println!(
            "{} dossiers en {:.1} s : {:.1} dossiers par seconde",
            self.merchants, self.seconds, self.dossiers_per_second
        );
        println!("Installation : {}", self.installation.display());
        for fault in &self.faults {
            println!("FAUTE  {fault}");
        }
    }
}

impl Rehearsal {
    /// Compares what is with what was written before.
    pub(super) async fn judge(&self, play: &Play, seconds: f64) -> anyhow::Result<Outcome> {
        let store = &play.desk.store;
        let mut ends: BTreeMap<String, (usize, usize)> = BTreeMap::new();
        let mut expected_files = [0; 4];
        let mut faults = play.wrong.clone();
        let lines = store.dossiers(usize::MAX).await?;
        for line in &lines {
            let (step, files) = end(&self.habits, line.reference.as_str());
            ends.entry(step.to_string()).or_default().0 += 1;
            ends.entry(line.step.clone()).or_default().1 += 1;
            for (expected, files) in expected_files.iter_mut().zip(files) {
                *expected += files;
            }
            if line.step != step.as_str() {
                faults.push(format!("{} ends at {}, not at {step}", line.reference, line.step));
            }
        }
        if lines.len() != self.merchants as usize {
            faults.push(format!("{} dossiers for {} merchants", lines.len(), self.merchants));
        }
        let taken = play.counterparty.taken();
        let mut files = BTreeMap::new();
        for (file_type, expected) in FileType::ALL.into_iter().zip(expected_files) {
            let taken = taken.get(file_type.as_str()).copied().unwrap_or(0);
            files.insert(file_type.to_string(), (expected, taken));
            // A batch holds several merchants.
            if taken != expected && !(self.batch && file_type == FileType::Dts) {
                faults.push(format!("{taken} {file_type} files taken, {expected} expected"));
            }
        }
        faults.extend(play.counterparty.gaps());
        faults.extend(store.verify().await?);
        let parked = store.errands().await?.into_iter().filter(|errand| errand.state == "parked");
        faults
            .extend(parked.map(|errand| {
                format!("{} {}: {}", errand.kind, errand.subject, errand.last_error.unwrap_or_default())
            }));
        let letters = message_ids(&self.root.join("var/letters"))?;
        let different: BTreeSet<&String> = letters.iter().collect();
        if different.len() != letters.len() {
            faults.push(format!("{} letters, {} of them different", letters.len(), different.len()));
        }
        Ok(Outcome {
            installation: self.root.clone(),
            merchants: self.merchants,
            ends,
            files,
            letters: letters.len(),
            seconds,
            dossiers_per_second: f64::from(self.merchants) / seconds.max(0.001),
            faults,
        })
    }
}

/// The Message-ID of every letter in a folder.
fn message_ids(folder: &Path) -> anyhow::Result<Vec<String>> {
    let mut ids = Vec::new();
    for entry in fs::read_dir(folder)?.flatten().filter(|entry| entry.path().extension().is_some_and(|it| it == "eml"))
    {
        let letter = fs::read_to_string(entry.path())?;
        let id = letter.lines().find_map(|line| line.strip_prefix("Message-ID:"));
        ids.push(id.with_context(|| format!("{} has no Message-ID", entry.path().display()))?.trim().to_owned());
    }
    Ok(ids)
}
