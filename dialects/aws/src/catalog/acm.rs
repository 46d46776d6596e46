//! The operations of Certificate Manager.
//!
//! Follows the "AWS Certificate Manager API Reference", version 2015-12-08.

use polykms_core::dialect::Row;

const NOT_BUILT: &str = "not built yet";

/// One row for each operation.
pub(crate) static ROWS: &[Row] = &[
    Row::absent("AddTagsToCertificate", NOT_BUILT),
    Row::absent("DeleteCertificate", NOT_BUILT),
    Row::absent("DescribeCertificate", NOT_BUILT),
    Row::absent("ExportCertificate", NOT_BUILT),
    Row::absent("GetAccountConfiguration", NOT_BUILT),
    Row::absent("GetCertificate", NOT_BUILT),
    Row::absent("ImportCertificate", NOT_BUILT),
    Row::absent("ListCertificates", NOT_BUILT),
    Row::absent("ListTagsForCertificate", NOT_BUILT),
    Row::absent("PutAccountConfiguration", NOT_BUILT),
    Row::absent("RemoveTagsFromCertificate", NOT_BUILT),
    Row::absent("RenewCertificate", NOT_BUILT),
    Row::absent("RequestCertificate", NOT_BUILT),
    Row::absent("ResendValidationEmail", NOT_BUILT),
    Row::absent("RevokeCertificate", NOT_BUILT),
    Row::absent("SearchCertificates", NOT_BUILT),
    Row::absent("UpdateCertificateOptions", NOT_BUILT),
];
