use super::*;
use crate::module;

#[test]
fn the_table_and_the_descriptor_agree() {
    let templates = module::by_name("pmenomssl").unwrap().templates;
    assert_eq!(templates.len(), PRODUCTS.len());
    for template in templates {
        let product = Product::of(&TemplateCode::new(template.code)).unwrap();
        let level = match template.level {
            module::Level::Domain => Domain,
            module::Level::Organization => Organization,
            module::Level::Extended => Extended,
        };
        assert_eq!(
            (product.level, product.wildcard, product.multi, product.file),
            (
                level,
                template.wildcard,
                template.multidomain,
                template.methods.contains(&module::Method::HttpFile)
            ),
            "{}",
            template.code
        );
    }
}

#[test]
fn codes_are_found_in_any_case_and_numbers_are_unique() {
    let code = TemplateCode::new("certificate-rapidssl-rapidssl");
    assert_eq!(Product::of(&code).unwrap().kind, 23);
    let unknown = Product::of(&TemplateCode::new("Certificate-RapidSSL")).unwrap_err();
    assert_eq!(unknown.reason(), Reason::UnknownTemplate);
    let mut kinds: Vec<_> = PRODUCTS.iter().map(|product| product.kind).collect();
    kinds.sort_unstable();
    kinds.dedup();
    assert_eq!(kinds.len(), PRODUCTS.len());
}
