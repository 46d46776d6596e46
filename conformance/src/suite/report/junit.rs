//! `junit.xml`: what continuous integration reads.

use polykms_core::dialect::message::xml::clean;
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

use super::super::run::{Outcome, State};
use super::Report;

/// The report as JUnit has it: a suite for each file, a case for each case.
///
/// # Errors
/// That of the writer; a buffer has none.
pub fn junit(report: &Report) -> std::io::Result<Vec<u8>> {
    let mut out = Writer::new_with_indent(Vec::new(), b' ', 1);
    out.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    out.create_element("testsuites").with_attribute(("name", report.subject.as_str())).write_inner_content(|out| {
        for (name, figures) in report.by_suite() {
            let (tests, failed) = ((figures.run() + figures.skipped).to_string(), figures.failed.to_string());
            let suite = out.create_element("testsuite").with_attribute(("name", name));
            let suite = suite.with_attribute(("tests", tests.as_str())).with_attribute(("failures", failed.as_str()));
            suite.write_inner_content(|out| {
                let mut cases = report.outcomes.iter().filter(|outcome| outcome.suite == name);
                cases.try_for_each(|outcome| case(out, outcome))
            })?;
        }
        Ok(())
    })?;
    Ok(out.into_inner())
}

fn case(out: &mut Writer<Vec<u8>>, outcome: &Outcome) -> std::io::Result<()> {
    let name = outcome.id.strip_prefix(outcome.suite.as_str()).unwrap_or(&outcome.id).trim_start_matches('/');
    let seconds = format!("{}.{:03}", outcome.ms / 1000, outcome.ms % 1000);
    let element = out.create_element("testcase").with_attribute(("classname", outcome.suite.as_str()));
    let element = element.with_attribute(("name", name)).with_attribute(("time", seconds.as_str()));
    element.write_inner_content(|out| {
        out.create_element("properties").write_inner_content(|out| {
            property(out, "confidence", outcome.confidence.name())?;
            property(out, "source", &outcome.source.join("; "))
        })?;
        match &outcome.state {
            State::Pass => Ok(()),
            State::Skip(why) => noted(out, "skipped", why, ""),
            State::Xfail(why) => noted(out, "skipped", &format!("known: {why}"), ""),
            State::Error(why) => noted(out, "error", why, ""),
            State::Xpass(why) => noted(out, "failure", &format!("it passes although it is known to fail: {why}"), ""),
            State::Fail => {
                let differences = outcome.failures.iter().flat_map(|failure| &failure.differences);
                let first = differences.clone().next().map_or("", String::as_str);
                let told: Vec<_> = outcome.failures.iter().map(|failure| format!("{failure:#?}")).collect();
                noted(out, "failure", first, &told.join("\n"))
            }
        }
    })?;
    Ok(())
}

fn property(out: &mut Writer<Vec<u8>>, name: &str, value: &str) -> std::io::Result<()> {
    let element = out.create_element("property").with_attribute(("name", name));
    element.with_attribute(("value", &*clean(value))).write_empty()?;
    Ok(())
}

fn noted(out: &mut Writer<Vec<u8>>, element: &str, message: &str, text: &str) -> std::io::Result<()> {
    let element = out.create_element(element).with_attribute(("message", &*clean(message)));
    element.write_text_content(BytesText::new(&clean(text)))?;
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn every_case_stands_there_with_what_became_of_it() {
        let text = String::from_utf8(junit(&sample()).unwrap()).unwrap();
        for wanted in [
            "<testsuite name=\"aws/kms/a\" tests=\"5\" failures=\"3\">",
            "<testcase classname=\"aws/kms/a\" name=\"right\"",
            "<failure message=\"a: 2 was expected\">",
            "<skipped message=\"no clock\">",
            "<error message=\"no answer\">",
        ] {
            assert!(text.contains(wanted), "{wanted} in {text}");
        }
    }
}
