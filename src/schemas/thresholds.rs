//! How much evidence makes a value trusted, as data.

use serde::{Deserialize, Serialize};

pub(super) const FILE: &str = "trust.json";

/// `trust.json`: the least evidence, from 0 to 1, at which a value is trusted. What a folder's file leaves out is as shipped.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Thresholds {
    /// Nearness of the label for a value whose check digit or letter holds.
    pub label_of_proven: f32,
    /// For a value of a form of its own: a date, an address of the net.
    pub label_of_typed: f32,
    /// For free words.
    pub label_of_free: f32,
    /// Certainty of the least certain character of a reading from a picture.
    pub ocr: f32,
    /// The same where a check digit or letter holds.
    pub ocr_of_proven: f32,
    /// The same where a second engine reads the same.
    pub ocr_agreed: f32,
    /// Of free words, that both engines read alike.
    pub ocr_agreed_free: f32,
    /// Where the second engine reads something else.
    pub ocr_contradicted: f32,
    /// Certainty of the least certain character of print in a digital document: what a font does not explain is a guess.
    pub printed: f32,
    /// A label in another section than its field's counts when it says the same as a known wording, this nearly.
    pub same_words: f32,
    /// Two readings of a label whose weights differ by less are not told apart.
    pub close_call: f32,
    /// The same where the label holds words that no wording uses.
    pub unsure_call: f32,
    /// A field of another section is a namesake when its wording is as near as this below the chosen one's.
    pub namesake: f32,
    /// An answer of free words this near the wording of a label may be a label.
    pub answer_like_label: f32,
    /// The same where it stands beside a label that is beyond doubt.
    pub answer_like_label_beside: f32,
    /// The first words of an answer are a label when they are this near a wording.
    pub label_within_answer: f32,
}

impl Thresholds {
    /// All lie from 0 to 1, and a picture whose readers disagree needs no less than one whose readers agree.
    pub(super) fn check(&self, faults: &mut Vec<String>) {
        let all = serde_json::to_value(self).unwrap_or_default();
        for (name, value) in all.as_object().into_iter().flatten() {
            if !value.as_f64().is_some_and(|value| (0.0..=1.0).contains(&value)) {
                faults.push(format!("{FILE}: \"{name}\" must lie from 0 to 1"));
            }
        }
        for (less, more, names) in [
            (self.ocr_agreed, self.ocr, "\"ocr_agreed\" must not be above \"ocr\""),
            (self.ocr_agreed, self.ocr_agreed_free, "\"ocr_agreed\" must not be above \"ocr_agreed_free\""),
            (self.ocr, self.ocr_contradicted, "\"ocr\" must not be above \"ocr_contradicted\""),
            (self.label_of_proven, self.label_of_typed, "\"label_of_proven\" must not be above \"label_of_typed\""),
            (self.close_call, self.unsure_call, "\"close_call\" must not be above \"unsure_call\""),
        ] {
            if less > more {
                faults.push(format!("{FILE}: {names}"));
            }
        }
    }
}

impl Default for Thresholds {
    fn default() -> Self {
        Self {
            label_of_proven: 0.6,
            label_of_typed: 0.75,
            label_of_free: 0.85,
            ocr: 0.98,
            ocr_of_proven: 0.8,
            ocr_agreed: 0.5,
            ocr_agreed_free: 0.985,
            ocr_contradicted: 0.995,
            printed: 0.99,
            same_words: 0.97,
            close_call: 0.06,
            unsure_call: 0.15,
            namesake: 0.12,
            answer_like_label: 0.7,
            answer_like_label_beside: 0.99,
            label_within_answer: 0.9,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schemas::Forms;

    #[test]
    fn what_is_shipped_is_what_a_file_may_leave_out() {
        let shipped = serde_json::to_value(Forms::built_in().thresholds).unwrap();
        assert_eq!(shipped, serde_json::to_value(Thresholds::default()).unwrap());
    }

    #[test]
    fn thresholds_that_cannot_be_are_named() {
        let mut faults = Vec::new();
        Forms::parse([(FILE, r#"{ "ocr": 0.4, "namesake": 1.5 }"#)], &mut faults);
        assert_eq!(faults.len(), 2, "{faults:?}");
        assert!(faults.iter().any(|fault| fault.contains("\"namesake\" must lie from 0 to 1")), "{faults:?}");
        assert!(faults.iter().any(|fault| fault.contains("\"ocr_agreed\" must not be above \"ocr\"")), "{faults:?}");
    }
}
