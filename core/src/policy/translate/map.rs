//! What only the owner of the accounts knows: which account, region, key and private network is which.

use std::collections::BTreeMap;

/// The names of the source, each with that of the result.
#[derive(Debug, Clone, Default)]
pub struct Map {
    /// Accounts.
    pub accounts: BTreeMap<String, String>,
    /// Regions.
    pub regions: BTreeMap<String, String>,
    /// Identifiers of keys.
    pub keys: BTreeMap<String, String>,
    /// Private networks.
    pub networks: BTreeMap<String, String>,
    /// The account of the source that the documents belong to; may be left out where there is one only.
    pub home: Option<String>,
}

impl Map {
    /// The account that the documents belong to, on both sides.
    pub(super) fn home(&self) -> Option<(&str, &str)> {
        let only = || self.accounts.keys().next().filter(|_| self.accounts.len() == 1);
        let home = self.home.as_ref().or_else(only)?;
        self.accounts.get_key_value(home).map(|(from, to)| (from.as_str(), to.as_str()))
    }
}
