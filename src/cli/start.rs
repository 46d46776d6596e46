//! Puts the engine together from the settings.

use std::sync::Arc;

use polykms_host::{MovedClock, SystemClock};
use polykms_store::sqlite::DATABASE;
use zeroize::Zeroizing;

use super::Failure;
use super::owners::{Owner, Owners};
use super::seed::File;
use crate::config::{AuditDecisions, Authz, Signatures};
use crate::core::engine::Engine;
use crate::core::seed::{SeedAccessKey, SeedAccount};
use crate::settings::{Mode, RootKey, Settings};
use crate::{Authorization, Builder, Purpose, Removed, Seed, Storage, Traced};

/// What is to be there from the start, the owners' access keys excepted.
///
/// # Errors
/// [`Failure::Failed`] when the seed cannot be read, or a cloud would refuse something in it.
pub(crate) fn seed(settings: &Settings) -> Result<Seed, Failure> {
    let regions: Vec<_> =
        settings.clouds.iter().map(|cloud| (cloud.dialect.name.to_owned(), cloud.region.clone())).collect();
    match &settings.seed {
        Some(path) => File::read(path)?.seed(&regions),
        None => Ok(Seed::default()),
    }
}

/// The engine that answers, with the owners' access keys and the seed in it.
///
/// # Errors
/// [`Failure::Failed`] when the seed cannot be applied, or the store cannot be opened.
pub(crate) fn engine(settings: &Settings, owners: &Owners, seed: Seed) -> Result<Arc<Engine>, Failure> {
    let seed = owners.owners.iter().fold(seed, with_owner);
    let builder = Builder::new()
        .storage(settings.data_dir.clone().map_or(Storage::Memory, Storage::Folder))
        .root_key(root_key(&settings.root_key))
        .purpose(match settings.mode {
            Mode::Dev => Purpose::Dev,
            Mode::Serve => Purpose::Serve,
        })
        .audit_file(settings.audit_file.clone())
        .audit_rotation(settings.audit_rotation)
        .settings(engine_settings(settings, owners, seed));
    let builder = match settings.mode {
        Mode::Dev => builder.clock(Arc::new(MovedClock::default())),
        Mode::Serve => builder,
    };
    Ok(block_on(builder.build())??)
}

/// Makes the data folder one to serve from, and tells which access keys that took.
///
/// # Errors
/// [`Failure::Failed`] when there is no store, or it cannot be opened.
pub(crate) fn adopt(settings: &Settings) -> Result<Vec<Removed>, Failure> {
    let folder = settings.data_dir.as_deref().filter(|folder| folder.join(DATABASE).is_file());
    let folder = folder.ok_or_else(|| Failure::Failed("there is no data folder to adopt".to_owned()))?;
    Ok(block_on(crate::adopt(folder, root_key(&settings.root_key), Arc::new(SystemClock)))??)
}

/// What comes of a future, waited for on this thread.
///
/// # Errors
/// [`Failure::Failed`] when the system gives no runtime.
pub(super) fn block_on<F: Future>(future: F) -> Result<F::Output, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::Failed(format!("cannot start a runtime: {error}")))?;
    Ok(runtime.block_on(future))
}

fn with_owner(mut seed: Seed, Owner { cloud, key }: &Owner) -> Seed {
    let key =
        SeedAccessKey { id: key.id.clone(), secret: key.secret.expose().to_owned(), active: true, circumstances: None };
    let accounts = seed.dialects.entry(cloud.dialect.name.to_owned()).or_default();
    match accounts.iter_mut().find(|known| known.account == cloud.account) {
        Some(known) => {
            let circumstances =
                known.owner.iter().find(|other| other.id == key.id).and_then(|it| it.circumstances.clone());
            known.owner.retain(|other| other.id != key.id);
            known.owner.push(SeedAccessKey { circumstances, ..key });
        }
        None => {
            accounts.push(SeedAccount { account: cloud.account.clone(), owner: vec![key], ..SeedAccount::default() })
        }
    }
    seed
}

/// A root key as the library takes it.
pub(super) fn root_key(root: &RootKey) -> crate::RootKey {
    let text = |secret: &crate::config::Secret| Zeroizing::new(secret.expose().to_owned());
    match root {
        RootKey::Fresh => crate::RootKey::Fresh,
        RootKey::File(path) => crate::RootKey::File(path.clone()),
        RootKey::Text(secret) => crate::RootKey::Text(text(secret)),
        RootKey::Passphrase(secret) => crate::RootKey::Passphrase(text(secret)),
    }
}

/// How many requests an emulator remembers.
const RECENT: usize = 1000;

fn engine_settings(settings: &Settings, owners: &Owners, seed: Seed) -> crate::Settings {
    let clouds = || settings.clouds.iter().map(|cloud| (cloud.dialect.name.to_owned(), cloud));
    crate::Settings {
        authorization: match settings.authz {
            Authz::Enforce => Authorization::Enforce,
            Authz::Audit => Authorization::Audit,
            Authz::Off => Authorization::Off,
        },
        signatures: match settings.signatures {
            Signatures::Verify => crate::Signatures::Verify,
            Signatures::Ignore => crate::Signatures::Ignore,
        },
        well_known: settings.mode == Mode::Dev && !settings.is_remote() && owners.are_known(),
        deny_legacy_signatures: settings.deny_v1,
        traced: match settings.audit_decisions {
            AuditDecisions::Denied => Traced::Denials,
            AuditDecisions::All => Traced::All,
        },
        decision_header: settings.decision_header,
        recent: if settings.mode == Mode::Dev { RECENT } else { 0 },
        simulates: settings.mode == Mode::Dev,
        skew: clouds().filter_map(|(name, cloud)| Some((name, cloud.skew?))).collect(),
        accounts: clouds().map(|(name, cloud)| (name, cloud.account.clone())).collect(),
        regions: clouds().map(|(name, cloud)| (name, cloud.region.clone())).collect(),
        caches: settings.caches,
        seed: Some(seed.into()),
    }
}
