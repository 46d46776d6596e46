//! One program, wherever it is pointed: this process, and servers of both clouds over HTTP with their signatures verified.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "tests")]

mod program;

use std::process::Command;
use std::sync::Arc;

use futures_util::TryStreamExt as _;
use polykms::client::{AccessKeys, Envelope, Kind, Remote, Static, Support};
use polykms::core::engine::Local;
use polykms::core::holder::Holder;
use polykms::core::identity::user::CreateUser;
use polykms::core::secret::AccessSecret;
use polykms::{Builder, Client, Storage, core};
use program::{OWN, Program, Server, owners};
use tempfile::TempDir;

fn server() -> (TempDir, Server) {
    let folder = tempfile::tempdir().expect("a folder");
    let server = owners(Program::new(["dev"])).start(folder.path());
    (folder, server)
}

fn example(name: &str, url: &str) -> (bool, String) {
    let folder = std::path::Path::new(env!("CARGO_BIN_EXE_polykms")).parent().expect("a folder").join("examples");
    let mut command = Command::new(folder.join(name));
    for name in ["AWS_ACCESS_KEY_ID", "ALIBABA_CLOUD_ACCESS_KEY_ID"] {
        command.env(name, "OWNEROFTESTS");
    }
    for name in ["AWS_SECRET_ACCESS_KEY", "ALIBABA_CLOUD_ACCESS_KEY_SECRET"] {
        command.env(name, OWN);
    }
    for name in ["AWS_SESSION_TOKEN", "ALIBABA_CLOUD_SECURITY_TOKEN", "AWS_ENDPOINT_URL", "ALIBABA_CLOUD_ENDPOINT"] {
        command.env_remove(name);
    }
    let output = command.arg(url).output().expect("the example runs");
    (output.status.success(), String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned())
}

#[test]
fn one_program_runs_wherever_it_is_pointed() {
    let (_folder, server) = server();
    let at = server.address();
    let folder = tempfile::tempdir().expect("a folder");
    for url in [
        "embedded::memory:?dialect=aws".to_owned(),
        "embedded::memory:?dialect=alibaba".to_owned(),
        format!("embedded://{}?dialect=aws", folder.path().join("kept").display()),
        format!("aws://us-east-1?endpoint=http://{at}"),
        format!("alibaba://cn-hangzhou?endpoint=http://{at}"),
    ] {
        for name in ["sdk_embedded", "sdk_aws", "sdk_alibaba"] {
            let (ended_well, said) = example(name, &url);
            assert!(ended_well, "{name} at {url}:\n{said}");
            assert!(said.contains("it will be deleted in a week"), "{name} at {url}:\n{said}");
        }
    }
    let (ended_well, said) = example("envelope_two_clouds", &format!("aws://us-east-1?endpoint=http://{at}"));
    assert!(ended_well && said.matches("opens it").count() == 2, "{said}");
    let (ended_well, said) = example("sdk_aws", "aws://us-east-1?endpoint=http://127.0.0.1:1&attempts=1");
    assert!(!ended_well && said.contains("cannot be reached"), "{said}");
}

fn remote(server: &Server, dialect: &str, region: &str, secret: &str) -> Client {
    let registry = polykms::registry().expect("dialects");
    let dialect = registry.dialects().iter().find(|known| known.name == dialect).expect("the dialect");
    let keys = AccessKeys::new("OWNEROFTESTS", AccessSecret::new(secret.to_owned()));
    let remote = Remote::builder(dialect)
        .environment(false)
        .region(region)
        .endpoint(format!("http://{}", server.address()))
        .credentials(Static(keys));
    Client::remote(remote.build().expect("a client"))
}

async fn embedded(dialect: &'static str, user: Option<&str>) -> (Arc<core::engine::Engine>, Client) {
    let engine = Builder::new().storage(Storage::Memory).build().await.expect("an engine");
    let client = as_user(&engine, dialect, user);
    (engine, client)
}

fn as_user(engine: &Arc<core::engine::Engine>, dialect: &'static str, user: Option<&str>) -> Client {
    let registry = polykms::registry().expect("dialects");
    let dialect = registry.dialects().iter().find(|known| known.name == dialect).expect("the dialect");
    let who = Local {
        account: dialect.front.default_account.to_owned(),
        user: user.map(str::to_owned),
        region: dialect.law.region.into(),
    };
    Client::embedded(Arc::clone(engine), dialect, who)
}

