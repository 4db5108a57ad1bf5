//! What isolation costs: the same documents read in this process and each in a child of its own.
//!
//! `cargo bench --bench isolation -- FOLDER` reads the files under FOLDER; without one, the demonstration's samples.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use guichet::domain::document::Format;
use guichet::extraction::{self, Options};
use guichet::isolation::{Isolation, Settings};
use guichet::schemas::Forms;

const AT_LEAST: usize = 200;

fn main() -> anyhow::Result<()> {
    let folder = std::env::args().skip(1).find(|argument| !argument.starts_with('-'));
    let documents = documents(folder.map(PathBuf::from))?;
    let forms = Forms::built_in();
    let settings = Settings { program: env!("CARGO_BIN_EXE_guichet").into(), hands: 1, ..Settings::default() };
    let isolation = Isolation::new(settings, &forms)?;
    println!("walls: {}", isolation.layers()?);
    let rounds = documents.len().max(AT_LEAST);
    println!("{} documents, {rounds} readings each way\n", documents.len());

    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut refused = 0;
    let (mut inside, mut isolated, mut bare) = (Vec::new(), Vec::new(), Vec::new());
    // In turns, so that a busy minute of the machine is every way's.
    for round in 0..rounds {
        let document = &documents[round % documents.len()];
        inside.push(time(|| drop(extraction::read(document, "essai", &forms, &Options::default()))));
        isolated.push(time(|| {
            let reading = runtime.block_on(isolation.read("essai", Arc::clone(document)));
            refused += usize::from(!reading.is_ok_and(|reading| reading.format != Format::Unknown));
        }));
        bare.push(time(|| drop(runtime.block_on(isolation.read("vide", Arc::from(&b""[..]))))));
    }
    let whole = report("read in this process", inside);
    let isolated = report("read in a child", isolated);
    report("a child with nothing to read", bare);
    println!("\nisolation adds {:.0} % at p50", (isolated / whole - 1.0) * 100.0);
    println!("{refused} documents refused by their child");
    let worst = isolation.worst();
    println!("largest child {} MB, {:.2} s of processor", worst.memory >> 20, worst.processor.as_secs_f32());
    Ok(())
}

fn time(work: impl FnOnce()) -> Duration {
    let begun = Instant::now();
    work();
    begun.elapsed()
}

/// Prints one line, gives the median in milliseconds.
fn report(way: &str, mut times: Vec<Duration>) -> f64 {
    times.sort();
    let at = |percent: usize| times[(times.len() - 1) * percent / 100].as_secs_f64() * 1e3;
    println!("{way:30} p50 {:8.2} ms   p90 {:8.2} ms   p99 {:8.2} ms", at(50), at(90), at(99));
    at(50)
}

fn documents(folder: Option<PathBuf>) -> anyhow::Result<Vec<Arc<[u8]>>> {
    let Some(folder) = folder else {
        let samples = guichet::demo::samples(&Forms::built_in())?;
        return Ok(samples.into_iter().flat_map(|sample| sample.files).map(|(_, bytes)| Arc::from(bytes)).collect());
    };
    let digital = ["pdf", "xlsx", "ods"];
    let mut documents = Vec::new();
    for entry in walkdir::WalkDir::new(folder).sort_by_file_name() {
        let path = entry?.into_path();
        if path.extension().is_some_and(|extension| digital.iter().any(|d| extension == *d)) {
            documents.push(Arc::from(std::fs::read(path)?));
        }
    }
    anyhow::ensure!(!documents.is_empty(), "no PDF, XLSX or ODS under this folder");
    Ok(documents)
}
