//! Log lines on standard error.

use tracing_subscriber::filter::LevelFilter;

use crate::config::{LogFormat, LogLevel};
use crate::settings::Settings;

/// Begins to log; a panic is logged by its place alone, since its message may hold anything.
pub(crate) fn begin(settings: &Settings) {
    let level = match settings.log_level {
        LogLevel::Off => LevelFilter::OFF,
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
        LogLevel::Trace => LevelFilter::TRACE,
    };
    let lines = tracing_subscriber::fmt().with_writer(std::io::stderr).with_max_level(level);
    // A second subscriber is refused; then the first goes on.
    let _ = match settings.log_format {
        LogFormat::Text => lines.with_ansi(false).try_init(),
        LogFormat::Json => lines.json().flatten_event(true).try_init(),
    };
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        tracing::error!(target: "polykms", place, "panic");
    }));
}