#[tokio::test]
async fn keys_sign_authenticate_and_agree_alike_here_and_there() {
    use core::key::{Authentication, Encryption, Signing, Spec, Usage};
    let (_folder, server) = server();
    for (dialect, region) in [("aws", "us-east-1"), ("alibaba", "cn-hangzhou")] {
        for client in [embedded(dialect, None).await.1, remote(&server, dialect, region, OWN)] {
            let made = client.keys().create_of(Spec::EccP256, Usage::SignVerify).await.unwrap();
            assert_eq!((made.spec, made.usage), (Spec::EccP256, Usage::SignVerify));
            let key = client.key(&made.id);
            let version = match dialect {
                "aws" => None,
                _ => Some(only_version(&client, &made.id).await),
            };
            let of = |digest: u8| [digest; 32];
            let ways = Signing::EcdsaSha256;
            let signature =
                key.sign_digest(ways, of(1)).with(|op| op.version = version.clone()).await.unwrap().signature;
            let verify = |digest: u8, signature: &[u8]| {
                key.verify_digest(ways, of(digest), signature).with(|op| op.version = version.clone())
            };
            assert!(verify(1, &signature).await.unwrap().fits);
            assert_eq!(verify(2, &signature).await.unwrap_err().kind(), Kind::Mismatch);
            let public = key.public_key().with(|op| op.version = version.clone()).await.unwrap().public;
            assert_eq!(public.len(), 91);
            let opener = client.keys().create_of(Spec::Rsa2048, Usage::EncryptDecrypt).await.unwrap();
            let version = match dialect {
                "aws" => None,
                _ => Some(only_version(&client, &opener.id).await),
            };
            let opener = client.key(&opener.id);
            let sealed = opener.encrypt(b"x").with(|op| {
                (op.version, op.algorithm) = (version.clone(), Encryption::OaepSha256);
                op.plaintext = core::secret::Plaintext::new(b"words".to_vec());
            });
            let blob = sealed.await.unwrap().blob;
            assert_eq!(blob.len(), 256);
            if dialect != "aws" {
                assert_eq!(key.mac(Authentication::HmacSha256, b"x").await.unwrap_err().kind(), Kind::Unsupported);
                assert_eq!(key.sign(ways, b"x").await.unwrap_err().kind(), Kind::Unsupported);
                continue;
            }
            let opened = opener.decrypt(blob).with(|op| op.algorithm = Encryption::OaepSha256).await.unwrap();
            assert_eq!(opened.plaintext.expose(), b"words");
            let signature = key.sign(ways, b"words").await.unwrap().signature;
            assert!(key.verify(ways, b"words", signature.clone()).await.unwrap().fits);
            assert_eq!(key.verify(ways, b"other", signature).await.unwrap_err().kind(), Kind::Mismatch);
            let code = client.keys().create_of(Spec::Hmac384, Usage::GenerateVerifyMac).await.unwrap();
            let (key, way) = (client.key(&code.id), Authentication::HmacSha384);
            let code = key.mac(way, b"words").await.unwrap().code;
            assert_eq!(code.len(), 48);
            assert!(key.verify_mac(way, b"words", code.clone()).await.unwrap().fits);
            assert_eq!(key.verify_mac(way, b"other", code).await.unwrap_err().kind(), Kind::Mismatch);
            let sealing = client.key(&client.keys().create().await.unwrap().id);
            let pair = sealing.data_key_pair(Spec::EccP256).await.unwrap();
            let opened = sealing.decrypt(pair.sealed.encrypted.blob).await.unwrap();
            assert_eq!(opened.plaintext.expose(), pair.private.expose());
            let sealed = sealing.sealed_data_key_pair(Spec::EccP256).await.unwrap();
            assert!(sealed.public.len() == 91 && sealed.public != pair.sealed.public);
            assert_eq!(opener.data_key_pair(Spec::EccP256).await.unwrap_err().kind(), Kind::Invalid);
            let [one, two] = [
                client.keys().create_of(Spec::EccP384, Usage::KeyAgreement).await.unwrap(),
                client.keys().create_of(Spec::EccP384, Usage::KeyAgreement).await.unwrap(),
            ]
            .map(|made| client.key(&made.id));
            let (ours, theirs) = (one.public_key().await.unwrap().public, two.public_key().await.unwrap().public);
            let (one, two) = (one.shared_secret(theirs).await.unwrap(), two.shared_secret(ours).await.unwrap());
            assert!(one.secret.expose().len() == 48 && one.secret.expose() == two.secret.expose());
        }
    }
}

/// The identifier of the one version of a key.
async fn only_version(client: &Client, id: &str) -> String {
    let paging = core::list::Paging::Number { page: 1, size: 10 };
    let key = core::key::Reference::id(id);
    let listed = client.request(core::key::ListVersions { key, paging }).await.unwrap();
    listed.items.into_iter().next().unwrap().id
}

