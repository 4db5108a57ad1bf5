//! The child's side: raise the walls, say which stand, take one document, answer once, end.
//!
//! Until the walls stand nothing from outside is read but what the daemon itself wrote: the orders on the command line and,
//! in a child that was not copied from a zygote, nothing more.

use std::io::{self, Write};
use std::process::ExitCode;

use serde::{Deserialize, Serialize};

use super::escapes::Attempt;
use super::frame::{self, Kind};
use super::sandbox::{self, Profile, Walls};
use super::{shown, zygote};
use crate::extraction;
use crate::schemas::Forms;

/// First argument of a process that is a child.
pub const SUBCOMMAND: &str = "__child";
/// Begins the line on standard error that says where a panic happened.
pub const PANIC_MARK: &str = "guichet panicked at ";

/// What a child is started for; its second argument, as JSON.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Orders {
    /// Do one task behind these walls.
    Work { behind: Profile },
    /// Take the schemas and stay; make a copy for each task, which does it behind these walls.
    Stay { behind: Profile },
    /// Try an escape without walls, to see that it is one; no document is ever taken.
    Outside { attempt: Attempt },
}

/// One thing to do.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Task {
    pub job: Job,
    /// Of the document, as dropped, escaped.
    pub name: String,
}

/// What to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Job {
    /// The fields of the forms in a document.
    Read,
    /// What its reader sees, for a person who wonders.
    Inspect,
    /// The fields and the pages they were read from, as pictures, for a person who compares.
    Show,
    /// Try to get out; no document follows.
    Escape(Attempt),
}

/// Runs as a child. Ends with 0 when it has answered; anything else is a death the daemon explains.
pub fn main(orders: &str) -> ExitCode {
    std::panic::set_hook(Box::new(|panic| {
        // The place only: the message may quote the document.
        if let Some(place) = panic.location() {
            let _ = writeln!(io::stderr(), "{PANIC_MARK}{place}");
        }
    }));
    let Ok(orders) = serde_json::from_str::<Orders>(orders) else { return ExitCode::from(64) };
    if sandbox::raw::close_inherited().is_err() {
        return ExitCode::from(71);
    }
    let done = match &orders {
        Orders::Work { behind } => {
            // Behind narrow walls no engine may even be looked for: the environment says there is none, and that is noted
            // now. Behind wide ones they are loaded at the first picture: they start threads, which walls raised later
            // would not bind.
            if matches!(behind.walls, Walls::Narrow) {
                extraction::prepare(None);
            }
            attend(behind, None)
        }
        Orders::Stay { behind } => zygote::stay(behind),
        Orders::Outside { attempt } => frame::write(&mut io::stdout(), Kind::Answer, &attempt.report()),
    };
    if done.is_ok() { ExitCode::SUCCESS } else { ExitCode::from(74) }
}

/// Raises the walls, says which stand, does one task and answers for it. The schemas come first where they are not yet known.
pub fn attend(behind: &Profile, known: Option<&Forms>) -> io::Result<()> {
    let layers = sandbox::lock_down(behind);
    let (mut heard, mut said) = (io::stdin().lock(), io::stdout().lock());
    frame::write(&mut said, Kind::Ready, &serde_json::to_vec(&layers)?)?;
    let told = if known.is_some() { None } else { Some(forms(&mut heard)?) };
    let Some(forms) = known.or(told.as_ref()) else { return Err(io::ErrorKind::InvalidData.into()) };
    let task: Task = serde_json::from_slice(&frame::read(&mut heard, Kind::Task)?)?;
    let mut document = || frame::read(&mut heard, Kind::Document);
    let answer = match task.job {
        Job::Read => {
            let options = extraction::Options::default();
            serde_json::to_vec(&extraction::read(&document()?, &task.name, forms, &options))?
        }
        Job::Show => return shown::say(&document()?, &task.name, forms, &mut said),
        Job::Inspect => serde_json::to_vec(&extraction::inspect(&document()?, &task.name))?,
        Job::Escape(attempt) => attempt.report(),
    };
    frame::write(&mut said, Kind::Answer, &answer)
}

/// Takes the schemas of the forms.
pub fn forms(heard: &mut impl io::Read) -> io::Result<Forms> {
    let texts: Vec<(String, String)> = serde_json::from_slice(&frame::read(heard, Kind::Forms)?)?;
    let mut faults = Vec::new();
    let forms = Forms::parse(texts.iter().map(|(name, text)| (name.as_str(), text.as_str())), &mut faults);
    if faults.is_empty() { Ok(forms) } else { Err(io::Error::other("the schemas are at fault")) }
}
