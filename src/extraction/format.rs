//! What the bytes are. Content decides; a name proves nothing.
//!
//! Invariant: looks at the first kilobytes, at a ZIP's directory and at a compound file's, never parses a document.

use std::io::{Cursor, Read};

use super::compound::Compound;
use super::foreign::{self, Foreign};
use crate::domain::document::Format;

/// How far into a file a PDF header may stand; readers in use accept mail headers and other junk before it.
const PDF_HEADER_WITHIN: usize = 1024;
/// A flat `OpenDocument` file says what it is in its first element.
const XML_HEAD: usize = 4096;
/// What office programs write into `mimetype` and `[Content_Types].xml` is far shorter.
const LONGEST_KIND: u64 = 1 << 16;

type Zip<'a> = zip::ZipArchive<Cursor<&'a [u8]>>;

/// The format of a file by its content.
pub(super) fn sniff(bytes: &[u8]) -> Format {
    match bytes {
        [0xFF, 0xD8, 0xFF, ..] => Format::Jpeg,
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1A, b'\n', ..] => Format::Png,
        [b'I', b'I', 42 | 43, 0, ..] | [b'M', b'M', 0, 42 | 43, ..] => Format::Tiff,
        // Old workbooks, but also new ones that are encrypted; the workbook reader tells them apart.
        _ if bytes.starts_with(Compound::SIGNATURE) => match foreign::recognise(bytes) {
            None => Format::Xls,
            Some(_) => Format::Unknown,
        },
        [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] | [b'P', b'K', 7, 8, ..] => packed(bytes).0,
        _ if has_pdf_header(bytes) => Format::Pdf,
        // BIFF 2 to 5 worksheets without a compound file around them.
        [0x09, 0x00 | 0x02 | 0x04 | 0x08, 0x04..=0x10, 0x00, ..] => Format::Xls,
        _ if is_flat_spreadsheet(bytes) => Format::Ods,
        _ => Format::Unknown,
    }
}

/// What a file is that is not read.
pub(super) fn foreign(bytes: &[u8]) -> Option<Foreign> {
    if bytes.starts_with(b"PK") { packed(bytes).1 } else { foreign::recognise(bytes) }
}

fn has_pdf_header(bytes: &[u8]) -> bool {
    bytes[..bytes.len().min(PDF_HEADER_WITHIN)].windows(5).any(|window| window == b"%PDF-")
}

fn is_flat_spreadsheet(bytes: &[u8]) -> bool {
    let head = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let head = String::from_utf8_lossy(&head[..head.len().min(XML_HEAD)]);
    head.trim_start().starts_with('<')
        && head.contains("office:document")
        && (head.contains("opendocument.spreadsheet") || head.contains("<office:spreadsheet"))
}

/// A ZIP is a workbook, or another document, when its members say so.
fn packed(bytes: &[u8]) -> (Format, Option<Foreign>) {
    let Ok(mut zip) = Zip::new(Cursor::new(bytes)) else { return (Format::Zip, None) };
    if find(&zip, "xl/workbook.xml").is_some() {
        return (Format::Xlsx, None);
    }
    if find(&zip, "xl/workbook.bin").is_some() {
        return (Format::Xlsb, None);
    }
    let kind = start_of(&mut zip, "mimetype").unwrap_or_default();
    if kind.trim() == "application/vnd.oasis.opendocument.spreadsheet"
        || kind.trim() == "application/vnd.oasis.opendocument.spreadsheet-template"
    {
        return (Format::Ods, None);
    }
    if let Some(foreign) = foreign::package(|name| find(&zip, name).is_some(), kind.trim()) {
        return (Format::Unknown, Some(foreign));
    }
    // The main part of a workbook may lie elsewhere.
    let types = start_of(&mut zip, "[Content_Types].xml").unwrap_or_default();
    let is_workbook = types.contains("spreadsheetml.sheet.main") || types.contains("sheet.macroEnabled.main");
    (if is_workbook { Format::Xlsx } else { Format::Zip }, None)
}

/// A member by its name; office programs take no notice of case and of the slant of slashes.
pub(super) fn find<R: Read + std::io::Seek>(zip: &zip::ZipArchive<R>, name: &str) -> Option<usize> {
    zip.index_for_name(name).or_else(|| {
        let alike = |other: &str| {
            other.len() == name.len()
                && other.bytes().zip(name.bytes()).all(|(a, b)| a.eq_ignore_ascii_case(&b) || (a == b'\\' && b == b'/'))
        };
        let named = zip.file_names().flatten().find(|other| alike(other))?;
        zip.index_for_name(&named)
    })
}

fn start_of(zip: &mut Zip<'_>, name: &str) -> Option<String> {
    let index = find(zip, name)?;
    let mut start = Vec::new();
    zip.by_index(index).ok()?.take(LONGEST_KIND).read_to_end(&mut start).ok()?;
    Some(String::from_utf8_lossy(&start).into_owned())
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
        let cases: [(&[u8], Format); 8] = [
            (b"%PDF-1.7\n", Format::Pdf),
            (b"From: a@b.tn\r\n\r\n%PDF-1.4\n", Format::Pdf),
            (&[0xFF, 0xD8, 0xFF, 0xE0], Format::Jpeg),
            (b"\x89PNG\r\n\x1a\n", Format::Png),
            (b"II*\0", Format::Tiff),
            (b"MM\0*", Format::Tiff),
            (b"Bonjour", Format::Unknown),
            (b"<?xml version='1.0'?><office:document office:mimetype='application/vnd.oasis.opendocument.spreadsheet'>", Format::Ods),
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
        assert_eq!(sniff(&zip_of(&odt)), Format::Unknown);
        assert_eq!(foreign(&zip_of(&odt)).unwrap().name, "ODT");
        assert_eq!(sniff(&zip_of(&[("word/document.xml", b"<w/>")])), Format::Unknown);
        assert_eq!(sniff(&zip_of(&[("XL\\Workbook.xml", b"<workbook/>")])), Format::Xlsx);
        let elsewhere = b"<Types><Override ContentType='application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml'/></Types>";
        assert_eq!(sniff(&zip_of(&[("[Content_Types].xml", elsewhere), ("book/main.xml", b"")])), Format::Xlsx);
        assert_eq!(sniff(&zip_of(&[("xl/workbook.bin", b"")])), Format::Xlsb);
        assert_eq!(sniff(&zip_of(&[("form.pdf", b"%PDF-1.4")])), Format::Zip);
    }
}
