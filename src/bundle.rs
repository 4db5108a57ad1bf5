//! EDGE. Originals in one archive, whose bytes depend on nothing but their names and bytes: no date, no owner, no compression.
//!
//! Written again after a crash, or years later to be compared, it is the same archive.

use std::io::{self, Cursor, Read, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipArchive, ZipWriter};

use crate::domain::document::Sha256;

/// Packs files in the order given.
pub fn pack<'a>(files: impl IntoIterator<Item = (&'a str, Vec<u8>)>) -> io::Result<Vec<u8>> {
    // What is dropped is compressed already; stored as it is, no other version of a compressor can change a byte.
    let plain = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Stored)
        .last_modified_time(DateTime::default())
        .unix_permissions(0o644);
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        archive.start_file(name, plain).map_err(io::Error::other)?;
        archive.write_all(&bytes)?;
    }
    Ok(archive.finish().map_err(io::Error::other)?.into_inner())
}

/// Names and hashes of the files in an archive, in its order. What is compressed is none of ours and is refused, so that reading
/// costs no more than the archive weighs.
pub fn unpack(archive: &[u8]) -> io::Result<Vec<(String, Sha256)>> {
    let mut archive = ZipArchive::new(Cursor::new(archive)).map_err(io::Error::other)?;
    let mut files = Vec::with_capacity(archive.len());
    for index in 0..archive.len() {
        let mut file = archive.by_index(index).map_err(io::Error::other)?;
        if file.compression() != CompressionMethod::Stored {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "a compressed file in an archive of originals"));
        }
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        let name = file.name().map_err(io::Error::other)?.into_owned();
        files.push((name, Sha256::of(&bytes)));
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_files_are_the_same_bytes_for_ever() {
        let files = [("01-adhesion.pdf", b"%PDF adhesion".as_slice()), ("02-fiche.pdf", b"%PDF fiche")];
        let archive = pack(files.map(|(name, bytes)| (name, bytes.to_vec()))).unwrap();
        // Another version of a library that changes a byte is noticed here, before it makes a second archive of one name.
        insta::assert_snapshot!(Sha256::of(&archive), @"b1131272c43a0a5b944d0985fc1e129b8754b6825fad0578f650cd63c592760b");
        let inside = files.map(|(name, bytes)| (name.to_owned(), Sha256::of(bytes)));
        assert_eq!(unpack(&archive).unwrap(), inside);
    }

    #[test]
    fn what_is_no_archive_is_an_error() {
        assert!(unpack(b"PK nothing").is_err());
    }
}
