//! The words of Security Token Service.
//!
//! Follows the STS document "AssumeRole".

use polykms_core::denial::Denial;
use polykms_core::error::{Cause, Error, Flaw, Noun};
use polykms_core::policy::{Layer, Verdict};

use super::denied::refusing;
use super::unauthenticated::Token;
use super::{Fault, Wording, ram, said};

/// Security Token Service.
pub(super) struct Sts;

impl Wording for Sts {
    const MARKER: &'static str = ram::Ram::MARKER;

    fn token(&self, token: Token) -> Fault {
        ram::Ram.token(token)
    }

    fn denied(&self, error: &Error) -> Fault {
        if error.cause() == Some(Cause::ByOwner) {
            said(403, "NoPermission", "Roles may not be assumed by root accounts.")
        } else if error.denial().is_some_and(lacks_role) {
            no_role()
        } else {
            ram::Ram.denied(error)
        }
    }

    fn invalid(&self, flaw: Flaw, name: &str) -> Fault {
        if flaw == Flaw::Missing {
            let required = ram::Ram.invalid(flaw, name);
            return Fault { code: format!("{}.{name}", required.code).into(), ..required };
        }
        let own = OWN.iter().find(|own| own.parameter == name && own.flaw.is_none_or(|known| known == flaw));
        match own {
            Some(own) => said(400, own.code, own.message),
            None => Fault {
                status: 400,
                code: format!("InvalidParameter.{name}").into(),
                message: format!("The parameter {name} is wrongly formed.").into(),
            },
        }
    }

    fn malformed_policy(&self, _: &Error) -> Fault {
        self.invalid(Flaw::Format, "Policy")
    }

    fn unreadable(&self, error: &Error) -> Fault {
        ram::Ram.unreadable(error)
    }

    fn not_applicable(&self, error: &Error) -> Fault {
        ram::Ram.not_applicable(error)
    }

    fn not_found(&self, _: Noun, _: Option<Noun>) -> Fault {
        no_role()
    }

    fn already_exists(&self, noun: Noun, whose: Option<Noun>) -> Fault {
        ram::already_exists(noun, whose)
    }

    fn limit_exceeded(&self, noun: Noun, whose: Option<Noun>) -> Fault {
        ram::Ram.limit_exceeded(noun, whose)
    }

    fn internal(&self) -> Fault {
        said(500, "InternalError", "STS Server Internal Error happened.")
    }
}

/// What a parameter with a code of its own is refused with.
struct Own {
    parameter: &'static str,
    /// What is wrong with it; anything, if absent.
    flaw: Option<Flaw>,
    code: &'static str,
    message: &'static str,
}

/// The parameters with codes of their own.
const OWN: [Own; 3] = [
    Own {
        parameter: "Policy",
        flaw: Some(Flaw::Length),
        code: "InvalidParameter.PolicySize",
        message: "The size of Policy must be smaller than 2048 bytes.",
    },
    Own {
        parameter: "Policy",
        flaw: None,
        code: "InvalidParameter.PolicyGrammar",
        message: "The parameter Policy has not passed grammar check.",
    },
    Own {
        parameter: "DurationSeconds",
        flaw: None,
        code: "InvalidParameter.DurationSeconds",
        message: "The Min/Max value of DurationSeconds is 15min/1hr.",
    },
];

/// Whether nothing but the role itself is lacking; only callers of its account learn that.
fn lacks_role(denial: &Denial) -> bool {
    let Denial { exists, cross_account, decision, .. } = denial;
    let implicit = decision.verdict == Verdict::ImplicitDeny;
    implicit && !exists && !cross_account && refusing(decision) == Layer::Resource
}

fn no_role() -> Fault {
    said(404, "EntityNotExist.Role", "The specified Role not exists.")
}
