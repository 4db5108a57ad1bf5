//! The counter where answers to declarations are left: `outbox/<to>/accuses/`.
//!
//! Watched like the inbox: a file found the same at two looks a quiet time apart. Crash argument, step by
//! step (the names are the crash points):
//! 1. *claimed*: the file is renamed into `.claimed/` beside it with an id in its name (`acknowledgement.renamed`,
//!    `acknowledgement.folder_synced`, `acknowledgement.claimed`). Before: the next look finds it. After: every round finishes what
//!    lies in `.claimed/`.
//! 2. *applied* (`acknowledgement.applied`): each merchant's outcome is an event of its dossier, in a transaction of its own. Again: the event finds its
//!    work done and adds nothing.
//! 3. *put away* (`acknowledgement.put_away`): the file is renamed into the archive, or into quarantine with an answer in
//!    `accuses/reponses/` (`acknowledgement_answer.renamed`).
//!
//! What does not hold together, answers a declaration we did not send, or comes from the wrong side moves nothing.

mod answers;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tokio::sync::watch;

use super::condition::Health;
use crate::acknowledgement;
use crate::domain::effect::Effect;
use crate::domain::event::Event;
use crate::domain::file_name;
use crate::domain::notification::{Notification, SetAside};
use crate::durable;
use crate::procedure::{Desk, Refused, happen_together};
use crate::seal::Seal;
use crate::store::{Cause, Minute, OutgoingState, StoreError};
use crate::told::told;

/// Larger files are no acknowledgements and are not even opened.
const LARGEST: u64 = 4 << 20;
/// Between two looks when nothing is waiting.
const PAUSE: Duration = Duration::from_secs(2);

/// What was seen of a file at the last look: size, time of change, inode; and when that was first seen.
type Look = (u64, i128, u64, Duration);

/// The counters of an installation.
pub(super) struct Counter {
    desk: Arc<Desk>,
    looks: BTreeMap<PathBuf, Look>,
}

/// What a round did.
#[derive(Debug, Default)]
pub(super) struct Round {
    /// Files not yet still, or that cannot be applied yet.
    pub(super) waiting: usize,
    pub(super) treated: usize,
    /// What stands in the way, in words.
    pub(super) troubles: Vec<String>,
}

/// Why an acknowledgement moves nothing.
#[derive(Debug)]
enum Obstacle {
    /// The file is wrong: it goes to quarantine, answered with a reason code of the format.
    Wrong(&'static str, String),
    /// Its declaration is on its way still: the next round tries again.
    Early,
    /// A failure of ours: likewise.
    Later(anyhow::Error),
}

impl From<StoreError> for Obstacle {
    fn from(err: StoreError) -> Self {
        Self::Later(err.into())
    }
}

/// Looks at the counters until told to stop.
pub(super) async fn watch(desk: Arc<Desk>, health: Health, mut stop: watch::Receiver<bool>) {
    let mut counter = Counter::new(Arc::clone(&desk));
    while !*stop.borrow() {
        let round = counter.round().await;
        health.tell("counters", &round.troubles, desk.clock.now());
        let pause =
            if round.waiting > 0 { desk.config.inbox.quiet.min(PAUSE) } else { PAUSE.min(desk.config.inbox.rescan) };
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            _ = stop.changed() => {}
        }
    }
}

impl Counter {
    pub(super) fn new(desk: Arc<Desk>) -> Self {
        Self { desk, looks: BTreeMap::new() }
    }

    /// One look at every counter: claims what is still, treats what is claimed.
    pub(super) async fn round(&mut self) -> Round {
        let mut round = Round::default();
        let mut sides = vec!["monetique".to_owned()];
        sides.extend(self.desk.bank_folders.iter().map(ToString::to_string));
        let mut looks = std::mem::take(&mut self.looks);
        let mut seen = BTreeMap::new();
        for side in sides {
            let folder = self.desk.config.outbox().join(&side).join("accuses");
            match self.claim(&folder, &mut looks, &mut seen) {
                Ok(waiting) => round.waiting += waiting,
                Err(err) => round.troubles.push(unusable(&folder, err)),
            }
            let claims = folder.join(".claimed");
            let claimed = match listed(&claims) {
                Ok(claimed) => claimed,
                // Nothing was ever claimed here.
                Err(err) if err.kind() == io::ErrorKind::NotFound => continue,
                Err(err) => {
                    round.troubles.push(unusable(&claims, err));
                    continue;
                }
            };
            for claimed in claimed {
                match self.treat(&side, &folder, &claimed).await {
                    Ok(true) => round.treated += 1,
                    Ok(false) => round.waiting += 1,
                    Err(err) => {
                        round.waiting += 1;
                        round.troubles.push(told(&err));
                    }
                }
            }
        }
        self.looks = seen;
        round
    }

