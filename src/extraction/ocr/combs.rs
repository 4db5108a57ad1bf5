//! Combs: a row of equal cells, one character each. What was read in the cells of a comb is one word.
//!
//! An engine takes the walls for strokes and the wide gaps for blanks, and gives a comb in any number of pieces. The cells
//! themselves say where a character stands and that there is one at most.

use super::bitmap::Sums;
use super::rules::{Box, Rules};
use super::words::{Row, Seen, Sign};

/// Width of a cell, in points.
const CELL: std::ops::RangeInclusive<f32> = 7.0..=26.0;
/// Fewer cells are no comb.
const ENOUGH_CELLS: usize = 4;
/// Walls in a chain, less one, from which on it is a comb that may be longer than they say.
const LEAST_CHAIN: usize = 2;
/// A wall behind lost ones is at most this many times as high as the others.
const TALLER: f32 = 1.6;
/// Walls stand evenly up to this share of a cell, and end on one line up to this many points.
const EVEN: f32 = 0.12;
const LEVEL: f32 = 2.0;
/// Walls in a row that noise may have torn.
const LOST_WALLS: usize = 2;
/// A cell with less ink than this share is empty.
const EMPTY: f32 = 0.012;
/// Certainty of a comb in which a cell holds what no single character explains, at most.
const GUESSED: f32 = 0.45;

/// A comb in pixels.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Comb {
    left: f32,
    cell: f32,
    cells: usize,
    top: f32,
    bottom: f32,
}

impl Comb {
    /// The cell a place lies in.
    fn cell_at(&self, x: f32, y: f32) -> Option<usize> {
        let at = (x - self.left) / self.cell;
        ((self.top..self.bottom).contains(&y) && at >= 0.0).then_some(at as usize).filter(|at| *at < self.cells)
    }

    /// Takes in walls that go on above or below the comb: its ends may be sides of larger boxes as well, and letters that
    /// touch a wall make it longer.
    fn lengthen(&mut self, walls: &[Box]) {
        let height = self.bottom - self.top;
        for towards in [-1.0, 1.0] {
            loop {
                let end = if towards < 0.0 { self.left } else { self.left + self.cell * self.cells as f32 };
                let stands = |count: usize| {
                    let place = end + towards * self.cell * count as f32;
                    walls.iter().any(|wall| {
                        (middle(*wall) - place).abs() <= EVEN * self.cell
                            && wall.1 as f32 <= self.top + 0.15 * height
                            && wall.3 as f32 >= self.bottom - 0.15 * height
                            && (count == 1 || (wall.3 - wall.1) as f32 <= TALLER * height)
                    })
                };
                let Some(count) = (1..=LOST_WALLS + 1).find(|count| stands(*count)) else { break };
                self.cells += count;
                if towards < 0.0 {
                    self.left -= self.cell * count as f32;
                }
            }
        }
    }

    /// Share of ink inside a cell, walls left out.
    fn ink(&self, sums: &Sums, at: usize) -> f32 {
        let edge = |share: f32| (self.left + self.cell * (at as f32 + share)).max(0.0) as usize;
        let rise = 0.12 * (self.bottom - self.top);
        let (left, right) = (edge(0.15), edge(0.85));
        let (top, bottom) = ((self.top + rise).max(0.0) as usize, (self.bottom - rise).max(0.0) as usize);
        let surface = right.saturating_sub(left) * bottom.saturating_sub(top);
        if surface == 0 { 0.0 } else { sums.within(left, top, right, bottom) as f32 / surface as f32 }
    }
}

/// The combs among the rules of a page; `scale` is pixels per point.
pub(super) fn find(rules: &Rules, scale: f32) -> Vec<Comb> {
    let walls = &rules.down;
    let mut chains: Vec<Chain> = (0..walls.len()).flat_map(|first| chains_from(walls, first, scale)).collect();
    // Every second wall of a comb makes a chain as well: the one with most walls is the comb.
    chains.sort_by(|a, b| b.walls.len().cmp(&a.walls.len()).then(a.cell.total_cmp(&b.cell)));
    let mut taken = vec![false; walls.len()];
    let mut combs = Vec::new();
    for Chain { walls: chain, cell, steps } in chains {
        if chain.iter().any(|at| taken[*at]) || chain.len() * 2 <= steps {
            continue;
        }
        let top = chain.iter().map(|at| walls[*at].1).max().unwrap_or(0) as f32;
        let bottom = chain.iter().map(|at| walls[*at].3).min().unwrap_or(0) as f32;
        let mut comb = Comb { left: middle(walls[chain[0]]), cell, cells: steps, top, bottom };
        if steps >= LEAST_CHAIN {
            comb.lengthen(walls);
        }
        if comb.cells >= ENOUGH_CELLS {
            for at in &chain {
                taken[*at] = true;
            }
            combs.push(comb);
        }
    }
    combs
}

