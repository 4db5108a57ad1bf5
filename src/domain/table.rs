//! The procedure as one table: which event may happen at which step, who causes it, what must hold, and where it leads.
//!
//! The one place that says so: dossiers move by it, `guichet procedure` prints it, the README shows it.

use serde::{Deserialize, Serialize};

use super::step::Step::{
    self, Forms, Live, PaymentServer, Production, Refused, StruckOff, Suspended, TestDeclaration, Tests, TestsPassed,
    Users, Withdrawn,
};
use Party::{Bank, Guichet, Merchant, Monetique, Operator, Releaser};

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
    row(Forms, "examined", &[TestDeclaration, Forms], Bank, "complete"),
    row(Forms, "settled", &[TestDeclaration, Forms], Operator, "complete"),
    row(Forms, "overridden", &[TestDeclaration, Forms], Operator, "complete"),
    row(Forms, "completed", &[TestDeclaration, Forms], Bank, "complete"),
    row(Forms, "published", &[Forms], Guichet, ""),
    row(Forms, "acknowledged", &[Forms], Monetique, ""),
    row(Forms, "joined", &[TestDeclaration, Forms], Operator, "complete"),
    row(Forms, "parted", &[TestDeclaration, Forms], Operator, "complete"),
    row(Forms, "pair_declined", &[Forms], Operator, ""),
    row(Forms, "merged", &[Withdrawn], Operator, ""),
    row(Forms, "withdrawn", &[Withdrawn], Bank, ""),
    row(Forms, "refused", &[Refused], Operator, ""),
    row(Forms, "day_passed", &[Forms], Guichet, ""),
    row(Forms, "posted", &[Forms], Guichet, ""),
    row(TestDeclaration, "examined", &[TestDeclaration], Bank, ""),
    row(TestDeclaration, "settled", &[TestDeclaration], Operator, ""),
    row(TestDeclaration, "overridden", &[TestDeclaration], Operator, ""),
    row(TestDeclaration, "completed", &[TestDeclaration], Bank, ""),
    row(TestDeclaration, "released", &[TestDeclaration], Releaser, "second_person"),
    row(TestDeclaration, "release_refused", &[TestDeclaration], Releaser, "second_person"),
    row(TestDeclaration, "gathered", &[TestDeclaration], Guichet, ""),
    row(TestDeclaration, "published", &[TestDeclaration], Guichet, ""),
    row(TestDeclaration, "reissued", &[TestDeclaration], Operator, "complete"),
    row(TestDeclaration, "acknowledged", &[Tests, TestDeclaration], Monetique, "accepted"),
    row(TestDeclaration, "withdrawn", &[Withdrawn], Bank, ""),
    row(TestDeclaration, "refused", &[Refused], Operator, ""),
    row(TestDeclaration, "day_passed", &[TestDeclaration], Guichet, ""),
    row(TestDeclaration, "posted", &[TestDeclaration], Guichet, ""),
    row(Tests, "examined", &[Tests], Bank, ""),
    row(Tests, "settled", &[Tests], Operator, ""),
    row(Tests, "overridden", &[Tests], Operator, ""),
    row(Tests, "completed", &[Tests], Bank, ""),
    row(Tests, "released", &[Tests], Releaser, "second_person"),
    row(Tests, "release_refused", &[Tests], Releaser, "second_person"),
    row(Tests, "gathered", &[Tests], Guichet, ""),
    row(Tests, "published", &[Tests], Guichet, ""),
    row(Tests, "reissued", &[Tests], Operator, "complete"),
    row(Tests, "acknowledged", &[Tests], Monetique, ""),
    row(Tests, "tests_recorded", &[Tests], Merchant, ""),
    row(Tests, "tests_reported", &[Production, TestsPassed, Tests], Monetique, "favourable_and_numbered"),
    row(Tests, "withdrawn", &[Withdrawn], Bank, ""),
    row(Tests, "refused", &[Refused], Operator, ""),
    row(Tests, "day_passed", &[Tests], Guichet, ""),
    row(Tests, "posted", &[Tests], Guichet, ""),
    row(TestsPassed, "examined", &[Production, TestsPassed], Bank, "numbered"),
    row(TestsPassed, "settled", &[Production, TestsPassed], Operator, "numbered"),
    row(TestsPassed, "overridden", &[Production, TestsPassed], Operator, "numbered"),
    row(TestsPassed, "completed", &[Production, TestsPassed], Bank, "numbered"),
    row(TestsPassed, "released", &[TestsPassed], Releaser, "second_person"),
    row(TestsPassed, "release_refused", &[TestsPassed], Releaser, "second_person"),
    row(TestsPassed, "gathered", &[TestsPassed], Guichet, ""),
    row(TestsPassed, "published", &[TestsPassed], Guichet, ""),
    row(TestsPassed, "reissued", &[TestsPassed], Operator, "complete"),
    row(TestsPassed, "acknowledged", &[TestsPassed, Production], Monetique, ""),
    row(TestsPassed, "tests_reported", &[Production, TestsPassed, Tests], Monetique, "favourable_and_numbered"),
    row(TestsPassed, "withdrawn", &[Withdrawn], Bank, ""),
    row(TestsPassed, "refused", &[Refused], Operator, ""),
    row(TestsPassed, "day_passed", &[TestsPassed], Guichet, ""),
    row(TestsPassed, "posted", &[TestsPassed], Guichet, ""),
    row(Production, "examined", &[Production], Bank, ""),
    row(Production, "settled", &[Production], Operator, ""),
    row(Production, "overridden", &[Production], Operator, ""),
    row(Production, "completed", &[Production], Bank, ""),
    row(Production, "released", &[Production], Releaser, "second_person"),
    row(Production, "release_refused", &[Production], Releaser, "second_person"),
    row(Production, "gathered", &[Production], Guichet, ""),
    row(Production, "published", &[Production], Guichet, ""),
    row(Production, "reissued", &[Production], Operator, "complete"),
    row(Production, "acknowledged", &[PaymentServer, Production], Bank, "accepted"),
    row(Production, "tests_reported", &[Production, TestsPassed, Tests], Monetique, "not_declared"),
    row(Production, "withdrawn", &[Withdrawn], Bank, ""),
    row(Production, "refused", &[Refused], Operator, ""),
    row(Production, "day_passed", &[Production], Guichet, ""),
    row(Production, "posted", &[Production], Guichet, ""),
    row(PaymentServer, "examined", &[PaymentServer], Bank, ""),
    row(PaymentServer, "settled", &[PaymentServer], Operator, ""),
    row(PaymentServer, "overridden", &[PaymentServer], Operator, ""),
    row(PaymentServer, "completed", &[PaymentServer], Bank, ""),
    row(PaymentServer, "released", &[PaymentServer], Releaser, "second_person"),
    row(PaymentServer, "release_refused", &[PaymentServer], Releaser, "second_person"),
    row(PaymentServer, "gathered", &[PaymentServer], Guichet, ""),
    row(PaymentServer, "published", &[PaymentServer], Guichet, ""),
    row(PaymentServer, "reissued", &[PaymentServer], Operator, "complete"),
    row(PaymentServer, "acknowledged", &[Users, PaymentServer], Monetique, "accepted"),
    row(PaymentServer, "withdrawn", &[Withdrawn], Bank, ""),
    row(PaymentServer, "refused", &[Refused], Operator, ""),
    row(PaymentServer, "day_passed", &[PaymentServer], Guichet, ""),
    row(PaymentServer, "posted", &[PaymentServer], Guichet, ""),
    row(Users, "examined", &[Users], Bank, ""),
    row(Users, "settled", &[Users], Operator, ""),
    row(Users, "overridden", &[Users], Operator, ""),
    row(Users, "completed", &[Users], Bank, ""),
    row(Users, "released", &[Users], Releaser, "second_person"),
    row(Users, "release_refused", &[Users], Releaser, "second_person"),
    row(Users, "gathered", &[Users], Guichet, ""),
    row(Users, "published", &[Users], Guichet, ""),
    row(Users, "reissued", &[Users], Operator, "complete"),
    row(Users, "acknowledged", &[Live, Users], Bank, "accepted"),
    row(Users, "withdrawn", &[Withdrawn], Bank, ""),
    row(Users, "refused", &[Refused], Operator, ""),
    row(Users, "day_passed", &[Users], Guichet, ""),
    row(Users, "posted", &[Users], Guichet, ""),
    row(Live, "examined", &[Live], Bank, ""),
    row(Live, "settled", &[Live], Operator, ""),
    row(Live, "overridden", &[Live], Operator, ""),
    row(Live, "completed", &[Live], Bank, ""),
    row(Live, "released", &[Live], Releaser, "second_person"),
    row(Live, "release_refused", &[Live], Releaser, "second_person"),
    row(Live, "gathered", &[Live], Guichet, ""),
    row(Live, "published", &[Live], Guichet, ""),
    row(Live, "reissued", &[Live], Operator, "complete"),
    row(Live, "acknowledged", &[Live], Monetique, ""),
    row(Live, "suspended", &[Suspended], Bank, ""),
    row(Live, "struck_off", &[StruckOff], Bank, ""),
    row(Live, "day_passed", &[Live], Guichet, ""),
    row(Live, "posted", &[Live], Guichet, ""),
    row(Suspended, "examined", &[Suspended], Bank, ""),
    row(Suspended, "settled", &[Suspended], Operator, ""),
    row(Suspended, "overridden", &[Suspended], Operator, ""),
    row(Suspended, "completed", &[Suspended], Bank, ""),
    row(Suspended, "released", &[Suspended], Releaser, "second_person"),
    row(Suspended, "release_refused", &[Suspended], Releaser, "second_person"),
    row(Suspended, "gathered", &[Suspended], Guichet, ""),
    row(Suspended, "published", &[Suspended], Guichet, ""),
    row(Suspended, "reissued", &[Suspended], Operator, ""),
    row(Suspended, "acknowledged", &[Suspended], Monetique, ""),
    row(Suspended, "resumed", &[Live], Bank, ""),
    row(Suspended, "struck_off", &[StruckOff], Bank, ""),
    row(Suspended, "day_passed", &[Suspended], Guichet, ""),
    row(Suspended, "posted", &[Suspended], Guichet, ""),
    row(StruckOff, "released", &[StruckOff], Releaser, "second_person"),
    row(StruckOff, "release_refused", &[StruckOff], Releaser, "second_person"),
    row(StruckOff, "gathered", &[StruckOff], Guichet, ""),
    row(StruckOff, "published", &[StruckOff], Guichet, ""),
    row(StruckOff, "reissued", &[StruckOff], Operator, ""),
    row(StruckOff, "acknowledged", &[StruckOff], Monetique, ""),
    row(StruckOff, "day_passed", &[StruckOff], Guichet, ""),
    row(StruckOff, "posted", &[StruckOff], Guichet, ""),
    row(Withdrawn, "released", &[Withdrawn], Releaser, "second_person"),
    row(Withdrawn, "release_refused", &[Withdrawn], Releaser, "second_person"),
    row(Withdrawn, "gathered", &[Withdrawn], Guichet, ""),
    row(Withdrawn, "published", &[Withdrawn], Guichet, ""),
    row(Withdrawn, "reissued", &[Withdrawn], Operator, ""),
    row(Withdrawn, "acknowledged", &[Withdrawn], Monetique, ""),
    row(Withdrawn, "reopened", &[TestDeclaration, Forms], Operator, "complete"),
    row(Withdrawn, "day_passed", &[Withdrawn], Guichet, ""),
    row(Withdrawn, "posted", &[Withdrawn], Guichet, ""),
    row(Refused, "released", &[Refused], Releaser, "second_person"),
    row(Refused, "release_refused", &[Refused], Releaser, "second_person"),
    row(Refused, "gathered", &[Refused], Guichet, ""),
    row(Refused, "published", &[Refused], Guichet, ""),
    row(Refused, "reissued", &[Refused], Operator, ""),
    row(Refused, "acknowledged", &[Refused], Monetique, ""),
    row(Refused, "reopened", &[TestDeclaration, Forms], Operator, "complete"),
    row(Refused, "day_passed", &[Refused], Guichet, ""),
    row(Refused, "posted", &[Refused], Guichet, ""),
];

impl Step {
    /// The line of the procedure for an event at this step; `None` when it is out of order.
    #[must_use]
    pub fn on(self, event: &str) -> Option<&'static Row> {
        TABLE.iter().find(|row| row.from == self && row.event == event)
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
