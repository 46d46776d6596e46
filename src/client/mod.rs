//! One way to use keys, policies and identities, wherever they are: in this process, in an emulator, at AWS or at Alibaba
//! Cloud.
//!
//! ```
//! # async fn example() -> polykms::client::Result<()> {
//! use polykms::Client;
//!
//! let client = Client::connect("embedded::memory:?dialect=aws").await?;
//! let key = client.keys().create().await?;
//! let sealed = client.key(&*key.arn).encrypt("hello").context([("tenant", "7")]).await?;
//! let opened = client.key(&*key.arn).decrypt(sealed.blob).context([("tenant", "7")]).await?;
//! assert_eq!(opened.plaintext.expose(), b"hello");
//! # Ok(())
//! # }
//! # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(example()).unwrap();
//! ```
//!
//! | URL | what it is |
//! |---|---|
//! | `embedded::memory:?dialect=aws` | an engine in this process, gone with it |
//! | `embedded:///PATH?dialect=alibaba` | the same, kept in a folder |
//! | `aws://us-east-1` | AWS in that region |
//! | `alibaba://cn-hangzhou` | Alibaba Cloud in that region |
//! | `aws://us-east-1?endpoint=http://127.0.0.1:4566` | whatever speaks like it at that endpoint |
//!
//! An embedded engine takes `dialect`, `account`, `user` and `region`, and asks the policies of that account as for every
//! other request. A remote one takes `endpoint`, `profile`, `role`, `external_id`, `timeout` (seconds), `attempts`, `fips`,
//! `dualstack` and `vpc`; its credentials come from where the vendor's own clients look for them (environment, profile, web
//! identity, container, instance), or are given to its [`Builder`](polykms_remote::Builder). No URL holds credentials.

mod capability;
#[cfg(feature = "embedded")]
mod embedded;
#[cfg(feature = "envelope")]
mod envelope;
mod identity;
mod key;
#[cfg(feature = "moves")]
pub mod moves;
mod page;
mod policy;
mod request;
mod url;

use std::any::TypeId;
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

pub use polykms_core::dialect::client::{Again, Error, Kind, Options, Result, Transport};
#[cfg(feature = "envelope")]
pub use polykms_envelope::{Cache, Opening, Sealing};
#[cfg(feature = "remote")]
pub use polykms_remote::{
    Builder as RemoteBuilder, Credentials, Environment, Keys as AccessKeys, Limits, Remote, Static,
};

pub use capability::{Capabilities, Support};
#[cfg(feature = "envelope")]
pub use envelope::Envelope;
pub use identity::Identities;
pub use key::{Key, Keys};
pub use page::Paged;
pub use policy::Policies;
pub use request::Request;

use polykms_core::dialect::client::Asked;
use polykms_core::dialect::{Dialect, Row, Service};
use polykms_core::identity::assume::WhoAmI;
use polykms_core::list::{Listed, Paging};
use polykms_core::operation::Operation;
use tokio::sync::OnceCell;

/// A connection to one cloud, or to an engine that speaks like one, in one region. Cheap to clone; a remote one sends
/// nothing before its first call.
#[derive(Clone)]
pub struct Client(Arc<Inner>);

struct Inner {
    dialect: &'static Dialect,
    transport: Arc<dyn Transport>,
    rows: HashMap<TypeId, Vec<Place>>,
    account: OnceCell<String>,
}

/// A row with its service.
type Place = (&'static Service, &'static Row);

/// Where a request goes to, and what it says.
#[cfg(feature = "moves")]
type Worded = (String, Vec<u8>);

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Client({})", self.0.transport.name())
    }
}

impl Client {
    /// Connects to what a URL names; see the [module](self) for those that are known.
    ///
    /// # Errors
    /// [`Kind::Config`] for a URL that names nothing known, and for a folder that cannot be opened.
    pub async fn connect(url: &str) -> Result<Self> {
        url::connect(url).await
    }

    /// A client whose calls something else carries.
    pub fn over(dialect: &'static Dialect, transport: Arc<dyn Transport>) -> Self {
        let mut rows = HashMap::<_, Vec<Place>>::new();
        for service in dialect.services {
            for row in service.rows {
                if let Some(op) = row.op_type() {
                    rows.entry(op).or_default().push((service, row));
                }
            }
        }
        Self(Arc::new(Inner { dialect, transport, rows, account: OnceCell::new() }))
    }

