//! EDGE. The child process a document is read in. The daemon itself never parses a byte that came from outside.
//!
//! One child per document: this same program, started clean, with three pipes and nothing else. It raises its walls
//! (`sandbox`), says which stand, takes one document, answers once (`frame`, `child`), and is ended with all its group.
//! It is a copy of a process that has never seen a document (`zygote`, `nursery`) or, at six times the cost, started anew.
//! Invariants:
//! - No answer is believed before it is checked (`answer`), and no child outlives its talk (`talk`).
//! - Whatever a document does to its child is a finding about that document, with a stable code. What is our own fault
//!   (no process to be had, a wall that does not stand) is [`Unavailable`] and never blames the document.
//!
//! Why a process per document and not a pool: a reader taken over by one document would see all that come after it.

mod answer;
mod attempt;
mod child;
mod escapes;
mod frame;
#[cfg(fuzzing)]
pub mod fuzzing;
mod nursery;
mod sandbox;
mod shown;
mod talk;
mod terms;
mod zygote;

use std::ffi::OsStr;
use std::io;
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustix::pipe::{PipeFlags, pipe_with};
use serde::Deserialize;
use serde_json::Value as Json;
use tokio::sync::Semaphore;

pub use escapes::{Escape, Verdict};
pub use sandbox::{Landlock, Layers};

use crate::domain::document::{Format, Kind, Reading};
use crate::schemas::Forms;
use attempt::{Listener, Means, Refusal};
use child::{Job, Task};
use nursery::Nursery;
use sandbox::Walls;
use terms::Terms;

/// The finding by which a reader says that a page is a picture it cannot read.
const NEEDS_OCR: &str = "needs_ocr";

/// How children are run.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The program to start; this one, unless a test says otherwise.
    pub program: PathBuf,
    /// Children at work at once.
    pub hands: usize,
    /// Longest time one document may take, by the clock on the wall.
    pub time: Duration,
    /// Processor time one document may take.
    pub processor: Duration,
    /// Address space of one child, in bytes.
    pub memory: u64,
    /// What a document may cost once its pages have turned out to be pictures: it is then read again, by a child that may
    /// recognise characters.
    pub pictures: Allowance,
    /// Where the models lie that recognise characters.
    pub models: PathBuf,
    /// Go on where the kernel cannot raise a wall. Written by the operator, who is told at every start.
    pub best_effort: bool,
    /// How a child is made.
    pub children: Children,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            // The running program even after an upgrade has replaced the file it was started from.
            program: PathBuf::from("/proc/self/exe"),
            hands: std::thread::available_parallelism().map_or(1, usize::from),
            time: Duration::from_secs(20),
            processor: Duration::from_secs(10),
            memory: 512 << 20,
            pictures: Allowance { time: Duration::from_mins(3), processor: Duration::from_mins(4), memory: 512 << 20 },
            models: PathBuf::from("var/models"),
            best_effort: false,
            children: Children::Copied,
        }
    }
}

/// How a child is made. Its walls are the same either way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Children {
    /// From a process that has the schemas already and has never seen a document.
    #[default]
    Copied,
    /// As a new process: slower, and no two have their memory laid out alike.
    Started,
}

/// What one child may cost.
#[derive(Debug, Clone, Copy)]
pub struct Allowance {
    /// By the clock on the wall.
    pub time: Duration,
    pub processor: Duration,
    /// Address space, in bytes.
    pub memory: u64,
}

/// Our own fault, not the document's: try again later.
#[derive(Debug, thiserror::Error)]
pub enum Unavailable {
    #[error("aucun processus de lecture n'a pu être lancé")]
    NoProcess(#[source] io::Error),
    #[error(
        "le cloisonnement n'est pas entier ({0}) ; sandbox = \"best-effort\" l'admet si ce noyau n'offre pas mieux"
    )]
    NotWhole(Layers),
    #[error("les schémas ne peuvent être transmis")]
    Schemas(#[source] serde_json::Error),
    #[error("la machine n'a pas laissé le temps de lire")]
    Overloaded,
    #[error("guichet s'arrête")]
    Stopping,
}

