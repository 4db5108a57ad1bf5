//! Crash points: names for the instants between two steps that must not be torn apart.
//!
//! With the feature `crash-points` the program can be told to kill itself there with SIGKILL, which is what the crash
//! harness does at each of them. Without the feature a point is nothing at all.
//!
//! `GUICHET_CRASH=name:n` kills at the n-th passage of that point, `GUICHET_CRASH=*:n` at the n-th passage of any point;
//! `GUICHET_CRASH_LOG=file` writes down the points passed, so that the harness can tell that it has met them all.

/// A point by its name.
#[inline]
pub fn point(name: &str) {
    #[cfg(feature = "crash-points")]
    armed::pass(name);
    #[cfg(not(feature = "crash-points"))]
    let _ = name;
}

/// A point of a step that several things go through: `blob` and `written` make `blob.written`.
#[inline]
pub fn step(thing: &str, name: &str) {
    #[cfg(feature = "crash-points")]
    armed::pass(&format!("{thing}.{name}"));
    #[cfg(not(feature = "crash-points"))]
    let _ = (thing, name);
}

#[cfg(feature = "crash-points")]
mod armed {
    use std::collections::BTreeSet;
    use std::io::Write;
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::sync::{Mutex, OnceLock};

    static PASSED: AtomicU64 = AtomicU64::new(0);

    pub(super) fn pass(name: &str) {
        static ORDER: OnceLock<Option<(String, u64)>> = OnceLock::new();
        log(name);
        let order = ORDER.get_or_init(|| {
            let order = std::env::var("GUICHET_CRASH").ok()?;
            let (name, count) = order.rsplit_once(':')?;
            Some((name.to_owned(), count.parse().ok()?))
        });
        let Some((wanted, count)) = order else { return };
        if (wanted == "*" || wanted == name) && PASSED.fetch_add(1, Ordering::SeqCst) + 1 == *count {
            let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
            loop {
                std::thread::park();
            }
        }
    }

    fn log(name: &str) {
        static SEEN: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
        let Some(path) = std::env::var_os("GUICHET_CRASH_LOG") else { return };
        let mut seen = SEEN.lock().expect("no holder of the list panics");
        if seen.insert(name.to_owned())
            && let Ok(mut file) = std::fs::OpenOptions::new().append(true).create(true).open(path)
        {
            let _ = writeln!(file, "{name}");
        }
    }
}
