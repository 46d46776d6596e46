//! What is judged: an endpoint, those who ask there, and what it turns out to have.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HOST};
use jiff::{SignedDuration, Timestamp};
use polykms_core::dialect::client::{Client, Error, Kind};
use polykms_core::dialect::{Dialect, Response, Service};
use polykms_core::operation::Effect;
use polykms_core::secret::AccessSecret;
use polykms_remote::{Keys, Remote, Static};
use serde_json::{Value, json};
use uuid::Uuid;

use super::files::World;
use super::journal::{Deed, Journal};
use super::matching::differences;
use super::model::{CallerKind, Need, Raw, Sign};
use super::plan::operation;
use super::play::{Play, Said};
use super::scope::{Scope, text_of};
use super::sign::{Access, Draft, Place};
use super::{NEIGHBOUR, NOBODY, Unusable};

/// Where the target is, and as whom it is asked.
#[derive(Debug)]
pub struct Settings {
    /// What it is to speak.
    pub dialect: &'static Dialect,
    /// A scheme, a host and perhaps a port.
    pub url: String,
    /// The region; the dialect's own, where none is given.
    pub region: Option<String>,
    /// The access key of somebody who may do everything.
    pub access: Access,
    /// Somebody who may do everything in another account.
    pub neighbour: Option<Neighbour>,
    /// How long identities take until everybody knows them.
    pub settle: Duration,
    /// Whether nothing may be asked for that changes anything.
    pub read_only: bool,
    /// Where it is written down what has to be undone.
    pub journal: Option<Journal>,
}

/// How somebody of another account is known.
#[derive(Debug)]
pub enum Neighbour {
    /// By an access key.
    Access(Access),
    /// By a profile of the vendor's files.
    Profile(String),
}

/// An endpoint under test.
pub struct Target {
    pub(super) dialect: &'static Dialect,
    pub(super) client: &'static Client,
    pub(super) world: World,
    pub(super) settle: Duration,
    /// The owner of the account.
    pub(super) admin: Who,
    /// The owner of another account.
    neighbour: Option<Who>,
    /// The account.
    pub account: String,
    /// The account of that one, once it was met.
    neighbour_account: Option<String>,
    /// The region.
    pub region: String,
    /// What it has.
    pub has: BTreeSet<Need>,
    /// What the names of this run begin with.
    pub run: String,
    host: String,
    /// Whether only what changes nothing is asked for.
    pub read_only: bool,
    /// Where it is written down what has to be undone, and which cases ended.
    pub journal: Option<Journal>,
    cases: AtomicU64,
    stopped: AtomicBool,
}

impl std::fmt::Debug for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Target({} at {})", self.dialect.name, self.host)
    }
}

/// Somebody who asks.
#[derive(Clone)]
pub(super) struct Who {
    pub(super) remote: std::sync::Arc<Remote>,
    pub(super) access: Option<Access>,
    /// Whether it is of the other account.
    pub(super) neighbour: bool,
}

impl Target {
    /// Looks at an endpoint, and what it has.
    ///
    /// # Errors
    /// [`Unusable`] when it cannot be reached, does not know the credentials, or is of another account than the one named.
    pub async fn reach(settings: Settings, world: World, account: Option<&str>) -> Result<Self, Unusable> {
        let Settings { dialect, url, region, access, neighbour, settle, read_only, journal } = settings;
        let client = dialect.client.ok_or_else(|| Unusable(format!("nobody asks {}", dialect.name)))?;
        let region = region.unwrap_or_else(|| dialect.law.region.to_owned());
        let unusable = |error: Error| Unusable(error.to_string());
        let builder = || Remote::builder(dialect).region(region.as_str()).endpoint(url.as_str());
        let with = |access: &Access| builder().environment(false).credentials(Static(keys(access))).build();
        let remote = with(&access).map_err(unusable)?;
        let neighbour = match neighbour {
            Some(Neighbour::Access(access)) => Some((with(&access).map_err(unusable)?, Some(access))),
            Some(Neighbour::Profile(name)) => Some((builder().profile(name).build().map_err(unusable)?, None)),
            None => None,
        };
        let host = url.split_once("://").map_or(url.as_str(), |(_, host)| host).trim_end_matches('/').to_owned();
        let run: String = Uuid::new_v4().simple().to_string().chars().take(6).collect();
        let admin = Who { remote: std::sync::Arc::new(remote), access: Some(access), neighbour: false };
        let neighbour =
            neighbour.map(|(remote, access)| Who { remote: std::sync::Arc::new(remote), access, neighbour: true });
        let (has, cases, stopped) = (BTreeSet::new(), AtomicU64::new(0), AtomicBool::new(false));
        let run = format!("polykms-{run}");
        let target = Self {
            dialect,
            client,
            world,
            settle,
            admin,
            neighbour,
            account: String::new(),
            neighbour_account: None,
            region,
            has,
            run,
            host,
            read_only,
            journal,
            cases,
            stopped,
        };
        target.probed(account).await
    }

