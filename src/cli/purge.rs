//! `guichet purge`: erases what has had its time, and leaves a list.

use std::collections::BTreeMap;

use clap::Args;
use serde_json::json;

use super::OK;
use super::at::At;
use super::by::By;
use super::table::table;
use crate::app;
use crate::store::{Class, Expired};

/// Erases what has been kept as long as `[retention]` says: documents, extracts, declarations, letters, journal
///
/// Leaves the list of what was erased (references, hashes, counts) in var/purges/ and its hash in the journal. The daemon erases by
/// itself only documents with a card number and old answers.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  guichet purge --dry-run             what would be erased today\n  \
    guichet purge --by \"A. Ben Salah\"   erase it; the name goes into the journal and on the list")]
pub(super) struct Purge {
    /// Show what would be erased, change nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    by: By,
    /// The same for programs, as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    at: At,
}

impl Purge {
    pub(super) fn run(&self) -> anyhow::Result<u8> {
        self.at.with_desk(|desk| async move {
            if self.dry_run {
                let expired = app::expired(&desk).await?;
                if self.json {
                    println!("{}", json!({ "dry_run": true, "expired": expired }));
                } else if expired.is_empty() {
                    println!("Rien n'est arrivé au terme de sa conservation.");
                } else {
                    show(&expired);
                    println!("Rien n'a été effacé (--dry-run).");
                }
                return Ok(OK);
            }
            let by = self.by.house(&desk).await?.map_err(super::no)?;
            let list = app::purge(&desk, &by).await?;
            if self.json {
                println!("{}", json!({ "dry_run": false, "list": list }));
                return Ok(OK);
            }
            let Some(list) = list else {
                println!("Rien n'est arrivé à son terme : rien n'a été effacé.");
                return Ok(OK);
            };
            show(&list.expired);
            let path = desk.config.var().join("purges").join(format!("{}.json", list.id));
            println!("Liste : {} (SHA-256 au journal : {})", path.display(), list.hash());
            for copy in &list.outcome.copies_to_clear {
                println!("Copie à remplacer ou à détruire, elle peut encore contenir ce qui est effacé : {copy}");
            }
            Ok(OK)
        })
    }
}

fn show(expired: &Expired) {
    let mut rows = table(&["Catégorie", "Nombre"]);
    let mut classes: BTreeMap<Class, usize> = BTreeMap::new();
    for document in &expired.documents {
        *classes.entry(document.class).or_default() += 1;
    }
    for (class, count) in classes {
        rows.add_row([class_name(class).to_owned(), count.to_string()]);
    }
    for (name, count) in [
        ("extraits de dossiers", expired.dossiers.len()),
        ("pièces justificatives d'événements", expired.proofs.len()),
        ("fichiers de déclaration", expired.declarations.len()),
        ("lettres", expired.letters.len()),
        ("réponses aux banques", expired.answers.len()),
        ("accusés de réception", expired.acknowledgements.len()),
        (
            "tâches accomplies",
            expired.errands.as_ref().map_or(0, |cut| usize::try_from(cut.count).unwrap_or(usize::MAX)),
        ),
        ("lignes anciennes du journal", usize::from(expired.journal.is_some())),
    ] {
        if count > 0 {
            rows.add_row([name.to_owned(), count.to_string()]);
        }
    }
    println!("{rows}");
}

fn class_name(class: Class) -> &'static str {
    match class {
        Class::CardNumber => "documents portant un numéro de carte",
        Class::Completed => "documents de commerçants en production",
        Class::Abandoned => "documents de dossiers refusés, retirés ou radiés",
        Class::Apart => "documents hors dossier",
    }
}
