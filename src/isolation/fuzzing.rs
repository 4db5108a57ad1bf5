//! A way in for the fuzz targets: what a child may say, without the child.

use super::frame::{self, Kind};
use super::{answer, sandbox};

/// Hears a child that says these bytes: its walls, then its answer.
pub fn hear(mut said: &[u8]) {
    if let Ok(ready) = frame::read(&mut said, Kind::Ready) {
        let _ = serde_json::from_slice::<sandbox::Layers>(&ready);
    }
    if let Ok(answer) = frame::read(&mut said, Kind::Answer) {
        let _ = answer::inspection(&answer);
    }
    // Without a frame round it: an answer is rarely found by chance.
    let _ = answer::reading(said);
}