#[tokio::test]
async fn identities_and_policies_are_managed_alike_here_and_there() {
    let (_folder, server) = server();
    let policy = |dialect: &str| match dialect {
        "aws" => r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"kms:ListKeys","Resource":"*"}]}"#,
        _ => r#"{"Version":"1","Statement":[{"Effect":"Allow","Action":"kms:ListKeys","Resource":"*"}]}"#,
    };
    for (dialect, region) in [("aws", "us-east-1"), ("alibaba", "cn-hangzhou")] {
        for client in [embedded(dialect, None).await.1, remote(&server, dialect, region, OWN)] {
            let (identities, policies) = (client.identities(), client.policies());
            identities.create_user("ann").await.unwrap();
            identities.create_group("ops").await.unwrap();
            identities.add_to_group("ann", "ops").await.unwrap();
            policies.create("lists", policy(dialect)).await.unwrap();
            policies.attach("lists", Holder::Group("ops".to_owned())).await.unwrap();
            let attached: Vec<_> = policies.attached(Holder::Group("ops".to_owned())).try_collect().await.unwrap();
            assert_eq!(attached.len(), 1, "{client:?}");
            assert_eq!(attached[0].policy.name, "lists");
            let key = identities.create_access_key("ann").await.unwrap();
            let keys: Vec<_> = identities.access_keys("ann").try_collect().await.unwrap();
            assert_eq!(keys.iter().map(|key| &key.id).collect::<Vec<_>>(), [&key.id]);
            let users: Vec<_> = identities.users().try_collect().await.unwrap();
            assert!(users.iter().any(|user| user.name == "ann"));

            let error = identities.create_user("ann").await.unwrap_err();
            assert_eq!((error.kind(), error.operation()), (Kind::Exists, "CreateUser"), "{error}");
            let error = identities.user("nobody").await.unwrap_err();
            assert_eq!(error.kind(), Kind::NotFound, "{error}");
            let error = policies.create("broken", "{").await.unwrap_err();
            assert_eq!(error.kind(), Kind::Invalid, "{error}");
            let error = identities.delete_user("ann").await.unwrap_err();
            assert_eq!(error.kind(), Kind::State, "{error}");
        }
    }
}

#[tokio::test]
async fn a_user_in_this_process_may_what_its_policies_allow_and_no_more() {
    for dialect in ["aws", "alibaba"] {
        let (engine, owner) = embedded(dialect, None).await;
        let key = owner.keys().create().await.unwrap();
        owner.identities().create_user("ann").await.unwrap();
        let ann = as_user(&engine, dialect, Some("ann"));
        let denied = ann.key(&key.id).encrypt("x").await.unwrap_err();
        assert_eq!(denied.kind(), Kind::Denied, "{denied}");
        let (version, resource) =
            if dialect == "aws" { ("2012-10-17", "arn:aws:kms:*:*:key/*") } else { ("1", "acs:kms:*:*:*") };
        let document = format!(
            r#"{{"Version":"{version}","Statement":[{{"Effect":"Allow","Action":"kms:Encrypt","Resource":"{resource}"}}]}}"#
        );
        owner.policies().create("encrypts", document).await.unwrap();
        owner.policies().attach("encrypts", Holder::User("ann".to_owned())).await.unwrap();
        let sealed = ann.key(&key.id).encrypt("x").await.unwrap();
        assert_eq!(ann.key(&key.id).decrypt(sealed.blob.clone()).await.unwrap_err().kind(), Kind::Denied);
        assert_eq!(owner.key(&key.id).decrypt(sealed.blob).await.unwrap().plaintext.expose(), b"x");
        let nobody = as_user(&engine, dialect, Some("nobody"));
        assert_eq!(nobody.whoami().await.unwrap_err().kind(), Kind::NotFound);
    }
}

#[tokio::test]
async fn binary_data_survives_clouds_that_encrypt_texts() {
    let every_byte: Vec<u8> = (0..=255).collect();
    for dialect in ["aws", "alibaba"] {
        let (_, client) = embedded(dialect, None).await;
        let key = client.keys().create().await.unwrap();
        let key = client.key(&*key.arn);
        let sealed = key.encrypt(&every_byte).await.unwrap();
        assert_eq!(key.decrypt(sealed.blob).await.unwrap().plaintext.expose(), every_byte);
        let sealed = key.sealed_data_key().await.unwrap();
        assert_eq!(key.decrypt(sealed.blob).await.unwrap().plaintext.expose().len(), 32);
    }
}

