//! What a child may say: frames, and answers inside them.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| guichet::isolation::fuzzing::hear(data));
