//! What the journal keeps of an event: identifiers and reasons, never values of a form.

use serde_json::{Value, json};

use crate::domain::event::{Acknowledged, Event};

pub(super) fn journalled(event: &Event) -> Value {
    match event {
        Event::Published { file, .. } => json!({ "file": file }),
        Event::Acknowledged { file, outcome, .. } => json!({ "file": file, "status": status(outcome) }),
        Event::Released { file, seen, .. } => json!({ "file": file, "seen": seen.sha256 }),
        Event::Gathered { file_type } => json!({ "file_type": file_type }),
        Event::ReleaseRefused { file, reason, .. } => json!({ "file": file, "reason": reason }),
        Event::Settled { field, kind, .. } => json!({ "field": field, "kind": kind }),
        Event::Completed { field, .. } => json!({ "field": field }),
        Event::Overridden { code, field, kind, reason, .. } => {
            json!({ "code": code, "field": field, "kind": kind, "reason": reason })
        }
        Event::TestsReported { favourable, reference, date, .. } => {
            json!({ "favourable": favourable, "reference": reference, "date": date })
        }
        Event::TestsRecorded { results, .. } => {
            json!({ "tests": results.iter().map(|result| &result.code).collect::<Vec<_>>() })
        }
        Event::Reissued { file_type, .. } => json!({ "file_type": file_type }),
        Event::Joined { from, documents, .. } => {
            json!({ "from": from, "documents": documents.iter().map(|examined| examined.document).collect::<Vec<_>>() })
        }
        Event::Merged { into, .. } => json!({ "into": into }),
        Event::Parted { document, .. } => json!({ "document": document }),
        Event::PairDeclined { with, .. } => json!({ "with": with }),
        Event::Withdrawn { reason, .. }
        | Event::Refused { reason, .. }
        | Event::Suspended { reason, .. }
        | Event::StruckOff { reason, .. } => json!({ "reason": reason }),
        Event::Posted { delivered, refused } => json!({ "delivered": delivered.len(), "refused": refused.len() }),
        Event::Examined(_) | Event::Resumed { .. } | Event::Reopened { .. } | Event::DayPassed => Value::Null,
    }
}

/// The status and its reason codes; numbers that were allocated stand in the dossier.
fn status(outcome: &Acknowledged) -> Value {
    match outcome {
        Acknowledged::Accepted { .. } => json!("ACCP"),
        Acknowledged::Pending { .. } => json!("PDNG"),
        Acknowledged::Rejected { reasons } => {
            json!({ "RJCT": reasons.iter().map(|(code, _)| code).collect::<Vec<_>>() })
        }
    }
}
