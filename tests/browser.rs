//! A web page commands nothing: a real browser, headless, looks at a hostile page while an emulator runs beside it.
//!
//! Where there is no Chromium the test says that it was left out; with `POLYKMS_ALL_TESTS` set, as continuous integration
//! has it, that is an error.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "tests")]

mod chromium;
mod cloud;
mod program;

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use bytes::Bytes;
use cloud::{Cloud, Signer, clouds};
use polykms::core::dialect::{Credential, Request};
use polykms::core::secret::AccessSecret;
use program::{Program, Server};
use serde_json::{Value, json};

/// How long a browser may take to say what it could do.
const PATIENCE: Duration = Duration::from_secs(120);

/// A browser that looks at a page, until dropped.
struct Browser {
    child: Child,
    _profile: tempfile::TempDir,
}

impl Browser {
    fn command(program: &Path, profile: &Path) -> Command {
        let mut command = chromium::command(program, profile);
        command.arg("--host-resolver-rules=MAP evil.example 127.0.0.1");
        command
    }

    fn open(program: &Path, url: &str) -> Self {
        let profile = tempfile::tempdir().expect("a folder");
        let child = Self::command(program, profile.path()).arg(url).stdout(Stdio::null()).spawn().expect("a browser");
        Self { child, _profile: profile }
    }

    /// What a page shows that is opened by its address.
    fn shows(program: &Path, url: &str) -> String {
        let profile = tempfile::tempdir().expect("a folder");
        let output = Self::command(program, profile.path()).args(["--dump-dom", url]).output().expect("a browser");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A site with one page, which tells what came of it.
struct Site {
    address: String,
    page: Arc<Mutex<String>>,
    told: mpsc::Receiver<String>,
}

impl Site {
    fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = format!("http://localhost:{}", listener.local_addr().expect("an address").port());
        let (tell, told) = mpsc::channel();
        let page = Arc::<Mutex<String>>::default();
        let shown = Arc::clone(&page);
        std::thread::spawn(move || {
            listener.incoming().flatten().for_each(|stream| serve(stream, &shown.lock().unwrap().clone(), &tell));
        });
        Self { address, page, told }
    }
}

fn serve(mut stream: TcpStream, page: &str, tell: &mpsc::Sender<String>) {
    let _ = stream.set_read_timeout(Some(Duration::from_secs(5)));
    let mut text = String::new();
    let mut part = [0; 4096];
    let whole = |text: &str| {
        let (head, body) = text.split_once("\r\n\r\n")?;
        let length = head.to_lowercase().lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
        (body.len() >= length.unwrap_or(0)).then(|| body.to_owned())
    };
    let body = loop {
        match (whole(&text), stream.read(&mut part)) {
            (Some(body), _) => break body,
            (None, Ok(read)) if read > 0 => text.push_str(&String::from_utf8_lossy(&part[..read])),
            _ => return,
        }
        if let Some(body) = whole(&text) {
            break body;
        }
    };
    if text.starts_with("POST /told ") {
        let _ = tell.send(body);
    }
    let content = if text.starts_with("GET /page ") { page } else { "" };
    let head = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n";
    let _ = write!(stream, "{head}Content-Length: {}\r\n\r\n{content}", content.len());
}

/// What the page does: it tries, and tells what it could read.
const SCRIPT: &str = r#"<!doctype html><body><script>
const told = {};
const attempt = async (name, run) => {
  try { const answer = await run(); told[name] = answer.type + ' ' + answer.status + ' ' + await answer.text(); }
  catch (error) { told[name] = 'failed'; }
};
const pause = (time) => new Promise((resolve) => setTimeout(resolve, time));
const hidden = (element) => { element.style.display = 'none'; document.body.append(element); };
(async () => {
  const at = $REQUESTS;
  hidden(Object.assign(new Image(), { src: at.image }));
  hidden(Object.assign(document.createElement('iframe'), { src: at.frame }));
  const sink = Object.assign(document.createElement('iframe'), { name: 'sink' });
  hidden(sink);
  const form = Object.assign(document.createElement('form'), { method: 'POST', action: at.form, target: 'sink' });
  hidden(form);
  form.submit();
  await attempt('blind', () => fetch(at.blind, { mode: 'no-cors' }));
  await attempt('blind_post', () => fetch(at.blind_post, { mode: 'no-cors', method: 'POST' }));
  await attempt('reset', () => fetch(at.reset, { mode: 'no-cors', method: 'POST' }));
  await attempt('read', () => fetch(at.read));
  await attempt('asked', () => fetch(at.signed.url, { method: 'POST', headers: at.signed.headers, body: at.signed.body }));
  navigator.sendBeacon(at.beacon);
  await pause(1000);
  await fetch('$SITE/told', { method: 'POST', body: JSON.stringify(told) });
})();
</script>"#;

/// A running emulator, and signatures that everybody can make.
struct Target {
    server: Server,
    aws: Cloud,
    alibaba: Cloud,
}

impl Target {
    fn new(folder: &Path, arguments: &[&str]) -> Self {
        let mut clouds = clouds();
        let alibaba = clouds.pop().expect("two clouds");
        let aws = clouds.pop().expect("two clouds");
        Self { server: Program::new(["dev"]).arguments(arguments).start(folder), aws, alibaba }
    }

