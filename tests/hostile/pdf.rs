//! A PDF writer that believes everything it is told.

use std::io::Write;

use flate2::Compression;
use flate2::write::ZlibEncoder;

/// Objects in the order they are written, with a true cross-reference table.
pub struct Pdf {
    out: Vec<u8>,
    offsets: Vec<(u32, usize)>,
}

impl Pdf {
    pub fn new() -> Self {
        Self { out: b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n".to_vec(), offsets: Vec::new() }
    }

    pub fn object(mut self, number: u32, body: impl AsRef<[u8]>) -> Self {
        self.offsets.push((number, self.out.len()));
        self.out.extend_from_slice(format!("{number} 0 obj\n").as_bytes());
        self.out.extend_from_slice(body.as_ref());
        self.out.extend_from_slice(b"\nendobj\n");
        self
    }

    pub fn stream(self, number: u32, entries: &str, data: impl AsRef<[u8]>) -> Self {
        let data = data.as_ref();
        let mut body = format!("<< /Length {} {entries} >>\nstream\n", data.len()).into_bytes();
        body.extend_from_slice(data);
        body.extend_from_slice(b"\nendstream");
        self.object(number, body)
    }

    /// Object 1 is the catalogue.
    pub fn finish(self, trailer: &str) -> Vec<u8> {
        let start = self.out.len();
        self.finish_at(start, trailer)
    }

    /// Says that the cross-reference table lies at `start`, true or not.
    pub fn finish_at(mut self, start: usize, trailer: &str) -> Vec<u8> {
        self.offsets.sort_unstable();
        let size = self.offsets.last().map_or(1, |(number, _)| number + 1);
        let mut table = "xref\n0 1\n0000000000 65535 f \n".to_owned();
        for (number, offset) in &self.offsets {
            table += &format!("{number} 1\n{offset:010} 00000 n \n");
        }
        table += &format!("trailer\n<< /Size {size} /Root 1 0 R {trailer} >>\nstartxref\n{start}\n%%EOF\n");
        self.out.extend_from_slice(table.as_bytes());
        self.out
    }

    pub fn length(&self) -> usize {
        self.out.len()
    }
}

pub const CATALOGUE: &str = "<< /Type /Catalog /Pages 2 0 R >>";
pub const PAGES: &str = "<< /Type /Pages /Kids [3 0 R] /Count 1 >>";
pub const FONT: &str = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>";

/// One page that draws `content` (object 4) with these resources.
pub fn page(resources: &str) -> String {
    format!(
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> {resources} >> >>"
    )
}

/// A whole document of one page with this content.
pub fn drawing(content: impl AsRef<[u8]>, resources: &str) -> Pdf {
    Pdf::new().object(1, CATALOGUE).object(2, PAGES).object(3, page(resources)).stream(4, "", content).object(5, FONT)
}

pub fn text(line: &str) -> String {
    format!("BT /F1 12 Tf 72 700 Td ({line}) Tj ET")
}

pub fn deflate(data: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(data).expect("memory takes it");
    encoder.finish().expect("memory takes it")
}

/// So many zero bytes, deflated without ever being held.
pub fn deflated_zeros(megabytes: usize) -> Vec<u8> {
    let chunk = vec![b' '; 1 << 20];
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    for _ in 0..megabytes {
        encoder.write_all(&chunk).expect("memory takes it");
    }
    encoder.finish().expect("memory takes it")
}
