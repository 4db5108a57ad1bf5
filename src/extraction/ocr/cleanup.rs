//! What Tesseract needs before it reads a scan: an even background, no specks, no rules and no dotted leaders.
//!
//! Rules and leaders become long junk words that swallow the value beside them; uneven light drowns it. The first engine
//! needs none of this and is better without.

use std::collections::HashMap;

use image::{GrayImage, Luma};

use super::bitmap::{Bitmap, Sums};
use super::rules::{Box, Rules};

/// A picture whose pixels differ this much on average from the median of their neighbours is noisy. Clean pages score
/// below 4, bad faxes above 10.
const NOISY: f32 = 6.0;
/// Largest dot of a leader, in points.
const DOT: f32 = 2.2;
/// A leader has at least this many dots.
const LEADER: usize = 8;
/// A stroke of a letter is shorter than this, in points: of a title of thirty.
const TALLEST: f32 = 24.0;
/// A wall ends this near a rule across, in points, where the two meet.
const TOUCH: f32 = 1.5;
/// How far above a leader letters stand, in dots.
const ABOVE: usize = 4;

/// The page made ready. `marks` are boxes to tick, which are erased as well.
pub(super) fn for_tesseract(page: &GrayImage, bitmap: &Bitmap, rules: &Rules, scale: f32) -> GrayImage {
    let mut even = even_background(page, scale);
    let smooth = median(&even);
    if roughness(&even, &smooth) > NOISY {
        even = smooth;
    }
    let walls = rules.down.iter().filter(|wall| !is_stroke(wall, rules, scale));
    for (x0, y0, x1, y1) in rules.across.iter().chain(walls).chain(&leaders(bitmap, scale)).copied() {
        fill(&mut even, (x0.saturating_sub(1), y0.saturating_sub(1), x1 + 1, y1 + 1), 255);
    }
    even
}

/// A short upright that meets no rule across is the stroke of a tall letter: titles would lose every `l` and `i` with it.
fn is_stroke(&(x0, y0, x1, y1): &Box, rules: &Rules, scale: f32) -> bool {
    let near = (TOUCH * scale).ceil() as usize;
    let meets =
        |across: &Box| across.0 <= x1 + near && x0 <= across.2 + near && across.1 <= y1 + near && y0 <= across.3 + near;
    ((y1 - y0) as f32) < TALLEST * scale && !rules.across.iter().any(meets)
}

/// Fills a rectangle with one tone.
pub(super) fn fill(picture: &mut GrayImage, (x0, y0, x1, y1): Box, tone: u8) {
    for y in y0..y1.min(picture.height() as usize) {
        for x in x0..x1.min(picture.width() as usize) {
            picture.put_pixel(x as u32, y as u32, Luma([tone]));
        }
    }
}

/// Divides each pixel by the paper round it: the brightest tone of a coarse tile, smoothed over its neighbours.
fn even_background(page: &GrayImage, scale: f32) -> GrayImage {
    let tile = ((8.0 * scale) as u32).max(8);
    let (columns, rows) = (page.width().div_ceil(tile), page.height().div_ceil(tile));
    let paper = GrayImage::from_fn(columns, rows, |column, row| {
        let mut tones = [0_u32; 256];
        let (x1, y1) = (((column + 1) * tile).min(page.width()), ((row + 1) * tile).min(page.height()));
        for y in row * tile..y1 {
            for x in column * tile..x1 {
                tones[usize::from(page.get_pixel(x, y).0[0])] += 1;
            }
        }
        // The tone that a fifth of the tile outshines: paper, were four fifths of it covered with ink.
        let wanted = (x1 - column * tile) * (y1 - row * tile) / 5;
        let mut above = 0;
        let tone = (0..=255_u8).rev().find(|tone| {
            above += tones[usize::from(*tone)];
            above > wanted
        });
        Luma([tone.unwrap_or(255)])
    });
    let paper = image::imageops::blur(&paper, 1.5);
    let paper = image::imageops::resize(&paper, page.width(), page.height(), image::imageops::FilterType::Triangle);
    GrayImage::from_fn(page.width(), page.height(), |x, y| {
        let (tone, paper) = (u32::from(page.get_pixel(x, y).0[0]), u32::from(paper.get_pixel(x, y).0[0]).max(40));
        Luma([(tone * 255 / paper).min(255) as u8])
    })
}

/// The middle tone of each pixel and its eight neighbours.
fn median(page: &GrayImage) -> GrayImage {
    let (width, height) = page.dimensions();
    GrayImage::from_fn(width, height, |x, y| {
        if x == 0 || y == 0 || x + 1 == width || y + 1 == height {
            return *page.get_pixel(x, y);
        }
        let mut tones = [0_u8; 9];
        for (at, tone) in tones.iter_mut().enumerate() {
            *tone = page.get_pixel(x + (at as u32 % 3) - 1, y + (at as u32 / 3) - 1).0[0];
        }
        tones.sort_unstable();
        Luma([tones[4]])
    })
}

