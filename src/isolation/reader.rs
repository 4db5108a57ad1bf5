use crate::domain::document::{Format, Kind, Reading};
use crate::schemas::Forms;

pub fn read(_bytes: &[u8], _name: &str, _forms: &Forms) -> Reading {
    Reading { format: Format::Unknown, kind: Kind::Other, extractions: vec![], findings: vec![] }
}

pub fn inspect(bytes: &[u8], name: &str) -> serde_json::Value {
    serde_json::json!({ "name": name, "bytes": bytes.len() })
}
