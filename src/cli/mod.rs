//! The command line: one file per subcommand. Parses, calls, prints; decides nothing.
//!
//! Exit codes are those of `sysexits.h` where one fits, and are listed in the README.

/// Ends a command with a "no" (exit code 1) and its reason.
macro_rules! refuse {
    ($($told:tt)*) => { return Err(crate::cli::no(format!($($told)*))) };
}

mod at;
mod batch;
mod by;
mod check;
mod demo;
mod grid;
mod init;
mod inspect;
mod journal;
mod keep;
mod letters;
mod pair;
mod password;
mod phrases;
mod picture;
mod practice;
mod procedure;
mod purge;
mod read;
mod rehearsal;
mod release;
mod retry;
mod review;
mod run;
mod sandbox_test;
mod seal;
mod show;
mod status;
mod step;
mod table;
mod user;
mod walls;

use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

/// All went well.
pub const OK: u8 = 0;
/// Something was found wrong: the command's own answer is "no" (documents refused, check failed).
pub const NO: u8 = 1;

const EXAMPLES: &str = "\
Examples:
  guichet init /srv/guichet --bank 08 --bank 10   lay out an installation
  guichet run --config /srv/guichet/guichet.toml  the daemon
  guichet read formulaire.pdf fiche.xlsx          what guichet reads in two files, nothing stored
  guichet status                                  what waits, and for whom
  guichet demo                                    watch sample dossiers go through";

/// Reads merchants' ClicToPay onboarding forms, declares the merchant and answers everyone.
#[derive(Debug, Parser)]
#[command(name = "guichet", version, after_help = EXAMPLES, max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Init(init::Init),
    Run(run::Run),
    Scan(run::Scan),
    Status(status::Status),
    Show(show::Show),
    Journal(journal::Journal),
    Review(review::Review),
    Pair(pair::Pair),
    Retry(retry::Retry),
    Step(step::Step),
    Grid(grid::Grid),
    Release(release::Release),
    Refuse(release::Refuse),
    Batch(batch::Batch),
    User(user::User),
    Letters(letters::Letters),
    Procedure(procedure::Procedure),
    Practice(practice::Practice),
    Verify(keep::Verify),
    Backup(keep::Backup),
    Restore(keep::Restore),
    Purge(purge::Purge),
    Seal(seal::SealOver),
    Check(check::Check),
    Demo(demo::Demo),
    SandboxTest(sandbox_test::SandboxTest),
    /// Reads documents without storing anything
    Read(read::Read),
    /// Shows what the program sees in a file before any schema
    Inspect(inspect::Inspect),
    /// Prints a completion script for your shell
    Completions {
        /// bash, zsh, fish, elvish or powershell
        shell: clap_complete::Shell,
    },
}

/// Parses the arguments, runs the subcommand, says what went wrong.
pub fn main() -> ExitCode {
    end_quietly_at_a_closed_pipe();
    let arguments = Arguments::parse();
    let done: anyhow::Result<u8> = match arguments.command {
        Command::SandboxTest(test) => test.run(),
        Command::Init(init) => init.run(),
        Command::Run(run) => run.run(),
        Command::Scan(scan) => scan.run(),
        Command::Status(status) => status.run(),
        Command::Show(show) => show.run(),
        Command::Journal(journal) => journal.run(),
        Command::Review(review) => review.run(),
        Command::Pair(pair) => pair.run(),
        Command::Retry(retry) => retry.run(),
        Command::Step(step) => step.run(),
        Command::Grid(grid) => grid.run(),
        Command::Release(release) => release.run(),
        Command::Refuse(refuse) => refuse.run(),
        Command::Batch(batch) => batch.run(),
        Command::User(user) => user.run(),
        Command::Letters(letters) => letters.run(),
        Command::Procedure(procedure) => procedure.run(),
        Command::Practice(practice) => practice.run(),
        Command::Verify(verify) => verify.run(),
        Command::Backup(backup) => backup.run(),
        Command::Restore(restore) => restore.run(),
        Command::Purge(purge) => purge.run(),
        Command::Seal(seal) => seal.run(),
        Command::Check(check) => check.run(),
        Command::Demo(demo) => demo.run(),
        Command::Read(read) => read.run(),
        Command::Inspect(inspect) => inspect.run(),
        Command::Completions { shell } => {
            clap_complete::generate(shell, &mut Arguments::command(), "guichet", &mut std::io::stdout());
            Ok(OK)
        }
    };
    match done {
        Ok(code) => ExitCode::from(code),
        // A reader that closed the pipe (`| head`) is no failure.
        Err(err)
            if err.downcast_ref::<std::io::Error>().is_some_and(|e| e.kind() == std::io::ErrorKind::BrokenPipe) =>
        {
            ExitCode::SUCCESS
        }
        Err(err) => {
            eprintln!("guichet : {}", crate::told::told(&err));
            ExitCode::from(exit_code(&err))
        }
    }
}

/// A reader that has seen enough (`| head`) closes the pipe: the command ends there, and what it has done stays done.
fn end_quietly_at_a_closed_pipe() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let said = panic.payload_as_str().unwrap_or_default();
        if said.starts_with("failed printing to stdout") && said.contains("Broken pipe") {
            std::process::exit(OK.into());
        }
        usual(panic);
    }));
}

/// The command's own answer is "no": nothing of guichet's is at fault.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct No(String);

fn no(told: impl Into<String>) -> anyhow::Error {
    No(told.into()).into()
}

/// 1 for a "no", 2 for a reference that is none, 66 for an input that is not there, 75 for an installation at work, 78 for a faulty configuration, 74 for other input and output, else 70.
fn exit_code(err: &anyhow::Error) -> u8 {
    if err.is::<crate::schemas::SchemaFaults>() || err.is::<crate::config::Faults>() {
        return 78;
    }
    if err.is::<No>() || matches!(err.downcast_ref(), Some(crate::procedure::Refused::Unknown(_))) {
        return NO;
    }
    if err.is::<crate::domain::dossier::InvalidReference>() {
        return 2;
    }
    if err.is::<crate::app::Busy>() {
        return 75;
    }
    match err.downcast_ref::<std::io::Error>().map(std::io::Error::kind) {
        Some(std::io::ErrorKind::NotFound) => 66,
        Some(_) => 74,
        None => 70,
    }
}
