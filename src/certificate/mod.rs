//! CSR, certificates, chains and bundle formats. No I/O.
