//! Why a file gives no pages. Each reason has its own code, its own sentence and its own remedy in the templates.

use super::foreign::Foreign;
use crate::domain::finding::{Finding, Severity};

/// A file that cannot be read at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Refusal {
    #[error("the file asks for a password")]
    Password,
    #[error("the form is drawn by XFA only; there are no pages to read")]
    XfaOnly,
    #[error("the file is damaged: {0}")]
    Damaged(String),
    #[error("the file is too large: {0}")]
    TooLarge(String),
    #[error("the file is empty")]
    Empty,
    #[error("neither a PDF, a workbook, a ZIP nor a picture")]
    UnknownFormat,
    #[error("the format {} is not read; please send a PDF or a workbook (XLSX, XLS, ODS)", .0.name)]
    Unread(Foreign),
    #[error("a ZIP in a ZIP in a ZIP is not opened")]
    NestedZip,
}

impl Refusal {
    pub(super) fn damaged(reason: impl std::fmt::Display) -> Self {
        Self::Damaged(reason.to_string())
    }

    /// Stable name, the code of the finding.
    pub(super) fn code(&self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::XfaOnly => "xfa_only",
            Self::Damaged(_) => "damaged",
            Self::TooLarge(_) => "too_large",
            Self::Empty => "empty_file",
            Self::UnknownFormat => "unknown_format",
            Self::Unread(_) => "unread_format",
            Self::NestedZip => "nested_zip",
        }
    }
}

impl From<Refusal> for Finding {
    fn from(refusal: Refusal) -> Self {
        let finding = Self::new(refusal.code(), Severity::Incomplete).with("reason", refusal.to_string());
        match refusal {
            Refusal::Unread(foreign) => finding.with("format", foreign.name).with("sort", foreign.sort.name()),
            _ => finding,
        }
    }
}
