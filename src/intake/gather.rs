//! Step 2: the bytes of claimed files, kept under their hash before any row names them.

use std::collections::{HashMap, VecDeque};
use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use sha2::Digest;
use uuid::Uuid;

use super::claim::Counter;
use super::look::{self, Entry, Looks, Thing, Verdict};
use super::{BATCH, Settings, Trouble, names};
use crate::blobs::{Blobs, Held};
use crate::crash;
use crate::domain::document::{DocumentId, Sha256};
use crate::domain::finding::Code;
use crate::store::Arrival;

/// A claim with all its documents, their bytes durable.
#[derive(Debug)]
pub(super) struct Claim {
    /// File or folder under `.claimed/`.
    pub(super) path: PathBuf,
    pub(super) arrivals: Vec<Arrival>,
    /// Cannot be moved to another file system.
    pub(super) unfit: bool,
}

#[derive(Debug, Default)]
pub(super) struct Gathered {
    pub(super) claims: Vec<Claim>,
    /// Claims of later batches.
    pub(super) left: VecDeque<PathBuf>,
    /// Claims that still grow: their writer held on to the file while it was claimed.
    pub(super) on_hold: usize,
    pub(super) again: Option<Duration>,
    /// Claims that cannot be read; they hold up nobody else.
    pub(super) troubles: Vec<Trouble>,
    /// While it is held no blob is swept: the rows that name these are not there yet.
    pub(super) hold: Option<Held>,
}

/// What lies claimed, oldest first: ids grow with time.
pub(super) fn claimed(counter: &Counter) -> Result<VecDeque<PathBuf>, Trouble> {
    let folder = counter.claims();
    let at_fault = |source| Trouble::Folder { folder: folder.clone(), source };
    let mut paths = match fs::read_dir(&folder) {
        Err(err) if err.kind() == io::ErrorKind::NotFound => Vec::new(),
        Err(err) => return Err(at_fault(err)),
        Ok(entries) => {
            let paths: io::Result<Vec<PathBuf>> = entries.map(|entry| Ok(entry?.path())).collect();
            paths.map_err(at_fault)?
        }
    };
    paths.sort_unstable();
    Ok(paths.into())
}

/// Gathers a batch of claims from the front of `paths`.
pub(super) fn gather(
    looks: &mut Looks,
    settings: &Settings,
    blobs: &Blobs,
    counter: &Counter,
    mut paths: VecDeque<PathBuf>,
    now: Timestamp,
    elapsed: Duration,
) -> Result<Gathered, Trouble> {
    let hold = blobs.together().map_err(Trouble::Blobs)?;
    let mut gathered = Gathered { hold: Some(hold), ..Gathered::default() };
    let mut files = 0;
    while files < BATCH
        && let Some(path) = paths.pop_front()
    {
        let path = &path;
        let Some((id, name)) = path.file_name().and_then(names::parse_claimed) else { continue };
        let entry = match look::look(path, settings) {
            Ok(Some(entry)) => entry,
            Ok(None) => continue,
            Err(source) => {
                gathered.on_hold += 1;
                gathered.troubles.push(Trouble::Folder { folder: path.clone(), source });
                continue;
            }
        };
        if let Verdict::Wait(time) = looks.judge(settings, path, &entry, elapsed) {
            gathered.on_hold += 1;
            gathered.again = Some(gathered.again.map_or(time, |again| again.min(time)));
            continue;
        }
        let deposit = Deposit { id, counter, now };
        let kept = match deposit.keep(path, name, &entry, settings, blobs) {
            Err(trouble @ Trouble::Folder { .. }) => {
                gathered.on_hold += 1;
                gathered.troubles.push(trouble);
                continue;
            }
            kept => kept?,
        };
        if let Some(claim) = kept {
            files += claim.arrivals.len().max(1);
            gathered.claims.push(claim);
        } else {
            looks.forget(path);
            gathered.on_hold += 1;
            gathered.again = Some(settings.quiet);
        }
    }
    if !gathered.claims.is_empty() {
        blobs.settle().map_err(Trouble::Blobs)?;
    }
    gathered.left = paths;
    Ok(gathered)
}

