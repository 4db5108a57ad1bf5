//! Boxes that are typed: to tick (☐ ☒ ☑ `[x]` `[ ]` `(x)`, lists such as `X SARL   _ SUARL`), and for one character each (`|0|7|3|9|`).

/// A run of characters without blanks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Piece<'a> {
    pub(super) text: &'a str,
    /// More than one blank, or the beginning of the line, stands before it.
    pub(super) apart: bool,
}

/// What a piece is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Word,
    /// A box, ticked or not, and how many pieces write it (`[ x ]` takes three).
    Tick {
        ticked: bool,
        pieces: usize,
    },
}

/// Which ambiguous signs are boxes on this page: a ■ is a ticked box only beside a □, a ● only beside a ○.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Signs {
    squares: bool,
    circles: bool,
    /// A star in brackets: `(*)` marks what must be filled in, unless there are empty brackets as well.
    stars: bool,
}

impl Signs {
    pub(super) fn of<'a>(texts: impl Iterator<Item = &'a str>) -> Self {
        let empty =
            |text: &str| matches!(text, "(" | "[") || ["()", "[]", "( )", "[ ]"].iter().any(|box_| text.contains(box_));
        let mut signs = Self::default();
        for text in texts {
            signs.stars |= empty(text);
            for c in text.chars() {
                signs.squares |= sign(c) == Some(false);
                signs.circles |= matches!(c, '○' | '◯' | '⚪');
            }
        }
        signs
    }

    fn read(self, c: char) -> Option<bool> {
        match c {
            '■' | '◼' | '⬛' | '◾' if self.squares => Some(true),
            '●' | '⚫' | '◉' | '⦿' if self.circles => Some(true),
            '○' | '◯' | '⚪' => Some(false),
            _ => sign(c),
        }
    }
}

/// What an unambiguous sign says about a box.
fn sign(c: char) -> Option<bool> {
    match c {
        '☐' | '□' | '▢' | '◻' | '◽' | '❏' | '❑' | '❒' | '❐' | '⬜' | '🗆' | '🞎' => Some(false),
        '☑' | '☒' | '✅' | '⊠' | '⌧' | '🗵' | '🗷' | '🗹' | '▣' | '◉' | '⦿' => Some(true),
        _ => None,
    }
}

/// Cuts a run of characters where a box begins or ends: `☐SARL` is two pieces. Returns byte ranges.
pub(super) fn cuts(text: &str, signs: Signs) -> Vec<std::ops::Range<usize>> {
    if let Some(cells) = comb(text) {
        return cells;
    }
    let mut ranges = Vec::new();
    let mut from = 0;
    let mut i = 0;
    while let Some(c) = text[i..].chars().next() {
        let length = match signs.read(c) {
            Some(_) => c.len_utf8(),
            None => bracketed(&text[i..], signs).map_or(0, |(_, length)| length),
        };
        if length == 0 {
            i += c.len_utf8();
            continue;
        }
        if from < i {
            ranges.push(from..i);
        }
        ranges.push(i..i + length);
        i += length;
        from = i;
    }
    if from < text.len() {
        ranges.push(from..text.len());
    }
    ranges
}

/// The characters of cells walled by bars: `|0|7|3|9|`.
fn comb(text: &str) -> Option<Vec<std::ops::Range<usize>>> {
    let bars = text.matches('|').count();
    if bars < 3 {
        return None;
    }
    let mut cells = Vec::new();
    let mut at = 0;
    for cell in text.split('|') {
        match cell.chars().count() {
            0 => {}
            1 => cells.push(at..at + cell.len()),
            _ => return None,
        }
        at += cell.len() + 1;
    }
    (cells.len() >= 3).then_some(cells)
}

/// A box in brackets at the beginning of a text: `[x]`, `[]`, `(X)`.
fn bracketed(text: &str, signs: Signs) -> Option<(bool, usize)> {
    let close = match text.chars().next()? {
        '[' => ']',
        '(' => ')',
        _ => return None,
    };
    let end = text.find(close)?;
    let inside = text[1..end].trim();
    let ticked = match inside {
        "" | "_" => false,
        "*" if !signs.stars => return None,
        inside if is_cross(inside) => true,
        _ => return None,
    };
    Some((ticked, end + 1))
}

fn is_cross(text: &str) -> bool {
    matches!(text, "x" | "X" | "✓" | "✔" | "✗" | "✘" | "✕" | "✖" | "×" | "√" | "*")
}

