//! The few system calls for which no safe wrapper exists. Everything unsafe in guichet is in this file.
#![expect(
    unsafe_code,
    reason = "system calls the standard library and rustix do not wrap; each block says why it is sound"
)]

use std::io;
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::time::Duration;

/// How a child ended and what it cost.
#[derive(Debug, Clone, Copy)]
pub struct Bill {
    pub status: ExitStatus,
    /// Processor time, its own and the kernel's for it.
    pub cpu: Duration,
    /// Most memory it held at once, in bytes.
    pub peak: u64,
}

/// Waits for a child of ours and takes its account. The pid must not have been waited for before.
pub fn settle(pid: u32) -> io::Result<Bill> {
    let pid = i32::try_from(pid).map_err(io::Error::other)?;
    let mut status = 0;
    // SAFETY: all-zero bytes are a valid `rusage`: it holds integers only.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    loop {
        // SAFETY: both pointers are to live locals of the types the call writes.
        let waited = unsafe { libc::wait4(pid, &raw mut status, 0, &raw mut usage) };
        if waited == pid {
            break;
        }
        let err = io::Error::last_os_error();
        if err.kind() != io::ErrorKind::Interrupted {
            return Err(err);
        }
    }
    let time = |t: libc::timeval| {
        Duration::from_secs(u64::try_from(t.tv_sec).unwrap_or(0))
            + Duration::from_micros(u64::try_from(t.tv_usec).unwrap_or(0))
    };
    Ok(Bill {
        status: ExitStatus::from_raw(status),
        cpu: time(usage.ru_utime) + time(usage.ru_stime),
        peak: u64::try_from(usage.ru_maxrss).unwrap_or(0) * 1024,
    })
}

/// Closes every descriptor but standard input, output and error. Only for a process that has opened nothing yet.
pub fn close_inherited() -> io::Result<()> {
    // SAFETY: called first thing in a child, when no object of this process owns a descriptor above 2.
    match unsafe { libc::syscall(libc::SYS_close_range, 3u32, u32::MAX, 0u32) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

/// Tries to set up an `io_uring`, for the escape test.
pub fn try_io_uring() -> io::Result<()> {
    let mut parameters = [0u8; 120];
    // SAFETY: the buffer has the size of `struct io_uring_params`; the kernel writes inside it only.
    outcome(unsafe { libc::syscall(libc::SYS_io_uring_setup, 4u32, parameters.as_mut_ptr()) })
}

/// Tries to take hold of the parent as a debugger does, for the escape test; lets it go at once.
pub fn try_ptrace_parent() -> io::Result<()> {
    // SAFETY: attaching and detaching take no pointer.
    unsafe {
        let parent = libc::getppid();
        outcome(libc::ptrace(libc::PTRACE_SEIZE, parent, 0, 0))?;
        libc::ptrace(libc::PTRACE_DETACH, parent, 0, 0);
    }
    Ok(())
}

/// Tries to fork, for the escape test; the copy ends at once.
pub fn try_fork() -> io::Result<()> {
    // SAFETY: the process is single-threaded here, and the copy does nothing but end.
    match unsafe { libc::fork() } {
        0 => unsafe { libc::_exit(0) },
        pid => outcome(i64::from(pid)),
    }
}

fn outcome(result: i64) -> io::Result<()> {
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}
