//! The only place that builds an HTTP client.
