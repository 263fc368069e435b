//! The mark of a world: two worlds with one mark go on alike.

use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};

use super::world::{Base, FRESH, Pid, Request, World};
use crate::order::fresh;
use crate::platform::fields;

/// Who wrote such a mark.
fn writer_of(mark: &str) -> Option<Pid> {
    mark.split('.').next()?.parse().ok()
}

impl World {
    /// What the world is, with living processes by their place among the living.
    pub(super) fn mark(&self, rank: &dyn Fn(Pid) -> Option<usize>, hasher: &mut impl Hasher) {
        self.left.hash(hasher);
        self.now.hash(hasher);
        self.mark_base(&self.base, rank, hasher);
        if self.left.late_reads > 0 || self.left.set_backs > 0 {
            for base in &self.past {
                self.mark_base(base, rank, hasher);
            }
        }
        for (lock, pid) in &self.locks {
            (lock, rank(*pid)).hash(hasher);
        }
        self.orders.hash(hasher);
        self.issued.hash(hasher);
        for request in &self.in_flight {
            let waits = request.waits.map(rank);
            let apart = Request {
                waits: None,
                ..request.clone()
            };
            (waits, apart).hash(hasher);
        }
        for (pid, answer) in &self.answers {
            (rank(*pid), answer).hash(hasher);
        }
        self.has_lost_writes.hash(hasher);
        self.tasks.hash(hasher);
        self.adopted.hash(hasher);
    }

    fn mark_base(
        &self,
        base: &Base,
        rank: &dyn Fn(Pid) -> Option<usize>,
        hasher: &mut impl Hasher,
    ) {
        for (item, stored) in &base.services {
            (item, stored.status).hash(hasher);
            self.mark_service(&stored.parameters, rank, hasher);
        }
        base.queue.hash(hasher);
    }

    /// The parameters, with marks of law 5 by who wrote them: their texts differ from run to run.
    pub(super) fn mark_service(
        &self,
        parameters: &BTreeMap<String, String>,
        rank: &dyn Fn(Pid) -> Option<usize>,
        hasher: &mut impl Hasher,
    ) {
        for (name, value) in parameters {
            if name == FRESH {
                let place = fresh::place_in(value);
                (name, writer_of(value).and_then(rank), place).hash(hasher);
            } else if name != fields::SETTLED {
                (name, value).hash(hasher);
            }
        }
    }
}
