//! Invented merchants with valid identifiers.

use std::collections::BTreeMap;

/// What stands in one blank of a form.
#[derive(Debug, Clone)]
pub(super) enum Entry {
    Text(String),
    /// Canonical choices that are ticked.
    Ticked(Vec<&'static str>),
    /// Rows of a table, by column key.
    Rows(Vec<BTreeMap<&'static str, String>>),
    Signature,
}

/// Entries by field key.
pub(super) type Entries = BTreeMap<&'static str, Entry>;

#[derive(Debug, Clone)]
pub(super) struct Merchant {
    legal_name: String,
    trade_name: String,
    domain: String,
    bank: &'static str,
    number: u32,
    rib_misprinted: bool,
    certificate_expired: bool,
    signed: bool,
}

impl Merchant {
    pub(super) fn new(
        legal_name: impl Into<String>,
        trade_name: impl Into<String>,
        domain: impl Into<String>,
        bank: &'static str,
        number: u32,
    ) -> Self {
        Self {
            legal_name: legal_name.into(),
            trade_name: trade_name.into(),
            domain: domain.into(),
            bank,
            number,
            rib_misprinted: false,
            certificate_expired: false,
            signed: true,
        }
    }

    pub(super) fn rib_misprinted(&self) -> Self {
        Self { rib_misprinted: true, ..self.clone() }
    }

    pub(super) fn certificate_expired(self) -> Self {
        Self { certificate_expired: true, ..self }
    }

    pub(super) fn unsigned(self) -> Self {
        Self { signed: false, ..self }
    }

    /// 20 digits: bank 2, branch 3, account 13, key 2. Misprinted: two neighbouring digits changed places.
    fn rib(&self) -> String {
        let account = format!(
            "{}{:03}{:013}",
            self.bank,
            (40 + self.number) % 1000,
            1_203_405_060_u64 * u64::from(self.number) + 71
        );
        let remainder = account.bytes().chain(*b"00").fold(0, |r, b| (r * 10 + u32::from(b - b'0')) % 97);
        let rib = format!("{account}{:02}", 97 - remainder);
        if !self.rib_misprinted {
            return rib;
        }
        let mut digits = rib.into_bytes();
        let at = (5..17).find(|&i| digits[i] != digits[i + 1]).unwrap_or(16);
        digits.swap(at, at + 1);
        String::from_utf8(digits).expect("digits are ASCII")
    }

    /// Seven digits and their key letter.
    fn serial(&self) -> String {
        let serial = format!("{:07}", (1_204_310 + u64::from(self.number) * 20_117) % 10_000_000);
        let sum: usize = serial.bytes().zip((1..=7).rev()).map(|(b, weight)| usize::from(b - b'0') * weight).sum();
        format!("{serial}{}", char::from(b"ABCDEFGHJKLMNPQRSTVWXYZ"[sum % 23]))
    }

    pub(super) fn adhesion(&self) -> Entries {
        let n = self.number;
        let text = |value: &str| Entry::Text(value.to_owned());
        let mut entries = Entries::from([
            ("banque", Entry::Text(super::BANKS.iter().find(|b| b.1 == self.bank).map_or("", |b| b.2).to_owned())),
            ("code_banque", text(self.bank)),
            ("agence", text("Lac 2")),
            ("code_agence", Entry::Text(format!("{:03}", (40 + n) % 1000))),
            ("numero_contrat", Entry::Text(format!("CE-2026-{:04}", 310 + n))),
            ("charge_dossier_nom", text("Olfa Mansour")),
            ("raison_sociale", text(&self.legal_name)),
            ("nom_commercial", text(&self.trade_name)),
            ("forme_juridique", Entry::Ticked(vec![self.legal_form()])),
            ("matricule_fiscal", Entry::Text(format!("{}/A/M/000", self.serial()))),
            ("identifiant_rne", Entry::Text(self.serial())),
            ("adresse", Entry::Text(format!("{} rue de Marseille", 12 + n))),
            ("code_postal", text("1002")),
            ("ville", text("Tunis Belvédère")),
            ("gouvernorat", text("Tunis")),
            ("telephone", Entry::Text(phone(71, 204, 300 + n))),
            ("email", Entry::Text(format!("direction@{}", self.domain))),
            ("representant_nom", text("BEN SALAH")),
            ("representant_prenom", text("Leïla")),
            ("representant_qualite", text("Gérante")),
            ("piece_type", Entry::Ticked(vec!["CIN"])),
            ("piece_numero", Entry::Text(format!("0720{:04}", 1_300 + n))),
            ("representant_telephone", Entry::Text(phone(22, 410, 500 + n))),
            ("activite", text("Vente en ligne d'articles d'artisanat")),
            ("code_mcc", text("5947")),
            ("chiffre_affaires_annuel", text("250 000,000")),
            ("panier_moyen", text("85,500")),
            ("rib", Entry::Text(grouped(&self.rib()))),
            ("titulaire_compte", text(&self.legal_name)),
            ("devises", Entry::Ticked(vec!["TND"])),
            ("cartes", Entry::Ticked(vec!["CIB", "Visa", "Mastercard"])),
            ("types_paiement", Entry::Ticked(vec!["immédiat"])),
            (
                "utilisateurs",
                Entry::Rows(vec![BTreeMap::from([
                    ("nom", "BEN SALAH".to_owned()),
                    ("prenom", "Leïla".to_owned()),
                    ("email", format!("leila@{}", self.domain)),
                    ("telephone", phone(22, 410, 500 + n)),
                ])]),
            ),
            ("lieu_signature", text("Tunis")),
            ("date_signature", text("02/11/2026")),
        ]);
        if self.signed {
            entries.insert("signature_presente", Entry::Signature);
        }
        entries
    }

    pub(super) fn fiche(&self) -> Entries {
        let site = format!("https://www.{}", self.domain);
        let text = |value: &str| Entry::Text(value.to_owned());
        Entries::from([
            ("raison_sociale", text(&self.legal_name)),
            ("matricule_fiscal", Entry::Text(format!("{}/A/M/000", self.serial()))),
            ("nom_site", text(&self.trade_name)),
            ("url_site", Entry::Text(site.clone())),
            ("plateforme", Entry::Ticked(vec!["WooCommerce"])),
            ("langage", Entry::Ticked(vec!["PHP"])),
            ("mode_integration", Entry::Ticked(vec!["redirection"])),
            ("langues_page_paiement", Entry::Ticked(vec!["fr", "ar"])),
            ("hebergeur", text("Hébergement du Golfe")),
            ("pays_hebergement", text("Tunisie")),
            ("adresses_ip", Entry::Text(format!("41.226.{}.{}", 18 + self.number / 200, 10 + self.number % 200))),
            ("url_retour_succes", Entry::Text(format!("{site}/paiement/succes"))),
            ("url_retour_echec", Entry::Text(format!("{site}/paiement/echec"))),
            ("url_notification", Entry::Text(format!("{site}/paiement/notification"))),
            ("email_notification", Entry::Text(format!("paiement@{}", self.domain))),
            ("certificat_ssl", Entry::Ticked(vec!["oui"])),
            ("autorite_ssl", text("Autorité de certification du Sud")),
            ("expiration_ssl", text(if self.certificate_expired { "15/03/2025" } else { "30/06/2029" })),
            ("url_cgv", Entry::Text(format!("{site}/cgv"))),
            ("devises", Entry::Ticked(vec!["TND"])),
            ("contact_technique_nom", text("TRABELSI")),
            ("contact_technique_prenom", text("Sami")),
            ("contact_technique_telephone", text("55 310 204")),
            ("contact_technique_email", Entry::Text(format!("technique@{}", self.domain))),
        ])
    }

    fn legal_form(&self) -> &'static str {
        ["SUARL", "SARL", "SA"].into_iter().find(|form| self.legal_name.ends_with(form)).unwrap_or("autre")
    }
}

/// Eight digits; what does not fit the last three goes into the three before them.
fn phone(prefix: u32, middle: u32, last: u32) -> String {
    format!("{prefix} {:03} {:03}", middle + last / 1000, last % 1000)
}

/// `08 041 0001203405131 31`, as banks print it.
fn grouped(rib: &str) -> String {
    format!("{} {} {} {}", &rib[..2], &rib[2..5], &rib[5..18], &rib[18..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_hold_but_the_one_that_is_wrong_on_purpose() {
        let merchant = Merchant::new("Essai SARL", "Essai", "essai.tn", "08", 7);
        let remainder = |rib: &str| rib.bytes().fold(0, |r, b| (r * 10 + u32::from(b - b'0')) % 97);
        assert_eq!(remainder(&merchant.rib()), 0);
        assert_ne!(remainder(&merchant.rib_misprinted().rib()), 0);
        assert_eq!(merchant.serial().len(), 8);
    }
}
