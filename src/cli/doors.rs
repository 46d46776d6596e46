//! What a server never leaves open: known credentials, ignored signatures and unasked policies are for `dev` alone, and
//! even there for this machine alone.

use super::Failure;
use super::owners::{Owner, Owners};
use crate::Seed;
use crate::config::{Authz, CloudSetting, Signatures, variable_of};
use crate::core::dialect::Dialect;
use crate::core::seed::{SeedAccessKey, SeedAccount};
use crate::settings::{Cloud, Mode, Settings};

/// Refuses settings that would leave something open, before anything is done with them.
///
/// # Errors
/// [`Failure::Usage`].
pub(crate) fn refuse_settings(settings: &Settings) -> Result<(), Failure> {
    if settings.is_remote() && !settings.allow_remote {
        return Err(Failure::Usage(format!(
            "`{}` can be reached from other machines; give `--allow-remote` if that is meant",
            settings.listen
        )));
    }
    match settings.mode {
        Mode::Serve => refuse_unasked(settings),
        Mode::Dev if settings.is_remote() => refuse_exposed(settings),
        Mode::Dev => Ok(()),
    }
}

/// Refuses a seed with access keys that everybody knows, or whose requests are taken to come from elsewhere.
///
/// # Errors
/// [`Failure::Usage`].
pub(crate) fn refuse_seed(settings: &Settings, seed: &Seed) -> Result<(), Failure> {
    let simulated = seed.access_keys().find(|(_, key)| key.circumstances.is_some());
    if let Some((_, key)) = simulated.filter(|_| settings.mode == Mode::Serve) {
        let id = &key.id;
        return Err(Failure::Usage(format!(
            "the seed has circumstances for the access key `{id}`; these are for `dev` alone"
        )));
    }
    if is_for_all(settings) {
        return Ok(());
    }
    for Cloud { dialect, .. } in &settings.clouds {
        let keys = seed.dialects.get(dialect.name).into_iter().flatten().flat_map(keys);
        if let Some(key) = keys.into_iter().find(|key| dialect.front.is_known(&key.id, &key.secret)) {
            let whose = format!("the access key `{}` of the seed", key.id);
            return Err(known(&whose, settings.mode));
        }
    }
    Ok(())
}

/// Refuses owners with access keys that everybody knows, wherever these come from.
///
/// # Errors
/// [`Failure::Usage`].
pub(crate) fn refuse_owners(settings: &Settings, owners: &Owners) -> Result<(), Failure> {
    let known_one = |owner: &&Owner| owner.key.is_guessed(owner.cloud.dialect);
    match owners.owners.iter().find(known_one) {
        Some(Owner { cloud, key }) if !is_for_all(settings) => {
            let whose = format!("the access key `{}` of the {} owner", key.id, cloud.dialect.front.title);
            Err(known(&whose, settings.mode))
        }
        _ => Ok(()),
    }
}

/// An emulator on this machine, which is for all who are on it.
fn is_for_all(settings: &Settings) -> bool {
    settings.mode == Mode::Dev && !settings.is_remote()
}

fn keys(account: &SeedAccount) -> impl Iterator<Item = &SeedAccessKey> {
    account.owner.iter().chain(account.users.iter().flat_map(|user| &user.access_keys))
}

fn known(whose: &str, mode: Mode) -> Failure {
    let alone = match mode {
        Mode::Serve => "such credentials are for `dev` alone",
        Mode::Dev => "such credentials are for this machine alone",
    };
    Failure::Usage(format!("everybody knows the secret of {whose}, or can guess it; {alone}"))
}

fn refuse_unasked(settings: &Settings) -> Result<(), Failure> {
    if settings.signatures != Signatures::Verify {
        return Err(Failure::Usage(
            "`serve` verifies every signature; `--signatures ignore` is for `dev` alone".to_owned(),
        ));
    }
    if settings.authz != Authz::Enforce {
        return Err(Failure::Usage(
            "`serve` enforces every policy; `--authz audit` and `--authz off` are for `dev` alone".to_owned(),
        ));
    }
    let mut given = settings.clouds.iter().filter_map(|cloud| Some((cloud.dialect, cloud.owner.as_ref()?)));
    match given.find(|(dialect, owner)| owner.is_guessed(dialect)) {
        Some((dialect, _)) => {
            let whose = format!("`{}`", CloudSetting::AccessKeyId.name(dialect));
            Err(known(&whose, settings.mode))
        }
        None => Ok(()),
    }
}

/// An emulator that other machines reach has to be as closed as a server.
fn refuse_exposed(settings: &Settings) -> Result<(), Failure> {
    let guessed = |cloud: &Cloud| cloud.owner.as_ref().is_none_or(|owner| owner.is_guessed(cloud.dialect));
    let open = settings.authz != Authz::Enforce || settings.signatures != Signatures::Verify;
    match settings.clouds.first() {
        Some(Cloud { dialect, .. }) if open || settings.clouds.iter().any(guessed) => Err(Failure::Usage(own(dialect))),
        _ => Ok(()),
    }
}