fn roughness(page: &GrayImage, smooth: &GrayImage) -> f32 {
    let sum: u64 = page.as_raw().iter().zip(smooth.as_raw()).map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
    sum as f32 / page.as_raw().len().max(1) as f32
}

/// Dots in a row at an even height: the leaders one writes on, in pieces from dot to dot.
pub(super) fn leaders(bitmap: &Bitmap, scale: f32) -> Vec<Box> {
    let largest = ((DOT * scale).ceil() as usize).max(1);
    let mut dots = dots(bitmap, largest);
    dots.sort_unstable();
    // Runs by the height of their last dot; a tilted line climbs from one shelf to the next.
    let mut shelves: HashMap<usize, Vec<usize>> = HashMap::new();
    let mut runs: Vec<Vec<Box>> = Vec::new();
    for dot in dots {
        let shelf = dot.3 / largest;
        let follows = |run: &usize| {
            runs[*run].last().is_some_and(|last| {
                dot.0 > last.0 && dot.0 - last.0 <= 4 * largest && dot.3.abs_diff(last.3) <= 1 + largest / 2
            })
        };
        let near = (shelf.saturating_sub(1)..=shelf + 1).filter_map(|shelf| shelves.get(&shelf)).flatten();
        if let Some(run) = near.copied().filter(follows).max_by_key(|run| runs[*run].last().map(|last| last.0)) {
            let before = runs[run].last().map_or(shelf, |last| last.3 / largest);
            if before != shelf {
                shelves.entry(before).or_default().retain(|other| *other != run);
                shelves.entry(shelf).or_default().push(run);
            }
            runs[run].push(dot);
        } else {
            // What lies far behind is no run any more.
            let open = shelves.entry(shelf).or_default();
            open.retain(|run| runs[*run].last().is_some_and(|last| dot.0 - last.0 <= 4 * largest));
            open.push(runs.len());
            runs.push(vec![dot]);
        }
    }
    let sums = bitmap.sums();
    let size = (bitmap.width, bitmap.height);
    // No letter stands between two dots: the point before `tn` is part of an address, and no dot of the leader behind it.
    let beside = |a: &Box, b: &Box| {
        let (from, to, top) = (a.2, b.0.max(a.2), a.1.min(b.1));
        sums.within(from, top.saturating_sub(ABOVE * largest), to, top.saturating_sub(largest / 2)) == 0
    };
    let long = runs.into_iter().filter(|run| run.len() >= LEADER);
    let whole = long.flat_map(|run| run.chunk_by(beside).map(<[Box]>::to_vec).collect::<Vec<_>>());
    whole
        .filter(|run| run.len() >= LEADER / 2)
        .flat_map(|run| {
            let ends = [run.first(), run.last()].into_iter().flatten().zip([-1, 1]);
            let torn: Vec<Box> = ends.map(|(dot, towards)| onward(&sums, size, *dot, towards, largest)).collect();
            let between: Vec<Box> = run.windows(2).map(|pair| around(pair[0], pair[1])).collect();
            between.into_iter().chain(torn)
        })
        .collect()
}

fn around(a: Box, b: Box) -> Box {
    (a.0.min(b.0), a.1.min(b.1), a.2.max(b.2), a.3.max(b.3))
}

/// The last dot of a leader with what lies beyond it on its line and under no letter: dots that noise has torn or joined.
fn onward(sums: &Sums, (width, height): (usize, usize), dot: Box, towards: isize, largest: usize) -> Box {
    let (top, bottom) = (dot.1.saturating_sub(1), (dot.3 + 1).min(height));
    let above = top.saturating_sub(ABOVE * largest)..top.saturating_sub(largest / 2);
    let mut found = dot;
    let mut gap = 0;
    let mut at = if towards < 0 { dot.0 } else { dot.2.saturating_sub(1) };
    while let Some(x) = at.checked_add_signed(towards).filter(|x| *x < width) {
        at = x;
        if sums.within(x, above.start, x + 1, above.end) > 0 || gap > 4 * largest {
            break;
        }
        gap += 1;
        if sums.within(x, top, x + 1, bottom) > 0 {
            (found.0, found.2) = (found.0.min(x), found.2.max(x + 1));
            gap = 0;
        }
    }
    (found.0, top, found.2, bottom)
}