/// Reads the pieces of one line.
pub(super) fn read(pieces: &[Piece<'_>], signs: Signs) -> Vec<Part> {
    let listed = is_list(pieces);
    let mut parts = Vec::with_capacity(pieces.len());
    let mut i = 0;
    while let Some(piece) = pieces.get(i) {
        let part = one(&pieces[i..], signs).unwrap_or(match piece.text {
            "X" | "x" if listed && piece.apart => Part::Tick { ticked: true, pieces: 1 },
            text if listed && piece.apart && is_blank_line(text) => Part::Tick { ticked: false, pieces: 1 },
            // A cross alone on its line is a ticked box whose option stands beside it.
            text if pieces.len() == 1 && is_cross(text) && text != "*" => Part::Tick { ticked: true, pieces: 1 },
            _ => Part::Word,
        });
        i += match part {
            Part::Word => 1,
            Part::Tick { pieces, .. } => pieces,
        };
        parts.push(part);
    }
    parts
}

fn one(pieces: &[Piece<'_>], signs: Signs) -> Option<Part> {
    let text = pieces[0].text;
    let mut chars = text.chars();
    if let (Some(c), None) = (chars.next(), chars.next())
        && let Some(ticked) = signs.read(c)
    {
        return Some(Part::Tick { ticked, pieces: 1 });
    }
    if let Some((ticked, length)) = bracketed(text, signs)
        && length == text.len()
    {
        return Some(Part::Tick { ticked, pieces: 1 });
    }
    // `[` `x` `]` and `[` `]`, parted by blanks.
    let close = match text {
        "[" => "]",
        "(" => ")",
        _ => return None,
    };
    match pieces {
        [_, end, ..] if end.text == close => Some(Part::Tick { ticked: false, pieces: 2 }),
        [_, cross, end, ..] if end.text == close && is_cross(cross.text) => {
            Some(Part::Tick { ticked: true, pieces: 3 })
        }
        _ => None,
    }
}

/// `X SARL   _ SUARL   _ SA`: begins with a cross or a blank line, has several, each followed by its option.
fn is_list(pieces: &[Piece<'_>]) -> bool {
    let is_sign = |piece: &Piece<'_>| matches!(piece.text, "X" | "x") || is_blank_line(piece.text);
    let begins = pieces.first().is_some_and(is_sign);
    let several = pieces.iter().filter(|piece| piece.apart && is_sign(piece)).count() >= 2;
    let followed = pieces.windows(2).all(|pair| !(is_sign(&pair[0]) && is_sign(&pair[1])));
    begins && several && followed && pieces.last().is_some_and(|last| !is_sign(last))
}

fn is_blank_line(text: &str) -> bool {
    (1..=3).contains(&text.len()) && text.bytes().all(|b| b == b'_')
}

/// The pieces of a typed line with their byte ranges: blanks part them, and so do boxes.
pub(super) fn pieces_of(line: &str, signs: Signs) -> Vec<(std::ops::Range<usize>, Piece<'_>)> {
    let mut pieces = Vec::new();
    let mut after = 0;
    for word in line.split_whitespace() {
        let start = word.as_ptr().addr() - line.as_ptr().addr();
        let blanks = line[after..start].chars().count();
        after = start + word.len();
        for (n, range) in cuts(word, signs).into_iter().enumerate() {
            let apart = n == 0 && (blanks > 1 || start == 0 || pieces.is_empty());
            pieces.push((start + range.start..start + range.end, Piece { text: &word[range], apart }));
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(line: &str) -> String {
        let signs = Signs::of([line].into_iter());
        let pieces: Vec<Piece<'_>> = pieces_of(line, signs).into_iter().map(|(_, piece)| piece).collect();
        let mut i = 0;
        let mut words = Vec::new();
        for part in read(&pieces, signs) {
            match part {
                Part::Word => {
                    words.push(pieces[i].text.to_owned());
                    i += 1;
                }
                Part::Tick { ticked, pieces } => {
                    words.push(if ticked { "+" } else { "-" }.to_owned());
                    i += pieces;
                }
            }
        }
        words.join(" ")
    }

    #[test]
    fn typed_boxes() {
        assert_eq!(shown("☒ SARL ☐SUARL"), "+ SARL - SUARL");
        assert_eq!(shown("[x] CIN  [ ] Passeport [] Séjour"), "+ CIN - Passeport - Séjour");
        assert_eq!(shown("(X) oui ( ) non"), "+ oui - non");
        assert_eq!(shown("■ TND □ EUR"), "+ TND - EUR");
        assert_eq!(shown("■ TND ■ EUR"), "■ TND ■ EUR", "without a □ these are bullets");
        assert_eq!(shown("X SARL   _ SUARL   _ Autre"), "+ SARL - SUARL - Autre");
        assert_eq!(shown("X Français   X AR   X EN"), "+ Français + AR + EN");
        assert_eq!(shown("X"), "+");
    }

    #[test]
    fn walled_characters_stand_alone() {
        assert_eq!(shown("RIB |0|7|3|| |1|2|3|"), "RIB 0 7 3 1 2 3");
        assert_eq!(shown("Succès|Échec|Notification"), "Succès|Échec|Notification");
    }

    #[test]
    fn what_is_no_box_stays() {
        assert_eq!(shown("1566949 X A M 000"), "1566949 X A M 000");
        assert_eq!(shown("Tél. (+216) 71 000 000 (standard)"), "Tél. (+216) 71 000 000 (standard)");
        assert_eq!(shown("Fait à ___ le ___"), "Fait à ___ le ___");
        assert_eq!(shown("X Corporation"), "X Corporation");
    }
}