/// Runs children. Cheap to clone; all clones share the same hands.
#[derive(Debug, Clone)]
pub struct Isolation {
    settings: Arc<Settings>,
    /// The schemas as a child is told them.
    forms: Arc<[u8]>,
    /// Where children are copied from; none where each is started.
    nursery: Option<Arc<Nursery>>,
    hands: Arc<Semaphore>,
    /// Behind narrow walls and behind wide ones.
    worst: Arc<Mutex<[Cost; 2]>>,
}

/// What children have cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cost {
    /// From its start to its end, by the clock on the wall.
    pub time: Duration,
    pub processor: Duration,
    /// Most bytes it held at once.
    pub memory: u64,
}

impl Cost {
    fn worst(self, other: Self) -> Self {
        Self {
            time: self.time.max(other.time),
            processor: self.processor.max(other.processor),
            memory: self.memory.max(other.memory),
        }
    }
}

/// Runs this process as a child if it was started as one: to be asked before anything else is done.
#[must_use]
pub fn child_main() -> Option<ExitCode> {
    let mut arguments = std::env::args_os().skip(1);
    (arguments.next().as_deref() == Some(OsStr::new(child::SUBCOMMAND)))
        .then(|| child::main(&arguments.next().unwrap_or_default().to_string_lossy()))
}

/// Tries every escape we know of, in a child and out of it. Says of each whether it is blocked.
///
/// An attempt that fails outside too proves nothing and is reported as such.
pub fn sandbox_test(settings: Settings, forms: &Forms) -> Result<(Layers, Vec<Escape>), Unavailable> {
    escapes::try_all(&Arc::new(settings), &told(forms)?)
}

/// The schemas as a child is told them.
fn told(forms: &Forms) -> Result<Arc<[u8]>, Unavailable> {
    Ok(serde_json::to_vec(&forms.texts).map_err(Unavailable::Schemas)?.into())
}

impl Isolation {
    /// Makes ready to read these forms.
    pub fn new(settings: Settings, forms: &Forms) -> Result<Self, Unavailable> {
        let (settings, forms) = (Arc::new(settings), told(forms)?);
        let copied = settings.children == Children::Copied;
        Ok(Self {
            hands: Arc::new(Semaphore::new(settings.hands.max(1))),
            nursery: copied.then(|| Arc::new(Nursery::new(Arc::clone(&settings), Arc::clone(&forms)))),
            settings,
            forms,
            worst: Arc::default(),
        })
    }

    /// How many documents are read at once.
    #[must_use]
    pub fn hands(&self) -> usize {
        self.settings.hands.max(1)
    }

    /// Which walls stand on this machine; an error where one is missing and must not be.
    pub fn layers(&self) -> Result<Layers, Unavailable> {
        let (_hold, caller) = caller()?;
        self.means(&Terms::narrow(&self.settings)).meet(caller).map(|met| met.layers)
    }

    /// Reads one document. Dropping the future ends the child.
    ///
    /// Behind narrow walls first; a document whose pages are pictures is read once more behind wide ones. What stops that
    /// second reading is said beside what the first one gave.
    pub async fn read(&self, name: &str, bytes: Arc<[u8]>) -> Result<Reading, Unavailable> {
        let mut first = self.read_behind(Terms::narrow(&self.settings), name, Arc::clone(&bytes)).await?;
        if first.findings.iter().all(|finding| finding.code.as_str() != NEEDS_OCR) {
            return Ok(first);
        }
        let second = self.read_behind(Terms::wide(&self.settings), name, bytes).await?;
        if second.format == Format::Unknown {
            first.findings.extend(second.findings);
            return Ok(first);
        }
        Ok(second)
    }

