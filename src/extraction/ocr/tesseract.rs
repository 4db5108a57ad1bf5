//! Second engine: Tesseract, where it is installed, as a process of its own.
//!
//! A process and no library: what runs away on a noisy page must be killed, and its parsers stay out of this process. The
//! page goes in as a portable grey map, words come out as a table.

use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use image::GrayImage;

use super::words::{Row, Seen};

/// A page takes about a second; one that takes this long never ends.
const PATIENCE: Duration = Duration::from_secs(30);
/// Largest table a page of words gives.
const LARGEST_TABLE: u64 = 4 << 20;
/// Environment variable: `no` leaves Tesseract out though it is installed.
const SWITCH: &str = "GUICHET_TESSERACT";

/// What Tesseract is asked to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    French,
    Arabic,
}

impl Language {
    /// Its name among Tesseract's data files.
    fn code(self) -> &'static str {
        match self {
            Self::French => "fra",
            Self::Arabic => "ara",
        }
    }
}

/// An installed Tesseract that knows French, and perhaps Arabic.
pub(super) struct Tesseract {
    program: PathBuf,
    arabic: bool,
}

impl Tesseract {
    /// Looks for it on the path.
    pub(super) fn find() -> Option<Self> {
        if std::env::var_os(SWITCH).is_some_and(|value| value == "no") {
            return None;
        }
        let path = std::env::var_os("PATH")?;
        let program =
            std::env::split_paths(&path).map(|folder| folder.join("tesseract")).find(|file| file.is_file())?;
        let languages = Command::new(&program).arg("--list-langs").stdin(Stdio::null()).output().ok()?;
        let languages = String::from_utf8_lossy(&languages.stdout);
        let knows = |language: Language| languages.lines().any(|line| line.trim() == language.code());
        knows(Language::French).then(|| Self { program, arabic: knows(Language::Arabic) })
    }

    pub(super) fn knows(&self, language: Language) -> bool {
        match language {
            Language::French => true,
            Language::Arabic => self.arabic,
        }
    }

    /// The words of a level, cleaned page in rows; none when Tesseract fails or must be stopped.
    pub(super) fn rows(&self, page: &GrayImage, dpi: f32, language: Language) -> anyhow::Result<Vec<Row>> {
        let child = Command::new(&self.program)
            .args(["-", "-", "-l", language.code(), "--psm", "11", "--dpi", &format!("{dpi:.0}"), "tsv"])
            // Its threads wait for one another by spinning.
            .env("OMP_THREAD_LIMIT", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        Ok(rows_of(&converse(child, page)?))
    }
}

/// Hands the page over and waits for the table, no longer than patience lasts.
fn converse(mut child: Child, page: &GrayImage) -> anyhow::Result<String> {
    let (mut input, mut output) = (child.stdin.take(), child.stdout.take());
    let mut table = Vec::new();
    let status = std::thread::scope(|scope| {
        scope.spawn(|| {
            if let Some(mut input) = input.take() {
                let head = format!("P5\n{} {}\n255\n", page.width(), page.height());
                // A child that ended early has its own say below.
                let _ = input.write_all(head.as_bytes()).and_then(|()| input.write_all(page.as_raw()));
            }
        });
        scope.spawn(|| {
            if let Some(output) = output.take() {
                let _ = output.take(LARGEST_TABLE).read_to_end(&mut table);
            }
        });
        let status = wait(&mut child);
        if status.is_err() {
            let _ = child.kill();
            let _ = child.wait();
        }
        status
    })?;
    anyhow::ensure!(status.success(), "tesseract ended with {status}");
    Ok(String::from_utf8_lossy(&table).into_owned())
}

fn wait(child: &mut Child) -> anyhow::Result<std::process::ExitStatus> {
    let started = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        anyhow::ensure!(started.elapsed() < PATIENCE, "tesseract did not end within {PATIENCE:?}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Rows out of the table: level, page, block, paragraph, line, word, left, top, width, height, certainty, text.
fn rows_of(table: &str) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    let mut line = None;
    for record in table.lines().skip(1) {
        let columns: Vec<&str> = record.split('\t').collect();
        let [level, _, block, paragraph, in_line, _, left, top, width, height, certainty, text] = columns[..] else {
            continue;
        };
        let number = |text: &str| text.parse::<f32>().ok();
        let (Some(x), Some(y), Some(w), Some(h), Some(certainty)) =
            (number(left), number(top), number(width), number(height), number(certainty))
        else {
            continue;
        };
        if level != "5" || certainty < 0.0 || text.trim().is_empty() {
            continue;
        }
        let word = Seen {
            text: text.trim().to_owned(),
            bounds: [x, y, x + w, y + h],
            certainty: (certainty / 100.0).min(1.0),
            signs: Vec::new(),
        };
        let here = Some((block, paragraph, in_line));
        if line != here {
            rows.push(Row::default());
            line = here;
        }
        if let Some(row) = rows.last_mut() {
            row.words.push(word);
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_becomes_rows() {
        let table = "level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext\n\
            4\t1\t1\t1\t1\t0\t10\t20\t90\t12\t-1\t\n\
            5\t1\t1\t1\t1\t1\t10\t20\t40\t12\t96.5\tRaison\n\
            5\t1\t1\t1\t1\t2\t55\t20\t45\t12\t91\tsociale\n\
            5\t1\t2\t1\t1\t1\t10\t50\t45\t12\t40\tTunis\n\
            nonsense\n";
        let rows = rows_of(table);
        assert_eq!(rows.len(), 2);
        assert_eq!(rows[0].words[1].text, "sociale");
        assert_eq!(rows[1].words[0].bounds.map(|v| v as u32), [10, 50, 55, 62]);
        assert!((rows[1].words[0].certainty - 0.4).abs() < 1e-6);
    }
}
