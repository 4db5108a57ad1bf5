//! Tests from outside: the house rules, and the program as its users run it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]
#![expect(clippy::case_sensitive_file_extension_comparisons, reason = "the names are our own")]

mod card_numbers;
mod commands;
mod declarations;
mod demo;
#[cfg(feature = "crash-points")]
mod faults;
mod format;
mod house;
mod isolation;
mod scans;
mod steps;

use std::path::Path;
use std::process::{Command, Output};

/// Runs the program to its end.
fn guichet(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_guichet")).args(arguments).output().expect("the program was built for this test")
}

fn text(path: &Path) -> &str {
    path.to_str().expect("test folders have plain names")
}
