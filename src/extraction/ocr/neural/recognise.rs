//! One line of type spelled: the recogniser gives, step by step from left to right, the likelihood of every sign.

use image::GrayImage;
use image::imageops::{self, FilterType};
use rten::Model;
use rten_tensor::NdTensor;
use rten_tensor::prelude::*;

use super::super::words::{Seen, Sign};
use super::alphabet::Alphabet;
use super::detect::Line;
use super::{Pool, planes};

/// Height the recogniser was taught.
const HEIGHT: u32 = 48;
/// Longest line, in multiples of its height; a longer one is no line of type.
const LONGEST: f32 = 120.0;
/// Narrower than this, type stands on its side.
const NARROWEST: f32 = 0.2;
/// A sign less likely than this is a guess among signs that are not read.
const GUESS: f32 = 0.10;
/// A word whose signs are on the whole less likely than this is noise: Arabic, a blot, a drawing.
const NOISE: f32 = 0.35;

/// The words of one line. `breaks` are places no word reaches across, in pixels: the middles of boxes to tick.
pub(super) fn words(
    model: &Model,
    alphabet: &Alphabet,
    page: &GrayImage,
    line: Line,
    breaks: &[f32],
    pool: &Pool,
) -> anyhow::Result<Vec<Seen>> {
    let [x0, y0, x1, y1] = line;
    let (width, height) = ((x1 - x0).max(2.0) as u32, (y1 - y0).max(2.0) as u32);
    let wide = width as f32 / height as f32;
    // Type set on its side gives tall narrow boxes; so do single letters, which are not as tall.
    if !(NARROWEST..=LONGEST).contains(&wide) {
        return Ok(Vec::new());
    }
    let crop = imageops::crop_imm(page, x0 as u32, y0 as u32, width, height).to_image();
    let scaled = ((HEIGHT as f32 * wide).round() as u32).max(16);
    let crop = imageops::resize(&crop, scaled, HEIGHT, FilterType::CatmullRom);
    let input = planes(&crop, [0.5; 3], [0.5; 3]);
    let output: NdTensor<f32, 3> = model.run_one(input.view().into(), Some(pool.options()))?.try_into()?;
    let [_, steps, classes] = output.shape();
    let likelihoods = output.data().ok_or_else(|| anyhow::anyhow!("the recogniser's answer lies in pieces"))?;
    let breaks: Vec<f32> = breaks.iter().map(|x| (x - x0) / width as f32 * steps as f32).collect();
    let spelled = spell(likelihoods.chunks_exact(classes.max(1)), alphabet, &breaks);
    let at = |step: f32| x0 + step / steps.max(1) as f32 * width as f32;
    Ok(spelled
        .into_iter()
        .map(|word| Seen {
            bounds: [at(word.first), y0, at(word.last), y1],
            certainty: word.least,
            signs: word.signs.into_iter().map(|sign| Sign { x: at(sign.x), ..sign }).collect(),
            text: word.text,
        })
        .collect())
}

/// A word in steps of the recogniser.
#[derive(Debug, PartialEq)]
struct Spelled {
    text: String,
    first: f32,
    last: f32,
    least: f32,
    signs: Vec<Sign>,
}

/// Repeated steps are one sign, steps of nothing part repeated signs, spaces and breaks part words.
fn spell<'a>(steps: impl Iterator<Item = &'a [f32]>, alphabet: &Alphabet, breaks: &[f32]) -> Vec<Spelled> {
    let mut words = Vec::new();
    let mut word: Vec<(char, f32, usize)> = Vec::new();
    let mut before = None;
    for (at, step) in steps.enumerate() {
        let sign = alphabet.likeliest(step);
        if let Some((sign, likelihood)) = sign
            && before != Some(sign)
        {
            if word
                .last()
                .is_some_and(|last| ends(&word, sign) || breaks.iter().any(|b| (last.2 as f32..at as f32).contains(b)))
            {
                words.extend(close(&mut word));
            }
            if sign == ' ' {
                words.extend(close(&mut word));
            } else if likelihood >= GUESS {
                word.push((sign, likelihood, at));
            }
        }
        before = sign.map(|(sign, _)| sign);
    }
    words.extend(close(&mut word));
    words
}

/// Does the word end here although no space was seen? A label's colon does, that of an address or of a time does not.
fn ends(word: &[(char, f32, usize)], next: char) -> bool {
    let [.., before, last] = word else {
        // `Téléphone :71 234 567`: a colon that stands apart from its label belongs to no value.
        return matches!(word, [(':', ..)]) && next != '/';
    };
    last.0 == ':' && next != '/' && (before.0.is_alphabetic() || before.0 == ')' || before.0 == '.')
}

fn close(word: &mut Vec<(char, f32, usize)>) -> Option<Spelled> {
    let signs = std::mem::take(word);
    let (first, last) = (signs.first()?.2, signs.last()?.2);
    let mean = signs.iter().map(|sign| sign.1).sum::<f32>() / signs.len() as f32;
    if mean < NOISE {
        return None;
    }
    Some(Spelled {
        text: signs.iter().map(|sign| sign.0).collect(),
        first: first as f32 - 0.5,
        last: last as f32 + 1.5,
        least: signs.iter().map(|sign| sign.1).fold(1.0, f32::min),
        signs: signs.iter().map(|sign| Sign { x: sign.2 as f32 + 0.5, certainty: sign.1 }).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Steps over the classes nothing, `l`, `'`, `é`, space.
    fn read(steps: &[[f32; 5]]) -> Vec<(String, f32)> {
        let alphabet = Alphabet::of(["l", "'", "é"].into_iter());
        spell(steps.iter().map(<[f32; 5]>::as_slice), &alphabet, &[]).into_iter().map(|w| (w.text, w.least)).collect()
    }

    #[test]
    fn repeated_steps_are_one_sign_unless_parted() {
        const L: [f32; 5] = [0.0, 0.9, 0.0, 0.1, 0.0];
        const NOTHING: [f32; 5] = [1.0, 0.0, 0.0, 0.0, 0.0];
        const SPACE: [f32; 5] = [0.0, 0.0, 0.0, 0.0, 1.0];
        const E: [f32; 5] = [0.2, 0.1, 0.0, 0.7, 0.0];
        assert_eq!(read(&[L, L, NOTHING, L, SPACE, E]), [("ll".to_owned(), 0.9), ("é".to_owned(), 0.7)]);
    }

    #[test]
    fn noise_is_nothing() {
        assert!(read(&[[0.05, 0.1, 0.2, 0.0, 0.0]]).is_empty());
    }
}
