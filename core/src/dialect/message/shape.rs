//! Shapes: what a message holds, as the vendor's model declares it; plain data, made at compile time.
//!
//! Follows the shapes and constraint traits of Smithy (1.0): `length`, `range`, `pattern`, `enum`, `required`, `sensitive`.

/// One member of a message.
#[derive(Debug, Clone, Copy)]
pub struct Member {
    /// Its name on the wire.
    pub name: &'static str,
    /// Its form.
    pub shape: Shape,
    /// Whether it has to be there.
    pub required: bool,
    /// Whether it never reaches `Debug`, a log or the audit trail.
    pub sensitive: bool,
    /// How far it is built.
    pub use_: Use,
    /// What a request says that does not have it.
    pub default: Option<DefaultValue>,
}

/// The value that a member has where a request does not have it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DefaultValue {
    /// Characters.
    Text(&'static str),
    /// A whole number.
    Integer(i64),
    /// True or false.
    Flag(bool),
    /// Characters, several times.
    Texts(&'static [&'static str]),
}

/// How far a member is built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// It is read and written.
    Built,
    /// It may be given and changes nothing, for the reason said here.
    Ignored(&'static str),
    /// It is refused when it is given, for the reason said here; answers never have it.
    Unbuilt(&'static str),
    /// It is read, so that the operation refuses it in words of its own, for the reason said here; what is not refused
    /// changes nothing. Clients do not write it.
    Refused(&'static str),
    /// It is the former name of this member and read in its place. Clients do not write it.
    Former(&'static str),
}

impl Use {
    /// Whether it is read, and has a field.
    pub const fn is_read(self) -> bool {
        matches!(self, Self::Built | Self::Refused(_) | Self::Former(_))
    }
}

/// The form of a value.
#[derive(Debug, Clone, Copy)]
pub enum Shape {
    /// Characters.
    Text(Text),
    /// So many bytes at least, and at most.
    Blob(u32, u32),
    /// A whole number between two, both included.
    Integer(i64, i64),
    /// True or false.
    Flag,
    /// An instant.
    Time,
    /// Values of one form.
    List(&'static List),
    /// Values of one form by name.
    Map(&'static Map),
    /// Members by name.
    Structure(&'static [Member]),
}

/// The form of a text.
#[derive(Debug, Clone, Copy)]
pub struct Text {
    /// The fewest characters.
    pub min: u32,
    /// The most characters.
    pub max: u32,
    /// What it looks like, where the vendor says so.
    pub pattern: Option<&'static Pattern>,
    /// The texts it may be; any, when empty.
    pub one_of: &'static [&'static str],
    /// The texts that the vendor says it may be, where it does not list all of them.
    pub listed: Option<&'static str>,
}

/// What a text looks like.
#[derive(Debug)]
pub struct Pattern {
    /// The regular expression as the vendor shows it.
    pub shown: &'static str,
    /// Whether a text matches it as a whole.
    pub fits: fn(&str) -> bool,
}

/// The form of a list.
#[derive(Debug, Clone, Copy)]
pub struct List {
    /// What is on it.
    pub of: Shape,
    /// The fewest items.
    pub min: u32,
    /// The most items.
    pub max: u32,
    /// Whether parameters have it as one text, with commas between its items.
    pub joined: bool,
    /// Whether it is a parameter for each item, in a protocol that has one JSON text for other lists.
    pub numbered: bool,
}

/// The form of a map.
#[derive(Debug, Clone, Copy)]
pub struct Map {
    /// The form of its names.
    pub name: Text,
    /// The form of its values.
    pub value: Shape,
    /// The fewest entries.
    pub min: u32,
    /// The most entries.
    pub max: u32,
}

/// No upper limit.
pub const ANY: u32 = u32::MAX;

impl Text {
    /// A text without limits.
    pub const FREE: Self = Self { min: 0, max: ANY, pattern: None, one_of: &[], listed: None };
}

impl List {
    /// So many items of a form.
    pub const fn new(of: Shape, min: u32, max: u32) -> Self {
        Self { of, min, max, joined: false, numbered: false }
    }

    /// The same, as a list that parameters have as one text.
    #[must_use]
    pub const fn joined(self) -> Self {
        Self { joined: true, ..self }
    }

    /// A list that is a parameter for each item.
    #[must_use]
    pub const fn numbered(self) -> Self {
        Self { numbered: true, ..self }
    }
}

impl Shape {
    /// A text of so many characters.
    pub const fn text(min: u32, max: u32) -> Self {
        Self::Text(Text { min, max, pattern: None, one_of: &[], listed: None })
    }

    /// A text of so many characters that looks like this.
    pub const fn like(min: u32, max: u32, pattern: &'static Pattern) -> Self {
        Self::Text(Text { min, max, pattern: Some(pattern), one_of: &[], listed: None })
    }

    /// One of these texts, of which the vendor lists only some.
    pub const fn listed(one_of: &'static [&'static str], listed: &'static str) -> Self {
        Self::Text(Text { min: 0, max: ANY, pattern: None, one_of, listed: Some(listed) })
    }

    /// One of these texts.
    pub const fn one_of(one_of: &'static [&'static str]) -> Self {
        Self::Text(Text { min: 0, max: ANY, pattern: None, one_of, listed: None })
    }
}

impl Member {
    /// A member that may be missing.
    pub const fn new(name: &'static str, shape: Shape) -> Self {
        Self { name, shape, required: false, sensitive: false, use_: Use::Built, default: None }
    }

    /// The same, as one that has to be there.
    #[must_use]
    pub const fn required(self) -> Self {
        Self { required: true, ..self }
    }

    /// The same, as one that nobody else may see.
    #[must_use]
    pub const fn sensitive(self) -> Self {
        Self { sensitive: true, ..self }
    }

    /// The same, as one that may be given and changes nothing.
    #[must_use]
    pub const fn ignored(self, why: &'static str) -> Self {
        Self { use_: Use::Ignored(why), ..self }
    }

    /// The same, as one that is not built.
    #[must_use]
    pub const fn unbuilt(self, why: &'static str) -> Self {
        Self { use_: Use::Unbuilt(why), ..self }
    }

    /// The same, as one that operations refuse in words of their own.
    #[must_use]
    pub const fn refused(self, why: &'static str) -> Self {
        Self { use_: Use::Refused(why), ..self }
    }

    /// The same, as the former name of another one.
    #[must_use]
    pub const fn former(self, of: &'static str) -> Self {
        Self { use_: Use::Former(of), ..self }
    }

    /// The same, as one that has this value where a request does not have it.
    #[must_use]
    pub const fn defaults_to(self, value: DefaultValue) -> Self {
        Self { default: Some(value), ..self }
    }
}
