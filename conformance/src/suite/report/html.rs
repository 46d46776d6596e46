//! `report.html`: one page that needs nothing else, light and dark, on wide screens and on phones.

use std::borrow::Cow;
use std::fmt::Write as _;

use quick_xml::escape::escape;

use super::super::play::Failure;
use super::super::run::{Outcome, State};
use super::{Figures, Report};

const STYLE: &str = "
:root { color-scheme: light dark; --line: light-dark(#d8dce2, #3a3f47); --dim: light-dark(#5b6470, #9aa4b2);
  --good: light-dark(#1a7f37, #3fb950); --bad: light-dark(#b3261e, #ff7b72); --idle: light-dark(#8a6d00, #d29922);
  --soft: light-dark(#f4f6f8, #1c2128); }
body { font: 16px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 70rem; padding: 1rem;
  background: light-dark(#fff, #0d1117); color: light-dark(#1f2328, #e6edf3); }
h1 { font-size: 1.5rem; margin: 0; } h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; }
.dim { color: var(--dim); } .good { color: var(--good); } .bad { color: var(--bad); } .idle { color: var(--idle); }
.figures { display: flex; flex-wrap: wrap; gap: .75rem; margin: 1rem 0; }
.figures div { background: var(--soft); border-radius: .5rem; padding: .5rem 1rem; }
.figures b { display: block; font-size: 1.35rem; font-variant-numeric: tabular-nums; }
.wide { overflow-x: auto; } table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid var(--line); }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; }
.bar { background: var(--bad); height: .5rem; min-width: 5rem; border-radius: .25rem; overflow: hidden; }
.bar i { display: block; height: 100%; background: var(--good); }
details { border: 1px solid var(--line); border-radius: .5rem; margin: .5rem 0; padding: .5rem .75rem; }
summary { cursor: pointer; overflow-wrap: anywhere; }
pre { background: var(--soft); border-radius: .4rem; padding: .6rem; overflow-x: auto; white-space: pre-wrap;
  overflow-wrap: anywhere; font-size: .85rem; }
@media (max-width: 40rem) { body { padding: .6rem; } .bar { display: none; } th, td { padding: .3rem; } }
";

/// The report as a page.
pub fn html(report: &Report) -> String {
    let mut page = String::new();
    let subject = escape(&report.subject);
    let _ = write!(
        page,
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>Conformance of {subject}</title><style>{STYLE}</style></head><body>\n\
         <h1>Conformance of {subject}</h1>\n<p class=\"dim\">{} · {} · {}</p>\n",
        escape(&report.dialect),
        escape(&report.date),
        escape(&report.runner)
    );
    figures(report, &mut page);
    suites(report, &mut page);
    let unexpected: Vec<_> = report.outcomes.iter().filter(|outcome| !outcome.state.is_fine()).collect();
    let _ = writeln!(page, "<h2>Unexpected ({})</h2>", unexpected.len());
    if unexpected.is_empty() {
        page.push_str("<p class=\"good\">Nothing.</p>\n");
    }
    unexpected.into_iter().for_each(|outcome| told(outcome, &mut page));
    let known = report.outcomes.iter().filter(|outcome| matches!(outcome.state, State::Xfail(_) | State::Skip(_)));
    let known: Vec<_> = known.collect();
    if !known.is_empty() {
        let _ = writeln!(page, "<h2>Known and skipped ({})</h2>", known.len());
        known.into_iter().for_each(|outcome| told(outcome, &mut page));
    }
    passed(report, &mut page);
    page.push_str("</body></html>\n");
    page
}

fn figures(report: &Report, page: &mut String) {
    page.push_str("<div class=\"figures\">");
    for (confidence, figures) in report.by_confidence() {
        let class = if figures.failed == 0 { "good" } else { "bad" };
        let skipped = if figures.skipped > 0 { format!(", {} skipped", figures.skipped) } else { String::new() };
        let (name, Figures { passed, .. }) = (confidence.name(), figures);
        let _ = write!(page, "<div><b class=\"{class}\">{passed}/{}</b>{name}{skipped}</div>", figures.run());
    }
    page.push_str("</div>\n");
}

fn suites(report: &Report, page: &mut String) {
    page.push_str(
        "<h2>Topics</h2>\n<div class=\"wide\"><table><thead><tr><th>topic</th><th></th><th class=\"n\">passed</th>\
         <th class=\"n\">failed</th><th class=\"n\">skipped</th></tr></thead><tbody>\n",
    );
    for (suite, figures) in report.by_suite() {
        let Figures { passed, failed, skipped } = figures;
        let share = (passed * 100).checked_div(figures.run()).unwrap_or(100);
        let class = if failed == 0 { "good" } else { "bad" };
        let _ = writeln!(
            page,
            "<tr><td>{}</td><td><div class=\"bar\"><i style=\"width:{share}%\"></i></div></td><td class=\"n\">{passed}\
             </td><td class=\"n {class}\">{failed}</td><td class=\"n\">{skipped}</td></tr>",
            escape(suite)
        );
    }
    page.push_str("</tbody></table></div>\n");
}

fn told(outcome: &Outcome, page: &mut String) {
    let class = if outcome.state.is_fine() { "idle" } else { "bad" };
    let _ = writeln!(
        page,
        "<details><summary><b class=\"{class}\">{}</b> {}<br><span class=\"dim\">{}</span></summary>",
        outcome.state.name(),
        escape(&outcome.id),
        escape(&outcome.title)
    );
    if let Some(reason) = outcome.state.reason() {
        let _ = writeln!(page, "<p>{}</p>", escape(reason));
    }
    for Failure { step, request, answer, expected, differences } in &outcome.failures {
        let _ = writeln!(page, "<p>Step {step}</p><ul>");
        for difference in differences {
            let _ = writeln!(page, "<li>{}</li>", escape(difference));
        }
        page.push_str("</ul>\n");
        for (title, value) in [("request", request), ("answer", answer), ("expected", expected)] {
            let text = serde_json::to_string_pretty(value).map_or(Cow::Borrowed(""), Cow::Owned);
            let _ = writeln!(page, "<p class=\"dim\">{title}</p><pre>{}</pre>", escape(&*text));
        }
    }
    let _ = writeln!(page, "<p class=\"dim\">source: {}</p></details>", escape(outcome.source.join("; ")));
}

fn passed(report: &Report, page: &mut String) {
    let passed: Vec<_> = report.outcomes.iter().filter(|outcome| outcome.state == State::Pass).collect();
    let _ = writeln!(page, "<h2>Passed ({})</h2>\n<details><summary>all of them</summary><ul>", passed.len());
    for outcome in passed {
        let (id, title) = (escape(&outcome.id), escape(&outcome.title));
        let _ = writeln!(page, "<li>{id} <span class=\"dim\">{title}</span></li>");
    }
    page.push_str("</ul></details>\n");
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn what_others_wrote_is_text_and_no_markup() {
        let page = html(&sample());
        assert!(page.contains("it is &lt;so&gt; &amp; so") && page.contains("Conformance of a &amp; b"), "{page}");
        assert!(page.contains("&lt;b&gt;") && !page.contains("\"<b>\""), "{page}");
        assert!(page.contains("<b class=\"bad\">1/4</b>documented, 1 skipped"), "{page}");
        assert!(!page.contains("<script") && !page.contains("src="), "the page needs nothing else");
    }
}
