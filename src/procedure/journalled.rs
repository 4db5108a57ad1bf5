//! What the journal keeps of an event: identifiers and reasons, never values of a form.

use serde_json::{Value, json};

use crate::domain::event::Event;

pub(super) fn journalled(event: &Event) -> Value {
    match event {
        Event::Published { file, .. } | Event::Released { file, .. } | Event::Acknowledged { file, .. } => {
            json!({ "file": file })
        }
        Event::ReleaseRefused { file, reason, .. } => json!({ "file": file, "reason": reason }),
        Event::Settled { field, kind, .. } => json!({ "field": field, "kind": kind }),
        Event::Completed { field, .. } => json!({ "field": field }),
        Event::Overridden { code, field, reason, .. } => json!({ "code": code, "field": field, "reason": reason }),
        Event::TestsReported { favourable, reference, date, .. } => {
            json!({ "favourable": favourable, "reference": reference, "date": date })
        }
        Event::TestsRecorded { results, .. } => {
            json!({ "tests": results.iter().map(|result| &result.code).collect::<Vec<_>>() })
        }
        Event::Reissued { file_type, .. } => json!({ "file_type": file_type }),
        Event::Withdrawn { reason, .. }
        | Event::Refused { reason, .. }
        | Event::Suspended { reason, .. }
        | Event::StruckOff { reason, .. } => json!({ "reason": reason }),
        Event::Examined(_) | Event::Resumed { .. } | Event::Reopened { .. } | Event::DayPassed => Value::Null,
    }
}
