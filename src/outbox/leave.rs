//! Answers left beside the files they answer, in `reponses/` of the bank's own folder.

use std::fs;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

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
            if name.contains('/') || name.starts_with('.') || name.is_empty() {
                return Err(io::Error::new(io::ErrorKind::InvalidInput, format!("{name:?} cannot name an answer")));
            }
            let temporary = folder.join(format!(".{}.tmp", reply.document));
            durable::write_unsynced_folder("answer", &temporary, &folder.join(name), bytes, self.file_mode)?;
        }
        durable::sync_folder(&folder)
    }

    /// Removes answers older than their time from every `reponses/`; says how many.
    pub fn clear_old(&self, age: Duration) -> io::Result<usize> {
        let mut folders = vec![self.root.join("reponses")];
        for entry in fs::read_dir(&self.root)? {
            folders.push(entry?.path().join("reponses"));
        }
        let mut removed = 0;
        for folder in folders {
            let Ok(entries) = fs::read_dir(&folder) else { continue };
            for entry in entries {
                let entry = entry?;
                let metadata = entry.metadata()?;
                let old = metadata.modified()?.elapsed().is_ok_and(|elapsed| elapsed > age);
                if metadata.is_file() && old {
                    fs::remove_file(entry.path())?;
                    removed += 1;
                }
            }
        }
        Ok(removed)
    }
}