    /// A client of a cloud, as it was told to be reached.
    #[cfg(feature = "remote")]
    pub fn remote(remote: Remote) -> Self {
        Self::over(remote.dialect(), Arc::new(remote))
    }

    /// A client of an engine in this process: the owner of an account, or one of its users.
    #[cfg(feature = "embedded")]
    pub fn embedded(
        engine: Arc<polykms_core::engine::Engine>,
        dialect: &'static Dialect,
        who: polykms_core::engine::Local,
    ) -> Self {
        Self::over(dialect, Arc::new(embedded::Embedded::new(engine, dialect, who)))
    }

    /// The cloud whose names, limits and rules hold.
    pub fn dialect(&self) -> &'static Dialect {
        self.0.dialect
    }

    /// The region that is asked, where its transport tells it.
    pub fn region(&self) -> Option<&str> {
        self.0.transport.region()
    }

    /// What this cloud can do, and what of it is built here.
    pub fn capabilities(&self) -> Capabilities {
        Capabilities::of(self.0.dialect)
    }

    /// Any operation of the core; the other methods are shorter ways to say the same.
    pub fn request<O: Operation>(&self, op: O) -> Request<O> {
        Request::new(self.clone(), Ok(op))
    }

    /// A key, by its identifier, its full name, an alias, or the URI that other tools have for it (`awskms:///…`,
    /// `aws-kms://…`, `alibabakms:…`).
    pub fn key(&self, name: impl AsRef<str>) -> Key {
        Key::new(self.clone(), name.as_ref())
    }

    /// The keys of the account in this region.
    pub fn keys(&self) -> Keys {
        Keys::new(self.clone())
    }

    /// The managed policies of the account.
    pub fn policies(&self) -> Policies {
        Policies::new(self.clone())
    }

    /// The users, groups, roles and access keys of the account.
    pub fn identities(&self) -> Identities {
        Identities::new(self.clone())
    }

    /// Who the credentials belong to.
    pub fn whoami(&self) -> Request<WhoAmI> {
        self.request(WhoAmI)
    }

    /// A list that an operation tells part by part.
    fn list<O, T>(&self, part: impl Fn(Paging) -> O + Send + Sync + 'static) -> Paged<T>
    where
        O: Operation<Output = Listed<T>>,
        T: Send + 'static,
    {
        let client = self.clone();
        page::paged(move |paging| client.request(part(paging)), |listed| listed)
    }

    /// The account that asks.
    async fn account(&self) -> Result<&str> {
        let account = self.0.account.get_or_try_init(|| async {
            let who = self.call(WhoAmI, Options::default()).await?;
            Ok::<_, Error>(who.account)
        });
        account.await.map(String::as_str)
    }

    pub(crate) async fn call<O: Operation>(&self, op: O, options: Options) -> Result<O::Output> {
        let (service, row) = self.place(&op)?;
        let asked = Asked { service, row, op: Box::new(op), options };
        let output = self.0.transport.call(asked).await?;
        let other = || Kind::Unexpected.because("the output is one of another operation");
        output.downcast().map(|output| *output).map_err(|_| other())
    }

    /// Whether the cloud can be asked for an operation as it is.
    fn can_ask<O: Operation>(&self, op: &O) -> bool {
        self.place(op).is_ok_and(|(service, row)| row.request(service, op).is_ok())
    }

    /// The request that asks for an operation as it is, to be held beside another one.
    ///
    /// # Errors
    /// Why the cloud cannot be asked for it.
    #[cfg(feature = "moves")]
    fn worded<O: Operation>(&self, op: &O) -> std::result::Result<Worded, String> {
        let (service, row) = self.place(op).map_err(|error| error.message().to_owned())?;
        let request = row.request(service, op).map_err(|error| error.to_string())?;
        Ok((request.uri().to_string(), request.body().to_vec()))
    }

    /// The row that asks for an operation: where there are several, the one that has words for it.
    fn place<O: Operation>(&self, op: &O) -> Result<Place> {
        let places = self.0.rows.get(&TypeId::of::<O>()).map(Vec::as_slice).unwrap_or_default();
        let missing = || {
            let title = self.0.dialect.front.title;
            Kind::Unsupported.because(format!("{title} has nothing like it, or it is not built here")).of(O::NAME, 0)
        };
        match places {
            [] => Err(missing()),
            [one] => Ok(*one),
            [first, ..] => {
                let worded = places.iter().find(|(service, row)| row.request(service, op).is_ok());
                Ok(*worded.unwrap_or(first))
            }
        }
    }
}
