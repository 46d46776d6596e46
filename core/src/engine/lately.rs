//! Names that come again and again, allocated once a thread and not once a request: those of regions and of clients.

use std::cell::RefCell;
use std::sync::Arc;

/// How many names of a kind are kept.
const KEPT: usize = 32;
/// The longest name that is kept.
const LONGEST: usize = 256;

thread_local! {
    static REGIONS: RefCell<Names> = const { RefCell::new(Names(Vec::new())) };
    static CLIENTS: RefCell<Names> = const { RefCell::new(Names(Vec::new())) };
}

/// The name of a region.
pub(super) fn region(name: &str) -> Arc<str> {
    REGIONS.with_borrow_mut(|names| names.shared(name))
}

/// What a client calls itself.
pub(super) fn client(name: &str) -> Arc<str> {
    CLIENTS.with_borrow_mut(|names| names.shared(name))
}

struct Names(Vec<Arc<str>>);

impl Names {
    fn shared(&mut self, name: &str) -> Arc<str> {
        let Self(names) = self;
        if let Some(known) = names.iter().find(|known| ***known == *name) {
            return Arc::clone(known);
        }
        let fresh = Arc::from(name);
        if name.len() <= LONGEST {
            // Whoever makes up names does not fill the memory with them.
            if names.len() == KEPT {
                names.clear();
            }
            names.push(Arc::clone(&fresh));
        }
        fresh
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_allocated_once_and_not_too_many_are_kept() {
        let mut names = Names(Vec::new());
        let one = names.shared("one");
        assert!(Arc::ptr_eq(&one, &names.shared("one")));
        for number in 0..1000 {
            assert_eq!(*names.shared(&number.to_string()), *number.to_string());
            assert!(names.0.len() <= KEPT);
        }
        assert_eq!(names.shared("one"), one);
    }

    #[test]
    fn a_long_name_is_not_kept() {
        let mut names = Names(Vec::new());
        let long = "x".repeat(LONGEST + 1);
        assert_eq!(*names.shared(&long), *long);
        assert!(names.0.is_empty());
    }
}
