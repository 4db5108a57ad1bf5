//! Answers left beside the files they answer, in `reponses/` of the bank's own folder.
//!
//! Crash argument: the bytes and the name of an answer are in its row. Each file is written beside its place and renamed into it
//! (`answer.opened`, `answer.written`, `answer.renamed`); killed anywhere, the errand is lent again and the same files are written
//! over themselves. The row says *left* in the transaction that closes the errand.

use std::fs;
use std::io;
use std::path::PathBuf;

use crate::durable;
use crate::store::Reply;

/// The folders banks drop into.
#[derive(Debug, Clone)]
pub struct Inboxes {
    pub root: PathBuf,
    pub folder_mode: u32,
    pub file_mode: u32,
}

impl Inboxes {
    /// Leaves all files of an answer, each whole or not at all. Again: the same files.
    pub fn leave(&self, reply: &Reply) -> io::Result<()> {
        let counter = match &reply.folder {
            Some(bank) => self.root.join(bank.as_str()),
            None => self.root.clone(),
        };
        let folder = counter.join("reponses");
        // The counter itself is never made here: where it is missing, a share is not mounted.
        if let Err(err) = fs::create_dir(&folder) {
            if err.kind() != io::ErrorKind::AlreadyExists {
                return Err(err);
            }
        } else {
            use std::os::unix::fs::PermissionsExt;
            fs::set_permissions(&folder, fs::Permissions::from_mode(self.folder_mode))?;
            durable::sync_folder(&counter)?;
        }
        for (name, bytes) in &reply.files {
            if !is_plain(name) {
                return Err(io::Error::new(io::ErrorKind::InvalidInput, format!("{name:?} cannot name an answer")));
            }
            let temporary = folder.join(format!(".{name}.tmp"));
            durable::write_unsynced_folder("answer", &temporary, &folder.join(name), bytes, self.file_mode)?;
        }
        durable::sync_folder(&folder)
    }

    /// Removes files of answers that have had their time; says how many were there.
    pub fn withdraw(&self, bank: &str, files: &[String]) -> io::Result<usize> {
        let folder = self.root.join(bank).join("reponses");
        let mut removed = 0;
        for name in files.iter().filter(|name| is_plain(name)) {
            match fs::remove_file(folder.join(name)) {
                Err(err) if err.kind() == io::ErrorKind::NotFound => {}
                gone => {
                    gone?;
                    removed += 1;
                }
            }
        }
        if removed > 0 {
            durable::sync_folder(&folder)?;
        }
        Ok(removed)
    }
}

/// A name of ours: no path, not hidden.
fn is_plain(name: &str) -> bool {
    !name.is_empty() && !name.contains('/') && !name.starts_with('.')
}
