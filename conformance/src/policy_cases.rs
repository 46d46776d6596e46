//! Policy evaluation cases: reads a file of cases, evaluates each against its dialect, and compares verdict and reasons.
//!
//! # Invariants
//! - A case that cannot be read or evaluated is a failed case, never a skipped one.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use polykms_core::policy::{
    Attached, Decision, DocumentKind, Facts, Grant, Grants, Grouped, Layers, Level, Named, Policy, Principal,
    PrincipalKind, Question, Refusal, Spec, Value, Verdict,
};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::policy_engine::Engine;

/// The public cases.
pub const PUBLIC: &str = include_str!("../data/policy_cases.json");

/// The file at `place`, or every `*.json` in it if it is a directory, in the order of their names.
///
/// # Errors
/// If the directory cannot be read.
pub fn files(place: &Path) -> std::io::Result<Vec<PathBuf>> {
    if !place.is_dir() {
        return Ok(vec![place.to_owned()]);
    }
    let entries = std::fs::read_dir(place)?.map(|entry| entry.map(|entry| entry.path()));
    let mut paths = entries.collect::<std::io::Result<Vec<_>>>()?;
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    paths.sort();
    Ok(paths)
}

/// Runs every case of `cases_json`; `spec` finds a dialect's policy language by name.
///
/// # Errors
/// If the file as a whole is not a file of cases.
pub fn run(cases_json: &str, spec: impl Fn(&str) -> Option<&'static Spec>) -> Result<Report, serde_json::Error> {
    let file: File = serde_json::from_str(cases_json)?;
    let cases: Vec<CaseResult> = file.cases.iter().map(|raw| outcome(raw, &spec)).collect();
    Ok(Report::joined([Report { cases, summary: Summary::default() }]))
}

/// Has an engine under test say its verdict on every case of `cases_json`.
///
/// # Errors
/// If the file as a whole is not a file of cases.
pub fn run_by(cases_json: &str, engine: &mut Engine) -> Result<Report, serde_json::Error> {
    let file: File = serde_json::from_str(cases_json)?;
    let mut result = |raw: &RawValue| {
        let Label { id, expected, confidence, .. } = serde_json::from_str(raw.get()).unwrap_or_default();
        let got = engine.verdict(raw).unwrap_or_else(|why| format!("error: {why}"));
        let (pass, explain) = (got == expected, Explanation::default());
        CaseResult { id, expected, got, pass, confidence, explain, explain_contained: None }
    };
    let cases = file.cases.iter().map(|raw| result(raw)).collect();
    Ok(Report::joined([Report { cases, summary: Summary::default() }]))
}

/// The verdict on a case, and what it is called.
pub(crate) fn verdict_on(
    case_json: &str,
    spec: impl Fn(&str) -> Option<&'static Spec>,
) -> (String, Result<&'static str, String>) {
    let Label { id, dialect, .. } = serde_json::from_str(case_json).unwrap_or_default();
    let decided = || {
        let spec = spec(&dialect).ok_or_else(|| format!("there is no dialect `{dialect}`"))?;
        let raw: &RawValue = serde_json::from_str(case_json).map_err(|error| error.to_string())?;
        decisions(raw, Language { spec, strict: false }).map(|decisions| worst(&decisions))
    };
    (id, decided())
}

/// Explains every case of `cases_json`, or the one with this identifier.
///
/// # Errors
/// If the file as a whole is not a file of cases.
pub fn explain(
    cases_json: &str,
    id: Option<&str>,
    spec: impl Fn(&str) -> Option<&'static Spec>,
) -> Result<Vec<Explained>, serde_json::Error> {
    let file: File = serde_json::from_str(cases_json)?;
    let explained = file.cases.iter().map(|raw| {
        let Label { id, dialect, expected, .. } = serde_json::from_str(raw.get()).unwrap_or_default();
        let checks = spec(&dialect)
            .ok_or_else(|| format!("there is no dialect `{dialect}`"))
            .and_then(|spec| decisions(raw, Language { spec, strict: false }));
        Explained { id, dialect, expected, checks }
    });
    Ok(explained.filter(|case| id.is_none_or(|id| case.id == id)).collect())
}