    async fn read_behind(&self, terms: Terms, name: &str, bytes: Arc<[u8]>) -> Result<Reading, Unavailable> {
        let answer = self.run(terms, Job::Read, name, bytes).await?;
        Ok(match answer.map(|answer| answer::reading(&answer)) {
            Ok(Ok(reading)) => reading,
            Ok(Err(bad)) => refused(&Refusal::BadAnswer(bad.to_string())),
            Err(refusal) => refused(&refusal),
        })
    }

    /// What the reader of this document sees, as JSON; a refused document gives its finding.
    pub async fn inspect(&self, name: &str, bytes: Arc<[u8]>) -> Result<Json, Unavailable> {
        let first = self.inspect_behind(Terms::narrow(&self.settings), name, Arc::clone(&bytes)).await?;
        let findings = first["findings"].as_array();
        if findings.is_some_and(|findings| findings.iter().any(|finding| finding["code"] == NEEDS_OCR)) {
            return self.inspect_behind(Terms::wide(&self.settings), name, bytes).await;
        }
        Ok(first)
    }

    async fn inspect_behind(&self, terms: Terms, name: &str, bytes: Arc<[u8]>) -> Result<Json, Unavailable> {
        let answer = self.run(terms, Job::Inspect, name, bytes).await?;
        let seen =
            answer.and_then(|answer| answer::inspection(&answer).map_err(|bad| Refusal::BadAnswer(bad.to_string())));
        Ok(seen.unwrap_or_else(|refusal| {
            let finding = refusal.finding();
            serde_json::json!({ "error": { "code": finding.code, "reason": finding.details.get("reason") } })
        }))
    }

    /// The highest of each cost any child has reached so far, not all by the same one: first of those for documents, then of
    /// those for pictures of pages, which have an allowance of their own.
    pub fn worst(&self) -> [Cost; 2] {
        *self.worst.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn means<'a>(&'a self, terms: &'a Terms) -> Means<'a> {
        Means { settings: &self.settings, terms, forms: &self.forms, nursery: self.nursery.as_deref() }
    }

    async fn run(
        &self,
        terms: Terms,
        job: Job,
        name: &str,
        bytes: Arc<[u8]>,
    ) -> Result<Result<Vec<u8>, Refusal>, Unavailable> {
        self.run_and_listen(terms, job, name, bytes, Box::new(|_, answer| Ok(answer))).await
    }

    async fn run_and_listen<T: Send + 'static>(
        &self,
        terms: Terms,
        job: Job,
        name: &str,
        bytes: Arc<[u8]>,
        listener: Box<Listener<T>>,
    ) -> Result<Result<T, Refusal>, Unavailable> {
        let _hand = self.hands.acquire().await.map_err(|_| Unavailable::Stopping)?;
        let (hold, caller) = caller()?;
        let all = self.clone();
        let task = Task { job, name: name.to_owned() };
        // A thread of its own for as long as the child lives: a child dies with the thread that started it.
        let done = tokio::task::spawn_blocking(move || {
            let bill = |cost| {
                let mut worst = all.worst.lock().unwrap_or_else(PoisonError::into_inner);
                let [documents, pictures] = &mut *worst;
                let of_its_kind = if matches!(terms.walls, Walls::Narrow) { documents } else { pictures };
                *of_its_kind = of_its_kind.worst(cost);
            };
            attempt::twice(&all.means(&terms), &task, &bytes, &caller, &bill, &*listener)
        });
        let answer = done.await.map_err(|_| Unavailable::Stopping)?;
        drop(hold);
        answer
    }
}

fn refused(refusal: &Refusal) -> Reading {
    Reading { format: Format::Unknown, kind: Kind::Other, extractions: vec![], findings: vec![refusal.finding()] }
}

/// A pipe: the talk watches its second end, which hangs up when the caller lets the first one go.
fn caller() -> Result<(OwnedFd, OwnedFd), Unavailable> {
    let (watched, hold) = pipe_with(PipeFlags::CLOEXEC).map_err(|err| Unavailable::NoProcess(err.into()))?;
    Ok((hold, watched))
}
