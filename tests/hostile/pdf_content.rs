//! Page content, fonts and character maps that never end or that draw themselves.

use super::Hostile;
use super::pdf::{CATALOGUE, PAGES, Pdf, deflate, drawing, page, text};

pub fn files() -> Vec<Hostile> {
    let mut files = operators();
    files.extend(forms());
    files.extend(fonts());
    files.extend(maps());
    files.extend(papers());
    files
}

fn operators() -> Vec<Hostile> {
    let content = |name: &str, operators: String| {
        let pdf = Pdf::new().object(1, CATALOGUE).object(2, PAGES).object(3, page("")).object(5, super::pdf::FONT);
        Hostile::new("content", name, pdf.stream(4, "/Filter /FlateDecode", deflate(operators.as_bytes())).finish(""))
    };
    let line = text("Nom");
    vec![
        content("a million saved states", "q ".repeat(1_000_000)),
        content("a million restored states", "Q ".repeat(1_000_000)),
        content("three million strokes", "1 1 m 9 9 l S\n".repeat(3_000_000)),
        content("one path of three million points", format!("0 0 m {} S", "1 1 l ".repeat(3_000_000))),
        content("two million rectangles", "1 1 2 2 re ".repeat(2_000_000)),
        content("four million letters", format!("BT /F1 9 Tf ({}) Tj ET", "a".repeat(4_000_000))),
        content("half a million words", format!("{line}\n").repeat(500_000)),
        content("a list in a list, 100000 deep", format!("{}{} TJ", "[".repeat(100_000), "]".repeat(100_000))),
        content(
            "a dictionary in a dictionary, 100000 deep",
            format!("/A {}{} BDC", "<< /B ".repeat(100_000), " >>".repeat(100_000)),
        ),
        content(
            "brackets in brackets, 100000 deep",
            format!("BT {}{} Tj ET", "(".repeat(100_000), ")".repeat(100_000)),
        ),
        content("marked content, a million deep", "/A BMC ".repeat(1_000_000)),
        content("a million clips", "0 0 9 9 re W n ".repeat(1_000_000)),
        content(
            "numbers out of reach",
            format!("1e400 -1e400 m 99999999999999999999999999 0 l S {line} .-. +-+ 1.2.3 m"),
        ),
        content("type of 10^30 points", "BT /F1 1e30 Tf 1 0 0 1 72 700 Tm (Nom) Tj ET".into()),
        content("type of no points", "BT /F1 0 Tf 0 0 0 0 0 0 Tm (Nom) Tj ET".into()),
        content("a dash of a million strokes", format!("[{}] 0 d 0 0 m 500 500 l S", "1 ".repeat(1_000_000))),
        content("a dash of nothing on a long line", "[0.0000001] 0 d 0 0 m 1e9 1e9 l S".into()),
        content("an inline picture without end", "BI /W 10 /H 10 /BPC 8 /CS /G ID abcdef".into()),
        content("an inline picture of 10^18 points", "BI /W 1000000000 /H 1000000000 /BPC 8 /CS /G ID abc EI".into()),
        content("operators without operands", "m l c v y h S s f F B b n W cm Tj TJ Td Tm Tf Do sh gs d M".into()),
        content("operands without operators", "1 2 3 (a) /B [4] ".repeat(200_000)),
        content("a curve a hundred thousand times", "0 0 m 1 9 9 1 9 9 c S ".repeat(100_000)),
    ]
}

