//! `guichet release` and `guichet refuse`: the second pair of eyes.

use std::io::{BufRead, IsTerminal, Write};
use std::path::PathBuf;

use clap::Args;

use super::at::At;
use super::password::{self, Asked};
use super::phrases::Phrases;
use super::table::shown;
use super::{NO, OK};
use crate::domain::declaration::FileType;
use crate::domain::dossier::{Dossier, DossierRef};
use crate::domain::event::Event;
use crate::domain::release::{self, User};
use crate::procedure::{Desk, Refused};
use crate::store::{Outgoing, OutgoingState};

/// Lets a declaration go that waits for a second person: shows it with its hash, asks who you are, and asks for a yes.
#[derive(Debug, Args)]
pub(super) struct Release {
    #[command(flatten)]
    what: What,
}

/// Refuses to let a declaration go that waits for a second person; its dossier is then corrected and declared anew.
#[derive(Debug, Args)]
pub(super) struct Refuse {
    #[command(flatten)]
    what: What,
    /// Why
    #[arg(long, value_name = "TEXT")]
    reason: String,
}

#[derive(Debug, Args)]
struct What {
    /// Reference of the dossier, or name of the file
    #[arg(value_name = "REF|FILE")]
    what: String,
    /// Who you are: a user with the role `releaser` who had no hand in the dossier
    #[arg(long = "as", value_name = "NAME")]
    name: String,
    /// File that holds your password; asked on the terminal when absent
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
    /// Do not ask for a yes
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    at: At,
}

impl Release {
    pub(super) fn run(&self) -> anyhow::Result<u8> {
        self.what.judge("Libérer cette déclaration ?", |file, by| Event::Released { file, by: by.clone() })
    }
}

impl Refuse {
    pub(super) fn run(&self) -> anyhow::Result<u8> {
        self.what.judge("Refuser cette déclaration ?", |file, by| Event::ReleaseRefused {
            file,
            reason: self.reason.clone(),
            by: by.clone(),
        })
    }
}

impl What {
    fn judge(&self, question: &str, event: impl Fn(String, &User) -> Event) -> anyhow::Result<u8> {
        self.at.with_desk(|desk| async move {
            let (dossier, held) = self.held(&desk).await?;
            let Some(user) = self.who(&desk).await? else {
                eprintln!("Nom ou mot de passe inconnu.");
                return Ok(NO);
            };
            if let Err(why) = release::decide(&user, &dossier, held.file_type) {
                return refused(&desk, why.gate());
            }
            show(&held)?;
            if !self.yes && !confirmed(question)? {
                println!("Rien n'a été changé.");
                return Ok(NO);
            }
            match crate::procedure::happen(&desk, &dossier.reference, &event(held.name.clone(), &user), &user.name)
                .await
            {
                Ok(()) => {
                    println!("{} : fait par {}", held.name, shown(&user.name));
                    Ok(OK)
                }
                Err(Refused::OutOfOrder(out)) => refused(&desk, out.gate),
                Err(err) => Err(err.into()),
            }
        })
    }

    /// The declaration that waits, by its dossier or by its name.
    async fn held(&self, desk: &Desk) -> anyhow::Result<(Dossier, Outgoing)> {
        let file = match DossierRef::parse(&self.what) {
            Ok(reference) => {
                let lines = desk.store.declarations(Some(&reference)).await?;
                let held: Vec<_> = lines.into_iter().filter(|line| line.state == OutgoingState::Held).collect();
                match held.as_slice() {
                    [only] => only.name.clone(),
                    [] => anyhow::bail!("nothing of dossier {reference} waits for release"),
                    several => {
                        let names: Vec<&str> = several.iter().map(|line| line.name.as_str()).collect();
                        anyhow::bail!("several declarations of {reference} wait; name one: {}", names.join(", "))
                    }
                }
            }
            Err(_) => self.what.clone(),
        };
        let held = desk.store.outgoing(&file).await?.filter(|outgoing| outgoing.state == OutgoingState::Held);
        let Some(held) = held else {
            anyhow::bail!("{} does not wait for release; see `guichet status`", shown(&file))
        };
        let filed = desk.store.dossier(&held.dossier).await?;
        let filed = filed.ok_or_else(|| anyhow::anyhow!("dossier {} is not known", held.dossier))?;
        Ok((filed.dossier, held))
    }

    /// Who asks, once the password has shown it. An unknown name costs the same time as a wrong password.
    async fn who(&self, desk: &Desk) -> anyhow::Result<Option<User>> {
        const NOBODY: &str =
            "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5IGhhcyB0aGlz$x0A1Nn0gFO3sGoFvqz1p5s6XKqf2W1T5QWtv6mI8oXU";
        let account = desk.store.account(&self.name).await?;
        let given = password::read(self.password_file.as_deref(), Asked::Known)?;
        let hash = account.as_ref().map_or(NOBODY, |account| account.password.as_str());
        let proven = crate::credentials::verify(&given, hash);
        Ok(account.filter(|_| proven).map(|account| account.user))
    }
}

/// What is to be released, as it will leave: its records without the filling, and the hash.
fn show(held: &Outgoing) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    let to = if held.file_type == FileType::Dpr || held.file_type == FileType::Uti {
        "banque"
    } else {
        "Monétique-Tunisie"
    };
    writeln!(out, "{} pour {to}, dossier {}", held.name, held.dossier)?;
    writeln!(out, "SHA-256 {}", held.sha256)?;
    for line in String::from_utf8_lossy(&held.bytes).lines() {
        let text = line.strip_suffix('X').unwrap_or(line).trim_end();
        writeln!(out, "  {}", shown(text))?;
    }
    Ok(())
}

fn confirmed(question: &str) -> anyhow::Result<bool> {
    anyhow::ensure!(std::io::stdin().is_terminal(), "no terminal to ask for a yes: give --yes");
    print!("{question} [oui/non] ");
    std::io::stdout().flush()?;
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "oui" | "o" | "yes" | "y"))
}

/// Says in words why an order is refused.
fn refused(desk: &Desk, gate: &str) -> anyhow::Result<u8> {
    let phrases = Phrases::load(Some(&desk.config), "gates/fr.toml")?;
    eprintln!("{}", phrases.say("gate", gate));
    Ok(NO)
}
