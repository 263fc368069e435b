//! What a vendor's own reader demands of a CSR, beyond the rules of every authority.

use crate::certificate::Csr;
use crate::domain::text::Words;
use crate::failure::{Failure, Reason};

/// The demands of one vendor, read before the client pays and before the order alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CsrRules {
    /// Most characters of its PEM.
    pub longest: Option<usize>,
    /// Whether the field of attributes has to be there (RFC 2986, 4.1).
    pub needs_attributes: bool,
    /// Whether the name is taken from its common name only.
    pub needs_common_name: bool,
}

impl CsrRules {
    /// No demands of its own.
    pub const NONE: Self = Self {
        longest: None,
        needs_attributes: false,
        needs_common_name: false,
    };

    /// Holds a CSR against the demands.
    ///
    /// # Errors
    /// `BadCsr` with the first one that it does not meet.
    pub fn check(&self, csr: &Csr) -> Result<(), Failure> {
        let bad = |why: Words| Err(Failure::field(Reason::BadCsr, "csr").detail(why));
        if let Some(longest) = self.longest
            && csr.pem().len() > longest
        {
            return bad(words!(
                "the vendor takes {longest} characters at most",
                "поставщик принимает не больше {longest} символов"
            ));
        }
        if self.needs_attributes && !csr.has_attributes() {
            return bad(words!(
                "it has no field of attributes: create it with another program",
                "в нём нет поля атрибутов: создайте его другой программой"
            ));
        }
        if self.needs_common_name && csr.common_name().is_none() {
            return bad(words!(
                "it has no common name, and the vendor takes the name from it",
                "в нём нет общего имени (CN), а поставщик берёт имя оттуда"
            ));
        }
        Ok(())
    }
}
