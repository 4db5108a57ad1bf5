//! Arguments → one call → exit code. Started as a child of itself, it reads one document and does nothing else.

use std::process::ExitCode;

fn main() -> ExitCode {
    guichet::isolation::child_main().unwrap_or_else(guichet::cli::main)
}
