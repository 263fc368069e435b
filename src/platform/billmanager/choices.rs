//! Where the platform vendor's own modules differ from each other, and what is done here: the one table.
//!
//! The newer module's way comes first; the older way follows only when the platform says that it does
//! not know or does not allow the function. A call whose outcome is not known (time-out, cut reply, no
//! reply) is never followed by another function.

use crate::platform::Finish;

/// One call that does something: a function with its fixed arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FunctionCall {
    /// The platform's function (billmanager.md 5.3).
    pub function: &'static str,
    /// Arguments that are always the same, sent before all others.
    pub fixed: &'static [(&'static str, &'static str)],
}

const SOK: &[(&str, &str)] = &[("sok", "ok")];

const fn call(
    function: &'static str,
    fixed: &'static [(&'static str, &'static str)],
) -> FunctionCall {
    FunctionCall { function, fixed }
}

// ---- the table -----------------------------------------------------------------------------------
// Deed                         Calls, first to last                        Where they differ

/// Ends `open`: GlobalSign 2023 calls the first, TheSSLStore 2015 the second (billmanager.md 3.3).
pub const FINISH_OPEN: &[FunctionCall] =
    &[call("certificate.open", SOK), call("service.postopen", SOK)];
/// Ends `prolong`: all agree on the function.
pub const FINISH_PROLONG: &[FunctionCall] = &[call("service.postprolong", SOK)];
/// Ends `reopen`: GlobalSign 2023 calls it, TheSSLStore 2015 calls nothing.
pub const FINISH_REOPEN: &[FunctionCall] = &[call("service.postreopen", SOK)];
/// Ends `suspend`.
pub const FINISH_SUSPEND: &[FunctionCall] = &[call("service.postsuspend", SOK)];
/// Ends `resume`.
pub const FINISH_RESUME: &[FunctionCall] = &[call("service.postresume", SOK)];
/// Ends `close`.
pub const FINISH_CLOSE: &[FunctionCall] = &[call("service.postclose", SOK)];
/// Ends `setparam`.
pub const FINISH_SET_PARAMETERS: &[FunctionCall] = &[call("service.postsetparam", SOK)];
/// Saves an item parameter in the form `name=… value=…` (the Python library puts the name in the place
/// of `name`), with `crypted=off` as the platform's own modules of 2019 do.
pub const SAVE_PARAMETER: &[FunctionCall] = &[call(
    "service.saveparam",
    &[("sok", "ok"), ("crypted", "off")],
)];
/// Sets the certificate status; `sok` is optional in the sources.
pub const SET_STATUS: &[FunctionCall] = &[call("service.setstatus", SOK)];
/// Sets the end date; `sok` is optional in the sources.
pub const SET_EXPIRE_DATE: &[FunctionCall] = &[call("service.setexpiredate", SOK)];
/// Saves a certificate as PEM; GlobalSign 2023 sends `sok`, TheSSLStore 2015 does not.
pub const SAVE_CERTIFICATE_PEM: &[FunctionCall] = &[call("certificate.save", SOK)];
/// Saves a certificate as an archive in base64; GlobalSign 2023 only.
pub const SAVE_CERTIFICATE_ZIP: &[FunctionCall] = &[call(
    "certificate.save",
    &[("sok", "ok"), ("crt_type", "zip")],
)];
/// No certificate will come: GlobalSign 2023 calls it, TheSSLStore 2015 only sets the status.
pub const MARK_FAILED: &[FunctionCall] = &[
    call("certificate.failed", SOK),
    call(
        "service.setstatus",
        &[("sok", "ok"), ("service_status", "6")],
    ),
];
/// Saves a balance; attested by a third party only (billmanager.md 3.6).
pub const SAVE_BALANCE: &[FunctionCall] = &[call("processing.savebalance", SOK)];
/// Takes an existing service over (billmanager.md 3.7). Attested for domains only: that certificates are
/// taken over by it in the same way is inferred, and no argument for a CSR or a certificate is known. The
/// item status is that of an active service (billmanager.md 8.2).
pub const IMPORT_SERVICE: &[FunctionCall] = &[call(
    "processing.import.service",
    &[
        ("sok", "ok"),
        ("import_itemtype_intname", "certificate"),
        ("status", "2"),
    ],
)];
/// Where the reply of [`IMPORT_SERVICE`] tells the new service's number.
pub const IMPORTED_SERVICE: &str = "service_id";
/// Rolls a tariff change back.
pub const ROLL_BACK_TARIFF_CHANGE: &[FunctionCall] =
    &[call("service.changepricelist.rollback", SOK)];