/// Walls that stand evenly side by side.
struct Chain {
    walls: Vec<usize>,
    cell: f32,
    /// Cells between the first and the last.
    steps: usize,
}

/// The chains that begin at a wall, one for each wall that may be the next.
fn chains_from(walls: &[Box], first: usize, scale: f32) -> Vec<Chain> {
    let widest = CELL.end() * scale;
    let behind = |at: usize| {
        (at + 1..walls.len())
            .take_while(move |next| middle(walls[*next]) - middle(walls[at]) <= widest * (LOST_WALLS + 1) as f32)
    };
    let begins = |second: &usize| {
        let cell = middle(walls[*second]) - middle(walls[first]);
        CELL.contains(&(cell / scale)) && level(walls[first], walls[*second], LEVEL * scale)
    };
    let chain = |second: usize| {
        let mut chain =
            Chain { walls: vec![first, second], cell: middle(walls[second]) - middle(walls[first]), steps: 1 };
        let mut last = second;
        while let Some((next, count)) = behind(last).find_map(|next| {
            let distance = middle(walls[next]) - middle(walls[last]);
            let count = (distance / chain.cell).round();
            let even = count >= 1.0 && (distance / count - chain.cell).abs() <= EVEN * chain.cell;
            let near = count <= (LOST_WALLS + 1) as f32;
            (even && near && level(walls[first], walls[next], LEVEL * scale)).then_some((next, count as usize))
        }) {
            chain.walls.push(next);
            chain.steps += count;
            // The mean over the chain so far: small errors do not add up.
            chain.cell = (middle(walls[next]) - middle(walls[first])) / chain.steps as f32;
            last = next;
        }
        chain
    };
    behind(first).filter(begins).map(chain).collect()
}

fn middle(wall: Box) -> f32 {
    (wall.0 + wall.2) as f32 / 2.0
}

/// Do two walls stand side by side, one about as high as the other?
fn level(a: Box, b: Box, slack: f32) -> bool {
    let near = |a: usize, b: usize| a.abs_diff(b) as f32 <= slack;
    let height = |wall: Box| (wall.3 - wall.1) as f32;
    let shared = a.3.min(b.3).saturating_sub(a.1.max(b.1)) as f32;
    near(a.1, b.1) && near(a.3, b.3) || shared >= 0.85 * height(a).max(height(b))
}

/// Takes what stands in combs out of the rows and adds one word for each comb. `ink` is type alone, without walls.
pub(super) fn join(rows: &mut Vec<Row>, combs: &[Comb], ink: &Sums) {
    for comb in combs {
        let mut signs: Vec<(usize, char, Sign)> = Vec::new();
        for row in rows.iter_mut() {
            row.words.retain(|word| {
                let (x, y) = word.centre();
                let inside = word.knows_signs() && comb.cell_at(x, y).is_some();
                if inside {
                    let placed = word.text.chars().zip(&word.signs);
                    signs.extend(placed.filter_map(|(c, sign)| Some((comb.cell_at(sign.x, y)?, c, *sign))));
                }
                !inside
            });
        }
        rows.retain(|row| !row.words.is_empty());
        // A wall read as a stroke, or noise in an empty cell.
        let empty: Vec<bool> = (0..comb.cells).map(|at| comb.ink(ink, at) < EMPTY).collect();
        signs.retain(|(cell, c, _)| !empty[*cell] && !matches!(c, '|' | '_'));
        signs.sort_by(|a, b| a.2.x.total_cmp(&b.2.x));
        // Seen twice in two rows that overlap: a cell holds one.
        signs.dedup_by(|next, last| next.0 == last.0 && next.1 == last.1);
        if let Some(word) = word(comb, &signs, &empty) {
            rows.push(Row { words: vec![word] });
        }
    }
}

