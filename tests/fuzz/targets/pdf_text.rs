//! A page whose content is whatever comes.
#![no_main]

#[path = "../../hostile/pdf.rs"]
#[expect(dead_code, reason = "each target writes its own kind of document")]
mod pdf;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    guichet::extraction::inspect(&pdf::drawing(data, "").finish(""), "essai.pdf");
});
