//! Candidates: where the answer to a label may stand — behind it, right of it (left for Arabic), or under it.
//!
//! Only geometry speaks here; what the value looks like and which field it serves is weighed later, all at once.

use super::fold;
use super::lexicon::Lexicon;
use super::neighbours::{Neighbours, Role};
use super::questions::Question;
use super::units::{Tick, Token, Unit};
use crate::domain::field::Rect;
use crate::extraction::page::SHEET_CELL;

/// Prose is no value.
const PROSE: usize = 26;

/// How an answer stands to its label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Stand {
    /// Behind the label, in its own line or cell.
    Inline,
    /// On the label's row.
    Beside,
    Under,
    /// The label stands below the line the answer is written on.
    Over,
}

/// `Ville – Tunis`: the stroke between a label and its answer is part of neither.
fn drop_separator(answer: &mut Answer) {
    let parts =
        |token: &Token| token.tick.is_none() && matches!(token.text.as_str(), "-" | "–" | "—" | "|" | "•" | "=" | "→");
    if answer.tokens.len() > 1 && answer.widget.is_none() && parts(&answer.tokens[0]) {
        answer.tokens.remove(0);
        answer.first = answer.first.saturating_sub(1);
    }
}

/// Some words that may answer a label.
#[derive(Debug, Clone)]
pub(super) struct Answer {
    pub stand: Stand,
    /// Units used up by this answer; empty for words of the label's own unit.
    pub units: Vec<usize>,
    pub tokens: Vec<Token>,
    /// How many tokens the first unit gave: what follows may be a neighbour.
    pub first: usize,
    pub area: Rect,
    /// Bounds are sure: a ruled cell, a form field, a sheet's cell, or words closed in by labels.
    pub closed: bool,
    /// Lines were joined that no ruling holds together.
    pub joined: bool,
    pub widget: Option<usize>,
    pub cell: Option<usize>,
}

