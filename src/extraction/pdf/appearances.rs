//! Fields that store nothing but show something: what they show is read, and is for a person to confirm.

use super::super::page::{Source, Widget, WidgetKind};
use super::words::Printed;

/// Words looked at for one field.
const MOST: usize = 2000;

/// Gives fields without a value the text that their appearance draws.
pub(super) fn read(widgets: &mut [Widget], lines: &[(Source, Vec<Printed>)]) {
    let speaks = |widget: &&mut Widget| {
        widget.value.is_none() && !widget.hidden && matches!(widget.kind, WidgetKind::Text | WidgetKind::Choice)
    };
    if !widgets.iter_mut().any(|widget| speaks(&widget)) {
        return;
    }
    // Words with the number of their line, from top to bottom.
    let mut drawn: Vec<(usize, &Printed)> = lines
        .iter()
        .enumerate()
        .filter(|(_, (source, _))| *source == Source::Appearance)
        .flat_map(|(number, (_, line))| line.iter().map(move |word| (number, word)))
        .collect();
    drawn.sort_by(|(_, a), (_, b)| a.word.bbox.centre().1.total_cmp(&b.word.bbox.centre().1));
    for widget in widgets.iter_mut().filter(speaks) {
        let from = drawn.partition_point(|(_, printed)| printed.word.bbox.centre().1 < widget.rect.y0);
        let inside = drawn[from..]
            .iter()
            .take(MOST)
            .take_while(|(_, printed)| printed.word.bbox.centre().1 <= widget.rect.y1)
            .filter(|(_, printed)| widget.rect.contains(printed.word.bbox.centre()));
        let mut inside: Vec<(usize, &Printed)> = inside.copied().collect();
        inside.sort_by(|(m, a), (n, b)| m.cmp(n).then(a.word.bbox.x0.total_cmp(&b.word.bbox.x0)));
        let mut text = String::new();
        let mut last = None;
        for (line, printed) in inside {
            match last {
                Some(last) if last == line => text.push(' '),
                Some(_) => text.push('\n'),
                None => {}
            }
            text.push_str(&printed.word.text);
            last = Some(line);
        }
        // A list shows all that can be chosen.
        let is_chosen = widget.options.is_empty() || widget.options.contains(&text);
        if !text.is_empty() && is_chosen {
            widget.value = Some(text);
            widget.disputed = true;
        }
    }
}
