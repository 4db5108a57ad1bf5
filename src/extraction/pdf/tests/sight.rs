//! What a person sees of a page, and what not.

use super::*;

fn by_source(bytes: &[u8]) -> (Vec<(String, Source)>, Vec<String>) {
    let (pages, findings) = read(bytes, &Limits::default()).unwrap();
    let seen = pages[0].segments.iter().map(|s| (s.text(), s.source)).collect();
    (seen, findings.iter().map(|finding| finding.code.as_str().to_owned()).collect())
}

fn sources(content: &str) -> Vec<(String, Source)> {
    by_source(&page_with(content, "", "", &[])).0
}

fn seen(word: &str) -> (String, Source) {
    (word.to_owned(), Source::Text)
}

fn unseen(word: &str) -> (String, Source) {
    (word.to_owned(), Source::HiddenLayer)
}

#[test]
fn white_letters_show_on_dark_ground_only() {
    let heading = format!("0.1 0.2 0.5 rg 10 140 200 30 re f 1 g {}", text(20.0, 150.0, "Commercant"));
    assert_eq!(sources(&heading), [seen("Commercant")]);
    let word = text(20.0, 150.0, "Commercant");
    let broad = format!("0.1 0.2 0.5 RG 30 w 10 153 m 210 153 l S 1 g {word}");
    assert_eq!(sources(&broad), [seen("Commercant")]);
    let slanted = format!("0.1 0.2 0.5 rg 10 140 m 230 140 l 210 170 l 30 170 l f 1 g {word}");
    assert_eq!(sources(&slanted), [seen("Commercant")]);
    let (found, findings) = by_source(&page_with(&format!("1 g {}", text(20.0, 150.0, "5999")), "", "", &[]));
    assert_eq!(found, [unseen("5999")]);
    assert_eq!(findings, ["hidden_text"]);
}

#[test]
fn what_is_painted_over_is_not_seen() {
    let corrected = format!(
        "{}1 g 10 140 200 30 re f 0 g {}",
        text(20.0, 150.0, "Ancienne raison"),
        text(20.0, 150.0, "Nouvelle raison")
    );
    assert_eq!(sources(&corrected), [seen("Nouvelle raison"), unseen("Ancienne raison")]);
    let blackened = format!("{}0 g 10 140 200 30 re f", text(20.0, 150.0, "secret"));
    assert_eq!(sources(&blackened), [unseen("secret")]);
}

#[test]
fn frames_highlights_and_clipped_surfaces_hide_nothing() {
    let word = text(20.0, 150.0, "Tunis");
    // Two rectangles, one inside the other, painted between them.
    assert_eq!(sources(&format!("{word}0 g 10 140 200 30 re 11 141 198 28 re f*")), [seen("Tunis")]);
    assert_eq!(sources(&format!("{word}10 140 200 30 re S")), [seen("Tunis")]);
    // Painted elsewhere than where the clip lets it be seen.
    assert_eq!(sources(&format!("{word}q 300 10 50 50 re W n 1 g 10 140 200 30 re f Q")), [seen("Tunis")]);
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        format!(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 400 200] /Contents 4 0 R /Resources << {FONTS} \
             /ExtGState << /M << /BM /Multiply >> /A << /ca 0.4 >> >> >> >>"
        ),
        stream(&format!("{word}q /M gs 1 1 0 rg 10 140 200 30 re f Q q /A gs 1 1 0 rg 10 140 200 30 re f Q")),
    ];
    assert_eq!(by_source(&pdf(&objects)).0, [seen("Tunis")]);
}

#[test]
fn letters_under_a_picture_are_its_hidden_layer() {
    let picture = "<< /Type /XObject /Subtype /Image /Width 2 /Height 2 /ColorSpace /DeviceGray /BitsPerComponent 8 \
                   /Length 4 >>\nstream\n\u{1}\u{1}\u{1}\u{1}\nendstream";
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        format!(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 400 200] /Contents 4 0 R /Resources << {FONTS} \
             /XObject << /P 5 0 R >> >> >>"
        ),
        stream(&format!("{}q 400 0 0 200 0 0 cm /P Do Q", text(20.0, 150.0, "lu par la machine"))),
        picture.to_owned(),
    ];
    let (found, findings) = by_source(&pdf(&objects));
    assert_eq!(found, [unseen("lu par la machine")]);
    assert_eq!(findings, [""; 0], "over a picture of the page this is the rule");
}

