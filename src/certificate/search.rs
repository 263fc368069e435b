//! The requests of one text. Each that looks like one is judged once, and no more of them than anybody means to send:
//! a signature takes time, and a text has room for thousands.

use super::csr::{Csr, Damaged, no_request};
use super::request::Request;
use super::wrapping;
use crate::domain::text::Words;

/// Most different requests that are judged in one reading of a text, and in all its other readings together.
pub(super) const MOST: usize = 20;

/// What was judged so far.
#[derive(Default)]
pub(super) struct Search {
    judged: Vec<(Vec<u8>, Result<Csr, Words>)>,
    /// How many were judged before this reading.
    before: usize,
    /// There were more.
    is_spent: bool,
}

impl Search {
    /// Whether a reading ended because there was too much to judge.
    pub(super) const fn is_spent(&self) -> bool {
        self.is_spent
    }

    /// Gives other readings of the text their own measure.
    pub(super) fn read_otherwise(&mut self) {
        self.before = self.judged.len();
        self.is_spent = false;
    }

    /// Every believed CSR in a text, up to the second, and what is none.
    pub(super) fn find(
        &mut self,
        text: &str,
        is_believed: fn(&Csr) -> bool,
    ) -> (Vec<Csr>, Vec<Damaged>) {
        let mut good: Vec<Csr> = Vec::new();
        let mut damaged: Vec<Damaged> = Vec::new();
        for found in wrapping::find(text) {
            match Csr::of(found, self) {
                Ok(csr) if !is_believed(&csr) || good.contains(&csr) => {}
                Ok(csr) => good.push(csr),
                Err(one) => damaged.push(one),
            }
            if good.len() > 1 || self.is_spent {
                break;
            }
        }
        (good, damaged)
    }

    /// Reads DER, unless that was done.
    pub(super) fn read(&mut self, der: &[u8]) -> Result<Csr, Words> {
        let known = self.judged.iter().find(|(known, _)| known == der);
        if let Some((_, outcome)) = known {
            return outcome.clone();
        }
        // What is no request costs nothing.
        Request::read(der).ok_or_else(no_request)?;
        if self.judged.len() - self.before >= MOST {
            self.is_spent = true;
            return Err(no_request());
        }
        let outcome = Csr::read(der);
        self.judged.push((der.to_vec(), outcome.clone()));
        outcome
    }

    /// How many signatures were looked at.
    #[cfg(test)]
    pub(super) const fn judged(&self) -> usize {
        self.judged.len()
    }
}
