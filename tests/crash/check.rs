//! All that must hold at the end, whatever was killed on the way.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use guichet::blobs::Blobs;
use guichet::domain::document::Sha256;
use guichet::store::{DocumentState, OutgoingState, SqliteStore, Store};

use super::bench::{Bench, is_declaration};

impl Bench {
    /// A fault, or a line of figures.
    pub fn check(&self) -> Result<String, String> {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        let repeats = runtime.block_on(async {
            let store = SqliteStore::open(&self.var().join("guichet.db")).await.unwrap();
            self.documents(&store).await?;
            self.declarations(&store).await?;
            self.answers(&store).await?;
            let repeats = self.letters(&store).await?;
            let waiting = store.errands().await.unwrap();
            if let Some(errand) = waiting.first() {
                return Err(format!("{} {} is {}: {:?}", errand.kind, errand.subject, errand.state, errand.last_error));
            }
            store.close().await;
            Ok(repeats)
        })?;
        self.verified()?;
        for folder in [self.inbox(), self.outbox()] {
            let left = files(&folder, &["reponses"]);
            if !left.is_empty() {
                return Err(format!("left in {}: {left:?}", folder.display()));
            }
        }
        let declarations = self.taken.iter().filter(|(name, _)| is_declaration(name)).count();
        let (runs, killed, files, seconds) = (self.runs, self.killed, self.dropped.len(), self.elapsed().as_secs());
        Ok(format!(
            "{runs} runs, {killed} kills, {files} files, {declarations} declarations, {repeats} letters repeated: \
             lost 0, offered twice 0 ({seconds} s)"
        ))
    }

    fn verified(&self) -> Result<(), String> {
        let verify = Command::new(env!("CARGO_BIN_EXE_guichet"))
            .args(["verify", "--config"])
            .arg(self.folder.path())
            .output()
            .unwrap();
        if verify.status.success() {
            Ok(())
        } else {
            let said = [verify.stdout, verify.stderr].concat();
            Err(format!("guichet verify: {}", String::from_utf8_lossy(&said)))
        }
    }

    /// Every file dropped is exactly one document, with its hash, and its blob is whole.
    async fn documents(&self, store: &SqliteStore) -> Result<(), String> {
        let blobs = Blobs::open(self.var()).unwrap().sealed(self.seal.clone());
        let mut received: Vec<(String, Sha256)> = Vec::new();
        for stored in store.documents().await.unwrap() {
            if let Err(err) = blobs.read(&stored.arrival.sha256) {
                return Err(format!("blob of {}: {err}", stored.arrival.name));
            }
            received.push((stored.arrival.name, stored.arrival.sha256));
        }
        received.sort();
        let dropped: Vec<_> = self.dropped.iter().map(|(name, sha256)| (name.clone(), *sha256)).collect();
        if received == dropped {
            Ok(())
        } else {
            Err(format!("{} files dropped, {} documents received", dropped.len(), received.len()))
        }
    }

    /// Numbers run without gap, each file was taken once, with its bytes, and its acknowledgement moved its dossier.
    async fn declarations(&self, store: &SqliteStore) -> Result<(), String> {
        let names: BTreeSet<&str> = self.taken.iter().map(|(name, _)| name.as_str()).collect();
        if names.len() != self.taken.len() {
            return Err(format!("{} files taken, {} names: offered twice", self.taken.len(), names.len()));
        }
        let declarations = store.declarations(None).await.unwrap();
        for (at, line) in declarations.iter().enumerate() {
            if line.sequence != i64::try_from(at).unwrap() + 1 || line.state != OutgoingState::Published {
                return Err(format!("{}: number {} {:?}", line.name, line.sequence, line.state));
            }
            if !self.taken.iter().any(|(name, sha256)| *name == line.name && sha256.to_string() == line.sha256) {
                return Err(format!("{}: lost, or not the bytes that were written", line.name));
            }
            let outgoing = store.outgoing(&line.name).await.unwrap().expect("it is listed");
            if let Some((name, _)) = outgoing.files().iter().find(|(name, _)| !names.contains(name.as_str())) {
                return Err(format!("{name}: lost"));
            }
        }
        if declarations.len() != self.merchants as usize {
            return Err(format!("{} merchants, {} declarations", self.merchants, declarations.len()));
        }
        let journal = store.journal(None).await.unwrap();
        if let Some(line) = journal.iter().find(|line| line.event == "acknowledgement_set_aside") {
            return Err(format!("an acknowledgement was set aside: {}", line.detail));
        }
        for line in store.dossiers(usize::MAX).await.unwrap() {
            if line.step != "tests" {
                return Err(format!("{}: acknowledged, and still at {}", line.reference, line.step));
            }
        }
        Ok(())
    }

