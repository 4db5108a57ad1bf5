//! The daemon's side of a talk with one child: start it, give it the task, take the one frame it may answer, end it.
//!
//! One loop watches the three pipes, the clock and the caller. Whatever the child does (nothing, too much, dying halfway,
//! writing pages of complaints) ends here within the deadline, and no process of its group outlives the talk.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{OFlags, fcntl_setfl};
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process, kill_process_group, waitid};

use super::frame::{self, Head, Kind, Malformed};
use super::nursery::{Born, Keeper};
use super::sandbox::raw::{self, Bill};

/// How much of what a child says on standard error is kept, to tell how it died. Never logged as it is: it may quote
/// the document.
const COMPLAINT: usize = 4 << 10;
const CHUNK: usize = 16 << 10;

/// A child under way.
#[derive(Debug)]
pub struct Talk {
    child: Pid,
    ended: bool,
    to: Option<File>,
    from: File,
    /// What it said beyond the frames already taken.
    heard: Vec<u8>,
    /// It has closed its standard output.
    mute: bool,
    grumbling: Option<File>,
    complaint: Vec<u8>,
    deadline: Instant,
    /// The thread a child copied from a zygote counts as started by.
    _keeper: Option<Arc<Keeper>>,
    /// Hangs up when the caller no longer wants the answer.
    caller: OwnedFd,
}

/// Why no frame came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Silence {
    #[error("the child ended without an answer")]
    Ended,
    #[error("the child was still at work at its deadline")]
    Late,
    #[error("the caller went away")]
    Unwanted,
    #[error(transparent)]
    Malformed(#[from] Malformed),
}

/// What a finished child leaves behind.
#[derive(Debug)]
pub struct Remains {
    pub bill: Bill,
    /// It lived on after it had closed its standard output, as no honest child does.
    pub lingered: bool,
    complaint: Vec<u8>,
}

impl Remains {
    /// It died because memory was refused it: the runtime says so in these words before it aborts.
    #[must_use]
    pub fn starved_of_memory(&self) -> bool {
        String::from_utf8_lossy(&self.complaint).contains("memory allocation of")
    }

    /// Where in our own code it panicked, when it did: a source position and nothing the document could have written.
    #[must_use]
    pub fn panicked_at(&self) -> Option<String> {
        let text = String::from_utf8_lossy(&self.complaint);
        let place = text.lines().find_map(|line| line.strip_prefix(super::child::PANIC_MARK))?;
        let plain = |c: char| c.is_ascii_alphanumeric() || "/._-:".contains(c);
        (place.len() <= 200 && place.chars().all(plain)).then(|| place.to_owned())
    }
}

impl Talk {
    /// Starts a child in its own process group, with pipes for all it may say or hear.
    pub fn start(mut command: Command, time: Duration, caller: OwnedFd) -> io::Result<Self> {
        let mut child =
            command.process_group(0).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
        let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
        match (pid, child.stdin.take(), child.stdout.take(), child.stderr.take()) {
            (Some(pid), Some(to), Some(from), Some(grumbling)) => {
                Self::over(pid, [to.into(), from.into(), grumbling.into()], None, time, caller)
            }
            _ => Err(io::Error::other("a pipe to the child is missing")),
        }
    }

    /// Takes a child that was copied from a zygote.
    pub fn with(born: Born, time: Duration, caller: OwnedFd) -> io::Result<Self> {
        let Born { pid, to, from, grumbling, keeper } = born;
        Self::over(pid, [to, from, grumbling], Some(keeper), time, caller)
    }

    fn over(
        child: Pid,
        [to, from, grumbling]: [OwnedFd; 3],
        keeper: Option<Arc<Keeper>>,
        time: Duration,
        caller: OwnedFd,
    ) -> io::Result<Self> {
        let talk = Self {
            child,
            ended: false,
            to: Some(to.into()),
            from: from.into(),
            heard: Vec::new(),
            mute: false,
            grumbling: Some(grumbling.into()),
            complaint: Vec::new(),
            deadline: Instant::now() + time,
            _keeper: keeper,
            caller,
        };
        fcntl_setfl(&talk.from, OFlags::NONBLOCK)?;
        talk.to.iter().try_for_each(|pipe| fcntl_setfl(pipe, OFlags::NONBLOCK))?;
        talk.grumbling.iter().try_for_each(|pipe| fcntl_setfl(pipe, OFlags::NONBLOCK))?;
        Ok(talk)
    }

    /// Says all of `parts` and hears the one frame that is due.
    pub fn exchange(&mut self, parts: &[&[u8]], due: Kind) -> Result<Vec<u8>, Silence> {
        let mut unsaid: Vec<&[u8]> = parts.iter().copied().filter(|part| !part.is_empty()).rev().collect();
        loop {
            if let Some(body) = take_frame(&mut self.heard, due)? {
                return Ok(body);
            }
            self.wait(!unsaid.is_empty())?;
            self.say(&mut unsaid);
            self.listen_to_complaints();
            self.listen()?;
        }
    }

