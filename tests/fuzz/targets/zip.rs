//! Whatever comes, as it is: most of what gets past the first bytes is an archive, a PDF or a picture.
#![no_main]

use std::sync::LazyLock;

use guichet::extraction::{self, Options};
use guichet::schemas::Forms;

static FORMS: LazyLock<Forms> = LazyLock::new(Forms::built_in);

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let reading = extraction::read(data, "essai.zip", &FORMS, &Options::default());
    assert!(!reading.extractions.is_empty() || !reading.findings.is_empty(), "neither data nor a reason");
});
