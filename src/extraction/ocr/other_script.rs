//! Labels in letters the engine does not know: the Arabic half of a form in two languages stands flush right, as ink nobody
//! reads or as Arabic that another engine read. The few Latin words the first engine makes of it are noise, and no answers.

use super::super::page::{Ink, Segment, Word};
use crate::domain::field::Rect;
use crate::schemas::fold;

/// Ends this near one another stand flush, in points.
const FLUSH: f32 = 3.5;
/// So many unread inks or Arabic words make a column.
const COLUMN: usize = 4;
/// It stands in this part of the page.
const RIGHT: f32 = 0.6;
/// A word more certain than this is one, wherever it stands.
const UNSURE: f32 = 0.6;

/// Drops uncertain words that end where a column of unread ink or of Arabic ends.
pub(super) fn drop_noise(segments: &mut Vec<Segment>, inks: &[Ink], width: f32) {
    let words = segments.iter().flat_map(|segment| &segment.words);
    let arabic = words.filter(|word| is_arabic(word)).map(|word| word.bbox.x1);
    let edges: Vec<f32> = inks.iter().map(|ink| ink.bbox.x1).chain(arabic).collect();
    let flush = |edge: f32| {
        edge > RIGHT * width && edges.iter().filter(|other| (**other - edge).abs() <= FLUSH).count() >= COLUMN
    };
    for segment in segments.iter_mut() {
        let before = segment.words.len();
        let words = &segment.words;
        let begins =
            |word: &Word| is_short(word) && words.iter().any(|other| is_arabic(other) && is_beside(other, word));
        let noise = |word: &Word| !is_arabic(word) && (word.certainty <= UNSURE || begins(word)) && flush(word.bbox.x1);
        let mut kept = words.iter().map(|word| !noise(word)).collect::<Vec<_>>().into_iter();
        segment.words.retain(|_| kept.next().unwrap_or(true));
        if segment.words.len() < before {
            let bounds = segment.words.iter().map(|word| word.bbox).reduce(|a: Rect, b| a.union(&b));
            segment.bbox = bounds.unwrap_or_default();
        }
    }
    segments.retain(|segment| !segment.words.is_empty());
}

fn is_arabic(word: &Word) -> bool {
    fold::is_arabic_only(&word.text)
}

/// One or two letters: at the beginning of a line of Arabic they are a word of it, however sure the engine is.
fn is_short(word: &Word) -> bool {
    word.text.chars().count() <= 2 && word.text.chars().all(char::is_alphabetic)
}

/// Does `right` begin where `left` ends, but for a blank?
fn is_beside(left: &Word, right: &Word) -> bool {
    (0.0..right.bbox.height()).contains(&(right.bbox.x0 - left.bbox.x1))
}

#[cfg(test)]
mod tests {
    use super::super::super::page::Source;
    use super::*;

    fn rect(x0: f32, x1: f32, y: f32) -> Rect {
        Rect { x0, y0: y, x1, y1: y + 9.0 }
    }

    #[test]
    fn noise_flush_with_unread_labels_goes_and_words_stay() {
        let inks: Vec<Ink> =
            (0..5).map(|n| Ink { bbox: rect(480.0, 541.0 + (n % 3) as f32, 40.0 * n as f32), share: 0.2 }).collect();
        let segment = |words: &[(&str, f32, f32)]| {
            let word = |(text, x1, certainty): &(&str, f32, f32)| Word {
                text: (*text).to_owned(),
                bbox: rect(x1 - 30.0, *x1, 300.0),
                certainty: *certainty,
            };
            Segment {
                words: words.iter().map(word).collect(),
                bbox: rect(0.0, 543.0, 300.0),
                source: Source::Ocr,
                size: 9.0,
                bold: false,
            }
        };
        let mut segments = vec![
            segment(&[("Tunis", 200.0, 0.4), ("Eiell", 542.0, 0.4)]),
            segment(&[("ulga", 542.0, 0.3)]),
            segment(&[("TND", 542.0, 0.95)]),
        ];
        drop_noise(&mut segments, &inks, 595.0);
        let left: Vec<String> = segments.iter().map(Segment::text).collect();
        assert_eq!(left, ["Tunis", "TND"]);
        assert!((segments[0].bbox.x1 - 200.0).abs() < 1e-3);

        let label = |n: usize| segment(&[("الاسم", 541.0 + (n % 3) as f32, 0.5)]);
        let mut segments: Vec<Segment> = (0..4).map(label).chain([segment(&[("l", 541.0, 0.5)])]).collect();
        drop_noise(&mut segments, &[], 595.0);
        assert_eq!(segments.len(), 4, "flush with labels that were read");
        segments.push(segment(&[("الموقع", 510.0, 0.7), ("p", 542.0, 0.8)]));
        segments.push(segment(&[("TND", 542.0, 0.8)]));
        drop_noise(&mut segments, &[], 595.0);
        let left: Vec<String> = segments[4..].iter().map(Segment::text).collect();
        assert_eq!(left, ["الموقع", "TND"]);
    }
}
