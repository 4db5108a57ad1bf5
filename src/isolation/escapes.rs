//! The escape test: what a reader taken over by its document would try, tried for real, inside the walls and outside.
//!
//! Outside comes first: an attempt that fails there too (no such program, no right) would pass for blocked and prove
//! nothing. Inside, being killed counts as blocked; so does an error.

use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::os::unix::net::{UnixListener, UnixStream};
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use rustix::process::{Signal, getppid, test_kill_process};
use serde::{Deserialize, Serialize};

use super::attempt::{Means, Met, Parts, command};
use super::child::{Job, Orders};
use super::frame::Kind;
use super::nursery::Nursery;
use super::sandbox::{Layers, raw};
use super::talk::{Silence, Talk};
use super::terms::Terms;
use super::{Allowance, Settings, Unavailable, caller};

/// Time on the wall and of the processor for one attempt: long enough for the longest, which is to loop.
const BRIEF: (Duration, Duration) = (Duration::from_secs(6), Duration::from_secs(2));

/// One way out, with what it aims at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Attempt {
    OpenFile(PathBuf),
    WriteFile(PathBuf),
    RenameFile(PathBuf, PathBuf),
    ListFolder(PathBuf),
    StatFile(PathBuf),
    RunProgram(PathBuf),
    ConnectTcp(u16),
    SendUdp(u16),
    ConnectUnix(PathBuf),
    SignalParent,
    PtraceParent,
    Fork,
    StartThread,
    IoUring,
    /// So many bytes at once.
    TakeMemory(usize),
    LoopForever,
}

/// What became of one attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Escape {
    /// `narrow`, round digital documents, or `wide`, round pictures of pages; and how the child was made.
    pub walls: &'static str,
    pub name: &'static str,
    pub verdict: Verdict,
    /// How it was stopped, or that it was not.
    pub how: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Blocked,
    Open,
    /// It does not work outside the walls either: nothing is shown.
    Unproven,
}

impl Attempt {
    /// What a person calls it.
    fn name(&self) -> &'static str {
        match self {
            Self::OpenFile(_) => "read a file",
            Self::WriteFile(_) => "write a file",
            Self::RenameFile(..) => "rename a file",
            Self::ListFolder(_) => "list a folder",
            Self::StatFile(_) => "look whether a file exists",
            Self::RunProgram(_) => "run a program",
            Self::ConnectTcp(_) => "connect by TCP",
            Self::SendUdp(_) => "send by UDP",
            Self::ConnectUnix(_) => "connect to a local socket",
            Self::SignalParent => "signal the daemon",
            Self::PtraceParent => "debug the daemon",
            Self::Fork => "fork",
            Self::StartThread => "start a thread",
            Self::IoUring => "use io_uring",
            Self::TakeMemory(_) => "take 2 GiB of memory",
            Self::LoopForever => "loop forever",
        }
    }

    /// What recognising characters takes: threads, and an installed program with what it reads.
    fn is_allowed_to_ocr(&self) -> bool {
        matches!(self, Self::Fork | Self::StartThread | Self::StatFile(_))
    }

    /// Tries, and says in one line of JSON how it went: `null` when it worked, else the error.
    pub fn report(&self) -> Vec<u8> {
        let error = self.run().err().map(|err| err.to_string());
        serde_json::to_vec(&error).unwrap_or_default()
    }

    fn run(&self) -> io::Result<()> {
        match self {
            Self::OpenFile(path) => std::fs::read(path).map(drop),
            Self::WriteFile(path) => std::fs::write(path, b"x"),
            Self::RenameFile(from, to) => std::fs::rename(from, to),
            Self::ListFolder(path) => std::fs::read_dir(path).map(drop),
            Self::StatFile(path) => std::fs::metadata(path).map(drop),
            Self::RunProgram(path) => Command::new(path).arg("--version").stdout(Stdio::null()).status().map(drop),
            Self::ConnectTcp(port) => TcpStream::connect(("127.0.0.1", *port)).map(drop),
            Self::SendUdp(port) => UdpSocket::bind("127.0.0.1:0")?.send_to(b"x", ("127.0.0.1", *port)).map(drop),
            Self::ConnectUnix(path) => UnixStream::connect(path).map(drop),
            Self::SignalParent => test_kill_process(getppid().ok_or(io::ErrorKind::NotFound)?).map_err(Into::into),
            Self::PtraceParent => raw::try_ptrace_parent(),
            Self::Fork => raw::try_fork(),
            Self::StartThread => std::thread::Builder::new().spawn(|| ()).map(drop),
            Self::IoUring => raw::try_io_uring(),
            Self::TakeMemory(bytes) => Vec::<u8>::new().try_reserve_exact(*bytes).map_err(io::Error::other),
            Self::LoopForever => loop {
                std::hint::spin_loop();
            },
        }
    }
}

