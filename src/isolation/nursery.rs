//! The daemon's side of the zygotes: one for each kind of walls, started at its first document.
//!
//! A zygote that dies is replaced; where none can be had at all, the caller starts a process anew instead, and the
//! operator is told once. Its keeper, a thread, outlives every child made through it: a child dies with the thread it counts
//! as started by.

use std::io::{self, Read};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustix::pipe::{PipeFlags, pipe_with};
use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};

use super::child::Orders;
use super::frame::{self, Kind};
use super::sandbox::{Walls, raw};
use super::terms::Terms;
use super::{Settings, attempt};

/// A copy takes milliseconds; a zygote that needs longer than this is none.
const PATIENCE: Duration = Duration::from_secs(10);
/// After so many zygotes lost in a row, children are started anew.
const LOST_ENOUGH: u32 = 5;

/// The zygotes of one isolation.
#[derive(Debug)]
pub struct Nursery {
    settings: Arc<Settings>,
    forms: Arc<[u8]>,
    narrow: Mutex<Crib>,
    wide: Mutex<Crib>,
}

#[derive(Debug, Default)]
struct Crib {
    keeper: Option<Arc<Keeper>>,
    lost: u32,
}

/// A child just made, with the daemon's ends of its pipes.
#[derive(Debug)]
pub struct Born {
    pub pid: Pid,
    pub to: OwnedFd,
    pub from: OwnedFd,
    pub grumbling: OwnedFd,
    /// To be held while the child lives.
    pub keeper: Arc<Keeper>,
}

/// Asks one zygote for copies, one at a time.
#[derive(Debug)]
pub struct Keeper {
    requests: Mutex<Sender<Request>>,
}

/// The child's ends of its pipes, and where to say who it is.
struct Request {
    pipes: [OwnedFd; 3],
    reply: Sender<io::Result<Pid>>,
}

impl Nursery {
    pub fn new(settings: Arc<Settings>, forms: Arc<[u8]>) -> Self {
        Self { settings, forms, narrow: Mutex::default(), wide: Mutex::default() }
    }

    /// A child of the zygote on these terms; `None` where one is to be started anew.
    pub fn child(&self, terms: &Terms) -> Option<Born> {
        let crib = match terms.walls {
            Walls::Narrow => &self.narrow,
            Walls::Wide { .. } => &self.wide,
        };
        // Should the zygote have died meanwhile, another is tried at once.
        for _ in 0..2 {
            let keeper = self.keeper(crib, terms)?;
            match keeper.child() {
                Ok(born) => {
                    crib.lock().unwrap_or_else(PoisonError::into_inner).lost = 0;
                    return Some(born);
                }
                Err(err) => {
                    let mut crib = crib.lock().unwrap_or_else(PoisonError::into_inner);
                    // Whoever notices first lets it go.
                    if crib.keeper.as_ref().is_some_and(|current| Arc::ptr_eq(current, &keeper)) {
                        crib.keeper = None;
                        crib.lost += 1;
                        tracing::warn!("A zygote was lost: {err}");
                        if crib.lost == LOST_ENOUGH {
                            tracing::error!("No zygote stays alive: from now on every child is started anew");
                        }
                    }
                }
            }
        }
        None
    }

    fn keeper(&self, crib: &Mutex<Crib>, terms: &Terms) -> Option<Arc<Keeper>> {
        let mut crib = crib.lock().unwrap_or_else(PoisonError::into_inner);
        if crib.lost >= LOST_ENOUGH {
            return None;
        }
        if crib.keeper.is_none() {
            let orders = Orders::Stay { behind: terms.profile() };
            let command = attempt::command(&self.settings, terms, &orders).ok()?;
            crib.keeper = Keeper::start(command, Arc::clone(&self.forms)).map(Arc::new).ok();
        }
        crib.keeper.clone()
    }
}

impl Keeper {
    fn start(command: Command, forms: Arc<[u8]>) -> io::Result<Self> {
        let (requests, asked) = mpsc::channel();
        let thread = std::thread::Builder::new().name("zygote".to_owned());
        thread.spawn(move || keep(command, &forms, &asked))?;
        Ok(Self { requests: Mutex::new(requests) })
    }

    fn child(self: &Arc<Self>) -> io::Result<Born> {
        let pipe = || pipe_with(PipeFlags::CLOEXEC);
        let ((hears, to), (from, says), (grumbling, grumbles)) = (pipe()?, pipe()?, pipe()?);
        let (reply, replied) = mpsc::channel();
        let request = Request { pipes: [hears, says, grumbles], reply };
        let gone = || io::Error::from(io::ErrorKind::BrokenPipe);
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).send(request).map_err(|_| gone())?;
        let pid = replied.recv().map_err(|_| gone())??;
        Ok(Born { pid, to, from, grumbling, keeper: Arc::clone(self) })
    }
}

/// Starts a zygote and hands it requests until nobody asks any more. Stays when the zygote is gone: children of it may live.
fn keep(command: Command, forms: &[u8], asked: &Receiver<Request>) {
    let mut zygote = Zygote::start(command, forms);
    while let Ok(Request { pipes, reply }) = asked.recv() {
        let answer = match &mut zygote {
            Ok(alive) => alive.copy(&pipes),
            Err(_) => Err(io::ErrorKind::NotConnected.into()),
        };
        if let Err(err) = &answer
            && zygote.is_ok()
        {
            zygote = Err(io::Error::from(err.kind()));
        }
        // Whoever asked may have gone.
        let _ = reply.send(answer);
    }
}

struct Zygote {
    process: std::process::Child,
    control: UnixStream,
}

impl Zygote {
    fn start(mut command: Command, forms: &[u8]) -> io::Result<Self> {
        let (control, theirs) = UnixStream::pair()?;
        control.set_read_timeout(Some(PATIENCE))?;
        control.set_write_timeout(Some(PATIENCE))?;
        let process = command
            .process_group(0)
            .stdin(OwnedFd::from(theirs))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        // Our copy of the other end goes with the command: the zygote is to notice when we go, and we when it does.
        drop(command);
        let mut zygote = Self { process, control };
        frame::write(&mut zygote.control, Kind::Forms, forms)?;
        Ok(zygote)
    }

    fn copy(&mut self, pipes: &[OwnedFd; 3]) -> io::Result<Pid> {
        let [hears, says, grumbles] = pipes;
        raw::hand_over(self.control.as_fd(), [hears.as_fd(), says.as_fd(), grumbles.as_fd()])?;
        let mut number = [0; 4];
        self.control.read_exact(&mut number)?;
        let pid = Pid::from_raw(i32::from_le_bytes(number)).ok_or(io::ErrorKind::InvalidData)?;
        // It will be waited for and killed by this number: it must be a child of ours.
        waitid(WaitId::Pid(pid), WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT)?;
        Ok(pid)
    }
}

impl Drop for Zygote {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
