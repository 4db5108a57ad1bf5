//! Form fields that say themselves what they ask.

use super::Reader;
use crate::domain::field::Rect;
use crate::extraction::engine::answers::{Answer, Stand};
use crate::extraction::engine::questions::Question;
use crate::extraction::page::WidgetKind;

impl Reader<'_> {
    /// Form fields that say themselves what they ask: by tooltip, else by a name that means something.
    pub(super) fn tips(&self) -> Vec<(Question, usize)> {
        let mut tips = Vec::new();
        for (at, unit) in self.units.iter().enumerate() {
            let Some(widget) = unit.widget.and_then(|widget| self.pages[unit.page].widgets.get(widget)) else {
                continue;
            };
            if !matches!(widget.kind, WidgetKind::Text | WidgetKind::Choice) {
                continue;
            }
            let text = widget.says();
            let meaning = self.lexicon.meaning(text);
            let likeness = self.lexicon.label_likeness(&meaning);
            if likeness < 0.85 {
                continue;
            }
            let label_box = Rect { x1: unit.area.x0, ..unit.area };
            tips.push((
                Question {
                    unit: at,
                    page: unit.page,
                    label: text.to_owned(),
                    meaning,
                    label_box,
                    marked: false,
                    split: false,
                    likeness,
                    content: 0..0,
                },
                at,
            ));
        }
        tips
    }

    pub(super) fn widget_answer(&self, at: usize) -> Answer {
        let unit = &self.units[at];
        Answer {
            stand: Stand::Beside,
            units: vec![at],
            tokens: unit.tokens.clone(),
            first: unit.tokens.len(),
            area: unit.area,
            closed: true,
            joined: false,
            widget: unit.widget,
            cell: unit.cell,
        }
    }
}