/// Sets up something worth reaching, then tries every way to it.
pub fn try_all(settings: &Arc<Settings>, forms: &Arc<[u8]>) -> Result<(Layers, Vec<Escape>), Unavailable> {
    let target = Target::set_up().map_err(Unavailable::NoProcess)?;
    let (narrow, wide) = (Terms::narrow(settings), Terms::wide(settings));
    let brief = |terms: &Terms| {
        let allowance = Allowance { time: BRIEF.0, processor: BRIEF.1, ..terms.allowance };
        Terms { allowance, ..terms.clone() }
    };
    let (narrow, wide) = (brief(&narrow), brief(&wide));
    // With these terms, not those of documents: the zygotes are their own.
    let nursery = Nursery::new(Arc::clone(settings), Arc::clone(forms));
    let means = |terms, nursery| Means { settings, terms, forms, nursery };
    let (_hold, watched) = caller()?;
    let layers = means(&narrow, None).meet(watched)?.layers;
    let mut escapes = Vec::new();
    for (walls, means) in [
        ("narrow, started anew", means(&narrow, None)),
        ("narrow, copied", means(&narrow, Some(&nursery))),
        ("wide, copied", means(&wide, Some(&nursery))),
    ] {
        let wide = walls.starts_with("wide");
        for attempt in target.attempts().into_iter().filter(|attempt| !wide || !attempt.is_allowed_to_ocr()) {
            let (verdict, how) = judge(&means, &attempt)?;
            escapes.push(Escape { walls, name: attempt.name(), verdict, how });
        }
    }
    Ok((layers, escapes))
}

fn judge(means: &Means, attempt: &Attempt) -> Result<(Verdict, String), Unavailable> {
    // Nothing outside stops a loop but the clock: that needs no proof and would take for ever.
    let outside = if *attempt == Attempt::LoopForever { Ok(()) } else { outside(means, attempt)? };
    Ok(match (inside(means, attempt)?, outside) {
        (Ok(()), _) => (Verdict::Open, "it worked".to_owned()),
        (Err(how), Ok(())) => (Verdict::Blocked, how),
        (Err(_), Err(why)) => (Verdict::Unproven, format!("outside too: {why}")),
    })
}

/// Has a child try behind its walls. The inner error says how it was stopped.
fn inside(means: &Means, attempt: &Attempt) -> Result<Result<(), String>, Unavailable> {
    let (_hold, watched) = caller()?;
    let Met { mut talk, knows_the_forms, .. } = means.meet(watched)?;
    if means.nursery.is_some() && !knows_the_forms {
        return Err(Unavailable::NoProcess(io::Error::other("no zygote can be had")));
    }
    let parts = Parts::bare(means.forms, Job::Escape(attempt.clone()))?;
    let heard = talk.exchange(&parts.for_child(knows_the_forms), Kind::Answer);
    outcome(means, talk, heard)
}