fn own(dialect: &Dialect) -> String {
    let variable = variable_of(&CloudSetting::AccessKeyId.name(dialect));
    let (id, secret) = dialect.front.known_key;
    format!(
        "`dev` listens beyond this machine only with `--authz enforce`, `--signatures verify` and owner credentials of \
         its own (`{variable}` and so on), not {id}/{secret}"
    )
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use super::*;
    use crate::config::{CloudLayer, CloudLayers, Layer};

    const OWN: &str = "k9vT2qLw8xZ4mR7pJ1sD";

    fn key(secret: &str) -> CloudLayer {
        CloudLayer { access_key_id: Some("id".into()), secret: secret.parse().ok(), ..CloudLayer::default() }
    }

    fn layer(aws: &str, alibaba: &str) -> Layer {
        let clouds = CloudLayers::default().with("aws", key(aws)).with("alibaba", key(alibaba));
        Layer { clouds, ..Layer::default() }
    }

    fn remote(layer: Layer) -> Layer {
        Layer { listen: Some("0.0.0.0:4566".parse().unwrap()), allow_remote: Some(true), ..layer }
    }

    fn refusal(layer: Layer, mode: Mode) -> Option<String> {
        refuse_settings(&Settings::of(layer, mode).unwrap()).err().map(|refused| refused.to_string())
    }

    fn seed(owner: &str, user: &str) -> Seed {
        let keys = |secret: &str| serde_json::json!([{ "id": "id", "secret": secret }]);
        let users = serde_json::json!([{ "name": "ann", "access_keys": keys(user) }]);
        let account = serde_json::json!({ "account": "1000000000000000", "owner": keys(owner), "users": users });
        serde_json::from_value(serde_json::json!({ "alibaba": [account] })).unwrap()
    }

    #[test]
    fn an_open_emulator_is_for_this_machine_alone() {
        let beyond = Layer { listen: Some("0.0.0.0:4566".parse().unwrap()), ..Layer::default() };
        assert!(refusal(beyond, Mode::Serve).unwrap().contains("--allow-remote"));
        for open in [
            Layer::default(),
            layer("test", OWN),
            layer(OWN, "testing"),
            Layer { signatures: Some(Signatures::Ignore), ..layer(OWN, OWN) },
            Layer { authz: Some(Authz::Off), ..layer(OWN, OWN) },
        ] {
            assert!(refusal(remote(open.clone()), Mode::Dev).unwrap().contains("not test/test"), "{open:?}");
            assert_eq!(refusal(open, Mode::Dev), None);
        }
        assert_eq!(refusal(remote(layer(OWN, OWN)), Mode::Dev), None);
        assert_eq!(refusal(remote(Layer::default()), Mode::Serve), None);
    }

    #[test]
    fn serve_is_never_open() {
        for (open, said) in [
            (Layer { signatures: Some(Signatures::Ignore), ..Layer::default() }, "`--signatures ignore` is for `dev`"),
            (Layer { authz: Some(Authz::Off), ..Layer::default() }, "`--authz off` are for `dev` alone"),
            (Layer { authz: Some(Authz::Audit), ..Layer::default() }, "`--authz audit` and"),
            (layer("test", OWN), "everybody knows the secret of `aws_access_key_id`"),
            (layer(OWN, "minioadmin"), "everybody knows the secret of `alibaba_access_key_id`"),
            (layer(OWN, "id"), "`alibaba_access_key_id`, or can guess it; such credentials are for `dev` alone"),
        ] {
            for open in [open.clone(), remote(open)] {
                let refused = refusal(open.clone(), Mode::Serve).unwrap_or_else(|| panic!("{open:?} was taken"));
                assert!(refused.contains(said), "{refused}");
            }
        }
        assert_eq!(refusal(remote(layer(OWN, OWN)), Mode::Serve), None);
    }

    #[test]
    fn known_access_keys_in_a_seed_are_for_an_emulator_on_this_machine() {
        for (layer, mode, admitted) in [
            (Layer::default(), Mode::Dev, true),
            (remote(layer(OWN, OWN)), Mode::Dev, false),
            (Layer::default(), Mode::Serve, false),
        ] {
            let settings = Settings::of(layer, mode).unwrap();
            refuse_seed(&settings, &seed(OWN, OWN)).unwrap();
            for known in [seed("test", OWN), seed(OWN, "alice-secret")] {
                assert_eq!(refuse_seed(&settings, &known).is_ok(), admitted, "{mode:?}");
            }
        }
    }

    #[test]
    fn the_access_keys_of_our_own_examples_count_as_known() {
        let settings = Settings::of(Layer::default(), Mode::Serve).unwrap();
        let seed: Seed = serde_saphyr::from_str(include_str!("../../examples/seed.yaml")).unwrap();
        assert!(refuse_seed(&settings, &seed).is_err());
        for Cloud { dialect, .. } in &settings.clouds {
            for key in seed.dialects[dialect.name].iter().flat_map(keys) {
                assert!(dialect.front.is_known(&key.id, &key.secret), "{}", key.id);
            }
        }
    }

    #[test]
    fn known_owners_are_refused_wherever_they_come_from() {
        let owners = |settings: &Settings, secret: &str| {
            let key = crate::settings::AccessKey { id: "id".to_owned(), secret: secret.parse().unwrap() };
            let owner = |cloud: &Cloud| Owner { cloud: cloud.clone(), key: key.clone() };
            Owners { owners: settings.clouds.iter().map(owner).collect(), file: None }
        };
        let serve = Settings::of(Layer::default(), Mode::Serve).unwrap();
        assert!(refuse_owners(&serve, &owners(&serve, "test")).is_err());
        refuse_owners(&serve, &owners(&serve, OWN)).unwrap();
        let dev = Settings::of(Layer::default(), Mode::Dev).unwrap();
        refuse_owners(&dev, &owners(&dev, "test")).unwrap();
    }
}
