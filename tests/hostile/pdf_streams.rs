//! Streams that inflate without end, lie about their length, or cannot be decoded.

use super::Hostile;
use super::pdf::{CATALOGUE, FONT, PAGES, Pdf, deflate, deflated_zeros, drawing, page, text};

pub fn files() -> Vec<Hostile> {
    let mut files = bombs();
    files.extend(lies());
    files.extend(pictures());
    files
}

/// A page whose content is this stream.
fn content(name: &str, entries: &str, data: &[u8]) -> Hostile {
    let pdf = Pdf::new().object(1, CATALOGUE).object(2, PAGES).object(3, page(""));
    Hostile::new("streams", name, pdf.stream(4, entries, data).object(5, FONT).finish(""))
}

fn bombs() -> Vec<Hostile> {
    let gigabyte = deflated_zeros(1024);
    let twice = deflate(&gigabyte);
    let run_length: Vec<u8> = [129u8, b' '].repeat(1 << 20);
    let lzw = [0x80, 0x0b, 0x60, 0x50, 0x22, 0x0c, 0x0c, 0x85, 0x01].repeat(40_000);
    let filters = "/FlateDecode ".repeat(5000);
    let wrapped = (0..40).fold(text("Nom").into_bytes(), |data, _| deflate(&data));
    let of_forty = "/FlateDecode ".repeat(40);
    let predictor = |columns: &str| {
        format!(
            "/Filter /FlateDecode /DecodeParms << /Predictor 15 /Columns {columns} /Colors 4 /BitsPerComponent 16 >>"
        )
    };
    vec![
        content("a gigabyte of blanks", "/Filter /FlateDecode", &gigabyte),
        content("a gigabyte, deflated twice", "/Filter [/FlateDecode /FlateDecode]", &twice),
        content("128 megabytes of one run", "/Filter /RunLengthDecode", &run_length),
        content("LZW without end", "/Filter /LZWDecode", &lzw),
        content("five thousand filters", &format!("/Filter [{filters}]"), &deflate(b"BT ET")),
        content("forty filters, all needed", &format!("/Filter [{of_forty}]"), &wrapped),
        content("eight megabytes of hexadecimal nothing", "/Filter /ASCIIHexDecode", &b"20".repeat(4 << 20)),
        content("ASCII85 of zeros", "/Filter /ASCII85Decode", &b"z".repeat(8 << 20)),
        content("a predictor of two thousand million columns", &predictor("2000000000"), &deflate(b"BT ET")),
        content("a predictor of less than no columns", &predictor("-7"), &deflate(b"BT ET")),
        content("a predictor of no columns", &predictor("0"), &deflate(b"BT ET")),
        content("a predictor wider than the number", &predictor("99999999999999999999"), &deflate(b"BT ET")),
    ]
}

fn lies() -> Vec<Hostile> {
    let good = deflate(text("Raison sociale : Exemple").as_bytes());
    let mut flipped = good.clone();
    flipped[good.len() / 2] ^= 0xff;
    let raw = |name: &str, object: &str| {
        let pdf = Pdf::new().object(1, CATALOGUE).object(2, PAGES).object(3, page("")).object(5, FONT);
        Hostile::new("streams", name, pdf.object(4, object).finish(""))
    };
    let mut files = vec![
        content("a stream cut in its middle", "/Filter /FlateDecode", &good[..good.len() / 2]),
        content("a stream cut before its sum", "/Filter /FlateDecode", &good[..good.len() - 4]),
        content("a stream with one byte changed", "/Filter /FlateDecode", &flipped),
        content("a stream that is not deflated", "/Filter /FlateDecode", text("Nom").as_bytes()),
        content("an unknown filter", "/Filter /NoSuchDecode", &good),
        content("a filter that is a number", "/Filter 42", &good),
        content("an encryption filter", "/Filter /Crypt /DecodeParms << /Name /StdCF >>", &good),
        content("an empty stream", "/Filter /FlateDecode", b""),
        raw("a length of less than nothing", "<< /Length -1 >>\nstream\nBT ET\nendstream"),
        raw("a length beyond the file", "<< /Length 999999999 >>\nstream\nBT ET\nendstream"),
        raw("a length that is the stream", "<< /Length 4 0 R >>\nstream\nBT ET\nendstream"),
        raw("a length too short", "<< /Length 2 >>\nstream\nBT (Nom) Tj ET\nendstream"),
        raw("a stream without end", "<< /Length 5 >>\nstream\nBT ET"),
        raw("a stream without keyword", "<< /Length 5 >>\nBT ET"),
        raw("a dictionary without end", "<< /Length 5 /A << /B << /C ["),
    ];
    let whole = drawing(text("Raison sociale"), "").finish("");
    files.extend((1..=16).map(|part| {
        Hostile::new("cut files", &format!("a document cut at {part}/17"), whole[..whole.len() * part / 17].to_vec())
    }));
    files
}

fn pictures() -> Vec<Hostile> {
    let picture = |name: &str, entries: &str, data: &[u8]| {
        let pdf = drawing("q 595 0 0 842 0 0 cm /I Do Q", "/XObject << /I 10 0 R >>");
        let entries = format!("/Type /XObject /Subtype /Image {entries}");
        Hostile::new("pictures in a PDF", name, pdf.stream(10, &entries, data).finish(""))
    };
    let size = |width: &str, height: &str| {
        format!("/Width {width} /Height {height} /ColorSpace /DeviceGray /BitsPerComponent 8")
    };
    let noise: Vec<u8> = (0..5000u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    vec![
        picture("a picture of 10^18 points", &size("1000000000", "1000000000"), b"x"),
        picture(
            "a picture of 30000 by 30000",
            &format!("{} /Filter /FlateDecode", size("30000", "30000")),
            &deflated_zeros(858),
        ),
        picture("a picture of no height", &size("100", "0"), b"x"),
        picture("a picture of negative width", &size("-100", "100"), b"x"),
        picture("JPEG that is noise", &format!("{} /Filter /DCTDecode", size("100", "100")), &noise),
        picture("JPEG 2000 that is noise", &format!("{} /Filter /JPXDecode", size("100", "100")), &noise),
        picture("JBIG2 that is noise", &format!("{} /Filter /JBIG2Decode", size("100", "100")), &noise),
        picture(
            "fax that is noise",
            &format!("{} /Filter /CCITTFaxDecode /DecodeParms << /K -1 /Columns 1728 >>", size("1728", "2000")),
            &noise,
        ),
        picture(
            "fax of a thousand million columns",
            &format!(
                "{} /Filter /CCITTFaxDecode /DecodeParms << /K 0 /Columns 1000000000 /Rows 1000000000 >>",
                size("1000", "1000")
            ),
            &noise,
        ),
        picture("a mask that is its own mask", &format!("{} /SMask 10 0 R /Mask 10 0 R", size("2", "2")), b"abcd"),
        picture(
            "a colour space that is itself",
            "/Width 2 /Height 2 /BitsPerComponent 8 /ColorSpace [/Indexed 10 0 R 255 10 0 R]",
            b"abcd",
        ),
        picture(
            "a palette of two thousand million",
            "/Width 2 /Height 2 /BitsPerComponent 8 /ColorSpace [/Indexed /DeviceRGB 2000000000 (abc)]",
            b"abcd",
        ),
        picture("77 bits a point", "/Width 2 /Height 2 /BitsPerComponent 77 /ColorSpace /DeviceGray", b"abcd"),
    ]
}
