//! The walls a child raises round itself before it reads a byte. They cannot be taken down again.
//!
//! Each stands without the others: the filter of system calls, Landlock behind it, limits of memory and processor time,
//! no new rights, death with its parent. A wall the kernel cannot raise is reported, and the daemon refuses to go on
//! without it unless its configuration says otherwise.

mod filter;
pub mod raw;

use std::fmt;
use std::path::PathBuf;

use landlock::{
    ABI, Access, AccessFs, AccessNet, CompatLevel, Compatible, Ruleset, RulesetAttr, RulesetCreatedAttr, RulesetStatus,
    Scope, path_beneath_rules,
};
use rustix::process::{DumpableBehavior, Pid, Resource, Rlimit, Signal};
use serde::{Deserialize, Serialize};

/// What one child may use.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// Bytes of address space.
    pub memory: u64,
    /// Seconds of processor time.
    pub cpu: u64,
    pub walls: Walls,
    /// The process it is to die with.
    pub parent: u32,
}

/// How narrow the walls stand.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Walls {
    /// For digital documents: nothing but memory and the three pipes.
    Narrow,
    /// For pictures of pages: threads, and programs that recognise characters. They need to be run and to read their
    /// data, under these paths and nowhere else; nothing can be written, no one spoken to.
    Wide { readable: Vec<PathBuf> },
}

/// Which walls stand. Said by the child, printed when the daemon starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "a list of independent walls, each there or not")]
pub struct Layers {
    /// No program run from here can gain rights.
    pub no_new_privileges: bool,
    /// Address space, processor time, file size, processes and descriptors are bounded.
    pub limits: bool,
    /// No file, no port, no other process may be named.
    pub landlock: Landlock,
    /// Only listed system calls.
    pub seccomp: bool,
    /// Dies with the daemon, leaves no core, cannot be traced.
    pub bound_to_parent: bool,
}

/// How much of Landlock the kernel knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Landlock {
    /// Files, network ports, sockets and signals.
    Full,
    /// Files at least; the kernel is older than 6.12.
    Partial,
    None,
}

impl Layers {
    /// No wall at all.
    pub const NONE: Self = Self {
        no_new_privileges: false,
        limits: false,
        landlock: Landlock::None,
        seccomp: false,
        bound_to_parent: false,
    };

    /// Every wall stands. Landlock may be partial: what it lacks, the filter of system calls holds too.
    #[must_use]
    pub fn complete(&self) -> bool {
        self.missing().is_empty()
    }

    /// Names of the walls that do not stand.
    #[must_use]
    pub fn missing(&self) -> Vec<&'static str> {
        let Self { no_new_privileges, limits, landlock, seccomp, bound_to_parent } = *self;
        let walls = [
            ("system calls", seccomp),
            ("Landlock", landlock != Landlock::None),
            ("limits", limits),
            ("no new privileges", no_new_privileges),
            ("bound to parent", bound_to_parent),
        ];
        walls.into_iter().filter(|(_, stands)| !stands).map(|(name, _)| name).collect()
    }
}

impl fmt::Display for Layers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let held = |holds| if holds { "held" } else { "MISSING" };
        let landlock = match self.landlock {
            Landlock::Full => "held",
            Landlock::Partial => "held for files",
            Landlock::None => "MISSING",
        };
        write!(
            f,
            "system calls: {}, Landlock: {landlock}, limits: {}, no new privileges: {}, bound to parent: {}",
            held(self.seccomp),
            held(self.limits),
            held(self.no_new_privileges),
            held(self.bound_to_parent),
        )
    }
}

/// Raises every wall it can round the calling process, the filter last since the others need calls it forbids.
///
/// Landlock and the filter bind the thread that asks and those it starts; were there others, neither would count.
pub fn lock_down(profile: &Profile) -> Layers {
    let alone = std::fs::read_dir("/proc/self/task").is_ok_and(|threads| threads.count() == 1);
    Layers {
        no_new_privileges: rustix::thread::set_no_new_privs(true).is_ok(),
        bound_to_parent: bind_to(profile.parent),
        landlock: if alone { landlock(&profile.walls) } else { Landlock::None },
        limits: limit(profile),
        seccomp: alone && filter::apply(&profile.walls).is_ok(),
    }
}

/// What a process owes the daemon though it reads no document: to die with it, to be looked into by nobody, to gain no rights.
pub fn bind(profile: &Profile) -> bool {
    rustix::thread::set_no_new_privs(true).is_ok() && bind_to(profile.parent)
}

/// Were the parent gone already, the order to die with it would come too late: then it does not count.
fn bind_to(parent: u32) -> bool {
    rustix::process::set_parent_process_death_signal(Some(Signal::KILL)).is_ok()
        && rustix::process::set_dumpable_behavior(DumpableBehavior::NotDumpable).is_ok()
        && rustix::process::getppid().map(Pid::as_raw_pid) == i32::try_from(parent).ok()
}

/// Landlock: whatever the kernel can handle is refused, but for reading and running what the walls say.
fn landlock(walls: &Walls) -> Landlock {
    let abi = ABI::V6;
    let readable = match walls {
        Walls::Narrow => &[][..],
        Walls::Wide { readable } => readable,
    };
    // Where a program throws away what it does not want to say.
    let sink = matches!(walls, Walls::Wide { .. }).then_some("/dev/null");
    let restricted = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(abi))
        .and_then(|rules| rules.handle_access(AccessNet::from_all(abi)))
        .and_then(|rules| rules.scope(Scope::from_all(abi)))
        .and_then(Ruleset::create)
        .and_then(|rules| rules.add_rules(path_beneath_rules(readable, AccessFs::from_read(abi))))
        .and_then(|rules| rules.add_rules(path_beneath_rules(sink, AccessFs::ReadFile | AccessFs::WriteFile)))
        .and_then(landlock::RulesetCreated::restrict_self);
    match restricted.map(|status| status.ruleset) {
        Ok(RulesetStatus::FullyEnforced) => Landlock::Full,
        Ok(RulesetStatus::PartiallyEnforced) => Landlock::Partial,
        Ok(RulesetStatus::NotEnforced) | Err(_) => Landlock::None,
    }
}

fn limit(profile: &Profile) -> bool {
    let narrow = matches!(profile.walls, Walls::Narrow);
    let ceilings = [
        (Resource::As, profile.memory),
        (Resource::Cpu, profile.cpu),
        (Resource::Fsize, 0),
        (Resource::Core, 0),
        (Resource::Memlock, 0),
        (Resource::Msgqueue, 0),
        // The three pipes; behind narrow walls a fourth descriptor cannot exist.
        (Resource::Nofile, if narrow { 3 } else { 64 }),
    ];
    // The number of processes is counted per user: a child that needs threads would be refused them for its siblings'.
    let processes = narrow.then_some((Resource::Nproc, 0));
    ceilings.into_iter().chain(processes).all(|(resource, ceiling)| {
        let both = Rlimit { current: Some(ceiling), maximum: Some(ceiling) };
        rustix::process::setrlimit(resource, both).is_ok()
    })
}
