//! `import`: the certificates that an account holds at the vendor become services (billmanager.md 3.7).
//!
//! Reads the vendor and writes to the platform; nothing is ever ordered. An order that a service has
//! already is left alone, so that the command can be run again at any time.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use super::{Context, session};
use crate::ca::{CertificateAuthority, Holding, OrderRef, Stage};
use crate::certificate::{Chain, Format, assemble_for};
use crate::domain::text::Words;
use crate::domain::{DomainName, ItemId, Settings};
use crate::failure::{Failure, Reason};
use crate::log;
use crate::module::Module;
use crate::order::{Intent, Operation, State, current, intent, term};
use crate::platform::{
    Account, CertificateFile, CertificateStatus, Fact, ImportedService, Which, fields,
};

/// Product type that is imported.
const ITEM_TYPE: &str = "certificate";

/// What became of one order.
enum Outcome {
    /// It is a service now.
    Imported,
    /// It is none, and that is right.
    Skipped(String),
}

/// Lists and hands over. One order that cannot be taken over does not keep the others.
pub(super) async fn run(context: &Context<'_>) -> Result<String, Failure> {
    let id = context.arguments.needs_account()?;
    if let Some(other) = context.arguments.item_type.as_deref()
        && other != ITEM_TYPE
    {
        return Err(Failure::field(Reason::Invalid, "--itemtype")
            .value(other)
            .detail(words!(
                "This module serves certificates",
                "Этот модуль обслуживает сертификаты"
            )));
    }
    let account = session::account(context, id).await?;
    let authority = session::authority(context, &account)?;
    let holdings = authority.holdings(context.clock.now()).await?;
    let search = context.arguments.search.as_deref().unwrap_or_default();
    let waiting = waiting(context).await?;
    let (mut imported, mut skipped, mut failed) = (0_usize, 0_usize, Vec::new());
    for holding in holdings.iter().filter(|holding| wanted(holding, search)) {
        let outcome = take_over(context, authority.as_ref(), &account, &waiting, holding);
        match outcome.await {
            Ok(Outcome::Imported) => imported += 1,
            Ok(Outcome::Skipped(why)) => {
                skipped += 1;
                log!(Main, Info, "order {} is not imported: {why}", holding.order);
            }
            Err(failure) => {
                let why = failure.in_full();
                let words = words!("order {}: {why}", "заказ {}: {why}", holding.order; why);
                log!(Main, Error, "{}", words.en());
                failed.push(words);
            }
        }
    }
    log!(
        Main,
        Notice,
        "import of account {id}: {imported} services made, {skipped} orders left alone, {} failed",
        failed.len()
    );
    match failed.first() {
        None => Ok(String::new()),
        Some(first) => Err(Failure::field(Reason::PlatformFunction, "import").detail(words!(
            "{imported} certificates became services, {} did not; the first of them: {first}. Run it again when the cause is removed, what is imported stays", "импортировано сертификатов: {imported}, не удалось: {}; первая ошибка: {first}. Устраните причину и повторите, импортированное остаётся",
            failed.len(); first
        ))),
    }
}

/// Whether one of the words of the search is in the name or number; no words want everything.
fn wanted(holding: &Holding, search: &str) -> bool {
    let name = holding.common_name.as_ref().map(DomainName::as_str);
    let own = [name.unwrap_or_default(), holding.order.as_str()];
    let found = |word: &str| own.iter().any(|text| text.contains(&word.to_lowercase()));
    // Platforms of different age put blanks or backslashes between the words (billmanager.md 2.1).
    search
        .split([' ', '\\'])
        .filter(|word| !word.is_empty())
        .any(found)
        || search.trim_matches([' ', '\\']).is_empty()
}

