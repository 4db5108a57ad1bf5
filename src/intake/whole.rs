//! Does a file have an end? A PDF ends with `%%EOF`, a ZIP (and so a workbook) with its directory.
//!
//! Only what tells "still being written" from "written": a damaged file is a matter for reading it. A file of another kind cannot
//! tell, and standing still is all the proof there is.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

/// Readers look for `%%EOF` this far from the end, after whatever was appended.
const PDF_TAIL: u64 = 2048;
/// A ZIP's end record and the longest comment behind it.
const ZIP_TAIL: u64 = 22 + 65_535;

pub(super) fn is_whole(file: &mut File, size: u64) -> io::Result<bool> {
    let mut head = [0; 1024];
    let length = read_up_to(file, &mut head)?;
    let head = &head[..length];
    if head.starts_with(b"PK\x03\x04") {
        return Ok(zip_has_directory(&tail(file, size, ZIP_TAIL)?));
    }
    if find(head, b"%PDF-").is_some() {
        return Ok(find(&tail(file, size, PDF_TAIL)?, b"%%EOF").is_some());
    }
    // Bytes reserved and not yet written are zeros.
    Ok(!head.is_empty() && head.iter().any(|byte| *byte != 0))
}

fn zip_has_directory(tail: &[u8]) -> bool {
    let ends = |at: usize| {
        let comment = tail.get(at + 20..at + 22).map(|bytes| usize::from(u16::from_le_bytes([bytes[0], bytes[1]])));
        comment.is_some_and(|length| at + 22 + length <= tail.len())
    };
    tail.windows(4).enumerate().any(|(at, bytes)| bytes == b"PK\x05\x06" && ends(at))
}

fn tail(file: &mut File, size: u64, length: u64) -> io::Result<Vec<u8>> {
    file.seek(SeekFrom::Start(size.saturating_sub(length)))?;
    let mut bytes = Vec::new();
    file.take(length).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn read_up_to(file: &mut File, buffer: &mut [u8]) -> io::Result<usize> {
    let mut length = 0;
    while length < buffer.len() {
        match file.read(&mut buffer[length..])? {
            0 => break,
            read => length += read,
        }
    }
    Ok(length)
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn whole(bytes: &[u8]) -> bool {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        file.rewind().unwrap();
        is_whole(&mut file, bytes.len() as u64).unwrap()
    }

    #[test]
    fn a_file_cut_anywhere_is_not_whole() {
        assert!(whole(b"%PDF-1.7 ... startxref 12 %%EOF\r\n"));
        assert!(!whole(b"%PDF-1.7 ... startx"));
        let mut zip = b"PK\x03\x04 members PK\x05\x06".to_vec();
        zip.extend([0; 16]);
        assert!(!whole(&zip));
        zip.extend([3, 0, b'a', b'b']);
        assert!(!whole(&zip), "the comment is cut");
        zip.push(b'c');
        assert!(whole(&zip));
        assert!(!whole(b""));
        assert!(!whole(&[0; 4096]), "reserved, not written");
        assert!(whole(b"anything else"));
    }
}
