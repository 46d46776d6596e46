//! The three-valued algebra by which layers make one verdict.
//!
//! # Invariants
//! - A Deny in any part of an expression that is evaluated wins over everything else in it.
//! - [`value`] and [`trace`] agree on every expression; the trace is the explanation.

use super::question::{Layer, PrincipalKind, Verdict};

/// By which kinds of name an Allow reached the caller, as a set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Kinds(u16);

impl Kinds {
    /// Not at all.
    pub const NONE: Self = Self(0);
    /// By the caller's own name.
    pub const EXACT: Self = Self(1);
    /// By the name for everyone.
    pub const EVERYONE: Self = Self(1 << 1);
    /// By the name of a service or identity provider.
    pub const SERVICE: Self = Self(1 << 2);
    /// By the role of a session.
    pub const ROLE: Self = Self(1 << 3);
    /// By the user behind a federated session.
    pub const USER: Self = Self(1 << 4);
    /// By the account.
    pub const ACCOUNT: Self = Self(1 << 5);
    /// By holding the policy.
    pub const HOLDER: Self = Self(1 << 6);
    /// In any way.
    pub const ALL: Self = Self(0x7f);

    /// The kinds of both.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether they have a kind in common.
    #[must_use]
    pub const fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

/// A fixed rule of the service, in the words of an explanation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FixedRule {
    /// The name of the rule, in the place of a policy.
    pub policy: &'static str,
    /// What it says, in the place of a statement.
    pub statement: &'static str,
}

/// A class of resources: the service and the beginning of the last segment of the name.
#[derive(Debug, Clone, Copy)]
pub struct ResourceClass {
    /// The service segment.
    pub service: &'static str,
    /// How the last segment begins.
    pub relative: &'static str,
}