#[test]
fn actual_text_restores_letters_and_tells_no_others() {
    let span = |drawn: &str, told: &str| format!("/Span << /ActualText ({told}) >> BDC {drawn} EMC");
    let digits = span(&text(20.0, 150.0, "1234"), "9999");
    assert_eq!(texts(&page(&digits)), ["1234"], "what is drawn counts");
    let ligature = span(&text(20.0, 150.0, "\\256"), "fi");
    assert_eq!(texts(&page(&ligature)), ["fi"]);
}

/// A page whose only text is in a composite font without a map to Unicode.
fn unmapped(codes: &str) -> Page {
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 400 200] /Contents 4 0 R /Resources << /Font << /F 5 0 R >> >> >>"
            .to_owned(),
        stream(&format!("BT /F 10 Tf 20 150 Td <{codes}> Tj ET")),
        "<< /Type /Font /Subtype /Type3 /FontBBox [0 0 1000 1000] /FontMatrix [0.001 0 0 0.001 0 0] /FirstChar 32 \
         /LastChar 255 /Widths [500 500] /Encoding << /Type /Encoding /Differences [50 /g1 /g2 200 /g3] >> \
         /CharProcs << /g1 6 0 R /g2 6 0 R /g3 6 0 R >> /Resources << >> >>"
            .to_owned(),
        stream("500 0 0 0 500 700 d1 0 0 400 700 re f"),
    ];
    read_whole(&pdf(&objects))
}

#[test]
fn signs_that_a_font_does_not_explain_are_guesses_or_lost() {
    let guessed = unmapped("3233");
    let words: Vec<(String, f32)> =
        guessed.segments.iter().flat_map(|s| &s.words).map(|w| (w.text.clone(), w.certainty)).collect();
    assert!(words.iter().all(|(_, certainty)| *certainty < 0.99) && !words.is_empty(), "{words:?}");
    let lost = unmapped("C8");
    assert!(texts(&lost).concat().contains('\u{fffd}'), "{:?}", texts(&lost));
}

#[test]
fn a_subset_of_symbols_without_encoding_is_noted() {
    use hayro_interpret::hayro_syntax::object::{Dict, Object};
    let font = |more: &str| {
        let objects = [
            "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
            "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 400 200] >>".to_owned(),
            format!("<< /Type /Font /Subtype /TrueType /BaseFont /ABCDEF+Arial {more} /FontDescriptor 5 0 R >>"),
            "<< /Type /FontDescriptor /Flags 4 /FontFile2 6 0 R >>".to_owned(),
            stream("0000"),
        ];
        let pdf = hayro_interpret::hayro_syntax::Pdf::new(pdf(&objects)).unwrap();
        let mut unexplained = crate::extraction::pdf::fonts::Unexplained::default();
        let dicts = pdf.objects().into_iter().filter_map(Object::into_dict).collect::<Vec<Dict<'_>>>();
        for dict in &dicts {
            unexplained.note(dict);
        }
        unexplained.has("Arial")
    };
    assert!(font(""));
    assert!(!font("/Encoding /WinAnsiEncoding"));
    assert!(!font("/ToUnicode 6 0 R"));
}

#[test]
fn printed_letters_are_certain() {
    let page = page(&text(20.0, 150.0, "Tunis"));
    assert!(page.segments[0].words.iter().all(|word| word.certainty >= 1.0));
}

#[test]
fn words_struck_through_are_taken_back() {
    let drawn = [
        text(20.0, 150.0, "71 000 111"),
        "19 153 m 72 153 l S\n".to_owned(),
        text(120.0, 150.0, "71 222 333"),
        // A line to write on, and the border of a cell that touches a word.
        "118 147 m 220 147 l S 10 103 m 390 103 l S\n".to_owned(),
        text(20.0, 100.0, "Sfax"),
    ];
    assert_eq!(texts(&page(&drawn.concat())), ["71 222 333", "Sfax"]);
    assert_eq!(by_source(&page_with(&drawn.concat(), "", "", &[])).1, ["struck_words"]);
}

#[test]
fn a_standard_font_that_is_not_embedded_shows_its_weight() {
    let fonts = "/Font << /F << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> \
                 /B << /Type /Font /Subtype /Type1 /BaseFont /Times-Bold >> >>";
    let content = "BT /B 10 Tf 20 150 Td (Raison sociale) Tj /F 10 Tf 90 0 Td (Alpha) Tj ET";
    let file = pdf(&[
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        format!("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 400 200] /Contents 4 0 R /Resources << {fonts} >> >>"),
        stream(content),
    ]);
    let weights: Vec<bool> = read_whole(&file).segments.iter().map(|segment| segment.bold).collect();
    assert_eq!(weights, [true, false]);
}
