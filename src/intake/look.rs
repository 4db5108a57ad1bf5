//! Looks at what lies in a folder, and what two looks say together.

use std::collections::HashMap;
use std::fs::{File, Metadata, OpenOptions};
use std::io;
use std::os::unix::fs::{FileTypeExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{Settings, names, whole};
use crate::domain::finding::Code;

/// How deep folders dropped as a whole may be nested.
const DEEPEST: usize = 8;

/// What a look saw of one file; two equal ones mean that it stood still.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sight {
    device: u64,
    inode: u64,
    links: u64,
    size: u64,
    modified: (i64, i64),
}

/// What a look saw of an entry of a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Entry {
    File(Sight),
    /// Relative paths and sights, in order.
    Folder(Vec<(PathBuf, Thing)>),
    /// To be set aside unopened, with the reason.
    Unfit(Sight, &'static str),
}

/// Something in a folder dropped as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Thing {
    File(Sight),
    Unfit(&'static str),
}

/// Sights of earlier looks, with the time since when they are unchanged.
#[derive(Debug, Default)]
pub(super) struct Looks {
    seen: HashMap<PathBuf, (Entry, Duration)>,
}

/// What two looks say.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It stands still and has an end.
    Whole,
    /// Look again after this time.
    Wait(Duration),
}

impl Looks {
    /// Compares an entry with what was seen of it, and judges.
    pub(super) fn judge(&mut self, settings: &Settings, path: &Path, entry: &Entry, elapsed: Duration) -> Verdict {
        let since = match self.seen.get(path) {
            Some((before, since)) if before == entry => *since,
            _ => {
                self.seen.insert(path.to_path_buf(), (entry.clone(), elapsed));
                elapsed
            }
        };
        let still = elapsed.saturating_sub(since);
        if still < settings.quiet {
            return Verdict::Wait(settings.quiet.saturating_sub(still));
        }
        if still >= settings.patience || has_end(path, entry) {
            return Verdict::Whole;
        }
        Verdict::Wait(settings.patience.saturating_sub(still))
    }

    /// A claim keeps what was seen of it under its old name.
    pub(super) fn renamed(&mut self, from: &Path, to: &Path) {
        if let Some(seen) = self.seen.remove(from) {
            self.seen.insert(to.to_path_buf(), seen);
        }
    }

    pub(super) fn forget(&mut self, path: &Path) {
        self.seen.remove(path);
    }

    /// Forgets what is no longer in a folder.
    pub(super) fn keep_only(&mut self, folder: &Path, present: &std::collections::HashSet<PathBuf>) {
        self.seen.retain(|path, _| path.parent() != Some(folder) || present.contains(path));
    }

    pub(super) fn number_in(&self, folder: &Path) -> usize {
        self.seen.keys().filter(|path| path.parent() == Some(folder)).count()
    }

    pub(super) fn knows(&self, path: &Path) -> bool {
        self.seen.contains_key(path)
    }
}

/// Looks at an entry without following links. `None` when it has gone meanwhile.
pub(super) fn look(path: &Path, settings: &Settings) -> io::Result<Option<Entry>> {
    let metadata = match std::fs::symlink_metadata(path) {
        Ok(metadata) => metadata,
        Err(err) if err.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(err) => return Err(err),
    };
    if metadata.is_dir() {
        let mut things = Vec::new();
        return match walk(path, Path::new(""), 0, settings, &mut things) {
            Ok(true) => {
                things.sort_by(|a, b| a.0.cmp(&b.0));
                Ok(Some(Entry::Folder(things)))
            }
            Ok(false) => Ok(Some(Entry::Unfit(sight(&metadata), "folder_too_large"))),
            Err(err) if err.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(err) => Err(err),
        };
    }
    Ok(Some(match unfit(&metadata, settings) {
        Some(reason) => Entry::Unfit(sight(&metadata), reason),
        None => Entry::File(sight(&metadata)),
    }))
}

/// Gathers a folder's things; `false` when there are too many, or too deep.
fn walk(
    root: &Path,
    below: &Path,
    depth: usize,
    settings: &Settings,
    things: &mut Vec<(PathBuf, Thing)>,
) -> io::Result<bool> {
    if depth > DEEPEST {
        return Ok(false);
    }
    for entry in std::fs::read_dir(root.join(below))? {
        let entry = entry?;
        if names::is_ignored(&entry.file_name()) {
            continue;
        }
        let path = below.join(entry.file_name());
        let metadata = std::fs::symlink_metadata(entry.path())?;
        if metadata.is_dir() {
            if !walk(root, &path, depth + 1, settings, things)? {
                return Ok(false);
            }
            continue;
        }
        if things.len() >= settings.deposit_files {
            return Ok(false);
        }
        things.push((
            path,
            match unfit(&metadata, settings) {
                Some(reason) => Thing::Unfit(reason),
                None => Thing::File(sight(&metadata)),
            },
        ));
    }
    Ok(true)
}

/// Why a file is not opened, as a finding code.
fn unfit(metadata: &Metadata, settings: &Settings) -> Option<&'static str> {
    let kind = metadata.file_type();
    if kind.is_symlink() {
        Some("file_is_link")
    } else if kind.is_fifo() || kind.is_socket() || kind.is_block_device() || kind.is_char_device() || !kind.is_file() {
        Some("file_is_device")
    } else if metadata.nlink() != 1 {
        Some("file_has_other_names")
    } else if metadata.len() > settings.file_bytes {
        Some("too_large")
    } else {
        None
    }
}

pub(super) fn sight(metadata: &Metadata) -> Sight {
    Sight {
        device: metadata.dev(),
        inode: metadata.ino(),
        links: metadata.nlink(),
        size: metadata.len(),
        modified: (metadata.mtime(), metadata.mtime_nsec()),
    }
}

/// Opens a file for reading without following a link and without waiting for a pipe's other end.
pub(super) fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK).open(path)
}

fn has_end(path: &Path, entry: &Entry) -> bool {
    let ends = |path: &Path, sight: &Sight| open(path).and_then(|mut file| whole::is_whole(&mut file, sight.size));
    match entry {
        Entry::Unfit(..) => true,
        // A file that cannot be opened is a matter for the claim, which says so.
        Entry::File(sight) => ends(path, sight).unwrap_or(true),
        Entry::Folder(things) => {
            !things.is_empty()
                && things.iter().all(|(below, thing)| match thing {
                    Thing::File(sight) => ends(&path.join(below), sight).unwrap_or(true),
                    Thing::Unfit(_) => true,
                })
        }
    }
}

/// The reason as the core spells it.
pub(super) fn code(reason: &'static str) -> Code {
    Code::from(reason)
}
