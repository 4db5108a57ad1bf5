//! Workbooks with cells at the end of the world, counts that lie, XML that unfolds, and references that lead away.

use super::Hostile;
use super::zip::{Member, zip};

const HEAD: &str = r#"<?xml version="1.0" encoding="UTF-8"?>"#;
const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const RELATIONS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

pub fn files() -> Vec<Hostile> {
    let mut files = sheets();
    files.extend(parts());
    files.extend(open_documents());
    files.extend(old());
    files
}

/// A workbook out of parts; those not given are made plainly.
fn workbook(given: &[(&str, String)]) -> Vec<u8> {
    let plain = [
        (
            "[Content_Types].xml",
            format!(
                r#"{HEAD}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>"#
            ),
        ),
        (
            "_rels/.rels",
            format!(
                r#"{HEAD}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="{RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>"#
            ),
        ),
        (
            "xl/workbook.xml",
            format!(
                r#"{HEAD}<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}"><sheets><sheet name="F" sheetId="1" r:id="rId1"/></sheets></workbook>"#
            ),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            format!(
                r#"{HEAD}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="{RELATIONS}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="{RELATIONS}/sharedStrings" Target="sharedStrings.xml"/></Relationships>"#
            ),
        ),
        (
            "xl/worksheets/sheet1.xml",
            sheet(r#"<row r="1"><c r="A1" t="inlineStr"><is><t>Raison sociale</t></is></c></row>"#),
        ),
    ];
    let mut members: Vec<Member> = plain
        .iter()
        .filter(|(name, _)| given.iter().all(|(other, _)| other != name))
        .map(|(name, text)| Member::new(*name, text))
        .collect();
    members.extend(given.iter().map(|(name, text)| Member::new(*name, text)));
    zip(&members)
}

fn sheet(rows: &str) -> String {
    format!(r#"{HEAD}<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>"#)
}

fn cell(at: &str) -> String {
    format!(r#"<c r="{at}"><v>1</v></c>"#)
}

fn sheets() -> Vec<Hostile> {
    let with =
        |name: &str, sheet: String| Hostile::new("workbooks", name, workbook(&[("xl/worksheets/sheet1.xml", sheet)]));
    let rows = |name: &str, rows: &str| with(name, sheet(rows));
    let after = |name: &str, parts: &str| {
        with(
            name,
            sheet(&format!(r#"<row r="1">{}</row>"#, cell("A1")))
                .replace("</worksheet>", &format!("{parts}</worksheet>")),
        )
    };
    let million: String = (1..=2000)
        .map(|row| format!(r#"<row r="{row}">{}</row>"#, r#"<c t="inlineStr"><is><t>x</t></is></c>"#.repeat(500)))
        .collect();
    let merges: String = (1..=50_000).map(|row| format!(r#"<mergeCell ref="A{row}:XFD{row}"/>"#)).collect();
    let overlapping = r#"<mergeCell ref="A1:Z99"/>"#.repeat(5000);
    vec![
        rows(
            "two cells, first and last of all",
            &format!(r#"<row r="1">{}</row><row r="1048576">{}</row>"#, cell("A1"), cell("XFD1048576")),
        ),
        rows("a cell beyond the last", &format!(r#"<row r="99999999999">{}</row>"#, cell("ZZZZZZZ99999999999"))),
        rows(
            "cells of no place",
            &["", "A", "1", "A0", "-1", "A-1", "é5", "A1:B2", "AAAAAAAAAAAAAAAAAAAAAAAAAAAA1"]
                .map(|at| format!("<row>{}</row>", cell(at)))
                .concat(),
        ),
        rows("a million cells", &million),
        rows("one cell written 200000 times", &format!(r#"<row r="1">{}</row>"#, cell("A1").repeat(200_000))),
        rows(
            "rows that run backwards",
            &(1..=3000)
                .rev()
                .map(|row| format!(r#"<row r="{row}">{}</row>"#, cell(&format!("B{row}"))))
                .collect::<String>(),
        ),
        rows(
            "strings that are nowhere",
            r#"<row r="1"><c r="A1" t="s"><v>4294967295</v></c><c r="B1" t="s"><v>-1</v></c><c r="C1" t="s"><v>x</v></c></row>"#,
        ),
        rows(
            "numbers out of reach",
            r#"<row r="1"><c r="A1"><v>1e999</v></c><c r="B1"><v>-1e999</v></c><c r="C1"><v>NaN</v></c><c r="D1" t="d"><v>99999-99-99</v></c><c r="E1" t="b"><v>7</v></c></row>"#,
        ),
        rows(
            "formulas that reach out",
            r#"<row r="1"><c r="A1"><f>WEBSERVICE("http://127.0.0.1:9/")</f><v>1</v></c><c r="B1"><f>cmd|' /c calc'!A0</f></c></row>"#,
        ),
        rows(
            "a text of thirty megabytes",
            &format!(r#"<row r="1"><c r="A1" t="inlineStr"><is><t>{}</t></is></c></row>"#, "x".repeat(30 << 20)),
        ),
        rows(
            "a text of a million runs",
            &format!(
                r#"<row r="1"><c r="A1" t="inlineStr"><is>{}</is></c></row>"#,
                "<r><t>x</t></r>".repeat(1_000_000)
            ),
        ),
        with(
            "a sheet said to be all cells",
            sheet(&format!(r#"<row r="1">{}</row>"#, cell("A1")))
                .replace("<sheetData>", r#"<dimension ref="A1:XFD1048576"/><sheetData>"#),
        ),
        after("one merge of all cells", r#"<mergeCells count="1"><mergeCell ref="A1:XFD1048576"/></mergeCells>"#),
        after("50000 merged rows", &format!("<mergeCells>{merges}</mergeCells>")),
        after("5000 merges of one place", &format!("<mergeCells>{overlapping}</mergeCells>")),
        after(
            "merges of no place",
            r#"<mergeCells><mergeCell ref="A1"/><mergeCell ref="B2:A1"/><mergeCell ref=":"/><mergeCell/></mergeCells>"#,
        ),
        after(
            "a list of all cells",
            r#"<dataValidations count="999999999"><dataValidation type="list" sqref="A1:XFD1048576 A1:XFD1048576"><formula1>A1:XFD1048576</formula1></dataValidation></dataValidations>"#,
        ),
        with("XML 200000 deep", format!("{HEAD}{}", "<a>".repeat(200_000))),
        with("XML 200000 deep, and closed", format!("{HEAD}{}{}", "<a>".repeat(200_000), "</a>".repeat(200_000))),
        with(
            "an element of 200000 attributes",
            format!("{HEAD}<worksheet {}/>", (0..200_000).map(|n| format!("a{n}='1' ")).collect::<String>()),
        ),
        with("an attribute of ten megabytes", format!("{HEAD}<worksheet a='{}'/>", "x".repeat(10 << 20))),
        with("a sheet without end", sheet("<row r=\"1\"><c r=\"A1\"><v>1").replace("</sheetData></worksheet>", "")),
        with("a sheet that is no XML", "\u{0}\u{1}\u{2} & < > ]]> <![CDATA[".into()),
        with("a sheet of nothing", String::new()),
        with(
            "elements closed in the wrong order",
            format!("{HEAD}<worksheet><sheetData><row><c></row></c></sheetData>"),
        ),
    ]
}

fn parts() -> Vec<Hostile> {
    let with =
        |name: &str, part: &'static str, text: String| Hostile::new("workbooks", name, workbook(&[(part, text)]));
    let strings = |count: &str, items: &str| {
        format!(r#"{HEAD}<sst xmlns="{MAIN}" count="{count}" uniqueCount="{count}">{items}</sst>"#)
    };
    let laughs: String = ('b'..='j')
        .zip('a'..)
        .map(|(name, of)| format!("<!ENTITY {name} '{}'>", format!("&{of};").repeat(10)))
        .collect();
    let list = |count: usize| {
        (1..=count).map(|n| format!(r#"<sheet name="F{n}" sheetId="{n}" r:id="rId1"/>"#)).collect::<String>()
    };
    let book = |sheets: &str| {
        format!(r#"{HEAD}<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}"><sheets>{sheets}</sheets></workbook>"#)
    };
    let relation = |target: &str, mode: &str| {
        format!(
            r#"{HEAD}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="{RELATIONS}/worksheet" Target="{target}" {mode}/></Relationships>"#
        )
    };
    let styles = format!(
        r#"{HEAD}<styleSheet xmlns="{MAIN}"><numFmts count="999999999"><numFmt numFmtId="164" formatCode="{}"/></numFmts><cellXfs count="999999999">{}</cellXfs></styleSheet>"#,
        "[Red]0;".repeat(100_000),
        r#"<xf numFmtId="164"/>"#.repeat(100_000)
    );
    vec![
        with("a thousand million strings declared", "xl/sharedStrings.xml", strings("1000000000", "<si><t>x</t></si>")),
        with(
            "half a million strings",
            "xl/sharedStrings.xml",
            strings("1", &"<si><t>Raison sociale</t></si>".repeat(500_000)),
        ),
        with(
            "a string of sixty megabytes",
            "xl/sharedStrings.xml",
            strings("1", &format!("<si><t>{}</t></si>", "x".repeat(60 << 20))),
        ),
        with(
            "entities that unfold a thousand million times",
            "xl/workbook.xml",
            format!(
                "<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a 'ha'>{laughs}]><workbook><sheets><sheet name='&j;'/></sheets></workbook>"
            ),
        ),
        with(
            "an entity that is a file",
            "xl/worksheets/sheet1.xml",
            format!(
                "<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><worksheet xmlns='{MAIN}'><sheetData><row r='1'><c r='A1' t='inlineStr'><is><t>&a;</t></is></c></row></sheetData></worksheet>"
            ),
        ),
        with(
            "an entity that is itself",
            "xl/sharedStrings.xml",
            format!(
                "<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a '&b;'><!ENTITY b '&a;'>]>{}",
                strings("1", "<si><t>&a;</t></si>")
            ),
        ),
        with(
            "an entity of the network",
            "xl/workbook.xml",
            "<?xml version='1.0'?><!DOCTYPE x SYSTEM 'http://127.0.0.1:9/x.dtd'><workbook/>".into(),
        ),
        with("ten thousand sheets", "xl/workbook.xml", book(&list(10_000))),
        with("no sheet", "xl/workbook.xml", book("")),
        with(
            "sheets of no name",
            "xl/workbook.xml",
            book(r#"<sheet r:id="rId1"/><sheet name="" sheetId="-1" r:id="rId9"/>"#),
        ),
        with("a sheet that is the workbook", "xl/_rels/workbook.xml.rels", relation("workbook.xml", "")),
        with("a sheet above the archive", "xl/_rels/workbook.xml.rels", relation("../../../../etc/passwd", "")),
        with(
            "a sheet in the network",
            "xl/_rels/workbook.xml.rels",
            relation("http://127.0.0.1:9/sheet.xml", r#"TargetMode="External""#),
        ),
        with("a sheet that is nowhere", "xl/_rels/workbook.xml.rels", relation("worksheets/none.xml", "")),
        with("styles without end", "xl/styles.xml", styles),
        with(
            "text in no known alphabet",
            "xl/workbook.xml",
            "<?xml version='1.0' encoding='x-klingon'?><workbook/>".into(),
        ),
        Hostile::new(
            "workbooks",
            "a workbook of three parts",
            zip(&[
                Member::new("[Content_Types].xml", b"<Types/>"),
                Member::new("xl/workbook.xml", b"<workbook/>"),
                Member::new("_rels/.rels", b""),
            ]),
        ),
        Hostile::new(
            "workbooks",
            "a document, not a workbook",
            zip(&[Member::new("[Content_Types].xml", b"<Types/>"), Member::new("word/document.xml", b"<w:document/>")]),
        ),
        Hostile::new(
            "workbooks",
            "a workbook of macros",
            workbook(&[("xl/vbaProject.bin", "\u{0}Auto_Open".repeat(1000))]),
        ),
    ]
}

fn open_documents() -> Vec<Hostile> {
    let with = |name: &str, table: &str| {
        let content = format!(
            r#"{HEAD}<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet>{table}</office:spreadsheet></office:body></office:document-content>"#
        );
        let kind = Member { method: 0, ..stored("mimetype", b"application/vnd.oasis.opendocument.spreadsheet") };
        Hostile::new("open documents", name, zip(&[kind, Member::new("content.xml", content)]))
    };
    let cell = r#"<table:table-cell office:value-type="string"><text:p>Nom</text:p></table:table-cell>"#;
    let repeated = |rows: &str, columns: &str| {
        format!(
            r#"<table:table table:name="F"><table:table-row table:number-rows-repeated="{rows}">{}</table:table-row></table:table>"#,
            cell.replace(
                "<table:table-cell",
                &format!(r#"<table:table-cell table:number-columns-repeated="{columns}""#)
            )
        )
    };
    vec![
        with("a thousand million rows of one", &repeated("1000000000", "1")),
        with("10^18 cells of one", &repeated("1000000000", "1000000000")),
        with("fewer than no rows", &repeated("-1", "-1")),
        with("rows beyond the number", &repeated("99999999999999999999", "1")),
        with("tables in tables, 20000 deep", &"<table:table><table:table-row><table:table-cell>".repeat(20_000)),
        with("100000 tables", &format!(r#"<table:table table:name="x"><table:table-row>{cell}</table:table-row></table:table>"#).repeat(100_000)),
        with("spans of all cells", &format!(r#"<table:table table:name="F"><table:table-row>{}</table:table-row></table:table>"#, cell.replace("<table:table-cell", r#"<table:table-cell table:number-columns-spanned="999999999" table:number-rows-spanned="999999999""#).repeat(50))),
        with("a hundred thousand blanks in one", r#"<table:table table:name="F"><table:table-row><table:table-cell office:value-type="string"><text:p>a<text:s text:c="4000000000"/>b</text:p></table:table-cell></table:table-row></table:table>"#),
    ]
}

fn stored(name: &str, content: &[u8]) -> Member {
    let mut member = Member::new(name, content);
    member.data = content.to_vec();
    member.packed = member.size;
    member
}

fn old() -> Vec<Hostile> {
    let head = [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];
    let with = |name: &str, rest: Vec<u8>| Hostile::new("old workbooks", name, [&head[..], &rest].concat());
    let mut ring = vec![0; 504];
    ring[16..24].copy_from_slice(&[0x3e, 0, 3, 0, 0xfe, 0xff, 9, 0]);
    ring[36..68].fill(0);
    let tables: Vec<u8> = ring.iter().copied().chain((0..4096u32).flat_map(|_| 0u32.to_le_bytes())).collect();
    vec![
        with("a head alone", vec![]),
        with("sectors in a ring", tables),
        with("noise", (0..50_000u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect()),
        with("all ones", vec![0xff; 4096]),
    ]
}
