//! The traps of condition operators.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use super::super::example_tests::{conditions, facts};
use super::Truth::{self, False, True, Unknown};

fn check(condition: &str, context: &str) -> Truth {
    conditions(condition, &facts(context))
}

#[test]
fn operators_keys_and_values_combine_as_and_and_or() {
    let two = r#"{"StringEquals":{"a":["1","2"],"b":"3"},"StringLike":{"c":"x*"}}"#;
    assert_eq!(check(two, r#"{"a":"2","b":"3","c":"xy"}"#), True);
    assert_eq!(check(two, r#"{"a":"2","b":"4","c":"xy"}"#), False);
    assert_eq!(check(two, r#"{"a":"2","b":"3"}"#), False);
}

#[test]
fn values_of_a_negated_operator_form_nor() {
    let none = r#"{"StringNotEquals":{"a":["1","2"]}}"#;
    assert_eq!(check(none, r#"{"a":"1"}"#), False);
    assert_eq!(check(none, r#"{"a":"3"}"#), True);
}

#[test]
fn an_absent_key_fails_positive_and_satisfies_negated_operators() {
    assert_eq!(check(r#"{"StringEquals":{"a":"1"}}"#, "{}"), False);
    assert_eq!(check(r#"{"StringNotEquals":{"a":"1"}}"#, "{}"), True);
    assert_eq!(check(r#"{"NotIpAddress":{"a":"10.0.0.0/8"}}"#, "{}"), True);
    assert_eq!(check(r#"{"NumericLessThanIfExists":{"a":"1"}}"#, "{}"), True);
    assert_eq!(check(r#"{"NumericLessThanIfExists":{"a":"1"}}"#, r#"{"a":"2"}"#), False);
}

#[test]
fn null_tests_presence_only() {
    assert_eq!(check(r#"{"Null":{"a":"true"}}"#, "{}"), True);
    assert_eq!(check(r#"{"Null":{"a":true}}"#, r#"{"a":""}"#), False);
    assert_eq!(check(r#"{"Null":{"a":"false"}}"#, r#"{"a":["x"]}"#), True);
    assert_eq!(check(r#"{"Null":{"a":"false"}}"#, r#"{"a":[]}"#), False);
}

#[test]
fn quantifiers_are_over_elements_even_when_negated() {
    let every = r#"{"ForAllValues:StringNotEquals":{"a":["1","2"]}}"#;
    assert_eq!(check(every, r#"{"a":["3","4"]}"#), True);
    assert_eq!(check(every, r#"{"a":["1","4"]}"#), False);
    let any = r#"{"ForAnyValue:StringNotEquals":{"a":["1","2"]}}"#;
    assert_eq!(check(any, r#"{"a":["1","4"]}"#), True);
    assert_eq!(check(any, r#"{"a":["1","2"]}"#), False);
}

#[test]
fn quantifiers_decide_absent_and_empty_keys() {
    for context in ["{}", r#"{"a":[]}"#] {
        assert_eq!(check(r#"{"ForAllValues:StringEquals":{"a":"1"}}"#, context), True);
        assert_eq!(check(r#"{"ForAnyValue:StringEquals":{"a":"1"}}"#, context), False);
        assert_eq!(check(r#"{"ForAnyValue:StringNotEquals":{"a":"1"}}"#, context), False);
        assert_eq!(check(r#"{"ForAnyValue:StringEqualsIfExists":{"a":"1"}}"#, context), False);
    }
}

#[test]
fn a_set_without_a_quantifier_matches_nothing_and_a_single_value_is_a_set_of_one() {
    assert_eq!(check(r#"{"StringEquals":{"a":"1"}}"#, r#"{"a":["1"]}"#), False);
    assert_eq!(check(r#"{"StringNotEquals":{"a":"1"}}"#, r#"{"a":["2"]}"#), False);
    assert_eq!(check(r#"{"ForAllValues:StringEquals":{"a":"1"}}"#, r#"{"a":"1"}"#), True);
    assert_eq!(check(r#"{"ForAnyValue:StringEquals":{"a":"1"}}"#, r#"{"a":"2"}"#), False);
}

#[test]
fn text_is_literal_under_equality_and_folded_without_normalisation() {
    assert_eq!(check(r#"{"StringEquals":{"a":"x*"}}"#, r#"{"a":"xy"}"#), False);
    assert_eq!(check(r#"{"StringEquals":{"a":"x*"}}"#, r#"{"a":"x*"}"#), True);
    assert_eq!(check(r#"{"StringLike":{"a":"x*"}}"#, r#"{"a":"X"}"#), False);
    assert_eq!(check(r#"{"StringEqualsIgnoreCase":{"a":"ÄB"}}"#, r#"{"a":"äb"}"#), True);
    assert_eq!(check(r#"{"StringEqualsIgnoreCase":{"a":"ss"}}"#, r#"{"a":"ß"}"#), False);
    // The sign for Kelvin has the ASCII letter as its lower case.
    assert_eq!(check(r#"{"StringEqualsIgnoreCase":{"a":"k"}}"#, "{\"a\":\"\u{212a}\"}"), True);
    assert_eq!(check("{\"StringEqualsIgnoreCase\":{\"a\":\"\u{212a}\"}}", r#"{"a":"k"}"#), True);
}

#[test]
fn key_names_ignore_case() {
    assert_eq!(check(r#"{"StringEquals":{"Tag/Dept":"it"}}"#, r#"{"tag/dept":"it"}"#), True);
}

#[test]
fn numbers_compare_by_value_and_garbage_in_the_request_is_false() {
    assert_eq!(check(r#"{"NumericEquals":{"a":7.0}}"#, r#"{"a":"7"}"#), True);
    assert_eq!(check(r#"{"NumericGreaterThan":{"a":"9"}}"#, r#"{"a":"10"}"#), True);
    assert_eq!(check(r#"{"NumericLessThan":{"a":"20"}}"#, r#"{"a":"10abc"}"#), False);
    assert_eq!(check(r#"{"NumericNotEquals":{"a":"20"}}"#, r#"{"a":"abc"}"#), False);
}

#[test]
fn garbage_in_the_document_matches_nothing() {
    assert_eq!(check(r#"{"NumericLessThan":{"a":"x"}}"#, r#"{"a":"1"}"#), False);
    assert_eq!(check(r#"{"NumericLessThan":{"a":["x","2"]}}"#, r#"{"a":"1"}"#), True);
    assert_eq!(check(r#"{"Bool":{"a":"yes"}}"#, r#"{"a":"true"}"#), False);
    assert_eq!(check(r#"{"IpAddress":{"a":"10.0.0.0/33"}}"#, r#"{"a":"10.0.0.1"}"#), False);
    assert_eq!(check(r#"{"IpAddress":{"a":"10.0.0.0/8"}}"#, r#"{"a":"nowhere"}"#), False);
    assert_eq!(check(r#"{"Null":{"a":"yes"}}"#, "{}"), False);
}

#[test]
fn a_negated_operator_on_garbage_in_the_document_is_unknown_unless_another_value_matches() {
    assert_eq!(check(r#"{"NumericNotEquals":{"a":"x"}}"#, r#"{"a":"1"}"#), Unknown);
    assert_eq!(check(r#"{"NumericNotEquals":{"a":["x","1"]}}"#, r#"{"a":"1"}"#), False);
    assert_eq!(check(r#"{"NotIpAddress":{"a":"10.0.0.0/8"}}"#, r#"{"a":"nowhere"}"#), Unknown);
    assert_eq!(check(r#"{"NumericNotEquals":{"a":"x"},"Bool":{"b":"true"}}"#, r#"{"a":"1","b":"false"}"#), False);
    assert_eq!(check(r#"{"Sounds":{"a":"x"}}"#, r#"{"a":"x"}"#), Unknown);
}

#[test]
fn dates_compare_as_instants_in_every_form() {
    let before = r#"{"DateLessThan":{"a":"2030-01-01T00:00:00+08:00"}}"#;
    assert_eq!(check(before, r#"{"a":"2029-12-31T15:59:59Z"}"#), True);
    assert_eq!(check(before, r#"{"a":"2029-12-31T16:00:00Z"}"#), False);
    assert_eq!(check(r#"{"DateEquals":{"a":1893456000}}"#, r#"{"a":"2030-01-01"}"#), True);
}

#[test]
fn booleans_and_bytes_compare_as_such() {
    assert_eq!(check(r#"{"Bool":{"a":true}}"#, r#"{"a":"true"}"#), True);
    assert_eq!(check(r#"{"Bool":{"a":"false"}}"#, r#"{"a":"no"}"#), False);
    assert_eq!(check(r#"{"BinaryEquals":{"a":"QUI="}}"#, r#"{"a":"QUI="}"#), True);
    assert_eq!(check(r#"{"BinaryEquals":{"a":"QUI="}}"#, r#"{"a":"qui="}"#), False);
}

#[test]
fn addresses_of_different_families_never_match() {
    assert_eq!(check(r#"{"IpAddress":{"a":"192.0.2.7"}}"#, r#"{"a":"192.0.2.7"}"#), True);
    assert_eq!(check(r#"{"IpAddress":{"a":"2001:db8::/32"}}"#, r#"{"a":"2001:DB8:0::1"}"#), True);
    assert_eq!(check(r#"{"NotIpAddress":{"a":"0.0.0.0/0"}}"#, r#"{"a":"::1"}"#), True);
    assert_eq!(check(r#"{"NotIpAddress":{"a":["10.0.0.0/8","192.0.2.0/24"]}}"#, r#"{"a":"192.0.2.1"}"#), False);
}

#[test]
fn names_match_segment_by_segment_and_equality_takes_wildcards() {
    for operator in ["ArnEquals", "ArnLike"] {
        let condition = format!(r#"{{"{operator}":{{"a":"arn:p:s:*:1:x/*"}}}}"#);
        assert_eq!(check(&condition, r#"{"a":"arn:p:s:r:1:x/y:z"}"#), True);
        assert_eq!(check(&condition, r#"{"a":"arn:p:s:r:q:1:x/y"}"#), False);
        assert_eq!(check(&condition, r#"{"a":"x/y"}"#), False);
    }
    assert_eq!(check(r#"{"ArnNotLike":{"a":"arn:p:s:r:1:x"}}"#, r#"{"a":"arn:p:s:r:2:x"}"#), True);
}

#[test]
fn variables_work_in_text_and_names_only() {
    assert_eq!(check(r#"{"StringEquals":{"a":"${b}"}}"#, r#"{"a":"*","b":"*"}"#), True);
    assert_eq!(check(r#"{"StringLike":{"a":"${b}"}}"#, r#"{"a":"x","b":"*"}"#), False);
    assert_eq!(check(r#"{"StringEquals":{"a":"${*}"}}"#, r#"{"a":"*"}"#), True);
    assert_eq!(check(r#"{"StringEqualsIgnoreCase":{"a":"É${?}"}}"#, r#"{"a":"é?"}"#), True);
    assert_eq!(check(r#"{"ArnEquals":{"a":"${b}"}}"#, r#"{"a":"arn:p:s:r:1:x","b":"arn:p:s:r:1:x"}"#), True);
    assert_eq!(check(r#"{"ArnEquals":{"a":"arn:p:s:r:1:${b}"}}"#, r#"{"a":"arn:p:s:r:1:x","b":"*"}"#), False);
    assert_eq!(check(r#"{"NumericEquals":{"a":"${b}"}}"#, r#"{"a":"1","b":"1"}"#), False);
}

#[test]
fn a_variable_without_a_value_matches_nothing() {
    assert_eq!(check(r#"{"StringEquals":{"a":"${b}"}}"#, r#"{"a":""}"#), False);
    assert_eq!(check(r#"{"StringNotEquals":{"a":"${b}"}}"#, r#"{"a":"x"}"#), True);
    assert_eq!(check(r#"{"StringEquals":{"a":"${b}"}}"#, r#"{"a":"x","b":["x"]}"#), False);
    assert_eq!(check(r#"{"StringEquals":{"a":"${b}"}}"#, r#"{"a":"","b":""}"#), True);
    assert_eq!(check(r#"{"StringEquals":{"a":"${b, 'x'}"}}"#, r#"{"a":"x"}"#), True);
}
