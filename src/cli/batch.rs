//! `guichet batch`: what waits for the file of the day, and closing it before its hour.

use std::collections::BTreeMap;

use clap::{Args, Subcommand};
use serde_json::json;

use super::OK;
use super::at::At;
use super::by::By;
use super::table::table;
use crate::clock::in_tunis;
use crate::domain::declaration::FileType;
use crate::procedure::close_batches;
use crate::store::WaitingState;

const EXAMPLES: &str = "\
Examples:
  guichet batch                                   what waits for the file of the day
  guichet batch close --by \"A. Ben Salah\"         sends it now instead of at its hour
  guichet batch close --type DTS --by \"A. Ben Salah\"";

/// Shows what waits for the batch of the day; `close` sends it at once.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Batch {
    #[command(subcommand)]
    order: Option<Order>,
    /// The same for programs, as JSON
    #[arg(long, global = true)]
    json: bool,
    #[command(flatten)]
    at: At,
}

#[derive(Debug, Subcommand)]
enum Order {
    /// Close the batch: all that waits leaves now, one file per type and bank
    Close {
        /// Only this type: DTS, DPR, SPS or UTI
        #[arg(long = "type", value_parser = super::step::file_type, value_name = "TYPE")]
        file_type: Option<FileType>,
        #[command(flatten)]
        by: By,
    },
}

impl Batch {
    pub(super) fn run(&self) -> anyhow::Result<u8> {
        self.at.with_desk(|desk| async move {
            if let Some(Order::Close { file_type, by }) = &self.order {
                let by = by.house(&desk).await?.map_err(super::no)?;
                let left = close_batches(&desk, *file_type, desk.clock.now() + jiff::SignedDuration::from_secs(1), &by)
                    .await?;
                if self.json {
                    println!("{}", json!({ "left": left, "by": by }));
                } else if left == 0 {
                    println!("Rien n'attendait l'envoi groupé.");
                } else {
                    println!("{left} déclarations partent ; le service les dépose, ou « guichet scan ».");
                }
                return Ok(OK);
            }
            let mut waiting: BTreeMap<(FileType, String, String), Vec<String>> = BTreeMap::new();
            for one in desk.store.waiting(None).await?.into_iter().filter(|one| one.state == WaitingState::Batch) {
                let key = (one.declaration.file_type, one.declaration.bank_code, one.outbox);
                waiting.entry(key).or_default().push(one.declaration.dossier.to_string());
            }
            let hour = desk.config.declarations.batch_at.0;
            if self.json {
                let batches: Vec<_> = waiting
                    .iter()
                    .map(|((file_type, bank, to), dossiers)| {
                        json!({ "type": file_type, "bank": bank, "to": to, "dossiers": dossiers })
                    })
                    .collect();
                println!(
                    "{}",
                    serde_json::to_string_pretty(
                        &json!({ "closes_at": hour.strftime("%H:%M").to_string(), "batches": batches })
                    )?
                );
                return Ok(OK);
            }
            if waiting.is_empty() {
                println!("Rien n'attend l'envoi groupé.");
                return Ok(OK);
            }
            let mut rows = table(&["Type", "Banque", "Pour", "Dossiers"]);
            for ((file_type, bank, to), dossiers) in &waiting {
                rows.add_row([file_type.to_string(), bank.clone(), to.clone(), dossiers.join(", ")]);
            }
            let now = in_tunis(desk.clock.now()).strftime("%H:%M");
            println!("{rows}\nIl est {now} ; l'envoi groupé part à {} (heure de Tunis).", hour.strftime("%H:%M"));
            Ok(OK)
        })
    }
}
