//! Two pages photographed one above the other: where one ends and the next begins.

use image::GrayImage;

/// Height of A4 over its width.
const A4: f32 = 1.414;
/// From this many times as high as wide on, a picture holds more than one page.
const STACKED: f32 = 2.0;
/// How far from the even division the border is looked for, as a share of a page's height.
const DRIFT: f32 = 0.12;
/// More pages than this nobody stacks in one photograph.
const MOST: usize = 6;

/// Rows at which the sheets begin and end: one pair per sheet, from top to bottom.
pub(super) fn sheets(picture: &GrayImage) -> Vec<(u32, u32)> {
    let (width, height) = (picture.width() as f32, picture.height() as f32);
    let whole = vec![(0, picture.height())];
    if height < STACKED * width {
        return whole;
    }
    let count = ((height / width / A4).round() as usize).clamp(1, MOST);
    let mut cuts = vec![0];
    for n in 1..count {
        let even = height * n as f32 / count as f32;
        let reach = DRIFT * height / count as f32;
        cuts.push(border(picture, (even - reach) as u32, (even + reach) as u32));
    }
    cuts.push(picture.height());
    cuts.windows(2).map(|pair| (pair[0], pair[1])).filter(|(top, bottom)| bottom > top).collect()
}

/// The row least like type: the table between two papers is dark from edge to edge, else the paper is empty there.
fn border(picture: &GrayImage, from: u32, to: u32) -> u32 {
    let profile: Vec<(f32, f32)> = (from..to).map(|y| row(picture, y)).collect();
    let paper = profile.iter().map(|(mean, _)| *mean).fold(0.0, f32::max);
    // Tilted papers leave rows that are dark only in part; the darkest is the middle of the gap.
    let dark = profile.iter().enumerate().min_by(|a, b| a.1.0.total_cmp(&b.1.0));
    if let Some((at, (mean, _))) = dark
        && *mean < 0.6 * paper
    {
        return from + at as u32;
    }
    // The middle of the longest run of rows without contrast.
    let calm = profile.iter().map(|(_, contrast)| *contrast).fold(f32::MAX, f32::min) + 4.0;
    let (mut best, mut start) = ((0, 0), 0);
    for at in 0..=profile.len() {
        if at < profile.len() && profile[at].1 <= calm {
            continue;
        }
        if at - start > best.1 - best.0 {
            best = (start, at);
        }
        start = at + 1;
    }
    from + u32::try_from(usize::midpoint(best.0, best.1)).unwrap_or(0)
}

/// Mean tone of a row, and how far its darkest twentieth lies below it.
fn row(picture: &GrayImage, y: u32) -> (f32, f32) {
    let mut tones: Vec<u8> = (0..picture.width()).map(|x| picture.get_pixel(x, y).0[0]).collect();
    let mean = tones.iter().map(|tone| f32::from(*tone)).sum::<f32>() / tones.len().max(1) as f32;
    tones.sort_unstable();
    (mean, mean - f32::from(tones[tones.len() / 20]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Luma;

    #[test]
    fn stacked_papers_are_parted_at_the_table_between_them() {
        let picture = GrayImage::from_fn(200, 580, |x, y| {
            let table = (300..310).contains(&y) || x < 5;
            let type_ = y % 12 < 5 && x % 7 < 4 && (20..180).contains(&x) && !(280..330).contains(&y);
            Luma([if table {
                60
            } else if type_ {
                90
            } else {
                230
            }])
        });
        let sheets = sheets(&picture);
        assert_eq!(sheets.len(), 2);
        assert!((300..310).contains(&sheets[0].1), "{sheets:?}");
    }

    #[test]
    fn without_a_border_the_empty_stretch_parts_them() {
        let picture = GrayImage::from_fn(200, 580, |x, y| {
            let type_ = y % 12 < 5 && x % 7 < 4 && (20..180).contains(&x) && !(270..300).contains(&y);
            Luma([if type_ { 90 } else { 230 }])
        });
        let sheets = sheets(&picture);
        assert!((270..300).contains(&sheets[0].1), "{sheets:?}");
    }

    #[test]
    fn one_page_is_one_sheet() {
        assert_eq!(sheets(&GrayImage::new(200, 283)), [(0, 283)]);
    }
}