fn forms() -> Vec<Hostile> {
    let form = |name: &str, resources: &str, content: &str, objects: &[(u32, String, String)]| {
        let pdf = objects
            .iter()
            .fold(drawing(content, resources), |pdf, (number, entries, data)| pdf.stream(*number, entries, data));
        Hostile::new("drawings in drawings", name, pdf.finish(""))
    };
    let entries =
        |resources: &str| format!("/Type /XObject /Subtype /Form /BBox [0 0 595 842] /Resources << {resources} >>");
    let x = |number: u32, next: u32, draws: &str| {
        (number, entries(&format!("/XObject << /X {next} 0 R >>")), draws.to_owned())
    };
    let laughs: Vec<_> = (10..40).map(|n| x(n, n + 1, &"/X Do ".repeat(10))).collect();
    let deep: Vec<_> = (10..5010).map(|n| x(n, n + 1, "/X Do")).collect();
    let tile = |step: &str| {
        (
            10,
            format!(
                "/PatternType 1 /PaintType 1 /TilingType 1 /BBox [0 0 1 1] /XStep {step} /YStep {step} /Resources << /Pattern << /P 10 0 R >> >>"
            ),
            "/Pattern cs /P scn 0 0 1 1 re f".to_owned(),
        )
    };
    let paint = "/Pattern cs /P scn 0 0 595 842 re f";
    vec![
        form("a drawing that draws itself", "/XObject << /X 10 0 R >>", "/X Do", &[x(10, 10, "/X Do")]),
        form(
            "two drawings that draw each other",
            "/XObject << /X 10 0 R >>",
            "/X Do",
            &[x(10, 11, "/X Do"), x(11, 10, "/X Do /X Do")],
        ),
        form("10^30 drawings in thirty", "/XObject << /X 10 0 R >>", "/X Do", &laughs),
        form("drawings 5000 deep", "/XObject << /X 10 0 R >>", "/X Do", &deep),
        form(
            "a drawing drawn 200000 times",
            "/XObject << /X 10 0 R >>",
            &"/X Do ".repeat(200_000),
            &[x(10, 11, "0 0 1 1 re f")],
        ),
        form("a pattern made of itself", "/Pattern << /P 10 0 R >>", paint, &[tile("1")]),
        form("a pattern of steps of nothing", "/Pattern << /P 10 0 R >>", paint, &[tile("0")]),
        form("a pattern of 10^-9 steps", "/Pattern << /P 10 0 R >>", paint, &[tile("0.000000001")]),
        form(
            "a soft mask made of itself",
            "/ExtGState << /G << /SMask << /S /Alpha /G 10 0 R >> >> >>",
            "/G gs 0 0 9 9 re f",
            &[(10, entries("/ExtGState << /G << /SMask << /S /Alpha /G 10 0 R >> >> >>"), "/G gs 0 0 9 9 re f".into())],
        ),
        form(
            "a shading of a function of itself",
            "/Shading << /S << /ShadingType 2 /ColorSpace /DeviceGray /Coords [0 0 1e9 1e9] /Function 10 0 R /Extend [true true] >> >>",
            "/S sh",
            &[(
                10,
                "/FunctionType 3 /Domain [0 1] /Functions [10 0 R 10 0 R] /Bounds [0.5] /Encode [0 1 0 1]".into(),
                String::new(),
            )],
        ),
        form(
            "a function that never ends",
            "/Shading << /S << /ShadingType 1 /ColorSpace /DeviceGray /Domain [0 1e6 0 1e6] /Function 10 0 R >> >>",
            "/S sh",
            &[(
                10,
                "/FunctionType 4 /Domain [0 1 0 1] /Range [0 1]".into(),
                format!("{{ {} }}", "dup mul ".repeat(100_000)),
            )],
        ),
    ]
}

