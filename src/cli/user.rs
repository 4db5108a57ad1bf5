//! `guichet user`: who works with guichet, and what they may do.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::at::At;
use super::password::{self, Asked};
use super::table::{shown, table};
use super::{NO, OK};
use crate::domain::release::{Role, User as Person};
use crate::store::Account;

/// Adds, lists and removes the people who release declarations or see dossiers.
#[derive(Debug, Args)]
pub(super) struct User {
    #[command(subcommand)]
    order: Order,
    #[command(flatten)]
    at: At,
}

#[derive(Debug, Subcommand)]
enum Order {
    /// Take a person in, or give a known one other roles and another password
    Add {
        /// First name and name
        name: String,
        /// releaser, monetique, administrator, auditor, or bank:FOLDER; several are possible
        #[arg(long = "role", required = true, value_name = "ROLE", value_parser = role)]
        roles: Vec<Role>,
        /// File that holds the password; asked on the terminal when absent
        #[arg(long, value_name = "FILE")]
        password_file: Option<PathBuf>,
        /// Who adds: written into the journal
        #[arg(long, value_name = "NAME", env = "GUICHET_BY", default_value = "administrator")]
        by: String,
    },
    /// Show everyone
    List {
        #[arg(long)]
        json: bool,
    },
    /// Take a person out
    Remove {
        name: String,
        /// Who removes: written into the journal
        #[arg(long, value_name = "NAME", env = "GUICHET_BY", default_value = "administrator")]
        by: String,
    },
}

fn role(text: &str) -> Result<Role, String> {
    Role::try_from(text.to_owned()).map_err(|err| err.to_string())
}

impl User {
    pub(super) fn run(&self) -> anyhow::Result<u8> {
        self.at.with_desk(|desk| async move {
            match &self.order {
                Order::Add { name, roles, password_file, by } => {
                    anyhow::ensure!(!name.trim().is_empty(), "a person has a name");
                    let chosen = password::read(password_file.as_deref(), Asked::New)?;
                    let user = Person { name: name.trim().to_owned(), roles: roles.iter().cloned().collect() };
                    let account = Account { user, password: crate::credentials::hash(&chosen)? };
                    desk.store.enrol(&account, by, desk.clock.now()).await?;
                    println!("{} : {}", shown(name), in_words(&account.user));
                    Ok(OK)
                }
                Order::List { json } => {
                    let accounts = desk.store.accounts().await?;
                    if *json {
                        let people: Vec<&Person> = accounts.iter().map(|account| &account.user).collect();
                        println!("{}", serde_json::to_string_pretty(&people)?);
                        return Ok(OK);
                    }
                    let mut rows = table(&["Nom", "Rôles"]);
                    for account in &accounts {
                        rows.add_row([shown(&account.user.name), in_words(&account.user)]);
                    }
                    println!("{rows}");
                    Ok(OK)
                }
                Order::Remove { name, by } => {
                    if desk.store.dismiss(name, by, desk.clock.now()).await? {
                        println!("{} retiré", shown(name));
                        return Ok(OK);
                    }
                    eprintln!("{} est inconnu ; « guichet user list » montre tout le monde", shown(name));
                    Ok(NO)
                }
            }
        })
    }
}

fn in_words(person: &Person) -> String {
    person.roles.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
