//! The client against a server that others wrote: moto, for what it has of AWS. What it answers is what an engine of ours
//! answers, or `tests/data/moto.json` says where they differ and who is right.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "tests")]

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use futures_util::TryStreamExt as _;
use polykms::client::{AccessKeys, Error, Remote, Static};
use polykms::core::engine::Local;
use polykms::core::holder::Holder;
use polykms::core::secret::AccessSecret;
use polykms::{Builder, Client, Storage};
use serde::Deserialize;

/// The folder in which `setup.sh` installs what is not ours.
fn tools() -> PathBuf {
    match std::env::var_os("POLYKMS_SDK_TOOLS") {
        Some(folder) => std::path::absolute(folder).expect("the folder of the tools has a path"),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("target/sdk-tools"),
    }
}

/// A running moto; it ends with the value.
struct Moto {
    child: Child,
    address: String,
}

impl Moto {
    fn start() -> Self {
        let setup = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sdk/setup.sh");
        let status = Command::new("bash").arg(setup).env("POLYKMS_SDK_TOOLS", tools()).status();
        assert!(status.expect("setup.sh runs").success(), "setup.sh");
        let mut child = Command::new(tools().join("venv/bin/moto_server"))
            .args(["-H", "127.0.0.1", "-p", "0"])
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("PYTHONUNBUFFERED", "1")
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("moto runs");
        let mut lines = BufReader::new(child.stderr.take().expect("its words")).lines();
        let address = lines.by_ref().map_while(Result::ok).find_map(|line| {
            let (_, address) = line.split_once("Running on http://")?;
            Some(address.trim().to_owned())
        });
        // Nobody reads what it says of each request, and nothing may wait for that.
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, address: address.expect("moto says where it is") }
    }

    fn client(&self) -> Client {
        let dialect = polykms::registry().expect("dialects").named("aws").expect("the dialect");
        let keys = AccessKeys::new("AKIDEXAMPLE", AccessSecret::new("secret".to_owned()));
        let remote = Remote::builder(dialect)
            .environment(false)
            .region("us-east-1")
            .endpoint(format!("http://{}", self.address))
            .credentials(Static(keys));
        Client::remote(remote.build().expect("a client"))
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

async fn ours() -> Client {
    let engine = Builder::new().storage(Storage::Memory).build().await.expect("an engine");
    let dialect = polykms::registry().expect("dialects").named("aws").expect("the dialect");
    let who = Local { account: "111122223333".to_owned(), user: None, region: "us-east-1".into() };
    Client::embedded(engine, dialect, who)
}

/// What came of each step: `ok` with what is worth telling, or the kind of its error and the vendor's code.
#[derive(Default)]
struct Told(BTreeMap<&'static str, String>);

impl Told {
    fn note<T>(&mut self, step: &'static str, outcome: Result<T, Error>, tell: impl FnOnce(&T) -> String) -> Option<T> {
        let told = match &outcome {
            Ok(value) => format!("ok {}", tell(value)).trim_end().to_owned(),
            Err(error) => format!("{:?} {}", error.kind(), error.vendor_code().unwrap_or("-")),
        };
        assert!(self.0.insert(step, told).is_none(), "{step} is told twice");
        outcome.ok()
    }

    fn done<T>(&mut self, step: &'static str, outcome: Result<T, Error>) -> Option<T> {
        self.note(step, outcome, |_| String::new())
    }
}

const POLICY: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"kms:ListKeys","Resource":"*"}]}"#;

