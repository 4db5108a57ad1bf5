//! Lines of text on a page, read with the schemas as shipped.
#![no_main]

#[path = "../../hostile/pdf.rs"]
#[expect(dead_code, reason = "each target writes its own kind of document")]
mod pdf;

use std::fmt::Write;
use std::sync::LazyLock;

use guichet::extraction::{self, Options};
use guichet::schemas::Forms;

static FORMS: LazyLock<Forms> = LazyLock::new(Forms::built_in);

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let mut content = "BT /F1 10 Tf 14 TL 50 800 Td\n".to_owned();
    for line in data.split(|byte| *byte == b'\n').take(60) {
        for (part, words) in line.split(|byte| *byte == b'\t').take(6).enumerate() {
            let hex: String = words.iter().take(120).fold(String::new(), |mut hex, byte| {
                let _ = write!(hex, "{byte:02x}");
                hex
            });
            let _ = write!(content, "<{hex}> Tj {} 0 Td ", 90 * (part % 2));
        }
        content.push_str("T*\n");
    }
    content.push_str("ET");
    let reading = extraction::read(&pdf::drawing(content, "").finish(""), "essai.pdf", &FORMS, &Options::default());
    for extraction in &reading.extractions {
        assert!(extraction.fields.values().all(|field| field.confidence.is_finite()));
    }
});