#[tokio::test]
async fn a_key_does_not_open_what_another_encrypted() {
    for dialect in ["aws", "alibaba"] {
        let (_, client) = embedded(dialect, None).await;
        let (one, other) = (client.keys().create().await.unwrap(), client.keys().create().await.unwrap());
        let sealed = client.key(&one.id).encrypt("x").await.unwrap();
        let error = client.key(&other.id).decrypt(sealed.blob).await.unwrap_err();
        assert!(matches!(error.kind(), Kind::Ciphertext | Kind::Unexpected), "{error}");
    }
}

#[tokio::test]
async fn limits_of_requests_hold_in_this_process_too() {
    let (_, client) = embedded("aws", None).await;
    let key = client.keys().create().await.unwrap();
    let error = client.key(&key.id).encrypt(vec![0; 4097]).await.unwrap_err();
    assert_eq!(error.vendor_code(), Some("ValidationException"));
    assert!(error.message().contains("less than or equal to 4096"), "{error}");
    client.key(&key.id).encrypt(vec![0; 4096]).await.unwrap();
}

#[tokio::test]
async fn what_a_cloud_cannot_do_is_told_before_anything_is_sent() {
    let (_, client) = embedded("alibaba", None).await;
    let error = client.identities().put_inline_policy(Holder::User("ann".to_owned()), "p", "{}").await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (Kind::Unsupported, 0), "{error}");
    let capabilities = client.capabilities();
    assert!(matches!(capabilities.operation::<core::identity::inline::PutInline>(), Support::No { .. }));
    assert_eq!(capabilities.operation::<core::key::Enable>(), Support::Yes);
    assert!(capabilities.condition_key::<core::key::Encrypt>("kms:tag/Project"));
    assert!(!capabilities.condition_key::<CreateUser>("kms:tag/Project"));
    assert_eq!(capabilities.named("kms", "Nonsense"), None);
    assert!(capabilities.iter().count() > 100);
}

#[tokio::test]
async fn wrong_credentials_are_told_as_such() {
    let (_folder, server) = server();
    for (dialect, region) in [("aws", "us-east-1"), ("alibaba", "cn-hangzhou")] {
        let error = remote(&server, dialect, region, "not the secret").whoami().await.unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (Kind::Credentials, 1), "{error}");
        assert!(error.request_id().is_some() && !error.to_string().contains("not the secret"), "{error}");
    }
}

#[tokio::test]
async fn an_envelope_opens_with_the_key_of_either_cloud_and_with_no_other() {
    let (_folder, server) = server();
    let (one, other) = (remote(&server, "aws", "us-east-1", OWN), remote(&server, "alibaba", "cn-hangzhou", OWN));
    let (key_of_one, key_of_other) = (one.keys().create().await.unwrap(), other.keys().create().await.unwrap());
    one.key(&key_of_one.id).create_alias("backups").await.unwrap();
    let first = Envelope::new().to(&one, "alias/backups");
    let second = Envelope::new().to(&other, &*key_of_other.arn);
    let both = first.clone().to(&other, &*key_of_other.arn).context([("tenant", "7")]).unwrap().verified();
    let message = vec![5; 100_000];
    let sealed = both.seal(&message).await.unwrap();
    for opens in [&first, &second, &both] {
        assert_eq!(opens.open(&sealed).await.unwrap().expose(), message);
    }
    let stranger = one.keys().create().await.unwrap();
    let error = Envelope::new().to(&one, &stranger.id).open(&sealed).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Ciphertext, "{error}");
    let mut cut = sealed.clone();
    cut.truncate(sealed.len() - 1);
    assert_eq!(first.open(&cut).await.unwrap_err().kind(), Kind::Ciphertext);
    let again = Envelope::new().to(&one, &stranger.id).rewrap(&second, &sealed).await.unwrap();
    assert_eq!(Envelope::new().to(&one, &stranger.id).open(&again).await.unwrap().expose(), message);
    assert_eq!(first.open(&again).await.unwrap_err().kind(), Kind::Ciphertext);
    one.key(&key_of_one.id).disable().await.unwrap();
    assert_eq!(first.open(&sealed).await.unwrap_err().kind(), Kind::State);
    assert_eq!(both.open(&sealed).await.unwrap().expose(), message, "the other cloud is enough");
    // What an envelope holds is no ciphertext of its key, and the other way round.
    let ciphertext = other.key(&key_of_other.id).encrypt([0; 32]).await.unwrap();
    assert!(other.key(&key_of_other.id).decrypt(ciphertext.blob).context([("polykms-envelope", "1")]).await.is_err());
}

/// What the command line says of a place.
struct Shell {
    folder: TempDir,
    at: String,
}

