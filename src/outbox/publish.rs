//! Declarations offered to those who fetch them: once each, in the order of their numbers.
//!
//! Crash argument. The consumer takes files away, so an absent file may mean "never offered" or "already taken": writing a file,
//! renaming it into the outbox and then noting it would offer it twice after a crash in between. Therefore:
//! 1. all files are written to `.stage/`, durable, the documents that go along in one archive (`stage.opened`, `stage.written`, `stage.renamed`, then `publish.staged`); killed
//!    here, they are written again, nobody has seen them;
//! 2. the row says *staged* (`publish.marked_staged`); from now on nothing is ever written again;
//! 3. **the rename from the stage into the outbox is the commit point**, companions first, the declaration last
//!    (`publish.before_rename` and `publish.renamed` at each, `publish.folder_synced` after the last); killed here, the start finds on
//!    the stage what was not renamed, and what it does not find was offered;
//! 4. the row says *published*, in the transaction that tells the dossier (`commit.in_transaction`, `commit.committed`).

use std::fs;
use std::io;
use std::path::PathBuf;

use crate::blobs::Blobs;
use crate::bundle;
use crate::crash;
use crate::domain::pieces::PIECES;
use crate::durable;
use crate::store::{Outgoing, OutgoingState, Store, StoreError};

/// The outboxes of Monétique-Tunisie and of the banks.
#[derive(Debug, Clone)]
pub struct Outboxes {
    pub root: PathBuf,
    /// Rights of the files, for those who fetch them.
    pub file_mode: u32,
    /// Where the documents that go along are kept.
    pub blobs: Blobs,
}

