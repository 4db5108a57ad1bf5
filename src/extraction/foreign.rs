//! Formats that guichet knows by their content and does not read, so that the answer can say what to send instead.

use super::compound::Compound;

/// A format that is not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Foreign {
    /// As people call it.
    pub(super) name: &'static str,
    pub(super) sort: Sort,
}

/// What it is, which decides what to send instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sort {
    TextDocument,
    Slides,
    Workbook,
    Picture,
    Mail,
    WebPage,
    Table,
    PlainText,
    Archive,
}

impl Sort {
    /// Stable name, a detail of the finding.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::TextDocument => "text_document",
            Self::Slides => "slides",
            Self::Workbook => "workbook",
            Self::Picture => "picture",
            Self::Mail => "mail",
            Self::WebPage => "web_page",
            Self::Table => "table",
            Self::PlainText => "plain_text",
            Self::Archive => "archive",
        }
    }
}

#[expect(clippy::unnecessary_wraps, reason = "an arm of a table of what may be")]
const fn is(name: &'static str, sort: Sort) -> Option<Foreign> {
    Some(Foreign { name, sort })
}

/// How much of a text is looked at.
const HEAD: usize = 4096;

/// What these bytes are, when they are none of the formats that are read.
pub(super) fn recognise(bytes: &[u8]) -> Option<Foreign> {
    let at = |from: usize, signature: &[u8]| bytes.get(from..).is_some_and(|rest| rest.starts_with(signature));
    match bytes {
        _ if at(4, b"ftyp") => {
            let brand = bytes.get(8..12).unwrap_or_default();
            match brand {
                b"heic" | b"heix" | b"heim" | b"heis" | b"hevc" | b"mif1" | b"msf1" => is("HEIC", Sort::Picture),
                b"avif" | b"avis" => is("AVIF", Sort::Picture),
                _ => None,
            }
        }
        _ if at(0, b"RIFF") && at(8, b"WEBP") => is("WEBP", Sort::Picture),
        _ if at(0, b"GIF8") => is("GIF", Sort::Picture),
        _ if at(0, b"BM") && at(6, &[0; 4]) => is("BMP", Sort::Picture),
        _ if at(0, b"\0\0\0\x0cjP  ") || at(0, b"\xff\x4f\xff\x51") => is("JPEG 2000", Sort::Picture),
        _ if at(0, b"Rar!\x1a\x07") => is("RAR", Sort::Archive),
        _ if at(0, b"7z\xbc\xaf\x27\x1c") => is("7-Zip", Sort::Archive),
        _ if at(0, &[0x1f, 0x8b, 8]) => is("GZIP", Sort::Archive),
        _ if at(0, b"BZh") => is("BZIP2", Sort::Archive),
        _ if at(0, b"\xfd7zXZ\0") => is("XZ", Sort::Archive),
        _ if at(257, b"ustar") => is("TAR", Sort::Archive),
        _ if at(0, b"{\\rtf") => is("RTF", Sort::TextDocument),
        _ if at(0, b"%!PS") => is("PostScript", Sort::TextDocument),
        _ if at(0, Compound::SIGNATURE) => compound(bytes),
        _ => text(bytes),
    }
}

/// A document of a ZIP package, by the names of its members.
pub(super) fn package(has: impl Fn(&str) -> bool, kind: &str) -> Option<Foreign> {
    if has("word/document.xml") {
        return is("DOCX", Sort::TextDocument);
    }
    if has("ppt/presentation.xml") {
        return is("PPTX", Sort::Slides);
    }
    if has("Index/Document.iwa") || has("Index.zip") {
        return is("Apple iWork", Sort::TextDocument);
    }
    match kind {
        "application/vnd.oasis.opendocument.text" => is("ODT", Sort::TextDocument),
        "application/vnd.oasis.opendocument.presentation" => is("ODP", Sort::Slides),
        "application/vnd.oasis.opendocument.graphics" => is("ODG", Sort::Slides),
        "application/epub+zip" => is("EPUB", Sort::TextDocument),
        _ => None,
    }
}

/// Old programs keep everything in compound files; the name of the main stream tells which.
fn compound(bytes: &[u8]) -> Option<Foreign> {
    let file = Compound::open(bytes).ok()?;
    let has = |name: &str| file.has(name);
    if has("WordDocument") {
        is("DOC", Sort::TextDocument)
    } else if has("PowerPoint Document") {
        is("PPT", Sort::Slides)
    } else if has("__properties_version1.0") {
        is("MSG", Sort::Mail)
    } else {
        None
    }
}