impl Shell {
    fn said(&self, arguments: &[&str]) -> (Option<i32>, String) {
        let program = Program::new(arguments.iter().copied()).arguments(["--at", &self.at]);
        program
            .variable("AWS_ACCESS_KEY_ID", "OWNEROFTESTS")
            .variable("AWS_SECRET_ACCESS_KEY", OWN)
            .variable("ALIBABA_CLOUD_ACCESS_KEY_ID", "OWNEROFTESTS")
            .variable("ALIBABA_CLOUD_ACCESS_KEY_SECRET", OWN)
            .end(self.folder.path())
    }

    fn done(&self, arguments: &[&str]) -> String {
        let (status, said) = self.said(arguments);
        assert_eq!(status, Some(0), "{arguments:?}: {said}");
        said
    }

    fn file(&self, name: &str, content: &[u8]) {
        std::fs::write(self.folder.path().join(name), content).expect("a file");
    }
}

#[test]
fn the_command_line_does_the_same() {
    let (_folder, server) = server();
    let at = server.address();
    for at in [format!("aws://us-east-1?endpoint=http://{at}"), format!("alibaba://cn-hangzhou?endpoint=http://{at}")] {
        let shell = Shell { folder: tempfile::tempdir().expect("a folder"), at };
        let made = shell.done(&["key", "create", "--description", "of a test", "--tag", "Project=Apollo", "--json"]);
        let made: serde_json::Value = serde_json::from_str(&made).expect("one object");
        let id = made["id"].as_str().expect("an identifier");
        assert!(shell.done(&["key", "list"]).contains(id));
        shell.done(&["key", "alias", "of-tests", id]);
        assert!(shell.done(&["key", "aliases"]).contains("alias/of-tests"));
        shell.file("plain", b"attack at dawn");
        let sealed = shell.done(&["key", "encrypt", "alias/of-tests", "--context", "a=1", "--in", "plain"]);
        shell.file("sealed", sealed.as_bytes());
        assert_eq!(shell.done(&["key", "decrypt", id, "--context", "a=1", "--in", "sealed"]), "attack at dawn");
        let (status, said) = shell.said(&["key", "decrypt", id, "--context", "a=2", "--in", "sealed"]);
        assert_eq!(status, Some(1), "{said}");

        let large: Vec<u8> = (0..500_000_u32).flat_map(u32::to_be_bytes).collect();
        shell.file("large", &large);
        shell.done(&["key", "seal", id, "--in", "large", "--out", "large.sealed"]);
        shell.done(&["key", "open", id, "--in", "large.sealed", "--out", "large.opened"]);
        assert!(std::fs::read(shell.folder.path().join("large.opened")).expect("a file") == large);
        let sealed = std::fs::read(shell.folder.path().join("large.sealed")).expect("a file");
        shell.file("cut.sealed", &sealed[..sealed.len() - 1]);
        let (status, said) = shell.said(&["key", "open", id, "--in", "cut.sealed", "--out", "cut.opened"]);
        assert!(status == Some(1) && said.contains("does not open"), "{said}");
        assert!(!shell.folder.path().join("cut.opened").exists(), "half a message has no name");

        shell.done(&["identity", "create-user", "ann"]);
        shell.done(&["identity", "create-group", "ops"]);
        shell.done(&["identity", "join", "ann", "ops"]);
        assert!(shell.done(&["identity", "users"]).contains("ann"));
        let version = if shell.at.starts_with("aws") { "2012-10-17" } else { "1" };
        let document = format!(
            r#"{{"Version":"{version}","Statement":[{{"Effect":"Allow","Action":"kms:ListKeys","Resource":"*"}}]}}"#
        );
        shell.file("lists.json", document.as_bytes());
        shell.done(&["policy", "managed", "create", "lists", "lists.json"]);
        shell.done(&["policy", "managed", "attach", "lists", "group/ops"]);
        assert!(shell.done(&["policy", "managed", "of", "group/ops"]).contains("lists"));
        assert!(shell.done(&["policy", "managed", "put", "lists", "lists.json"]).contains("v2"));
        let (status, said) = shell.said(&["identity", "delete-user", "ann"]);
        assert!(status == Some(1) && !said.contains("panicked"), "{said}");
        let whoami = shell.done(&["identity", "whoami", "--json"]);
        assert!(whoami.contains("\"account\""), "{whoami}");
        shell.done(&["key", "delete", id, "--days", "7"]);
    }
    let folder = tempfile::tempdir().expect("a folder");
    let (status, said) = Program::new(["key", "list"]).end(folder.path());
    assert!(status == Some(2) && said.contains("--at"), "{said}");
}
