//! The run: all cases, several at once, those that see the whole account last and alone.

use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use serde::{Deserialize, Serialize};

use super::model::Confidence;
use super::plan::Plan;
use super::play::{Failure, Play};
use super::target::Target;

/// What became of a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Everything was as expected.
    Pass,
    /// Something was not.
    Fail,
    /// It could not be run to its end, for this reason.
    Error(String),
    /// The target lacks what it needs.
    Skip(String),
    /// It failed as it was known to, for this reason.
    Xfail(String),
    /// It passed although it was known to fail, for this reason.
    Xpass(String),
}

/// A case and what became of it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Outcome {
    /// The whole name of the case.
    pub id: String,
    /// The file that it stands in.
    pub suite: String,
    /// What is true where it passes.
    pub title: String,
    /// How sure it is.
    pub confidence: Confidence,
    /// Where it comes from.
    pub source: Vec<String>,
    /// What became of it.
    pub state: State,
    /// How long it took.
    pub ms: u64,
    /// What was not as expected.
    pub failures: Vec<Failure>,
}

impl State {
    /// Whether nobody has to look.
    pub fn is_fine(&self) -> bool {
        matches!(self, Self::Pass | Self::Skip(_) | Self::Xfail(_))
    }

    /// Its name.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Error(_) => "error",
            Self::Skip(_) => "skip",
            Self::Xfail(_) => "xfail",
            Self::Xpass(_) => "xpass",
        }
    }

    /// Its reason, where it has one.
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Pass | Self::Fail => None,
            Self::Error(why) | Self::Skip(why) | Self::Xfail(why) | Self::Xpass(why) => Some(why),
        }
    }
}

impl Outcome {
    /// Whether nothing was unexpected; what was only inferred decides nothing.
    pub fn is_fine(&self) -> bool {
        self.state.is_fine() || self.confidence == Confidence::Inferred
    }
}

/// Runs cases, so many at once; `seen` is told of each as it ends. The outcomes stand in the order of the cases.
pub async fn run(
    target: &Target,
    plans: &[Plan],
    jobs: usize,
    seen: &mut (dyn FnMut(&Outcome) + Send),
) -> Vec<Outcome> {
    let (alone, together): (Vec<_>, Vec<_>) = plans.iter().enumerate().partition(|(_, plan)| plan.is_serial());
    let mut done = Vec::with_capacity(plans.len());
    for (plans, jobs) in [(together, jobs.max(1)), (alone, 1)] {
        let playing = plans.into_iter().map(|(at, plan)| async move { (at, played(target, plan).await) });
        let mut playing = futures_util::stream::iter(playing).buffer_unordered(jobs);
        while let Some((at, outcome)) = playing.next().await {
            seen(&outcome);
            done.push((at, outcome));
        }
    }
    done.sort_unstable_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, outcome)| outcome).collect()
}

async fn played(target: &Target, plan: &Plan) -> Outcome {
    let begun = Instant::now();
    let lacking = plan.needs().into_iter().find(|need| !target.has.contains(need));
    let (state, failures) = match lacking {
        _ if target.is_stopped() => (State::Skip("the run was stopped".to_owned()), Vec::new()),
        Some(need) => (State::Skip(need.lack().to_owned()), Vec::new()),
        None => match Play::of(target, plan).run(plan).await {
            Ok(failures) if failures.is_empty() => (State::Pass, failures),
            Ok(failures) => (State::Fail, failures),
            Err(why) => (State::Error(why), Vec::new()),
        },
    };
    Outcome {
        id: plan.id.clone(),
        suite: plan.suite.suite.clone(),
        title: plan.case.title.clone(),
        confidence: plan.confidence(),
        source: plan.source().to_vec(),
        state,
        ms: millis(begun.elapsed()),
        failures,
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
