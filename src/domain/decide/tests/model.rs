//! The world outside as a model of its own, written from the procedure and not from the code that decides: who has which file, what
//! each receiver believes, and at which step the dossier must therefore stand.

use super::*;

/// A file as its receiver sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// Numbered, not yet in the outbox.
    Leaving,
    Offered,
    Accepted,
    Rejected,
}

#[derive(Debug, Clone)]
pub(super) struct Sent {
    pub operation: Operation,
    pub fate: Fate,
    /// Sent before the dossier was last reopened.
    past: bool,
}

/// Of one type: what waits here, and all that was ever numbered.
#[derive(Debug, Clone, Default)]
pub(super) struct Side {
    pub held: Option<Operation>,
    pub batched: Option<Operation>,
    pub sent: Vec<Sent>,
}

impl Side {
    /// What the receiver will believe once all that is on its way has arrived.
    fn knows(&self) -> bool {
        let stands = self.sent.iter().rev().find(|sent| sent.fate != Fate::Rejected);
        stands.is_some_and(|sent| sent.operation != Operation::Radiation)
    }
}

#[expect(clippy::struct_excessive_bools, reason = "what has happened, in any order")]
#[derive(Debug, Clone)]
pub(super) struct Model {
    pub step: Step,
    pub sides: BTreeMap<FileType, Side>,
    rib: Option<&'static str>,
    fiche: bool,
    documents: std::collections::BTreeSet<u128>,
    affiliation: bool,
    terminal: bool,
    favourable: bool,
}

impl Model {
    pub(super) fn new() -> Self {
        Self {
            step: Step::Forms,
            sides: FileType::ALL.into_iter().map(|file_type| (file_type, Side::default())).collect(),
            rib: None,
            fiche: false,
            documents: [].into(),
            affiliation: false,
            terminal: false,
            favourable: false,
        }
    }

    pub(super) fn side(&mut self, file_type: FileType) -> &mut Side {
        self.sides.get_mut(&file_type).expect("every type has its side")
    }

    fn complete(&self) -> bool {
        self.fiche && matches!(self.rib, Some("right" | "other"))
    }

    pub(super) fn dropped(&mut self, number: u128, rib: &'static str, forms: u8) {
        if !self.documents.insert(number) {
            return;
        }
        if forms != 1 {
            self.rib = Some(rib);
        }
        self.fiche |= forms != 0;
        self.go_on();
    }

    pub(super) fn settled(&mut self, rib: &'static str) {
        self.rib = Some(rib);
        self.go_on();
    }

    pub(super) fn given_terminal(&mut self) {
        self.terminal = true;
        self.go_on();
    }

    /// From the forms to the test declaration, from the tests to production: as soon as nothing lacks.
    fn go_on(&mut self) {
        let numbered = self.affiliation && self.terminal;
        match self.step {
            Step::Forms if self.complete() => self.step = Step::TestDeclaration,
            Step::TestsPassed if self.complete() && numbered && self.favourable => self.step = Step::Production,
            _ => {}
        }
    }

    pub(super) fn reported(&mut self, favourable: bool) {
        self.favourable = favourable;
        self.step = if favourable { Step::TestsPassed } else { Step::Tests };
        self.go_on();
    }

    pub(super) fn answered(&mut self, file_type: FileType, at: usize, accepted: bool) {
        let sent = &mut self.side(file_type).sent[at];
        let news = matches!(sent.fate, Fate::Leaving | Fate::Offered);
        if !news {
            return;
        }
        sent.fate = if accepted { Fate::Accepted } else { Fate::Rejected };
        let moves = !sent.past && matches!(sent.operation, Operation::Creation | Operation::Modification);
        if !accepted {
            return;
        }
        (self.affiliation, self.terminal) = (true, true);
        self.go_on();
        self.step = match (file_type, self.step) {
            _ if !moves => self.step,
            (FileType::Dts, Step::TestDeclaration) => Step::Tests,
            (FileType::Dpr, Step::Production) => Step::PaymentServer,
            (FileType::Sps, Step::PaymentServer) => Step::Users,
            (FileType::Uti, Step::Users) => Step::Live,
            (_, step) => step,
        };
    }

    pub(super) fn closed(&mut self, step: Step) {
        self.step = step;
    }

    pub(super) fn reopened(&mut self) {
        for side in self.sides.values_mut() {
            side.sent.iter_mut().for_each(|sent| sent.past = true);
        }
        self.favourable = false;
        self.step = Step::Forms;
        self.go_on();
    }

    /// Does what the core decided to the world outside; says what must never be.
    pub(super) fn carry_out(&mut self, effects: &[Effect]) -> Result<(), String> {
        for effect in effects {
            match effect {
                Effect::Publish { declaration, leaves } => {
                    let (file_type, operation) = (declaration.file_type, declaration.operation);
                    self.gate(file_type, operation)?;
                    let side = self.side(file_type);
                    if side.held.is_some() || side.batched.is_some() {
                        return Err(format!("two declarations {file_type} wait at once"));
                    }
                    match leaves {
                        Departure::Held => side.held = Some(operation),
                        Departure::Batch => side.batched = Some(operation),
                        Departure::Now => self.number(file_type, operation)?,
                    }
                }
                Effect::Release { file_type, leaves, .. } => {
                    let side = self.side(*file_type);
                    let operation = side.held.take().ok_or("released what nobody held")?;
                    match leaves {
                        Departure::Batch => side.batched = Some(operation),
                        _ => self.number(*file_type, operation)?,
                    }
                }
                Effect::Recall { file_type } => {
                    let side = self.side(*file_type);
                    if side.held.take().or(side.batched.take()).is_none() {
                        return Err(format!("{file_type} recalled, and nothing waited"));
                    }
                }
                Effect::Send(_) | Effect::Answer(_) => {}
            }
        }
        Ok(())
    }

    /// A file gets its number: its receiver must be able to make sense of it.
    pub(super) fn number(&mut self, file_type: FileType, operation: Operation) -> Result<(), String> {
        let side = self.side(file_type);
        if (operation == Operation::Creation) == side.knows() {
            return Err(format!(
                "{file_type} {} to a receiver who knows the merchant: {}",
                operation.code(),
                side.knows()
            ));
        }
        side.sent.push(Sent { operation, fate: Fate::Leaving, past: false });
        Ok(())
    }

    /// What must hold before a type is declared at all.
    fn gate(&self, file_type: FileType, operation: Operation) -> Result<(), String> {
        let accepted = |before: FileType| {
            let stands = |sent: &Sent| !sent.past && sent.fate == Fate::Accepted;
            self.sides[&before].sent.iter().any(stands)
        };
        let open = match file_type {
            FileType::Dts => true,
            FileType::Dpr => accepted(FileType::Dts) && self.affiliation && self.terminal,
            FileType::Sps => accepted(FileType::Dpr),
            FileType::Uti => accepted(FileType::Sps),
        };
        // Suspensions, their ends and radiations concern the merchant as declared before.
        let change = operation != Operation::Creation;
        if open || change { Ok(()) } else { Err(format!("{file_type} before its gate")) }
    }
}