/// The life of a key.
async fn keys(client: &Client, told: &mut Told) {
    let made = client.keys().create().with(|key| {
        key.description = Some("of a test".to_owned());
        key.tags.insert("Project".to_owned(), "Apollo".to_owned());
        key.tag_keys.push("Project".to_owned());
    });
    let made = told.done("create a key", made.await).expect("a key");
    let key = client.key(&made.id);
    told.note("describe it", key.describe().await, |it| it.description.clone());
    told.done("describe it by its full name", client.key(&*made.arn).describe().await);
    told.done("describe none", client.key("11111111-2222-3333-4444-555555555555").describe().await);
    let listed: Result<Vec<_>, _> = client.keys().list().try_collect().await;
    told.note("list keys", listed, |all| all.iter().any(|it| it.id == made.id).to_string());
    let tags: Result<Vec<_>, _> = key.tags().try_collect().await;
    told.note("list its tags", tags, |all| format!("{all:?}"));
    told.done("tag it", key.tag([("Stage", "test")]).await);
    told.done("untag it", key.untag(["Project"]).await);
    let tags: Result<Vec<_>, _> = key.tags().try_collect().await;
    told.note("list its tags again", tags, |all| format!("{all:?}"));
    told.done("describe it otherwise", key.set_description("another").await);

    let sealed =
        told.done("encrypt", key.encrypt("attack at dawn").context([("tenant", "7")]).await).expect("a ciphertext");
    let opened = key.decrypt(sealed.blob.clone()).context([("tenant", "7")]).await;
    told.note("decrypt", opened, |it| (it.plaintext.expose() == b"attack at dawn").to_string());
    told.done("decrypt for another", key.decrypt(sealed.blob.clone()).context([("tenant", "8")]).await);
    told.done("decrypt nothing", key.decrypt(b"nothing".to_vec()).await);
    told.done("encrypt too much", key.encrypt(vec![0; 4097]).await);
    let fresh = told.note("a data key", key.data_key().await, |it| it.plaintext.expose().len().to_string());
    let fresh = fresh.expect("a data key");
    let again = key.decrypt(fresh.encrypted.blob).await;
    told.note("open the data key", again, |it| (it.plaintext.expose() == fresh.plaintext.expose()).to_string());
    let hidden = told.done("a data key that is not shown", key.sealed_data_key().await).expect("a data key");
    told.note("open that", key.decrypt(hidden.blob).await, |it| it.plaintext.expose().len().to_string());
    let other = told.done("another key", client.keys().create().await).expect("another key");
    let other = client.key(&other.id);
    let plain = key.encrypt("x").await.expect("a ciphertext");
    told.done("encrypt anew", key.re_encrypt(plain.blob.clone(), &other).await);
    told.done("decrypt by another key", other.decrypt(plain.blob).await);
    told.note("random bytes", client.keys().random(32).await, |it| it.expose().len().to_string());

    told.done("an alias", key.create_alias("of-a-test").await);
    told.done("the same alias", key.create_alias("of-a-test").await);
    let by_alias = client.key("alias/of-a-test").describe().await;
    told.note("describe by alias", by_alias, |it| (it.id == made.id).to_string());
    told.done("lead the alias elsewhere", other.update_alias("of-a-test").await);
    let aliases: Result<Vec<_>, _> = client.keys().aliases().try_collect().await;
    told.note("list aliases", aliases, |all| all.iter().any(|it| it.name.contains("of-a-test")).to_string());
    told.done("delete the alias", client.keys().delete_alias("of-a-test").await);
    told.done("describe by no alias", client.key("alias/of-a-test").describe().await);

    told.done("read its policy", key.policy().await);
    told.done("write no policy", key.put_policy("{").await);
    told.done("switch it off", key.disable().await);
    told.done("encrypt while off", key.encrypt("too late").await);
    told.done("switch it on", key.enable().await);
    told.done("schedule its deletion", key.schedule_deletion(7).await);
    told.done("encrypt while it waits", key.encrypt("gone").await);
    told.done("switch it on while it waits", key.enable().await);
    told.done("keep it", key.cancel_deletion().await);
    told.done("encrypt after that", key.encrypt("off").await);
    told.done("too short a wait", key.schedule_deletion(3).await);
}

