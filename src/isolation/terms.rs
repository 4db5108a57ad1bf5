//! On which terms a child is started: what it may cost, how narrow its walls stand, what it is told of the world.

use std::ffi::OsString;
use std::path::PathBuf;

use super::sandbox::{Profile, Walls};
use super::{Allowance, Settings};

/// The terms of one child.
#[derive(Debug, Clone)]
pub struct Terms {
    pub allowance: Allowance,
    pub walls: Walls,
    /// The folder of the models: where the configuration says, or the user's own when there are none. The child looks nowhere
    /// else.
    pub models: Option<PathBuf>,
}

/// What the engines that recognise characters are told by: where the models lie, whether Tesseract is wanted and where
/// its data lie.
const MODELS: &str = "GUICHET_OCR_MODELS";
const TESSERACT: &str = "GUICHET_TESSERACT";
const HANDED_ON: [&str; 5] = [TESSERACT, TESSERACT_DATA, "PATH", "HOME", "XDG_DATA_HOME"];
const TESSERACT_DATA: &str = "TESSDATA_PREFIX";

/// How the C library keeps memory: an engine takes and leaves blocks of all sizes. One store for all threads, or half of what a
/// page takes is memory nobody uses any more; and blocks of some megabytes are kept for the next line of type, since a tenth
/// of the time went into taking them from the system anew.
const KEEPING: [(&str, &str); 3] =
    [("MALLOC_ARENA_MAX", "1"), ("MALLOC_MMAP_THRESHOLD_", "33554432"), ("MALLOC_TRIM_THRESHOLD_", "67108864")];

/// Where programs and their libraries lie; nothing of ours does.
const SYSTEM: [&str; 6] = ["/usr", "/lib", "/lib64", "/bin", "/etc/ld.so.cache", "/proc/cpuinfo"];

impl Terms {
    /// For any document at first.
    pub fn narrow(settings: &Settings) -> Self {
        let Settings { time, processor, memory, .. } = *settings;
        Self { allowance: Allowance { time, processor, memory }, walls: Walls::Narrow, models: None }
    }

    /// For a document whose pages are pictures.
    pub fn wide(settings: &Settings) -> Self {
        let named = |name| std::env::var_os(name).map(PathBuf::from);
        let home = named("XDG_DATA_HOME").or_else(|| named("HOME").map(|home| home.join(".local/share")));
        let models: Vec<PathBuf> = [Some(settings.models.clone()), home.map(|home| home.join("guichet/models"))]
            .into_iter()
            .flatten()
            .collect();
        let there = models.iter().find(|folder| folder.join("recognition.onnx").is_file());
        let folder = there.unwrap_or(&settings.models).clone();
        let places = models.into_iter().chain(named(TESSERACT_DATA));
        let places = places.filter_map(|place| std::path::absolute(place).ok());
        let readable = SYSTEM.iter().map(PathBuf::from).chain(places).collect();
        Self { allowance: settings.pictures, walls: Walls::Wide { readable }, models: Some(folder) }
    }

    pub fn profile(&self) -> Profile {
        Profile {
            memory: self.allowance.memory,
            cpu: self.allowance.processor.as_secs().max(1),
            walls: self.walls.clone(),
            parent: std::process::id(),
        }
    }

    /// All a child knows of the environment: behind narrow walls that no engine is to be looked for.
    pub fn environment(&self) -> Vec<(&'static str, OsString)> {
        match self.walls {
            Walls::Narrow => vec![(MODELS, "/dev/null".into()), (TESSERACT, "no".into())],
            Walls::Wide { .. } => {
                let models = self.models.as_deref().and_then(|folder| std::path::absolute(folder).ok());
                let models = models.map(|folder| (MODELS, folder.into_os_string()));
                let known = HANDED_ON.into_iter().filter_map(|name| Some((name, std::env::var_os(name)?)));
                let keeping = KEEPING.into_iter().map(|(name, value)| (name, value.into()));
                known.chain(models).chain(keeping).collect()
            }
        }
    }
}