/// A case with everything that its verdict rests on.
#[derive(Debug, Clone)]
pub struct Explained {
    /// The case.
    pub id: String,
    /// Its dialect.
    pub dialect: String,
    /// The verdict it expects.
    pub expected: String,
    /// The checks that its operation needs, or why there are none.
    pub checks: Result<Vec<Check>, String>,
}

impl Explained {
    /// The verdict on the operation as a whole.
    #[must_use]
    pub fn verdict(&self) -> Option<&'static str> {
        self.checks.as_deref().ok().map(worst)
    }
}

/// One check of an operation with its decision.
#[derive(Debug, Clone)]
pub struct Check {
    /// Who asks.
    pub principal: String,
    /// What for.
    pub action: String,
    /// On what.
    pub resource: String,
    /// The decision.
    pub decision: Decision,
}

/// The results of a file of cases.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// One result for each case, in order.
    pub cases: Vec<CaseResult>,
    /// All of them together.
    pub summary: Summary,
}

impl Report {
    /// The results of several files as those of one.
    #[must_use]
    pub fn joined(reports: impl IntoIterator<Item = Self>) -> Self {
        let mut joined = Self { cases: Vec::new(), summary: Summary::default() };
        for result in reports.into_iter().flat_map(|report| report.cases) {
            joined.summary.count(&result);
            joined.cases.push(result);
        }
        joined
    }

    /// One JSON line for each case, then one for the summary.
    pub fn lines(&self) -> impl Iterator<Item = String> + '_ {
        let cases = self.cases.iter().map(|case| serde_json::json!(case).to_string());
        cases.chain(std::iter::once(serde_json::json!({ "summary": self.summary }).to_string()))
    }

    /// Whether every case that a vendor documents passed.
    #[must_use]
    pub fn documented_passed(&self) -> bool {
        self.summary.by_confidence.get("documented").is_none_or(|[passed, total]| passed == total)
    }
}

/// The result of one case.
#[derive(Debug, Clone, Serialize)]
pub struct CaseResult {
    /// The case.
    pub id: String,
    /// The verdict it expects.
    pub expected: String,
    /// The verdict it got, or why there is none.
    pub got: String,
    /// Whether they agree.
    pub pass: bool,
    /// How certain the expectation is.
    pub confidence: String,
    /// The reasons for the verdict.
    pub explain: Explanation,
    /// Whether the reasons hold everything the case expects; `None` if it expects none.
    #[serde(skip)]
    pub explain_contained: Option<bool>,
}

/// The reasons for a verdict, in the words of the dialect.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Explanation {
    /// Statements that allowed.
    pub allow_by: Vec<serde_json::Value>,
    /// Statements that denied.
    pub deny_by: Vec<serde_json::Value>,
    /// Layers and rules that would have had to allow.
    pub blocked_by: Vec<serde_json::Value>,
    /// Statements that allow but for their conditions.
    pub near_miss: Vec<serde_json::Value>,
}

/// All results together.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Summary {
    /// The number of cases.
    pub cases: usize,
    /// Cases with the expected verdict.
    pub passed: usize,
    /// Cases with another.
    pub failed: usize,
    /// Passed and total, by certainty.
    pub by_confidence: BTreeMap<String, [usize; 2]>,
    /// Cases whose reasons hold everything expected, and cases that expect reasons.
    pub explain_contained: [usize; 2],
}

impl Summary {
    fn count(&mut self, result: &CaseResult) {
        self.cases += 1;
        let passed = usize::from(result.pass);
        self.passed += passed;
        self.failed += 1 - passed;
        let [good, total] = self.by_confidence.entry(result.confidence.clone()).or_default();
        *good += passed;
        *total += 1;
        if let Some(contained) = result.explain_contained {
            let [good, total] = &mut self.explain_contained;
            *good += usize::from(contained);
            *total += 1;
        }
    }
}

