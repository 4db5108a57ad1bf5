//! What guichet says of itself: one line per event on standard error, as text or as JSON.
//!
//! Lines carry identifiers (document, dossier, errand), never names, addresses, account numbers or what a form says.

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::time::FormatTime;

use crate::clock::{Clock, SystemClock};
use crate::config::{Log, LogFormat};

/// Starts the log. `GUICHET_LOG` overrides the configured level (`debug`, `guichet=trace,sqlx=warn`, …).
///
/// Called once; later calls change nothing.
pub fn start(log: &Log) {
    let filter = std::env::var("GUICHET_LOG")
        .ok()
        .and_then(|level| EnvFilter::try_new(level).ok())
        .unwrap_or_else(|| EnvFilter::new(format!("{level},sqlx=warn", level = log.level.as_str())));
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_timer(Utc(SystemClock::start()))
        .with_target(false);
    let started = match log.format {
        LogFormat::Text => lines.with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr())).try_init(),
        LogFormat::Json => lines.json().flatten_event(true).try_init(),
    };
    if started.is_err() {
        tracing::debug!("The log was already started");
    }
}

/// Instants in universal time, as logs of several machines are compared.
struct Utc(SystemClock);

impl FormatTime for Utc {
    fn format_time(&self, writer: &mut tracing_subscriber::fmt::format::Writer<'_>) -> std::fmt::Result {
        write!(writer, "{}", self.0.now())
    }
}
