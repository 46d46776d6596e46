//! Seeds of other emulators of AWS.
//!
//! Follows the README of local-kms (`nsmithuk/local-kms`), "Seeding file format".

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use polykms_core::dialect::front::{Import, Imported};
use serde_json::{Value, json};

/// The forms that are known.
pub(crate) static IMPORTS: &[Import] = &[Import { name: "local-kms", looks: is_local_kms, read: local_kms }];

fn is_local_kms(file: &Value) -> bool {
    file.get("Keys").is_some_and(|keys| keys.is_object() || keys.is_array())
}

/// Symmetric keys with their aliases; a key that was rotated keeps its last material alone.
fn local_kms(file: &Value, region: &str) -> Result<Imported, String> {
    let mut import = Local { region, keys: Vec::new(), left: Vec::new() };
    for (family, sorts) in members(file.get("Keys")) {
        for (sort, keys) in members(Some(sorts)) {
            for key in items(Some(keys)) {
                import.key(family, sort, key)?;
            }
        }
    }
    for alias in items(file.get("Aliases")) {
        import.alias(alias)?;
    }
    let known = |name: &str| matches!(name, "Keys" | "Aliases");
    for (name, _) in members(Some(file)).filter(|(name, _)| !known(name)) {
        import.left.push(format!("the file: `{name}`, which is not known"));
    }
    Ok(Imported { keys: import.keys, left: import.left })
}

struct Local<'a> {
    region: &'a str,
    keys: Vec<Value>,
    left: Vec<String>,
}

impl Local<'_> {
    fn key(&mut self, family: &str, sort: &str, key: &Value) -> Result<(), String> {
        let metadata = key.get("Metadata").unwrap_or(&Value::Null);
        let id = text(metadata, "KeyId").ok_or("a key has no `Metadata.KeyId`")?;
        if !sort.eq_ignore_ascii_case("aes") {
            self.leave(id, &format!("it is {family} {sort}, and only symmetric keys for encryption are built"));
            return Ok(());
        }
        if text(metadata, "Origin") == Some("EXTERNAL") {
            self.leave(id, "its `Origin`, which is EXTERNAL: the key is one with material of its own");
        }
        let materials: Vec<&str> = items(key.get("BackingKeys")).filter_map(Value::as_str).collect();
        let Some((last, earlier)) = materials.split_last() else {
            self.leave(id, "it has no material, and keys that wait for theirs are not built");
            return Ok(());
        };
        if !earlier.is_empty() {
            let count = earlier.len();
            self.leave(
                id,
                &format!("{count} earlier backing keys: rotation is not built, what they encrypted does not open"),
            );
        }
        let material =
            bytes(last).ok_or_else(|| format!("the material of the key {id} is not 32 bytes in hexadecimal digits"))?;
        for (name, _) in members(Some(key)).filter(|(name, _)| !matches!(*name, "Metadata" | "BackingKeys" | "Tags")) {
            self.leave(id, &format!("its `{name}`, which is not built"));
        }
        let known = ["KeyId", "Description", "Origin", "KeyUsage", "KeyState", "Enabled"];
        for (name, _) in members(Some(metadata)).filter(|(name, _)| !known.contains(name)) {
            self.leave(id, &format!("its `Metadata.{name}`"));
        }
        let tags = items(key.get("Tags"));
        let tags = tags.filter_map(|tag| Some((text(tag, "TagKey")?.to_owned(), Value::from(text(tag, "TagValue")?))));
        let is_on =
            metadata.get("Enabled") != Some(&Value::Bool(false)) && text(metadata, "KeyState") != Some("Disabled");
        let made = json!({
            "id": id.to_ascii_lowercase(),
            "region": self.region,
            "material": STANDARD.encode(material),
            "description": text(metadata, "Description").unwrap_or_default(),
            "enabled": is_on,
            "tags": tags.collect::<serde_json::Map<_, _>>(),
            "aliases": [],
        });
        self.keys.push(made);
        Ok(())
    }

    fn alias(&mut self, alias: &Value) -> Result<(), String> {
        let (name, target) =
            text(alias, "AliasName").zip(text(alias, "TargetKeyId")).ok_or("an alias has no name or no key")?;
        let key = self.keys.iter_mut().find(|key| text(key, "id").is_some_and(|id| id.eq_ignore_ascii_case(target)));
        match key.and_then(|key| key.get_mut("aliases")).and_then(Value::as_array_mut) {
            Some(aliases) => aliases.push(name.into()),
            None => self.left.push(format!("the alias {name}: the key {target} is not among those carried over")),
        }
        Ok(())
    }

    fn leave(&mut self, id: &str, what: &str) {
        self.left.push(format!("the key {id}: {what}"));
    }
}

