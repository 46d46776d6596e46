//! The program under test: started with a ready file, asked over its socket, ended by its process id.

#![allow(dead_code, reason = "each test uses its part")]

use std::ffi::OsString;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use polykms::core::dialect::Request;
use serde_json::Value;

/// A secret that nobody knows.
pub(crate) const OWN: &str = "k9vT2qLw8xZ4mR7pJ1sDofnobody";
const START: Duration = Duration::from_secs(30);

/// A call of the program, with no settings but those that are given.
#[derive(Default)]
pub(crate) struct Program {
    arguments: Vec<OsString>,
    variables: Vec<(String, String)>,
    within: Vec<OsString>,
}

impl Program {
    pub(crate) fn new(arguments: impl IntoIterator<Item = impl Into<OsString>>) -> Self {
        Self::default().arguments(arguments)
    }

    pub(crate) fn arguments(mut self, arguments: impl IntoIterator<Item = impl Into<OsString>>) -> Self {
        self.arguments.extend(arguments.into_iter().map(Into::into));
        self
    }

    pub(crate) fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Called by another program, with these words before its own.
    pub(crate) fn within(self, words: impl IntoIterator<Item = impl Into<OsString>>) -> Self {
        Self { within: words.into_iter().map(Into::into).collect(), ..self }
    }

    fn command(self, folder: &Path) -> Command {
        let mut words = self.within.iter().map(OsString::as_os_str).chain([env!("CARGO_BIN_EXE_polykms").as_ref()]);
        let mut command = Command::new(words.next().expect("a program"));
        command.args(words);
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("POLYKMS_")) {
            command.env_remove(name);
        }
        command.args(self.arguments).envs(self.variables).current_dir(folder).stdin(Stdio::null());
        command
    }

    /// Runs to the end in a folder; status and words.
    pub(crate) fn end(self, folder: &Path) -> (Option<i32>, String) {
        let output = self.command(folder).output().expect("the program runs");
        (output.status.code(), String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned())
    }

    /// Serves in a folder, until dropped; what it says goes to `server.log` there.
    pub(crate) fn start(self, folder: &Path) -> Server {
        let (ready, log) = (folder.join("ready.json"), folder.join("server.log"));
        let _ = std::fs::remove_file(&ready);
        let out = std::fs::OpenOptions::new().append(true).create(true).open(&log).expect("a log");
        let errors = out.try_clone().expect("a log");
        let mut command = self.arguments(["--listen", "127.0.0.1:0", "--ready-file", "ready.json"]).command(folder);
        let child = command.stdout(out).stderr(errors).spawn().expect("the program starts");
        let mut server = Server { child, log, ready: Value::Null };
        server.ready = server.wait(&ready);
        server
    }
}

/// Owners of both clouds with a secret that nobody knows.
pub(crate) fn owners(program: Program) -> Program {
    ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "ALIBABA_ACCESS_KEY_ID", "ALIBABA_ACCESS_KEY_SECRET"]
        .into_iter()
        .fold(program, |program, name| {
            program.variable(&format!("POLYKMS_{name}"), if name.ends_with("ID") { "OWNEROFTESTS" } else { OWN })
        })
}

/// A running program.
pub(crate) struct Server {
    child: Child,
    log: PathBuf,
    /// What its ready file says.
    pub(crate) ready: Value,
}

impl Server {
    fn wait(&mut self, ready: &Path) -> Value {
        let begun = Instant::now();
        while begun.elapsed() < START {
            if let Some(read) = std::fs::read(ready).ok().and_then(|read| serde_json::from_slice(&read).ok()) {
                return read;
            }
            if let Some(status) = self.child.try_wait().expect("a child") {
                panic!("the program ended with {status}:\n{}", self.log());
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        panic!("the program is not ready:\n{}", self.log());
    }

    /// What it said.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(&self.log).expect("a log")
    }

    /// Host and port.
    pub(crate) fn address(&self) -> String {
        self.ready["endpoint"].as_str().expect("an endpoint").trim_start_matches("http://").to_owned()
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends bytes and reads until the connection ends.
    pub(crate) fn exchange(&self, bytes: &[u8]) -> String {
        let mut stream = TcpStream::connect(self.address()).expect("a connection");
        stream.set_read_timeout(Some(Duration::from_secs(10))).expect("a time limit");
        stream.write_all(bytes).expect("a request");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).expect("an answer");
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// Sends a signed request; status and body.
    pub(crate) fn send(&self, request: Request) -> (u16, String) {
        let Request { head, body, .. } = request;
        let mut bytes = format!("{} {} HTTP/1.1\r\nConnection: close\r\n", head.method, head.uri).into_bytes();
        for (name, value) in &head.headers {
            bytes.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
        }
        bytes.extend(format!("Content-Length: {}\r\n\r\n", body.len()).into_bytes());
        bytes.extend_from_slice(&body);
        let answer = self.exchange(&bytes);
        let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
        (status, answer.split_once("\r\n\r\n").map_or(String::new(), |(_, body)| body.to_owned()))
    }

    /// Sends a request without a body.
    pub(crate) fn ask(&self, method: &str, target: &str, headers: &[(&str, &str)]) -> String {
        let mut head = format!("{method} {target} HTTP/1.1\r\nConnection: close\r\n");
        if headers.iter().all(|(name, _)| !name.eq_ignore_ascii_case("host")) {
            head += &format!("Host: {}\r\n", self.address());
        }
        for (name, value) in headers {
            head += &format!("{name}: {value}\r\n");
        }
        self.exchange(format!("{head}\r\n").as_bytes())
    }

    /// Asks it to end and waits until it has.
    pub(crate) fn stop(mut self) -> ExitStatus {
        self.terminate();
        self.child.wait().expect("a child")
    }

    /// Aborts it, as a defect would.
    pub(crate) fn abort(mut self) -> ExitStatus {
        let process = rustix::process::Pid::from_child(&self.child);
        let _ = rustix::process::kill_process(process, rustix::process::Signal::ABORT);
        self.child.wait().expect("a child")
    }

    /// Asks it to end.
    pub(crate) fn terminate(&self) {
        let process = rustix::process::Pid::from_child(&self.child);
        let _ = rustix::process::kill_process(process, rustix::process::Signal::TERM);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
