//! Settings that are lists: names of hosts, and origins of pages; by commas where they are one text.

use std::net::IpAddr;
use std::str::FromStr;

use super::Value;

/// Names and addresses of hosts, without ports.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Hosts(pub(crate) Vec<String>);

/// Origins of pages, as browsers write them: `https://front.example:8443`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Origins(pub(crate) Vec<String>);

impl FromStr for Hosts {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        items(text, host).map(Self)
    }
}

impl FromStr for Origins {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        items(text, origin).map(Self)
    }
}

fn items(text: &str, item: fn(&str) -> Result<String, String>) -> Result<Vec<String>, String> {
    text.split(',').map(|text| item(text.trim())).collect()
}

fn host(text: &str) -> Result<String, String> {
    let name = text.trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase();
    match name.parse::<IpAddr>().is_ok() || is_name(&name) {
        true => Ok(name),
        false => Err(format!("holds `{text}`, which is not the name of a host, without its port")),
    }
}

fn is_name(text: &str) -> bool {
    let label = |label: &str| {
        !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    text.split('.').all(label)
}

fn origin(text: &str) -> Result<String, String> {
    let wrong = || format!("holds `{text}`, which is not an origin like https://front.example:8443");
    let (scheme, rest) = text.split_once("://").ok_or_else(wrong)?;
    let (name, port) = match rest.rsplit_once(':') {
        Some((name, port)) if !port.ends_with(']') => (name, Some(port.parse::<u16>().map_err(|_| wrong())?)),
        _ => (rest, None),
    };
    let plain = name.strip_prefix('[').and_then(|name| name.strip_suffix(']'));
    let named = plain.map_or_else(|| is_name(name), |literal| literal.parse::<std::net::Ipv6Addr>().is_ok());
    // Browsers write neither the port that a scheme has anyway nor capital letters.
    let usual = matches!((scheme, port), ("http", Some(80)) | ("https", Some(443)));
    match scheme {
        "http" | "https" if named && !usual && text.to_ascii_lowercase() == text => Ok(text.to_owned()),
        _ => Err(wrong()),
    }
}

impl Value for Hosts {
    fn from_text(text: &str) -> Result<Self, String> {
        text.parse()
    }

    fn from_toml(value: &toml::Value) -> Result<Self, String> {
        listed(value)?.parse()
    }
}

impl Value for Origins {
    fn from_text(text: &str) -> Result<Self, String> {
        text.parse()
    }

    fn from_toml(value: &toml::Value) -> Result<Self, String> {
        listed(value)?.parse()
    }
}

/// A file may say it by a list too.
fn listed(value: &toml::Value) -> Result<String, String> {
    let text = |value: &toml::Value| value.as_str().map(str::to_owned);
    let all = match value {
        toml::Value::Array(items) => items.iter().map(text).collect::<Option<Vec<_>>>().map(|items| items.join(",")),
        other => text(other),
    };
    all.ok_or_else(|| "must be a string or a list of strings".to_owned())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_names_and_addresses_without_ports() {
        let hosts: Hosts = "kms.corp, POLYKMS,192.0.2.1,[2001:db8::1]".parse().unwrap();
        assert_eq!(hosts.0, ["kms.corp", "polykms", "192.0.2.1", "2001:db8::1"]);
        for wrong in ["", "a,", "a:1", "http://a", "*", "a..b", "a/b", "*.corp"] {
            assert!(wrong.parse::<Hosts>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn origins_are_written_as_browsers_write_them() {
        let text = "https://front.example,http://localhost:3000,http://[::1]:3000";
        assert_eq!(text.parse::<Origins>().unwrap().0.join(","), text);
        for wrong in [
            "*",
            "null",
            "front.example",
            "https://front.example/",
            "https://Front.example",
            "https://front.example:443",
            "http://a:b",
            "http://a@b",
            "ftp://a",
            "http://",
        ] {
            assert!(wrong.parse::<Origins>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn files_say_lists_by_lists_or_texts() {
        let file: toml::Table = "a = ['x', 'y']\nb = 'x,y'\nc = [1]\nd = 1".parse().unwrap();
        for name in ["a", "b"] {
            assert_eq!(Hosts::from_toml(&file[name]).unwrap().0, ["x", "y"]);
        }
        assert!(Hosts::from_toml(&file["c"]).is_err() && Origins::from_toml(&file["d"]).is_err());
    }
}