    /// Claims files that two looks have found the same; says how many are not yet still.
    fn claim(
        &self,
        folder: &Path,
        looks: &mut BTreeMap<PathBuf, Look>,
        seen: &mut BTreeMap<PathBuf, Look>,
    ) -> io::Result<usize> {
        let mut waiting = 0;
        for path in listed(folder)? {
            let facts = fs::symlink_metadata(&path)?;
            let changed = i128::from(facts.mtime()) * 1_000_000_000 + i128::from(facts.mtime_nsec());
            let now = self.desk.clock.elapsed();
            let look = match looks.remove(&path) {
                Some((size, time, inode, since)) if (size, time, inode) == (facts.size(), changed, facts.ino()) => {
                    (size, time, inode, since)
                }
                _ => (facts.size(), changed, facts.ino(), now),
            };
            if now.saturating_sub(look.3) < self.desk.config.inbox.quiet {
                waiting += 1;
                seen.insert(path, look);
                continue;
            }
            let claims = folder.join(".claimed");
            durable::private_folder(&claims)?;
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let id = crate::clock::identifier(self.desk.clock.now()).simple();
            durable::rename("acknowledgement", &path, &claims.join(format!("{id}__{}", file_name::sanitised(&name))))?;
            crate::crash::point("acknowledgement.claimed");
        }
        Ok(waiting)
    }

    /// Applies one claimed file and puts it away; not yet, when its declaration is still on its way.
    async fn treat(&self, side: &str, folder: &Path, claimed: &Path) -> anyhow::Result<bool> {
        let stored = claimed.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let name = stored.split_once("__").map_or(stored.as_str(), |(_, name)| name).to_owned();
        let var = self.desk.config.var();
        let done = self.apply(side, claimed).await;
        crate::crash::point("acknowledgement.applied");
        match done {
            Ok(()) => put_away(claimed, &var.join("archive").join("accuses"), &stored, self.desk.blobs.seal())?,
            Err(Obstacle::Early) => return Ok(false),
            Err(Obstacle::Later(err)) => return Err(err.context(format!("{name} ne peut être appliqué maintenant"))),
            Err(Obstacle::Wrong(code, text)) => {
                tracing::warn!("The acknowledgement {name} from {side} was set aside: {code}");
                let mut minute = Minute::new(Cause::Event, self.desk.clock.now());
                minute.notes.push(("acknowledgement_set_aside", json!({ "file": name, "from": side, "reason": code })));
                // Dossiers go on waiting for the answer: whoever runs the installation knows before it is late.
                let finding = self.desk.rules.finding("acknowledgement_wrong");
                let author = self.desk.config.bank.iter().find(|bank| bank.folder.as_str() == side);
                let author = author.map_or("Monétique-Tunisie", |bank| &bank.name);
                let finding = finding.with("from", author).with("code", code).with("why", text.clone());
                let aside = SetAside { name: name.clone(), finding };
                let operations = &self.desk.config.monetique.operations;
                let letter = Notification::acknowledgement_set_aside(aside, operations, format!("ack-{stored}"));
                minute.effects.extend(letter.map(|letter| Effect::Send(Box::new(letter))));
                self.desk.store.commit(minute, &*self.desk.scribe).await?;
                let answers = folder.join("reponses");
                durable::private_folder(&answers)?;
                let answer = json!({ "fichier": name, "statut": "RJCT", "code_motif": code, "libelle": text,
                    "que_faire": answers::remedy(code) });
                let bytes = serde_json::to_vec_pretty(&answer)?;
                // Another file of that name was answered otherwise: its author may not have read it yet.
                let named = answers.join(format!("{name}.json"));
                let differs = fs::read(&named).is_ok_and(|before| before != bytes);
                let target = if differs { answers.join(format!("{stored}.json")) } else { named };
                let mode = self.desk.config.outbox.file_mode.0;
                durable::write("acknowledgement_answer", &answers.join(format!(".{stored}")), &target, &bytes, mode)?;
                put_away(claimed, &var.join("quarantine"), &stored, self.desk.blobs.seal())?;
            }
        }
        crate::crash::point("acknowledgement.put_away");
        Ok(true)
    }

