//! The procedure's steps and the one table that says what moves a dossier from one to the next.
//!
//! Steps 1 to 10 are those of the ClicToPay procedure; several states may share one number.

use std::fmt;

use Step::{
    Forms, Live, PaymentServer, Production, Refused, StruckOff, Suspended, TestDeclaration, Tests, TestsPassed, Users,
    Withdrawn,
};

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

/// Who may cause an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Party {
    Bank,
    Merchant,
    Monetique,
    Operator,
    Releaser,
    Guichet,
}

/// One line of the procedure: at this step this event may happen, and leads to one of these steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    pub from: Step,
    /// Name of the event, as in the journal.
    pub event: &'static str,
    /// Where it may lead; the first is the ordinary way, the others depend on a gate.
    pub to: &'static [Step],
    pub by: Party,
    /// What must hold for the ordinary way; a code with words of its own, empty when nothing.
    pub gate: &'static str,
}

const fn row(from: Step, event: &'static str, to: &'static [Step], by: Party, gate: &'static str) -> Row {
    Row { from, event, to, by, gate }
}

/// The procedure. What is not here is out of order, and refused in words.
pub const TABLE: &[Row] = &[
    row(Forms, "examined", &[TestDeclaration, Forms], Party::Bank, "complete"),
    row(Forms, "settled", &[TestDeclaration, Forms], Party::Operator, "complete"),
    row(Forms, "overridden", &[TestDeclaration, Forms], Party::Operator, "complete"),
    row(Forms, "completed", &[TestDeclaration, Forms], Party::Operator, "complete"),
    row(Forms, "withdrawn", &[Withdrawn], Party::Bank, ""),
    row(Forms, "refused", &[Refused], Party::Operator, ""),
    row(Forms, "day_passed", &[Forms], Party::Guichet, ""),
    row(TestDeclaration, "examined", &[TestDeclaration], Party::Bank, ""),
    row(TestDeclaration, "settled", &[TestDeclaration], Party::Operator, ""),
    row(TestDeclaration, "overridden", &[TestDeclaration], Party::Operator, ""),
    row(TestDeclaration, "completed", &[TestDeclaration], Party::Operator, ""),
    row(TestDeclaration, "published", &[TestDeclaration], Party::Guichet, ""),
    row(TestDeclaration, "released", &[TestDeclaration], Party::Releaser, "second_person"),
    row(TestDeclaration, "release_refused", &[TestDeclaration], Party::Releaser, "second_person"),
    row(TestDeclaration, "reissued", &[TestDeclaration], Party::Operator, "complete"),
    row(TestDeclaration, "acknowledged", &[Tests, TestDeclaration], Party::Monetique, "accepted"),
    row(TestDeclaration, "withdrawn", &[Withdrawn], Party::Bank, ""),
    row(TestDeclaration, "refused", &[Refused], Party::Operator, ""),
    row(TestDeclaration, "day_passed", &[TestDeclaration], Party::Guichet, ""),
    row(Tests, "examined", &[Tests], Party::Bank, ""),
    row(Tests, "settled", &[Tests], Party::Operator, ""),
    row(Tests, "overridden", &[Tests], Party::Operator, ""),
    row(Tests, "completed", &[Tests], Party::Bank, ""),
    row(Tests, "published", &[Tests], Party::Guichet, ""),
    row(Tests, "acknowledged", &[Tests], Party::Monetique, ""),
    row(Tests, "released", &[Tests], Party::Releaser, "second_person"),
    row(Tests, "release_refused", &[Tests], Party::Releaser, "second_person"),
    row(Tests, "reissued", &[Tests], Party::Operator, "complete"),
    row(Tests, "tests_recorded", &[Tests], Party::Merchant, ""),
    row(Tests, "tests_reported", &[Production, TestsPassed, Tests], Party::Monetique, "favourable_and_numbered"),
    row(Tests, "withdrawn", &[Withdrawn], Party::Bank, ""),
    row(Tests, "refused", &[Refused], Party::Operator, ""),
    row(Tests, "day_passed", &[Tests], Party::Guichet, ""),
    row(TestsPassed, "examined", &[TestsPassed, Production], Party::Bank, "numbered"),
    row(TestsPassed, "settled", &[Production, TestsPassed], Party::Operator, "numbered"),
    row(TestsPassed, "overridden", &[Production, TestsPassed], Party::Operator, "numbered"),
    row(TestsPassed, "completed", &[Production, TestsPassed], Party::Bank, "numbered"),
    row(TestsPassed, "published", &[TestsPassed], Party::Guichet, ""),
    row(TestsPassed, "acknowledged", &[TestsPassed, Production], Party::Monetique, ""),
    row(TestsPassed, "released", &[TestsPassed], Party::Releaser, "second_person"),
    row(TestsPassed, "release_refused", &[TestsPassed], Party::Releaser, "second_person"),
    row(TestsPassed, "withdrawn", &[Withdrawn], Party::Bank, ""),
    row(TestsPassed, "refused", &[Refused], Party::Operator, ""),
    row(TestsPassed, "day_passed", &[TestsPassed], Party::Guichet, ""),
    row(Production, "examined", &[Production], Party::Bank, ""),
    row(Production, "settled", &[Production], Party::Operator, ""),
    row(Production, "overridden", &[Production], Party::Operator, ""),
    row(Production, "completed", &[Production], Party::Bank, ""),
    row(Production, "released", &[Production], Party::Releaser, "second_person"),
    row(Production, "release_refused", &[Production], Party::Releaser, "second_person"),
    row(Production, "reissued", &[Production], Party::Operator, "complete"),
    row(Production, "published", &[Production], Party::Guichet, ""),
    row(Production, "acknowledged", &[PaymentServer, Production], Party::Bank, "accepted"),
    row(Production, "withdrawn", &[Withdrawn], Party::Bank, ""),
    row(Production, "refused", &[Refused], Party::Operator, ""),
    row(Production, "day_passed", &[Production], Party::Guichet, ""),
    row(PaymentServer, "examined", &[PaymentServer], Party::Bank, ""),
    row(PaymentServer, "settled", &[PaymentServer], Party::Operator, ""),
    row(PaymentServer, "overridden", &[PaymentServer], Party::Operator, ""),
    row(PaymentServer, "completed", &[PaymentServer], Party::Bank, ""),
    row(PaymentServer, "released", &[PaymentServer], Party::Releaser, "second_person"),
    row(PaymentServer, "release_refused", &[PaymentServer], Party::Releaser, "second_person"),
    row(PaymentServer, "reissued", &[PaymentServer], Party::Operator, "complete"),
    row(PaymentServer, "published", &[PaymentServer], Party::Guichet, ""),
    row(PaymentServer, "acknowledged", &[Users, PaymentServer], Party::Monetique, "accepted"),
    row(PaymentServer, "withdrawn", &[Withdrawn], Party::Bank, ""),
    row(PaymentServer, "refused", &[Refused], Party::Operator, ""),
    row(PaymentServer, "day_passed", &[PaymentServer], Party::Guichet, ""),
    row(Users, "examined", &[Users], Party::Bank, ""),
    row(Users, "settled", &[Users], Party::Operator, ""),
    row(Users, "overridden", &[Users], Party::Operator, ""),
    row(Users, "completed", &[Users], Party::Bank, ""),
    row(Users, "released", &[Users], Party::Releaser, "second_person"),
    row(Users, "release_refused", &[Users], Party::Releaser, "second_person"),
    row(Users, "reissued", &[Users], Party::Operator, "complete"),
    row(Users, "published", &[Users], Party::Guichet, ""),
    row(Users, "acknowledged", &[Live, Users], Party::Bank, "accepted"),
    row(Users, "withdrawn", &[Withdrawn], Party::Bank, ""),
    row(Users, "day_passed", &[Users], Party::Guichet, ""),
    row(Live, "examined", &[Live], Party::Bank, ""),
    row(Live, "settled", &[Live], Party::Operator, ""),
    row(Live, "overridden", &[Live], Party::Operator, ""),
    row(Live, "completed", &[Live], Party::Bank, ""),
    row(Live, "released", &[Live], Party::Releaser, "second_person"),
    row(Live, "release_refused", &[Live], Party::Releaser, "second_person"),
    row(Live, "reissued", &[Live], Party::Operator, "complete"),
    row(Live, "published", &[Live], Party::Guichet, ""),
    row(Live, "acknowledged", &[Live], Party::Monetique, ""),
    row(Live, "suspended", &[Suspended], Party::Bank, ""),
    row(Live, "struck_off", &[StruckOff], Party::Bank, ""),
    row(Live, "day_passed", &[Live], Party::Guichet, ""),
    row(Suspended, "published", &[Suspended], Party::Guichet, ""),
    row(Suspended, "acknowledged", &[Suspended], Party::Monetique, ""),
    row(Suspended, "released", &[Suspended], Party::Releaser, "second_person"),
    row(Suspended, "release_refused", &[Suspended], Party::Releaser, "second_person"),
    row(Suspended, "reissued", &[Suspended], Party::Operator, ""),
    row(Suspended, "resumed", &[Live], Party::Bank, ""),
    row(Suspended, "struck_off", &[StruckOff], Party::Bank, ""),
    row(Suspended, "day_passed", &[Suspended], Party::Guichet, ""),
    row(StruckOff, "published", &[StruckOff], Party::Guichet, ""),
    row(StruckOff, "acknowledged", &[StruckOff], Party::Monetique, ""),
    row(StruckOff, "released", &[StruckOff], Party::Releaser, "second_person"),
    row(StruckOff, "release_refused", &[StruckOff], Party::Releaser, "second_person"),
    row(StruckOff, "reissued", &[StruckOff], Party::Operator, ""),
    row(StruckOff, "day_passed", &[StruckOff], Party::Guichet, ""),
    row(Withdrawn, "published", &[Withdrawn], Party::Guichet, ""),
    row(Withdrawn, "acknowledged", &[Withdrawn], Party::Monetique, ""),
    row(Withdrawn, "reopened", &[TestDeclaration, Forms], Party::Operator, "complete"),
    row(Withdrawn, "day_passed", &[Withdrawn], Party::Guichet, ""),
    row(Refused, "published", &[Refused], Party::Guichet, ""),
    row(Refused, "acknowledged", &[Refused], Party::Monetique, ""),
    row(Refused, "reopened", &[TestDeclaration, Forms], Party::Operator, "complete"),
    row(Refused, "day_passed", &[Refused], Party::Guichet, ""),
];

