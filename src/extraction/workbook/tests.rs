//! The room's door with small workbooks written here, each named after what is odd in it.

use std::io::{Cursor, Write};

use rust_xlsxwriter::{DataValidation, Format, Note, Workbook};

use super::read;
use crate::domain::document::Format as FileFormat;
use crate::extraction::limits::Limits;
use crate::extraction::page::{CellValue, Page, Segment};
use crate::extraction::refusal::Refusal;

fn xlsx(write: impl FnOnce(&mut Workbook)) -> Vec<u8> {
    let mut book = Workbook::new();
    write(&mut book);
    book.save_to_buffer().unwrap()
}

fn page(bytes: &[u8]) -> Page {
    read(bytes, FileFormat::Xlsx, &Limits::default()).unwrap().0.remove(0)
}

/// `A1 = value (shown)`, one line per cell.
fn picture(page: &Page) -> String {
    let line = |cell: &crate::extraction::page::Cell| {
        let value = match &cell.value {
            CellValue::Text(text) => format!("{text:?}"),
            CellValue::Number { digits, precise } => format!("{digits}{}", if *precise { "" } else { " imprecise" }),
            CellValue::Date(date) => format!("date {date}"),
            CellValue::Flag(flag) => flag.to_string(),
            CellValue::Error(error) => format!("error {error}"),
        };
        format!("{} = {value} ({})\n", cell.name(), cell.shown)
    };
    page.cells.iter().map(line).collect()
}

fn texts(page: &Page) -> Vec<String> {
    page.segments.iter().map(Segment::text).collect()
}

