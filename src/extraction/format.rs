//! What the bytes are. Content decides; the name is asked only where content cannot tell.
//!
//! Invariant: looks at the first kilobytes and at a ZIP's directory, never parses a document.

use std::io::Cursor;

use crate::domain::document::Format;

/// How far into a file a PDF header may stand; readers in use accept mail headers and other junk before it.
const PDF_HEADER_WITHIN: usize = 1024;

/// The format of a file by its content. `name` is a hint for nothing but formats without a signature.
pub(super) fn sniff(bytes: &[u8]) -> Format {
    match bytes {
        [0xFF, 0xD8, 0xFF, ..] => Format::Jpeg,
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1A, b'\n', ..] => Format::Png,
        [b'I', b'I', 42 | 43, 0, ..] | [b'M', b'M', 0, 42 | 43, ..] => Format::Tiff,
        // OLE compound files: old workbooks, but also encrypted new ones; the workbook reader tells them apart.
        [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1, ..] => Format::Xls,
        [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] | [b'P', b'K', 7, 8, ..] => packed(bytes),
        _ if has_pdf_header(bytes) => Format::Pdf,
        // BIFF 2 to 5 worksheets without a compound file around them.
        [0x09, 0x00 | 0x02 | 0x04 | 0x08, 0x04..=0x10, 0x00, ..] => Format::Xls,
        _ => Format::Unknown,
    }
}

fn has_pdf_header(bytes: &[u8]) -> bool {
    bytes[..bytes.len().min(PDF_HEADER_WITHIN)].windows(5).any(|window| window == b"%PDF-")
}

/// A ZIP is a workbook when its members say so.
fn packed(bytes: &[u8]) -> Format {
    let Ok(mut zip) = zip::ZipArchive::new(Cursor::new(bytes)) else { return Format::Zip };
    if zip.index_for_name("xl/workbook.xml").is_some() || zip.index_for_name("xl/workbook.bin").is_some() {
        return Format::Xlsx;
    }
    if zip.index_for_name("content.xml").is_some() && says_spreadsheet(&mut zip) {
        return Format::Ods;
    }
    Format::Zip
}

/// `OpenDocument` files name their kind in a `mimetype` member; texts and drawings have `content.xml` too.
fn says_spreadsheet(zip: &mut zip::ZipArchive<Cursor<&[u8]>>) -> bool {
    use std::io::Read;
    let Ok(member) = zip.by_name("mimetype") else { return false };
    let mut kind = String::new();
    member.take(128).read_to_string(&mut kind).is_ok() && kind.contains("opendocument.spreadsheet")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn zip_of(members: &[(&str, &[u8])]) -> Vec<u8> {
        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (name, content) in members {
            zip.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
            zip.write_all(content).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    #[test]
    fn signatures_decide() {
        let cases: [(&[u8], Format); 7] = [
            (b"%PDF-1.7\n", Format::Pdf),
            (b"From: a@b.tn\r\n\r\n%PDF-1.4\n", Format::Pdf),
            (&[0xFF, 0xD8, 0xFF, 0xE0], Format::Jpeg),
            (b"\x89PNG\r\n\x1a\n", Format::Png),
            (b"II*\0", Format::Tiff),
            (b"MM\0*", Format::Tiff),
            (b"Bonjour", Format::Unknown),
        ];
        for (bytes, format) in cases {
            assert_eq!(sniff(bytes), format, "{bytes:?}");
        }
    }

    #[test]
    fn a_zip_is_a_workbook_by_its_members() {
        assert_eq!(sniff(&zip_of(&[("xl/workbook.xml", b"<workbook/>")])), Format::Xlsx);
        let ods: [(&str, &[u8]); 2] =
            [("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"), ("content.xml", b"")];
        assert_eq!(sniff(&zip_of(&ods)), Format::Ods);
        let odt: [(&str, &[u8]); 2] = [("mimetype", b"application/vnd.oasis.opendocument.text"), ("content.xml", b"")];
        assert_eq!(sniff(&zip_of(&odt)), Format::Zip);
        assert_eq!(sniff(&zip_of(&[("form.pdf", b"%PDF-1.4")])), Format::Zip);
    }
}
