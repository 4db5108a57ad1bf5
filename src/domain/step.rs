//! The procedure's steps. What moves a dossier from one to the next is the [`super::table`].
//!
//! Steps 1 to 10 are those of the ClicToPay procedure; several states may share one number.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Where a dossier stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// 1–3. Opened by the first document; documents missing, faulty or in doubt.
    Forms,
    /// 5. Complete and sent (4): the test declaration is on its way or at Monétique-Tunisie.
    TestDeclaration,
    /// 6. Declared in the test environment; the merchant runs the scenarios.
    Tests,
    /// 7. Favourable report; the bank is asked to declare in production. What production needs may be missing.
    TestsPassed,
    /// 8. The production declaration waits for release, or is at the bank.
    Production,
    /// 9. The registration on the payment server waits for release, or is at Monétique-Tunisie.
    PaymentServer,
    /// 10. The bank adds the consultation users.
    Users,
    /// The merchant is live.
    Live,
    Suspended,
    StruckOff,
    /// Given up by the merchant or the bank before the end.
    Withdrawn,
    /// Refused with a reason.
    Refused,
}

impl Step {
    pub const ALL: [Self; 12] = [
        Self::Forms,
        Self::TestDeclaration,
        Self::Tests,
        Self::TestsPassed,
        Self::Production,
        Self::PaymentServer,
        Self::Users,
        Self::Live,
        Self::Suspended,
        Self::StruckOff,
        Self::Withdrawn,
        Self::Refused,
    ];

    /// Number of the step in the procedure, 1 to 10 (`Forms` shows 3 of its 1 to 3).
    #[must_use]
    pub fn number(self) -> u8 {
        match self {
            Self::Forms | Self::Withdrawn | Self::Refused => 3,
            Self::TestDeclaration => 5,
            Self::Tests => 6,
            Self::TestsPassed => 7,
            Self::Production => 8,
            Self::PaymentServer => 9,
            Self::Users | Self::Live | Self::Suspended | Self::StruckOff => 10,
        }
    }

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Forms => "forms",
            Self::TestDeclaration => "test_declaration",
            Self::Tests => "tests",
            Self::TestsPassed => "tests_passed",
            Self::Production => "production",
            Self::PaymentServer => "payment_server",
            Self::Users => "users",
            Self::Live => "live",
            Self::Suspended => "suspended",
            Self::StruckOff => "struck_off",
            Self::Withdrawn => "withdrawn",
            Self::Refused => "refused",
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Step {
    /// At its end: no document moves it any more. A suspended merchant is not: its forms may be corrected meanwhile.
    #[must_use]
    pub fn is_closed(self) -> bool {
        matches!(self, Self::Withdrawn | Self::Refused | Self::StruckOff)
    }
}
