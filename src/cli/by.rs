//! Who gives an order by hand. A name alone proves nothing: whoever is named has an account and shows its password, so that the
//! journal names nobody who was not there, and nobody passes for someone else before a second pair of eyes.

use std::path::PathBuf;

use clap::Args;

use super::password::{self, Asked};
use super::phrases::Phrases;
use crate::clock::in_tunis;
use crate::credentials::{NotLetIn, sign_in};
use crate::domain::release::{self, User};
use crate::procedure::Desk;

#[derive(Debug, Args)]
pub(super) struct By {
    /// Who gives the order: someone with an account (`guichet user`); written into the journal
    #[arg(long, value_name = "NAME", env = "GUICHET_BY", global = true)]
    by: Option<String>,
    /// File that holds this person's password; asked on the terminal when absent
    #[arg(long, value_name = "FILE", env = "GUICHET_PASSWORD_FILE", global = true)]
    password_file: Option<PathBuf>,
}

impl By {
    /// The person who is named, once the password has shown it; else why not, in words.
    pub(super) async fn person(&self, desk: &Desk) -> anyhow::Result<Result<User, String>> {
        match self.named() {
            Some(name) => let_in(desk, name, self.password_file.as_deref()).await,
            None => Ok(Err("Dites qui donne cet ordre : --by NOM. « guichet user list » montre les noms.".to_owned())),
        }
    }

    /// Who does the work of the house, as the journal names it: a person who may, or, when nobody is named, the account of the
    /// system that runs the command, which owns the installation anyway.
    pub(super) async fn house(&self, desk: &Desk) -> anyhow::Result<Result<String, String>> {
        self.allowed(desk, release::keeps_house).await
    }

    /// The same for what only administrators do.
    pub(super) async fn administrator(&self, desk: &Desk) -> anyhow::Result<Result<String, String>> {
        self.allowed(desk, release::administers).await
    }

    async fn allowed(
        &self,
        desk: &Desk,
        may: impl FnOnce(&User) -> Result<(), &'static str>,
    ) -> anyhow::Result<Result<String, String>> {
        let Some(name) = self.named() else { return Ok(Ok(system_account())) };
        let user = match let_in(desk, name, self.password_file.as_deref()).await? {
            Ok(user) => user,
            Err(why) => return Ok(Err(why)),
        };
        match may(&user) {
            Ok(()) => Ok(Ok(user.name)),
            Err(gate) => Ok(Err(Phrases::load(Some(&desk.config), "gates/fr.toml")?.say("gate", gate).to_owned())),
        }
    }

    fn named(&self) -> Option<&str> {
        self.by.as_deref().map(str::trim).filter(|name| !name.is_empty())
    }
}

/// Who someone is, once the password has shown it; else why not, in words.
pub(super) async fn let_in(
    desk: &Desk,
    name: &str,
    password_file: Option<&std::path::Path>,
) -> anyhow::Result<Result<User, String>> {
    let given = password::read(password_file, Asked::Known)?;
    match sign_in(&*desk.store, name, &given, desk.clock.now()).await {
        Ok(user) => Ok(Ok(user)),
        Err(NotLetIn::Store(err)) => Err(err.into()),
        Err(NotLetIn::Wait(until)) => {
            let at = in_tunis(until).strftime("%H:%M:%S");
            Ok(Err(format!("Trop de mots de passe faux : réessayez après {at}.")))
        }
        Err(NotLetIn::Closed) => {
            Ok(Err("Ce compte est fermé. Un administrateur le rouvre avec « guichet user enable ».".to_owned()))
        }
        Err(NotLetIn::Unknown) => {
            Ok(Err("Nom ou mot de passe inconnu. « guichet user list » montre les noms.".to_owned()))
        }
    }
}

/// Whatever the environment says: this is what the system knows.
fn system_account() -> String {
    format!("{} (uid {})", release::SYSTEM, rustix::process::geteuid().as_raw())
}
