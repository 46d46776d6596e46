//! The wire: how each operation reads its arguments and writes its output, by protocol and service.

pub(crate) mod heard;
pub(crate) mod iam;
pub(crate) mod kms;
pub(crate) mod list;
pub(crate) mod sts;
pub(crate) mod tagging;

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
pub(crate) mod tests {
    use polykms_core::dialect::{Arguments, Wire};
    use polykms_core::error::Result;

    /// The operation that parameters of a service of the query protocol ask for.
    pub(crate) fn asked<W: Wire>(service: &str, parameters: &[(&str, &str)]) -> Result<W::Op> {
        let service = crate::catalog::service(service).unwrap();
        let pairs = parameters.iter().map(|(name, value)| ((*name).into(), (*value).into()));
        let arguments = Arguments::Params(pairs.collect());
        service.op::<W>(&arguments)
    }
}