/// Patches of ink no larger than a dot, alone in their surroundings.
fn dots(bitmap: &Bitmap, largest: usize) -> Vec<Box> {
    let mut found = Vec::new();
    let mut seen = vec![false; bitmap.ink.len()];
    let mut todo = Vec::new();
    for first in 0..bitmap.ink.len() {
        if seen[first] || bitmap.ink[first] == 0 {
            continue;
        }
        let mut bounds: Box = (bitmap.width, bitmap.height, 0, 0);
        seen[first] = true;
        todo.push(first);
        while let Some(at) = todo.pop() {
            let (x, y) = (at % bitmap.width, at / bitmap.width);
            bounds = (bounds.0.min(x), bounds.1.min(y), bounds.2.max(x + 1), bounds.3.max(y + 1));
            for ny in y.saturating_sub(1)..(y + 2).min(bitmap.height) {
                for nx in x.saturating_sub(1)..(x + 2).min(bitmap.width) {
                    let next = ny * bitmap.width + nx;
                    if bitmap.ink[next] == 1 && !seen[next] {
                        seen[next] = true;
                        todo.push(next);
                    }
                }
            }
        }
        if bounds.2 - bounds.0 <= largest && bounds.3 - bounds.1 <= largest {
            found.push(bounds);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_leader_that_climbs_is_one() {
        let mut page = Bitmap { width: 800, height: 60, ink: vec![0; 48_000] };
        for n in 0..120 {
            let (x, y) = (20 + 6 * n, 20 + n / 5);
            (y..y + 2).for_each(|y| page.ink[y * 800 + x..y * 800 + x + 2].fill(1));
        }
        let pieces = leaders(&page, 2.0);
        let covered = |x: usize, y: usize| pieces.iter().any(|b| b.0 <= x && x < b.2 && b.1 <= y && y < b.3);
        assert!((0..120).all(|n| covered(20 + 6 * n, 20 + n / 5)));
        assert!(!covered(20, 12));
    }

    #[test]
    fn the_point_of_an_address_is_no_dot_of_its_leader() {
        let mut page = Bitmap { width: 400, height: 60, ink: vec![0; 24_000] };
        let mut fill = |x: usize, y: usize, w: usize, h: usize| {
            (y..y + h).for_each(|y| page.ink[y * 400 + x..y * 400 + x + w].fill(1));
        };
        // A letter, a point, two letters, then the leader close by.
        fill(40, 28, 8, 14);
        fill(50, 40, 2, 2);
        fill(54, 26, 4, 16);
        fill(60, 30, 5, 12);
        (0..20).for_each(|n| fill(68 + 6 * n, 40, 2, 2));
        let left = leaders(&page, 2.0).iter().map(|b| b.0).min();
        assert_eq!(left, Some(68));
    }

    #[test]
    fn torn_dots_go_with_their_leader_up_to_the_letter() {
        let mut page = Bitmap { width: 400, height: 60, ink: vec![0; 24_000] };
        let mut fill = |x: usize, y: usize, w: usize, h: usize| {
            (y..y + h).for_each(|y| page.ink[y * 400 + x..y * 400 + x + w].fill(1));
        };
        (0..20).for_each(|n| fill(100 + 6 * n, 40, 2, 2));
        // A letter, a dot behind it, two dots in one.
        fill(60, 22, 10, 20);
        fill(78, 40, 2, 2);
        fill(86, 40, 9, 2);
        let pieces = leaders(&page, 2.0);
        let left = pieces.iter().map(|b| b.0).min();
        assert_eq!(left, Some(78), "{pieces:?}");
    }

    #[test]
    fn shadow_rule_and_leader_go_and_letters_stay() {
        let dark = |x: u32, y: u32| {
            let letter = (20..26).contains(&x) && (20..40).contains(&y);
            let rule = (60..62).contains(&y) && (10..290).contains(&x);
            let leader = (36..39).contains(&y) && (100..280).contains(&x) && x % 8 < 3;
            letter || rule || leader
        };
        let page = GrayImage::from_fn(300, 80, |x, y| {
            let paper = 240 - x / 3;
            Luma([u8::try_from(if dark(x, y) { paper / 4 } else { paper }).unwrap()])
        });
        let bitmap = Bitmap::of(&page, 150.0);
        let rules = Rules::of(&bitmap, 2.0);
        let clean = for_tesseract(&page, &bitmap, &rules, 2.0);
        assert!(clean.get_pixel(23, 30).0[0] < 100);
        for (x, y) in [(150, 60), (200, 61), (105, 37), (201, 37), (280, 10)] {
            assert!(clean.get_pixel(x, y).0[0] > 220, "{x} {y}: {:?}", clean.get_pixel(x, y));
        }
    }

    #[test]
    fn the_strokes_of_a_title_stay_and_the_walls_of_a_cell_go() {
        let scale = 2.0;
        let mut page = GrayImage::from_pixel(400, 200, Luma([255]));
        // An `l` of seventeen points; then a cell as low, with its walls.
        fill(&mut page, (40, 60, 44, 85), 20);
        fill(&mut page, (200, 60, 300, 62), 20);
        fill(&mut page, (200, 60, 202, 85), 20);
        fill(&mut page, (298, 60, 300, 85), 20);
        let bitmap = Bitmap::of(&page, 72.0 * scale);
        let rules = Rules::of(&bitmap, scale);
        assert_eq!(rules.down.len(), 3, "{rules:?}");
        let ready = for_tesseract(&page, &bitmap, &rules, scale);
        let inked = |x: u32| (66..80).all(|y| ready.get_pixel(x, y).0[0] < 100);
        assert!(inked(42), "the letter has gone");
        assert!(!inked(201) && !inked(299), "the walls have stayed");
    }
}