#[derive(Deserialize)]
struct File {
    cases: Vec<Box<RawValue>>,
}

#[derive(Default, Deserialize)]
struct Label {
    #[serde(default)]
    id: String,
    #[serde(default)]
    dialect: String,
    #[serde(default)]
    expected: String,
    #[serde(default)]
    confidence: String,
    #[serde(default)]
    explain: Option<serde_json::Map<String, serde_json::Value>>,
}

#[derive(Deserialize)]
struct Case {
    principal: Caller,
    action: String,
    resource: String,
    #[serde(default)]
    resource_account: Option<String>,
    #[serde(default)]
    context: BTreeMap<String, serde_json::Value>,
    #[serde(default)]
    layers: Documents,
    #[serde(default)]
    authorizations: Vec<Authorization>,
    #[serde(default)]
    grant_id: Option<String>,
    #[serde(default)]
    assume_role: bool,
}

#[derive(Deserialize)]
struct Caller {
    r#type: String,
    #[serde(default)]
    account: String,
    #[serde(default)]
    arn: String,
    role_arn: Option<String>,
    user_arn: Option<String>,
    service: Option<String>,
    unique_id: Option<String>,
}

#[derive(Deserialize)]
struct Authorization {
    action: String,
    resource: String,
    resource_account: Option<String>,
}

#[derive(Deserialize)]
struct Written {
    #[serde(default)]
    name: String,
    document: Box<RawValue>,
    #[serde(default)]
    attached_to: String,
    #[serde(default)]
    resource_group: String,
}

#[derive(Deserialize)]
struct WrittenLevel {
    #[serde(default)]
    level: String,
    policies: Vec<Written>,
}

#[derive(Deserialize)]
struct WrittenGrant {
    grant_id: String,
    key: String,
    grantee: String,
    retiring: Option<String>,
    #[serde(default)]
    operations: Vec<String>,
    constraints: Option<Constraints>,
    issuing_account: Option<String>,
}

#[derive(Default, Deserialize)]
struct Constraints {
    #[serde(rename = "EncryptionContextEquals")]
    equals: Option<BTreeMap<String, String>>,
    #[serde(rename = "EncryptionContextSubset")]
    subset: Option<BTreeMap<String, String>>,
}

#[derive(Default, Deserialize)]
struct Documents {
    identity: Option<Vec<Written>>,
    identity_rg: Option<Vec<Written>>,
    boundary: Option<Vec<Written>>,
    session: Option<Vec<Written>>,
    vpce: Option<Vec<Written>>,
    #[serde(alias = "control")]
    scp: Option<Vec<WrittenLevel>>,
    rcp: Option<Vec<WrittenLevel>>,
    resource: Option<Vec<Written>>,
    grants: Option<Vec<WrittenGrant>>,
}

fn outcome(raw: &RawValue, spec: &impl Fn(&str) -> Option<&'static Spec>) -> CaseResult {
    let Label { id, dialect, expected, confidence, explain } = serde_json::from_str(raw.get()).unwrap_or_default();
    let decisions = match spec(&dialect) {
        Some(spec) => decisions(raw, Language { spec, strict: false }),
        None => Err(format!("there is no dialect `{dialect}`")),
    };
    let (got, explanation) = match decisions {
        Ok(decisions) => (worst(&decisions).to_owned(), Explanation::of(&decisions)),
        Err(message) => (format!("error: {message}"), Explanation::default()),
    };
    let explain_contained = explain.map(|wanted| explanation.contains(&wanted));
    CaseResult { pass: got == expected, id, expected, got, confidence, explain: explanation, explain_contained }
}

/// What a case says that the evaluator answers in two ways.
pub(crate) const DISAGREEMENT: &str = "the fast path and the explanation disagree";

