//! The few system calls for which no safe wrapper exists. Everything unsafe in guichet is in this file.
#![expect(
    unsafe_code,
    reason = "system calls the standard library and rustix do not wrap; each block says why it is sound"
)]

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, IntoRawFd, OwnedFd};
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
pub fn settle(child: rustix::process::Pid) -> io::Result<Bill> {
    let pid = child.as_raw_pid();
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

/// Closes every descriptor but standard input, output and error. Only for a process that has opened nothing it still uses.
pub fn close_inherited() -> io::Result<()> {
    // SAFETY: called first thing in a child, when no object that is still used owns a descriptor above 2.
    match unsafe { libc::syscall(libc::SYS_close_range, 3u32, u32::MAX, 0u32) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

/// Bytes of three descriptors in a message, and room for them with their head.
const THREE: u32 = 12;
#[repr(C, align(8))]
struct Beside([u8; 64]);

/// Hands three descriptors over a local socket; the receiver has its own from then on.
pub fn hand_over(socket: BorrowedFd<'_>, descriptors: [BorrowedFd<'_>; 3]) -> io::Result<()> {
    let numbers = descriptors.map(|descriptor| descriptor.as_raw_fd());
    let (mut byte, mut beside) = (0u8, Beside([0; 64]));
    let mut part = libc::iovec { iov_base: (&raw mut byte).cast(), iov_len: 1 };
    // SAFETY: all-zero bytes are a valid `msghdr`. Every pointer in it is to a local that outlives the call, and the head
    // and its data lie within `beside`, whose 64 bytes are more than CMSG_SPACE(12) and aligned for a head.
    let sent = unsafe {
        let mut message: libc::msghdr = std::mem::zeroed();
        (message.msg_iov, message.msg_iovlen) = (&raw mut part, 1);
        (message.msg_control, message.msg_controllen) = (beside.0.as_mut_ptr().cast(), libc::CMSG_SPACE(THREE) as _);
        let head = libc::CMSG_FIRSTHDR(&raw const message);
        ((*head).cmsg_level, (*head).cmsg_type) = (libc::SOL_SOCKET, libc::SCM_RIGHTS);
        (*head).cmsg_len = libc::CMSG_LEN(THREE) as _;
        std::ptr::copy_nonoverlapping(numbers.as_ptr().cast::<u8>(), libc::CMSG_DATA(head), THREE as usize);
        uninterrupted(|| libc::sendmsg(socket.as_raw_fd(), &raw const message, libc::MSG_NOSIGNAL))
    };
    if sent? == 1 { Ok(()) } else { Err(io::ErrorKind::WriteZero.into()) }
}

/// Takes three descriptors that were handed over; `None` once the other side has gone.
pub fn take_over(socket: BorrowedFd<'_>) -> io::Result<Option<[OwnedFd; 3]>> {
    let mut numbers = [-1; 3];
    let (mut byte, mut beside) = (0u8, Beside([0; 64]));
    let mut part = libc::iovec { iov_base: (&raw mut byte).cast(), iov_len: 1 };
    // SAFETY: as above; the kernel writes within the buffers it is told of, and the head is read only where it says so.
    unsafe {
        let mut message: libc::msghdr = std::mem::zeroed();
        (message.msg_iov, message.msg_iovlen) = (&raw mut part, 1);
        (message.msg_control, message.msg_controllen) = (beside.0.as_mut_ptr().cast(), libc::CMSG_SPACE(THREE) as _);
        let got = uninterrupted(|| libc::recvmsg(socket.as_raw_fd(), &raw mut message, libc::MSG_CMSG_CLOEXEC))?;
        if got == 0 {
            return Ok(None);
        }
        let head = libc::CMSG_FIRSTHDR(&raw const message);
        let whole = !head.is_null()
            && ((*head).cmsg_level, (*head).cmsg_type) == (libc::SOL_SOCKET, libc::SCM_RIGHTS)
            && (*head).cmsg_len as usize == libc::CMSG_LEN(THREE) as usize
            && message.msg_flags & libc::MSG_CTRUNC == 0;
        if !whole {
            return Err(io::ErrorKind::InvalidData.into());
        }
        std::ptr::copy_nonoverlapping(libc::CMSG_DATA(head), numbers.as_mut_ptr().cast::<u8>(), THREE as usize);
        // Each was just made for this process and belongs to nobody else.
        Ok(Some(numbers.map(|number| OwnedFd::from_raw_fd(number))))
    }
}

/// Forks. The copy is a child of this process's parent, not of this process; it is told `None`, this process its number.
///
/// Refused where more than one thread runs: a copy has only the thread that asked, and what the others held is held for ever.
pub fn fork_beside() -> io::Result<Option<i32>> {
    if std::fs::read_dir("/proc/self/task")?.count() != 1 {
        return Err(io::Error::other("more than one thread runs"));
    }
    let (nothing, flags) = (0usize, libc::CLONE_PARENT | libc::SIGCHLD);
    // SAFETY: without CLONE_VM this is `fork`: the copy has its own memory, and no thread but this one, as was just seen,
    // could have been inside an allocator or a lock.
    match unsafe { libc::syscall(libc::SYS_clone, flags, nothing, nothing, nothing, nothing) } {
        0 => Ok(None),
        pid => outcome(pid).and_then(|()| i32::try_from(pid).map(Some).map_err(io::Error::other)),
    }
}

/// Makes these descriptors standard input, output and error and closes all others. Only for a copy made by [`fork_beside`].
pub fn stand_on(descriptors: [OwnedFd; 3]) -> io::Result<()> {
    for (number, descriptor) in (0..).zip(descriptors) {
        // Closed with all the rest below, not twice.
        let from = descriptor.into_raw_fd();
        // SAFETY: both numbers are of this process; the standard streams hold no object that minds being replaced.
        uninterrupted(|| unsafe { libc::dup2(from, number) as isize })?;
    }
    close_inherited()
}

fn uninterrupted(mut call: impl FnMut() -> isize) -> io::Result<isize> {
    loop {
        let result = call();
        if result >= 0 {
            return Ok(result);
        }
        let err = io::Error::last_os_error();
        if err.kind() != io::ErrorKind::Interrupted {
            return Err(err);
        }
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
