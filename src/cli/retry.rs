//! `guichet retry`: sends errands that stopped round again.

use clap::Args;

use super::at::At;
use super::by::By;
use super::{NO, OK};

const EXAMPLES: &str = "\
Examples:
  guichet retry --by \"A. Ben Salah\"             everything that stopped, once its cause is mended
  guichet retry 019a0f…  --by \"A. Ben Salah\"    one errand, by its id in `guichet status`";

/// Tries again what stopped: one errand by its id (see `guichet status`), or all of them.
///
/// The daemon does it at its next look. Exit code 1 when no stopped errand has that id.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Retry {
    /// Id of the errand; all that stopped when absent
    errand: Option<String>,
    #[command(flatten)]
    by: By,
    #[command(flatten)]
    at: At,
    /// The same for programs, as JSON
    #[arg(long)]
    json: bool,
}

impl Retry {
    pub(super) fn run(&self) -> anyhow::Result<u8> {
        self.at.with_desk(|desk| async move {
            let by = self.by.house(&desk).await?.map_err(super::no)?;
            let count = desk.store.retry(self.errand.as_deref(), &by, desk.clock.now()).await?;
            if self.json {
                println!("{}", serde_json::json!({ "retried": count }));
            } else {
                match count {
                    0 => println!("Aucune tâche arrêtée à relancer ; « guichet status » les montre."),
                    1 => println!("1 tâche relancée"),
                    _ => println!("{count} tâches relancées"),
                }
            }
            Ok(if count == 0 && self.errand.is_some() { NO } else { OK })
        })
    }
}
