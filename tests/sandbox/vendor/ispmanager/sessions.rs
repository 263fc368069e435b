//! Who is let in: login and password with each call, or a session, with a second factor where the account
//! has one (3).

use super::super::xml::Element;
use super::form::Form;
use super::state::State;
use super::{Answer, CODE, LOGIN, PASSWORD, error};

/// Lets a call in; else what it is answered. A session's own functions end here, too.
pub fn enter(state: &mut State, function: &str, form: &Form) -> Option<Answer> {
    let session = form.value("auth").to_owned();
    let (login, password) = match function {
        "auth" => (form.value("username"), form.value("password")),
        _ => form.value("authinfo").split_once(':').unwrap_or_default(),
    };
    let by_password = (login, password) == (LOGIN, PASSWORD);
    if !by_password && !state.sessions.contains_key(&session) {
        return Some(Err(error("auth", "badpassword", "")));
    }
    if state.switch("captcha") == "on" {
        return Some(Err(error("captcha_verification_failed", "", "")));
    }
    let guarded = state.switch("two-factor") == "on";
    match function {
        "auth" => Some(Ok(vec![open(state, !guarded)])),
        "totp.confirm" if form.value("qrcode") == CODE && form.acts() => {
            state.sessions.remove(&session);
            // A new number; that it is told as by `auth` is inferred.
            Some(Ok(vec![open(state, true)]))
        }
        "totp.confirm" => Some(Err(error("value", "qrcode", ""))),
        _ if guarded && !state.sessions.get(&session).is_some_and(|sure| *sure) => {
            let mut ok = Element::leaf("ok", "totp.confirm");
            ok.attributes.push(("type".to_owned(), "form".to_owned()));
            Some(Ok(vec![ok]))
        }
        _ => None,
    }
}

fn open(state: &mut State, sure: bool) -> Element {
    state.last_session += 1;
    let id = format!("session{:08x}", state.last_session * 7919);
    state.sessions.insert(id.clone(), sure);
    let mut auth = Element::leaf("auth", id.clone());
    auth.attributes.push(("id".to_owned(), id));
    auth.attributes.push(("level".to_owned(), "16".to_owned()));
    auth
}