async fn take_over(
    context: &Context<'_>,
    authority: &dyn CertificateAuthority,
    account: &Account,
    waiting: &BTreeMap<String, ItemId>,
    holding: &Holding,
) -> Result<Outcome, Failure> {
    let module = context.module;
    if !holding.issued {
        let why = format!("it has no certificate in force (state '{}')", holding.state);
        return Ok(Outcome::Skipped(why));
    }
    let number = holding.order.as_str();
    let existing = owner(context, context.module.order_parameter, number).await?;
    if let Some((item, complete)) = existing
        && complete
    {
        return Ok(Outcome::Skipped(format!("service {item} has it already")));
    }
    // Its certificate runs on beside the new one: a second service of it would be renewed and paid for again.
    let former = owner(context, fields::PREVIOUS_ORDER, number).await?;
    if let (None, Some((item, _))) = (existing, former) {
        let why = format!("service {item} has another order in its place");
        return Ok(Outcome::Skipped(why));
    }
    let unknown = |what: Words| {
        Failure::new(Reason::NotReady).value(number).detail(words!(
            "the vendor does not report {what}: create the service by hand", "поставщик не сообщает {what}: создайте услугу вручную"; what
        ))
    };
    let template = holding.template.clone().ok_or_else(|| {
        unknown(words!(
            "the product ('{}')",
            "продукт ('{}')",
            holding.product
        ))
    })?;
    let order = OrderRef {
        order: holding.order.clone(),
        template: template.clone(),
        csr_pem: None,
    };
    // Listings show less than the order itself.
    let progress = authority.status(&order).await?;
    if progress.stage != Stage::Issued {
        return Ok(Outcome::Skipped("its certificate is awaited".to_owned()));
    }
    let known = module
        .template(template.as_str())
        .ok_or_else(|| Failure::new(Reason::UnknownTemplate).value(template.as_str()))?;
    let term = holding
        .term
        .ok_or_else(|| unknown(words!("the term", "срок")))?;
    let files = authority.certificate(&order).await?;
    let now = context.clock.now();
    let chain = assemble_for(&files.files, holding.common_name.as_ref())?.without_expired(now);
    let common =
        common_name(holding, &chain).ok_or_else(|| unknown(words!("the name", "домен")))?;
    if let Some(item) = waiting.get(common.as_str())
        && existing.is_none()
    {
        let why = format!("service {item} of that name waits for an order, and it may be this one");
        return Ok(Outcome::Skipped(why));
    }
    chain
        .prove_without_request(std::slice::from_ref(&common), now)
        .map_err(|why| {
            Failure::field(Reason::CertificateMismatch, fields::CSR)
                .value(number)
                .detail(why)
        })?;
    let file = file(module, &account.settings, &chain, &common)?;
    // A reissue tells only its own date; the listing shows the order it came from.
    let term_end = progress.term_end.or(holding.term_end);
    let believable = |end: DateTime<Utc>| term::believable(end.date_naive(), now.date_naive());
    let term_end = term_end.and_then(believable);
    let dates = term::dates(
        chain.leaf.not_after,
        term_end,
        None,
        i64::from(term.0),
        session::shown(context.platform),
    );
    let mut parameters = vec![(module.order_parameter, number.to_owned())];
    for (reference, value) in holding.references.iter().chain(&progress.references) {
        // The next look saves what is secret, out of sight.
        if let Some(name) = module.reference_parameter(*reference)
            && !reference.is_secret()
            && !parameters.iter().any(|(known, _)| *known == name)
        {
            parameters.push((name, value.clone()));
        }
    }
    let further = if known.multidomain {
        additional_names(&chain, &common)
    } else {
        String::new()
    };
    let day = |date: Option<chrono::NaiveDate>| date.map(|day| day.to_string()).unwrap_or_default();
    parameters.extend([
        (fields::ADDITIONAL_NAMES, further),
        (fields::CERTIFICATE_SERIAL, chain.leaf.serial.clone()),
        (fields::TERM_END, day(term_end)),
        (fields::PAID_TILL, day(dates.paid_till)),
    ]);
    let service = ImportedService {
        account: account.id,
        template,
        name: common.to_string(),
        expire_date: dates.end_date,
        period: term.0,
        status: CertificateStatus::Issued,
        parameters,
    };
    let item = match existing {
        // An earlier import was cut short between the service and its certificate.
        Some((item, _)) => item,
        None => context.platform.import_service(&service).await?,
    };
    log!(
        Main,
        Notice,
        "order {number} ({common}) is service {item} now; its CSR and key are not known to BILLmanager"
    );
    // No argument of the import carries a certificate: it is saved as for any other service.
    context.platform.save_certificate(item, &file).await?;
    Ok(Outcome::Imported)
}