#[test]
fn cells_keep_their_digits_and_show_their_format() {
    let bytes = xlsx(|book| {
        let sheet = book.add_worksheet();
        sheet.write(0, 0, "Raison sociale").unwrap();
        sheet.write(0, 1, 0.1).unwrap();
        sheet.write_with_format(1, 0, 71, &Format::new().set_num_format("0000")).unwrap();
        sheet.write_with_format(1, 1, 785_000, &Format::new().set_num_format("#,##0.000 \"DT\"")).unwrap();
        sheet.write(2, 0, 7_339_108_042_087_190_382_f64).unwrap();
        sheet.write_with_format(2, 1, 46186, &Format::new().set_num_format("dd/mm/yyyy")).unwrap();
        sheet.write(3, 0, true).unwrap();
        sheet.write(3, 1, "07339108042087190382").unwrap();
    });
    insta::assert_snapshot!(picture(&page(&bytes)), @r#"
    A1 = "Raison sociale" (Raison sociale)
    B1 = 0.1 (0,1)
    A2 = 0071 (0071)
    B2 = 785000 (785 000,000 DT)
    A3 = 7339108042087191000 imprecise (7339108042087191000)
    B3 = date 2026-06-13 (13/06/2026)
    A4 = true (VRAI)
    B4 = "07339108042087190382" (07339108042087190382)
    "#);
}

#[test]
fn merged_cells_come_once_with_their_span() {
    let bytes = xlsx(|book| {
        book.add_worksheet().merge_range(1, 1, 2, 3, "Sfax", &Format::new()).unwrap();
    });
    let page = page(&bytes);
    let [cell] = &page.cells[..] else { panic!("{:?}", page.cells) };
    assert_eq!((cell.name().as_str(), cell.last_row, cell.last_column), ("B2", 2, 3));
    assert_eq!(page.segments[0].bbox, cell.bbox());
}

#[test]
fn hidden_sheets_are_named_and_not_read() {
    let bytes = xlsx(|book| {
        book.add_worksheet().write(0, 0, "vu").unwrap();
        book.add_worksheet().set_name("Listes").unwrap().set_hidden(true).write(0, 0, "pas vu").unwrap();
    });
    let (pages, findings) = read(&bytes, FileFormat::Xlsx, &Limits::default()).unwrap();
    assert_eq!(pages.len(), 1);
    assert_eq!(findings[0].code.as_str(), "hidden_sheet");
    assert_eq!(findings[0].details["sheet"], "Listes");
}

#[test]
fn hidden_rows_and_columns_are_marked_and_give_no_text() {
    let bytes = xlsx(|book| {
        let sheet = book.add_worksheet();
        sheet.write(0, 0, "vu").unwrap();
        sheet.write(1, 0, "rang").unwrap();
        sheet.write(0, 2, "colonne").unwrap();
        sheet.set_row_hidden(1).unwrap();
        sheet.set_column_hidden(2).unwrap();
    });
    let page = page(&bytes);
    assert_eq!(texts(&page), ["vu"]);
    assert_eq!(page.cells.iter().map(|cell| cell.hidden).collect::<Vec<_>>(), [false, true, true]);
}

#[test]
fn struck_cells_give_no_text() {
    let bytes = xlsx(|book| {
        let sheet = book.add_worksheet();
        sheet.write_with_format(0, 0, "Ancienne SARL", &Format::new().set_font_strikethrough()).unwrap();
        sheet.write(0, 1, "Nouvelle SARL").unwrap();
    });
    let (pages, findings) = read(&bytes, FileFormat::Xlsx, &Limits::default()).unwrap();
    assert_eq!(texts(&pages[0]), ["Nouvelle SARL"]);
    let said: Vec<_> = findings.iter().map(|f| (f.code.as_str(), f.details.get("cells").map(String::as_str))).collect();
    assert_eq!(said, [("struck_cells", Some("A1"))]);
}

#[test]
fn lines_and_typed_boxes_part_a_cell() {
    let bytes = xlsx(|book| {
        let sheet = book.add_worksheet();
        sheet.write(0, 0, "12, rue de Rome\nTunis").unwrap();
        sheet.write(1, 0, "☒ SARL   ☐ SUARL").unwrap();
        sheet.write(2, 0, "_ Visa   X CIB").unwrap();
    });
    let page = page(&bytes);
    assert_eq!(texts(&page), ["12, rue de Rome", "Tunis", "SARL", "SUARL", "Visa", "CIB"]);
    assert_eq!(page.marks.iter().filter_map(|mark| mark.ticked).collect::<Vec<_>>(), [true, false, false, true]);
    assert!(page.marks[0].bbox.x1 <= page.segments[2].bbox.x0);
    assert!(page.segments[2].bbox.x1 <= page.marks[1].bbox.x0);
}

#[test]
fn notes_and_lists_come_with_their_cell() {
    let bytes = xlsx(|book| {
        let sheet = book.add_worksheet();
        sheet.write(0, 0, "Oui").unwrap();
        sheet.insert_note(0, 0, &Note::new("Voir la banque").add_author_prefix(false)).unwrap();
        let list = DataValidation::new().allow_list_strings(&["Oui", "Non"]).unwrap();
        sheet.add_data_validation(0, 0, 3, 0, &list).unwrap();
    });
    let page = page(&bytes);
    assert_eq!(page.cells[0].comment.as_deref(), Some("Voir la banque"));
    assert_eq!(page.cells[0].choices, ["Oui", "Non"]);
}

#[test]
fn two_far_corners_cost_two_cells() {
    let bytes = xlsx(|book| {
        let sheet = book.add_worksheet();
        sheet.write(0, 0, "a").unwrap();
        sheet.write(1_048_575, 16_383, "b").unwrap();
    });
    assert_eq!(page(&bytes).cells.len(), 2);
}

#[test]
fn too_many_cells_are_refused() {
    let bytes = xlsx(|book| {
        let sheet = book.add_worksheet();
        for row in 0..20 {
            sheet.write(row, 0, "a").unwrap();
        }
    });
    let limits = Limits { cells: 10, ..Limits::default() };
    assert!(matches!(read(&bytes, FileFormat::Xlsx, &limits), Err(Refusal::TooLarge(_))));
}

fn zip_of(members: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in members {
        zip.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(content.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// A workbook of one sheet with these rows, and a drawing beside it.
fn handmade(rows: &str, drawing: &str) -> Vec<u8> {
    let relation = |id: &str, kind: &str, target: &str| {
        format!("<Relationships><Relationship Id='{id}' Type='http://x/{kind}' Target='{target}'/></Relationships>")
    };
    zip_of(&[
        ("xl/workbook.xml", "<workbook><sheets><sheet name='F' sheetId='1' r:id='r1'/></sheets></workbook>"),
        ("xl/_rels/workbook.xml.rels", &relation("r1", "worksheet", "worksheets/sheet1.xml")),
        ("xl/worksheets/sheet1.xml", &format!("<worksheet><sheetData>{rows}</sheetData></worksheet>")),
        ("xl/worksheets/_rels/sheet1.xml.rels", &relation("r1", "vmlDrawing", "../drawings/d.vml")),
        ("xl/drawings/d.vml", drawing),
    ])
}

#[test]
fn check_boxes_laid_over_cells_are_marks() {
    let shape = |checked: &str, row: u32, caption: &str| {
        format!(
            "<v:shape><v:textbox><div><font>{caption}</font></div></v:textbox><x:ClientData ObjectType='Checkbox'>\
             <x:Anchor>1, 5, {row}, 2, 2, 40, {}, 1</x:Anchor>{checked}<x:FmlaLink>$H$1</x:FmlaLink></x:ClientData></v:shape>",
            row + 1
        )
    };
    let drawing =
        format!("<xml>{}<br>{}</xml>", shape("<x:Checked>1</x:Checked>", 3, "Carte CIB"), shape("", 4, "Visa"));
    let rows = "<row r='1'><c r='A1' t='inlineStr'><is><t>Cartes</t></is></c><c r='H1' t='b'><v>1</v></c></row>";
    let page = page(&handmade(rows, &drawing));
    assert_eq!(page.marks.iter().filter_map(|mark| mark.ticked).collect::<Vec<_>>(), [true, false]);
    assert_eq!(texts(&page), ["Cartes", "Carte CIB", "Visa"]);
    assert_eq!(page.cells.len(), 1, "the cell that only holds a box's state is no value");
}

#[test]
fn long_numbers_written_whole_keep_their_digits() {
    let rows = "<row><c><v>07339108042087190382</v></c><c><v>1.0294885325831371E+19</v></c></row>";
    insta::assert_snapshot!(picture(&page(&handmade(rows, ""))), @r"
    A1 = 7339108042087190382 imprecise (7339108042087190382)
    B1 = 10294885325831371000 imprecise (10294885325831371000)
    ");
}

fn ods(body: &str) -> Result<Page, Refusal> {
    let content = format!(
        "<office:document-content><office:automatic-styles><style:style style:name='ta2'>\
         <style:table-properties table:display='false'/></style:style></office:automatic-styles>\
         <office:body><office:spreadsheet>{body}</office:spreadsheet></office:body></office:document-content>"
    );
    let bytes = zip_of(&[("content.xml", &content)]);
    read(&bytes, FileFormat::Ods, &Limits::default()).map(|(mut pages, _)| pages.remove(0))
}

#[test]
fn ods_cells_carry_value_and_text() {
    let body = "<table:table table:name='A' table:style-name='ta2'><table:table-row><table:table-cell><text:p>caché</text:p>\
        </table:table-cell></table:table-row></table:table>\
        <table:table table:name='B'><table:table-row table:number-rows-repeated='2'>\
        <table:table-cell table:number-columns-repeated='3'/></table:table-row>\
        <table:table-row><table:table-cell table:number-columns-spanned='2'><text:p>Siège<text:s text:c='2'/>social</text:p>\
        <text:p>Tunis</text:p><office:annotation><text:p>note</text:p></office:annotation></table:table-cell>\
        <table:covered-table-cell/>\
        <table:table-cell office:value-type='float' office:value='2073'><text:p>2 073</text:p></table:table-cell>\
        <table:table-cell office:value-type='date' office:date-value='2026-06-13'><text:p>13/06/26</text:p></table:table-cell>\
        </table:table-row></table:table>";
    let page = ods(body).unwrap();
    insta::assert_snapshot!(picture(&page), @r#"
    A3 = "Siège  social\nTunis" (Siège  social
    Tunis)
    C3 = 2073 (2 073)
    D3 = date 2026-06-13 (13/06/26)
    "#);
    assert_eq!(page.cells[0].comment.as_deref(), Some("note"));
    assert_eq!(page.cells[0].last_column, 1);
}

#[test]
fn ods_cells_repeated_without_end_are_refused() {
    let body = "<table:table><table:table-row table:number-rows-repeated='1000000'>\
        <table:table-cell table:number-columns-repeated='16000'><text:p>x</text:p></table:table-cell></table:table-row></table:table>";
    assert!(matches!(ods(body), Err(Refusal::TooLarge(_))));
}

#[test]
fn xml_that_breaks_off_is_damaged() {
    let bytes = zip_of(&[("xl/workbook.xml", "<workbook><sheets><sheet name='F")]);
    assert!(matches!(read(&bytes, FileFormat::Xlsx, &Limits::default()), Err(Refusal::Damaged(_))));
    assert!(matches!(read(&zip_of(&[("a", "b")]), FileFormat::Xlsx, &Limits::default()), Err(Refusal::Damaged(_))));
}

#[test]
fn errors_and_formulas_nobody_computed_are_lost_not_blank() {
    let rows = "<row r='1'><c r='A1' t='e'><v>#REF!</v></c><c r='B1'><f>A1+1</f><v/></c><c r='C1' t='str'><f>A1</f><v></v></c>\
        <c r='D1' t='s'><v>7</v></c><c r='E1'><f>1+1</f><v>2</v></c></row>";
    insta::assert_snapshot!(picture(&page(&handmade(rows, ""))), @r"
    A1 = error #REF! (�)
    B1 = error =A1+1 (�)
    D1 = error #? (�)
    E1 = 2 (2)
    ");
}

#[test]
fn zeros_that_a_format_puts_in_front_are_kept() {
    let bytes = xlsx(|book| {
        let format = Format::new().set_num_format("00000000");
        book.add_worksheet().write_with_format(0, 0, 4_567_890, &format).unwrap();
    });
    insta::assert_snapshot!(picture(&page(&bytes)), @"A1 = 04567890 (04567890)");
}

#[test]
fn rows_and_columns_without_size_are_hidden_and_said() {
    let bytes = xlsx(|book| {
        let sheet = book.add_worksheet();
        sheet.write(0, 0, "vu").unwrap();
        sheet.write(1, 0, "rang").unwrap();
        sheet.write(0, 2, "colonne").unwrap();
        sheet.set_row_height(1, 0).unwrap();
        sheet.set_column_width(2, 0).unwrap();
    });
    let (pages, findings) = read(&bytes, FileFormat::Xlsx, &Limits::default()).unwrap();
    assert_eq!(texts(&pages[0]), ["vu"]);
    assert_eq!(findings[0].code.as_str(), "hidden_cells");
    assert_eq!(findings[0].details["cells"], "C1, A2");
}

#[test]
fn a_list_on_another_sheet_is_not_looked_up_on_this_one() {
    let bytes = xlsx(|book| {
        let sheet = book.add_worksheet().set_name("F").unwrap();
        sheet.write(0, 0, "Titre").unwrap();
        sheet.write(4, 0, "Oui").unwrap();
        for (row, formula) in [(4, "=Listes!$A$1:$A$1"), (0, "='F'!$A$5:$A$5")] {
            let list = DataValidation::new().allow_list_formula(formula.into());
            sheet.add_data_validation(row, 0, row, 0, &list).unwrap();
        }
        book.add_worksheet().set_name("Listes").unwrap().write(0, 0, "Oui").unwrap();
    });
    let page = page(&bytes);
    assert_eq!(page.cells[0].choices, ["Oui"]);
    assert_eq!(page.cells[1].choices, [""; 0]);
}

#[test]
fn a_sheet_that_the_package_lost_is_missed() {
    let bytes = zip_of(&[
        ("xl/workbook.xml", "<workbook><sheets><sheet name='F' sheetId='1' r:id='r1'/></sheets></workbook>"),
        (
            "xl/_rels/workbook.xml.rels",
            "<Relationships><Relationship Id='r1' Type='x/worksheet' Target='worksheets/sheet1.xml'/></Relationships>",
        ),
    ]);
    let (_, findings) = read(&bytes, FileFormat::Xlsx, &Limits::default()).unwrap();
    assert_eq!(findings[0].code.as_str(), "truncated_stream");
}

#[test]
fn parts_may_lie_elsewhere_and_be_spelled_otherwise() {
    let sheet = "<worksheet><sheetData><row><c t='inlineStr'><is><t>Sfax</t></is></c></row></sheetData></worksheet>";
    let relation = |id: &str, kind: &str, target: &str| {
        format!("<Relationships><Relationship Id='{id}' Type='x/{kind}' Target='{target}'/></Relationships>")
    };
    let list = "<workbook><sheets><sheet name='F' sheetId='1' r:id='r1'/></sheets></workbook>";
    let elsewhere = zip_of(&[
        ("_rels/.rels", &relation("r0", "officeDocument", "/livre/main.xml")),
        ("livre/main.xml", list),
        ("livre/_rels/main.xml.rels", &relation("r1", "worksheet", "f1.xml")),
        ("livre/f1.xml", sheet),
    ]);
    assert_eq!(texts(&page(&elsewhere)), ["Sfax"]);
    let otherwise = zip_of(&[
        ("XL\\Workbook.xml", list),
        ("xl\\_rels\\workbook.xml.rels", &relation("r1", "worksheet", "worksheets/sheet1.xml")),
        ("xl\\Worksheets\\Sheet1.xml", sheet),
    ]);
    assert_eq!(texts(&page(&otherwise)), ["Sfax"]);
}

#[test]
fn a_flat_ods_is_its_own_content_and_errors_are_lost() {
    let content = "<office:document><office:body><office:spreadsheet><table:table table:name='A'><table:table-row>\
        <table:table-cell office:value-type='string' office:string-value=''><text:p>#REF!</text:p></table:table-cell>\
        <table:table-cell><text:p>Sfax</text:p></table:table-cell></table:table-row></table:table>\
        </office:spreadsheet></office:body></office:document>";
    let (pages, _) = read(content.as_bytes(), FileFormat::Ods, &Limits::default()).unwrap();
    insta::assert_snapshot!(picture(&pages[0]), @r#"
    A1 = error #REF! (�)
    B1 = "Sfax" (Sfax)
    "#);
}
