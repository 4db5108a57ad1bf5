//! A workbook whose sheet and strings are whatever comes.
#![no_main]

#[path = "../../hostile/zip.rs"]
#[expect(dead_code, reason = "each target writes its own kind of archive")]
mod zip;

use zip::Member;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let (sheet, strings) = data.split_at(data.len() * 3 / 4);
    let relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let package = "http://schemas.openxmlformats.org/package/2006";
    let document = zip::zip(&[
        Member::new("[Content_Types].xml", format!("<Types xmlns='{package}/content-types'/>")),
        Member::new(
            "_rels/.rels",
            format!(
                "<Relationships xmlns='{package}/relationships'><Relationship Id='r' Type='{relations}/officeDocument' Target='xl/workbook.xml'/></Relationships>"
            ),
        ),
        Member::new(
            "xl/workbook.xml",
            format!(
                "<workbook xmlns:r='{relations}'><sheets><sheet name='F' sheetId='1' r:id='s'/></sheets></workbook>"
            ),
        ),
        Member::new(
            "xl/_rels/workbook.xml.rels",
            format!(
                "<Relationships xmlns='{package}/relationships'><Relationship Id='s' Type='{relations}/worksheet' Target='worksheets/sheet1.xml'/><Relationship Id='t' Type='{relations}/sharedStrings' Target='sharedStrings.xml'/></Relationships>"
            ),
        ),
        Member::new("xl/worksheets/sheet1.xml", sheet),
        Member::new("xl/sharedStrings.xml", strings),
    ]);
    guichet::extraction::inspect(&document, "essai.xlsx");
});