/// A fact about the question that chooses between expressions.
#[derive(Debug, Clone, Copy)]
pub enum Test {
    /// The caller's account owns the resource.
    SameAccount,
    /// The caller is of one of these kinds.
    Principal(&'static [PrincipalKind]),
    /// The caller is a session of a role whose name (with path) begins with one of these.
    RoleNamed(&'static [&'static str]),
    /// The resource is of one of these classes.
    Resource(&'static [ResourceClass]),
    /// The action is one of these; a trailing `*` covers what follows.
    Action(&'static [&'static str]),
    /// The question is about assuming a role.
    AssumeRole,
    /// One of these holds.
    Either(&'static [Test]),
}

/// How verdicts combine.
#[derive(Debug)]
pub enum Expr {
    /// Deny if any denies, else Allow if all allow.
    All(&'static [Expr]),
    /// Deny if any denies, else Allow if any allows.
    Any(&'static [Expr]),
    /// The first that says anything.
    First(&'static [Expr]),
    /// What a layer says; its Allow counts if it reached the caller in one of these ways.
    Leaf(Layer, Kinds),
    /// What a layer says, or Allow if it does not exist.
    Optional(Layer),
    /// Deny if a layer denies, else Allow.
    Guard(Layer),
    /// One of two expressions.
    If(Test, &'static Expr, &'static Expr),
    /// The same, with the reason to give when it does not allow.
    Because(&'static str, &'static Expr),
    /// Always Allow.
    Allowed(FixedRule),
    /// Never Allow.
    Refused(FixedRule),
}

/// What a layer says about a question.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Outcome {
    pub(super) deny: bool,
    pub(super) allow: Kinds,
}

impl Outcome {
    fn verdict(self, kinds: Kinds) -> Verdict {
        match self {
            Self { deny: true, .. } => Verdict::ExplicitDeny,
            Self { allow, .. } if allow.meets(kinds) => Verdict::Allow,
            Self { .. } => Verdict::ImplicitDeny,
        }
    }
}

/// Where an expression gets its facts from.
pub(super) trait Ground {
    /// What `layer` says, or `None` if it does not exist.
    fn outcome(&mut self, layer: Layer) -> Option<Outcome>;
    fn holds(&self, test: &Test) -> bool;
}

/// The verdict of `expr`; stops at the first Deny.
pub(super) fn value(expr: &Expr, ground: &mut impl Ground) -> Verdict {
    match expr {
        Expr::All(parts) => {
            let mut verdict = Verdict::Allow;
            for part in *parts {
                match value(part, ground) {
                    Verdict::Allow => {}
                    Verdict::ImplicitDeny => verdict = Verdict::ImplicitDeny,
                    Verdict::ExplicitDeny => return Verdict::ExplicitDeny,
                }
            }
            verdict
        }
        Expr::Any(parts) => {
            let mut verdict = Verdict::ImplicitDeny;
            for part in *parts {
                match value(part, ground) {
                    Verdict::ImplicitDeny => {}
                    Verdict::Allow => verdict = Verdict::Allow,
                    Verdict::ExplicitDeny => return Verdict::ExplicitDeny,
                }
            }
            verdict
        }
        Expr::First(parts) => {
            let mut verdicts = parts.iter().map(|part| value(part, ground));
            verdicts.find(|verdict| *verdict != Verdict::ImplicitDeny).unwrap_or(Verdict::ImplicitDeny)
        }
        Expr::If(test, yes, no) => value(if ground.holds(test) { yes } else { no }, ground),
        Expr::Because(_, inner) => value(inner, ground),
        Expr::Leaf(..) | Expr::Optional(_) | Expr::Guard(_) | Expr::Allowed(_) | Expr::Refused(_) => leaf(expr, ground),
    }
}

fn leaf(expr: &Expr, ground: &mut impl Ground) -> Verdict {
    match expr {
        Expr::Leaf(layer, kinds) => {
            ground.outcome(*layer).map_or(Verdict::ImplicitDeny, |outcome| outcome.verdict(*kinds))
        }
        Expr::Optional(layer) => ground.outcome(*layer).map_or(Verdict::Allow, |outcome| outcome.verdict(Kinds::ALL)),
        Expr::Guard(layer) => match ground.outcome(*layer) {
            Some(Outcome { deny: true, .. }) => Verdict::ExplicitDeny,
            Some(_) | None => Verdict::Allow,
        },
        Expr::Allowed(_) => Verdict::Allow,
        Expr::All(_) | Expr::Any(_) | Expr::First(_) | Expr::If(..) | Expr::Because(..) | Expr::Refused(_) => {
            Verdict::ImplicitDeny
        }
    }
}

/// An evaluated expression.
#[derive(Debug, Clone)]
pub(super) struct Trace {
    pub(super) verdict: Verdict,
    pub(super) expr: &'static Expr,
    pub(super) parts: Vec<Trace>,
}

/// The verdict of `expr` with the verdicts of all its parts.
pub(super) fn trace(expr: &'static Expr, ground: &mut impl Ground) -> Trace {
    let parts: Vec<Trace> = match expr {
        Expr::All(parts) | Expr::Any(parts) => parts.iter().map(|part| trace(part, ground)).collect(),
        Expr::First(parts) => {
            let mut taken = Vec::new();
            for part in *parts {
                let part = trace(part, ground);
                let said = part.verdict != Verdict::ImplicitDeny;
                taken.push(part);
                if said {
                    break;
                }
            }
            taken
        }
        Expr::If(test, yes, no) => vec![trace(if ground.holds(test) { yes } else { no }, ground)],
        Expr::Because(_, inner) => vec![trace(inner, ground)],
        Expr::Leaf(..) | Expr::Optional(_) | Expr::Guard(_) | Expr::Allowed(_) | Expr::Refused(_) => {
            return Trace { verdict: leaf(expr, ground), expr, parts: Vec::new() };
        }
    };
    let has = |wanted| parts.iter().any(|part: &Trace| part.verdict == wanted);
    let verdict = match expr {
        _ if has(Verdict::ExplicitDeny) => Verdict::ExplicitDeny,
        Expr::All(_) if has(Verdict::ImplicitDeny) => Verdict::ImplicitDeny,
        Expr::All(_) => Verdict::Allow,
        _ if has(Verdict::Allow) => Verdict::Allow,
        _ => Verdict::ImplicitDeny,
    };
    Trace { verdict, expr, parts }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use super::*;

    /// Four layers, each absent, silent, allowing, denying or both.
    struct Fixed([Option<Outcome>; 4]);

    impl Ground for Fixed {
        fn outcome(&mut self, layer: Layer) -> Option<Outcome> {
            self.0[layer.index()]
        }

        fn holds(&self, _: &Test) -> bool {
            true
        }
    }

    const IDENTITY: Expr = Expr::Leaf(Layer::Identity, Kinds::ALL);
    const GROUP: Expr = Expr::Leaf(Layer::IdentityGroup, Kinds::ALL);
    static MONOTONE: Expr = Expr::All(&[
        Expr::Optional(Layer::Session),
        Expr::Any(&[Expr::Leaf(Layer::Boundary, Kinds::EXACT), IDENTITY, GROUP]),
    ]);
    static ORDERED: Expr = Expr::All(&[Expr::Guard(Layer::Session), Expr::First(&[IDENTITY, GROUP])]);

    fn outcomes() -> Vec<Option<Outcome>> {
        let (allow, none) = (Kinds::EXACT, Kinds::NONE);
        let some = [(false, none), (false, allow), (true, none), (true, allow)];
        let some = some.map(|(deny, allow)| Some(Outcome { deny, allow }));
        [None].into_iter().chain(some).collect()
    }

    fn grounds() -> Vec<[Option<Outcome>; 4]> {
        let all = outcomes();
        let mut grounds = Vec::new();
        for a in &all {
            for b in &all {
                for c in &all {
                    for d in &all {
                        grounds.push([*a, *b, *c, *d]);
                    }
                }
            }
        }
        grounds
    }

    #[test]
    fn the_fast_path_and_the_trace_agree_everywhere() {
        for expr in [&MONOTONE, &ORDERED] {
            for ground in grounds() {
                assert_eq!(value(expr, &mut Fixed(ground)), trace(expr, &mut Fixed(ground)).verdict);
            }
        }
    }

    #[test]
    fn any_deny_wins_and_an_added_allow_never_takes_away() {
        for ground in grounds() {
            let verdict = value(&MONOTONE, &mut Fixed(ground));
            let denied = ground.iter().flatten().any(|outcome| outcome.deny);
            assert_eq!(verdict == Verdict::ExplicitDeny, denied);
            for layer in 0..4 {
                let mut more = ground;
                if let Some(outcome) = &mut more[layer] {
                    outcome.allow = Kinds::ALL;
                }
                assert!(verdict != Verdict::Allow || value(&MONOTONE, &mut Fixed(more)) == Verdict::Allow);
            }
        }
    }

    #[test]
    fn the_first_to_speak_hides_the_deny_behind_it() {
        let allow = Some(Outcome { deny: false, allow: Kinds::EXACT });
        let deny = Some(Outcome { deny: true, allow: Kinds::NONE });
        assert_eq!(value(&ORDERED, &mut Fixed([allow, deny, None, None])), Verdict::Allow);
        assert_eq!(value(&ORDERED, &mut Fixed([None, deny, None, None])), Verdict::ExplicitDeny);
    }
}