    /// Every document is answered, and its answer lies where its sender looks.
    async fn answers(&self, store: &SqliteStore) -> Result<(), String> {
        let left = |file: &String| self.inbox().join("reponses").join(file).is_file();
        let answered: BTreeSet<_> = store
            .answers()
            .await
            .unwrap()
            .into_iter()
            .filter(|answer| answer.state == "left" && answer.files.iter().all(left))
            .map(|answer| answer.document)
            .collect();
        if answered.len() == self.dropped.len() {
            Ok(())
        } else {
            Err(format!("{} files dropped, {} answered", self.dropped.len(), answered.len()))
        }
    }

    /// Every letter came, and one that came again was the same; says how many did.
    async fn letters(&self, store: &SqliteStore) -> Result<usize, String> {
        let taken = self.letters.lock().unwrap().clone();
        let rows = store.letters(None).await.unwrap();
        for row in &rows {
            match taken.get(&row.message_id) {
                _ if row.state != "sent" => return Err(format!("letter {} was not sent", row.message_id)),
                None => return Err(format!("letter {} never came", row.message_id)),
                Some(copies) if copies.iter().any(|copy| *copy != copies[0]) => {
                    return Err(format!("letter {} came again with other words", row.message_id));
                }
                Some(_) => {}
            }
        }
        if rows.len() != taken.len() {
            return Err(format!("{} letters written, {} came under a name of their own", rows.len(), taken.len()));
        }
        Ok(taken.values().map(|copies| copies.len() - 1).sum())
    }

    /// After a purge: nothing of what was erased is left, every list is finished, and the installation is sound.
    pub fn check_erased(&self) -> Result<(), String> {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let store = SqliteStore::open(&self.var().join("guichet.db")).await.unwrap();
            let kept = store.documents().await.unwrap().into_iter().find(|stored| {
                stored.state != DocumentState::Erased || stored.reading.is_some() || !stored.arrival.name.is_empty()
            });
            store.close().await;
            kept.map_or(Ok(()), |kept| Err(format!("document {} is not erased", kept.arrival.document)))
        })?;
        let var = self.var();
        for folder in [var.join("blobs"), var.join("archive"), self.inbox().join("reponses")] {
            let left = files(&folder, &[]);
            if !left.is_empty() {
                return Err(format!("still there: {left:?}"));
            }
        }
        let lists = files(&var.join("purges"), &[]);
        if lists.iter().any(|list| list.extension().is_none_or(|ending| ending != "json")) {
            return Err(format!("a purge was not finished: {lists:?}"));
        }
        for list in &lists {
            let text = fs::read_to_string(list).unwrap();
            if text.contains("note ") || text.contains("annexe") {
                return Err(format!("{} names files", list.display()));
            }
        }
        self.verified()
    }
}

/// Files under a folder, some of its folders passed over.
fn files(folder: &Path, passed_over: &[&str]) -> Vec<PathBuf> {
    walkdir::WalkDir::new(folder)
        .into_iter()
        .filter_entry(|entry| !passed_over.iter().any(|name| entry.file_name() == *name))
        .flatten()
        .filter(|entry| entry.file_type().is_file())
        .map(walkdir::DirEntry::into_path)
        .collect()
}