/// The verdict on a case; a `strict` one only if its policies could be stored.
#[cfg(feature = "fuzz")]
pub(crate) fn verdict(raw: &RawValue, spec: &'static Spec, strict: bool) -> Result<&'static str, String> {
    decisions(raw, Language { spec, strict }).map(|decisions| worst(&decisions))
}

/// A dialect's policy language, and whether documents are taken as they are when they are written, or when they are read.
#[derive(Clone, Copy)]
struct Language {
    spec: &'static Spec,
    strict: bool,
}

impl Language {
    fn compile(self, kind: DocumentKind, text: &str) -> Result<Policy, Refusal> {
        if self.strict { self.spec.compile(kind, text) } else { self.spec.read(kind, text) }
    }
}

/// The decision of every check that the case's operation needs.
fn decisions(raw: &RawValue, language: Language) -> Result<Vec<Check>, String> {
    asked(raw.get(), language, |question, layers| {
        let decision = language.spec.explain(question, layers);
        if language.spec.decide(question, layers) != decision.verdict {
            return Err(DISAGREEMENT.to_owned());
        }
        let Question { principal, action, resource, .. } = *question;
        let principal = principal.service.unwrap_or(principal.arn).to_owned();
        Ok(Check { principal, action: action.to_owned(), resource: resource.to_owned(), decision })
    })
}

/// What `answer` says to every check that the operation of a case needs, the policies of the case compiled.
///
/// # Errors
/// If the case cannot be read, or `answer` fails.
pub fn ask<T>(
    case_json: &str,
    spec: &'static Spec,
    answer: impl FnMut(&Question<'_>, &Layers<'_>) -> Result<T, String>,
) -> Result<Vec<T>, String> {
    asked(case_json, Language { spec, strict: false }, answer)
}

fn asked<T>(
    case_json: &str,
    language: Language,
    mut answer: impl FnMut(&Question<'_>, &Layers<'_>) -> Result<T, String>,
) -> Result<Vec<T>, String> {
    let case: Case = serde_json::from_str(case_json).map_err(|error| error.to_string())?;
    let facts = facts(case.context);
    let mut checks = case.authorizations;
    if checks.is_empty() {
        let (action, resource) = (case.action, case.resource);
        checks.push(Authorization { action, resource, resource_account: None });
    }
    let kind = match case.principal.r#type.as_str() {
        "iam_user" | "ram_user" => PrincipalKind::User,
        "assumed_role" | "ram_role_session" => PrincipalKind::RoleSession,
        "federated_user" => PrincipalKind::FederatedUser,
        "root" | "account" => PrincipalKind::Owner,
        "service" => PrincipalKind::Service,
        "anonymous" => PrincipalKind::Anonymous,
        other => return Err(format!("there is no principal type `{other}`")),
    };
    let principal = Principal {
        kind,
        account: &case.principal.account,
        arn: &case.principal.arn,
        role_arn: case.principal.role_arn.as_deref(),
        user_arn: case.principal.user_arn.as_deref(),
        service: case.principal.service.as_deref(),
        unique_id: case.principal.unique_id.as_deref(),
    };
    let mut answers = Vec::new();
    for check in &checks {
        let question = Question {
            principal,
            action: &check.action,
            resource: &check.resource,
            resource_account: check.resource_account.as_deref().or(case.resource_account.as_deref()),
            context: &facts,
            assume_role: case.assume_role,
            grant_id: case.grant_id.as_deref(),
        };
        answers.push(case.layers.under(language, &question, |layers| answer(&question, layers))?);
    }
    Ok(answers)
}

/// The condition keys of a request as a case writes them.
#[must_use]
pub fn facts(context: BTreeMap<String, serde_json::Value>) -> Facts {
    let mut facts = Facts::new();
    for (name, value) in context {
        match value {
            serde_json::Value::Null => {}
            serde_json::Value::Array(items) => {
                facts.insert(name, Value::from(items.into_iter().map(text).collect::<Vec<_>>()));
            }
            single => facts.insert(name, Value::from(text(single))),
        }
    }
    facts
}

fn text(value: serde_json::Value) -> String {
    match value {
        serde_json::Value::String(text) => text,
        other => other.to_string(),
    }
}

