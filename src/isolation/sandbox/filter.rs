//! The first wall: a list of the system calls a reader needs. Any other ends the process at once.
//!
//! Nothing in the list opens, names or reaches anything: no path, no socket, no other process, no clone, no executable
//! memory. What is left is memory, the descriptors already open (three pipes), signals to itself, and time.

use std::collections::BTreeMap;

use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule, TargetArch,
};

use super::Profile;

/// Locks this thread to the list; with one thread running, that is the process.
pub fn apply(profile: &Profile) -> Result<(), seccompiler::Error> {
    let kill = program(&allowed(profile.threads)?, SeccompAction::KillProcess)?;
    if profile.threads {
        // `clone3` hides its flags behind a pointer, where no filter can see them. Told that the kernel has no such call,
        // the C library falls back to `clone`, whose flags are checked.
        let mut absent = BTreeMap::new();
        absent.insert(libc::SYS_clone3, vec![]);
        let enosys = SeccompAction::Errno(libc::ENOSYS.unsigned_abs());
        let filter = SeccompFilter::new(absent, SeccompAction::Allow, enosys, architecture()?)?;
        seccompiler::apply_filter(&BpfProgram::try_from(filter)?)?;
    }
    seccompiler::apply_filter(&kill)
}

type Rules = BTreeMap<i64, Vec<SeccompRule>>;

fn program(rules: &Rules, otherwise: SeccompAction) -> Result<BpfProgram, seccompiler::Error> {
    Ok(SeccompFilter::new(rules.clone(), otherwise, SeccompAction::Allow, architecture()?)?.try_into()?)
}

fn architecture() -> Result<TargetArch, seccompiler::Error> {
    Ok(TargetArch::try_from(std::env::consts::ARCH)?)
}

fn allowed(threads: bool) -> Result<Rules, seccompiler::Error> {
    let plain = [
        libc::SYS_read,
        libc::SYS_write,
        libc::SYS_readv,
        libc::SYS_writev,
        libc::SYS_close,
        libc::SYS_fstat,
        libc::SYS_lseek,
        libc::SYS_brk,
        libc::SYS_munmap,
        libc::SYS_mremap,
        libc::SYS_madvise,
        libc::SYS_futex,
        libc::SYS_rt_sigaction,
        libc::SYS_rt_sigprocmask,
        libc::SYS_rt_sigreturn,
        libc::SYS_sigaltstack,
        libc::SYS_restart_syscall,
        libc::SYS_clock_gettime,
        libc::SYS_getrandom,
        libc::SYS_getpid,
        libc::SYS_gettid,
        libc::SYS_sched_yield,
        libc::SYS_sched_getaffinity,
        libc::SYS_exit,
        libc::SYS_exit_group,
    ];
    let mut rules: Rules = plain.into_iter().map(|call| (call, vec![])).collect();
    // `abort` signals the thread it runs in; no other process may be named.
    let myself = u64::from(std::process::id());
    rules.insert(libc::SYS_tgkill, vec![only(0, SeccompCmpOp::Eq, myself)?]);
    let executable = u64::from(libc::PROT_EXEC.unsigned_abs());
    for call in [libc::SYS_mmap, libc::SYS_mprotect] {
        rules.insert(call, vec![only(2, SeccompCmpOp::MaskedEq(executable), 0)?]);
    }
    if threads {
        let of_a_thread = u64::from((libc::CLONE_VM | libc::CLONE_THREAD | libc::CLONE_SIGHAND).unsigned_abs());
        rules.insert(libc::SYS_clone, vec![only(0, SeccompCmpOp::MaskedEq(of_a_thread), of_a_thread)?]);
        for call in [libc::SYS_set_robust_list, libc::SYS_rseq, libc::SYS_clock_nanosleep] {
            rules.insert(call, vec![]);
        }
    }
    Ok(rules)
}

/// Allows a call only where one argument compares so.
fn only(argument: u8, how: SeccompCmpOp, with: u64) -> Result<SeccompRule, seccompiler::Error> {
    let condition = SeccompCondition::new(argument, SeccompCmpArgLen::Dword, how, with)?;
    Ok(SeccompRule::new(vec![condition])?)
}
