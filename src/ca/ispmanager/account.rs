//! What the account has and may choose from: balance, tariffs, approver addresses
//! (ispmanager.md 6, 7.2, 9).

use super::document::{Node, choices};
use super::error::IspmanagerError;
use super::wire::Entry;
use super::{Ispmanager, mapping, money};
use crate::ca::{Offer, funds};
use crate::domain::{Currency, DomainName, EmailAddress, Money, Months, Purchase};
use crate::failure::{Failure, Reason};

/// Mailboxes that every authority accepts for a domain, for billings that do not show their list (9).
const MAILBOXES: [&str; 5] = [
    "admin",
    "administrator",
    "hostmaster",
    "postmaster",
    "webmaster",
];

impl Ispmanager {
    /// Compares the price with the balance. Whatever cannot be read is no obstacle.
    pub(super) async fn check_funds(&self, purchase: &Purchase) -> Result<(), Failure> {
        let code = mapping::tariff(&purchase.template)?;
        let offers = funds::readable(self.offers(purchase.term).await)?.flatten();
        let mut offers = offers.into_iter().flatten();
        let offer = offers.find(|offer| offer.code == code);
        let price = offer.and_then(|offer| offer.prices.first().map(|price| price.amount));
        funds::must_cover(price, async |_| self.read_balance().await.map(Some)).await
    }

    pub(super) async fn offers(&self, term: Months) -> Result<Option<Vec<Offer>>, IspmanagerError> {
        if self.wire().optional(Entry::TariffsFunction).is_none() {
            return Ok(None);
        }
        let months = term.0.to_string();
        let fields = [(self.wire().text(Entry::PeriodField), months.as_str())];
        let form = self.client.look(Entry::TariffsFunction, &fields).await?;
        Ok(money::offers(&form, self.wire(), term))
    }

    /// The documented chain: `whoami`, `subaccount`, `usrparam` (6).
    pub(super) async fn read_balance(&self) -> Result<Money, Failure> {
        let account = self.client.look(Entry::AccountFunction, &[]).await?;
        if let Some(money) = money::of_account(&account) {
            return Ok(money);
        }
        let currency = money::currency_of_account(&account);
        type Reading = fn(&Node, Option<Currency>) -> Option<Money>;
        let chain: [(Entry, Reading); 2] = [
            (Entry::BalancesFunction, money::of_balances),
            (Entry::UserFunction, money::of_user),
        ];
        for (function, reading) in chain {
            if self.wire().optional(function).is_none() {
                continue;
            }
            match self.client.look(function, &[]).await {
                Ok(doc) => {
                    if let Some(money) = reading(&doc, currency) {
                        return Ok(money);
                    }
                }
                Err(error) if error.is_about_the_account() => return Err(error.into()),
                Err(_) => {}
            }
        }
        Err(Failure::new(Reason::UnreadableBalance).detail(words!(
            "none of the functions whoami, subaccount and usrparam shows one clear amount",
            "ни одна из функций whoami, subaccount и usrparam не показывает однозначной суммы"
        )))
    }
}

/// The addresses of a choice list that belong to the name's domain or one above it: the list may
/// have been made for another name.
pub(super) fn approvers_in(form: &Node, field: &str, name: &DomainName) -> Vec<EmailAddress> {
    let Some(choices) = choices(form, field) else {
        return Vec::new();
    };
    let mut addresses: Vec<EmailAddress> = Vec::new();
    for (key, option) in choices {
        let address = EmailAddress::parse(key).or_else(|| EmailAddress::parse(option.content()?));
        let fits = |address: &EmailAddress| {
            let domain = address.domain();
            name.base() == domain || name.base().ends_with(&format!(".{domain}"))
        };
        addresses.extend(address.filter(|address| fits(address) && !addresses.contains(address)));
    }
    addresses
}

/// The five mailboxes at the name and its registrable domain (9).
pub(super) fn mailboxes(name: &DomainName) -> Vec<EmailAddress> {
    let mut domains = vec![name.base()];
    domains.extend(name.registrable().filter(|parent| *parent != name.base()));
    domains
        .iter()
        .flat_map(|domain| {
            MAILBOXES
                .iter()
                .map(move |mailbox| format!("{mailbox}@{domain}"))
        })
        .filter_map(|address| EmailAddress::parse(&address))
        .collect()
}
