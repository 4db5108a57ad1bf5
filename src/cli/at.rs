//! Which installation a command speaks to.

use std::future::Future;
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;

use crate::config::Config;
use crate::procedure::Desk;
use crate::templates::Templates;

/// The installation: its configuration file, or the folder that holds one.
#[derive(Debug, Args)]
pub(super) struct At {
    /// Configuration file, or the folder of the installation
    #[arg(long, short, value_name = "PATH", env = "GUICHET_CONFIG", default_value = ".", global = true)]
    pub(super) config: PathBuf,
}

impl At {
    pub(super) fn load(&self) -> anyhow::Result<Config> {
        Ok(Config::load(&self.config)?)
    }

    /// Opens the installation's desk and lets `work` use it.
    pub(super) fn with_desk<T, F>(&self, work: impl FnOnce(Arc<Desk>) -> F) -> anyhow::Result<T>
    where
        F: Future<Output = anyhow::Result<T>>,
    {
        let config = self.load()?;
        block_on(async { work(crate::app::desk(config).await?).await })
    }
}

/// Runs one future to its end, with the threads and timers it needs.
pub(super) fn block_on<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(work)
}

/// The words of an installation, else those the program carries in itself.
pub(super) fn templates(config: &Config) -> anyhow::Result<Templates> {
    let folder = config.templates();
    Ok(if folder.is_dir() { Templates::load(&folder)? } else { Templates::built_in() })
}
