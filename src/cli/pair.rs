//! `guichet pair`: which documents belong together, where the machine was not sure.

use clap::Args;
use serde_json::json;

use super::OK;
use super::at::At;
use super::by::By;
use super::phrases;
use super::table::{shown, table};
use crate::domain::document::DocumentId;
use crate::domain::dossier::{Dossier, DossierRef};
use crate::domain::event::Event;
use crate::domain::pairing::Proposal;
use crate::domain::release::may_cause;
use crate::domain::step::Step;
use crate::domain::table::Party;
use crate::procedure::{Desk, Joined, Refused, happen, join, part};

const EXAMPLES: &str = "\
Examples:
  guichet pair                                              what is proposed, in all dossiers
  guichet pair D26-000012                                   its documents and what is proposed for it
  guichet pair D26-000012 D26-000013 --by \"A. Ben Salah\"    the same merchant: 12 takes what it lacks from 13
  guichet pair D26-000013 D26-000012 --decline --by \"…\"     two merchants: not asked again
  guichet pair D26-000012 --part 019a…c4 --by \"…\"           a document that is another merchant's gets its own dossier";

/// Shows which dossiers may be one merchant's, and joins or parts documents as a person says.
///
/// Identifiers that agree join documents by themselves; a name alone, or a name with another tax number, is only proposed.
/// Exit code 1 when the dossiers refuse.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Pair {
    /// The dossier that takes the documents
    reference: Option<String>,
    /// The dossier they are taken from: it is closed when nothing is left in it, else its documents serve both
    #[arg(conflicts_with = "part")]
    from: Option<String>,
    /// They are two merchants: do not propose it again
    #[arg(long, requires = "from")]
    decline: bool,
    /// Take this document (its id, or the beginning of it) out, into a dossier of its own
    #[arg(long, value_name = "DOCUMENT", requires = "reference")]
    part: Option<String>,
    #[command(flatten)]
    by: By,
    #[command(flatten)]
    at: At,
    /// The same for programs, as JSON
    #[arg(long)]
    json: bool,
}

impl Pair {
    pub(super) fn run(&self) -> anyhow::Result<u8> {
        self.at.with_desk(|desk| async move {
            let reference = self.reference.as_deref().map(DossierRef::parse).transpose()?;
            let from = self.from.as_deref().map(DossierRef::parse).transpose()?;
            match (reference, from, &self.part) {
                (Some(reference), Some(with), _) if self.decline => {
                    let by = self.by(&desk, [&reference]).await?;
                    let event = Event::PairDeclined { with: with.clone(), by: by.clone() };
                    let done = happen(&desk, &reference, &event, &by).await;
                    self.tell(&desk, done, |()| {
                        (format!("{reference} et {with} : deux commerçants"), json!({ "declined": with }))
                    })
                }
                (Some(into), Some(from), _) => {
                    let by = self.by(&desk, [&into, &from]).await?;
                    let done = join(&desk, &into, &from, &by).await;
                    self.tell(&desk, done, |joined| match joined {
                        Joined::Whole => (
                            format!("{into} a repris les documents de {from}, qui est clos"),
                            json!({ "joined": into, "closed": from }),
                        ),
                        Joined::Shared => (
                            format!("{into} a repris de {from} ce qui lui manquait ; {from} continue"),
                            json!({ "joined": into, "shared_with": from }),
                        ),
                    })
                }
                (Some(reference), None, Some(document)) => {
                    let by = self.by(&desk, [&reference]).await?;
                    let document = held(&desk, &reference, document).await?;
                    let done = part(&desk, &reference, document, &by).await;
                    self.tell(&desk, done, |new| {
                        (
                            format!("le document est maintenant dans {new}"),
                            json!({ "parted": document, "dossier": new }),
                        )
                    })
                }
                (reference, None, None) => self.list(&desk, reference).await,
                (None, ..) => refuse!("nommez le dossier"),
            }
        })
    }

