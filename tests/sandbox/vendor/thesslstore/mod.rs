//! The first vendor.