/// Services whose order is not known, or not known to have been made, by their names: an order of such a name may be
/// theirs, and a service made of it would take it away from them.
async fn waiting(context: &Context<'_>) -> Result<BTreeMap<String, ItemId>, Failure> {
    let (platform, module) = (context.platform, context.module);
    let mut open = BTreeSet::new();
    let mut take = |fact: Fact<'_>| {
        if let Fact::Parameter { item, name, value } = fact
            && name == intent::PARAMETER
            && may_be_elsewhere(value)
        {
            open.insert(item);
        }
    };
    platform
        .facts_of(module.name, Which::All, &mut take)
        .await?;
    open.extend(platform.unissued_of(module.name).await?);
    let mut names = BTreeMap::new();
    for item in open {
        let service = platform.service(item).await?;
        let is_open = service
            .parameter(intent::PARAMETER)
            .is_some_and(may_be_elsewhere);
        if is_open || service.parameter(module.order_parameter).is_none() {
            names.insert(current::name_of(&service).en().to_owned(), item);
        }
    }
    Ok(names)
}

/// Whether the vendor may have an order of this intent that the service does not have: its outcome is open, or it counts
/// as failed, or nobody can read it.
fn may_be_elsewhere(text: &str) -> bool {
    Intent::from_text(text).map_or(true, |intent| {
        let is_refused = intent.state == State::Rejected && intent.operation != Operation::Reissue;
        intent.state.is_unsettled() || is_refused
    })
}

/// The service of this module that keeps an order's number under `parameter`, and whether nothing is missing in it: an
/// imported one has no CSR, by which its certificate could be saved later.
async fn owner(
    context: &Context<'_>,
    parameter: &str,
    number: &str,
) -> Result<Option<(ItemId, bool)>, Failure> {
    let module = context.module;
    let owners = context
        .platform
        .services_with_order(parameter, number)
        .await?;
    for item in owners {
        let service = context.platform.service(item).await?;
        // Numbers of different vendors may be the same.
        if module.serves_with(service.module.as_deref()) {
            let complete = service.certificate.is_some() || service.csr.is_some();
            return Ok(Some((item, complete)));
        }
    }
    Ok(None)
}

/// The vendor's common name, else the first name of the certificate.
fn common_name(holding: &Holding, chain: &Chain) -> Option<DomainName> {
    let first = chain.leaf.names.first();
    holding.common_name.as_ref().or(first).cloned()
}

/// The certificate's other names, as the order form keeps them.
fn additional_names(chain: &Chain, common: &DomainName) -> String {
    let others = chain.leaf.names.iter().filter(|name| *name != common);
    others.map(DomainName::as_str).collect::<Vec<_>>().join(" ")
}

fn file(
    module: &Module,
    settings: &Settings,
    chain: &Chain,
    common: &DomainName,
) -> Result<CertificateFile, Failure> {
    match session::format(module, settings) {
        Format::Pem => Ok(CertificateFile::Pem(chain.pem())),
        Format::Zip => chain.zip(common, false).map(CertificateFile::Zip),
        Format::Pkcs7 => chain.zip(common, true).map(CertificateFile::Zip),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::VendorOrderId;

    #[test]
    fn a_search_finds_names_and_numbers() {
        let holding = Holding {
            order: VendorOrderId::new("9001"),
            template: None,
            product: String::new(),
            common_name: DomainName::parse("shop.example.com").ok(),
            issued: true,
            state: String::new(),
            term: None,
            term_end: None,
            references: Vec::new(),
        };
        for (search, found) in [
            ("", true),
            (" ", true),
            ("SHOP", true),
            ("other shop", true),
            ("other\\9001", true),
            ("9001", true),
            ("other", false),
        ] {
            assert_eq!(wanted(&holding, search), found, "{search}");
        }
    }
}