    /// The person who says so, who may say it of these dossiers.
    async fn by<'a>(&self, desk: &Desk, of: impl IntoIterator<Item = &'a DossierRef>) -> anyhow::Result<String> {
        let user = self.by.person(desk).await?.map_err(super::no)?;
        for reference in of {
            let Some(filed) = desk.store.dossier(reference).await? else {
                return Err(Refused::Unknown(reference.clone()).into());
            };
            if let Err(gate) = may_cause(&user, Party::Operator, &filed.dossier) {
                return Err(super::no(phrases::gate(&desk.config, gate)?));
            }
        }
        Ok(user.name)
    }

    /// What was done, or why the dossiers refuse.
    fn tell<T>(
        &self,
        desk: &Desk,
        done: Result<T, Refused>,
        say: impl FnOnce(T) -> (String, serde_json::Value),
    ) -> anyhow::Result<u8> {
        match done {
            Ok(done) => {
                let (sentence, object) = say(done);
                println!("{}", if self.json { object.to_string() } else { sentence });
                Ok(OK)
            }
            Err(why) => phrases::refused(&desk.config, why),
        }
    }

    async fn list(&self, desk: &Desk, of: Option<DossierRef>) -> anyhow::Result<u8> {
        let mut proposed = Vec::new();
        let all = desk.store.dossiers(10_000).await?;
        for line in all.into_iter().filter(|line| line.step == Step::Forms.as_str()) {
            let Some(filed) = desk.store.dossier(&line.reference).await? else { continue };
            let dossier = filed.dossier;
            let concerned = |proposal: &&Proposal| {
                !proposal.declined && of.as_ref().is_none_or(|of| *of == dossier.reference || *of == proposal.with)
            };
            let lacks = dossier.adhesion.is_none() || dossier.fiche.is_none();
            let open: Vec<Proposal> = dossier.proposals.iter().filter(|_| lacks).filter(concerned).cloned().collect();
            proposed.extend(open.into_iter().map(|proposal| (dossier.clone(), proposal)));
        }
        if self.json {
            let lines: Vec<_> = proposed
                .iter()
                .map(|(dossier, proposal)| json!({ "dossier": dossier.reference, "proposal": proposal }))
                .collect();
            println!("{}", serde_json::to_string_pretty(&lines)?);
            return Ok(OK);
        }
        if let Some(of) = &of {
            documents(desk, of).await?;
        }
        if proposed.is_empty() {
            println!("Aucun rapprochement n'est proposé.");
            return Ok(OK);
        }
        let mut rows = table(&["Dossier", "Commerçant", "Avec", "Note", "S'accordent", "Diffèrent"]);
        for (dossier, proposal) in &proposed {
            let names = |names: &[String]| names.iter().map(|name| named(name)).collect::<Vec<_>>().join(", ");
            rows.add_row([
                dossier.reference.to_string(),
                shown(merchant(dossier)),
                proposal.with.to_string(),
                format!("{}/100", proposal.score),
                names(&proposal.agrees),
                names(&proposal.differs),
            ]);
        }
        println!("{rows}");
        println!("Le même commerçant :  guichet pair AVEC DOSSIER --by NOM");
        println!("Deux commerçants :    guichet pair DOSSIER AVEC --decline --by NOM");
        Ok(OK)
    }
}

/// The documents of a dossier with their ids.
async fn documents(desk: &Desk, reference: &DossierRef) -> anyhow::Result<()> {
    let Some(filed) = desk.store.dossier(reference).await? else {
        refuse!("{reference} : ce dossier n'est pas connu ; « guichet status » les montre");
    };
    let mut rows = table(&["Document", "Fichier", "Contenu", "Reçu"]);
    for held in &filed.dossier.documents {
        let kinds: Vec<&str> = held.kinds.iter().map(|kind| kind.as_str()).collect();
        let replaced = if held.superseded { " (remplacé)" } else { "" };
        rows.add_row([
            held.document.to_string(),
            format!("{}{replaced}", shown(&held.name)),
            kinds.join(", "),
            crate::clock::in_tunis(held.received).strftime("%d/%m/%Y %H:%M").to_string(),
        ]);
    }
    println!("{} · {}\n{rows}", filed.dossier.reference, shown(merchant(&filed.dossier)));
    Ok(())
}

/// The document whose id begins so.
async fn held(desk: &Desk, reference: &DossierRef, beginning: &str) -> anyhow::Result<DocumentId> {
    let Some(filed) = desk.store.dossier(reference).await? else {
        refuse!("{reference} : ce dossier n'est pas connu ; « guichet status » les montre");
    };
    let documents = filed.dossier.documents.iter().map(|held| held.document);
    let mut found = documents.filter(|document| document.to_string().starts_with(beginning));
    match (found.next(), found.next()) {
        (Some(document), None) => Ok(document),
        (Some(_), Some(_)) => {
            refuse!("{reference} : plusieurs documents ont un identifiant qui commence par {beginning:?}")
        }
        (None, _) => refuse!("{reference} : aucun document n'a un identifiant qui commence par {beginning:?}"),
    }
}

pub(super) fn merchant(dossier: &Dossier) -> &str {
    let mut forms = [&dossier.adhesion, &dossier.fiche].into_iter().flatten();
    forms.find_map(|form| form.text("raison_sociale")).unwrap_or_default()
}

/// Identifiers as people call them.
fn named(identifier: &str) -> &str {
    match identifier {
        "numero_affiliation" => "n° d'affiliation",
        "serial" => "matricule fiscal",
        "rib" => "RIB",
        "site" => "site",
        "raison_sociale" => "raison sociale",
        other => other,
    }
}
