//! Letters as `.eml` files: nothing is needed to try guichet, and any mail program opens them.

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
        let name: String = letter
            .message_id
            .chars()
            .filter(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '@' | '_'))
            .take(150)
            .collect();
        let target = self.path.join(format!("{}.eml", name.trim_start_matches('.')));
        durable::write("letter_file", &self.path.join(format!(".{name}.tmp")), &target, &letter.message, 0o600)
    }
}
