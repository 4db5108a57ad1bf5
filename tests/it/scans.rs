//! Scans at the door: a printed sample is drawn, spoilt as scanners spoil pages, and read; what is trusted must be what the
//! digital original says.
//!
//! These need the OCR models (`make ocr-models`); without them each says that it was skipped. What follows the engines, from
//! words to page model to values, is tested in the library without any model.

use std::io::Cursor;
use std::path::{Path, PathBuf};

use guichet::demo;
use guichet::domain::document::Reading;
use guichet::domain::field::Trust;
use guichet::extraction::{self, Options};
use guichet::schemas::Forms;
use hayro::hayro_interpret::InterpreterSettings;
use hayro::hayro_syntax::Pdf;
use hayro::vello_cpu::color::palette::css::WHITE;
use hayro::{PixmapSettings, RenderCache, RenderSettings, render};
use image::{GrayImage, ImageFormat, Luma, imageops};

use super::{guichet, text};

/// Where the models lie, as the program itself would look for them; says so when they do not.
fn models(test: &str) -> Option<PathBuf> {
    let named = std::env::var_os(extraction::MODELS).map(PathBuf::from);
    let folder = named.unwrap_or_else(|| PathBuf::from("var/models"));
    if folder.join("recognition.onnx").is_file() {
        return Some(folder);
    }
    eprintln!("SKIPPED {test}: no OCR models in {} (make ocr-models fetches them)", folder.display());
    None
}

/// The first page of a printed sample, as a PDF and in grey at 150 dpi.
fn sample() -> (Vec<u8>, GrayImage) {
    let samples = demo::samples(&Forms::built_in()).unwrap();
    let (_, bytes) = samples.iter().flat_map(|s| &s.files).find(|(name, _)| name == "adhésion.pdf").unwrap().clone();
    let pdf = Pdf::new(bytes.clone()).unwrap();
    let scale = 150.0 / 72.0;
    let settings = PixmapSettings { x_scale: scale, y_scale: scale, bg_color: WHITE };
    let (interpreter, renderer) = (InterpreterSettings::default(), RenderSettings::default());
    let drawn = render(&pdf.pages()[0], &RenderCache::new(), &interpreter, &renderer, &settings);
    let tones = drawn.data().iter().map(|pixel| pixel.g).collect();
    (bytes, GrayImage::from_raw(drawn.width().into(), drawn.height().into(), tones).unwrap())
}

/// Grain of a scanner, the same at every run.
fn grainy(mut page: GrayImage) -> GrayImage {
    let mut state = 1_u32;
    for pixel in page.pixels_mut() {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let grain = i16::try_from(state >> 28).unwrap() - 8;
        *pixel = Luma([u8::try_from((i16::from(pixel.0[0]) * 9 / 10 + 15 + grain).clamp(0, 255)).unwrap()]);
    }
    imageops::blur(&page, 0.5)
}

fn encoded(page: &GrayImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    page.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// What was read of the first page against the digital original: fields right, fields wrong, fields trusted and wrong.
fn against_original(original: &Reading, read: &Reading) -> (usize, usize, Vec<String>) {
    let (before, after) = (&original.extractions[0], &read.extractions[0]);
    let (mut right, mut wrong, mut silent) = (0, 0, Vec::new());
    for (key, field) in &after.fields {
        let Some(meant) = before.fields.get(key) else { continue };
        if meant.value == field.value {
            right += 1;
        } else {
            wrong += 1;
            if field.trust == Trust::Trusted {
                silent.push(format!("{key}: {:?} for {:?}", field.value, meant.value));
            }
        }
    }
    (right, wrong, silent)
}

#[test]
fn a_scan_lying_upside_down_reads_as_its_original() {
    let Some(folder) = models("a_scan_lying_upside_down_reads_as_its_original") else { return };
    extraction::prepare(Some(&folder));
    let (original, page) = sample();
    let scan = encoded(&imageops::rotate180(&grainy(page)), ImageFormat::Png);
    let forms = Forms::built_in();
    let original = extraction::read(&original, "adhésion.pdf", &forms, &Options::default());
    let (read, pictures) = extraction::read_and_show(&scan, "scan.png", &forms, &Options::default());
    let (right, wrong, silent) = against_original(&original, &read);
    assert_eq!(silent, Vec::<String>::new(), "trusted and wrong");
    assert!(right >= 12 && wrong <= 2, "{right} right, {wrong} wrong: {:#?}", read.extractions);
    assert_eq!(pictures.len(), 1);
    // The name stands in the upper part of the form, so below on the picture that lies upside down.
    let field = read.extractions[0].fields.iter().find(|(key, _)| key.as_str() == "raison_sociale").unwrap().1;
    let Some(guichet::domain::field::Place::Page { bbox, .. }) = &field.place else { panic!("{field:?}") };
    assert!(bbox.y0 > pictures[0].size.1 / 2.0, "{bbox:?} on {:?}", pictures[0].size);
}

#[test]
fn a_picture_of_the_reading_is_written_for_every_page() {
    let scratch = tempfile::tempdir().unwrap();
    let (file, out) = (scratch.path().join("adhésion.pdf"), scratch.path().join("images"));
    std::fs::write(&file, sample().0).unwrap();
    let read = guichet(&["read", "--json", "--picture", text(&out), text(&file)]);
    assert!(read.status.success(), "{}", String::from_utf8_lossy(&read.stderr));
    let mut names: Vec<PathBuf> = std::fs::read_dir(&out).unwrap().map(|entry| entry.unwrap().path()).collect();
    names.sort();
    assert!(!names.is_empty());
    let picture = image::open(&names[0]).unwrap().into_rgb8();
    let green = picture.pixels().filter(|pixel| pixel.0[1] > pixel.0[0].saturating_add(60)).count();
    assert!(green > 2000, "frames of trusted values: {green} pixels of green");
}

#[test]
fn without_engines_a_scan_goes_to_a_person_and_says_so() {
    let scratch = tempfile::tempdir().unwrap();
    let file = scratch.path().join("scan.jpg");
    std::fs::write(&file, encoded(&GrayImage::from_pixel(600, 800, Luma([240])), ImageFormat::Jpeg)).unwrap();
    let read = std::process::Command::new(env!("CARGO_BIN_EXE_guichet"))
        .args(["read", "--json", text(&file)])
        .env(extraction::MODELS, Path::new("/dev/null"))
        .env("GUICHET_TESSERACT", "no")
        .output()
        .unwrap();
    let document: serde_json::Value = serde_json::from_slice(&read.stdout).unwrap();
    assert_eq!(read.status.code(), Some(1));
    assert_eq!(document["findings"][0]["code"], "needs_ocr", "{document:#}");
}