fn word(comb: &Comb, signs: &[(usize, char, Sign)], empty: &[bool]) -> Option<Seen> {
    let (first, last) = (signs.first()?.0, signs.last()?.0);
    let full = empty.iter().filter(|empty| !**empty).count();
    // One character for each cell with ink, and no cell left out between two.
    let whole = full == signs.len() && signs.windows(2).all(|pair| pair[1].0 == pair[0].0 + 1);
    let least = signs.iter().map(|(.., sign)| sign.certainty).fold(1.0, f32::min);
    let edge = |cell: usize| comb.left + comb.cell * cell as f32;
    let rise = 0.15 * (comb.bottom - comb.top);
    Some(Seen {
        text: signs.iter().map(|(_, c, _)| c).collect(),
        bounds: [edge(first) + 0.2 * comb.cell, comb.top + rise, edge(last + 1) - 0.2 * comb.cell, comb.bottom - rise],
        certainty: if whole { least } else { least.min(GUESSED) },
        signs: signs.iter().map(|(.., sign)| *sign).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::super::bitmap::Bitmap;
    use super::*;

    /// Walls 40 pixels apart, some torn, and a digit in each of the first cells.
    fn comb(torn: &[usize], digits: usize) -> (Rules, Bitmap) {
        let walls = (0..=8).filter(|wall| !torn.contains(wall)).map(|wall| (100 + 40 * wall, 50, 102 + 40 * wall, 90));
        let mut ink = Bitmap { width: 600, height: 140, ink: vec![0; 84_000] };
        for cell in 0..digits {
            (60..80).for_each(|y| ink.ink[y * 600 + 115 + 40 * cell..y * 600 + 128 + 40 * cell].fill(1));
        }
        (Rules { across: Vec::new(), down: walls.collect() }, ink)
    }

    fn seen(text: &str, x: f32) -> Seen {
        let sign = |at: usize| Sign { x: x + 40.0 * at as f32, certainty: 0.99 };
        let count = text.chars().count();
        Seen {
            text: text.to_owned(),
            bounds: [x - 8.0, 60.0, x + 40.0 * (count - 1) as f32 + 8.0, 80.0],
            certainty: 0.99,
            signs: (0..count).map(sign).collect(),
        }
    }

    fn joined(rules: &Rules, ink: &Bitmap, words: Vec<Seen>) -> Vec<(String, bool)> {
        let mut rows = vec![Row { words }];
        join(&mut rows, &find(rules, 2.0), &ink.sums());
        rows.into_iter().flat_map(|row| row.words).map(|word| (word.text, word.certainty > 0.9)).collect()
    }

    #[test]
    fn what_stands_in_the_cells_is_one_word() {
        let (rules, ink) = comb(&[3], 8);
        let words = vec![seen("041", 120.0), seen("2", 240.0), seen("1615", 280.0)];
        assert_eq!(joined(&rules, &ink, words), [("04121615".to_owned(), true)]);
    }

    #[test]
    fn a_cell_that_nobody_read_makes_the_comb_unsure() {
        let (rules, ink) = comb(&[], 8);
        assert_eq!(
            joined(&rules, &ink, vec![seen("041", 120.0), seen("1615", 280.0)]),
            [("0411615".to_owned(), false)]
        );
    }

    #[test]
    fn an_empty_comb_says_nothing_and_other_words_stay() {
        let (rules, ink) = comb(&[], 0);
        let mut word = seen("Fax", 20.0);
        word.bounds = [20.0, 60.0, 60.0, 80.0];
        assert_eq!(joined(&rules, &ink, vec![seen("||1", 120.0), word]), [("Fax".to_owned(), true)]);
    }

    #[test]
    fn walls_longer_than_the_others_do_not_make_cells_of_two() {
        let (mut rules, ink) = comb(&[], 8);
        // Letters of a label touch every second wall.
        for at in [1, 5, 7] {
            rules.down[at].1 = 30;
        }
        assert_eq!(joined(&rules, &ink, vec![seen("04121615", 120.0)]), [("04121615".to_owned(), true)]);
    }

    #[test]
    fn the_sides_of_a_larger_box_may_end_a_comb() {
        let (mut rules, ink) = comb(&[], 8);
        // The first wall goes on down the page; letters touch the second; the last belongs to a box above.
        rules.down[0].3 = 200;
        rules.down[1].1 = 32;
        rules.down[8].1 = 4;
        let words = vec![seen("04121615", 120.0)];
        assert_eq!(joined(&rules, &ink, words), [("04121615".to_owned(), true)]);
    }

    #[test]
    fn wide_columns_are_no_comb() {
        let down = (0..5).map(|wall| (100 + 120 * wall, 50, 102 + 120 * wall, 90)).collect();
        assert_eq!(find(&Rules { across: Vec::new(), down }, 2.0), []);
    }
}
