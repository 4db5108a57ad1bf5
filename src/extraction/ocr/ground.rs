//! Light type on a dark ground: headings are often set so. The ink found there is the bar's, not the letters', and says nothing
//! about where words end.

use image::GrayImage;

use super::rules::Box;
use super::words::Row;

/// Tones nearer than this tell no letters from their ground.
const CONTRAST: u8 = 50;

/// Forgets where the characters of light words stand, so that nobody measures the paper between them.
pub(super) fn forget_light_signs(rows: &mut [Row], page: &GrayImage) {
    for row in rows {
        let bounds = row.bounds();
        if is_dark(page, bounds) {
            row.words.iter_mut().for_each(|word| word.signs.clear());
        }
    }
}

/// How far round an upright rule its ground is looked at, in pixels, and the share of it that is as dark as the rule in a bar.
const ROUND: usize = 8;
const MOSTLY_DARK: f32 = 0.55;

/// Inside a bar an upright rule is the stretch between two light letters, and parts nothing.
pub(super) fn is_in_bar(page: &GrayImage, (x0, y0, x1, y1): Box) -> bool {
    let (left, right) = (x0.saturating_sub(ROUND), (x1 + ROUND).min(page.width() as usize));
    let bottom = y1.min(page.height() as usize);
    let tones = |from: usize, to: usize| {
        let columns = move |y: usize| (from..to).map(move |x| (x as u32, y as u32));
        (y0..bottom).flat_map(columns).map(|(x, y)| u32::from(page.get_pixel(x, y).0[0]))
    };
    let (sum, count) = tones(x0, x1).fold((0, 0), |(sum, count), tone| (sum + tone, count + 1));
    let lightest = tones(left, right).max().unwrap_or(255);
    let rule = sum / std::cmp::max(count, 1);
    let limit = rule + lightest.saturating_sub(rule) / 3;
    let (dark, all) = tones(left, right).fold((0, 0), |(dark, all), tone| (dark + u32::from(tone <= limit), all + 1));
    dark as f32 > MOSTLY_DARK * all as f32
}

/// Most of a line of type is ground: where that is near the darkest tone, the letters are light.
fn is_dark(page: &GrayImage, [x0, y0, x1, y1]: [f32; 4]) -> bool {
    let mut tones = [0_u32; 256];
    let mut count = 0;
    for y in y0.max(0.0) as u32..(y1.max(0.0) as u32).min(page.height()) {
        for x in x0.max(0.0) as u32..(x1.max(0.0) as u32).min(page.width()) {
            tones[usize::from(page.get_pixel(x, y).0[0])] += 1;
            count += 1;
        }
    }
    let tone = |percent: u32| {
        let mut below = 0;
        let at = tones.iter().position(|tones| {
            below += tones;
            below * 100 >= count * percent
        });
        at.and_then(|at| u8::try_from(at).ok()).unwrap_or(u8::MAX)
    };
    let (dark, middle, light) = (tone(5), tone(50), tone(95));
    count > 0 && light - dark >= CONTRAST && u32::from(middle - dark) * 2 < u32::from(light - middle)
}

#[cfg(test)]
mod tests {
    use super::super::words::{Seen, Sign};
    use super::*;
    use image::Luma;

    fn signs_left(ground: u8, letter: u8) -> usize {
        let page = GrayImage::from_fn(200, 40, |x, y| {
            let inked = (10..30).contains(&y) && x % 12 < 4 && (10..190).contains(&x);
            Luma([if inked { letter } else { ground }])
        });
        let sign = Sign { x: 20.0, certainty: 1.0 };
        let word = Seen { text: "I".to_owned(), bounds: [8.0, 6.0, 192.0, 34.0], certainty: 1.0, signs: vec![sign] };
        let mut rows = [Row { words: vec![word] }];
        forget_light_signs(&mut rows, &page);
        rows[0].words[0].signs.len()
    }

    #[test]
    fn a_wall_on_paper_is_none_of_a_bar() {
        // A bar with a light letter on either side of its middle; below it paper with a wall.
        let page = GrayImage::from_fn(100, 80, |x, y| {
            let letter = (10..30).contains(&y) && ((40..44).contains(&x) || (54..58).contains(&x));
            let wall = (48..50).contains(&x);
            Luma([if y < 40 && !letter || y >= 40 && wall { 60 } else { 230 }])
        });
        assert!(is_in_bar(&page, (48, 2, 49, 38)));
        assert!(!is_in_bar(&page, (48, 42, 50, 78)));
    }

    #[test]
    fn light_letters_are_told_from_dark_ones() {
        assert_eq!(signs_left(60, 240), 0);
        assert_eq!(signs_left(240, 60), 1);
        assert_eq!(signs_left(200, 190), 1, "nothing stands there");
    }
}
