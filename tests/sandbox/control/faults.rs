//! What goes wrong at the platform and its database.

use std::time::Duration;

use serde_json::json;

use super::Answer;
use crate::database::Cluster;
use crate::fields::Fields;
use crate::platform::{PlatformFault, Strike};
use crate::world::Core;

fn pause(body: &Fields) -> Duration {
    Duration::from_millis(u64::from(body.count("milliseconds", 1000)))
}

pub(super) fn platform(core: &Core, body: &Fields) -> Answer {
    let strike = match body.need("fault")? {
        "clear" => {
            core.panel().clear_faults();
            return Ok(json!({}));
        }
        "missing" | "back" => {
            let missing = body.text("fault") == Some("missing");
            if core.layout().mgrctl().exists() == missing {
                core.set_mgrctl_missing(missing);
            }
            return Ok(json!({}));
        }
        "failing" => Strike::Failing,
        "restarting" => Strike::Restarting,
        "away" => Strike::Away,
        "slow" => Strike::Slow(pause(body)),
        "garbage" => Strike::Garbage,
        "lost-reply" => Strike::LostReply,
        "unknown" => Strike::Unknown,
        "swallowed" => Strike::Swallowed,
        "kill-before" => Strike::KillBefore,
        "kill-after" => Strike::KillAfter,
        other => return Err((400, format!("no fault {other}"))),
    };
    core.panel().add_fault(PlatformFault {
        function: body.text("function").map(str::to_owned),
        strike,
        skip: body.count("skip", 0),
        times: body.count("times", 1),
    });
    Ok(json!({}))
}

pub(super) fn database(core: &Core, body: &Fields) -> Answer {
    let database = core.database();
    match body.need("fault")? {
        "down" => database.set_down(true),
        "up" => database.set_down(false),
        "cut" => database.cut_after(body.count("after", 0), body.count("times", 1)),
        "lock-held" => database.hold_lock(body.text("part").unwrap_or_default()),
        "slow" => database.set_slow(pause(body)),
        "read-only" => database.set_read_only(true),
        "galera" => database.set_cluster(Some(Cluster::Galera)),
        "group" => database.set_cluster(Some(Cluster::Group)),
        "multiplexed" => database.set_multiplexed(true),
        "late" => core.read_late(true),
        "clear" => {
            core.read_late(false);
            database.clear_faults();
        }
        other => return Err((400, format!("no fault {other}"))),
    }
    Ok(json!({}))
}
