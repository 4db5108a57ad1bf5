//! A form field whose dictionary, and one object it may refer to, are whatever comes.
#![no_main]

#[path = "../../hostile/pdf.rs"]
#[expect(dead_code, reason = "each target writes its own kind of document")]
mod pdf;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let (field, other) = data.split_at(data.len() / 2);
    let catalogue = "<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [10 0 R] /DA (/F1 0 Tf) >> >>";
    let field =
        [&b"<< /Type /Annot /Subtype /Widget /Rect [100 690 300 710] /P 3 0 R /FT /Tx /T (nom) "[..], field, b" >>"]
            .concat();
    let document = pdf::Pdf::new()
        .object(1, catalogue)
        .object(2, pdf::PAGES)
        .object(3, pdf::page("").replace("/Contents", "/Annots [10 0 R] /Contents"))
        .stream(4, "", pdf::text("Nom :"))
        .object(5, pdf::FONT)
        .object(10, field)
        .object(11, other)
        .finish("");
    guichet::extraction::inspect(&document, "essai.pdf");
});
