//! Options listed one under the other in cells, each with a cell of its own for the cross: the list goes on down to the next label.

use super::answers::Answer;
use super::neighbours::{Neighbours, Role};
use super::questions::Question;
use super::shapes;
use super::units::{Tick, Token, Unit};

/// A list is no longer than this.
const LONGEST: usize = 20;
/// Left edges of one column differ by less than this.
const FLUSH: f32 = 2.0;

/// One option with the cells beside it that hold a cross.
struct Line {
    option: usize,
    crosses: Vec<usize>,
}

impl Neighbours<'_> {
    /// Takes the rows below the first option of a list, where at least one of them is crossed.
    pub(super) fn take_list(&self, answer: &mut Answer, question: &Question) {
        let label = &self.units[question.unit];
        let Some(first) = self.line(&answer.units).filter(|_| label.boxed) else { return };
        let mut lines = vec![first];
        let mut row = self.row_below(question.page, &self.units[lines[0].option]);
        while lines.len() < LONGEST {
            let heads =
                |at: &usize| self.units[*at].area.x0 < label.area.x1 - FLUSH && !self.units[*at].tokens.is_empty();
            // Beside a cross a text is an option, whatever it sounds like.
            let open = |line: &Line| self.roles[line.option] == Role::Free || !line.crosses.is_empty();
            let said: Vec<usize> = row.iter().copied().filter(|at| !self.units[*at].tokens.is_empty()).collect();
            let Some(line) = self.line(&said).filter(|_| !row.iter().any(heads)).filter(open) else {
                break;
            };
            if !is_flush(&self.units[line.option], &self.units[lines[0].option]) {
                break;
            }
            row = self.row_below(question.page, &self.units[line.option]);
            lines.push(line);
        }
        if lines.len() < 2 || lines.iter().all(|line| line.crosses.is_empty()) {
            return;
        }
        answer.tokens.clear();
        answer.units.clear();
        for (number, line) in lines.iter().enumerate() {
            let option = &self.units[line.option];
            let on = line.crosses.iter().filter(|at| self.column_says_no(**at) != Some(true)).count();
            let tick = Token {
                text: String::new(),
                tick: Some(if on > 0 { Tick::On } else { Tick::Off }),
                bbox: crate::domain::field::Rect { x1: option.area.x0, x0: option.area.x0 - 6.0, ..option.ink },
                certainty: 1.0,
                line: number,
                widget: None,
            };
            let words = option.tokens.iter().cloned().map(|token| Token { line: number, ..token });
            answer.tokens.push(tick);
            answer.tokens.extend(words);
            answer.units.push(line.option);
            answer.units.extend(&line.crosses);
            answer.area = answer.area.union(&option.area);
        }
        answer.first = answer.tokens.len();
    }

    /// One text and, beside it, nothing but crosses.
    fn line(&self, row: &[usize]) -> Option<Line> {
        let (crosses, texts): (Vec<usize>, Vec<usize>) =
            row.iter().partition(|at| self.units[**at].has_ticks() && self.units[**at].text().is_empty());
        match texts.as_slice() {
            [option] if self.units[*option].boxed && !self.units[*option].has_ticks() => {
                Some(Line { option: *option, crosses })
            }
            _ => None,
        }
    }

    fn row_below(&self, page: usize, unit: &Unit) -> Vec<usize> {
        let below = self.crossing(page, unit.area.y1 + 1.0, unit.area.y1 + 2.0);
        below.into_iter().filter(|at| self.units[*at].area.y0 >= unit.area.y1 - FLUSH).collect()
    }

    /// `Oui | Non` over two columns of crosses: does the column of this one say no? Nothing where no such heading stands above.
    fn column_says_no(&self, cross: usize) -> Option<bool> {
        let column = &self.units[cross];
        let above =
            |unit: &&Unit| unit.page == column.page && is_flush(unit, column) && unit.area.y1 <= column.area.y0 + 1.0;
        let heads = self.units.iter().filter(above).filter(|unit| !unit.has_ticks());
        let nearest = heads.max_by(|a, b| a.area.y0.total_cmp(&b.area.y0))?;
        shapes::flag(&nearest.text()).map(|yes| !yes)
    }
}

fn is_flush(a: &Unit, b: &Unit) -> bool {
    (a.area.x0 - b.area.x0).abs() < FLUSH
}