/// Stores an operation's error document.
pub const RECORD_ERROR: &[FunctionCall] = &[call("runningoperation.edit", SOK)];
/// Makes an operation manual; the documented list has `manual=on` as an edit, too.
pub const MAKE_MANUAL: &[FunctionCall] = &[
    call("runningoperation.setmanual", &[]),
    call("runningoperation.edit", &[("sok", "ok"), ("manual", "on")]),
];
/// Has the operations of a service run again: tries start anew, and what was manual is not any more. Documented are the
/// name, the argument `elid` and one sentence, "restart the processing operation" (billmanager.md 5.3); no module calls
/// it. That it needs no `sok`, as the other buttons of lists, and what becomes of tries and of the manual mark is
/// inferred.
pub const RESTART_OPERATIONS: &[FunctionCall] = &[call("certificate.retry", &[])];
/// Asks for the task type of a command.
pub const TASK_TYPE: &[FunctionCall] = &[call("task.gettype", &[])];
/// Creates a task.
pub const CREATE_TASK: &[FunctionCall] = &[call("task.edit", SOK)];
/// Creates a task that belongs to no operation; attested by a third party only (billmanager.md 5.3).
pub const CREATE_FREE_TASK: &[FunctionCall] = &[call("task.simple.create", SOK)];
/// Writes to a user; attested by a third party only, arguments `subject message user` (billmanager.md
/// 5.3). Whether every installation has it is not known: a refusal is reported, never taken for done.
pub const NOTIFY_CLIENT: &[FunctionCall] = &[call("notification.edit", SOK)];
/// Registers a problem of an account.
pub const REGISTER_PROBLEM: &[FunctionCall] = &[call(
    "problems.register",
    &[
        ("sok", "ok"),
        ("level", "error"),
        ("name", "processingmodule_connect"),
    ],
)];
/// Lists the platform's options; called `otparamlist` before 2016.
pub const OPTIONS: &[FunctionCall] = &[call("paramlist", &[]), call("otparamlist", &[])];
// ---------------------------------------------------------------------------------------------------

/// The calls that end an operation.
#[must_use]
pub fn finishing(operation: Finish) -> &'static [FunctionCall] {
    match operation {
        Finish::Open => FINISH_OPEN,
        Finish::Prolong => FINISH_PROLONG,
        Finish::Reopen => FINISH_REOPEN,
        Finish::Suspend => FINISH_SUSPEND,
        Finish::Resume => FINISH_RESUME,
        Finish::Close => FINISH_CLOSE,
        Finish::SetParameters => FINISH_SET_PARAMETERS,
    }
}

/// Error types and objects by which the platform says that it does not know a function or does not
/// allow it to us; an empty object stands for any. (inferred: no source shows this reply; to be
/// settled with one call of a function that does not exist)
pub const REFUSED_FUNCTION: &[(&str, &str)] = &[
    ("missed", "func"),
    ("missed", "function"),
    ("missed", "action"),
    ("value", "func"),
    ("exist", "func"),
    ("access", ""),
    ("not_supported", ""),
    ("unknown_function", ""),
    ("function", ""),
];

/// Whether an error means that the function itself was refused.
#[must_use]
pub fn function_refused(kind: &str, object: &str) -> bool {
    REFUSED_FUNCTION
        .iter()
        .any(|(refused, about)| *refused == kind && (about.is_empty() || *about == object))
}

/// Error type and object by which the platform's client says that the panel is not there (it restarts;
/// billmanager.md 5.1).
pub const PANEL_AWAY: (&str, &str) = ("client", "open");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_refused_function_opens_the_way_to_the_older_one() {
        for (kind, object, refused) in [
            ("missed", "func", true),
            ("access", "anything", true),
            ("missed", "elid", false),
            ("value", "elid", false),
            ("client", "open", false),
            ("db", "", false),
            ("", "", false),
        ] {
            assert_eq!(function_refused(kind, object), refused, "{kind} {object}");
        }
    }

    #[test]
    fn open_ends_with_the_newer_function_first() {
        let functions: Vec<_> = finishing(Finish::Open)
            .iter()
            .map(|call| call.function)
            .collect();
        assert_eq!(functions, ["certificate.open", "service.postopen"]);
    }
}
