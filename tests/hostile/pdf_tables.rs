//! Cross-reference tables, object streams, trailers and encryption that lie.

use super::Hostile;
use super::pdf::{CATALOGUE, FONT, PAGES, Pdf, deflate, drawing, page, text};

pub fn files() -> Vec<Hostile> {
    let mut files = tables();
    files.extend(object_streams());
    files.extend(encryption());
    files.extend(bent());
    files
}

fn document() -> Pdf {
    drawing(text("Raison sociale : Exemple"), "")
}

fn hostile(name: &str, bytes: Vec<u8>) -> Hostile {
    Hostile::new("tables", name, bytes)
}

fn tables() -> Vec<Hostile> {
    let end = document().length();
    let replaced = |from: &str, to: &str| {
        let bytes = document().finish("");
        let text: Vec<u8> = bytes.clone();
        let at = text.windows(from.len()).rposition(|window| window == from.as_bytes()).unwrap_or(0);
        [&bytes[..at], to.as_bytes(), &bytes[at + from.len()..]].concat()
    };
    let updates = (0..2000).fold(document().finish(""), |mut bytes, _| {
        let start = bytes.len();
        bytes.extend_from_slice(
            format!("xref\n0 0\ntrailer\n<< /Size 6 /Root 1 0 R /Prev {start} >>\nstartxref\n{start}\n%%EOF\n")
                .as_bytes(),
        );
        bytes
    });
    let garbage: Vec<u8> = [&b"%PDF-1.7\n"[..], &b"1 0 obj << >> endobj\n".repeat(50_000)].concat();
    vec![
        hostile("a table beyond the file", document().finish_at(99_999_999, "")),
        hostile("a table in the header", document().finish_at(0, "")),
        hostile("a table that is its predecessor", document().finish(&format!("/Prev {end}"))),
        hostile("a predecessor beyond the file", document().finish("/Prev 88888888")),
        hostile("a predecessor before the file", document().finish("/Prev -5")),
        hostile("a hybrid table that is itself", document().finish(&format!("/XRefStm {end}"))),
        hostile("a size of two thousand million", replaced("/Size 6", "/Size 2147483647")),
        hostile("a negative size", replaced("/Size 6", "/Size -6")),
        hostile("a root that is nowhere", replaced("/Root 1 0 R", "/Root 9 0 R")),
        hostile("a root that is the font", replaced("/Root 1 0 R", "/Root 5 0 R")),
        hostile("no trailer", replaced("trailer", "relliart")),
        hostile("no table", replaced("xref\n0 1", "ferx\n0 1")),
        hostile("a start that is no number", replaced("startxref", "startxref\nzero")),
        hostile("entries of a thousand million", replaced("xref\n0 1", "xref\n0 1000000000")),
        hostile("entries that begin at the end of numbers", replaced("xref\n0 1", "xref\n4294967295 9")),
        hostile("two thousand empty updates", updates),
        hostile("50000 objects of one number", garbage),
        hostile("a header alone", b"%PDF-1.7\n".to_vec()),
        hostile("a header and an end", b"%PDF-1.7\n%%EOF".to_vec()),
        hostile("a header after a kilobyte of dirt", [&vec![b'#'; 1024][..], &document().finish("")].concat()),
        hostile("a version that is not one", [&b"%PDF-99.99\n"[..], &document().finish("")[9..]].concat()),
        hostile("a file of two documents", [document().finish(""), document().finish("")].concat()),
    ]
}

