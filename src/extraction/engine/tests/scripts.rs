//! Arabic: its spelling, its direction, its place beside French.

use super::*;

#[test]
fn arabic_labels_fold_vowels_alef_and_ta_marbuta() {
    let forms = Forms::built_in();
    let lexicon = &forms.lexicon;
    let plain = lexicon.meaning("المعرف الجبائي");
    for spelling in ["المُعَرِّف الجبائي", "المعـــرف الجبائى", "المعرف الجبائي :"]
    {
        let spelt = lexicon.meaning(spelling);
        assert!(lexicon.same(&plain, &spelt) >= 1.0, "{spelling}");
    }
    assert!(lexicon.same(&lexicon.meaning("المدينة"), &lexicon.meaning("المدينه")) >= 1.0);
}

#[test]
fn a_page_from_right_to_left_is_read_with_its_values_on_the_left() {
    let mut paper = Paper::titled("استمارة الانخراط في خدمة الدفع الإلكتروني");
    paper.right(550.0, 90.0, "معلومات التاجر");
    let rows = [
        ("التسمية الاجتماعية", "Alpha Voyages SARL"),
        ("المعرف الجبائي", "1595458T/D/M/000"),
        ("الرمز البريدي", "2070"),
        ("المدينة", "Tunis"),
        ("البريد الإلكتروني", "contact@alpha.tn"),
    ];
    for (at, (label, value)) in rows.into_iter().enumerate() {
        let y = 110.0 + 18.0 * f32::from(u8::try_from(at).unwrap());
        paper.right(550.0, y, label);
        let width = 5.0 * f32::from(u8::try_from(value.chars().count()).unwrap());
        paper.text(400.0 - width, y, value);
    }
    let read = paper.read();
    let value = |key: &str| read_as(&read, key).map(|(text, _)| text);
    assert_eq!(value("raison_sociale").as_deref(), Some("Alpha Voyages SARL"));
    assert_eq!(value("ville").as_deref(), Some("Tunis"));
    assert_eq!(read_as(&read, "code_postal"), trusted("2070"));
    assert_eq!(read_as(&read, "email"), trusted("contact@alpha.tn"));
}

#[test]
fn the_arabic_half_of_a_label_is_no_answer() {
    let mut paper = Paper::adhesion();
    paper.company(90.0);
    for (at, label) in
        ["الاسم الاجتماعي", "المعرف الجبائي", "الرمز البريدي", "الهاتف", "البريد الإلكتروني"].into_iter().enumerate()
    {
        paper.right(560.0, 110.0 + 18.0 * f32::from(u8::try_from(at).unwrap()), label);
    }
    // A label left blank, with its Arabic half on the far side.
    paper.row(202.0, "Enseigne", "").right(560.0, 202.0, "الاسم التجاري");
    let read = paper.read();
    assert_eq!(read_as(&read, "raison_sociale"), trusted("Alpha Voyages SARL"));
    assert_eq!(read_as(&read, "nom_commercial"), None);
}

#[test]
fn an_arabic_half_in_words_of_its_own_is_known_by_its_column() {
    let mut paper = Paper::adhesion();
    paper.company(90.0);
    for (at, label) in ["الكنية", "رمز الضرائب", "خانة الحي", "الهاتوف", "المراسلة"].into_iter().enumerate()
    {
        paper.right(560.0, 110.0 + 18.0 * f32::from(u8::try_from(at).unwrap()), label);
    }
    paper.row(202.0, "Enseigne", "").right(560.0, 202.0, "التسمية المعروضة");
    let read = paper.read();
    assert_eq!(read_as(&read, "raison_sociale"), trusted("Alpha Voyages SARL"));
    assert!(read_as(&read, "nom_commercial").is_none_or(|(_, trusted)| !trusted));
}