/// Users, groups, roles and policies.
async fn identities(client: &Client, told: &mut Told) {
    let (identities, policies) = (client.identities(), client.policies());
    told.note("create a user", identities.create_user("ann").await, |it| it.name.clone());
    told.done("create it again", identities.create_user("ann").await);
    told.done("read no user", identities.user("nobody").await);
    let users: Result<Vec<_>, _> = identities.users().try_collect().await;
    told.note("list users", users, |all| all.iter().any(|it| it.name == "ann").to_string());
    told.done("create a group", identities.create_group("ops").await);
    told.done("join", identities.add_to_group("ann", "ops").await);
    told.done("join none", identities.add_to_group("ann", "none").await);
    identities.create_user("bob").await.expect("another user");
    identities.add_to_group("bob", "ops").await.expect("in the group");
    told.done("delete who is in a group", identities.delete_user("bob").await);
    told.done("create a policy", policies.create("lists", POLICY).await);
    told.done("create it anew", policies.create("lists", POLICY).await);
    told.done("create none", policies.create("broken", "{").await);
    told.done("attach it", policies.attach("lists", Holder::Group("ops".to_owned())).await);
    let attached: Result<Vec<_>, _> = policies.attached(Holder::Group("ops".to_owned())).try_collect().await;
    told.note("list what is attached", attached, |all| all.len().to_string());
    policies.create("kept", POLICY).await.expect("another policy");
    identities.create_user("dan").await.expect("another user");
    policies.attach("kept", Holder::User("dan".to_owned())).await.expect("attached");
    told.done("delete what is attached", policies.delete("kept").await);
    told.done("detach it", policies.detach("lists", Holder::Group("ops".to_owned())).await);
    told.done("another version", policies.put("lists", POLICY).await);
    let versions: Result<Vec<_>, _> = policies.versions("lists").try_collect().await;
    told.note("list its versions", versions, |all| all.len().to_string());
    told.done("an inline policy", identities.put_inline_policy(Holder::User("ann".to_owned()), "own", POLICY).await);
    told.done("read it", identities.inline_policy(Holder::User("ann".to_owned()), "own").await);
    told.done("delete it", identities.delete_inline_policy(Holder::User("ann".to_owned()), "own").await);
    told.done("an access key", identities.create_access_key("ann").await);
    let keys: Result<Vec<_>, _> = identities.access_keys("ann").try_collect().await;
    let id =
        told.note("list access keys", keys, |all| all.len().to_string()).and_then(|all| Some(all.first()?.id.clone()));
    identities.create_user("cid").await.expect("another user");
    identities.create_access_key("cid").await.expect("its access key");
    told.done("delete who has an access key", identities.delete_user("cid").await);
    told.done("delete the access key", identities.delete_access_key("ann", id.unwrap_or_default()).await);
    told.done("leave", identities.remove_from_group("ann", "ops").await);
    drop(identities.remove_from_group("bob", "ops").await);
    told.done("delete the group", identities.delete_group("ops").await);
    told.done("delete the user", identities.delete_user("ann").await);
    let trust = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;
    told.done("create a role", identities.create_role("app", trust).await);
    told.note("read the role", identities.role("app").await, |it| it.name.clone());
    told.done("delete the role", identities.delete_role("app").await);
    told.done("who is it", client.whoami().await);
}

/// Where moto and an engine of ours differ.
#[derive(Deserialize)]
struct Difference {
    step: String,
    moto: String,
    ours: String,
    /// Who of them is right: `ours` or `moto`.
    right: String,
    /// Where that is said.
    why: String,
}

#[tokio::test]
async fn moto_answers_as_an_engine_of_ours_does_or_it_is_known_who_is_right() {
    let moto = Moto::start();
    let (mut theirs, mut expected) = (Told::default(), Told::default());
    for (client, told) in [(moto.client(), &mut theirs), (ours().await, &mut expected)] {
        keys(&client, told).await;
        identities(&client, told).await;
    }
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/moto.json"));
    let known: Vec<Difference> = serde_json::from_str(&text.expect("the differences")).expect("JSON");
    let mut wrong = Vec::new();
    let mut used = BTreeSet::new();
    for (step, ours) in &expected.0 {
        let theirs = theirs.0.get(step).expect("the same steps");
        match known.iter().find(|known| known.step == *step) {
            _ if ours == theirs => {}
            Some(known) if known.moto == *theirs && known.ours == *ours => drop(used.insert(&known.step)),
            _ => wrong.push(format!("{step}: moto says `{theirs}`, we `{ours}`")),
        }
    }
    assert!(wrong.is_empty(), "{} of {} steps differ:\n{}", wrong.len(), expected.0.len(), wrong.join("\n"));
    assert_eq!(used.len(), known.len(), "every difference is still there");
    assert!(known.iter().all(|known| matches!(&*known.right, "ours" | "moto") && known.why.len() > 20));
    assert!(known.len() * 4 < expected.0.len(), "most of it is the same");
    println!("{} steps, {} differ", expected.0.len(), known.len());
}

#[test]
fn the_example_runs_against_moto_as_far_as_moto_goes() {
    let moto = Moto::start();
    let folder = Path::new(env!("CARGO_BIN_EXE_polykms")).parent().expect("a folder").join("examples");
    let output = Command::new(folder.join("sdk_aws"))
        .arg(format!("aws://us-east-1?endpoint=http://{}", moto.address))
        .envs([("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"), ("AWS_SECRET_ACCESS_KEY", "secret")])
        .env_remove("AWS_SESSION_TOKEN")
        .output()
        .expect("the example runs");
    let said = String::from_utf8_lossy(&output.stdout);
    for line in [
        "a key was made",
        "what it encrypted opens again",
        "and not for another tenant: Ciphertext",
        "a data key of 32 bytes is told again",
        "it goes by an alias, too",
        "it is on the list, with its tags",
    ] {
        assert!(said.contains(line), "{line}:\n{said}{}", String::from_utf8_lossy(&output.stderr));
    }
}
