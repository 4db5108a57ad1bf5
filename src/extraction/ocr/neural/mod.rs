//! First engine: PP-OCRv6 run in this process. A detector finds lines of type, a recogniser spells them.
//!
//! Both are ONNX files from a folder on disk, loaded once. The recogniser knows thousands of signs; only those a French form
//! is printed with are taken, so that Arabic labels and blots become nothing rather than noise.

mod alphabet;
mod detect;
mod recognise;

use std::path::Path;
use std::sync::Arc;

use image::GrayImage;
use rten::{Model, RunOptions, ThreadPool};
use rten_tensor::NdTensor;

use super::rules::Box;
use super::words::Row;
use alphabet::Alphabet;

/// The two models, ready to run.
pub(super) struct Neural {
    detector: Model,
    recogniser: Model,
    alphabet: Alphabet,
}

impl Neural {
    /// Makes the models ready; their weights stay where they were read to.
    pub(super) fn load(files: &'static Files) -> anyhow::Result<Self> {
        let detector = Model::load_static_slice(&files.detection)?;
        let recogniser = Model::load_static_slice(&files.recognition)?;
        let signs = recogniser.metadata().get("character").or(files.characters.as_deref());
        let alphabet = Alphabet::of(signs.unwrap_or_default().lines());
        anyhow::ensure!(alphabet.spells_french(), "the recogniser cannot spell French");
        Ok(Self { detector, recogniser, alphabet })
    }

    /// The lines of type of a level page, from top to bottom. `scale` is pixels per point; `boxes` to tick have been painted
    /// over and part words.
    pub(super) fn rows(&self, page: &GrayImage, scale: f32, boxes: &[Box], lane: &Lane) -> anyhow::Result<Vec<Row>> {
        let lines = detect::lines(&self.detector, page, scale, lane)?;
        let mut rows = Vec::with_capacity(lines.len());
        for line in lines {
            let across = |y: usize| (line[1]..line[3]).contains(&(y as f32));
            let beside = boxes.iter().filter(|b| across(usize::midpoint(b.1, b.3)));
            let breaks: Vec<f32> = beside.map(|b| usize::midpoint(b.0, b.2) as f32).collect();
            let words = recognise::words(&self.recogniser, &self.alphabet, page, line, &breaks, lane)?;
            if !words.is_empty() {
                rows.push(Row { words });
            }
        }
        Ok(rows)
    }
}

/// The models as they lie on disk.
pub(super) struct Files {
    detection: Vec<u8>,
    recognition: Vec<u8>,
    /// The recogniser's signs, where it does not name them itself.
    characters: Option<String>,
}

impl Files {
    /// Reads `detection.onnx`, `recognition.onnx` and, where it is there, `characters.txt`.
    pub(super) fn read(folder: &Path) -> std::io::Result<Self> {
        let characters = folder.join("characters.txt");
        Ok(Self {
            detection: std::fs::read(folder.join("detection.onnx"))?,
            recognition: std::fs::read(folder.join("recognition.onnx"))?,
            characters: characters.is_file().then(|| std::fs::read_to_string(characters)).transpose()?,
        })
    }
}

/// Threads that one page may use.
pub(super) struct Lane(Arc<ThreadPool>);

impl Lane {
    pub(super) fn new(threads: usize) -> Self {
        Self(Arc::new(ThreadPool::with_num_threads(threads)))
    }

    fn options(&self) -> RunOptions {
        RunOptions::default().with_thread_pool(Some(self.0.clone()))
    }
}

/// A grey picture as three equal planes, as the models were taught.
fn planes(picture: &GrayImage, mean: [f32; 3], deviation: [f32; 3]) -> NdTensor<f32, 4> {
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let mut values = Vec::with_capacity(3 * width * height);
    for (mean, deviation) in mean.into_iter().zip(deviation) {
        let toned: Vec<f32> = (0..=255).map(|tone| (tone as f32 / 255.0 - mean) / deviation).collect();
        values.extend(picture.as_raw().iter().map(|tone| toned[usize::from(*tone)]));
    }
    NdTensor::from_data([1, 3, height, width], values)
}
