//! Odd and hostile requests: what can be known before is not found out after paying.

use super::*;
use crate::certificate::Csr;
use crate::certificate::testing::{COMMON_NAME, COUNTRY, Made, ORGANIZATION, UTF8};
use crate::failure::FailureKind;

/// Worlds, and requests in each of them.
const WORLDS: u64 = 12;
const REQUESTS: u64 = 60;

const PRINTABLE: u8 = 0x13;

/// A sequence of choices that is the same on every machine.
struct Dice(u64);

impl Dice {
    fn throw(&mut self, sides: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % sides
    }

    /// The usual mostly, so that some requests are good in all, else one of the odd.
    fn pick<T: Copy>(&mut self, usual: T, odd: &[T]) -> T {
        match self.throw(14) {
            0 => odd[self.throw(odd.len())],
            _ => usual,
        }
    }
}

const NAMES: [&str; 24] = [
    "ab--cd.example.com",
    "xn--a.example.com",
    "a.*.example.com",
    "shop.example.com:8443",
    "shop.example.com, www.example.com",
    "my\u{2013}shop.example.com",
    "1.2.0.192.in-addr.arpa",
    "ПРИМЕР.РФ",
    "shop.example.com\u{200b}",
    "SHOP.example.com",
    "shop.example.com.",
    " shop.example.com ",
    "http://shop.example.com/",
    "admin@example.com",
    "192.0.2.10",
    "my_shop.example.com",
    "*.example.com",
    "магазин.рф",
    "xn--80aairftm.xn--p1ai",
    "a-very-long-label-of-a-host-name-that-goes-on.and-on-and-on.example.com",
    "mail.local",
    "co.uk",
    "Example Ltd",
    "",
];

const TEXTS: [&str; 12] = [
    "Müller & Söhne <GmbH>",
    "O'Neil \"Bob\" Smith",
    "Пример, ООО",
    "株式会社例",
    "\u{1f512} Locks",
    "a%00b+c=d&e;f",
    "]]><x/>",
    "-",
    " ",
    "a\u{202e}b",
    "\u{feff}x",
    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
];

/// A good name with a sign too many somewhere.
fn mutated(dice: &mut Dice) -> String {
    const SIGNS: [&str; 16] = [
        ".", "-", "--", "_", " ", "*", "*.", ":", "/", "@", ",", "%", "\t", "\u{451}", "\u{301}",
        "\u{200b}",
    ];
    let mut name = "shop.example.com".to_owned();
    let at = dice.throw(name.len() + 1);
    name.insert_str(at, SIGNS[dice.throw(SIGNS.len())]);
    name
}

fn request(dice: &mut Dice) -> String {
    let mutated = mutated(dice);
    let name = match dice.throw(8) {
        0 => mutated.as_str(),
        _ => dice.pick("shop.example.com", &NAMES),
    };
    let country = dice.pick(
        "US",
        &["UK", "RUS", "ru", "XX", "", "Germany", "Россия", "U "],
    );
    let organization = dice.pick("Example", &TEXTS);
    let others: [&[u8]; 8] = [
        b"",
        b"www.example.com.",
        b".example.com",
        b"under_score.example.com",
        b"*.example.com",
        b"\xff.example.com",
        b"www.shop.example.com",
        b"example.org",
    ];
    let made = Made {
        version: u8::try_from(dice.throw(8) / 7).unwrap(),
        subject: vec![
            (COUNTRY, PRINTABLE, country.as_bytes()),
            (ORGANIZATION, UTF8, organization.as_bytes()),
            (COMMON_NAME, UTF8, name.as_bytes()),
        ],
        names: match dice.throw(10) {
            0 => vec![b"shop.example.com", others[dice.throw(others.len())]],
            _ => Vec::new(),
        },
        has_attributes: dice.throw(8) != 0,
        ..Made::of(name)
    };
    let text = made.text();
    match dice.throw(24) {
        0 => text.replace('\n', "\\n"),
        1 => text.replace("-----", "\u{2014}"),
        2 => text.to_uppercase(),
        3 => text.chars().take(200).collect(),
        _ => text,
    }
}