/// Has a process try that raised no walls.
fn outside(means: &Means, attempt: &Attempt) -> Result<Result<(), String>, Unavailable> {
    let (_hold, watched) = caller()?;
    let command = command(means.settings, means.terms, &Orders::Outside { attempt: attempt.clone() })?;
    let mut talk = Talk::start(command, BRIEF.0, watched).map_err(Unavailable::NoProcess)?;
    let heard = talk.exchange(&[], Kind::Answer);
    outcome(means, talk, heard)
}

fn outcome(means: &Means, talk: Talk, heard: Result<Vec<u8>, Silence>) -> Result<Result<(), String>, Unavailable> {
    let bill = talk.end().map_err(Unavailable::NoProcess)?.bill;
    Ok(match heard {
        Ok(answer) => match serde_json::from_slice::<Option<String>>(&answer) {
            Ok(None) => Ok(()),
            Ok(Some(error)) => Err(error),
            Err(_) => Err("it answered nonsense".to_owned()),
        },
        Err(Silence::Late) => Err("ended by the daemon at its deadline".to_owned()),
        Err(_) => Err(match bill.status.signal() {
            Some(signal) if signal == Signal::SYS.as_raw() => "killed: forbidden system call".to_owned(),
            Some(_) if bill.cpu + Duration::from_millis(500) >= means.terms.allowance.processor => {
                format!("killed after {:.1} s of processor time", bill.cpu.as_secs_f32())
            }
            Some(signal) => format!("killed by signal {signal}"),
            None => "it ended".to_owned(),
        }),
    })
}

/// Things worth reaching: a folder with a file in it, and someone listening on every kind of socket.
struct Target {
    folder: tempfile::TempDir,
    tcp: TcpListener,
    udp: UdpSocket,
    _unix: UnixListener,
}

impl Target {
    fn set_up() -> io::Result<Self> {
        let folder = tempfile::Builder::new().prefix("guichet-sandbox-test-").tempdir()?;
        std::fs::write(folder.path().join("dossier"), b"another merchant's dossier")?;
        std::fs::write(folder.path().join("registre"), b"to be kept")?;
        std::fs::copy("/proc/self/exe", folder.path().join("program"))?;
        Ok(Self {
            tcp: TcpListener::bind("127.0.0.1:0")?,
            udp: UdpSocket::bind("127.0.0.1:0")?,
            _unix: UnixListener::bind(folder.path().join("socket"))?,
            folder,
        })
    }

    fn attempts(&self) -> Vec<Attempt> {
        let inside = |name: &str| self.folder.path().join(name);
        let port = |address: io::Result<SocketAddr>| address.map_or(0, |address| address.port());
        vec![
            Attempt::OpenFile(inside("dossier")),
            Attempt::WriteFile(inside("dossier")),
            Attempt::ListFolder(self.folder.path().to_owned()),
            Attempt::StatFile(inside("dossier")),
            Attempt::RenameFile(inside("registre"), inside("registre")),
            Attempt::RunProgram(inside("program")),
            Attempt::ConnectTcp(port(self.tcp.local_addr())),
            Attempt::SendUdp(port(self.udp.local_addr())),
            Attempt::ConnectUnix(inside("socket")),
            Attempt::SignalParent,
            Attempt::PtraceParent,
            Attempt::Fork,
            Attempt::StartThread,
            Attempt::IoUring,
            Attempt::TakeMemory(2 << 30),
            Attempt::LoopForever,
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attempts_that_work_outside_are_reported_as_working() {
        let target = Target::set_up().unwrap();
        for attempt in target.attempts() {
            let tame = !matches!(
                attempt,
                Attempt::LoopForever
                    | Attempt::Fork
                    | Attempt::PtraceParent
                    | Attempt::IoUring
                    | Attempt::RunProgram(_)
            );
            if tame {
                assert_eq!(attempt.report(), b"null", "{}", attempt.name());
            }
        }
        assert_ne!(Attempt::OpenFile(target.folder.path().join("nothing")).report(), b"null");
    }
}
