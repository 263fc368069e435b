//! The adapter and the simulated vendor, over every shape of answer and every fault.

use std::sync::Arc;

use super::vendor::leadertelecom::{LeaderTelecom as Simulated, SWITCHES};
use super::vendor::{Approval, FOREVER, Fault, Vendor, VendorServer};
use super::*;

/// Not a setting: lets the adapter wait as long as it does in earnest.
const PATIENT: (&str, &str) = ("patient", "on");

struct World {
    vendor: Arc<Simulated>,
    server: VendorServer,
    adapter: LeaderTelecom,
    purchase: Purchase,
}

fn fresh_csr(names: &[&str]) -> String {
    let key = rcgen::KeyPair::generate().unwrap();
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let mut params = rcgen::CertificateParams::new(names.clone()).unwrap();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params
        .distinguished_name
        .push(rcgen::DnType::CommonName, names[0].clone());
    let pem = params.serialize_request(&key).unwrap().pem().unwrap();
    Csr::parse(&pem).unwrap().pem().to_owned()
}

impl World {
    fn new() -> Self {
        Self::with(&[], &[])
    }

    fn with(values: &[(&str, &str)], entries: &[(&str, &str)]) -> Self {
        let vendor = Arc::new(Simulated::new());
        let server = VendorServer::start(vendor.clone());
        let mut settings = Settings::default();
        for (name, value, is_secret) in vendor.settings(&server.url()) {
            if is_secret {
                settings.set_secret(name, SecretString::from(value));
            } else {
                settings.set(name, value);
            }
        }
        for (name, value) in values {
            settings.set(*name, *value);
        }
        let reach = match values.contains(&PATIENT) {
            true => Reach::default(),
            false => reach(),
        };
        let adapter = adapter_over(&settings, entries, reach);
        let mut purchase = simple();
        purchase.csr_pem = fresh_csr(&["shop.example.com"]);
        purchase.since = vendor.clock().now();
        Self {
            vendor,
            server,
            adapter,
            purchase,
        }
    }

    fn set(&self, name: &str, value: &str) {
        self.vendor.set_switch(name, value).unwrap();
    }

    async fn buy(&self) -> Result<Placed, Failure> {
        self.adapter.examine(&self.purchase).await?;
        let token = self.adapter.prepare(&self.purchase).await?.token;
        self.adapter.submit(&self.purchase, &token, permit()).await
    }

    async fn locate_after(&self, token: &Token, minutes: i64) -> Located {
        let since = self.purchase.since;
        let now = since + TimeDelta::minutes(minutes);
        self.adapter
            .locate(&self.purchase, token, since, now)
            .await
            .unwrap()
    }

    fn reference(&self, placed: &Placed) -> OrderRef {
        OrderRef {
            order: placed.order.clone(),
            template: self.purchase.template.clone(),
            csr_pem: Some(self.purchase.csr_pem.clone()),
        }
    }

    fn assert_clean(&self) {
        assert_eq!(self.vendor.violations(), []);
    }

    fn sold(&self) -> usize {
        self.vendor.sales().len()
    }
}

fn words(switch: &str) -> &'static [&'static str] {
    SWITCHES
        .iter()
        .find(|known| known.name == switch)
        .unwrap()
        .words
}

#[tokio::test]
async fn an_order_lives_from_sign_in_to_certificate() {
    let world = World::new();
    world.adapter.check().await.unwrap();
    let placed = world.buy().await.unwrap();
    assert_eq!(placed.order.as_str(), world.vendor.orders()[0].id);
    assert_eq!(world.vendor.sales()[0].custom, KEY);
    let order = world.reference(&placed);

    let progress = world.adapter.status(&order).await.unwrap();
    assert_eq!(progress.stage, Stage::Unknown("processing".to_owned()));
    // What the vendor waits for is what was computed here.
    assert_eq!(progress.validation, placed.validation);
    let failure = world.adapter.certificate(&order).await.unwrap_err();
    assert_eq!(failure.reason(), Reason::NotReady);

    world
        .vendor
        .approve(placed.order.as_str(), &Approval::All)
        .unwrap();
    assert_eq!(
        world.adapter.status(&order).await.unwrap().stage,
        Stage::Issued
    );
    let files = world.adapter.certificate(&order).await.unwrap().files;
    let csr = Csr::parse(&world.purchase.csr_pem).unwrap();
    let chain = assemble(&files, &csr).unwrap();
    chain
        .prove(&csr, &[name("shop.example.com")], Utc::now())
        .unwrap();
    assert_eq!(world.vendor.sign_ins(), 1);
    world.assert_clean();
}

