//! Other hands on the account: orders that no call of this world's program has made.

use super::super::{csr, lock};
use super::{GlobalSign, calls, state};
use crate::vendor::Vendor as _;

impl GlobalSign {
    /// Another customer's order of the account, placed now; it shows in listings and in no books.
    pub fn add_foreign(&self, common_name: &str) {
        let now = self.clock().now();
        let mut state = lock(&self.state);
        let Some(mut order) = state.orders.last().cloned() else {
            return;
        };
        order.id = state.number(now);
        order.common_name = common_name.to_owned();
        order.csr.pem.clear();
        order.csr.public_key.clear();
        order.sub_id.clear();
        (order.at, order.changed) = (now, now);
        state.orders.push(order);
    }

    /// A person orders in the panel, like the last order but for name and request.
    pub(super) fn order_in_panel(&self, common_name: &str, csr: &str) -> Result<String, String> {
        let now = self.clock().now();
        let csr = csr::by_hand(common_name, csr)?;
        self.add_foreign(common_name);
        let mut state = lock(&self.state);
        let order = state.orders.last_mut().ok_or("there is no order yet")?;
        order.csr = csr;
        order.names.clear();
        (order.issued, order.completed, order.status) = (None, None, 1);
        (order.renewal_of, order.reissue_of) = (None, None);
        (order.domain_done, order.published) = (false, false);
        order.term_end = state::term_end(now, order.months);
        Ok(order.id.clone())
    }

    /// As through the interface: the certificate has a number of its own.
    pub(super) fn reissue_in_panel(&self, order: &str, csr: &str) -> Result<(), String> {
        let now = self.clock().now();
        let mut state = lock(&self.state);
        let mut again = state.order(order).cloned().ok_or("no such order")?;
        if again.status != 4 {
            return Err(format!("order {order} cannot be reissued now"));
        }
        if !csr.is_empty() {
            again.csr = csr::Csr::parse(csr)?;
        }
        again.id = state.number(now);
        again.reissue_of = Some(order.to_owned());
        (again.renewal_of, again.issued, again.completed) = (None, None, None);
        (again.status, again.at, again.changed) = (1, now, now);
        let id = again.id.clone();
        state.orders.push(again);
        state.issue(&id, self.authority(), now)
    }

    /// The authority revokes the certificate of an order.
    pub(super) fn revoke_order(&self, order: &str) -> Result<(), String> {
        let now = self.clock().now();
        let mut state = lock(&self.state);
        let revoked = state.order_mut(order).ok_or("no such order")?;
        if revoked.status != 4 {
            return Err(format!("order {order} has no certificate"));
        }
        (revoked.status, revoked.changed) = (7, now);
        Ok(())
    }

    pub(super) fn cancel_in_panel(&self, order: &str) -> Result<(), String> {
        let now = self.clock().now();
        let ended = calls::cancel(&mut lock(&self.state), order, now);
        ended.map_err(|_| format!("order {order} cannot be cancelled"))
    }
}
