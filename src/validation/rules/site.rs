//! The merchant's site: its certificate and its pages.

use super::{Case, Rule, days_between, spoken};
use crate::domain::finding::Finding;
use crate::domain::values::{Url, registrable_domain};

pub(super) const RULES: &[Rule] = &[certificate_is_valid, site_has_a_certificate, pages_are_on_the_site];

/// Pages of the merchant that the payment server calls or that buyers are sent to.
const PAGES: [&str; 5] =
    ["url_retour_succes", "url_retour_echec", "url_notification", "url_cgv", "url_confidentialite"];

fn certificate_is_valid(case: &Case<'_>) -> Vec<Finding> {
    let Some((field, expiry)) = case.date("expiration_ssl") else { return Vec::new() };
    if expiry < case.today {
        vec![case.about("cert_expired", field).with("value", spoken(expiry))]
    } else if days_between(case.today, expiry) <= case.rules.certificate_notice_days {
        vec![case.about("cert_soon", field).with("value", spoken(expiry))]
    } else {
        Vec::new()
    }
}

fn site_has_a_certificate(case: &Case<'_>) -> Vec<Finding> {
    match case.field("certificat_ssl") {
        Some(field) if case.flag("certificat_ssl") == Some(false) => vec![case.about("no_certificate", field)],
        _ => Vec::new(),
    }
}

fn pages_are_on_the_site(case: &Case<'_>) -> Vec<Finding> {
    let domain_of = |text: &str| {
        let url = Url::parse(text).ok()?;
        registrable_domain(url.host()).map(ToOwned::to_owned)
    };
    let Some(site) = domain_of(case.printed("url_site")) else { return Vec::new() };
    PAGES
        .iter()
        .filter_map(|key| case.text(key))
        .filter(|(_, text)| domain_of(text).is_some_and(|domain| domain != site))
        .map(|(field, _)| case.about("url_other_domain", field).with("expected", site.clone()))
        .collect()
}
