//! One document, one child, and what its end means: an answer, a refusal that is the document's, or a failure of ours.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::process::ExitStatusExt;
use std::process::Command;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use tracing::warn;

use super::child::{Job, Orders, SUBCOMMAND, Task};
use super::frame::{self, Head, Kind};
use super::nursery::Nursery;
use super::sandbox::{Layers, Walls};
use super::talk::{Remains, Silence, Talk};
use super::terms::Terms;
use super::{Cost, Settings, Unavailable};
use crate::domain::finding::{Finding, Severity};

/// Why a document has no reading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    TimeLimit,
    MemoryLimit,
    TooLarge,
    Crashed(String),
    BadAnswer(String),
}

impl Refusal {
    /// The finding that says so. Its code is stable: answers, the store and operators' scripts know it.
    pub fn finding(&self) -> Finding {
        let (code, reason) = match self {
            Self::TimeLimit => ("time_limit", None),
            Self::MemoryLimit => ("memory_limit", None),
            Self::TooLarge => ("too_large", None),
            Self::Crashed(how) => ("crashed", Some(how)),
            Self::BadAnswer(how) => ("bad_answer", Some(how)),
        };
        let finding = Finding::new(code, Severity::Incomplete);
        reason.map_or(finding.clone(), |how| finding.with("reason", how))
    }
}

/// What one child came to.
#[derive(Debug)]
enum Outcome<T> {
    Answer(T),
    Refusal(Refusal),
    /// It was killed or late without having used its share of the processor: the machine's doing.
    Starved,
}

/// Takes an answer, and whatever the child says after it.
pub type Listener<T> = dyn Fn(&mut Talk, Vec<u8>) -> Result<T, Silence> + Send;

/// Reads a document; when its child dies, once more, since a crash that does not repeat was not the document's.
///
/// A document whose child crashes twice is refused, and nothing tries it again by itself.
pub fn twice<T>(
    means: &Means<'_>,
    task: &Task,
    bytes: &[u8],
    caller: &OwnedFd,
    bill: &dyn Fn(Cost),
    listener: &Listener<T>,
) -> Result<Result<T, Refusal>, Unavailable> {
    let Ok(announced) = Head::announce(Kind::Document, bytes.len()) else {
        return Ok(Err(Refusal::TooLarge));
    };
    let parts = Parts::new(means.forms, task, announced, bytes)?;
    let first = once(means, &parts, caller.as_fd(), bill, listener)?;
    let second = match first {
        Outcome::Answer(answer) => return Ok(Ok(answer)),
        Outcome::Refusal(refusal @ (Refusal::TimeLimit | Refusal::MemoryLimit | Refusal::TooLarge)) => {
            return Ok(Err(refusal));
        }
        Outcome::Refusal(Refusal::Crashed(_) | Refusal::BadAnswer(_)) | Outcome::Starved => {
            once(means, &parts, caller.as_fd(), bill, listener)?
        }
    };
    match second {
        Outcome::Answer(answer) => Ok(Ok(answer)),
        Outcome::Refusal(refusal) => Ok(Err(refusal)),
        Outcome::Starved => Err(Unavailable::Overloaded),
    }
}

/// What children are made with.
pub struct Means<'a> {
    pub settings: &'a Settings,
    pub terms: &'a Terms,
    pub forms: &'a [u8],
    /// Where children are copied from a zygote; without it each is started anew.
    pub nursery: Option<&'a Nursery>,
}

/// A child ready for its task.
pub struct Met {
    pub talk: Talk,
    pub layers: Layers,
    /// It is a copy of a process that has the schemas.
    pub knows_the_forms: bool,
}

impl Means<'_> {
    /// Makes a child for a document. None is shown to a child whose walls do not stand.
    pub fn meet(&self, caller: OwnedFd) -> Result<Met, Unavailable> {
        let met = self.child(caller)?;
        if met.layers.complete() || self.settings.best_effort {
            Ok(met)
        } else {
            Err(Unavailable::NotWhole(met.layers))
        }
    }

    /// Makes a child and waits until it has said which walls stand.
    fn child(&self, caller: OwnedFd) -> Result<Met, Unavailable> {
        let time = self.terms.allowance.time;
        let born = self.nursery.and_then(|nursery| nursery.child(self.terms));
        let knows_the_forms = born.is_some();
        let talk = if let Some(born) = born {
            Talk::with(born, time, caller)
        } else {
            let orders = Orders::Work { behind: self.terms.profile() };
            Talk::start(command(self.settings, self.terms, &orders)?, time, caller)
        };
        let mut talk = talk.map_err(Unavailable::NoProcess)?;
        let lost = |err: &dyn std::fmt::Display| Unavailable::NoProcess(io::Error::other(err.to_string()));
        let ready = match talk.exchange(&[], Kind::Ready) {
            Ok(ready) => ready,
            Err(Silence::Unwanted) => return Err(Unavailable::Stopping),
            Err(Silence::Late) => return Err(Unavailable::Overloaded),
            Err(silence) => return Err(lost(&silence)),
        };
        let layers = serde_json::from_slice(&ready).map_err(|err| lost(&err))?;
        Ok(Met { talk, layers, knows_the_forms })
    }
}

