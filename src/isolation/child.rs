//! The child's side: raise the walls, say which stand, take one document, answer once, end.
//!
//! Until the walls stand nothing from outside is read but the orders on the command line, which the daemon wrote.

use std::io::{self, Write};
use std::process::ExitCode;

use serde::{Deserialize, Serialize};

use super::escapes::Attempt;
use super::frame::{self, Kind};
use super::sandbox::{self, Layers, Profile, Walls};
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
    /// Take a document from standard input.
    Read { behind: Profile },
    /// Try an escape, behind walls or, to see that it is one, without; no document is ever taken.
    Escape { behind: Option<Profile>, attempt: Attempt },
}

/// One document to look at.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Task {
    pub job: Job,
    /// As dropped, escaped.
    pub name: String,
}

/// What to do with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Job {
    /// The fields of the forms in it.
    Read,
    /// What its reader sees, for a person who wonders.
    Inspect,
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
    // Behind narrow walls no engine may even be looked for: the environment says there is none, and that is noted now.
    // Behind wide ones they are loaded at the first picture: they start threads, which walls raised later would not bind.
    if let Orders::Read { behind: Profile { walls: Walls::Narrow, .. } } = &orders {
        extraction::prepare();
    }
    let layers = match &orders {
        Orders::Read { behind } | Orders::Escape { behind: Some(behind), .. } => sandbox::lock_down(behind),
        Orders::Escape { behind: None, .. } => Layers::NONE,
    };
    let (mut heard, mut said) = (io::stdin().lock(), io::stdout().lock());
    let done = serde_json::to_vec(&layers)
        .map_err(io::Error::other)
        .and_then(|ready| frame::write(&mut said, Kind::Ready, &ready))
        .and_then(|()| match &orders {
            Orders::Read { .. } => serve(&mut heard, &mut said),
            Orders::Escape { attempt, .. } => frame::write(&mut said, Kind::Answer, &attempt.report()),
        });
    if done.is_ok() { ExitCode::SUCCESS } else { ExitCode::from(74) }
}

/// Takes one document and answers for it.
fn serve(heard: &mut impl io::Read, said: &mut impl io::Write) -> io::Result<()> {
    let texts: Vec<(String, String)> = serde_json::from_slice(&frame::read(heard, Kind::Forms)?)?;
    let task: Task = serde_json::from_slice(&frame::read(heard, Kind::Task)?)?;
    let bytes = frame::read(heard, Kind::Document)?;
    let mut faults = Vec::new();
    let forms = Forms::parse(texts.iter().map(|(name, text)| (name.as_str(), text.as_str())), &mut faults);
    if !faults.is_empty() {
        return Err(io::Error::other("the schemas are at fault"));
    }
    let answer = match task.job {
        Job::Read => {
            let options = extraction::Options::default();
            serde_json::to_vec(&extraction::read(&bytes, &task.name, &forms, &options))?
        }
        Job::Inspect => serde_json::to_vec(&extraction::inspect(&bytes, &task.name))?,
    };
    frame::write(said, Kind::Answer, &answer)
}