    async fn probed(mut self, wanted: Option<&str>) -> Result<Self, Unusable> {
        let told = self.identity_of(&self.admin).await?;
        self.account = self.account_in(&told)?;
        let is_owner = differences(&self.world.owner, Some(&told), "").is_empty();
        if let Some(wanted) = wanted.filter(|wanted| *wanted != self.account) {
            return Err(Unusable(format!("the credentials are of the account {}, not {wanted}", self.account)));
        }
        let may_change = !self.read_only;
        self.has = [
            (Need::Clock, may_change && self.moves_its_clock().await),
            (Need::Signatures, self.verifies().await),
            (Need::Neighbour, may_change && self.meets_its_neighbour().await),
            (Need::Owner, is_owner),
            (Need::Authz, may_change && self.decides().await?),
        ]
        .into_iter()
        .filter_map(|(need, is_there)| is_there.then_some(need))
        .collect();
        Ok(self)
    }

    /// What is told of somebody.
    async fn identity_of(&self, who: &Who) -> Result<Value, Unusable> {
        let call = self.world.identity.call.clone().unwrap_or_default();
        match self.ask(who, &call, &self.world.identity.input).await {
            Said::Told(told) => Ok(told),
            other => Err(Unusable(format!("the target does not say who asks: {other}"))),
        }
    }

    /// The account in what is told of somebody.
    fn account_in(&self, told: &Value) -> Result<String, Unusable> {
        let place = self.world.identity.save.get("account").map(String::as_str).unwrap_or_default();
        let account = super::scope::at(told, place).and_then(Value::as_str).map(str::to_owned);
        account.ok_or_else(|| Unusable(format!("the target does not name its account: {told}")))
    }

    /// Whether there is somebody of another account; which that is.
    async fn meets_its_neighbour(&mut self) -> bool {
        let Some(neighbour) = self.neighbour.clone() else { return false };
        let told = self.identity_of(&neighbour).await.unwrap_or_default();
        self.neighbour_account = self.account_in(&told).ok().filter(|account| *account != self.account);
        self.neighbour_account.is_some()
    }