    fn owner() -> Signer {
        Signer { id: "test".to_owned(), secret: "test".to_owned(), token: None }
    }

    fn kms(&self, operation: &str, arguments: &Value) -> Request {
        let service = self.alibaba.dialect.services.iter().find(|service| service.name == "kms").expect("kms");
        self.alibaba.request_of(service, operation, arguments, Some(&Self::owner()))
    }

    fn key(&self) -> String {
        let (status, answer) = self.server.send(self.kms("CreateKey", &json!({})));
        assert_eq!(status, 200, "{answer}");
        let answer: Value = serde_json::from_str(&answer).expect("JSON");
        answer["KeyMetadata"]["KeyId"].as_str().expect("an identifier").to_owned()
    }

    fn state(&self, key: &str) -> String {
        let answer = self.server.send(self.kms("DescribeKey", &json!({"KeyId": key}))).1;
        let answer: Value = serde_json::from_str(&answer).expect("JSON");
        answer["KeyMetadata"]["KeyState"].as_str().unwrap_or("none").to_owned()
    }

    /// The target of a request in the query alone, signed with what everybody knows.
    fn target(&self, method: &str, operation: &str, arguments: &[(&str, &str)]) -> String {
        let mut target = format!("/?Action={operation}&Version=2016-01-20&RegionId=cn-hangzhou");
        for (name, value) in arguments {
            target += &format!("&{name}={value}");
        }
        let (head, ()) = http::Request::builder().method(method).uri(target).body(()).expect("a request").into_parts();
        let peer = std::net::IpAddr::from([127, 0, 0, 1]).into();
        let mut request = Request { head, body: Bytes::new(), peer, tls: false };
        let Signer { id, secret, .. } = Self::owner();
        let credential = Credential::new(id, AccessSecret::new(secret));
        let nonce = format!("browser-{}", cloud::NONCE.fetch_add(1, std::sync::atomic::Ordering::Relaxed));
        let (method, now) = (polykms_alibaba::sign::Method::V1HmacSha1, jiff::Timestamp::now());
        polykms_alibaba::sign::seal(&mut request, method, &credential, None, &nonce, now).expect("a signature");
        request.head.uri.to_string()
    }

    fn deletion(&self, method: &str, key: &str) -> String {
        self.target(method, "ScheduleKeyDeletion", &[("KeyId", key), ("PendingWindowInDays", "7")])
    }

