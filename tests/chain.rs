//! Credentials from where the vendors' own clients look for them: an example program, started with nothing but that place, does
//! its work against a server of both clouds.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "tests")]

mod program;

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;

use polykms::Client;
use polykms::client::{AccessKeys, Remote, Static};
use polykms::core::holder::Holder;
use polykms::core::secret::AccessSecret;
use program::{OWN, Program, Server, owners};
use serde_json::json;
use tempfile::TempDir;

/// A server of both clouds, and a folder of a user.
struct World {
    home: TempDir,
    _folder: TempDir,
    server: Server,
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let server = owners(Program::new(["dev"])).start(folder.path());
        Self { home: tempfile::tempdir().expect("a home"), _folder: folder, server }
    }

    fn file(&self, name: &str, text: &str) {
        let path = self.home.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, text).expect("a file");
    }

    fn endpoint(&self) -> String {
        format!("http://{}", self.server.address())
    }

    /// Runs an example with this environment and no other; whether it ended well, and what it said.
    fn example(&self, url: &str, variables: &[(&str, &str)]) -> (bool, String) {
        let folder = Path::new(env!("CARGO_BIN_EXE_polykms")).parent().expect("a folder").join("examples");
        let mut command = Command::new(folder.join("sdk_aws"));
        command.env_clear().env("HOME", self.home.path()).env("AWS_EC2_METADATA_DISABLED", "true");
        command.env("ALIBABA_CLOUD_ECS_METADATA_DISABLED", "true");
        let output = command.envs(variables.iter().copied()).arg(url).output().expect("the example runs");
        (output.status.success(), String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned())
    }

    fn works(&self, url: &str, variables: &[(&str, &str)]) -> String {
        let (ended_well, said) = self.example(url, variables);
        assert!(ended_well && said.contains("it will be deleted in a week"), "{url}:\n{said}");
        said
    }

    fn owner(&self, dialect: &str) -> Client {
        let dialect = polykms::registry().expect("dialects").named(dialect).expect("the dialect");
        let keys = AccessKeys::new("OWNEROFTESTS", AccessSecret::new(OWN.to_owned()));
        let remote = Remote::builder(dialect)
            .environment(false)
            .region(dialect.law.region)
            .endpoint(self.endpoint())
            .credentials(Static(keys));
        Client::remote(remote.build().expect("a client"))
    }

    /// A user whose only permission is to take on a role that may everything; its access key, and the role.
    async fn user_and_role(&self, dialect: &str) -> (String, String, String) {
        let owner = self.owner(dialect);
        let (identities, policies) = (owner.identities(), owner.policies());
        let made = identities.create_user("ann").await.expect("a user");
        let key = identities.create_access_key("ann").await.expect("an access key");
        let me = owner.whoami().await.expect("an account");
        let (version, trusted, role) = match dialect {
            "aws" => (
                "2012-10-17",
                json!({ "AWS": format!("arn:aws:iam::{}:user/ann", me.account) }),
                format!("arn:aws:iam::{}:role/app", me.account),
            ),
            _ => (
                "1",
                json!({ "RAM": [format!("acs:ram::{}:user/ann", me.account)] }),
                format!("acs:ram::{}:role/app", me.account),
            ),
        };
        drop(made);
        let trust = json!({ "Version": version, "Statement": [{ "Effect": "Allow", "Principal": trusted, "Action": "sts:AssumeRole" }] });
        identities.create_role("app", trust.to_string()).await.expect("a role");
        let may = |action: &str| {
            json!({ "Version": version, "Statement": [{ "Effect": "Allow", "Action": action, "Resource": "*" }] })
                .to_string()
        };
        policies.create("everything", may("kms:*")).await.expect("a policy");
        policies.attach("everything", Holder::Role("app".to_owned())).await.expect("attached");
        policies.create("assumes", may("sts:AssumeRole")).await.expect("a policy");
        policies.attach("assumes", Holder::User("ann".to_owned())).await.expect("attached");
        let secret = key.secret.expose().to_owned();
        (key.id, secret, role)
    }
}

/// A service beside the machine: answers each path with a text; asked for what it does not have, 404.
fn beside(answers: Vec<(&'static str, String)>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    std::thread::spawn(move || {
        for stream in listener.incoming().take(50) {
            let mut stream = stream.expect("a connection");
            let (mut bytes, mut head) = ([0; 4096], String::new());
            while !head.contains("\r\n\r\n") {
                let read = stream.read(&mut bytes).expect("a request");
                head.push_str(&String::from_utf8_lossy(&bytes[..read]));
            }
            let line = head.lines().next().expect("a line").trim_end_matches(" HTTP/1.1").to_owned();
            let answer = match answers.iter().find(|(asked, _)| *asked == line) {
                Some((_, text)) => {
                    format!("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{text}", text.len())
                }
                None => "HTTP/1.1 404 Not Found\r\nconnection: close\r\ncontent-length: 0\r\n\r\n".to_owned(),
            };
            stream.write_all(answer.as_bytes()).expect("an answer");
        }
    });
    format!("http://{address}")
}

