//! What an engine for optical character recognition gives back, whichever it is.

/// A word on the page picture.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Seen {
    pub(super) text: String,
    /// Left, top, right, bottom in pixels.
    pub(super) bounds: [f32; 4],
    /// Certainty of the least certain character, 0 to 1.
    pub(super) certainty: f32,
}

impl Seen {
    pub(super) fn centre(&self) -> (f32, f32) {
        let [x0, y0, x1, y1] = self.bounds;
        (f32::midpoint(x0, x1), f32::midpoint(y0, y1))
    }

    pub(super) fn height(&self) -> f32 {
        self.bounds[3] - self.bounds[1]
    }
}

/// Words an engine saw side by side, from left to right.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Row {
    pub(super) words: Vec<Seen>,
}

impl Row {
    pub(super) fn bounds(&self) -> [f32; 4] {
        self.words.iter().map(|word| word.bounds).reduce(around).unwrap_or_default()
    }
}

/// The smallest rectangle round two.
pub(super) fn around(a: [f32; 4], b: [f32; 4]) -> [f32; 4] {
    [a[0].min(b[0]), a[1].min(b[1]), a[2].max(b[2]), a[3].max(b[3])]
}

/// How well a page reads as a whole: certainty over all its characters, so that an upside-down page shows.
pub(super) fn legibility(rows: &[Row]) -> f32 {
    let (mut sum, mut letters) = (0.0, 0.0);
    for word in rows.iter().flat_map(|row| &row.words) {
        let length = word.text.chars().count() as f32;
        sum += length * word.certainty;
        letters += length;
    }
    if letters == 0.0 { 0.0 } else { sum / letters }
}