/// Starts this program, clean, with orders.
pub fn command(settings: &Settings, terms: &Terms, orders: &Orders) -> Result<Command, Unavailable> {
    let orders = serde_json::to_string(orders).map_err(Unavailable::Schemas)?;
    let mut command = Command::new(&settings.program);
    command.args([SUBCOMMAND, &orders]).env_clear().envs(terms.environment());
    if matches!(terms.walls, Walls::Narrow) {
        command.current_dir("/");
    }
    Ok(command)
}

/// The frames of a task, ready to be written.
pub struct Parts<'a> {
    forms: ([u8; frame::HEAD], &'a [u8]),
    task: ([u8; frame::HEAD], Vec<u8>),
    document: ([u8; frame::HEAD], &'a [u8]),
}

impl<'a> Parts<'a> {
    /// A task with the document it is about, announced.
    fn new(forms: &'a [u8], task: &Task, announced: [u8; frame::HEAD], bytes: &'a [u8]) -> Result<Self, Unavailable> {
        let head =
            |kind, length| Head::announce(kind, length).map_err(|err| Unavailable::NoProcess(io::Error::other(err)));
        let task = serde_json::to_vec(task).map_err(Unavailable::Schemas)?;
        Ok(Self {
            forms: (head(Kind::Forms, forms.len())?, forms),
            task: (head(Kind::Task, task.len())?, task),
            document: (announced, bytes),
        })
    }

    /// A task about no document.
    pub fn bare(forms: &'a [u8], job: Job) -> Result<Self, Unavailable> {
        let none = Head::announce(Kind::Document, 0).map_err(|err| Unavailable::NoProcess(io::Error::other(err)))?;
        Self::new(forms, &Task { job, name: String::new() }, none, &[])
    }

    /// What a child has to be told, in the order it asks for it.
    pub fn for_child(&self, knows_the_forms: bool) -> Vec<&[u8]> {
        let forms = [&self.forms.0[..], self.forms.1];
        let task = [&self.task.0[..], &self.task.1, &self.document.0, self.document.1];
        let forms = forms.into_iter().filter(|_| !knows_the_forms);
        forms.chain(task).collect()
    }
}

fn once<T>(
    means: &Means,
    parts: &Parts,
    caller: BorrowedFd,
    bill: &dyn Fn(Cost),
    listener: &Listener<T>,
) -> Result<Outcome<T>, Unavailable> {
    let terms = means.terms;
    let begun = Instant::now();
    let caller = caller.try_clone_to_owned().map_err(Unavailable::NoProcess)?;
    let Met { mut talk, knows_the_forms, .. } = means.meet(caller)?;
    let heard = talk.exchange(&parts.for_child(knows_the_forms), Kind::Answer);
    let heard = heard.and_then(|answer| listener(&mut talk, answer));
    let remains = talk.end().map_err(Unavailable::NoProcess)?;
    bill(Cost { time: begun.elapsed(), processor: remains.bill.cpu, memory: remains.bill.peak });
    match heard {
        Ok(answer) => Ok(Outcome::Answer(answer)),
        Err(Silence::Unwanted) => Err(Unavailable::Stopping),
        Err(Silence::Malformed(bad)) => Ok(Outcome::Refusal(Refusal::BadAnswer(bad.to_string()))),
        Err(Silence::Late) if remains.bill.cpu < terms.allowance.processor / 2 => Ok(Outcome::Starved),
        Err(Silence::Late) => Ok(Outcome::Refusal(Refusal::TimeLimit)),
        Err(Silence::Ended) => Ok(explain(terms, &remains)),
    }
}

/// From how a child died to whose doing it was.
fn explain<T>(terms: &Terms, remains: &Remains) -> Outcome<T> {
    let signal = remains.bill.status.signal();
    if remains.lingered {
        return Outcome::Refusal(Refusal::Crashed("closed its pipe".to_owned()));
    }
    let nearly_all = terms.allowance.processor.saturating_sub(Duration::from_millis(500));
    if remains.starved_of_memory() {
        return Outcome::Refusal(Refusal::MemoryLimit);
    }
    if signal == Some(Signal::XCPU.as_raw()) || remains.bill.cpu >= nearly_all {
        return Outcome::Refusal(Refusal::TimeLimit);
    }
    if signal == Some(Signal::KILL.as_raw()) {
        return Outcome::Starved;
    }
    let how = match (remains.panicked_at(), signal) {
        (Some(place), _) => format!("panic at {place}"),
        (None, Some(signal)) if signal == Signal::SYS.as_raw() => "forbidden system call".to_owned(),
        (None, Some(signal)) => format!("signal {signal}"),
        (None, None) => format!("exit code {}", remains.bill.status.code().unwrap_or_default()),
    };
    warn!(child.end = how, child.cpu_ms = remains.bill.cpu.as_millis(), "A child died on its document: {how}");
    Outcome::Refusal(Refusal::Crashed(how))
}