impl Neighbours<'_> {
    /// The answers a question may have, best geometry first.
    pub fn answers(&self, question: &Question, lexicon: &Lexicon) -> Vec<Answer> {
        let unit = &self.units[question.unit];
        if !question.content.is_empty() {
            let mut inline = self.inline(question, unit);
            self.extend_down(&mut inline, question);
            self.drop_other_half(&mut inline, question, lexicon);
            return vec![inline];
        }
        if self.over.contains(&question.page) {
            return self.over(question).into_iter().collect();
        }
        let mut answers = Vec::new();
        let mut left_blank = false;
        if let Some(mut beside) = self.beside(question, lexicon) {
            self.extend_down(&mut beside, question);
            // An empty cell beside the label is its answer, whatever the row below says.
            left_blank = unit.boxed && beside.tokens.is_empty() && beside.widget.is_none();
            answers.push(beside);
        }
        if !left_blank {
            answers.extend(self.under(question));
        }
        for answer in &mut answers {
            drop_separator(answer);
            self.drop_other_half(answer, question, lexicon);
        }
        answers
    }

    /// On a paper in two languages, Arabic words before or behind words in other letters belong to the label; that they might
    /// be part of a name keeps the answer in doubt, and so does an answer that is nothing else.
    fn drop_other_half(&self, answer: &mut Answer, question: &Question, lexicon: &Lexicon) {
        if question.is_arabic() || !self.bilingual.contains(&question.page) || answer.widget.is_some() {
            return;
        }
        let is_word = |token: &Token| token.tick.is_none() && token.text.chars().any(char::is_alphanumeric);
        let arabic = |token: &Token| is_word(token) && fold::is_arabic_only(&token.text);
        let other = |token: &Token| is_word(token) && !arabic(token);
        if !answer.tokens.iter().any(arabic) {
            return;
        }
        let dropped: Vec<Token> = answer.tokens.iter().filter(|token| arabic(token)).cloned().collect();
        answer.joined |= !lexicon.is_arabic_label(&super::units::join(&dropped));
        let (Some(from), Some(to)) = (answer.tokens.iter().position(other), answer.tokens.iter().rposition(other))
        else {
            return;
        };
        // Boxes are left alone: their options may be in both languages.
        if answer.tokens.iter().all(|token| token.tick.is_none()) {
            answer.first = answer.first.min(to + 1).saturating_sub(from);
            answer.tokens = answer.tokens[from..=to].to_vec();
        }
    }

    fn inline(&self, question: &Question, unit: &Unit) -> Answer {
        let tokens = unit.tokens[question.content.clone()].to_vec();
        let last = question.content.end == unit.tokens.len();
        let mut answer = Answer {
            stand: Stand::Inline,
            units: Vec::new(),
            first: tokens.len(),
            area: super::units::bounds(&tokens),
            tokens,
            closed: true,
            joined: false,
            widget: None,
            cell: unit.cell,
        };
        // A wide blank may have cut the line in two; the rest of it belongs here up to the next label.
        if last && !unit.boxed {
            for at in self.row(question.page, &unit.ink) {
                let other = &self.units[at];
                if other.area.x0 < unit.area.x1 - 1.0 || at == question.unit {
                    continue;
                }
                if !self.may_answer(at) || other.boxed && other.widget.is_none() {
                    break;
                }
                self.take(&mut answer, at);
            }
        }
        answer
    }

    fn take(&self, answer: &mut Answer, at: usize) {
        let unit = &self.units[at];
        let below = answer.tokens.last().is_some_and(|last| unit.ink.centre().1 > last.bbox.y1);
        let line = answer.tokens.last().map_or(0, |token| token.line) + usize::from(below);
        let first_line = unit.tokens.first().map_or(0, |token| token.line);
        answer.joined |= below && !unit.boxed && !unit.has_ticks();
        answer
            .tokens
            .extend(unit.tokens.iter().cloned().map(|token| Token { line: line + token.line - first_line, ..token }));
        answer.area = if answer.units.is_empty() && answer.stand != Stand::Inline {
            unit.area
        } else {
            answer.area.union(&unit.area)
        };
        answer.units.push(at);
    }

    /// Right of the label up to the next label; left of it when the label is Arabic. On a sheet, columns follow one another the way
    /// the label runs: the value is in a later column whatever the script, unless only earlier ones hold something.
    fn beside(&self, question: &Question, lexicon: &Lexicon) -> Option<Answer> {
        let unit = &self.units[question.unit];
        let own = if unit.boxed { unit.area } else { question.label_box };
        let mut row = self.row(question.page, &own);
        row.retain(|at| *at != question.unit);
        // A label too long for its place runs under its answer.
        let overprinted = |other: &Rect| other.x0 > own.centre().0 && other.centre().0 > own.x1;
        let follows = |at: &usize| self.units[*at].area.x0 >= own.x1 - 3.0 || overprinted(&self.units[*at].area);
        // A label in both languages has its answer on the side where something is left to write on.
        let both = !question.is_arabic() && question.label.chars().any(fold::is_arabic);
        let open = |at: &usize| self.roles[*at] == Role::Free;
        let turned =
            both && !row.iter().any(|at| follows(at) && open(at)) && row.iter().any(|at| !follows(at) && open(at));
        let rightward = !turned && (!question.is_arabic() || self.is_sheet(question.page) && row.iter().any(follows));
        if rightward {
            row.retain(follows);
        } else {
            row.retain(|at| self.units[*at].area.x1 <= own.x0 + 3.0);
            row.reverse();
        }
        // The next label ends the answer, wherever on the row its own line stands.
        let barrier = row.iter().position(|at| !matches!(self.roles[*at], Role::Free | Role::Echo));
        row.truncate(barrier.unwrap_or(row.len()));
        if rightward {
            self.line_by_line(&mut row);
        }
        let mut answer: Option<Answer> = None;
        for at in row.iter().copied() {
            let other = &self.units[at];
            let echo = self.roles[at] == Role::Echo
                || answer.is_none() && rightward && lexicon.is_arabic_label(&other.text())
                || !question.is_arabic() && self.is_other_half(at, &row);
            if echo && !other.has_ticks() {
                continue;
            }
            match &mut answer {
                None => {
                    let closed = other.boxed || unit.boxed;
                    answer = Some(Answer { closed, ..self.begun(Stand::Beside, at) });
                }
                Some(answer) => self.take(answer, at),
            }
        }
        if let Some(answer) = &mut answer {
            self.take_list(answer, question);
        }
        answer
    }

    /// On a paper in two languages, Arabic beside an answer in other letters or digits is the other half of the label.
    fn is_other_half(&self, at: usize, row: &[usize]) -> bool {
        let arabic = |at: usize| fold::is_arabic_only(&self.units[at].text());
        let answers = |other: &usize| *other != at && self.roles[*other] == Role::Free && !arabic(*other);
        self.bilingual.contains(&self.units[at].page) && arabic(at) && row.iter().any(answers)
    }

    /// The nearest unit under the label that begins where it begins.
    fn under(&self, question: &Question) -> Option<Answer> {
        let unit = &self.units[question.unit];
        let own = if unit.boxed { unit.area } else { question.label_box };
        let sheet = self.is_sheet(question.page);
        let reach =
            if sheet { SHEET_CELL.1 * 0.9 } else { 1.5 * unit.size.max(question.label_box.height()).clamp(6.0, 24.0) };
        let below = self.crossing(question.page, own.y1 - 2.0, own.y1 + reach);
        let mut best: Option<(f32, usize)> = None;
        for at in below {
            let other = &self.units[at];
            let shared = own.x1.min(other.area.x1) - own.x0.max(other.area.x0);
            let starts = other.area.x0 >= own.x0 - 8.0 && other.area.x0 < own.x1 - 1.0;
            if at == question.unit || other.area.y0 < own.y1 - 3.0 || shared <= 0.0 && !starts {
                continue;
            }
            if !starts && shared < 0.5 * own.width().min(other.area.width()) {
                continue;
            }
            let distance = (other.area.y0 - own.y1).max(0.0) * 2.0 + (other.area.x0 - own.x0).abs() * 0.2;
            if best.is_none_or(|(least, _)| distance < least) {
                best = Some((distance, at));
            }
        }
        let (_, at) = best?;
        let at = self.box_before(question, at).unwrap_or(at);
        if !self.may_answer(at) {
            return None;
        }
        let other = &self.units[at];
        let mut answer = self.begun(Stand::Under, at);
        // Options under their label run along the row.
        if other.has_ticks() || !other.boxed {
            self.take_along(&mut answer, question, &own, at);
            self.extend_down(&mut answer, question);
        }
        Some(answer)
    }

    /// The box an option belongs to, where it stands apart from its words.
    fn box_before(&self, question: &Question, at: usize) -> Option<usize> {
        let option = &self.units[at];
        let is_box = |unit: &Unit| unit.tokens.iter().all(|token| token.tick.is_some()) && unit.has_ticks();
        let before = |other: &usize| {
            let unit = &self.units[*other];
            let gap = option.area.x0 - unit.area.x1;
            *other != at && *other != question.unit && is_box(unit) && (-2.0..1.2 * option.size.max(8.0)).contains(&gap)
        };
        if option.has_ticks() || option.widget.is_some() {
            return None;
        }
        self.row(question.page, &option.area).into_iter().rev().find(before)
    }

    /// The unit right above the label, on a paper that prints its labels below the lines to fill in.
    fn over(&self, question: &Question) -> Option<Answer> {
        let unit = &self.units[question.unit];
        let own = question.label_box;
        let reach = 1.5 * unit.size.max(own.height()).clamp(6.0, 24.0);
        let above = self.crossing(question.page, own.y0 - reach, own.y0 + 1.0);
        let begins_here = |at: &usize| {
            let other = &self.units[*at].area;
            *at != question.unit && other.y1 <= own.y0 + 3.0 && (other.x0 - own.x0).abs() < 8.0
        };
        let at = above
            .into_iter()
            .filter(begins_here)
            .max_by(|a, b| self.units[*a].area.y1.total_cmp(&self.units[*b].area.y1))?;
        if !self.may_answer(at) {
            return None;
        }
        let mut answer = self.begun(Stand::Over, at);
        self.take_along(&mut answer, question, &own, at);
        Some(answer)
    }

    /// An answer of one unit.
    fn begun(&self, stand: Stand, at: usize) -> Answer {
        let unit = &self.units[at];
        Answer {
            stand,
            units: vec![at],
            tokens: unit.tokens.clone(),
            first: unit.tokens.len(),
            area: unit.area,
            closed: unit.boxed,
            joined: false,
            widget: unit.widget,
            cell: unit.cell,
        }
    }

    /// Takes what stands beside the answer's unit `at` in its row, up to the column of the next label.
    fn take_along(&self, answer: &mut Answer, question: &Question, own: &Rect, at: usize) {
        let first = &self.units[at];
        let next_label = self.row(question.page, own).into_iter().find(|other| {
            *other != question.unit
                && matches!(self.roles[*other], Role::Label | Role::Unasked)
                && self.units[*other].area.x0 > own.x1
        });
        let until = next_label.map_or(f32::MAX, |label| self.units[label].area.x0 - 4.0);
        for next in self.row(question.page, &first.area) {
            let piece = &self.units[next];
            if next == at || piece.area.x0 < first.area.x1 - 2.0 || piece.area.x0 >= until {
                continue;
            }
            if !self.may_answer(next) || piece.widget.is_some() != first.widget.is_some() {
                break;
            }
            self.take(answer, next);
        }
    }

    /// Lines that run on under the value: options in any case, words where they begin under the value or at the margin.
    fn extend_down(&self, answer: &mut Answer, question: &Question) {
        let unit = &self.units[question.unit];
        if answer.widget.is_some() || self.is_sheet(question.page) || unit.boxed && answer.stand != Stand::Under {
            return;
        }
        if answer.units.first().is_some_and(|at| self.units[*at].boxed && !self.units[*at].has_ticks()) {
            return;
        }
        let size = unit.size.clamp(5.0, 30.0);
        let margin = self.pages[question.page].width * 0.82;
        for _ in 0..4 {
            let options = answer.tokens.iter().any(|token| token.tick.is_some());
            let bottom = answer.tokens.last().map_or(answer.area.y1, |token| token.bbox.y1.max(answer.area.y1));
            let below: Vec<usize> = self
                .crossing(question.page, bottom - 2.0, bottom + if options { 1.6 } else { 0.9 } * size)
                .into_iter()
                .filter(|at| {
                    self.units[*at].area.y0 >= bottom - 3.5 && !answer.units.contains(at) && *at != question.unit
                })
                .collect();
            let left = question.label_box.x0 - 6.0;
            let right = answer.area.x1.max(question.label_box.x1);
            // What another column prints at this height says nothing of this one's next line.
            let in_column = |at: &usize| {
                let area = &self.units[*at].area;
                area.x1 > left && (options || area.x0 < right)
            };
            let Some(first) = below.iter().copied().find(|at| self.roles[*at] != Role::Echo && in_column(at)) else {
                return;
            };
            let row = self.row(question.page, &self.units[first].area);
            // A label on that row owns it.
            let owned = row.iter().any(|at| {
                *at != question.unit
                    && matches!(
                        self.roles[*at],
                        Role::Label | Role::Unasked | Role::Heading | Role::Prose | Role::Taken
                    )
                    && self.units[*at].area.x1 > left
                    && self.units[*at].area.x0 < right
            });
            if owned {
                return;
            }
            let answer_x = answer.tokens.iter().map(|token| token.bbox.x0).fold(f32::MAX, f32::min);
            let value_x = answer.tokens.first().map_or(answer.area.x0, |token| token.bbox.x0);
            let takes: Vec<usize> = row
                .into_iter()
                .filter(|at| self.may_answer(*at) && !answer.units.contains(at))
                .filter(|at| {
                    let piece = &self.units[*at];
                    if options {
                        // Beside their label, options run on under one another; only a box may begin at the margin.
                        // A box at the end of its line has its option on the next.
                        let open = answer.tokens.last().is_some_and(|token| token.tick.is_some());
                        let begins = if open || answer.stand == Stand::Under { left } else { answer_x - 8.0 };
                        // What stands in a frame of its own is no option's next line.
                        return (piece.area.x0 >= begins || piece.area.x0 >= left && starts_with_box(piece))
                            && piece.widget.is_none()
                            && (piece.has_ticks() || !piece.boxed);
                    }
                    let runs_on = answer.area.x1 > margin || answer.area.x1 > question.label_box.x0 + 300.0;
                    let aligned = (piece.area.x0 - value_x).abs() < 4.0
                        || runs_on && (piece.area.x0 - question.label_box.x0).abs() < 4.0
                        // Struck out words before the answer push it to the right of where its lines begin.
                        || runs_on && answer.stand == Stand::Beside && piece.area.x0 >= question.label_box.x1 - 1.0;
                    aligned && !piece.boxed && !piece.has_ticks() && (piece.size - unit.size).abs() < 1.5
                })
                .collect();
            // A line of words that belongs to options must carry or follow one.
            if takes.is_empty()
                || options
                    && !takes.iter().any(|at| self.units[*at].has_ticks())
                    && answer.tokens.last().is_none_or(|token| token.tick == Some(Tick::Unclear))
            {
                return;
            }
            let line = answer.tokens.last().map_or(0, |token| token.line) + 1;
            for at in takes {
                let piece = &self.units[at];
                answer.tokens.extend(piece.tokens.iter().cloned().map(|token| Token { line, ..token }));
                answer.area = answer.area.union(&piece.area);
                answer.units.push(at);
                answer.joined |= !options;
            }
        }
    }
}

fn starts_with_box(unit: &Unit) -> bool {
    unit.tokens.first().is_some_and(|token| token.tick.is_some())
}

/// Long running text between the questions.
pub(super) fn is_prose(unit: &Unit) -> bool {
    let words = unit.tokens.iter().filter(|token| token.tick.is_none()).count();
    !unit.has_ticks()
        && unit.widget.is_none()
        && (words >= PROSE || !unit.boxed && (words >= 15 || words >= 12 && unit.text().ends_with('.')))
}