/// What the form and the client's CSR come to, or nothing when the examination says no.
fn examined(dice: &mut Dice) -> Option<Purchase> {
    let csr = Csr::parse(&request(dice)).ok()?;
    csr.examine().ok()?;
    let name = crate::platform::details::common_name(&csr).ok()?;
    crate::order::checks::public("csr", &name).ok()?;
    let code = dice.pick(
        RAPID,
        &[
            ESSENTIAL,
            UCC,
            "Certificate-GeoTrust-TrueBizID",
            "Certificate-RapidSSL-RapidSSL-Wildcard",
        ],
    );
    let mut names = vec![name.as_str()];
    if code == UCC || dice.throw(20) == 0 {
        names.push(dice.pick("mail.example.org", &["*.example.net", "mail.corp.local"]));
    }
    let mut purchase = purchase_of(code, csr.pem(), &names);
    for named in &mut purchase.validation {
        let base = named.name.base().to_owned();
        let box_of = |front: &str| email(&format!("{front}@{base}"));
        named.method = match dice.throw(24) {
            0 => box_of("ADMIN"),
            1 => box_of("owner"),
            2 => ValidationMethod::HttpFile,
            3 => ValidationMethod::DnsTxt,
            4 => email("admin@somewhere.example"),
            _ => box_of("admin"),
        };
    }
    if dice.throw(20) == 0 {
        purchase.validation.pop();
    }
    purchase.term = Months(dice.pick(12, &[13, 0, 24, 120]));
    dress(&mut purchase, dice);
    Some(purchase)
}

/// Odd people and companies.
fn dress(purchase: &mut Purchase, dice: &mut Dice) {
    let administrative = &mut purchase.administrative;
    administrative.first_name = dice.pick("Ann", &TEXTS).to_owned();
    administrative.last_name = dice.pick("Lee", &TEXTS).to_owned();
    administrative.job_title = dice.pick("Manager", &TEXTS).to_owned();
    let phones = [
        "+44 (0)20 7946 0958",
        "+37793150000",
        "+6561234567",
        "+861012345678",
    ];
    let phone = dice.pick("+1 555 010-0200", &phones);
    administrative.phone = Phone::parse(phone).unwrap();
    if dice.throw(10) == 0 {
        purchase.organization = None;
    }
    if let Some(company) = &mut purchase.organization {
        company.name = dice.pick("Example & Sons", &TEXTS).to_owned();
        company.address = dice.pick("1 Main St", &TEXTS).to_owned();
        company.city = dice.pick("Springfield", &TEXTS).to_owned();
        company.region = dice.pick("IL", &["", "Ile-de-France", "Москва"]).to_owned();
        company.postal_code = dice.pick("62701", &["", "SW1A 1AA"]).to_owned();
        company.country = CountryCode::parse(dice.pick("US", &["MC", "HK", "RU", "AE"])).unwrap();
    }
}

#[tokio::test]
#[allow(clippy::print_stdout)] // The count is told.
async fn what_can_be_known_before_is_not_found_out_after_paying() {
    let mut dice = Dice(17);
    let (mut bought, mut refused) = (0, 0);
    for _ in 0..WORLDS {
        let world = World::start();
        for _ in 0..REQUESTS {
            let Some(mut purchase) = examined(&mut dice) else {
                refused += 1;
                continue;
            };
            let sold = world.sold();
            // The core compares with the vendor's list and takes its spelling.
            let mut is_offered = true;
            for named in &mut purchase.validation {
                if let ValidationMethod::Email(address) = &mut named.method {
                    let offered = world.ca.approvers(&purchase.template, &named.name).await;
                    let offered = offered.unwrap_or_default();
                    let same = |known: &&EmailAddress| {
                        known.as_str().eq_ignore_ascii_case(address.as_str())
                    };
                    match offered.iter().find(same) {
                        Some(known) => *address = known.clone(),
                        None => is_offered = false,
                    }
                }
            }
            if !is_offered {
                refused += 1;
                continue;
            }
            if let Err(failure) = world.ca.examine(&purchase).await {
                let kind = failure.kind();
                let is_clear = matches!(
                    kind,
                    FailureKind::Input | FailureKind::NotSupported | FailureKind::Funds
                );
                assert!(is_clear, "{failure}: {purchase:?}");
                assert_eq!(world.sold(), sold);
                refused += 1;
                continue;
            }
            let token = world.prepare(&purchase).await;
            let placed = world.submit(&purchase, &token).await;
            let placed = placed.unwrap_or_else(|failure| panic!("{failure}: {purchase:?}"));
            let order = order_ref(&placed.order, &purchase);
            if let Err(failure) = world.ca.continue_order(&order, &purchase).await {
                panic!("found out after paying: {failure}: {purchase:?}");
            }
            assert_eq!(world.sold(), sold + 1);
            bought += 1;
        }
        world.assert_clean();
    }
    println!(
        "proof: eNom: {bought} odd requests bought to their end, {refused} refused before any money"
    );
    assert!(bought >= 20 && refused >= 50, "{bought} {refused}");
}