fn object_streams() -> Vec<Hostile> {
    let stream = |name: &str, entries: &str, data: &[u8]| {
        let pdf = Pdf::new()
            .object(1, CATALOGUE)
            .object(2, PAGES)
            .object(3, page(""))
            .stream(4, "", text("x"))
            .object(5, FONT);
        let entries = format!("/Type /ObjStm /Filter /FlateDecode {entries}");
        hostile(name, pdf.stream(10, &entries, deflate(data)).finish(""))
    };
    // A cross-reference stream instead of a table.
    let reference = |name: &str, entries: &str, rows: &[u8]| {
        let pdf = Pdf::new().object(1, CATALOGUE).object(2, PAGES);
        let start = pdf.length();
        let entries = format!("/Type /XRef /Root 1 0 R /Filter /FlateDecode {entries}");
        let mut bytes = pdf.stream(11, &entries, deflate(rows)).finish_at(start, "");
        let table = bytes.windows(6).rposition(|window| window == b"xref\n0").unwrap_or(bytes.len());
        bytes.truncate(table);
        bytes.extend_from_slice(format!("startxref\n{start}\n%%EOF").as_bytes());
        hostile(name, bytes)
    };
    vec![
        stream("an object stream of a thousand million", "/N 1000000000 /First 10", b"1 0 2 5 << >> << >>"),
        stream("an object stream of less than none", "/N -1 /First -1", b"1 0 << >>"),
        stream("an object stream that begins beyond its end", "/N 1 /First 99999999", b"1 0 << >>"),
        stream("an object stream that extends itself", "/N 1 /First 4 /Extends 10 0 R", b"1 0 << >>"),
        stream("an object stream that holds itself", "/N 1 /First 5", b"10 0 << /Type /ObjStm /N 1 /First 4 >>"),
        reference("a reference stream of no width", "/Size 12 /W [0 0 0]", &[0; 64]),
        reference("a reference stream of vast width", "/Size 12 /W [1 2000000000 2]", &[1; 64]),
        reference("a reference stream of negative width", "/Size 12 /W [1 -2 2]", &[1; 64]),
        reference(
            "a reference stream of a thousand million",
            "/Size 1000000000 /W [1 2 1] /Index [0 1000000000]",
            &[1; 64],
        ),
        reference("all objects in a stream that is itself", "/Size 12 /W [1 2 1]", &[2, 0, 11, 0].repeat(12)),
        reference("predecessors in a ring", "/Size 12 /W [1 2 1] /Prev 9", &[1, 0, 9, 0].repeat(12)),
    ]
}

fn encryption() -> Vec<Hostile> {
    let with = |name: &str, dictionary: &str| {
        let trailer = "/Encrypt 20 0 R /ID [<00112233445566778899AABBCCDDEEFF> <00112233445566778899AABBCCDDEEFF>]";
        Hostile::new("encryption", name, document().object(20, dictionary).finish(trailer))
    };
    let key = "/O <0000000000000000000000000000000000000000000000000000000000000000> /U <0000000000000000000000000000000000000000000000000000000000000000> /P -4";
    vec![
        with("a password nobody has", &format!("<< /Filter /Standard /V 2 /R 3 /Length 128 {key} >>")),
        with("an unknown version", &format!("<< /Filter /Standard /V 99 /R 99 {key} >>")),
        with(
            "a key of a thousand million bits",
            &format!("<< /Filter /Standard /V 2 /R 3 /Length 1000000000 {key} >>"),
        ),
        with("a key of no bits", &format!("<< /Filter /Standard /V 2 /R 3 /Length 0 {key} >>")),
        with(
            "AES-256 without its parts",
            &format!(
                "<< /Filter /Standard /V 5 /R 6 /Length 256 {key} /CF << /StdCF << /CFM /AESV3 >> >> /StmF /StdCF /StrF /StdCF >>"
            ),
        ),
        with("a filter of another house", "<< /Filter /Entrust.PPKEF /V 1 >>"),
        with("encryption that is itself", "20 0 R"),
    ]
}

/// One document with single bytes changed, spread over its length.
fn bent() -> Vec<Hostile> {
    let whole = document().finish("");
    (0..24usize)
        .map(|n| {
            let mut bytes = whole.clone();
            let at = n * whole.len() / 24 + n % 7;
            bytes[at] ^= [0x01, 0x20, 0x80, 0xff][n % 4];
            Hostile::new("bent files", &format!("a document with byte {at} changed"), bytes)
        })
        .collect()
}