struct Deposit<'a> {
    id: Uuid,
    counter: &'a Counter,
    now: Timestamp,
}

impl Deposit<'_> {
    /// `None` when a file grew while it was read.
    fn keep(
        &self,
        path: &Path,
        name: &OsStr,
        entry: &Entry,
        settings: &Settings,
        blobs: &Blobs,
    ) -> Result<Option<Claim>, Trouble> {
        let mut arrivals = Vec::new();
        let mut unfit = false;
        match entry {
            Entry::Unfit(_, reason) => {
                unfit = *reason != "too_large";
                arrivals.push(self.refused(self.id, names::shown(name), reason));
            }
            Entry::File(_) => match self.file(self.id, path, names::shown(name), settings, blobs)? {
                Some(arrival) => arrivals.push(arrival),
                None => return Ok(None),
            },
            Entry::Folder(things) => {
                let mut alike: HashMap<OsString, u32> = HashMap::new();
                for (below, thing) in things {
                    let shown = names::shown(below.as_os_str());
                    let public =
                        names::crossed_out(below.as_os_str()).unwrap_or_else(|| below.clone().into_os_string());
                    let before = alike.entry(public.clone()).or_default();
                    let id = self.id_below(&public, *before);
                    *before += 1;
                    match thing {
                        Thing::Unfit(reason) => {
                            unfit = unfit || *reason != "too_large";
                            arrivals.push(self.refused(id, shown, reason));
                        }
                        Thing::File(_) => match self.file(id, &path.join(below), shown, settings, blobs)? {
                            Some(arrival) => arrivals.push(arrival),
                            None => return Ok(None),
                        },
                    }
                }
            }
        }
        Ok(Some(Claim { path: path.to_path_buf(), arrivals, unfit }))
    }

    fn file(
        &self,
        id: Uuid,
        path: &Path,
        name: String,
        settings: &Settings,
        blobs: &Blobs,
    ) -> Result<Option<Arrival>, Trouble> {
        let at_fault = |source| Trouble::Folder { folder: path.to_path_buf(), source };
        let mut file = look::open(path).map_err(at_fault)?;
        let before = file.metadata().map_err(at_fault)?;
        let bytes = read(&mut file, settings.file_bytes).map_err(at_fault)?;
        let after = file.metadata().map_err(at_fault)?;
        if look::sight(&before) != look::sight(&after) || bytes.len() as u64 != after.len() {
            return Ok(None);
        }
        let sha256 = blobs.keep(&bytes).map_err(Trouble::Blobs)?;
        crash::point("intake.kept");
        Ok(Some(Arrival { sha256, size: bytes.len() as u64, refusal: None, ..self.arrival(id, name) }))
    }

    fn refused(&self, id: Uuid, name: String, reason: &'static str) -> Arrival {
        Arrival { refusal: Some(look::code(reason)), ..self.arrival(id, name) }
    }

    fn arrival(&self, id: Uuid, name: String) -> Arrival {
        Arrival {
            document: DocumentId(id),
            deposit: DocumentId(self.id),
            sha256: Sha256::of(b""),
            size: 0,
            name,
            bank: self.counter.bank.clone(),
            received: self.now,
            refusal: None::<Code>,
        }
    }

    /// Id of a file in a claimed folder: of the folder's id and the file's path, so that it is the same after a crash.
    /// The first half is the folder's, so that the files stay sorted by the time of their claim.
    ///
    /// `public` is the path without the card number in it, so that no number can be guessed from an id; `before` counts the
    /// paths that are the same without theirs.
    fn id_below(&self, public: &OsStr, before: u32) -> Uuid {
        let mut hash = sha2::Sha256::new();
        hash.update(self.id.as_bytes());
        hash.update(public.as_bytes());
        if before > 0 {
            hash.update([0]);
            hash.update(before.to_le_bytes());
        }
        let mut bytes = *self.id.as_bytes();
        bytes[9..].copy_from_slice(&hash.finalize()[..7]);
        Uuid::from_bytes(bytes)
    }
}

/// All of a file, and one byte more than the limit at most.
fn read(file: &mut File, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.take(limit + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}
