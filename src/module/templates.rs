//! Template tables, one file per vendor.
