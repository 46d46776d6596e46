//! Markers: opaque texts that lead to the rest of a list.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::World;
use crate::error::{Kind, Result};

impl World {
    /// An opaque marker that leads to the rest of a list, bound to what the list is of.
    ///
    /// # Errors
    /// [`Kind::Internal`] when the backend fails.
    pub fn marker(&self, list: &str, last: &str) -> Result<String> {
        Ok(URL_SAFE_NO_PAD.encode(self.ports.crypto.wrap(list.as_bytes(), last.as_bytes())?))
    }

    /// Reads a marker made for the same list.
    ///
    /// # Errors
    /// [`Kind::InvalidMarker`] for any other text.
    pub fn open_marker(&self, list: &str, marker: &str) -> Result<String> {
        let wrong = || Kind::InvalidMarker.because("the marker was not made for this list");
        let wrapped = URL_SAFE_NO_PAD.decode(marker).map_err(|_| wrong())?;
        let last = self.ports.crypto.unwrap(list.as_bytes(), &wrapped).map_err(|_| wrong())?;
        String::from_utf8(last.expose().to_vec()).map_err(|_| wrong())
    }
}