impl Step {
    /// The line of the procedure for an event at this step; `None` when it is out of order.
    #[must_use]
    pub fn on(self, event: &str) -> Option<&'static Row> {
        TABLE.iter().find(|row| row.from == self && row.event == event)
    }

    /// No document can move it any more.
    #[must_use]
    pub fn is_closed(self) -> bool {
        matches!(self, Withdrawn | Refused | StruckOff | Suspended)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fmt::Write;

    use super::*;

    #[test]
    fn the_procedure_on_one_page() {
        let events: BTreeSet<&str> = TABLE.iter().map(|row| row.event).collect();
        let mut page = String::new();
        for from in Step::ALL {
            let _ = writeln!(page, "{from} ({})", from.number());
            for event in &events {
                if let Some(row) = from.on(event) {
                    let to: Vec<&str> = row.to.iter().map(|step| step.as_str()).collect();
                    let _ = writeln!(
                        page,
                        "    {event:<16} {:<10} {:<24} -> {}",
                        format!("{:?}", row.by),
                        row.gate,
                        to.join(" | ")
                    );
                }
            }
        }
        insta::assert_snapshot!(page);
    }

    #[test]
    fn each_line_stands_once_and_every_step_can_be_reached() {
        let lines: BTreeSet<(Step, &str)> = TABLE.iter().map(|row| (row.from, row.event)).collect();
        assert_eq!(lines.len(), TABLE.len());
        for step in Step::ALL {
            assert!(step == Forms || TABLE.iter().any(|row| row.from != step && row.to.contains(&step)), "{step}");
        }
    }
}
