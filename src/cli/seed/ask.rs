//! Asks a server on this machine for what it tells of itself, over plain HTTP.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use crate::cli::Failure;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// The body of the answer to GET.
///
/// # Errors
/// [`Failure::Failed`] when there is no server, or it answers with anything but 200.
pub(super) fn get(endpoint: &str, target: &str) -> Result<Vec<u8>, Failure> {
    let address = endpoint.strip_prefix("http://").map(|rest| rest.trim_end_matches('/'));
    let address =
        address.ok_or_else(|| Failure::Usage(format!("`{endpoint}` is not a URL like http://127.0.0.1:4566")))?;
    let failed =
        |error: std::io::Error| Failure::Failed(format!("cannot ask `{endpoint}`: {error}; is the server running?"));
    let mut stream = TcpStream::connect(address).map_err(failed)?;
    stream.set_read_timeout(Some(PATIENCE)).map_err(failed)?;
    let request = format!("GET {target} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).map_err(failed)?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).map_err(failed)?;
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n");
    let end = end.ok_or_else(|| Failure::Failed(format!("`{endpoint}` does not speak HTTP")))?;
    let body = answer.split_off(end + 4);
    match answer.starts_with(b"HTTP/1.1 200") {
        true => Ok(body),
        false => {
            let why = String::from_utf8_lossy(&body);
            Err(Failure::Failed(format!("`{endpoint}` does not tell: {}", why.trim())))
        }
    }
}
