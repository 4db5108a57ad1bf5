//! The desk's clock. Nothing else in guichet asks what time it is, so that tests can say it.
//!
//! Two times, never mixed: `now` is what is written down and may jump when an administrator sets the machine's clock;
//! `elapsed` only ever grows and is what waiting is measured with.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use uuid::Uuid;

/// Where the time comes from.
pub trait Clock: Send + Sync {
    /// The instant to write down.
    fn now(&self) -> Timestamp;
    /// Time since the clock was made; never goes back.
    fn elapsed(&self) -> Duration;

    /// Today's date in Tunis, as letters and file names show it.
    fn today(&self) -> Date {
        in_tunis(self.now()).date()
    }
}

/// An instant as people in Tunis read it.
#[must_use]
pub fn in_tunis(at: Timestamp) -> jiff::Zoned {
    at.to_zoned(TimeZone::get("Africa/Tunis").unwrap_or(TimeZone::fixed(jiff::tz::offset(1))))
}

/// An id that tells when it was given: ids sort by their time (version 7).
#[must_use]
pub fn identifier(now: Timestamp) -> Uuid {
    let seconds = u64::try_from(now.as_second()).unwrap_or(0);
    let nanoseconds = u32::try_from(now.subsec_nanosecond()).unwrap_or(0);
    Uuid::new_v7(uuid::Timestamp::from_unix(uuid::NoContext, seconds, nanoseconds))
}

/// When an id was given; `None` for one that does not tell.
#[must_use]
pub fn given_at(id: &Uuid) -> Option<Timestamp> {
    let (seconds, nanoseconds) = id.get_timestamp()?.to_unix();
    Timestamp::new(i64::try_from(seconds).ok()?, i32::try_from(nanoseconds).ok()?).ok()
}

/// The machine's own clock.
#[derive(Debug)]
pub struct SystemClock {
    started: Instant,
}

impl SystemClock {
    #[must_use]
    pub fn start() -> Self {
        Self { started: Instant::now() }
    }
}

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place where the machine's time comes in")]
    fn now(&self) -> Timestamp {
        // Stored times count milliseconds: what is remembered and what is read back are then equal.
        let now = Timestamp::from_millisecond(Timestamp::now().as_millisecond())
            .expect("a millisecond of now is within range");
        #[cfg(feature = "crash-points")]
        let now = now + shift();
        now
    }

    fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }
}

/// In tests the machine's clock is set by writing seconds into the file `GUICHET_CLOCK_SHIFT`: what jumps is the date, not the time that
/// has passed.
#[cfg(feature = "crash-points")]
fn shift() -> jiff::SignedDuration {
    let seconds = std::env::var_os("GUICHET_CLOCK_SHIFT")
        .and_then(|file| std::fs::read_to_string(file).ok())
        .and_then(|text| text.trim().parse().ok());
    jiff::SignedDuration::from_secs(seconds.unwrap_or(0))
}

/// A clock that stands still until it is told to move.
#[derive(Debug)]
pub struct HandClock {
    hands: Mutex<(Timestamp, Duration)>,
}

impl HandClock {
    /// Stands at an instant.
    #[must_use]
    pub fn at(now: Timestamp) -> Self {
        Self { hands: Mutex::new((now, Duration::ZERO)) }
    }

    /// Lets time pass.
    pub fn pass(&self, time: Duration) {
        let mut hands = self.hands.lock().expect("no holder of the hands panics");
        hands.0 += time;
        hands.1 += time;
    }

    /// Sets the clock as an administrator would: the date jumps, no time passes.
    pub fn jump_to(&self, now: Timestamp) {
        self.hands.lock().expect("no holder of the hands panics").0 = now;
    }
}

impl Clock for HandClock {
    fn now(&self) -> Timestamp {
        self.hands.lock().expect("no holder of the hands panics").0
    }

    fn elapsed(&self) -> Duration {
        self.hands.lock().expect("no holder of the hands panics").1
    }
}
