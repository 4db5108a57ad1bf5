//! The engines of this process: found and loaded once, at the first page that needs them.
//!
//! The one place of this room that touches the world: model files are read from a folder, and Tesseract is looked for.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use super::neural::{Files, Neural};
use super::tesseract::Tesseract;

/// Environment variable that names the folder of the model files.
pub const FOLDER: &str = "GUICHET_OCR_MODELS";

/// What is there to read pictures with.
pub(super) struct Engines {
    pub(super) neural: Option<Neural>,
    pub(super) tesseract: Option<Tesseract>,
}

impl Engines {
    /// The engines of this process.
    pub(super) fn at_hand() -> &'static Self {
        static ENGINES: OnceLock<Engines> = OnceLock::new();
        ENGINES.get_or_init(|| Self { neural: neural(), tesseract: Tesseract::find() })
    }

    pub(super) fn none(&self) -> bool {
        self.neural.is_none() && self.tesseract.is_none()
    }
}

fn neural() -> Option<Neural> {
    Neural::load(files(None)?).inspect_err(|err| tracing::error!("The OCR models cannot be used: {err:#}")).ok()
}

/// The model files, read once. Reading them is all that needs the file system, so that it can be done before walls are
/// raised; they become models behind the walls.
pub(super) fn files(named: Option<&Path>) -> Option<&'static Files> {
    static FILES: OnceLock<Option<Files>> = OnceLock::new();
    let read = || {
        let folder = folders(named).into_iter().find(|folder| lie_in(folder))?;
        let told = |err: &std::io::Error| tracing::error!("Cannot read the OCR models in {}: {err}", folder.display());
        Files::read(&folder).inspect_err(told).ok()
    };
    FILES.get_or_init(read).as_ref()
}

/// The recogniser is fetched last, so that a folder that holds it is whole.
pub(super) fn lie_in(folder: &Path) -> bool {
    folder.join("recognition.onnx").is_file()
}

/// Where models may lie, nearest first: the folder named in the environment, the working folder's `var/models`, the user's
/// data, the machine's.
fn folders(named: Option<&Path>) -> Vec<PathBuf> {
    if let Some(folder) = named {
        return vec![folder.to_owned()];
    }
    if let Some(folder) = std::env::var_os(FOLDER) {
        return vec![folder.into()];
    }
    let data = std::env::var_os("XDG_DATA_HOME")
        .map(PathBuf::from)
        .or_else(|| std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".local/share")));
    let mut folders = vec![PathBuf::from("var/models")];
    folders.extend(data.map(|data| data.join("guichet/models")));
    folders.push("/usr/share/guichet/models".into());
    folders
}