fn fonts() -> Vec<Hostile> {
    let font = |name: &str, font: &str, objects: &[(u32, String, Vec<u8>)]| {
        let pdf = Pdf::new()
            .object(1, CATALOGUE)
            .object(2, PAGES)
            .object(3, page(""))
            .stream(4, "", text("Nom ABC"))
            .object(5, font);
        let pdf = objects.iter().fold(pdf, |pdf, (number, entries, data)| pdf.stream(*number, entries, data));
        Hostile::new("fonts", name, pdf.finish(""))
    };
    let embedded = |file: &str| {
        format!(
            "<< /Type /Font /Subtype /TrueType /BaseFont /Abc /FirstChar 0 /LastChar 255 /FontDescriptor << /Type /FontDescriptor /FontName /Abc /Flags 4 /{file} 10 0 R >> >>"
        )
    };
    let noise: Vec<u8> = (0..20_000u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    let cff = [&[1, 0, 4, 4, 0, 1, 1, 1, 2, b'A'][..], &noise[..400]].concat();
    let true_type =
        [&[0, 1, 0, 0, 0xff, 0xff, 0, 0, 0, 0, 0, 0][..], &b"glyf\0\0\0\0\0\0\0\x0c\xff\xff\xff\xff".repeat(4000)]
            .concat();
    let type3 = "<< /Type /Font /Subtype /Type3 /FontBBox [0 0 1 1] /FontMatrix [1 0 0 1 0 0] /FirstChar 0 /LastChar 255 /Encoding << /Differences [78 /N 111 /N 109 /N] >> /CharProcs << /N 10 0 R >> /Resources << /Font << /F1 5 0 R >> >> >>";
    let composite = |widths: &str| {
        format!(
            "<< /Type /Font /Subtype /Type0 /BaseFont /Abc /Encoding /Identity-H /DescendantFonts [<< /Type /Font /Subtype /CIDFontType2 /BaseFont /Abc /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> {widths} >>] >>"
        )
    };
    vec![
        font("a font that is noise", &embedded("FontFile2"), &[(10, String::new(), noise.clone())]),
        font(
            "a Type 1 font that is noise",
            &embedded("FontFile"),
            &[(10, "/Length1 9999999 /Length2 9999999 /Length3 0".into(), noise.clone())],
        ),
        font("a CFF font that is noise", &embedded("FontFile3"), &[(10, "/Subtype /Type1C".into(), cff)]),
        font("a font of 65535 tables", &embedded("FontFile2"), &[(10, String::new(), true_type)]),
        font("a font that is empty", &embedded("FontFile2"), &[(10, String::new(), vec![])]),
        font(
            "a letter drawn with itself",
            type3,
            &[(10, String::new(), b"1 0 d0 BT /F1 1 Tf (NNNNNNNNNN) Tj ET".to_vec())],
        ),
        font(
            "a font that descends from itself",
            "<< /Type /Font /Subtype /Type0 /BaseFont /Abc /Encoding /Identity-H /DescendantFonts [5 0 R] >>",
            &[],
        ),
        font("widths of a million", &composite(&format!("/W [0 [{}]]", "500 ".repeat(1_000_000))), &[]),
        font("widths for all numbers", &composite("/W [0 4294967295 500 5 2 9] /DW -99999999999"), &[]),
        font(
            "letters before the first",
            "<< /Type /Font /Subtype /Type1 /BaseFont /Abc /FirstChar -99999 /LastChar 99999999 /Widths [1 2 3] >>",
            &[],
        ),
        font(
            "differences without end",
            &format!(
                "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding << /Differences [{}] >> >>",
                "255 /a /b ".repeat(100_000)
            ),
            &[],
        ),
        font("a font that is a number", "42", &[]),
    ]
}

fn maps() -> Vec<Hostile> {
    let map = |name: &str, map: String| {
        let font = "<< /Type /Font /Subtype /Type0 /BaseFont /Abc /Encoding /Identity-H /ToUnicode 10 0 R /DescendantFonts [<< /Type /Font /Subtype /CIDFontType2 /BaseFont /Abc /DW 500 >>] >>";
        let pdf = Pdf::new()
            .object(1, CATALOGUE)
            .object(2, PAGES)
            .object(3, page(""))
            .stream(4, "", text("Nom!"))
            .object(5, font);
        Hostile::new(
            "character maps",
            name,
            pdf.stream(10, "/Filter /FlateDecode /UseCMap 10 0 R", deflate(map.as_bytes())).finish(""),
        )
    };
    let with = |body: &str| {
        format!(
            "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def 1 begincodespacerange <0000> <FFFF> endcodespacerange {body} endcmap end end"
        )
    };
    vec![
        map("a map that uses itself", with("/X usecmap /X usecmap")),
        map("a range of four thousand million", with("1 beginbfrange <00000000> <FFFFFFFF> <0041> endbfrange")),
        map("a range that runs backwards", with("1 beginbfrange <FFFF> <0000> <0041> endbfrange")),
        map(
            "ranges of all letters, 20000 times",
            with(&format!("20000 beginbfrange {} endbfrange", "<0000> <FFFF> <0041> ".repeat(20_000))),
        ),
        map(
            "a letter that is a megabyte",
            with(&format!("1 beginbfchar <0041> <{}> endbfchar", "0041".repeat(1 << 18))),
        ),
        map(
            "half a million letters",
            with(&format!("500000 beginbfchar {} endbfchar", "<0041> <0042> ".repeat(500_000))),
        ),
        map(
            "a range to a list without end",
            with(&format!("1 beginbfrange <0000> <FFFF> [{}", "<0041> ".repeat(100_000))),
        ),
        map("a map without end", "begincmap 1 beginbfchar <00".into()),
        map(
            "codes of a hundred bytes",
            with(&format!("1 begincodespacerange <{}> <{}> endcodespacerange", "00".repeat(100), "FF".repeat(100))),
        ),
        map("a map that is noise", "\u{0}\u{1}<<<<>>>>[[[[(((".repeat(10_000)),
    ]
}

fn papers() -> Vec<Hostile> {
    let paper = |name: &str, entries: &str| {
        let page = page("").replace("/MediaBox [0 0 595 842]", entries);
        let pdf = Pdf::new()
            .object(1, CATALOGUE)
            .object(2, PAGES)
            .object(3, page)
            .stream(4, "", text("Nom"))
            .object(5, super::pdf::FONT);
        Hostile::new("paper", name, pdf.finish(""))
    };
    vec![
        paper("paper of 10^38 points", "/MediaBox [0 0 1e38 1e38]"),
        paper("paper of no size", "/MediaBox [0 0 0 0]"),
        paper("paper turned inside out", "/MediaBox [595 842 0 0]"),
        paper("paper of two numbers", "/MediaBox [0 0]"),
        paper("paper that is text", "/MediaBox (A4)"),
        paper("no paper", ""),
        paper("turned by 45 degrees", "/MediaBox [0 0 595 842] /Rotate 45"),
        paper("turned a thousand million times", "/MediaBox [0 0 595 842] /Rotate 90000000000"),
        paper("a unit of 10^30", "/MediaBox [0 0 595 842] /UserUnit 1e30"),
        paper("a crop outside the paper", "/MediaBox [0 0 595 842] /CropBox [9000 9000 9100 9100]"),
    ]
}
