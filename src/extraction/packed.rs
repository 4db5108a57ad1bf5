//! ZIP containers, whose directory is never believed: members, bytes and ratio are counted while inflating.
//!
//! The same counter serves a ZIP and the ZIPs inside it, so that nesting multiplies nothing.

use std::cell::Cell;
use std::io::{Cursor, Read};

use zip::result::ZipError;

use super::format::find;
use super::limits::Limits;
use super::refusal::Refusal;

/// Below this a good ratio proves nothing: a blank sheet inflates a hundredfold.
const SMALL: u64 = 1 << 20;

/// What may still be inflated for one file received.
#[derive(Debug)]
pub(super) struct Purse {
    left: Cell<u64>,
    members: Cell<usize>,
    ratio: u64,
}

impl Purse {
    pub(super) fn new(limits: &Limits) -> Self {
        Self { left: Cell::new(limits.inflated), members: Cell::new(limits.members), ratio: limits.ratio }
    }
}

/// An open ZIP.
pub(super) struct Packed<'a> {
    zip: zip::ZipArchive<Cursor<&'a [u8]>>,
    purse: &'a Purse,
}

impl<'a> Packed<'a> {
    pub(super) fn open(bytes: &'a [u8], purse: &'a Purse) -> Result<Self, Refusal> {
        let zip = zip::ZipArchive::new(Cursor::new(bytes)).map_err(refusal)?;
        let left = purse.members.get().checked_sub(zip.len());
        purse.members.set(left.ok_or_else(|| Refusal::TooLarge(format!("{} members", zip.len())))?);
        Ok(Self { zip, purse })
    }

    pub(super) fn len(&self) -> usize {
        self.zip.len()
    }

    /// Name of a member as shown to people; `None` for a folder.
    pub(super) fn name(&mut self, index: usize) -> Result<Option<String>, Refusal> {
        let member = self.zip.by_index_raw(index).map_err(refusal)?;
        if !member.is_file() {
            return Ok(None);
        }
        Ok(Some(match member.name() {
            Ok(name) => name.into_owned(),
            Err(_) => String::from_utf8_lossy(member.name_raw()).into_owned(),
        }))
    }

    /// One member, whole.
    pub(super) fn read(&mut self, index: usize) -> Result<Vec<u8>, Refusal> {
        let member = self.zip.by_index(index).map_err(refusal)?;
        let stored = member.compressed_size();
        let left = self.purse.left.get();
        let ceiling = left.min(stored.saturating_mul(self.purse.ratio).max(SMALL));
        let mut bytes = Vec::new();
        member.take(ceiling + 1).read_to_end(&mut bytes).map_err(Refusal::damaged)?;
        let read = bytes.len() as u64;
        if read > ceiling {
            return Err(Refusal::TooLarge("its contents inflate beyond measure".to_owned()));
        }
        self.purse.left.set(left - read);
        Ok(bytes)
    }

    /// A member by its path, as office programs look for it; `None` when there is none.
    pub(super) fn part(&mut self, path: &str) -> Result<Option<Vec<u8>>, Refusal> {
        match find(&self.zip, path) {
            Some(index) => self.read(index).map(Some),
            None => Ok(None),
        }
    }
}

fn refusal(error: ZipError) -> Refusal {
    match error {
        ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) | ZipError::InvalidPassword => Refusal::Password,
        error => Refusal::damaged(error),
    }
}