fn text(bytes: &[u8]) -> Option<Foreign> {
    let head = &bytes[..bytes.len().min(HEAD)];
    let head = match head {
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => super::xml::characters(head),
        _ => String::from_utf8_lossy(head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head)),
    };
    let head = head.trim_start();
    // Bytes of programs and pictures are no text.
    if head.is_empty() || head.chars().any(|c| c.is_control() && !matches!(c, '\t' | '\r' | '\n' | '\u{c}')) {
        return None;
    }
    let lower = head.to_lowercase();
    let has_word = |word: &str| lower.contains(word);
    if lower.starts_with("<?xml") && has_word("progid=\"excel.sheet\"") {
        return is("Excel XML", Sort::Workbook);
    }
    if lower.starts_with("<?xml") && has_word("opendocument.text") {
        return is("FODT", Sort::TextDocument);
    }
    if lower.starts_with("<!doctype html") || has_word("<html") || has_word("<body") {
        return is("HTML", Sort::WebPage);
    }
    if is_mail(head) {
        return is("EML", Sort::Mail);
    }
    if lower.starts_with('<') {
        return None;
    }
    if is_table(head) { is("CSV", Sort::Table) } else { is("TXT", Sort::PlainText) }
}

/// The first lines are headers of a message, among them one that every message has.
fn is_mail(head: &str) -> bool {
    const ALWAYS: [&str; 7] =
        ["from:", "received:", "return-path:", "mime-version:", "message-id:", "delivered-to:", "subject:"];
    let first: Vec<String> =
        head.lines().take_while(|line| !line.trim().is_empty()).take(30).map(str::to_lowercase).collect();
    let is_header = |line: &String| {
        let name = line.split(':').next().unwrap_or_default();
        line.contains(':') && !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    let known = first.iter().filter(|line| ALWAYS.iter().any(|name| line.starts_with(name))).count();
    known >= 2 && first.first().is_some_and(is_header)
}

/// At least two lines that one separator cuts into as many parts each.
fn is_table(head: &str) -> bool {
    let mut lines: Vec<&str> = head.lines().filter(|line| !line.trim().is_empty()).take(20).collect();
    // The last line may be cut.
    if lines.len() > 2 {
        lines.pop();
    }
    [';', '\t', ','].iter().any(|separator| {
        let parts = |line: &&str| line.matches(*separator).count();
        lines.len() >= 2 && parts(&lines[0]) >= 1 && lines.iter().all(|line| parts(line) == parts(&lines[0]))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_read_is_known_by_its_content() {
        let name = |bytes: &[u8]| recognise(bytes).map(|foreign| (foreign.name, foreign.sort.name()));
        assert_eq!(name(b"\0\0\0\x18ftypheic\0\0\0\0"), Some(("HEIC", "picture")));
        assert_eq!(name(b"RIFF\0\0\0\0WEBPVP8 "), Some(("WEBP", "picture")));
        assert_eq!(name(b"{\\rtf1 Bonjour}"), Some(("RTF", "text_document")));
        assert_eq!(name(b"Rar!\x1a\x07\x01\0"), Some(("RAR", "archive")));
        assert_eq!(name(b"<!DOCTYPE html><html><body>Bonjour"), Some(("HTML", "web_page")));
        assert_eq!(name(b"Received: from a\r\nSubject: form\r\n\r\nbonjour"), Some(("EML", "mail")));
        assert_eq!(name("Raison sociale;RIB\nSté Béji;0800\n".as_bytes()), Some(("CSV", "table")));
        assert_eq!(name("Bonjour, voici le formulaire.\nMerci".as_bytes()), Some(("TXT", "plain_text")));
        assert_eq!(name(b"\xff\xfeR\0I\0B\0\n\0"), Some(("TXT", "plain_text")));
        assert_eq!(name(b"MZ\x90\0\x03\0"), None);
        assert_eq!(name(&[0; 100]), None);
        assert_eq!(name(b""), None);
    }

    #[test]
    fn packages_are_known_by_their_members() {
        let name = |member: &str, kind: &str| package(|path| path == member, kind).map(|foreign| foreign.name);
        assert_eq!(name("word/document.xml", ""), Some("DOCX"));
        assert_eq!(name("content.xml", "application/vnd.oasis.opendocument.text"), Some("ODT"));
        assert_eq!(name("form.pdf", ""), None);
    }
}