#[tokio::test]
async fn all_methods_and_encodings_are_taken_and_the_tokens_agree() {
    for encoding in ["json", "form", "query"] {
        for method in [
            email("admin@example.com"),
            ValidationMethod::DnsCname,
            ValidationMethod::HttpFile,
            ValidationMethod::HttpsFile,
        ] {
            let mut world = World::with(&[("order_encoding", encoding)], &[]);
            world.set("order_encoding", encoding);
            let names = ["shop.example.com", "www.example.net"];
            world.purchase = purchase("leader_dv_md", &names, &method);
            world.purchase.csr_pem = fresh_csr(&names);
            world.purchase.organization = Some(company());
            let placed = world.buy().await.unwrap();
            let order = world.reference(&placed);
            let progress = world.adapter.status(&order).await.unwrap();
            assert_eq!(progress.validation.len(), 2, "{encoding} {method:?}");
            assert_eq!(
                progress.validation, placed.validation,
                "{encoding} {method:?}"
            );
            world.assert_clean();
        }
    }
}

#[tokio::test]
async fn an_encoding_that_the_vendor_does_not_know_sells_nothing_and_is_unknown() {
    let world = World::new();
    world.set("order_encoding", "query");
    let failure = world.buy().await.unwrap_err();
    assert_eq!(failure.reason(), Reason::OutcomeUnknown);
    assert_eq!((world.sold(), world.server.hits("order")), (0, 1));
}

#[tokio::test]
async fn the_answer_to_an_order_is_understood_or_unknown_but_never_leads_to_a_second_one() {
    let clear = ["certificate", "nested", "list", "wrapped", "text-id"];
    for shape in words("order_reply") {
        let world = World::new();
        world.set("order_reply", shape);
        let token = world.adapter.prepare(&world.purchase).await.unwrap().token;
        let id = match world
            .adapter
            .submit(&world.purchase, &token, permit())
            .await
        {
            Ok(placed) => {
                assert!(clear.contains(shape), "{shape}");
                placed.order
            }
            Err(failure) => {
                assert!(!clear.contains(shape), "{shape}");
                assert_eq!(failure.reason(), Reason::OutcomeUnknown, "{shape}");
                let Located::Found(placed) = world.locate_after(&token, 1).await else {
                    panic!("{shape}: not found");
                };
                assert_eq!(placed.validation.len(), 1);
                placed.order
            }
        };
        assert_eq!(id.as_str(), world.vendor.orders()[0].id, "{shape}");
        assert_eq!(
            (world.sold(), world.server.hits("order")),
            (1, 1),
            "{shape}"
        );
        world.assert_clean();
    }
}

#[tokio::test]
async fn refusals_are_believed_only_with_a_status_that_proves_them() {
    for shape in words("refusal") {
        let world = World::new();
        world.set("refusal", shape);
        world.vendor.set_balance(10);
        let failure = world.buy().await.unwrap_err();
        let expected = match *shape {
            "forbidden" => Reason::Rejected,
            _ => Reason::OutcomeUnknown,
        };
        assert_eq!(failure.reason(), expected, "{shape}");
        assert!(
            failure.words().contains("Not enough money"),
            "{shape}: {}",
            failure.words()
        );
        assert_eq!(
            (world.sold(), world.server.hits("order")),
            (0, 1),
            "{shape}"
        );
    }
}

