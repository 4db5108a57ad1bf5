//! What isolation costs: the same documents read in this process, each in a copy of a prepared process, and each in a
//! process started anew.
//!
//! `cargo bench --bench isolation -- FOLDER` reads the files under FOLDER; without one, the demonstration's samples.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use guichet::domain::document::Format;
use guichet::extraction::{self, Options};
use guichet::isolation::{Children, Isolation, Settings};
use guichet::schemas::Forms;

const AT_LEAST: usize = 200;

fn main() -> anyhow::Result<()> {
    let folder = std::env::args().skip(1).find(|argument| !argument.starts_with('-'));
    let documents = documents(folder.map(PathBuf::from))?;
    let forms = Forms::built_in();
    let isolation = |children| {
        let settings =
            Settings { program: env!("CARGO_BIN_EXE_guichet").into(), hands: 1, children, ..Settings::default() };
        Isolation::new(settings, &forms)
    };
    let (copied, started) = (isolation(Children::Copied)?, isolation(Children::Started)?);
    println!("walls: {}", copied.layers()?);
    let rounds = documents.len().max(AT_LEAST);
    println!("{} documents, {rounds} readings each way\n", documents.len());

    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut refused = 0;
    let mut times: [Vec<Cost>; 5] = Default::default();
    let mut read = |isolation: &Isolation, document: &Arc<[u8]>| {
        time(|| {
            let reading = runtime.block_on(isolation.read("essai", Arc::clone(document)));
            refused += usize::from(!reading.is_ok_and(|reading| reading.format != Format::Unknown));
        })
    };
    let nothing: Arc<[u8]> = Arc::from(&b""[..]);
    // In turns, so that a busy minute of the machine is every way's.
    for round in 0..rounds {
        let document = &documents[round % documents.len()];
        times[0].push(time(|| drop(extraction::read(document, "essai", &forms, &Options::default()))));
        times[1].push(read(&copied, document));
        times[2].push(read(&started, document));
        times[3].push(time(|| drop(runtime.block_on(copied.read("vide", Arc::clone(&nothing))))));
        times[4].push(time(|| drop(runtime.block_on(started.read("vide", Arc::clone(&nothing))))));
    }
    let [here, in_copies, in_new, empty_copy, empty_new] = times;
    let here = report("read in this process", &here);
    let in_copies = report("read in a copy (zygote)", &in_copies);
    let in_new = report("read in a new process (spawn)", &in_new);
    report("a copy with nothing to read", &empty_copy);
    report("a new process with nothing", &empty_new);
    for (way, costs) in [("a copy", in_copies), ("a new process", in_new)] {
        let added = |with: f64, without: f64| (with / without - 1.0) * 100.0;
        let (wall, processor) = (added(costs.0, here.0), added(costs.1, here.1));
        println!("{way} adds {wall:.0} % at p50, {processor:.0} % of processor time");
    }
    println!("{refused} documents refused by their child");
    for (way, isolation) in [("copy", copied), ("new process", started)] {
        let [worst, _] = isolation.worst();
        let (memory, processor) = (worst.memory >> 20, worst.processor.as_secs_f32());
        println!("largest {way} {memory} MB, {processor:.2} s of processor");
    }
    Ok(())
}

/// By the clock on the wall, and of processors, children's included: the second does not depend on who else is at work.
#[derive(Clone, Copy)]
struct Cost {
    wall: Duration,
    processor: Duration,
}

fn time(work: impl FnOnce()) -> Cost {
    let (begun, before) = (Instant::now(), processor());
    work();
    Cost { wall: begun.elapsed(), processor: processor().saturating_sub(before) }
}

/// Used so far by this process and by its children that have ended.
fn processor() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").expect("Linux tells");
    // The second field, in brackets, may hold anything; times are counted in hundredths of a second.
    let fields = stat.rsplit_once(')').expect("a process has a name").1;
    let ticks: u64 = fields.split_whitespace().skip(11).take(4).filter_map(|ticks| ticks.parse::<u64>().ok()).sum();
    Duration::from_millis(10 * ticks)
}

/// Prints one line, gives the medians by the wall clock and the mean of processor time, in milliseconds.
fn report(way: &str, costs: &[Cost]) -> (f64, f64) {
    let mut times: Vec<Duration> = costs.iter().map(|cost| cost.wall).collect();
    times.sort();
    let at = |percent: usize| times[(times.len() - 1) * percent / 100].as_secs_f64() * 1e3;
    let spent: Duration = costs.iter().map(|cost| cost.processor).sum();
    // Ticks are coarse: only their sum over many readings says something.
    let mean = spent.as_secs_f64() * 1e3 / costs.len() as f64;
    println!("{way:30} p50 {:7.2}  p90 {:7.2}  p99 {:7.2}  processor {mean:6.2} ms", at(50), at(90), at(99));
    (at(50), mean)
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
