//! What is the same for every vendor: a plain product, the order number's parameter, the way to an issued
//! certificate. The tour and the contract suite stand on it, without a special case for anybody.

use pmssl::module::{Level, Method, Module, Template};

use super::vendor::Approval;
use super::world::Core;

/// A single-name product by domain validation with e-mail approval, still sold.
pub fn plain_product(module: &Module) -> &'static str {
    let fits = |template: &&Template| {
        template.current
            && template.level == Level::Domain
            && !template.wildcard
            && !template.multidomain
            && template.methods.contains(&Method::Email)
    };
    module
        .templates
        .iter()
        .find(fits)
        .map(|template| template.code)
        .expect("a plain product")
}

impl Core {
    /// The module that serves an item.
    pub fn served_by(&self, item: u64) -> &'static Module {
        pmssl::module::by_name(&self.module_of_item(item)).expect("a module of the product")
    }

    /// The order number that the platform keeps for an item, empty when there is none.
    pub fn order_of(&self, item: u64) -> String {
        self.item(item)
            .parameter(self.served_by(item).order_parameter)
            .to_owned()
    }

    /// Domains proved and company vetted at the vendor.
    pub fn approve(&self, item: u64) {
        let vendor = self.vendor(self.served_by(item).name).vendor();
        for approval in [Approval::All, Approval::Organization] {
            // An order without organization has nothing to vet.
            let _ = vendor.approve(&self.order_of(item), &approval);
        }
    }

    /// The certificate is saved and shown as issued.
    pub fn is_issued(&self, item: u64) -> bool {
        let view = self.item(item);
        view.service_status == Some(5) && view.certificate.is_some()
    }
}