impl Documents {
    /// What `answer` says under these layers.
    fn under<T>(
        &self,
        language: Language,
        question: &Question<'_>,
        answer: impl FnOnce(&Layers<'_>) -> Result<T, String>,
    ) -> Result<T, String> {
        let Self { identity, identity_rg, boundary, session, vpce, scp, rcp, resource, grants } = self;
        let identity = policies(language, DocumentKind::Identity, identity.as_deref())?;
        let boundary = policies(language, DocumentKind::Boundary, boundary.as_deref())?;
        let session = policies(language, DocumentKind::Session, session.as_deref())?;
        let endpoint = policies(language, DocumentKind::Endpoint, vpce.as_deref())?;
        let control = levels(language, DocumentKind::Control, scp.as_deref())?;
        let resource_control = levels(language, DocumentKind::ResourceControl, rcp.as_deref())?;
        let identity_group = identity_rg.as_deref().map(|written| grouped(language, written)).transpose()?;
        let grants = grants.as_deref().map(|written| written.iter().map(grant).collect::<Vec<_>>());
        let attached = resource.iter().flatten().find(|written| written.attached_to == question.resource);
        let named = attached.map(|written| named(language, resource_kind(question), written)).transpose()?;
        let layers = Layers {
            identity: identity.as_deref(),
            identity_group: identity_group.as_deref(),
            boundary: boundary.as_deref(),
            session: session.as_deref(),
            endpoint: endpoint.as_deref(),
            control: control.as_deref(),
            resource_control: resource_control.as_deref(),
            resource: named.as_ref().map(|named| Attached { attached_to: question.resource, named }),
            grants: grants.as_deref().map(Grants::from),
        };
        answer(&layers)
    }
}

fn resource_kind(question: &Question<'_>) -> DocumentKind {
    let last = question.resource.rsplit(':').next().unwrap_or_default();
    if question.assume_role || question.action.starts_with("sts:") {
        DocumentKind::Trust
    } else if question.resource.contains(":kms:") && last.starts_with("key/") {
        DocumentKind::Key
    } else {
        DocumentKind::Resource
    }
}

fn named(language: Language, kind: DocumentKind, written: &Written) -> Result<Named, String> {
    let policy =
        language.compile(kind, written.document.get()).map_err(|refusal| format!("{}: {refusal}", written.name))?;
    Ok(Named { name: written.name.as_str().into(), policy: Arc::new(policy) })
}

fn policies(language: Language, kind: DocumentKind, written: Option<&[Written]>) -> Result<Option<Vec<Named>>, String> {
    written.map(|written| written.iter().map(|written| named(language, kind, written)).collect()).transpose()
}

fn levels(
    language: Language,
    kind: DocumentKind,
    written: Option<&[WrittenLevel]>,
) -> Result<Option<Vec<Level>>, String> {
    let level = |written: &WrittenLevel| {
        let policies: Result<_, _> = written.policies.iter().map(|written| named(language, kind, written)).collect();
        Ok(Level { name: written.level.as_str().into(), policies: policies? })
    };
    written.map(|written| written.iter().map(level).collect()).transpose()
}

fn grouped(language: Language, written: &[Written]) -> Result<Vec<Grouped>, String> {
    let entry = |written: &Written| {
        let named = named(language, DocumentKind::Identity, written)?;
        Ok(Grouped { group: written.resource_group.as_str().into(), named })
    };
    written.iter().map(entry).collect()
}

fn grant(written: &WrittenGrant) -> Grant {
    let WrittenGrant { grant_id, key, grantee, retiring, operations, constraints, issuing_account } = written;
    Grant {
        id: grant_id.as_str().into(),
        key: key.as_str().into(),
        grantee: grantee.as_str().into(),
        retiring: retiring.as_deref().map(Into::into),
        issuing_account: issuing_account.as_deref().unwrap_or_default().into(),
        operations: operations.iter().map(|operation| operation.as_str().into()).collect(),
        equals: constraints.as_ref().and_then(|constraints| constraints.equals.clone()),
        subset: constraints.as_ref().and_then(|constraints| constraints.subset.clone()),
    }
}

/// The verdict of an operation is the worst of its checks.
fn worst(decisions: &[Check]) -> &'static str {
    let has = |verdict| decisions.iter().any(|check| check.decision.verdict == verdict);
    if has(Verdict::ExplicitDeny) {
        "explicit_deny"
    } else if has(Verdict::ImplicitDeny) || decisions.is_empty() {
        "implicit_deny"
    } else {
        "allow"
    }
}