#[tokio::test]
async fn after_a_lost_answer_the_list_tells_or_a_person_does() {
    let clear = [
        "array",
        "wrapped",
        "data",
        "items",
        "attributes",
        "text-ids",
        "with-csr",
        "with-mark",
    ];
    for shape in words("list_reply") {
        for has_older in [false, true] {
            let world = World::new();
            world.set("list_reply", shape);
            if has_older {
                let item = json!({"nomenclature_id": 5001, "days": 365, "domain_name": "shop.example.com",
                    "csr": fresh_csr(&["shop.example.com"]), "unique_value": "older"});
                world.vendor.sell_by_hand(&item).unwrap();
            }
            let before = world.sold();
            let token = world.adapter.prepare(&world.purchase).await.unwrap().token;
            world.server.set_fault("order", Fault::ResetBeforeAnswer, 1);
            let failure = world
                .adapter
                .submit(&world.purchase, &token, permit())
                .await
                .unwrap_err();
            assert_eq!(failure.reason(), Reason::OutcomeUnknown);
            let expected = world.vendor.orders().last().unwrap().id.clone();
            for minutes in [1, 60] {
                match world.locate_after(&token, minutes).await {
                    Located::Found(placed) => {
                        // A page of the oldest shows the new order only when there is no older one.
                        let may = clear.contains(shape) || (*shape == "page" && !has_older);
                        assert!(may, "{shape} {has_older}");
                        assert_eq!(placed.order.as_str(), expected, "{shape}");
                    }
                    Located::TooEarly => assert!(*shape == "page" && minutes == 1, "{shape}"),
                    Located::CannotTell(_) => assert!(!clear.contains(shape), "{shape}"),
                    Located::NotPlaced => panic!("{shape}: a sale was denied"),
                }
            }
            assert_eq!(
                (world.sold() - before, world.server.hits("order")),
                (1, 1),
                "{shape}"
            );
        }
    }
}

#[tokio::test]
async fn an_order_that_did_not_arrive_is_never_declared_so_without_a_person() {
    let world = World::new();
    let token = world.adapter.prepare(&world.purchase).await.unwrap().token;
    world
        .server
        .set_fault("order", Fault::ResetBeforeHandling, 1);
    let failure = world
        .adapter
        .submit(&world.purchase, &token, permit())
        .await
        .unwrap_err();
    assert_eq!(failure.reason(), Reason::OutcomeUnknown);
    assert_eq!(world.locate_after(&token, 14).await, Located::TooEarly);
    let Located::CannotTell(seen) = world.locate_after(&token, 15).await else {
        panic!("told");
    };
    assert!(seen.contains("shop.example.com"), "{seen}");
}

#[tokio::test]
async fn an_order_that_appears_late_is_found_late() {
    let world = World::new();
    world.set("listing_delay", "600");
    world.set("order_reply", "success");
    let token = world.adapter.prepare(&world.purchase).await.unwrap().token;
    world
        .adapter
        .submit(&world.purchase, &token, permit())
        .await
        .unwrap_err();
    assert_eq!(world.locate_after(&token, 5).await, Located::TooEarly);
    world.vendor.clock().advance(TimeDelta::minutes(11));
    assert!(matches!(
        world.locate_after(&token, 11).await,
        Located::Found(_)
    ));
}