    /// Begins no further case; those under way end, and undo what they did.
    pub fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
    }

    /// Whether no further case is begun.
    pub fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }

    /// What undoes something, written down.
    pub(super) fn journaled(&self, deed: Deed) -> Deed {
        match &self.journal {
            Some(journal) => journal.done(deed),
            None => deed,
        }
    }

    /// Undoes something. What is gone already is nobody's fault; what another account did, nobody else undoes.
    pub(super) async fn undo(&self, deed: &Deed) {
        let Deed { number: _, call, input, neighbour } = deed;
        let who = if *neighbour { self.neighbour.as_ref() } else { Some(&self.admin) };
        let said = match who {
            Some(who) => self.ask(who, call, input).await,
            None => Said::Lost("nobody of the other account is known".to_owned()),
        };
        match said {
            Said::Lost(why) => tracing::warn!(call, why, "something is left behind"),
            Said::Told(_) | Said::Refused(_) => self.undone(deed),
        }
    }

    /// It was undone, or never done.
    pub(super) fn undone(&self, deed: &Deed) {
        if let Some(journal) = &self.journal {
            journal.undone(deed.number);
        }
    }

    /// Undoes what a run left behind, the last deed first.
    pub async fn sweep(&self, left: &[Deed]) {
        for deed in left.iter().rev() {
            self.undo(deed).await;
        }
    }

    async fn moves_its_clock(&self) -> bool {
        self.advance("0s").await.is_ok()
    }

    /// Moves the clock of the target.
    pub(super) async fn advance(&self, by: &str) -> Result<(), String> {
        let service = self.dialect.services.first().ok_or("there is no service")?;
        let body = json!({"advance": by.trim_start_matches('+')}).to_string();
        let request = http::Request::post("/_polykms/clock")
            .header(HOST, &self.host)
            .header(CONTENT_TYPE, "application/json")
            .body(Bytes::from(body))
            .map_err(|error| error.to_string())?;
        let response = self.admin.remote.send(service, request).await.map_err(|error| error.to_string())?;
        match response.status().is_success() {
            true => Ok(()),
            false => Err(format!("the clock does not move: {}", response.status())),
        }
    }

    /// Whether a wrong secret is refused.
    async fn verifies(&self) -> bool {
        let Some(mut access) = self.admin.access.clone() else { return false };
        access.secret.push('x');
        let who = self.caller(access, false);
        let call = self.world.harmless.call.clone().unwrap_or_default();
        matches!(self.ask(&who, &call, &self.world.harmless.input).await, Said::Refused(_))
    }

    /// Whether somebody without policies is refused.
    async fn decides(&self) -> Result<bool, Unusable> {
        let mut play = Play::new(self, self.scope());
        let nobody = super::model::Caller { kind: CallerKind::User, ..Default::default() };
        let made = play.probe("prober", &nobody).await;
        let said = match &made {
            Ok(who) => {
                let call = self.world.harmless.call.clone().unwrap_or_default();
                self.ask(who, &call, &self.world.harmless.input).await
            }
            Err(why) => Said::Lost(why.clone()),
        };
        play.tidy().await;
        match said {
            Said::Told(_) => Ok(false),
            Said::Refused(_) => Ok(true),
            Said::Lost(why) => Err(Unusable(format!("nobody can be made there: {why}"))),
        }
    }

    /// What the next case can refer to.
    pub(super) fn scope(&self) -> Scope {
        let prefix = format!("{}-{}-", self.run, self.cases.fetch_add(1, Ordering::Relaxed));
        let place = [("account", &self.account), ("region", &self.region)];
        let mut scope = Scope::new(prefix);
        scope.ahead_by(self.ahead());
        let place = place.map(|(name, value)| (name.to_owned(), Value::from(value.as_str())));
        let neighbour =
            self.neighbour_account.as_ref().map(|account| (NEIGHBOUR.to_owned(), json!({"account": account})));
        scope.with(place).with(neighbour)
    }

    /// How far the clock of the target is ahead, as far as it was seen.
    pub(super) fn ahead(&self) -> SignedDuration {
        self.admin.remote.now().duration_since(Timestamp::now())
    }

    /// Somebody who signs with an access key.
    pub(super) fn caller(&self, access: Access, neighbour: bool) -> Who {
        let remote = self.admin.remote.signing_as(Static(keys(&access)));
        Who { remote: std::sync::Arc::new(remote), access: Some(access), neighbour }
    }

    /// Asks for an operation.
    pub(super) async fn ask(&self, who: &Who, call: &str, input: &Value) -> Said {
        let Some((service, row)) = operation(self.dialect, call) else {
            return Said::Lost(format!("there is no operation `{call}`"));
        };
        if self.read_only && row.effect() != Effect::Reads {
            return Said::Lost(format!("`{call}` is not asked for: nothing may be changed"));
        }
        let input = if input.is_null() { &json!({}) } else { input };
        if who.access.is_none() && !who.neighbour {
            return match who.remote.unsigned(service, row, input) {
                Ok(request) => self.sent(service, request).await.1,
                Err(error) => Said::of(error),
            };
        }
        match who.remote.raw(service, row, input).await {
            // Some say nothing by `null`, which clients take for nothing.
            Ok(Value::Null) => Said::Told(json!({})),
            Ok(told) => Said::Told(told),
            Err(error) => Said::of(error),
        }
    }

    /// Sends a request as it is; the answer, and what it says.
    async fn sent(&self, service: &'static Service, request: http::Request<Bytes>) -> (Option<Response>, Said) {
        let response = match self.admin.remote.send(service, request).await {
            Ok(response) => response,
            Err(error) => return (None, Said::of(error)),
        };
        let said = match response.status().is_success() {
            true => Said::Told(body(&response)),
            false => Said::Refused((self.client.refusal)(service, &response).into()),
        };
        (Some(response), said)
    }

    /// Sends a request of somebody's own.
    pub(super) async fn send(&self, raw: &Raw, sign: Option<&Sign>, by: Option<&Access>) -> (Option<Response>, Said) {
        let service = raw.service.as_deref().unwrap_or_default();
        if self.read_only {
            return (None, Said::Lost("nobody knows what the request changes".to_owned()));
        }
        let Some(service) = self.dialect.services.iter().find(|known| known.name == service) else {
            return (None, Said::Lost(format!("there is no service `{service}`")));
        };
        let mut draft = Draft {
            method: raw.method.clone(),
            path: raw.path.clone(),
            query: pairs(&raw.query),
            headers: pairs(&raw.headers),
            body: match &raw.body {
                Value::Null => String::new(),
                Value::String(text) => text.clone(),
                form => Draft::form(&pairs(form)),
            },
        };
        if !draft.headers.iter().any(|(name, _)| name == "host") {
            draft.headers.push(("host".to_owned(), self.host.clone()));
        }
        if let (Some(sign), Some(by)) = (sign, by) {
            let nonce = sign.nonce.clone().unwrap_or_else(|| Uuid::new_v4().to_string());
            let place = Place {
                region: sign.region.as_deref().unwrap_or(&self.region),
                service: sign.service.as_deref().unwrap_or(service.name),
                now: self.moment(sign),
                nonce: &nonce,
            };
            draft = draft.signed(sign, by, place);
        }
        match draft.request() {
            Some(request) => self.sent(service, request).await,
            None => (None, Said::Lost("the request cannot be written".to_owned())),
        }
    }

    /// When a request says to be made.
    fn moment(&self, sign: &Sign) -> Timestamp {
        let now = self.admin.remote.now();
        let moved = sign.at.as_deref().and_then(super::duration).and_then(|by| now.checked_add(by).ok());
        moved.unwrap_or(now)
    }

    /// Who signs nothing.
    pub(super) fn nobody(&self) -> Who {
        Who { remote: std::sync::Arc::clone(&self.admin.remote), access: None, neighbour: false }
    }

    /// Whether a caller is one that every case has.
    pub(super) fn standing(&self, name: &str) -> Option<Who> {
        match name {
            super::ADMIN => Some(self.admin.clone()),
            NOBODY => Some(self.nobody()),
            NEIGHBOUR => self.neighbour.clone(),
            _ => None,
        }
    }
}

fn keys(access: &Access) -> Keys {
    let keys = Keys::new(access.id.as_str(), AccessSecret::new(access.secret.clone()));
    match &access.token {
        Some(token) => keys.of_session(AccessSecret::new(token.clone()), None),
        None => keys,
    }
}

fn pairs(value: &Value) -> Vec<(String, String)> {
    let members = value.as_object().into_iter().flatten();
    members.map(|(name, value)| (name.clone(), text_of(value))).collect()
}

/// The body of an answer: JSON, or the text that it is.
fn body(response: &Response) -> Value {
    let text = || Value::String(String::from_utf8_lossy(response.body()).into_owned());
    serde_json::from_slice(response.body()).unwrap_or_else(|_| text())
}

impl Said {
    /// What an error of a client says.
    pub(super) fn of(error: Error) -> Self {
        match error.status().filter(|status| *status >= 300 && error.kind() != Kind::Transport) {
            Some(status) => Self::Refused(super::play::Refusal {
                status,
                code: error.vendor_code().unwrap_or_default().to_owned(),
                message: error.message().to_owned(),
            }),
            None => Self::Lost(error.to_string()),
        }
    }
}
