//! The breaches of the seam that must not compile.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "tests")]

#[test]
fn what_the_seam_forbids_does_not_compile() {
    let cases = trybuild::TestCases::new();
    cases.pass("tests/ui/allowed.rs");
    cases.compile_fail("tests/ui/missing_demand.rs");
    cases.compile_fail("tests/ui/superfluous_demand.rs");
    cases.compile_fail("tests/ui/open_on_a_resource.rs");
    cases.compile_fail("tests/ui/forged_token.rs");
    cases.compile_fail("tests/ui/forged_row.rs");
    cases.compile_fail("tests/ui/conditional_demand_alone.rs");
    cases.compile_fail("tests/ui/key_of_another_operation.rs");
    cases.compile_fail("tests/ui/secret_compared.rs");
    cases.compile_fail("tests/ui/secret_shown.rs");
}
