//! Names of files, and texts in which card numbers are looked for.
#![no_main]

use guichet::domain::{card_number, file_name};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let shown = file_name::shown(data);
    assert!(!shown.chars().any(char::is_control));
    let safe = file_name::sanitised(&shown);
    assert!(!safe.is_empty() && safe.is_ascii() && !safe.contains(['/', '\\']) && !safe.starts_with(['.', '-']));
    if let Some(masked) = card_number::masked(&shown) {
        assert!(card_number::find(&masked).is_empty(), "a masked number is found again");
    }
});
