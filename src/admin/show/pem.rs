//! A stored certificate as a server takes it.

use crate::admin::context::AdminContext;
use crate::certificate::{assemble_for, files_of_delivery};
use crate::domain::ItemId;
use crate::failure::{Failure, Reason};
use crate::platform::Platform;

/// Leaf and intermediates, whatever form the account stores them in.
pub(super) async fn of(admin: &AdminContext, item: ItemId) -> Result<String, Failure> {
    let service = admin.any_platform().service(item).await?;
    let nothing = || {
        let reason = Failure::new(Reason::UnreadableCertificate);
        reason.detail(words!(
            "the service has no certificate yet",
            "у услуги ещё нет сертификата"
        ))
    };
    let text = service.certificate.as_deref().ok_or_else(nothing)?;
    let files = files_of_delivery(text.as_bytes())?.ok_or_else(nothing)?;
    Ok(assemble_for(&files, None)?.pem())
}
