//! Values that are made when they are first needed.

use std::sync::OnceLock;

use crate::failure::Failure;

/// The value of a cell, made when it is first asked for; a failure is not kept.
pub(super) fn cached<T>(
    cell: &OnceLock<T>,
    make: impl FnOnce() -> Result<T, Failure>,
) -> Result<&T, Failure> {
    if let Some(value) = cell.get() {
        return Ok(value);
    }
    let value = make()?;
    Ok(cell.get_or_init(|| value))
}