    /// What the page is to try, each on a key of its own.
    fn requests(&self, keys: &[String]) -> Value {
        let at = |target: String| format!("http://{}{target}", self.server.address());
        let service = self.aws.dialect.services.iter().find(|service| service.name == "kms").expect("kms");
        // A browser writes the host itself: sign the one that it will write.
        let mut asked = self.aws.request_of(service, "CreateKey", &json!({}), None);
        asked.head.headers.insert("host", self.server.address().parse().expect("a host"));
        let credential = Credential::new("test".to_owned(), AccessSecret::new("test".to_owned()));
        polykms_aws::sign::seal(&mut asked, &credential, None, self.aws.region, "kms", jiff::Timestamp::now())
            .expect("a signature");
        let headers = asked.head.headers.iter().filter(|(name, _)| name.as_str() != "host");
        let headers: Value =
            headers.map(|(name, value)| (name.to_string(), Value::from(value.to_str().unwrap()))).collect();
        json!({
            "image": at(self.deletion("GET", &keys[0])),
            "frame": at(self.deletion("GET", &keys[1])),
            "form": at(self.deletion("POST", &keys[2])),
            "blind": at(self.deletion("GET", &keys[3])),
            "blind_post": at(self.deletion("POST", &keys[4])),
            "beacon": at(self.deletion("POST", &keys[5])),
            "reset": at("/_polykms/reset".to_owned()),
            "read": at(self.target("GET", "DescribeKey", &[("KeyId", &keys[0])])),
            "signed": { "url": at("/".to_owned()), "headers": headers, "body": "{}" },
        })
    }
}

/// What a page told of its attempts on the target that was started for its site.
fn told(chromium: &Path, site: &Site, target: &Target, keys: &[String]) -> Value {
    let page = SCRIPT.replace("$REQUESTS", &target.requests(keys).to_string()).replace("$SITE", &site.address);
    *site.page.lock().unwrap() = page;
    let _browser = Browser::open(chromium, &format!("{}/page", site.address));
    let told = site.told.recv_timeout(PATIENCE).expect("the page tells");
    serde_json::from_str(&told).expect("JSON")
}

#[test]
fn a_page_elsewhere_commands_nothing_and_reads_nothing() {
    let Some(chromium) = chromium::chromium() else { return chromium::left_out("tests/browser.rs") };
    let (folder, site) = (tempfile::tempdir().expect("a folder"), Site::new());
    let target = Target::new(folder.path(), &[]);
    let keys: Vec<_> = (0..8).map(|_| target.key()).collect();
    let told = told(&chromium, &site, &target, &keys);
    for blind in ["blind", "blind_post", "reset"] {
        assert_eq!(told[blind], "opaque 0 ", "{told}");
    }
    for read in ["read", "asked"] {
        assert_eq!(told[read], "failed", "{told}");
    }
    // By address bar or link: as this machine, and as a name that somebody points at this machine.
    let at = |host: &str, key: &str| format!("http://{host}{}", target.deletion("GET", key));
    let rebound = target.server.address().replace("127.0.0.1", "evil.example");
    let shown = Browser::shows(&chromium, &at(&target.server.address(), &keys[6]));
    assert!(shown.contains("requests of a browser are answered for pages of this server"), "{shown}");
    let shown = Browser::shows(&chromium, &at(&rebound, &keys[7]));
    assert!(shown.contains("the host is not one of this server's"), "{shown}");
    for key in &keys {
        assert_eq!(target.state(key), "Enabled", "{told}");
    }
    // The control: the same requests do it when they come from no browser.
    for (key, method) in keys.iter().zip(["GET", "POST"]) {
        let answer = target.server.ask(method, &target.deletion(method, key), &[]);
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
        assert_eq!(target.state(key), "PendingDeletion");
    }
    assert!(target.server.ask("POST", "/_polykms/reset", &[]).starts_with("HTTP/1.1 200 "));
    assert_eq!(target.state(&keys[2]), "none");
}

#[test]
fn a_page_of_an_allowed_origin_asks_and_reads() {
    let Some(chromium) = chromium::chromium() else { return chromium::left_out("tests/browser.rs") };
    let (folder, site) = (tempfile::tempdir().expect("a folder"), Site::new());
    let target = Target::new(folder.path(), &["--allow-origin", &site.address]);
    let keys: Vec<_> = (0..8).map(|_| target.key()).collect();
    let told = told(&chromium, &site, &target, &keys);
    for read in ["read", "asked"] {
        let answer = told[read].as_str().expect("text");
        assert!(answer.starts_with("cors 200 ") && answer.contains("KeyMetadata"), "{told}");
    }
    // What a page embeds does not say for which page it is; and no page resets anything.
    for (at, key) in keys.iter().enumerate() {
        let expected = if matches!(at, 2 | 4 | 5) { "PendingDeletion" } else { "Enabled" };
        assert_eq!(target.state(key), expected, "{at}: {told}");
    }
}
