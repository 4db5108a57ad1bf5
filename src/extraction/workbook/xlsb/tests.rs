//! Small binary workbooks, written record by record.

use std::io::{Cursor, Write};

use crate::domain::document::Format as FileFormat;
use crate::domain::finding::Finding;
use crate::extraction::limits::Limits;
use crate::extraction::page::{CellValue, Page};
use crate::extraction::refusal::Refusal;
use crate::extraction::workbook::{read, texts};

fn seven_bits(mut number: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let low = u8::try_from(number & 0x7F).unwrap();
        number >>= 7;
        if number == 0 {
            bytes.push(low);
            return bytes;
        }
        bytes.push(low | 0x80);
    }
}

fn record(kind: usize, data: &[u8]) -> Vec<u8> {
    [seven_bits(kind), seven_bits(data.len()), data.to_vec()].concat()
}

fn numbers(numbers: &[u32]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_le_bytes()).collect()
}

fn string(text: &str) -> Vec<u8> {
    let units: Vec<u16> = text.encode_utf16().collect();
    let bytes = units.iter().flat_map(|unit| unit.to_le_bytes());
    numbers(&[u32::try_from(units.len()).unwrap()]).into_iter().chain(bytes).collect()
}

/// A row, hidden or not; its cells follow.
fn row(row: u32, hidden: bool) -> Vec<u8> {
    record(0, &[numbers(&[row, 0]), vec![0x2C, 0x01, 0, u8::from(hidden) << 4, 0], numbers(&[0])].concat())
}

fn text(column: u32, text: &str) -> Vec<u8> {
    record(6, &[numbers(&[column, 0]), string(text)].concat())
}

fn shared(column: u32, index: u32) -> Vec<u8> {
    record(7, &numbers(&[column, 0, index]))
}

fn real(column: u32, style: u32, number: f64) -> Vec<u8> {
    record(5, &[numbers(&[column, style]), number.to_le_bytes().to_vec()].concat())
}

fn flag(column: u32, flag: bool) -> Vec<u8> {
    record(4, &[numbers(&[column, 0]), vec![u8::from(flag)]].concat())
}

/// A worksheet of these columns, rows and merged cells.
fn sheet(columns: &[Vec<u8>], rows: &[Vec<u8>], merged: &[Vec<u8>]) -> Vec<u8> {
    let columns =
        if columns.is_empty() { vec![] } else { [record(390, &[]), columns.concat(), record(391, &[])].concat() };
    [
        record(129, &[]),
        record(148, &numbers(&[0, 10, 0, 10])),
        columns,
        record(145, &[]),
        rows.concat(),
        record(146, &[]),
        merged.concat(),
        record(130, &[]),
    ]
    .concat()
}

/// A workbook of these shared strings and of sheets with a name, a state and their records. Style 1 is a date.
fn workbook(strings: &[&str], sheets: &[(&str, u32, Vec<u8>)]) -> Vec<u8> {
    let listed: Vec<u8> = (1u32..)
        .zip(sheets)
        .flat_map(|(id, (name, state, _))| {
            record(156, &[numbers(&[*state, id]), string(&format!("rId{id}")), string(name)].concat())
        })
        .collect();
    let book = [
        record(131, &[]),
        record(153, &[0; 8]),
        record(143, &[]),
        listed,
        record(144, &[]),
        record(157, &[]),
        record(132, &[]),
    ]
    .concat();
    let style = |format: u16| record(47, &[vec![0, 0], format.to_le_bytes().to_vec(), vec![0; 12]].concat());
    let styles = [record(278, &[]), record(617, &numbers(&[2])), style(0), style(14), record(618, &[])].concat();
    let count = u32::try_from(strings.len()).unwrap();
    let items: Vec<u8> = strings.iter().flat_map(|text| record(19, &[vec![0], string(text)].concat())).collect();
    let table = [record(159, &numbers(&[count, count])), items, record(160, &[])].concat();
    let relations: String = (1..=sheets.len())
        .map(|id| format!("<Relationship Id=\"rId{id}\" Type=\"x/worksheet\" Target=\"worksheets/sheet{id}.bin\"/>"))
        .collect();
    let relations = format!("<Relationships>{relations}</Relationships>");
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let mut add = |name: &str, content: &[u8]| {
        zip.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(content).unwrap();
    };
    add("xl/workbook.bin", &book);
    add("xl/_rels/workbook.bin.rels", relations.as_bytes());
    add("xl/styles.bin", &styles);
    add("xl/sharedStrings.bin", &table);
    for (id, (_, _, records)) in (1..).zip(sheets) {
        add(&format!("xl/worksheets/sheet{id}.bin"), records);
    }
    zip.finish().unwrap().into_inner()
}

