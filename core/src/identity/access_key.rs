//! Access keys.

/// What binds a sealed secret to its access key.
pub fn place(dialect: &str, id: &str) -> Vec<u8> {
    crate::name::path(&["access_key", dialect, id]).into_bytes()
}
