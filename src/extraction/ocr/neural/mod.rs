//! First engine: PP-OCRv6 run in this process. A detector finds lines of type, a recogniser spells them.
//!
//! Both are ONNX files from a folder on disk, loaded once. The recogniser knows thousands of signs; only those a French form
//! is printed with are taken, so that Arabic labels and blots become nothing rather than noise.

mod alphabet;
mod bands;
mod detect;
mod reach;
mod recognise;
mod way_up;

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use image::GrayImage;
use rten::{Model, ModelOptions, RunOptions, ThreadPool};
use rten_tensor::NdTensor;

use super::bitmap::Bitmap;
use super::rules::Box;
use super::words::{Row, Seen};
use alphabet::Alphabet;
pub(super) use detect::Line;

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
        // It runs once for every line: its weights are laid out for the processor once, not each time.
        let recogniser = ModelOptions::with_all_ops().prepack_weights(true).load_static_slice(&files.recognition)?;
        let signs = recogniser.metadata().get("character").or(files.characters.as_deref());
        let alphabet = Alphabet::of(signs.unwrap_or_default().lines());
        anyhow::ensure!(alphabet.spells_french(), "the recogniser cannot spell French");
        Ok(Self { detector, recogniser, alphabet })
    }

    /// The lines of type of a level sheet, from top to bottom.
    pub(super) fn rows(&self, sheet: &Shown<'_>, lane: &Lane) -> anyhow::Result<Seeing> {
        let mut lines = Vec::new();
        for band in bands::of(sheet.ink, sheet.scale) {
            lines.extend(detect::lines(&self.detector, sheet.page, band, sheet.scale, &lane.whole)?);
        }
        reach::once_each(&mut lines);
        reach::to_their_ends(&mut lines, sheet.ink);
        let mut read: Vec<Option<Vec<Seen>>> = vec![None; lines.len()];
        if sheet.may_stand_on_its_head {
            let some = way_up::telling(&lines);
            let as_it_lies = self.spell(sheet, &some.iter().map(|at| lines[*at]).collect::<Vec<_>>(), lane)?;
            if way_up::is_doubtful(&as_it_lies) {
                let page = way_up::over(sheet.page);
                let turned: Vec<Line> = some.iter().map(|at| way_up::line_over(lines[*at], &page)).collect();
                let over = Shown { page: &page, boxes: &[], ..*sheet };
                if way_up::reads_better(&self.spell(&over, &turned, lane)?, &as_it_lies) {
                    return Ok(Seeing::OnItsHead);
                }
            }
            some.into_iter().zip(as_it_lies).for_each(|(at, words)| read[at] = Some(words));
        }
        let left: Vec<usize> = (0..lines.len()).filter(|at| read[*at].is_none()).collect();
        let rest = self.spell(sheet, &left.iter().map(|at| lines[*at]).collect::<Vec<_>>(), lane)?;
        left.into_iter().zip(rest).for_each(|(at, words)| read[at] = Some(words));
        let rows = read.into_iter().flatten().filter(|words| !words.is_empty());
        Ok(Seeing::Rows { rows: rows.map(|words| Row { words }).collect(), lines })
    }

    /// The words of some lines, several lines at once where the lane has room.
    fn spell(&self, sheet: &Shown<'_>, lines: &[Line], lane: &Lane) -> anyhow::Result<Vec<Vec<Seen>>> {
        let next = AtomicUsize::new(0);
        let work = |pool: &Pool| {
            let mut read = Vec::new();
            loop {
                let at = next.fetch_add(1, Ordering::Relaxed);
                let Some(line) = lines.get(at) else { return anyhow::Ok(read) };
                read.push((at, self.words(sheet, *line, pool)?));
            }
        };
        let mut read = std::thread::scope(|scope| {
            let others: Vec<_> = lane.each[1..]
                .iter()
                .filter_map(|pool| std::thread::Builder::new().spawn_scoped(scope, move || work(pool)).ok())
                .collect();
            let mut read = work(&lane.each[0])?;
            for other in others {
                match other.join() {
                    Ok(more) => read.extend(more?),
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
            anyhow::Ok(read)
        })?;
        read.sort_by_key(|(at, _)| *at);
        Ok(read.into_iter().map(|(_, words)| words).collect())
    }

    fn words(&self, sheet: &Shown<'_>, line: Line, pool: &Pool) -> anyhow::Result<Vec<Seen>> {
        let across = |y: usize| (line[1]..line[3]).contains(&(y as f32));
        let beside = sheet.boxes.iter().filter(|b| across(usize::midpoint(b.1, b.3)));
        let breaks: Vec<f32> = beside.map(|b| usize::midpoint(b.0, b.2) as f32).collect();
        recognise::words(&self.recogniser, &self.alphabet, sheet.page, line, &breaks, pool)
    }
}

/// What is shown to the engine.
#[derive(Clone, Copy)]
pub(super) struct Shown<'a> {
    pub(super) page: &'a GrayImage,
    /// Where ink lies that may be type.
    pub(super) ink: &'a Bitmap,
    /// Pixels per point.
    pub(super) scale: f32,
    /// Boxes to tick; they have been painted over and part words.
    pub(super) boxes: &'a [Box],
    /// Nobody has found out yet which end is up.
    pub(super) may_stand_on_its_head: bool,
}

/// What the engine makes of a sheet.
pub(super) enum Seeing {
    /// What was spelled, and every line of type, spelled or not.
    Rows { rows: Vec<Row>, lines: Vec<Line> },
    /// It is to be turned over and shown again.
    OnItsHead,
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

/// Threads that one page may use: all together for a large picture, each by itself for small ones.
pub(super) struct Lane {
    whole: Pool,
    /// At least one.
    each: Vec<Pool>,
}

/// Threads that run a model. They are started by the first that runs: behind narrow walls, where none does, starting one is
/// forbidden.
struct Pool {
    threads: usize,
    started: OnceLock<Arc<ThreadPool>>,
}

impl Lane {
    pub(super) fn new(threads: usize) -> Self {
        let threads = threads.max(1);
        Self { whole: Pool::new(threads), each: (0..threads).map(|_| Pool::new(1)).collect() }
    }
}

impl Pool {
    fn new(threads: usize) -> Self {
        Self { threads, started: OnceLock::new() }
    }

    fn options(&self) -> RunOptions {
        let pool = self.started.get_or_init(|| Arc::new(ThreadPool::with_num_threads(self.threads)));
        RunOptions::default().with_thread_pool(Some(Arc::clone(pool)))
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
