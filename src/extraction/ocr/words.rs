//! What an engine for optical character recognition gives back, whichever it is.

/// A word on the page picture.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Seen {
    pub(super) text: String,
    /// Left, top, right, bottom in pixels.
    pub(super) bounds: [f32; 4],
    /// Certainty of the least certain character, 0 to 1.
    pub(super) certainty: f32,
    /// Each character of the text; empty where the engine does not say.
    pub(super) signs: Vec<Sign>,
}

/// A character as the engine saw it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Sign {
    /// Where it stands, roughly.
    pub(super) x: f32,
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

    /// Some of its characters, counted from the left, as a word of their own. Its bounds are drawn between characters.
    pub(super) fn piece(&self, range: std::ops::Range<usize>) -> Self {
        let count = self.text.chars().count().max(1);
        let step = (self.bounds[2] - self.bounds[0]) / count as f32;
        let edge = |at: usize| match at {
            0 => self.bounds[0],
            at if at >= count => self.bounds[2],
            at if self.knows_signs() => f32::midpoint(self.signs[at - 1].x, self.signs[at].x),
            at => self.bounds[0] + step * at as f32,
        };
        let signs = if self.knows_signs() { self.signs[range.clone()].to_vec() } else { Vec::new() };
        Self {
            text: self.text.chars().skip(range.start).take(range.len()).collect(),
            bounds: [edge(range.start), self.bounds[1], edge(range.end), self.bounds[3]],
            certainty: signs.iter().map(|sign| sign.certainty).reduce(f32::min).unwrap_or(self.certainty),
            signs,
        }
    }

    /// The engine has said where each character stands, and none has been changed since.
    pub(super) fn knows_signs(&self) -> bool {
        !self.signs.is_empty() && self.signs.len() == self.text.chars().count()
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
