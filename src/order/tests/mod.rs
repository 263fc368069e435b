//! The order core against a platform and a vendor in memory: every effect is a place to die at.

mod alone;
mod course;
mod crash;
mod fakes;
mod meeting;
mod renewal;
mod term;