impl Explanation {
    fn of(checks: &[Check]) -> Self {
        let mut explanation = Self::default();
        for Decision { verdict: _, allow_by, deny_by, blocked_by, near_miss } in
            checks.iter().map(|check| &check.decision)
        {
            explanation.allow_by.extend(allow_by.iter().map(|reason| serde_json::json!(reason)));
            explanation.deny_by.extend(deny_by.iter().map(|reason| serde_json::json!(reason)));
            explanation.blocked_by.extend(blocked_by.iter().map(|blocker| serde_json::json!(blocker)));
            explanation.near_miss.extend(near_miss.iter().map(|miss| serde_json::json!(miss)));
        }
        explanation
    }

    fn contains(&self, wanted: &serde_json::Map<String, serde_json::Value>) -> bool {
        wanted.iter().all(|(name, entries)| {
            let have = match name.as_str() {
                "allow_by" => &self.allow_by,
                "deny_by" => &self.deny_by,
                "blocked_by" => &self.blocked_by,
                "near_miss" => &self.near_miss,
                _ => return false,
            };
            let entries = entries.as_array().map(Vec::as_slice).unwrap_or_default();
            entries.iter().all(|entry| have.iter().any(|ours| covers(ours, entry)))
        })
    }
}

/// Whether `ours` says everything that `wanted` says: objects may have more members, lists of objects more items.
fn covers(ours: &serde_json::Value, wanted: &serde_json::Value) -> bool {
    use serde_json::Value::{Array, Object};
    match (ours, wanted) {
        (Object(ours), Object(wanted)) => {
            wanted.iter().all(|(name, wanted)| ours.get(name).is_some_and(|ours| covers(ours, wanted)))
        }
        (Array(ours), Array(wanted)) if wanted.iter().any(serde_json::Value::is_object) => {
            wanted.iter().all(|wanted| ours.iter().any(|ours| covers(ours, wanted)))
        }
        _ => ours == wanted,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use super::*;

    fn dialect(name: &str) -> Option<&'static Spec> {
        match name {
            "aws" => Some(polykms_aws::DIALECT.law.policy),
            "alibaba" => Some(polykms_alibaba::DIALECT.law.policy),
            _ => None,
        }
    }

    #[test]
    fn every_public_case_gets_its_verdict_and_its_reasons() {
        let report = run(PUBLIC, dialect).unwrap();
        for case in &report.cases {
            let line = serde_json::json!(case);
            assert!(case.pass && case.explain_contained != Some(false), "{line}");
        }
        assert_eq!((report.summary.cases, report.summary.passed), (58, 58));
        assert_eq!(report.summary.explain_contained, [58, 58]);
        assert!(report.documented_passed());
    }

    #[test]
    fn a_turned_expectation_fails() {
        let turned = PUBLIC.replace("\"allow\"", "\"implicit_deny\"");
        let report = run(&turned, dialect).unwrap();
        assert!(report.summary.failed > 0 && !report.documented_passed());
    }

    #[test]
    fn an_unreadable_case_fails() {
        let file = r#"{"cases":[{"id":"x","dialect":"aws","expected":"allow","confidence":"documented"}]}"#;
        let report = run(file, dialect).unwrap();
        assert_eq!((report.summary.failed, report.cases[0].got.starts_with("error")), (1, true));
    }

    #[test]
    fn the_last_line_is_the_summary() {
        let report = run(PUBLIC, dialect).unwrap();
        let last = report.lines().last().unwrap();
        let summary: serde_json::Value = serde_json::from_str(&last).unwrap();
        assert_eq!(summary["summary"]["by_confidence"]["documented"], serde_json::json!([57, 57]));
    }
}