    /// Ends the child and its group if they live, and takes their account.
    pub fn end(mut self) -> io::Result<Remains> {
        let lingered = self.mute && !self.exits_within(Duration::from_millis(200));
        let bill = self.kill()?;
        self.listen_to_complaints();
        Ok(Remains { bill, lingered, complaint: std::mem::take(&mut self.complaint) })
    }

    /// A child that has died closes its pipes a moment before it can be waited for.
    fn exits_within(&self, grace: Duration) -> bool {
        let look = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        let until = Instant::now() + grace;
        loop {
            if matches!(waitid(WaitId::Pid(self.child), look), Ok(Some(_))) {
                return true;
            }
            if Instant::now() >= until {
                return false;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    fn kill(&mut self) -> io::Result<Bill> {
        self.ended = true;
        // Before it is waited for, its number cannot belong to anyone else. It may have ended by itself; or it may not have a
        // group of its own yet, so that both are ended.
        let _ = kill_process_group(self.child, Signal::KILL);
        let _ = kill_process(self.child, Signal::KILL);
        raw::settle(self.child)
    }

    /// Sleeps until a pipe can move, the caller goes, or the deadline passes.
    fn wait(&self, has_more_to_say: bool) -> Result<(), Silence> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(Silence::Late);
        }
        let mut pipes = vec![PollFd::new(&self.caller, PollFlags::empty()), PollFd::new(&self.from, PollFlags::IN)];
        if let Some(grumbling) = &self.grumbling {
            pipes.push(PollFd::new(grumbling, PollFlags::IN));
        }
        if let Some(to) = self.to.as_ref().filter(|_| has_more_to_say) {
            pipes.push(PollFd::new(to, PollFlags::OUT));
        }
        let longest = Timespec::try_from(left).ok();
        match poll(&mut pipes, longest.as_ref()) {
            Ok(_) if !pipes[0].revents().is_empty() => Err(Silence::Unwanted),
            Ok(_) | Err(rustix::io::Errno::INTR) => Ok(()),
            Err(_) => Err(Silence::Ended),
        }
    }

    /// Writes what the pipe takes. A child that closes its ear early may still have an answer.
    fn say(&mut self, unsaid: &mut Vec<&[u8]>) {
        let Some(to) = &mut self.to else { return };
        while let Some(part) = unsaid.last_mut() {
            match to.write(part) {
                Ok(taken) => {
                    *part = &part[taken..];
                    if part.is_empty() {
                        unsaid.pop();
                    }
                }
                Err(err) if err.kind() == io::ErrorKind::Interrupted => {}
                Err(err) if err.kind() == io::ErrorKind::WouldBlock => return,
                Err(_) => {
                    unsaid.clear();
                    self.to = None;
                    return;
                }
            }
        }
    }

    fn listen(&mut self) -> Result<(), Silence> {
        let mut chunk = [0; CHUNK];
        match self.from.read(&mut chunk) {
            Ok(0) => {
                self.mute = true;
                Err(Silence::Ended)
            }
            Ok(got) => {
                self.heard.extend_from_slice(&chunk[..got]);
                Ok(())
            }
            Err(err) if matches!(err.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) => Ok(()),
            Err(_) => Err(Silence::Ended),
        }
    }

    /// Keeps the first of it and throws away the rest, so that a noisy child is not stopped by a full pipe.
    fn listen_to_complaints(&mut self) {
        let mut chunk = [0; COMPLAINT];
        // A few at a time: a child that never stops complaining must not keep us from the clock.
        for _ in 0..16 {
            let Some(grumbling) = &mut self.grumbling else { return };
            match grumbling.read(&mut chunk) {
                Ok(0) => self.grumbling = None,
                Ok(got) => {
                    let room = COMPLAINT.saturating_sub(self.complaint.len());
                    self.complaint.extend_from_slice(&chunk[..got.min(room)]);
                }
                Err(err) if err.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => return,
            }
        }
    }
}

impl Drop for Talk {
    fn drop(&mut self) {
        if !self.ended {
            // Nobody is left to hear how it ended.
            let _ = self.kill();
        }
    }
}

/// Takes the frame that is due out of what was heard, once all of it came. What follows waits for the next turn.
fn take_frame(inbound: &mut Vec<u8>, due: Kind) -> Result<Option<Vec<u8>>, Malformed> {
    let Some(head) = inbound.first_chunk::<{ frame::HEAD }>() else { return Ok(None) };
    let end = frame::HEAD + Head::parse(head, due)?.length;
    if inbound.len() < end {
        return Ok(None);
    }
    let rest = inbound.split_off(end);
    let mut body = std::mem::replace(inbound, rest);
    body.drain(..frame::HEAD);
    Ok(Some(body))
}