fn opened(bytes: &[u8]) -> Result<(Vec<Page>, Vec<Finding>), Refusal> {
    read(bytes, FileFormat::Xlsb, &Limits::default())
}

fn one(sheet: Vec<u8>) -> Page {
    opened(&workbook(&["Raison sociale"], &[("F", 0, sheet)])).unwrap().0.remove(0)
}

fn shown(page: &Page) -> Vec<String> {
    page.cells.iter().map(|cell| format!("{} {}", cell.name(), cell.shown)).collect()
}

#[test]
fn values_of_every_sort_are_read() {
    let cells = [row(0, false), shared(0, 0), text(1, "Sté Béji\r\net fils")];
    let more = [row(1, false), real(0, 0, 1234.5), real(1, 1, 46186.0), flag(2, true)];
    let page = one(sheet(&[], &[cells.concat(), more.concat()], &[]));
    assert_eq!(shown(&page), ["A1 Raison sociale", "B1 Sté Béji\net fils", "A2 1234,5", "B2 13/06/2026", "C2 VRAI"]);
    assert_eq!(page.cells[3].value, CellValue::Date("2026-06-13".to_owned()));
}

#[test]
fn a_number_too_long_for_a_float_says_that_it_lost_digits() {
    let page = one(sheet(&[], &[row(0, false), real(0, 0, 8_006_012_345_678_901_231.0)], &[]));
    assert!(matches!(&page.cells[0].value, CellValue::Number { precise: false, .. }), "{:?}", page.cells[0].value);
}

#[test]
fn what_nobody_sees_is_marked_and_merged_cells_have_their_span() {
    let column = |first, last, hidden: u8| record(60, &[numbers(&[first, last, 2560, 0]), vec![hidden, 0]].concat());
    let rows =
        [row(0, false), text(0, "vu"), text(3, "colonne"), row(1, true), text(0, "ligne"), row(2, false), text(0, "a")];
    let merged = [record(177, &numbers(&[1])), record(176, &numbers(&[2, 3, 0, 1])), record(178, &[])];
    let page = one(sheet(&[column(0, 2, 0), column(3, 4, 1)], &rows, &merged));
    let hidden: Vec<_> = page.cells.iter().filter(|cell| cell.hidden).map(|cell| cell.shown.as_str()).collect();
    assert_eq!(hidden, ["colonne", "ligne"]);
    let last = page.cells.iter().find(|cell| cell.shown == "a").unwrap();
    assert_eq!((last.last_row, last.last_column), (3, 1));
}

#[test]
fn hidden_sheets_are_named_and_not_read_but_searched() {
    let visible = sheet(&[], &[row(0, false), text(0, "Formulaire")], &[]);
    let secret = sheet(&[], &[row(0, false), text(0, "brouillon")], &[]);
    let bytes = workbook(&[], &[("F", 0, visible), ("Cachée", 2, secret)]);
    let (pages, findings) = opened(&bytes).unwrap();
    assert_eq!((pages.len(), findings[0].code.as_str()), (1, "hidden_sheet"));
    assert_eq!(texts(&bytes, FileFormat::Xlsb, &Limits::default()), ["Formulaire", "brouillon"]);
}

#[test]
fn two_far_corners_cost_two_cells() {
    let rows = [row(0, false), text(0, "a"), row(1_048_575, false), text(16_383, "z")];
    assert_eq!(shown(&one(sheet(&[], &rows, &[]))), ["A1 a", "XFD1048576 z"]);
}

#[test]
fn what_does_not_hold_together_is_damaged_and_nothing_panics() {
    // A shared string that is not there, a record shorter than its kind wants, a part that breaks off.
    let absent = sheet(&[], &[row(0, false), shared(0, 9)], &[]);
    let short = sheet(&[], &[row(0, false), record(5, &[0, 0])], &[]);
    let mut cut = sheet(&[], &[row(0, false), text(0, "a")], &[]);
    cut.truncate(cut.len() - 12);
    for broken in [absent, short, cut] {
        assert!(matches!(opened(&workbook(&[], &[("F", 0, broken)])), Err(Refusal::Damaged(_))));
    }
    let whole = workbook(&["a"], &[("F", 0, sheet(&[], &[row(0, false), shared(0, 0)], &[]))]);
    for length in (0..whole.len()).step_by(7) {
        drop(opened(&whole[..length]));
    }
}
