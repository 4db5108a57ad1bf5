//! One daemon per installation. The lock is the kernel's: it ends with its holder, however that ends.

use std::fs::{File, OpenOptions, TryLockError};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use anyhow::Context;

/// Another guichet is at work here.
#[derive(Debug, thiserror::Error)]
#[error("un autre guichet travaille dans cette installation ({0} est verrouillé) ; arrêtez-le d'abord")]
pub struct Busy(String);

/// Takes the installation's lock; held until the file is dropped.
pub(super) fn take(var: &Path) -> anyhow::Result<File> {
    let path = var.join("guichet.lock");
    let shown = path.display().to_string();
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .mode(0o600)
        .open(&path)
        .with_context(|| shown.clone())?;
    // Whoever asks whether a daemon is at work holds the lock for an instant.
    for _ in 0..5 {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) => std::thread::sleep(std::time::Duration::from_millis(20)),
            Err(TryLockError::Error(err)) => return Err(err).with_context(|| shown),
        }
    }
    Err(Busy(shown).into())
}

/// Is a daemon at work in this installation?
#[must_use]
pub fn is_held(var: &Path) -> bool {
    File::open(var.join("guichet.lock"))
        .is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
}
