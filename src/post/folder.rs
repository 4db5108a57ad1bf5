//! Letters as `.eml` files: nothing is needed to try guichet, and any mail program opens them. Written whole or not at all
//! (`letter_file.renamed`); the same letter again is the same file.

use std::io;
use std::path::{Path, PathBuf};

use crate::durable;
use crate::store::Envelope;

#[derive(Debug, Clone)]
pub struct Folder {
    path: PathBuf,
}

impl Folder {
    pub(super) fn new(path: &Path) -> Self {
        Self { path: path.to_path_buf() }
    }

    /// The same letter again is the same file.
    pub(super) fn keep(&self, letter: &Envelope) -> io::Result<()> {
        durable::private_folder(&self.path)?;
        let name = name_of(&letter.message_id);
        let target = self.path.join(format!("{}.eml", name.trim_start_matches('.')));
        durable::write("letter_file", &self.path.join(format!(".{name}.tmp")), &target, &letter.message, 0o600)
    }

    /// Removes a letter that has had its time; `false` when it was not there.
    pub(super) fn forget(&self, message_id: &str) -> io::Result<bool> {
        match std::fs::remove_file(self.path.join(format!("{}.eml", name_of(message_id).trim_start_matches('.')))) {
            Err(err) if err.kind() == io::ErrorKind::NotFound => Ok(false),
            gone => gone.map(|()| true),
        }
    }
}

fn name_of(message_id: &str) -> String {
    message_id.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '@' | '_')).take(150).collect()
}
