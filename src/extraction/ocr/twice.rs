//! Words read twice: lines that an engine finds may overlap, and what they share would be an answer told twice over.

use super::words::{Row, Seen};

/// Two words that share so much of the smaller one's surface are one word on the paper,
const ONE_WORD: f32 = 0.6;
/// when their middles are no further apart than this share of the lower one's height: lines of a tilted sheet overlap too.
const LEVEL: f32 = 0.25;

/// Keeps of words that lie on one another the longer, or the surer of two as long. Where they do not say the same, nobody
/// can be sure.
pub(super) fn once(rows: &mut Vec<Row>) {
    let mut places: Vec<(usize, usize)> =
        rows.iter().enumerate().flat_map(|(row, it)| (0..it.words.len()).map(move |at| (row, at))).collect();
    places.sort_by(|a, b| rows[a.0].words[a.1].bounds[1].total_cmp(&rows[b.0].words[b.1].bounds[1]));
    let mut dropped: Vec<(usize, usize)> = Vec::new();
    for (number, one) in places.iter().enumerate() {
        let bottom = rows[one.0].words[one.1].bounds[3];
        for other in &places[number + 1..] {
            if rows[other.0].words[other.1].bounds[1] >= bottom {
                break;
            }
            if one.0 == other.0 || dropped.contains(one) || dropped.contains(other) {
                continue;
            }
            let (first, second) = (&rows[one.0].words[one.1], &rows[other.0].words[other.1]);
            if shared(first, second) < ONE_WORD || !are_level(first, second) {
                continue;
            }
            let rank = |word: &Seen| (word.text.chars().count(), word.certainty);
            let (kept, gone) = if rank(first) >= rank(second) { (*one, *other) } else { (*other, *one) };
            let certainty = rows[gone.0].words[gone.1].certainty;
            let same = rows[gone.0].words[gone.1].text == rows[kept.0].words[kept.1].text;
            let kept = &mut rows[kept.0].words[kept.1];
            kept.certainty = if same { kept.certainty.max(certainty) } else { kept.certainty.min(certainty) };
            dropped.push(gone);
        }
    }
    dropped.sort_unstable();
    for (row, at) in dropped.into_iter().rev() {
        rows[row].words.remove(at);
    }
    rows.retain(|row| !row.words.is_empty());
}

fn are_level(a: &Seen, b: &Seen) -> bool {
    (a.centre().1 - b.centre().1).abs() <= LEVEL * a.height().min(b.height())
}

/// Surface two words share, as a share of the smaller.
fn shared(a: &Seen, b: &Seen) -> f32 {
    let side = |from: usize, to: usize| (a.bounds[to].min(b.bounds[to]) - a.bounds[from].max(b.bounds[from])).max(0.0);
    let surface = |word: &Seen| (word.bounds[2] - word.bounds[0]) * (word.bounds[3] - word.bounds[1]);
    side(0, 2) * side(1, 3) / surface(a).min(surface(b)).max(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(words: &[(&str, [f32; 4], f32)]) -> Row {
        let seen = |(text, bounds, certainty): &(&str, [f32; 4], f32)| Seen {
            text: (*text).to_owned(),
            bounds: *bounds,
            certainty: *certainty,
            ..Seen::default()
        };
        Row { words: words.iter().map(seen).collect() }
    }

    #[test]
    fn a_word_of_two_lines_is_kept_once() {
        let mut rows = vec![
            row(&[("SSL", [10.0, 10.0, 40.0, 22.0], 1.0), ("Oui", [60.0, 10.0, 90.0, 22.0], 0.9)]),
            row(&[("Oui", [61.0, 11.0, 91.0, 23.0], 0.97), ("Non", [120.0, 10.0, 150.0, 22.0], 1.0)]),
            row(&[("Date", [10.0, 24.0, 40.0, 36.0], 1.0)]),
        ];
        once(&mut rows);
        let texts: Vec<&str> = rows.iter().flat_map(|row| &row.words).map(|word| word.text.as_str()).collect();
        assert_eq!(texts, ["SSL", "Oui", "Non", "Date"]);
    }

    #[test]
    fn two_readings_of_one_place_make_neither_sure() {
        let mut rows = vec![
            row(&[("topnet.tn", [10.0, 10.0, 100.0, 22.0], 0.99)]),
            row(&[("topnel", [12.0, 10.0, 70.0, 22.0], 0.6)]),
            row(&[("tunis", [10.0, 60.0, 70.0, 72.0], 0.99)]),
            row(&[("Raison", [10.0, 136.0, 70.0, 147.0], 0.5)]),
            row(&[("prénom", [10.0, 140.0, 70.0, 149.0], 0.99)]),
        ];
        once(&mut rows);
        assert_eq!(rows.len(), 4, "the second line of a tilted label is no second reading of the first");
        assert_eq!((rows[0].words[0].text.as_str(), rows[0].words[0].certainty), ("topnet.tn", 0.6));
        assert_eq!(rows[1].words[0].certainty, 0.99);
    }
}
