//! A file that says it answers a declaration.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if let Err(refused) = guichet::acknowledgement::read(data) {
        assert!(refused.code.starts_with('F') && !refused.text.is_empty(), "a refusal without its reason");
    }
});
