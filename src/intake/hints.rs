//! What the system announces in the folders: only a reason to look sooner.
//!
//! Announcements are lost when the queue overflows, never made for what another machine writes on a share, and made about our own
//! reading; so their content is not even looked at.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use notify::{RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::Notify;

use super::{Settings, claim};

/// Between two looks that were announced: a flood of files is looked at a few times a second, not once per file.
const BETWEEN_LOOKS: Duration = Duration::from_millis(200);
/// A file alone is looked at almost at once, with those that were moved in with it.
const AT_ONCE: Duration = Duration::from_millis(10);

/// The ear at the folders. Dropped, it stops listening.
pub struct Hints {
    rung: Arc<Notify>,
    /// When the last look was announced.
    looked: Mutex<Option<Instant>>,
    listening: Option<RecommendedWatcher>,
}

impl Hints {
    /// Waits for an announcement, and a moment more for those that come with it.
    pub async fn rung(&self) {
        self.rung.notified().await;
        let since = self.looked.lock().expect("no holder panics").map_or(BETWEEN_LOOKS, |looked| looked.elapsed());
        tokio::time::sleep(BETWEEN_LOOKS.saturating_sub(since).max(AT_ONCE)).await;
        *self.looked.lock().expect("no holder panics") = Some(Instant::now());
    }

    /// Nothing is announced here: folders are only looked at from time to time.
    #[must_use]
    pub fn is_polling(&self) -> bool {
        self.listening.is_none()
    }
}

/// `poll`: as configured, or `None` to ask the file system.
pub(super) fn listen(settings: &Settings, poll: Option<bool>) -> Hints {
    let rung = Arc::new(Notify::new());
    let poll = poll.unwrap_or_else(|| is_remote(&settings.inbox));
    let listening = if poll { None } else { watch(settings, &rung) };
    Hints { rung, looked: Mutex::default(), listening }
}

fn watch(settings: &Settings, rung: &Arc<Notify>) -> Option<RecommendedWatcher> {
    let bell = Arc::clone(rung);
    let listening = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        if !event.is_ok_and(|event| is_our_own_reading(&event)) {
            bell.notify_one();
        }
    });
    let mut listening = match listening {
        Ok(listening) => listening,
        Err(err) => {
            tracing::warn!("The system announces no changes ({err}); folders are looked at from time to time");
            return None;
        }
    };
    for counter in claim::counters(settings) {
        if let Err(err) = listening.watch(&counter.folder, RecursiveMode::NonRecursive) {
            tracing::warn!(
                "Folder {} announces no changes ({err}); it is looked at from time to time",
                counter.folder.display()
            );
        }
    }
    Some(listening)
}

/// Looking into a folder is announced too: answering it with a look would never end.
fn is_our_own_reading(event: &notify::Event) -> bool {
    use notify::event::{AccessKind, AccessMode, EventKind};
    matches!(event.kind, EventKind::Access(kind) if kind != AccessKind::Close(AccessMode::Write))
}

/// NFS, SMB and file systems of user programs do not announce what others write.
fn is_remote(folder: &Path) -> bool {
    const NFS: i64 = 0x6969;
    const SMB: [i64; 3] = [0x517b, 0xff53_4d42, 0xfe53_4d42];
    const FUSE: i64 = 0x6573_5546;
    const PLAN9: i64 = 0x0102_1997;
    rustix::fs::statfs(folder).is_ok_and(|found| {
        #[expect(clippy::unnecessary_cast, reason = "the type of f_type differs between platforms")]
        let kind = found.f_type as i64 & 0xffff_ffff;
        kind == NFS || SMB.contains(&kind) || kind == FUSE || kind == PLAN9
    })
}
