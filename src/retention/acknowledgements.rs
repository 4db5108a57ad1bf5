//! Acknowledgements: applied ones lie in the archive, others in quarantine. No row names them; the id that begins their name tells
//! when they came.
//!
//! What is no acknowledgement may be anything, a document with a card number too: such a file goes with those.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use uuid::Uuid;

use super::files::listed;
use crate::clock;
use crate::domain::card_number;
use crate::domain::document::Sha256;
use crate::durable;
use crate::seal::Seal;
use crate::store::{ExpiredAcknowledgement, Expiry, Fate};

/// Those that came before the instant of their fate.
pub(super) fn expired(var: &Path, seal: &Seal, expiry: &Expiry) -> io::Result<Vec<ExpiredAcknowledgement>> {
    let mut expired = Vec::new();
    for (id, came, path) in claimed(&archive(var))? {
        if came < expiry.declarations {
            expired.push(ExpiredAcknowledgement { id, sha256: hash(&path)?, fate: Fate::Applied });
        }
    }
    for (id, came, path) in claimed(&quarantine(var))? {
        let fate = match came {
            _ if came < expiry.set_aside => Fate::SetAside,
            _ if came < expiry.quarantine && holds_a_card(&path, seal)? => Fate::CardNumber,
            _ => continue,
        };
        expired.push(ExpiredAcknowledgement { id, sha256: hash(&path)?, fate });
    }
    expired.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(expired)
}

/// Removes these; says how many were there.
pub(super) fn remove(var: &Path, expired: &[ExpiredAcknowledgement]) -> io::Result<usize> {
    let mut removed = 0;
    if expired.is_empty() {
        return Ok(removed);
    }
    for folder in [archive(var), quarantine(var)] {
        let mut touched = false;
        for (_, _, path) in claimed(&folder)?.into_iter().filter(|(id, ..)| expired.iter().any(|gone| gone.id == *id)) {
            fs::remove_file(path)?;
            removed += 1;
            touched = true;
        }
        if touched {
            durable::sync_folder(&folder)?;
        }
    }
    Ok(removed)
}

fn archive(var: &Path) -> PathBuf {
    var.join("archive").join("accuses")
}

fn quarantine(var: &Path) -> PathBuf {
    var.join("quarantine")
}

/// Files of a folder with the id in their name and its time; what has none is not ours to erase.
fn claimed(folder: &Path) -> io::Result<Vec<(String, Timestamp, PathBuf)>> {
    let mut found = Vec::new();
    for path in listed(folder)? {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let Some((id, _)) = name.split_once("__") else { continue };
        let Some(came) = Uuid::try_parse(id).ok().and_then(|id| clock::given_at(&id)) else { continue };
        if !fs::symlink_metadata(&path)?.is_dir() {
            found.push((id.to_owned(), came, path));
        }
    }
    Ok(found)
}

/// A link or a pipe was put away as it was, and is not opened.
fn hash(path: &Path) -> io::Result<Sha256> {
    if fs::symlink_metadata(path)?.is_file() { durable::hash(path) } else { Ok(Sha256::of(b"")) }
}

/// More than this of a file is not looked at: no acknowledgement is longer.
const LONGEST: u64 = 4 << 20;

/// Text as it stands; a file that is packed is not looked into, and has its time like any other.
fn holds_a_card(path: &Path, seal: &Seal) -> io::Result<bool> {
    if !fs::symlink_metadata(path)?.is_file() {
        return Ok(false);
    }
    let mut bytes = Vec::new();
    fs::File::open(path)?.take(LONGEST).read_to_end(&mut bytes)?;
    let said = seal.opened(&bytes);
    let text = String::from_utf8_lossy(said.as_deref().unwrap_or(&bytes));
    Ok(card_number::first_masked(&text).is_some())
}
