//! The company labels keep: a heading nobody has listed is known by the labels under it.
//!
//! Under `Dirigeant` stand a first name, a capacity and an identity paper: whoever that is, it is the representative, and the
//! `E-mail` among them is his. Labels that only one section has speak for it; labels that several have speak for each a little.

use std::collections::{HashMap, HashSet};

use super::Reader;
use crate::extraction::engine::neighbours::{Neighbours, Role};
use crate::extraction::engine::questions::Question;
use crate::extraction::engine::sections::Heading;
use crate::extraction::engine::shapes;

/// A label counts when it is this near a wording.
const SURE_LABEL: f32 = 0.8;
/// Fields this much less near are no namesakes.
const NAMESAKE: f32 = 0.12;
/// Votes that settle an unknown heading.
const MAJORITY: f32 = 1.4;
/// What a label counts that is asked of anybody.
const OF_ANYBODY: f32 = 0.25;
/// Votes that settle it against what the heading itself seemed to say.
const OVERRULE: f32 = 2.5;
/// Votes that leave no doubt of it, when all others together have no third of them.
const CONFIRM: f32 = 3.0;

impl Reader<'_> {
    /// Gives headings the section that the labels under them speak for.
    pub(super) fn vote(&self, headings: &mut [Heading], questions: &[Vec<Question>], near: &Neighbours<'_>) {
        let mut votes: Vec<HashMap<&str, f32>> = vec![HashMap::new(); headings.len()];
        for question in questions.iter().flatten() {
            if near.roles[question.unit] != Role::Label {
                continue;
            }
            let Some(at) = self.heading_at(headings, question) else { continue };
            let sections = self.sections_of(question);
            let weight = if self.asks_of_anybody(question) { OF_ANYBODY } else { 1.0 };
            let share = weight / f32::from(u16::try_from(sections.len().max(1)).unwrap_or(u16::MAX));
            for section in sections {
                *votes[at].entry(section).or_default() += share;
            }
        }
        let mut confirmed = Vec::new();
        for (at, (heading, votes)) in headings.iter_mut().zip(votes).enumerate() {
            let mut ranked: Vec<(&str, f32)> = votes.into_iter().collect();
            ranked.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(b.0)));
            let Some((section, most)) = ranked.first().copied() else { continue };
            let second = ranked.get(1).map_or(0.0, |(_, votes)| *votes);
            let own = heading.section.as_deref();
            let for_own = own.and_then(|own| ranked.iter().find(|(id, _)| *id == own)).map_or(0.0, |(_, votes)| *votes);
            // Words nobody knows name it, and what it seemed to be is hardly asked for: it is somebody else.
            if heading.weak && own.is_some() && own != Some(section) && for_own < 0.25 * most {
                (heading.section, heading.weak) = (None, false);
                continue;
            }
            let settled = match own {
                None => most >= MAJORITY && most >= 1.6 * second,
                Some(own) => own != section && most >= OVERRULE && for_own < 0.25 * most,
            };
            if settled {
                heading.section = Some(section.to_owned());
                heading.weak = true;
            }
            let others: f32 = ranked.iter().skip(1).map(|(_, votes)| votes).sum();
            if heading.section.as_deref() == Some(section) && most >= CONFIRM.max(3.0 * others) {
                confirmed.push(at);
            }
        }
        self.part_doubles(headings, questions, near);
        for at in confirmed {
            headings[at].weak = false;
        }
    }

    /// No section asks the same twice. Where labels alone gave a heading its section and another heading of that section asks for
    /// the same fields, it is about somebody the form does not know.
    fn part_doubles(&self, headings: &mut [Heading], questions: &[Vec<Question>], near: &Neighbours<'_>) {
        let mut fields: Vec<HashSet<usize>> = vec![HashSet::new(); headings.len()];
        for question in questions.iter().flatten().filter(|question| near.roles[question.unit] == Role::Label) {
            let Some(at) = self.heading_at(headings, question) else { continue };
            let section = headings[at].section.as_deref();
            let best = self.lexicon.fields(self.number, &question.meaning, section).into_iter().next();
            let own = |field: usize| self.form().fields[field].hints.section.as_deref() == section;
            fields[at].extend(best.filter(|best| best.score >= SURE_LABEL && own(best.field)).map(|best| best.field));
        }
        let double = |at: &usize| {
            let heading = &headings[*at];
            heading.weak
                && headings.iter().zip(&fields).enumerate().any(|(other, (heading_of_other, asked))| {
                    other != *at && heading_of_other.section == heading.section && !asked.is_disjoint(&fields[*at])
                })
        };
        let doubles: Vec<usize> = (0..headings.len()).filter(double).collect();
        for at in doubles {
            headings[at].section = None;
            headings[at].weak = false;
        }
    }

    /// A name, a telephone, an address of the net: asked of the people a form knows and of those it does not.
    fn asks_of_anybody(&self, question: &Question) -> bool {
        let best = self.lexicon.namesakes(self.number, &question.meaning).into_iter().next();
        best.is_some_and(|(field, _)| shapes::is_of_anybody(self.form().fields[field].hints.value_type))
    }

    fn heading_at(&self, headings: &[Heading], question: &Question) -> Option<usize> {
        let heading = self.heading_of(headings, question.page, &question.label_box)?;
        headings.iter().position(|other| std::ptr::eq(other, heading))
    }

    /// The sections whose fields a label may ask for.
    fn sections_of(&self, question: &Question) -> Vec<&str> {
        let namesakes = self.lexicon.namesakes(self.number, &question.meaning);
        let best = namesakes.first().map_or(0.0, |(_, score)| *score);
        let mut sections = Vec::new();
        for (field, score) in namesakes {
            if score < SURE_LABEL || score < best - NAMESAKE {
                break;
            }
            if let Some(section) = self.form().fields[field].hints.section.as_deref()
                && !sections.contains(&section)
            {
                sections.push(section);
            }
        }
        sections
    }
}
