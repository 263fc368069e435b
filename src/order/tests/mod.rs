//! The order core against a platform and a vendor in memory: every effect is a place to die at.

mod course;
mod crash;
mod fakes;
mod life;
mod meeting;
mod model;
mod queue;
mod renewal;
mod term;
