//! Headings are counted, and the count tells of one that was not known for a heading, or not read at all.

use super::Reader;
use crate::extraction::engine::neighbours::{Neighbours, Role};
use crate::extraction::engine::questions::Question;
use crate::extraction::engine::sections::{self, Count, Heading};

/// A heading by its number: the unit it is, and the numbers its first word may mean.
type Counted = (usize, Vec<(Count, u32)>);

impl Reader<'_> {
    /// Between `A` and `C` stands a `B`, whatever its words say. Where it went unread, what the labels after `A` stand under is
    /// not sure.
    pub(super) fn fill_in(
        &self,
        headings: &mut Vec<Heading>,
        questions: &[Vec<Question>],
        options: &[bool],
        near: &mut Neighbours<'_>,
    ) {
        let counted = self.counted(headings, questions, options, near);
        let known: Vec<usize> = (0..counted.len()).filter(|at| near.roles[counted[*at].0] == Role::Heading).collect();
        let mut more = Vec::new();
        for pair in known.windows(2) {
            let (first, second) = (&counted[pair[0]], &counted[pair[1]]);
            let steps = first.1.iter().filter_map(|(count, from)| {
                let to = second.1.iter().find(|(other, _)| other == count)?.1;
                (to > *from).then_some((*count, *from, to))
            });
            let Some((count, from, to)) = steps.min_by_key(|(_, from, to)| to - from) else { continue };
            let mut missing = from + 1;
            for (at, ordinals) in &counted[pair[0] + 1..pair[1]] {
                if missing < to && ordinals.contains(&(count, missing)) {
                    more.push(*at);
                    missing += 1;
                }
            }
            if missing < to {
                let unit = &self.units[first.0];
                let before = |heading: &&mut Heading| heading.page == unit.page && heading.area == unit.area;
                headings.iter_mut().filter(before).for_each(|heading| heading.weak = true);
            }
        }
        for at in more {
            let unit = &self.units[at];
            let text = unit.text();
            let known = self.lexicon.section(self.number, &self.lexicon.meaning(sections::without_number(&text).0));
            let section =
                known.filter(|(_, score)| *score > 0.55).map(|(section, _)| self.form().sections[section].id.clone());
            headings.push(Heading { page: unit.page, area: unit.area, section, weak: false });
            near.roles[at] = Role::Heading;
        }
        sections::in_order(headings);
    }

    /// What begins with a number and is a heading, or may be one.
    fn counted(
        &self,
        headings: &[Heading],
        questions: &[Vec<Question>],
        options: &[bool],
        near: &Neighbours<'_>,
    ) -> Vec<Counted> {
        let mut counted = Vec::new();
        for (at, unit) in self.units.iter().enumerate() {
            let heading = || headings.iter().any(|heading| heading.page == unit.page && heading.area == unit.area);
            let free = matches!(near.roles[at], Role::Free | Role::Label | Role::Unasked)
                && unit.widget.is_none()
                && !options[at]
                && (1..=12).contains(&unit.tokens.len())
                && questions[at].iter().all(|question| question.content.is_empty());
            if free || near.roles[at] == Role::Heading && heading() {
                let ordinals = sections::ordinals(&unit.text());
                if !ordinals.is_empty() {
                    counted.push((at, ordinals));
                }
            }
        }
        counted
    }
}
