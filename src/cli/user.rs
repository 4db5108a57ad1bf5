//! `guichet user`: who works with guichet, and what they may do.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde_json::json;

use super::at::At;
use super::by::By;
use super::password::{self, Asked};
use super::table::{shown, table};
use super::{NO, OK};
use crate::domain::release::{Role, User as Person, is_reserved};
use crate::procedure::Desk;
use crate::store::Account;

const EXAMPLES: &str = "\
Examples:
  guichet user add \"Amel Trabelsi\" --role releaser --role bank:biat
  guichet user add \"Sami Gharbi\" --role administrator --by \"Olfa Mansour\"
  guichet user password \"Amel Trabelsi\"
  guichet user disable \"Amel Trabelsi\"
  guichet user list";

/// The people who release declarations, report steps or see dossiers: who they are and what they may do.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct User {
    #[command(subcommand)]
    order: Order,
    #[command(flatten)]
    by: By,
    /// The same for programs, as JSON
    #[arg(long, global = true)]
    json: bool,
    #[command(flatten)]
    at: At,
}

#[derive(Debug, Subcommand)]
enum Order {
    /// Show everyone
    List,
    #[command(flatten)]
    Change(Change),
}

/// What only administrators do.
#[derive(Debug, Subcommand)]
enum Change {
    /// Take a person in
    Add {
        /// First name and name
        name: String,
        /// releaser, monetique, administrator, auditor, or bank:FOLDER; several are possible
        #[arg(long = "role", required = true, value_name = "ROLE", value_parser = role)]
        roles: Vec<Role>,
        /// File that holds the new password; asked on the terminal when absent
        #[arg(long, value_name = "FILE")]
        new_password_file: Option<PathBuf>,
    },
    /// Give a person other roles
    Roles {
        name: String,
        #[arg(long = "role", required = true, value_name = "ROLE", value_parser = role)]
        roles: Vec<Role>,
    },
    /// Give a person another password; ends a wait after wrong ones
    Password {
        name: String,
        /// File that holds the new password; asked on the terminal when absent
        #[arg(long, value_name = "FILE")]
        new_password_file: Option<PathBuf>,
    },
    /// Close a person's account: what they did stays in the journal, they sign nothing any more
    Disable { name: String },
    /// Open a closed account again
    Enable { name: String },
}

fn role(text: &str) -> Result<Role, String> {
    Role::try_from(text.to_owned()).map_err(|err| err.to_string())
}

impl User {
    pub(super) fn run(&self) -> anyhow::Result<u8> {
        self.at.with_desk(|desk| async move {
            let change = match &self.order {
                Order::List => return list(&desk, self.json).await,
                Order::Change(change) => change,
            };
            // Before any new password is asked.
            let by = self.by.administrator(&desk).await?.map_err(super::no)?;
            match change {
                Change::Add { name, roles, new_password_file } => {
                    anyhow::ensure!(!name.trim().is_empty(), "a person has a name");
                    if is_reserved(name, &desk.bank_folders) {
                        eprintln!("{} est un nom que le journal donne à d'autres. Donnez prénom et nom.", shown(name));
                        return Ok(NO);
                    }
                    for bank in roles.iter().filter_map(Role::bank) {
                        let known = desk.config.bank(bank).is_some();
                        anyhow::ensure!(known, "no bank has the folder {bank}; guichet.toml names them");
                    }
                    if desk.store.account(name).await?.is_some() {
                        eprintln!(
                            "{} a déjà un compte. « guichet user roles » change les rôles, « guichet user password » le mot de passe.",
                            shown(name)
                        );
                        return Ok(NO);
                    }
                    let chosen = password::read(new_password_file.as_deref(), Asked::New)?;
                    let user = Person { name: name.trim().to_owned(), roles: roles.iter().cloned().collect() };
                    let password = crate::credentials::hash(&chosen)?;
                    let account = Account { user, password, disabled: false, failures: 0, failed: None };
                    self.write(&desk, &account, "user_enrolled", &by).await
                }
                Change::Roles { name, roles } => {
                    let Some(mut account) = known(&desk, name).await? else { return Ok(NO) };
                    account.user.roles = roles.iter().cloned().collect();
                    self.write(&desk, &account, "user_roles_changed", &by).await
                }
                Change::Password { name, new_password_file } => {
                    let Some(mut account) = known(&desk, name).await? else { return Ok(NO) };
                    account.password = crate::credentials::hash(&password::read(new_password_file.as_deref(), Asked::New)?)?;
                    (account.failures, account.failed) = (0, None);
                    self.write(&desk, &account, "user_password_changed", &by).await
                }
                Change::Disable { name } => {
                    let Some(mut account) = known(&desk, name).await? else { return Ok(NO) };
                    account.disabled = true;
                    self.write(&desk, &account, "user_closed", &by).await
                }
                Change::Enable { name } => {
                    let Some(mut account) = known(&desk, name).await? else { return Ok(NO) };
                    (account.disabled, account.failures, account.failed) = (false, 0, None);
                    self.write(&desk, &account, "user_reopened", &by).await
                }
            }
        })
    }

    async fn write(&self, desk: &Desk, account: &Account, event: &'static str, by: &str) -> anyhow::Result<u8> {
        desk.store.enrol(account, event, by, desk.clock.now()).await?;
        if self.json {
            println!("{}", serde_json::to_string_pretty(&as_json(account))?);
        } else {
            let state = if account.disabled { ", compte fermé" } else { "" };
            println!("{} : {}{state}", shown(&account.user.name), in_words(&account.user));
        }
        Ok(OK)
    }
}

async fn list(desk: &Desk, json: bool) -> anyhow::Result<u8> {
    let accounts = desk.store.accounts().await?;
    if json {
        let people: Vec<_> = accounts.iter().map(as_json).collect();
        println!("{}", serde_json::to_string_pretty(&people)?);
        return Ok(OK);
    }
    if accounts.is_empty() {
        println!("Personne n'a de compte. « guichet user add NOM --role releaser » en crée un.");
        return Ok(OK);
    }
    let mut rows = table(&["Nom", "Rôles", "Compte"]);
    for account in &accounts {
        let state = if account.disabled { "fermé" } else { "ouvert" };
        rows.add_row([shown(&account.user.name), in_words(&account.user), state.to_owned()]);
    }
    println!("{rows}");
    Ok(OK)
}

/// The account of a name; says so when nobody has it.
async fn known(desk: &Desk, name: &str) -> anyhow::Result<Option<Account>> {
    let account = desk.store.account(name).await?;
    if account.is_none() {
        eprintln!("{} est inconnu ; « guichet user list » montre tout le monde.", shown(name));
    }
    Ok(account)
}

fn as_json(account: &Account) -> serde_json::Value {
    json!({ "name": account.user.name, "roles": account.user.roles, "disabled": account.disabled,
        "wrong_passwords": account.failures })
}

fn in_words(person: &Person) -> String {
    person.roles.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
