//! The documentation holds together: every link leads to a file and to a heading that is there, and the book has every page.
//!
//! Follows CommonMark, and for the names of headings what mdBook and GitHub make of them.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "tests")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

/// What is said on one page.
#[derive(Default)]
struct Page {
    links: Vec<String>,
    headings: BTreeSet<String>,
}

impl Page {
    fn of(text: &str) -> Self {
        let (mut page, mut heading) = (Self::default(), None::<String>);
        for event in Parser::new_ext(text, Options::ENABLE_TABLES) {
            match event {
                Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                    page.links.push(dest_url.into_string());
                }
                Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
                Event::Text(text) | Event::Code(text) => {
                    if let Some(heading) = &mut heading {
                        heading.push_str(&text);
                    }
                }
                Event::End(TagEnd::Heading(_)) => page.add(&heading.take().expect("a heading")),
                _ => {}
            }
        }
        page
    }

    /// Adds a heading by the name that links have for it; the second of a name has a number.
    fn add(&mut self, heading: &str) {
        let known = |letter: char| letter.is_alphanumeric() || matches!(letter, '-' | '_');
        let words = heading.trim().to_lowercase().replace(' ', "-");
        let name: String = words.chars().filter(|letter| known(*letter)).collect();
        let numbered = (1..).map(|number| format!("{name}-{number}"));
        let free = std::iter::once(name.clone()).chain(numbered).find(|name| !self.headings.contains(name));
        self.headings.insert(free.expect("a name"));
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn pages_below(folder: &Path, found: &mut BTreeMap<PathBuf, Page>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        if path.is_dir() && !["target", "node_modules"].contains(&&*name) && !name.starts_with('.') {
            pages_below(&path, found);
        } else if name.ends_with(".md") {
            found.insert(path.clone(), Page::of(&std::fs::read_to_string(&path).expect("UTF-8")));
        }
    }
}

fn pages() -> BTreeMap<PathBuf, Page> {
    let mut found = BTreeMap::new();
    pages_below(root(), &mut found);
    assert!(found.len() > 30, "the pages were not found");
    found
}

/// Where a link of a page leads, when that is to this project: a file, and a heading of it.
fn led_to(page: &Path, link: &str) -> Option<(PathBuf, String)> {
    if link.contains("://") || link.starts_with("mailto:") {
        return None;
    }
    let (file, heading) = link.split_once('#').unwrap_or((link, ""));
    let mut path = page.parent().expect("a folder").to_owned();
    match file {
        "" => path = page.to_owned(),
        file => {
            for part in file.split('/') {
                match part {
                    "." => {}
                    ".." => assert!(path.pop(), "{link}"),
                    part => path.push(part),
                }
            }
        }
    }
    Some((path, heading.to_owned()))
}

/// The links that lead nowhere, each with its page.
fn broken(pages: &BTreeMap<PathBuf, Page>) -> Vec<String> {
    let mut broken = Vec::new();
    for (path, page) in pages {
        for link in &page.links {
            let Some((file, heading)) = led_to(path, link) else { continue };
            let is_there = match pages.get(&file) {
                Some(page) => heading.is_empty() || page.headings.contains(&heading),
                None => file.exists(),
            };
            if !is_there {
                broken.push(format!("{}: {link}", path.strip_prefix(root()).unwrap_or(path).display()));
            }
        }
    }
    broken
}

#[test]
fn every_link_leads_to_what_is_there() {
    assert_eq!(broken(&pages()), Vec::<String>::new());
}

#[test]
fn a_link_that_leads_nowhere_is_found() {
    let text =
        "# A `b` c\n\n[there](#a-b-c) [gone](#d) [gone](x.md) [there](https://example.com)\n\n```\n[no](link)\n```\n";
    let pages = BTreeMap::from([(PathBuf::from("/nowhere/page.md"), Page::of(text))]);
    assert_eq!(broken(&pages), ["/nowhere/page.md: #d", "/nowhere/page.md: x.md"]);
}

#[test]
fn the_book_has_every_page_of_the_documentation() {
    let docs = root().join("docs");
    let pages = pages();
    let summary = docs.join("SUMMARY.md");
    let listed: BTreeSet<PathBuf> =
        pages[&summary].links.iter().filter_map(|link| Some(led_to(&summary, link)?.0)).collect();
    let written: BTreeSet<PathBuf> =
        pages.keys().filter(|page| page.starts_with(&docs) && **page != summary).cloned().collect();
    assert_eq!(listed, written);
}
