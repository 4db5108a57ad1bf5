//! The first wall: which system calls a reader may make.
//!
//! Behind narrow walls a list of what may be done; any other call ends the process at once. Nothing in it opens, names or
//! reaches anything: no path, no socket, no other process, no clone, no executable memory. What is left is memory, the
//! descriptors already open (three pipes), signals to itself, and time.
//!
//! Behind wide walls a list of what may not: whatever speaks to anyone, looks into another process, or reaches parts of
//! the kernel no program that recognises characters needs. Files are Landlock's matter there.

use std::collections::BTreeMap;

use seccompiler::{
    BpfProgram, Error, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
    TargetArch,
};

use super::Walls;

/// Locks this thread, and all it starts, to the list; with one thread running, that is the process.
pub fn apply(walls: &Walls) -> Result<(), Error> {
    let (rules, listed, otherwise) = match walls {
        Walls::Narrow => (allowed()?, SeccompAction::Allow, SeccompAction::KillProcess),
        Walls::Wide { .. } => (forbidden(), SeccompAction::Errno(libc::EPERM.unsigned_abs()), SeccompAction::Allow),
    };
    let architecture = TargetArch::try_from(std::env::consts::ARCH)?;
    let program: BpfProgram = SeccompFilter::new(rules, otherwise, listed, architecture)?.try_into()?;
    seccompiler::apply_filter(&program)
}

type Rules = BTreeMap<i64, Vec<SeccompRule>>;

fn allowed() -> Result<Rules, Error> {
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
    Ok(rules)
}

/// Allows a call only where one argument compares so.
fn only(argument: u8, how: SeccompCmpOp, with: u64) -> Result<SeccompRule, Error> {
    let condition = SeccompCondition::new(argument, SeccompCmpArgLen::Dword, how, with)?;
    Ok(SeccompRule::new(vec![condition])?)
}

fn forbidden() -> Rules {
    let speaking = [libc::SYS_socket, libc::SYS_socketpair, libc::SYS_connect, libc::SYS_bind, libc::SYS_listen];
    let looking_into_others = [
        libc::SYS_ptrace,
        libc::SYS_process_vm_readv,
        libc::SYS_process_vm_writev,
        libc::SYS_process_madvise,
        libc::SYS_kcmp,
        libc::SYS_pidfd_getfd,
    ];
    let changing_what_files_are = [
        libc::SYS_fchmod,
        libc::SYS_fchmodat,
        libc::SYS_fchown,
        libc::SYS_fchownat,
        libc::SYS_utimensat,
        libc::SYS_setxattr,
        libc::SYS_lsetxattr,
        libc::SYS_fsetxattr,
        libc::SYS_open_by_handle_at,
        libc::SYS_name_to_handle_at,
    ];
    let changing_the_machine = [
        libc::SYS_mount,
        libc::SYS_umount2,
        libc::SYS_move_mount,
        libc::SYS_open_tree,
        libc::SYS_fsopen,
        libc::SYS_fsconfig,
        libc::SYS_fsmount,
        libc::SYS_fspick,
        libc::SYS_mount_setattr,
        libc::SYS_pivot_root,
        libc::SYS_chroot,
        libc::SYS_unshare,
        libc::SYS_setns,
        libc::SYS_init_module,
        libc::SYS_finit_module,
        libc::SYS_delete_module,
        libc::SYS_kexec_load,
        libc::SYS_reboot,
        libc::SYS_swapon,
        libc::SYS_swapoff,
        libc::SYS_acct,
        libc::SYS_quotactl,
        libc::SYS_settimeofday,
        libc::SYS_clock_settime,
        libc::SYS_clock_adjtime,
        libc::SYS_adjtimex,
        libc::SYS_sethostname,
        libc::SYS_setdomainname,
        libc::SYS_personality,
    ];
    let rarely_used_and_often_broken = [
        libc::SYS_io_uring_setup,
        libc::SYS_io_uring_enter,
        libc::SYS_io_uring_register,
        libc::SYS_bpf,
        libc::SYS_perf_event_open,
        libc::SYS_userfaultfd,
        libc::SYS_add_key,
        libc::SYS_request_key,
        libc::SYS_keyctl,
        libc::SYS_vmsplice,
    ];
    let mut calls: Vec<i64> = Vec::new();
    calls.extend(speaking);
    calls.extend(looking_into_others);
    calls.extend(changing_what_files_are);
    calls.extend(changing_the_machine);
    calls.extend(rarely_used_and_often_broken);
    #[cfg(target_arch = "x86_64")]
    calls.extend([
        libc::SYS_chmod,
        libc::SYS_chown,
        libc::SYS_lchown,
        libc::SYS_utime,
        libc::SYS_utimes,
        libc::SYS_futimesat,
        libc::SYS_iopl,
        libc::SYS_ioperm,
        libc::SYS_modify_ldt,
    ]);
    #[cfg(target_arch = "x86_64")]
    {
        // The same calls once more by their other numbers (x32), which some kernels answer to.
        const OTHERWISE: i64 = 0x4000_0000;
        calls.extend(calls.clone().into_iter().map(|call| call | OTHERWISE));
    }
    calls.into_iter().map(|call| (call, vec![])).collect()
}