    async fn apply(&self, side: &str, claimed: &Path) -> Result<(), Obstacle> {
        let later = |err: io::Error| Obstacle::Later(err.into());
        let facts = fs::symlink_metadata(claimed).map_err(later)?;
        // A link is never followed, a pipe never opened.
        if !facts.is_file() || facts.nlink() != 1 {
            return Err(Obstacle::Wrong("F001", "ce n'est pas un fichier ordinaire".to_owned()));
        }
        if facts.len() > LARGEST {
            return Err(Obstacle::Wrong("F001", "fichier trop grand".to_owned()));
        }
        let bytes = fs::read(claimed).map_err(later)?;
        let told = acknowledgement::read(&bytes).map_err(|wrong| Obstacle::Wrong(wrong.code, wrong.text))?;
        let unknown = || Obstacle::Wrong("F003", format!("aucune déclaration {} n'a été émise", told.file));
        let outgoing = self.desk.store.outgoing(&told.file).await?.ok_or_else(unknown)?;
        if outgoing.outbox != side {
            return Err(Obstacle::Wrong("F010", "cette déclaration n'a pas été adressée à cet émetteur".to_owned()));
        }
        match outgoing.state {
            OutgoingState::Published => {}
            OutgoingState::Staged | OutgoingState::New => return Err(Obstacle::Early),
            OutgoingState::Recalled => return Err(unknown()),
        }
        let mut events = Vec::new();
        for (dossier, outcome) in answers::per_dossier(&told, &outgoing)? {
            let file_type = outgoing.file_type;
            events.push((
                dossier,
                Event::Acknowledged { file: told.file.clone(), file_type, outcome, by: side.to_owned() },
            ));
        }
        // No blob is swept until the row that names this one is there.
        let _hold = self.desk.blobs.together().map_err(later)?;
        let proof = self.desk.blobs.keep(&bytes).and_then(|hash| self.desk.blobs.settle().map(|()| hash));
        // All that one file answers is written down together: what contradicts an earlier answer moves nothing.
        match happen_together(&self.desk, &events, side, Some(proof.map_err(later)?)).await {
            Ok(()) => Ok(()),
            Err(Refused::Inside(setback)) => Err(Obstacle::Later(setback.into())),
            Err(Refused::Unknown(_) | Refused::SeenDiffers) => Err(unknown()),
            Err(Refused::OutOfOrder(refused)) => {
                let text = match refused.gate {
                    "contradiction" => "une réponse contraire a déjà été enregistrée",
                    _ => "cette réponse ne va pas à l'étape où se trouve le dossier",
                };
                Err(Obstacle::Wrong("F003", text.to_owned()))
            }
        }
    }
}

fn unusable(folder: &Path, err: io::Error) -> String {
    told(&anyhow::Error::from(err).context(format!("le dossier {} ne peut être utilisé", folder.display())))
}

/// Files of a folder that are not hidden and not on their way, in order; folders left out.
fn listed(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)?
        .flatten()
        .filter(|entry| entry.file_type().is_ok_and(|kind| !kind.is_dir()))
        .map(|entry| entry.path())
        .filter(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            !name.starts_with('.') && !name.ends_with(".part") && !name.ends_with(".tmp")
        })
        .collect();
    paths.sort();
    Ok(paths)
}

fn put_away(claimed: &Path, folder: &Path, name: &str, seal: &Seal) -> io::Result<()> {
    durable::private_folder(folder)?;
    let target = folder.join(name);
    let is_file = fs::symlink_metadata(claimed)?.is_file();
    if !seal.is_on() || !is_file {
        match durable::rename("acknowledgement", claimed, &target) {
            Err(err) if err.kind() == io::ErrorKind::CrossesDevices => {}
            done => return done,
        }
    }
    // The outbox may be a share, the archive be sealed: then the claim is removed only after its copy is on the disk. What is no
    // file has nothing to copy.
    if is_file {
        let mut from = fs::File::open(claimed)?;
        let fill = |file: &mut fs::File| seal.shut(&mut from, file);
        durable::write_with("acknowledgement", &folder.join(format!(".{name}")), &target, 0o600, fill)?;
    }
    fs::remove_file(claimed)
}
