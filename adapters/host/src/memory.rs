//! The memory of this process: what the system is asked to keep of it, and what not.

/// What the system granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Guarded {
    /// No core is dumped, whatever ends the process, and no other process of the user looks into it.
    pub undumped: bool,
    /// No page goes to swap space.
    pub locked: bool,
}

/// Asks the system to dump no core of this process, and, if `lock` says so, to swap none of its memory.
///
/// Memory is locked only where the system puts no limit on that: within one, later allocations would fail.
pub fn guard(lock: bool) -> Guarded {
    Guarded { undumped: undump(), locked: lock && may_lock() && lock_all() }
}

fn undump() -> bool {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let none = Rlimit { current: Some(0), maximum: getrlimit(Resource::Core).maximum };
    let limited = setrlimit(Resource::Core, none).is_ok();
    // A limit does not hold for cores that the system pipes to a program.
    #[cfg(target_os = "linux")]
    let limited =
        limited & rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable).is_ok();
    limited
}

#[cfg(target_os = "linux")]
fn may_lock() -> bool {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    use rustix::thread::{CapabilitySet, capabilities};
    let Rlimit { maximum, .. } = getrlimit(Resource::Memlock);
    let unlimited = maximum.is_none() && setrlimit(Resource::Memlock, Rlimit { current: None, maximum }).is_ok();
    unlimited || capabilities(None).is_ok_and(|own| own.effective.contains(CapabilitySet::IPC_LOCK))
}

/// Pages are locked as they come into use, so that what is only reserved takes no memory.
#[cfg(target_os = "linux")]
fn lock_all() -> bool {
    use rustix::mm::{MlockAllFlags, mlockall};
    mlockall(MlockAllFlags::CURRENT | MlockAllFlags::FUTURE | MlockAllFlags::ONFAULT).is_ok()
}

#[cfg(not(target_os = "linux"))]
fn may_lock() -> bool {
    false
}

#[cfg(not(target_os = "linux"))]
fn lock_all() -> bool {
    false
}
