//! Products and how their domains can be proved.

/// DigiCert's brands, those that were Symantec's before among them.
const DIGICERT: [&str; 6] = [
    "DigiCert", "GeoTrust", "RapidSSL", "Symantec", "Thawte", "VeriSign",
];

/// A product (template attributes: billmanager.md 4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Template {
    /// Product code: `template@id`, `template@name`, `pricelist.intname`.
    pub code: &'static str,
    /// Name for people (`pricelist.certificate` messages).
    pub label: &'static str,
    /// How much of the applicant is verified.
    pub level: Level,
    /// The order form asks for the organization (`orginfo`). Follows the level, but for `ssl123`, which
    /// is sold by domain validation and yet needs the data.
    pub organization: bool,
    /// The common name is a wildcard.
    pub wildcard: bool,
    /// The product covers both the bare and the `www` name.
    pub www: bool,
    /// Takes additional names.
    pub multidomain: bool,
    /// Additional names may be wildcards.
    pub multidomain_wildcard: bool,
    /// Additional names may be public IP addresses.
    pub addresses: bool,
    /// The order takes one approver address for all its names.
    pub one_approver: bool,
    /// Additional names belong into the generated CSR, too.
    pub csr_names: bool,
    /// Validation methods the vendor takes for the product. Empty where domain control is proved
    /// outside the order.
    pub methods: &'static [Method],
    /// Still sold by the vendor; historical codes stay listed for old services.
    pub current: bool,
}

/// Validation level of a product.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// Domain validation.
    Domain,
    /// Organization validation.
    Organization,
    /// Extended validation.
    Extended,
}

/// Validation methods a product can offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Method {
    /// Mail to an approver address.
    Email,
    /// File over http.
    HttpFile,
    /// File over https.
    HttpsFile,
    /// CNAME record.
    DnsCname,
    /// TXT record.
    DnsTxt,
}

impl Method {
    /// All methods, in the order of tables.
    pub const ALL: [Self; 5] = [
        Self::Email,
        Self::HttpFile,
        Self::HttpsFile,
        Self::DnsCname,
        Self::DnsTxt,
    ];

    /// Name for people.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Email => "e-mail",
            Self::HttpFile => "HTTP file",
            Self::HttpsFile => "HTTPS file",
            Self::DnsCname => "DNS CNAME",
            Self::DnsTxt => "DNS TXT",
        }
    }

    /// The template attribute that offers the method to clients. Only two are attested
    /// (billmanager.md 4); a further one belongs here when it becomes known.
    #[must_use]
    pub const fn template_attribute(self) -> Option<&'static str> {
        match self {
            Self::Email => Some("authemail"),
            Self::DnsTxt => Some("authdnstxt"),
            Self::HttpFile | Self::HttpsFile | Self::DnsCname => None,
        }
    }

    /// The value of the item parameter `approver_method` that chooses the method. E-mail and TXT are
    /// attested (billmanager.md 7), the others follow their pattern and are ours.
    #[must_use]
    pub const fn choice_word(self) -> &'static str {
        match self {
            Self::Email => "auth_email",
            Self::DnsTxt => "auth_dnstxt",
            Self::DnsCname => "auth_cname",
            Self::HttpFile => "auth_http",
            Self::HttpsFile => "auth_https",
        }
    }

    /// The method of a value of `approver_method`.
    #[must_use]
    pub fn by_choice_word(word: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|method| method.choice_word() == word)
    }
}

impl Template {
    /// Whether the vendor verifies a company; some products by domain validation ask for its data, too.
    #[must_use]
    pub fn verifies_company(&self) -> bool {
        self.level != Level::Domain
    }

    /// Whether the product is one of DigiCert's brands, by the name under which every vendor sells it.
    #[must_use]
    pub fn is_of_digicert(&self) -> bool {
        DIGICERT.iter().any(|brand| self.label.starts_with(brand))
    }

    /// Whether an additional name may be a wildcard. The attribute `multidomain_wildcard` is younger
    /// than TheSSLStore's product list, which says "wildcard and multi-domain" instead.
    #[must_use]
    pub fn takes_wildcard_names(&self) -> bool {
        self.multidomain_wildcard || (self.wildcard && self.multidomain)
    }

    /// A product by domain validation, single name, still sold.
    pub(super) const fn domain(code: &'static str, label: &'static str) -> Self {
        Self {
            code,
            label,
            level: Level::Domain,
            organization: false,
            wildcard: false,
            www: false,
            multidomain: false,
            multidomain_wildcard: false,
            addresses: false,
            one_approver: false,
            csr_names: false,
            methods: &[],
            current: true,
        }
    }

    /// A product by organization validation.
    pub(super) const fn organization(code: &'static str, label: &'static str) -> Self {
        let mut template = Self::domain(code, label);
        template.level = Level::Organization;
        template.organization = true;
        template
    }

    /// A product by extended validation.
    pub(super) const fn extended(code: &'static str, label: &'static str) -> Self {
        let mut template = Self::organization(code, label);
        template.level = Level::Extended;
        template
    }

    /// The common name is a wildcard.
    pub(super) const fn wild(mut self) -> Self {
        self.wildcard = true;
        self
    }

    /// Covers the `www` name.
    pub(super) const fn www(mut self) -> Self {
        self.www = true;
        self
    }

    /// Takes additional names.
    pub(super) const fn multi(mut self) -> Self {
        self.multidomain = true;
        self
    }

    /// Takes additional names, wildcards among them.
    pub(super) const fn multi_wild(mut self) -> Self {
        self.multidomain = true;
        self.multidomain_wildcard = true;
        self
    }

    /// Additional names may be public IP addresses.
    pub(super) const fn addresses(mut self) -> Self {
        self.addresses = true;
        self
    }

    /// Takes one approver address for all names.
    pub(super) const fn one_approver(mut self) -> Self {
        self.one_approver = true;
        self
    }

    /// Additional names go into the CSR.
    pub(super) const fn csr_names(mut self) -> Self {
        self.csr_names = true;
        self
    }

    /// Asks for the organization in spite of its level.
    pub(super) const fn asks_organization(mut self) -> Self {
        self.organization = true;
        self
    }

    /// Takes these validation methods.
    pub(super) const fn by(mut self, methods: &'static [Method]) -> Self {
        self.methods = methods;
        self
    }

    /// No longer sold.
    pub(super) const fn former(mut self) -> Self {
        self.current = false;
        self
    }
}