#[tokio::test]
async fn another_order_of_the_same_name_is_not_taken_for_this_one() {
    for (shape, is_found) in [("array", false), ("with-mark", true), ("with-csr", true)] {
        let world = World::new();
        world.set("list_reply", shape);
        world.set("order_reply", "success");
        let token = world.adapter.prepare(&world.purchase).await.unwrap().token;
        world
            .adapter
            .submit(&world.purchase, &token, permit())
            .await
            .unwrap_err();
        let expected = world.vendor.orders()[0].id.clone();
        let item = json!({"nomenclature_id": 5001, "days": 365, "domain_name": "shop.example.com",
            "csr": fresh_csr(&["shop.example.com"]), "unique_value": "other"});
        world.vendor.sell_by_hand(&item).unwrap();
        match world.locate_after(&token, 60).await {
            Located::Found(placed) if is_found => assert_eq!(placed.order.as_str(), expected),
            Located::CannotTell(text) if !is_found => assert!(text.contains(&expected), "{text}"),
            other => panic!("{shape}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn no_fault_sends_the_order_twice() {
    for (text, fault) in Fault::ALL {
        let world = World::new();
        let token = world.adapter.prepare(&world.purchase).await.unwrap().token;
        world.server.set_drip_pause(Duration::from_millis(5));
        world.server.set_fault("order", fault, FOREVER);
        let answer = world
            .adapter
            .submit(&world.purchase, &token, permit())
            .await;
        assert_eq!(world.server.hits("order"), 1, "{text}");
        let wanted =
            usize::from(!fault.is_before()) + usize::from(fault == Fault::DuplicateDelivery);
        // The vendor refuses the second delivery: the CSR and the mark are known to it.
        let wanted = wanted.min(1);
        assert_eq!(world.sold(), wanted, "{text}");
        match answer {
            Ok(placed) => {
                assert!(
                    matches!(fault, Fault::SlowDrip | Fault::RefuseNext),
                    "{text}"
                );
                assert_eq!(placed.order.as_str(), world.vendor.orders()[0].id, "{text}");
            }
            Err(failure) => assert_eq!(
                failure.reason(),
                Reason::OutcomeUnknown,
                "{text}: {failure}"
            ),
        }
        world.server.clear_faults();
        match world.locate_after(&token, 60).await {
            Located::Found(placed) => {
                assert_eq!(world.sold(), 1, "{text}");
                assert_eq!(placed.order.as_str(), world.vendor.orders()[0].id, "{text}");
            }
            Located::CannotTell(_) => assert_eq!(world.sold(), 0, "{text}"),
            other => panic!("{text}: {other:?}"),
        }
        world.assert_clean();
    }
}

#[tokio::test]
async fn a_closed_port_means_that_nothing_was_sent() {
    let world = World::new();
    let token = world.adapter.prepare(&world.purchase).await.unwrap().token;
    world.server.go_down();
    let failure = world
        .adapter
        .submit(&world.purchase, &token, permit())
        .await
        .unwrap_err();
    assert_eq!(failure.reason(), Reason::Unreachable);
    assert_eq!(world.sold(), 0);
}

#[tokio::test]
async fn faults_of_reads_are_transient_or_unreadable_and_never_a_zero() {
    for (text, fault) in Fault::ALL {
        let world = World::new();
        world.vendor.set_balance(4_200);
        world.server.set_drip_pause(Duration::from_millis(5));
        world.server.set_fault("billing/balance", fault, FOREVER);
        match world.adapter.balance().await {
            Ok(money) => assert_eq!(money.minor, 4_200, "{text}"),
            Err(failure) => assert!(
                matches!(
                    failure.kind(),
                    Kind::Transient | Kind::Protocol | Kind::Rejected
                ),
                "{text}: {failure}"
            ),
        }
    }
}

#[tokio::test]
async fn a_certificate_is_found_by_its_key_in_every_container() {
    let good = [
        "zip",
        "pem",
        "pkcs7",
        "pkcs7-pem",
        "json",
        "leaf-only",
        "with-key",
    ];
    for container in words("download") {
        // Packing the hostile archive takes the simulator a while.
        let world = World::with(&[PATIENT], &[]);
        let placed = world.buy().await.unwrap();
        world
            .vendor
            .approve(placed.order.as_str(), &Approval::All)
            .unwrap();
        world.set("download", container);
        let order = world.reference(&placed);
        let stage = world.adapter.status(&order).await.unwrap().stage;
        let expected = if good.contains(container) {
            Stage::Issued
        } else {
            Stage::Unknown("active".to_owned())
        };
        assert_eq!(stage, expected, "{container}");
        let csr = Csr::parse(&world.purchase.csr_pem).unwrap();
        match world.adapter.certificate(&order).await {
            Ok(files) => {
                let found = assemble(&files.files, &csr);
                assert_eq!(found.is_ok(), good.contains(container), "{container}");
                for (_, content) in &files.files {
                    assert!(!String::from_utf8_lossy(content).contains("PRIVATE KEY"));
                }
            }
            Err(failure) => {
                assert!(!good.contains(container), "{container}");
                assert_eq!(failure.kind(), Kind::Protocol, "{container}: {failure}");
            }
        }
    }
}

#[tokio::test]
async fn an_order_waits_whatever_the_vendor_says_until_a_certificate_is_there() {
    for shape in words("status_reply") {
        for not_ready in words("not_ready") {
            let world = World::new();
            world.set("status_reply", shape);
            world.set("not_ready", not_ready);
            // A word that lies.
            world.set("waiting_word", "issued");
            let placed = world.buy().await.unwrap();
            let order = world.reference(&placed);
            match world.adapter.status(&order).await {
                Ok(progress) => assert!(
                    matches!(progress.stage, Stage::Unknown(_)),
                    "{shape} {not_ready}"
                ),
                Err(failure) => assert!(
                    matches!(failure.kind(), Kind::Protocol | Kind::Transient),
                    "{shape} {not_ready}: {failure}"
                ),
            }
            world
                .vendor
                .approve(placed.order.as_str(), &Approval::All)
                .unwrap();
            let stage = world.adapter.status(&order).await.unwrap().stage;
            assert_eq!(stage, Stage::Issued, "{shape} {not_ready}");
        }
    }
}

#[tokio::test]
async fn words_of_the_override_file_are_believed() {
    let entries = [
        ("Status.processing", "pending"),
        ("Status.rejected", "cancelled"),
    ];
    let world = World::with(&[], &entries);
    let placed = world.buy().await.unwrap();
    let order = world.reference(&placed);
    let stage = world.adapter.status(&order).await.unwrap().stage;
    assert_eq!(stage, Stage::Pending("processing".to_owned()));
    assert_eq!(world.server.hits("ssl_certificates/download"), 0);
    world
        .vendor
        .fail(placed.order.as_str(), "the domain is forbidden")
        .unwrap();
    let stage = world.adapter.status(&order).await.unwrap().stage;
    assert_eq!(stage, Stage::Cancelled("rejected".to_owned()));
}

#[tokio::test]
async fn balances_are_read_or_refused() {
    let clear = ["flat", "number", "nested", "amount"];
    for shape in words("balance_reply") {
        let world = World::new();
        world.set("balance_reply", shape);
        match world.adapter.balance().await {
            Ok(money) => {
                assert!(clear.contains(shape), "{shape}");
                assert_eq!(
                    (money.minor, money.currency.as_str()),
                    (100_000, "EUR"),
                    "{shape}"
                );
            }
            Err(failure) => {
                assert!(!clear.contains(shape), "{shape}");
                assert_eq!(failure.reason(), Reason::UnreadableAnswer, "{shape}");
            }
        }
        // Whatever the balance looks like, the connection is good.
        world.adapter.check().await.unwrap();
    }
}

#[tokio::test]
async fn the_catalogue_is_listed_or_refused() {
    for shape in words("products_reply") {
        let world = World::new();
        world.set("products_reply", shape);
        match world.adapter.products().await {
            Ok(offers) => {
                assert!(["array", "wrapped", "no-prices"].contains(shape), "{shape}");
                assert_eq!((offers.len(), offers[0].code.as_str()), (4, "5001"));
                assert_eq!(offers[0].prices.is_empty(), *shape == "no-prices");
            }
            Err(failure) => {
                assert!(["no-ids", "object"].contains(shape), "{shape}");
                assert_eq!(failure.reason(), Reason::UnreadableAnswer, "{shape}");
            }
        }
        world.assert_clean();
    }
}

#[tokio::test]
async fn approvers_are_the_vendors_or_the_standard_boxes() {
    for shape in words("emails_reply") {
        let world = World::new();
        world.set("emails_reply", shape);
        let template = TemplateCode::new("leader_dv");
        let list = world
            .adapter
            .approvers(&template, &name("*.example.com"))
            .await
            .unwrap();
        let expected = match *shape {
            "array" | "by-domain" | "objects" => 3,
            _ => 5,
        };
        assert_eq!(list.len(), expected, "{shape}");
        assert_eq!(list[0].as_str(), "admin@example.com");
        world.assert_clean();
    }
}

#[tokio::test]
async fn the_same_address_is_sent_again_and_another_one_is_changed() {
    let mut world = World::new();
    world.purchase.validation[0].method = email("admin@example.com");
    let placed = world.buy().await.unwrap();
    let order = world.reference(&placed);
    let shop = name("shop.example.com");
    let id = placed.order.as_str();
    world
        .adapter
        .change_validation(&order, &shop, &email("admin@example.com"))
        .await
        .unwrap();
    assert_eq!(world.server.hits("ssl_certificates/resend_dcv"), 1);
    world
        .adapter
        .change_validation(&order, &shop, &email("webmaster@example.com"))
        .await
        .unwrap();
    assert_eq!(world.server.hits("ssl_certificates/change_dcv"), 1);
    assert_eq!(
        world.vendor.item(id).unwrap()["dcv_email"],
        "webmaster@example.com"
    );
    assert_eq!(world.vendor.mails(id), 3);
    let failure = world
        .adapter
        .change_validation(&order, &shop, &ValidationMethod::DnsCname)
        .await
        .unwrap_err();
    assert_eq!(failure.reason(), Reason::NotSupported);
    world.assert_clean();
}

#[tokio::test]
async fn one_name_of_several_cannot_be_changed() {
    let mut world = World::new();
    let names = ["shop.example.com", "www.example.net"];
    world.purchase = purchase("leader_dv_md", &names, &email("admin@example.com"));
    world.purchase.csr_pem = fresh_csr(&names);
    let placed = world.buy().await.unwrap();
    let order = world.reference(&placed);
    let (second, other) = (name(names[1]), email("owner@example.net"));
    let change = world.adapter.change_validation(&order, &second, &other);
    assert_eq!(change.await.unwrap_err().reason(), Reason::NotSupported);
    assert_eq!(world.server.hits("ssl_certificates/change_dcv"), 0);
}

#[tokio::test]
async fn sessions_that_end_are_renewed_for_reads_and_cost_no_order() {
    let world = World::new();
    let token = world.adapter.prepare(&world.purchase).await.unwrap().token;
    world.vendor.end_sessions();
    let failure = world
        .adapter
        .submit(&world.purchase, &token, permit())
        .await
        .unwrap_err();
    assert_eq!(failure.reason(), Reason::BadCredentials);
    assert_eq!((world.sold(), world.server.hits("order")), (0, 1));
    world.adapter.balance().await.unwrap();
    assert_eq!(world.vendor.sign_ins(), 2);
    world.vendor.end_sessions();
    world.adapter.balance().await.unwrap();
    assert_eq!(world.vendor.sign_ins(), 3);
    world.assert_clean();
}

#[tokio::test]
async fn the_query_form_of_the_token_works_where_the_header_does_not() {
    let header = World::new();
    header.set("token_place", "query");
    assert_eq!(
        header.adapter.check().await.unwrap_err().reason(),
        Reason::BadCredentials
    );
    let query = World::with(
        &[("order_encoding", "query")],
        &[("TokenPlace", "query"), ("CallEncoding", "query")],
    );
    query.set("token_place", "query");
    query.buy().await.unwrap();
    let template = TemplateCode::new("leader_dv");
    query
        .adapter
        .approvers(&template, &name("example.com"))
        .await
        .unwrap();
    query.assert_clean();
}

#[tokio::test]
async fn nothing_secret_leaves_the_places_where_it_belongs() {
    let world = World::new();
    let placed = world.buy().await.unwrap();
    let order = world.reference(&placed);
    world.adapter.status(&order).await.unwrap();
    let (_, password, _) = world
        .vendor
        .settings("")
        .into_iter()
        .find(|(name, ..)| *name == "password")
        .unwrap();
    let tokens = world.vendor.tokens();
    for logged in world.server.requests() {
        let request = logged.request;
        for secret in tokens.iter().chain([&password]) {
            assert!(!request.path.contains(secret) && !request.query.contains(secret));
            let in_body = request.text().contains(secret.as_str());
            assert!(!in_body || (logged.call == "users/signin" && secret == &password));
        }
    }
    let shown = format!("{:?}", world.adapter);
    assert!(!shown.contains(&password) && !shown.contains(&tokens[0]));
    // Since the sign-in the log's masking knows the token.
    assert!(!crate::logging::mask(&format!("say {}", tokens[0])).contains(&tokens[0]));
}
