//! The zygote: a process that knows the schemas already and makes a copy of itself for each document.
//!
//! Why: a process started anew spends half a document's time on finding its libraries and understanding the schemas. A
//! copy has both and costs a fork. What it must be for that:
//! - of one thread (looked at before every copy), so that no lock is held by a thread the copy does not have;
//! - empty-handed: it was started clean, reads nothing but what the daemon writes, and holds one socket;
//! - never shown a document. A copy raises its walls before its first byte and cannot reach back; so each document still
//!   meets a process no other document has met.
//!
//! A copy is the daemon's child, not the zygote's: who starts a talk ends it and takes the account, as with any other.
//! All copies share the places of things in memory: one that was taken over knows its siblings' layout. The walls do not
//! lean on its being secret.

use std::io::{self, Write};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;

use super::child;
use super::sandbox::{self, Profile, raw};
use crate::extraction;

/// Takes the schemas from standard input, a local socket, then makes a copy for every three descriptors handed over it, and
/// says its number. Ends when the daemon goes. Returns in every copy, too, once its task is done.
pub fn stay(behind: &Profile) -> io::Result<()> {
    if !sandbox::bind(behind) {
        return Err(io::Error::other("not bound to the daemon"));
    }
    let mut control = UnixStream::from(io::stdin().as_fd().try_clone_to_owned()?);
    let forms = child::forms(&mut control)?;
    extraction::prepare(None);
    while let Some(pipes) = raw::take_over(control.as_fd())? {
        if let Some(copy) = raw::fork_beside()? {
            control.write_all(&copy.to_le_bytes())?;
        } else {
            raw::stand_on(pipes)?;
            // The daemon ends the whole group of a child.
            rustix::process::setpgid(None, None)?;
            return child::attend(behind, Some(&forms));
        }
    }
    Ok(())
}
