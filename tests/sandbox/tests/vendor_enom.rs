//! The simulated eNom: requests as anybody sends them, empty listings, slots of others (enom.md 2, 14, 19).

use crate::direct::{csr, no_violations, request, text};
use crate::sandbox::vendor::Vendor;
use crate::sandbox::vendor::enom::Enom;

const FORM: &str = "application/x-www-form-urlencoded";

fn vendor() -> Enom {
    let vendor = Enom::with_credentials("reseller", "secret");
    vendor.set_switch("names", "documented").unwrap();
    vendor
}

fn ask(vendor: &Enom, more: &str) -> String {
    let body = format!("UID=reseller&PW=secret&ResponseType=XML&{more}");
    text(&vendor.handle(&request("POST", "/interface.asp", "", FORM, &body)))
}

/// Blank slots as a listing shows them.
fn blank(vendor: &Enom) -> usize {
    let listed = ask(vendor, "Command=CertGetCerts&CertStatusID=1");
    listed.matches("<CertID>").count()
}

#[test]
fn one_clients_mark_and_small_letters_are_no_offence() {
    let vendor = vendor();
    let query = "command=getbalance&uid=reseller&pw=secret&responsetype=xml&engine=WHMCS8.1";
    let answer = text(&vendor.handle(&request("GET", "/interface.asp", query, "", "")));
    assert!(answer.contains("<ErrCount>0</ErrCount>"), "{answer}");
    no_violations(&vendor);
}

#[test]
fn an_order_list_without_rows_is_an_empty_element() {
    let vendor = vendor();
    let answer = ask(&vendor, "Command=GetOrderList");
    let forms = ["<OrderList />", "<OrderList></OrderList>"];
    assert!(forms.iter().any(|form| answer.contains(form)), "{answer}");
    assert!(answer.contains("<ErrCount>0</ErrCount>") && answer.contains("<Done>true</Done>"));
}

#[test]
fn the_total_of_a_filtered_listing_is_the_filters_or_the_accounts() {
    let vendor = vendor();
    vendor.buy_blank("Certificate-RapidSSL-RapidSSL", 1);
    vendor.order_by_hand("example.com", "").unwrap();
    let total = |vendor: &Enom| {
        let listed = ask(vendor, "Command=CertGetCerts&CertStatusID=1");
        let (_, rest) = listed.split_once("<TotalRecords>").unwrap();
        rest.split('<').next().unwrap().to_owned()
    };
    assert_eq!(total(&vendor), "1");
    vendor.set_switch("totals", "account").unwrap();
    assert_eq!(total(&vendor), "2");
}

#[test]
fn slots_of_other_hands_come_are_taken_and_go() {
    let vendor = vendor();
    assert_eq!(blank(&vendor), 0);
    let first = vendor.order_by_hand("", "").unwrap();
    let second = vendor.order_by_hand("", "").unwrap();
    assert_eq!(blank(&vendor), 2);
    vendor.reissue_by_hand(&first, &csr("example.net")).unwrap();
    assert_eq!(blank(&vendor), 1, "a person took one");
    vendor.cancel_by_hand(&second).unwrap();
    assert_eq!(blank(&vendor), 0, "the other was given back");
    assert_eq!(vendor.sales(), [], "nothing of it stands in the books");
    no_violations(&vendor);
}