fn members(value: Option<&Value>) -> impl Iterator<Item = (&str, &Value)> {
    value.and_then(Value::as_object).into_iter().flatten().map(|(name, value)| (name.as_str(), value))
}

fn items(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    value.and_then(Value::as_array).into_iter().flatten()
}

fn text<'v>(value: &'v Value, name: &str) -> Option<&'v str> {
    value.get(name).and_then(Value::as_str)
}

/// 32 bytes in hexadecimal digits.
fn bytes(digits: &str) -> Option<[u8; 32]> {
    let digit = |at: usize| digits.get(at..=at).and_then(|digit| u8::from_str_radix(digit, 16).ok());
    let mut bytes = [0; 32];
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = digit(2 * at)? << 4 | digit(2 * at + 1)?;
    }
    (digits.len() == 64).then_some(bytes)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn keys_and_aliases_are_carried_over_and_the_rest_is_named() {
        let hex = "5cdaead27fe7da2de47945d73cd6d79e36494e73802f3cd3869f1d2cb0b5d7a9";
        let file = json!({
            "Keys": {
                "Symmetric": {"Aes": [
                    {"Metadata": {"KeyId": "bc436485-5092-42b8-92a3-0aa8b93536dc", "Description": "d"}, "BackingKeys": [hex],
                     "NextKeyRotation": "2030-09-12T15:19:21+00:00", "Tags": [{"TagKey": "a", "TagValue": "b"}]},
                    {"Metadata": {"KeyId": "49c5492b-b1bc-42a8-9a5c-b2015e810c1c"}, "BackingKeys": ["00", hex]},
                    {"Metadata": {"KeyId": "5d05267f-bb87-4d0b-8594-295a4371d414", "Origin": "EXTERNAL"}},
                ]},
                "Asymmetric": {"Ecc": [{"Metadata": {"KeyId": "800d5768-3fd7-4edd-a4b8-4c81c3e4c147"}, "PrivateKeyPem": "x"}]},
            },
            "Aliases": [
                {"AliasName": "alias/one", "TargetKeyId": "bc436485-5092-42b8-92a3-0aa8b93536dc"},
                {"AliasName": "alias/two", "TargetKeyId": "800d5768-3fd7-4edd-a4b8-4c81c3e4c147"},
            ],
        });
        assert!(is_local_kms(&file));
        let Imported { keys, left } = local_kms(&file, "eu-west-2").unwrap();
        assert_eq!(keys.len(), 2);
        assert_eq!(keys[0]["aliases"], json!(["alias/one"]));
        assert_eq!((&keys[0]["tags"], &keys[0]["region"]), (&json!({"a": "b"}), &json!("eu-west-2")));
        assert_eq!(STANDARD.decode(keys[1]["material"].as_str().unwrap()).unwrap(), bytes(hex).unwrap());
        let left = left.join("\n");
        for named in ["NextKeyRotation", "1 earlier", "EXTERNAL", "Asymmetric Ecc", "alias/two"] {
            assert!(left.contains(named), "{named}: {left}");
        }
    }

    #[test]
    fn material_that_is_none_is_no_seed() {
        let file = json!({"Keys": {"Symmetric": {"Aes": [{"Metadata": {"KeyId": "k"}, "BackingKeys": ["zz"]}]}}});
        assert!(local_kms(&file, "r").unwrap_err().contains("32 bytes"));
        assert!(!is_local_kms(&json!({"aws": []})));
    }
}