/// Why a declaration is not offered.
#[derive(Debug, thiserror::Error)]
pub enum NotPublished {
    #[error("le dossier de dépôt ne peut être utilisé")]
    Folder(#[source] io::Error),
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A smaller number of the same type and bank goes first.
    #[error("un fichier précédent de la même suite n'est pas encore publié")]
    Behind,
    /// A document that goes along is not where it is kept, or no longer what it was.
    #[error("le document {0} ne peut être joint")]
    Piece(String, #[source] io::Error),
    /// Nothing to offer, now or later.
    #[error("la déclaration {0} n'est pas à publier")]
    NotDue(String),
}

impl Outboxes {
    /// Steps 1 to 3, from wherever an earlier attempt was cut off.
    pub async fn publish(&self, store: &dyn Store, name: &str) -> Result<Outgoing, NotPublished> {
        let outgoing = store.outgoing(name).await?.ok_or_else(|| NotPublished::NotDue(name.to_owned()))?;
        if outgoing.behind {
            return Err(NotPublished::Behind);
        }
        match outgoing.state {
            OutgoingState::Recalled => return Err(NotPublished::NotDue(name.to_owned())),
            OutgoingState::Published => return Ok(outgoing),
            OutgoingState::New => {
                #[cfg(feature = "crash-points")]
                if std::env::var_os("GUICHET_NAIVE_PUBLISH").is_some() {
                    self.naive(&outgoing, self.pieces(&outgoing)?).map_err(NotPublished::Folder)?;
                    return Ok(outgoing);
                }
                let pieces = self.pieces(&outgoing)?;
                self.stage(&outgoing, pieces).map_err(NotPublished::Folder)?;
                store.staged(name).await?;
            }
            OutgoingState::Staged => {}
        }
        self.offer(&outgoing).map_err(NotPublished::Folder)?;
        Ok(outgoing)
    }

    /// The archive of the documents that go along. Their bytes are checked against their hashes as they are read.
    fn pieces(&self, outgoing: &Outgoing) -> Result<Option<Vec<u8>>, NotPublished> {
        if outgoing.pieces.is_empty() {
            return Ok(None);
        }
        let mut files = Vec::with_capacity(outgoing.pieces.len());
        for piece in &outgoing.pieces {
            let bytes = self.blobs.read(&piece.sha256).map_err(|err| NotPublished::Piece(piece.name.clone(), err))?;
            files.push((piece.name.as_str(), bytes));
        }
        bundle::pack(files).map(Some).map_err(NotPublished::Folder)
    }

    fn stage(&self, outgoing: &Outgoing, pieces: Option<Vec<u8>>) -> io::Result<()> {
        let folder = self.folder(outgoing);
        for folder in [&folder, &folder.join(".stage")] {
            // The outbox itself is never made here: where it is missing, a share is not mounted.
            match fs::create_dir(folder) {
                Err(err) if err.kind() == io::ErrorKind::AlreadyExists => {}
                made => made?,
            }
        }
        let stage = folder.join(".stage");
        for (name, bytes) in files(outgoing, pieces) {
            let temporary = stage.join(format!(".{name}.tmp"));
            durable::write_unsynced_folder("stage", &temporary, &stage.join(&name), &bytes, self.file_mode)?;
        }
        durable::sync_folder(&stage)?;
        crash::point("publish.staged");
        Ok(())
    }

    fn offer(&self, outgoing: &Outgoing) -> io::Result<()> {
        let folder = self.folder(outgoing);
        let stage = folder.join(".stage");
        for name in names(outgoing) {
            crash::point("publish.before_rename");
            match fs::rename(stage.join(&name), folder.join(&name)) {
                // Offered before the crash; it may have been taken since.
                Err(err) if err.kind() == io::ErrorKind::NotFound && folder.is_dir() => {}
                Err(err) => return Err(err),
                Ok(()) => crash::point("publish.renamed"),
            }
        }
        durable::sync_folder(&folder)?;
        durable::sync_folder(&stage)?;
        crash::point("publish.folder_synced");
        Ok(())
    }

    fn folder(&self, outgoing: &Outgoing) -> PathBuf {
        self.root.join(&outgoing.outbox)
    }

    /// The usual way, which offers twice: the crash harness switches it on once, and must catch it.
    #[cfg(feature = "crash-points")]
    fn naive(&self, outgoing: &Outgoing, pieces: Option<Vec<u8>>) -> io::Result<()> {
        let folder = self.folder(outgoing);
        for (name, bytes) in files(outgoing, pieces) {
            durable::write("naive", &folder.join(format!(".{name}.tmp")), &folder.join(&name), &bytes, self.file_mode)?;
        }
        crash::point("publish.folder_synced");
        Ok(())
    }
}

/// The documents that go along, then the companions, the declaration last: whoever sees it finds all the rest beside it.
fn files(outgoing: &Outgoing, pieces: Option<Vec<u8>>) -> Vec<(String, Vec<u8>)> {
    let pieces = pieces.map(|bytes| (format!("{}{PIECES}", outgoing.name), bytes));
    pieces.into_iter().chain(outgoing.files()).collect()
}

/// Names of all files, in the order in which they are offered.
fn names(outgoing: &Outgoing) -> Vec<String> {
    let pieces = (!outgoing.pieces.is_empty()).then(|| format!("{}{PIECES}", outgoing.name));
    pieces.into_iter().chain(outgoing.files().into_iter().map(|(name, _)| name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::declaration::FileType;
    use crate::domain::document::{Kind, Sha256};
    use crate::domain::dossier::DossierRef;
    use crate::domain::pieces::Piece;

    fn outgoing(pieces: Vec<Piece>) -> Outgoing {
        Outgoing {
            file_type: FileType::Dts,
            name: "DTS00008.20261124.000001".to_owned(),
            outbox: "monetique".to_owned(),
            dossiers: vec![DossierRef::new(2026, 1)],
            state: OutgoingState::New,
            bytes: b"01".to_vec(),
            sha256: Sha256::of(b"01"),
            beside: vec![(".json".to_owned(), b"{}".to_vec())],
            pieces,
            behind: false,
        }
    }

    #[test]
    fn the_documents_come_before_the_declaration_and_are_the_originals() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = Blobs::open(folder.path()).unwrap();
        let sha256 = blobs.keep(b"%PDF original").unwrap();
        let outboxes = Outboxes { root: folder.path().join("outbox"), file_mode: 0o600, blobs: blobs.clone() };
        fs::create_dir(&outboxes.root).unwrap();
        let outgoing = outgoing(vec![Piece { name: "01-a.pdf".to_owned(), sha256, kinds: vec![Kind::Adhesion] }]);
        let ends = [".pieces.zip", ".json", ".sha256", ""].map(|suffix| format!("{}{suffix}", outgoing.name));
        assert_eq!(names(&outgoing), ends);
        let pieces = outboxes.pieces(&outgoing).unwrap();
        outboxes.stage(&outgoing, pieces.clone()).unwrap();
        outboxes.offer(&outgoing).unwrap();
        let offered = fs::read(outboxes.root.join("monetique/DTS00008.20261124.000001.pieces.zip")).unwrap();
        assert_eq!(Some(&offered), pieces.as_ref());
        assert!(offered.windows(13).any(|bytes| bytes == b"%PDF original"));

        blobs.erase(&sha256).unwrap();
        assert!(matches!(outboxes.pieces(&outgoing), Err(NotPublished::Piece(..))), "never offered without them");
    }

    #[test]
    fn without_documents_there_is_no_archive() {
        let ends = [".json", ".sha256", ""].map(|suffix| format!("DTS00008.20261124.000001{suffix}"));
        assert_eq!(names(&outgoing(vec![])), ends);
    }
}
