//! The installation of the demonstration: three banks, a short quiet time, letters in a folder, and something to drop.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::Context;

use crate::demo::{BANKS, Sample, one_of_many};
use crate::schemas::Forms;

/// Forms that nobody has dropped yet, for whoever watches.
pub(super) const TO_DROP: &str = "a-deposer";
/// What Monétique-Tunisie and the banks have taken from their outboxes.
pub(super) const TAKEN: &str = "emporte";

/// Numbers of merchants beyond those of the samples.
const NEW_MERCHANTS: std::ops::RangeInclusive<u32> = 101..=103;

pub(super) fn set(root: &Path, forms: &Forms) -> anyhow::Result<()> {
    let folder = root.join(TO_DROP);
    fs::create_dir_all(&folder).with_context(|| format!("creating {}", folder.display()))?;
    let file = root.join(crate::config::FILE_NAME);
    let mut text = String::from(
        "[inbox]\nquiet = \"200ms\"\nrescan = \"1s\"\n\n[log]\nlevel = \"error\"\n\n[monetique]\nmailboxes = [\"operateurs@monetique.example\"]\noperations = [\"exploitation@monetique.example\"]\n",
    );
    for (folder, code, name) in BANKS {
        let _ = write!(
            text,
            "\n[[bank]]\nfolder = \"{folder}\"\ncode = \"{code}\"\nname = \"{name}\"\nmailboxes = [\"monetique@{folder}.example\"]\n\n[bank.conditions]\nplafond_transaction = 5000000\nplafond_jour = 50000000\ncommission_nationale = 1500\ncommission_internationale = 2900\n"
        );
    }
    fs::write(&file, text).with_context(|| format!("writing {}", file.display()))?;
    crate::app::init(root, &[])?;
    for number in NEW_MERCHANTS {
        fs::write(folder.join(format!("Comptoir {number}.pdf")), one_of_many(forms, number)?)?;
    }
    Ok(())
}

/// Drops a sample as a bank would: whole folders are moved in, loose files copied.
pub(super) fn drop_off(root: &Path, sample: &Sample) -> anyhow::Result<()> {
    let inbox = root.join("inbox").join(sample.bank);
    match &sample.folder {
        Some(name) => {
            let aside = root.join(format!(".{name}"));
            fs::create_dir_all(&aside)?;
            for (file, bytes) in &sample.files {
                fs::write(aside.join(file), bytes)?;
            }
            fs::rename(aside, inbox.join(name))?;
        }
        None => {
            for (file, bytes) in &sample.files {
                fs::write(inbox.join(file), bytes)?;
            }
        }
    }
    Ok(())
}

/// Keeps a copy of what the other side is about to take away, so that it can be looked at afterwards.
pub(super) fn keep_copies(root: &Path) -> anyhow::Result<()> {
    for outbox in fs::read_dir(root.join("outbox"))?.flatten().filter(|entry| entry.path().is_dir()) {
        let kept = root.join(TAKEN).join(outbox.file_name());
        for file in fs::read_dir(outbox.path())?.flatten() {
            let ours = file.file_type()?.is_file() && !file.file_name().to_string_lossy().starts_with('.');
            if ours && !kept.join(file.file_name()).exists() {
                fs::create_dir_all(&kept)?;
                fs::copy(file.path(), kept.join(file.file_name()))?;
            }
        }
    }
    Ok(())
}
