//! Small workbooks of old, written record by record.

use crate::domain::document::Format as FileFormat;
use crate::domain::finding::Finding;
use crate::extraction::compound::tests::compound;
use crate::extraction::limits::Limits;
use crate::extraction::page::{CellValue, Page, Segment};
use crate::extraction::refusal::Refusal;
use crate::extraction::workbook::read;

fn record(kind: u16, data: &[u8]) -> Vec<u8> {
    [&kind.to_le_bytes()[..], &u16::try_from(data.len()).unwrap().to_le_bytes(), data].concat()
}

fn words(words: &[u16]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

/// A string of one byte per character with a length of two bytes.
fn string(text: &str) -> Vec<u8> {
    [&u16::try_from(text.len()).unwrap().to_le_bytes()[..], &[0], text.as_bytes()].concat()
}

const BOF: u16 = 0x0809;
const EOF: u16 = 0x000A;

/// A workbook of these shared strings and of sheets with a name, a state and records.
fn stream(strings: &[&str], sheets: &[(&str, u8, Vec<u8>)]) -> Vec<u8> {
    let mut sst = [1u32.to_le_bytes(), u32::try_from(strings.len()).unwrap().to_le_bytes()].concat();
    for text in strings {
        sst.extend(string(text));
    }
    let styles = [
        // Style 0 is general, 1 has eight digits, 2 is a date, 3 is struck out.
        record(0x0031, &words(&[200, 0, 0, 400, 0, 0, 0])),
        record(0x0031, &words(&[200, 8, 0, 400, 0, 0, 0])),
        record(0x041E, &[words(&[200]), string("00000000")].concat()),
        record(0x041E, &[words(&[201]), string("dd/mm/yyyy")].concat()),
        record(0x00E0, &[words(&[0, 0]), vec![0; 16]].concat()),
        record(0x00E0, &[words(&[0, 200]), vec![0; 16]].concat()),
        record(0x00E0, &[words(&[0, 201]), vec![0; 16]].concat()),
        record(0x00E0, &[words(&[1, 0]), vec![0; 16]].concat()),
    ]
    .concat();
    let listed: usize = sheets.iter().map(|(name, _, _)| 4 + 8 + name.len()).sum();
    let head = record(BOF, &words(&[0x0600, 5, 0, 0, 0, 0, 0, 0]));
    let tail = [record(0x00FC, &sst), record(EOF, &[])].concat();
    let mut place = head.len() + styles.len() + listed + tail.len();
    let mut list = Vec::new();
    let mut bodies = Vec::new();
    for (name, state, records) in sheets {
        let start = u32::try_from(place).unwrap().to_le_bytes();
        let name = [&[u8::try_from(name.len()).unwrap(), 0], name.as_bytes()].concat();
        list.extend(record(0x0085, &[&start[..], &[*state, 0], &name].concat()));
        let body = [record(BOF, &words(&[0x0600, 0x10, 0, 0, 0, 0, 0, 0])), records.clone(), record(EOF, &[])].concat();
        place += body.len();
        bodies.extend(body);
    }
    assert_eq!(list.len(), listed);
    [head, styles, list, tail, bodies].concat()
}

fn label(row: u16, column: u16, index: u32) -> Vec<u8> {
    record(0x00FD, &[words(&[row, column, 0]), index.to_le_bytes().to_vec()].concat())
}

fn number(row: u16, column: u16, style: u16, number: f64) -> Vec<u8> {
    record(0x0203, &[words(&[row, column, style]), number.to_le_bytes().to_vec()].concat())
}

fn opened(stream: &[u8]) -> (Vec<Page>, Vec<Finding>) {
    read(&compound("Workbook", stream), FileFormat::Xls, &Limits::default()).unwrap()
}

fn one(strings: &[&str], records: &[Vec<u8>]) -> Page {
    opened(&stream(strings, &[("F", 0, records.concat())])).0.remove(0)
}

fn shown(page: &Page) -> Vec<String> {
    page.cells.iter().map(|cell| format!("{} {}", cell.name(), cell.shown)).collect()
}

#[test]
fn cells_are_shown_by_their_formats() {
    let page = one(
        &["RIB", "Sfax"],
        &[
            label(0, 0, 0),
            label(0, 1, 1),
            number(1, 0, 1, 4_567_890.0),
            number(1, 1, 2, 46186.0),
            record(0x027E, &[words(&[2, 0, 0]), 0x004B_5647u32.to_le_bytes().to_vec()].concat()),
            number(2, 1, 0, 8_006_012_345_678_901_231.0),
            record(0x0205, &[words(&[3, 0, 0]), vec![1, 0]].concat()),
            record(0x0205, &[words(&[3, 1, 0]), vec![0x17, 1]].concat()),
        ],
    );
    assert_eq!(
        shown(&page),
        [
            "A1 RIB",
            "B1 Sfax",
            "A2 04567890",
            "B2 13/06/2026",
            "A3 12343,21",
            "B3 8006012345678901000",
            "A4 VRAI",
            "B4 \u{fffd}"
        ]
    );
    assert_eq!(page.cells[2].value, CellValue::Number { digits: "04567890".to_owned(), precise: true });
    assert!(matches!(&page.cells[5].value, CellValue::Number { precise: false, .. }));
    assert_eq!(page.cells[7].value, CellValue::Error("#REF!".to_owned()));
}

#[test]
fn formulas_have_their_last_result_or_none() {
    let formula = |row: u16, result: [u8; 8], options: u16| {
        record(0x0006, &[words(&[row, 0, 0]), result.to_vec(), words(&[options, 0, 0, 0])].concat())
    };
    let special = |kind: u8, value: u8| [kind, 0, value, 0, 0, 0, 0xFF, 0xFF];
    let page = one(
        &[],
        &[
            formula(0, 5732f64.to_le_bytes(), 0),
            formula(1, special(0, 0), 0),
            record(0x0207, &string("STE")),
            formula(2, special(2, 0x2A), 0),
            formula(3, special(3, 0), 0),
            formula(4, special(3, 0), 1),
        ],
    );
    assert_eq!(shown(&page), ["A1 5732", "A2 STE", "A3 \u{fffd}", "A5 \u{fffd}"]);
}

#[test]
fn what_is_hidden_is_said_and_not_read() {
    let row = |row: u16, options: u32| {
        record(0x0208, &[words(&[row, 0, 1, 255, 0, 0]), options.to_le_bytes().to_vec()].concat())
    };
    let visible = [
        row(1, 1 << 5),
        record(0x007D, &words(&[2, 3, 2560, 0, 1, 0])),
        label(0, 0, 0),
        label(1, 0, 1),
        label(0, 2, 2),
    ]
    .concat();
    let stream = stream(&["vu", "rang", "colonne"], &[("F", 0, visible), ("Listes", 2, label(0, 0, 0))]);
    let (pages, findings) = opened(&stream);
    let texts: Vec<String> = pages[0].segments.iter().map(Segment::text).collect();
    assert_eq!(texts, ["vu"]);
    let said: Vec<(&str, Option<&String>)> =
        findings.iter().map(|finding| (finding.code.as_str(), finding.details.get("cells"))).collect();
    assert_eq!(said, [("hidden_cells", Some(&"C1, A2".to_owned())), ("hidden_sheet", None)]);
    let searched = super::super::texts(&compound("Workbook", &stream), FileFormat::Xls, &Limits::default());
    assert_eq!(searched, ["vu", "rang", "colonne", "vu"]);
}

#[test]
fn merged_cells_and_far_corners() {
    let merged = record(0x00E5, &[words(&[1]), words(&[0, 1, 0, 3])].concat());
    let page = one(&["a", "b"], &[label(0, 0, 0), label(65_535, 255, 1), merged]);
    assert_eq!(page.cells.len(), 2);
    assert_eq!((page.cells[0].last_row, page.cells[0].last_column), (1, 3));
    assert_eq!(page.cells[1].name(), "IV65536");
}

#[test]
fn check_boxes_and_notes_lie_over_the_cells() {
    // A shape container with the anchor of B3:C3.
    let anchor = [words(&[0, 0xF010]), 18u32.to_le_bytes().to_vec(), words(&[0, 1, 0, 2, 0, 2, 0, 3, 0])].concat();
    let drawing = |inside: &[u8]| {
        let length = u32::try_from(inside.len()).unwrap().to_le_bytes().to_vec();
        record(0x00EC, &[words(&[0x000F, 0xF004]), length, inside.to_vec()].concat())
    };
    let object = |kind: u16, id: u16, state: u16| {
        record(
            0x005D,
            &[words(&[0x15, 18, kind, id]), vec![0; 14], words(&[0x12, 8, state, 0, 0, 0]), words(&[0, 0])].concat(),
        )
    };
    let written = |text: &str| {
        let head =
            record(0x01B6, &[words(&[0, 0, 0, 0, 0]), words(&[u16::try_from(text.len()).unwrap(), 16, 0, 0])].concat());
        [head, record(0x003C, &[&[0], text.as_bytes()].concat())].concat()
    };
    let page = one(
        &["Cartes"],
        &[
            label(0, 0, 0),
            drawing(&anchor),
            object(0x0B, 1, 1),
            written("Visa"),
            drawing(&anchor),
            object(0x0B, 2, 0),
            written("CIB"),
            drawing(&anchor),
            object(0x19, 3, 0),
            written("a verifier"),
            record(0x001C, &words(&[0, 0, 0, 3])),
        ],
    );
    assert_eq!(page.marks.iter().map(|mark| mark.ticked).collect::<Vec<_>>(), [Some(true), Some(false)]);
    let texts: Vec<String> = page.segments.iter().map(Segment::text).collect();
    assert_eq!(texts, ["Cartes", "Visa", "CIB"]);
    assert_eq!(page.cells[0].comment.as_deref(), Some("a verifier"));
}

#[test]
fn lists_written_out_are_offered() {
    let formula = [&[0x17, 7, 0][..], b"Oui\0Non"].concat();
    let rule = [
        3u32.to_le_bytes().to_vec(),
        [string("\0"), string("\0"), string("\0"), string("\0")].concat(),
        words(&[u16::try_from(formula.len()).unwrap(), 0]),
        formula,
        words(&[0, 0]),
        words(&[1, 0, 3, 0, 0]),
    ]
    .concat();
    let page = one(&["Oui"], &[label(1, 0, 0), record(0x01BE, &rule)]);
    assert_eq!(page.cells[0].choices, ["Oui", "Non"]);
}

#[test]
fn what_is_lost_locked_or_too_old_is_said() {
    let whole = stream(&["a"], &[("F", 0, label(0, 0, 0))]);
    let refused = |name: &str, stream: &[u8]| {
        read(&compound(name, stream), FileFormat::Xls, &Limits::default()).unwrap_err().code()
    };
    let locked = [record(BOF, &words(&[0x0600, 5, 0, 0])), record(0x002F, &[0; 6])].concat();
    assert_eq!(refused("Workbook", &locked), "password");
    assert_eq!(refused("EncryptedPackage", &[0; 8]), "password");
    assert_eq!(refused("Book", &whole), "unread_format");
    assert_eq!(refused("Workbook", &record(BOF, &words(&[0x0500, 5]))), "unread_format");
    assert_eq!(refused("Autre", &whole), "damaged");
    assert_eq!(read(&[9, 8, 4, 0, 0, 0], FileFormat::Xls, &Limits::default()).unwrap_err().code(), "unread_format");
    // A string that the list does not have, and a sheet without its end.
    let (pages, _) = opened(&stream(&["a"], &[("F", 0, label(0, 0, 7))]));
    assert_eq!(shown(&pages[0]), ["A1 \u{fffd}"]);
    let mut cut = whole.clone();
    cut.truncate(whole.len() - 4);
    let (_, findings) = opened(&cut);
    assert_eq!(findings[0].code.as_str(), "truncated_stream");
}

#[test]
fn too_many_cells_are_refused() {
    let cells: Vec<u8> = (0..50).flat_map(|row| label(row, 0, 0)).collect();
    let bytes = compound("Workbook", &stream(&["a"], &[("F", 0, cells)]));
    let limits = Limits { cells: 10, ..Limits::default() };
    assert!(matches!(read(&bytes, FileFormat::Xls, &limits), Err(Refusal::TooLarge(_))));
}

#[test]
fn struck_cells_are_left_out_and_said() {
    let cells = [label(0, 0, 0), number(0, 1, 3, 71_000_111.0), number(0, 2, 0, 71_222_333.0)].concat();
    let (pages, findings) = opened(&stream(&["Tel"], &[("F", 0, cells)]));
    let texts: Vec<String> = pages[0].segments.iter().map(Segment::text).collect();
    assert_eq!(texts, ["Tel", "71222333"]);
    let said: Vec<_> = findings.iter().map(|f| (f.code.as_str(), f.details["cells"].as_str())).collect();
    assert_eq!(said, [("struck_cells", "B1")]);
}
