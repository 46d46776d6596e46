//! The wire: how each operation reads its arguments and writes its output, by protocol and service.

pub(crate) mod heard;
pub(crate) mod iam;
pub(crate) mod kms;
pub(crate) mod list;
pub(crate) mod sts;

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
pub(crate) mod tests {
    use polykms_core::dialect::{Payload, Wire};
    use polykms_core::error::Result;

    /// The operation that parameters of a service of the query protocol ask for.
    pub(crate) fn asked<W: Wire>(service: &str, parameters: &[(&str, &str)]) -> Result<W::Op> {
        let service = crate::catalog::service(service).unwrap();
        let owned = parameters.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let arguments = Payload::Params(owned.collect());
        let mut ask = W::Ask::default();
        service.protocol.read(&arguments, &mut ask)?;
        W::op(ask)
    }
}
