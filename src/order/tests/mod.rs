//! The order core against a platform and a vendor in memory: every effect is a place to die at.

mod alone;
mod asked;
mod authority;
mod between;
mod course;
mod crash;
pub(crate) mod details;
mod ended;
mod fakes;
mod hands;
mod heard;
mod life;
mod lost;
mod meeting;
mod model;
mod queue;
mod renewal;
mod replaced;
mod said;
mod search;
mod spare;
mod term;
mod used;