#[test]
fn a_profile_of_aws_gives_region_endpoint_and_credentials() {
    let world = World::new();
    let key = format!("aws_access_key_id = OWNEROFTESTS\naws_secret_access_key = {OWN}\n");
    world.file(".aws/config", &format!("[profile x]\nregion = eu-west-1\nendpoint_url = {}\n", world.endpoint()));
    world.file(".aws/credentials", &format!("[x]\n{key}"));
    let said = world.works("aws://?profile=x", &[("AWS_ACCESS_KEY_ID", "ANOTHER"), ("AWS_SECRET_ACCESS_KEY", "one")]);
    assert!(said.contains("aws at eu-west-1"), "{said}");
    world.works("aws://", &[("AWS_PROFILE", "x")]);
    let (ended_well, said) = world.example("aws://us-east-1?profile=y", &[]);
    assert!(!ended_well && said.contains("there is no profile `y`"), "{said}");
    let (ended_well, said) = world.example("aws://us-east-1?endpoint=http://127.0.0.1:1", &[]);
    assert!(!ended_well && said.contains("there are no credentials in"), "{said}");
}

#[test]
fn services_beside_the_machine_tell_credentials() {
    let world = World::new();
    let url = format!("aws://us-east-1?endpoint={}", world.endpoint());
    let aws = json!({ "Code": "Success", "AccessKeyId": "OWNEROFTESTS", "SecretAccessKey": OWN }).to_string();
    let at = beside(vec![
        ("PUT /latest/api/token", "token".to_owned()),
        ("GET /latest/meta-data/iam/security-credentials/", "role".to_owned()),
        ("GET /latest/meta-data/iam/security-credentials/role", aws.clone()),
        ("GET /container?x=1", aws),
    ]);
    let instance = [("AWS_EC2_METADATA_DISABLED", "false"), ("AWS_EC2_METADATA_SERVICE_ENDPOINT", &*at)];
    world.works(&url, &instance);
    world.works(&url, &[("AWS_CONTAINER_CREDENTIALS_FULL_URI", &format!("{at}/container?x=1"))]);
    let (ended_well, said) = world.example(&url, &[("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://10.0.0.1/")]);
    assert!(!ended_well && said.contains("must not be asked"), "{said}");

    let alibaba = json!({ "Code": "Success", "AccessKeyId": "OWNEROFTESTS", "AccessKeySecret": OWN }).to_string();
    let uri = format!("{}/sts", beside(vec![("GET /sts", alibaba)]));
    world.works(
        &format!("alibaba://cn-hangzhou?endpoint={}", world.endpoint()),
        &[("ALIBABA_CLOUD_CREDENTIALS_URI", &uri)],
    );
}

#[tokio::test]
async fn roles_are_taken_on_at_a_server_of_either_cloud() {
    let world = World::new();
    let (id, secret, role) = world.user_and_role("aws").await;
    let of_user = [("AWS_ACCESS_KEY_ID", &*id), ("AWS_SECRET_ACCESS_KEY", &*secret)];
    let url = format!("aws://us-east-1?endpoint={}", world.endpoint());
    let said = world.works(&format!("{url}&role={role}"), &of_user);
    assert!(said.contains("assumed-role/app/polykms-"), "{said}");
    let (ended_well, said) = world.example(&url, &of_user);
    assert!(!ended_well && said.contains("AccessDenied"), "the user itself may nothing: {said}");
    world.file(
        ".aws/config",
        &format!("[profile app]\nrole_arn = {role}\nsource_profile = ann\nrole_session_name = me\n"),
    );
    world.file(".aws/credentials", &format!("[ann]\naws_access_key_id = {id}\naws_secret_access_key = {secret}\n"));
    let said = world.works(&format!("{url}&profile=app"), &[]);
    assert!(said.contains("assumed-role/app/me"), "{said}");

    let (id, secret, role) = world.user_and_role("alibaba").await;
    let profile = json!({ "name": "app", "mode": "RamRoleArn", "access_key_id": id, "access_key_secret": secret, "ram_role_arn": role, "ram_session_name": "me", "region_id": "cn-hangzhou" });
    world.file(".aliyun/config.json", &json!({ "current": "app", "profiles": [profile] }).to_string());
    let said = world.works(&format!("alibaba://?endpoint={}", world.endpoint()), &[]);
    assert!(said.contains("assumed-role/app/me"), "{said}");
}
