//! The messages of the services, generated from the vendor's models by `just generate`.
//!
//! What the models do not say (limits, members that are not built, sensitive ones) is kept by hand in `vendor/messages/`.
