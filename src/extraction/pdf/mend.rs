//! A file whose pages cannot be found, put together anew by another reader.
//!
//! Where this room's reader gives up (a trailer lost, a page tree that hangs in the air), lopdf looks for every object in the file
//! and writes what it found as a sound file. What was cut off stays cut off: streams are checked in the new file as in any.

use lopdf::{Document, LoadOptions};

use super::super::limits::Limits;

/// The same document as a sound file; `None` when the other reader finds no pages either.
pub(in crate::extraction) fn mended(bytes: &[u8], limits: &Limits) -> Option<Vec<u8>> {
    let most = usize::try_from(limits.inflated / 4).unwrap_or(usize::MAX);
    let mut document = Document::load_mem_with_options(bytes, LoadOptions::with_max_decompressed_size(most)).ok()?;
    // A password that is asked for is no damage.
    if document.is_encrypted() || document.get_pages().is_empty() {
        return None;
    }
    let mut sound = Vec::with_capacity(bytes.len());
    document.save_to(&mut sound).ok()?;
    Some(sound)
}
