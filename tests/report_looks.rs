//! The report of a conformance run, looked at in a browser: on wide screens and on phones, light and dark.
//!
//! Letters are drawn a little differently everywhere, so a picture is held up to the known one in coarse cells
//! (`tests/data/report_looks.json`; `UPDATE_LOOKS=1` writes it anew, and pictures to look at into `target/looks`).

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "tests")]

mod chromium;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use polykms_conformance::suite::model::Confidence;
use polykms_conformance::suite::{Outcome, Report, State, report};
use serde_json::{Value, json};

/// Cells of a picture, across and down.
const CELLS: (usize, usize) = (24, 16);
/// How much lighter or darker a cell may be, of 255, and how much all of them on average.
const CELL: f64 = 40.0;
const MEAN: f64 = 5.0;

/// A screen of so many pixels; no window is narrower than 500, so the page is shown in a frame.
struct Look {
    name: &'static str,
    width: u32,
    height: u32,
    dark: bool,
}

const LOOKS: [Look; 4] = [
    Look { name: "desktop light", width: 1280, height: 900, dark: false },
    Look { name: "desktop dark", width: 1280, height: 900, dark: true },
    Look { name: "phone light", width: 390, height: 844, dark: false },
    Look { name: "phone dark", width: 390, height: 844, dark: true },
];

fn sample() -> Report {
    let failure = json!({"step": 2, "request": {"call": "kms.Decrypt", "as": "admin", "with": {"CiphertextBlob": "AQ".repeat(200)}},
        "answer": {"ok": {"KeyId": "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"}},
        "expected": {"error": {"code": "InvalidCiphertextException", "status": 400}},
        "differences": ["the refusal InvalidCiphertextException was expected, {\"ok\": …} came"]});
    let states = [
        State::Pass,
        State::Fail,
        State::Error("the target does not answer".to_owned()),
        State::Skip("policies do not decide there".to_owned()),
        State::Xfail("the context is not looked at".to_owned()),
        State::Xpass("aliases are not unique there".to_owned()),
    ];
    let outcome = |(at, state): (usize, &State)| Outcome {
        id: format!("aws/kms/topic-{}/decryption-under-another-encryption-context[row-{at}]", at % 7),
        suite: format!("aws/kms/topic-{}", at % 7),
        title: "a ciphertext opens with the context that it was made with, and with no other".to_owned(),
        confidence: [Confidence::Documented, Confidence::Recorded, Confidence::Inferred][at % 3],
        source: vec!["KMS Developer Guide: Encryption context".to_owned()],
        failures: match state {
            State::Fail => vec![serde_json::from_value(failure.clone()).expect("a failure")],
            _ => Vec::new(),
        },
        state: state.clone(),
        ms: 3,
    };
    let outcomes = states.iter().cycle().take(24).chain(std::iter::repeat_n(&State::Pass, 60));
    let outcomes = outcomes.enumerate().map(outcome).collect();
    let report = Report::new("https://kms.example.com".to_owned(), "aws", Vec::new(), outcomes);
    Report { date: "2026-01-02T03:04:05Z".to_owned(), runner: "polykms".to_owned(), ..report }
}

/// Measures the page in its frame, everything on it unfolded.
const MEASURE: &str = r#"<pre id="out"></pre><script>
const frame = document.querySelector('iframe');
frame.onload = () => {
  const page = frame.contentDocument, view = frame.contentWindow;
  page.querySelectorAll('details').forEach((details) => { details.open = true; });
  const parts = (color) => color.match(/[\d.]+/g).map(Number);
  const light = (color) => {
    const [r, g, b] = parts(color).map((part) => part / 255)
      .map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const color = view.getComputedStyle(at).backgroundColor;
      if (parts(color)[3] !== 0) return color;
    }
    return 'rgb(255, 255, 255)';
  };
  let contrast = 21, letters = 99, texts = 0;
  for (const element of page.body.querySelectorAll('*')) {
    if (![...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim())) continue;
    const style = view.getComputedStyle(element);
    const [a, b] = [light(style.color), light(behind(element))].sort();
    contrast = Math.min(contrast, (b + 0.05) / (a + 0.05));
    letters = Math.min(letters, parseFloat(style.fontSize));
    texts += 1;
  }
  document.getElementById('out').textContent = JSON.stringify({
    contrast, letters, texts, beyond: page.documentElement.scrollWidth - view.innerWidth, width: view.innerWidth,
    dark: light(view.getComputedStyle(page.body).backgroundColor) < 0.2,
  });
};
</script>"#;

/// Tells how light a picture is, cell by cell.
const CELLS_OF: &str = r#"<pre id="out"></pre><script>
const image = new Image();
image.onload = () => {
  const [across, down, width, height] = $SIZES;
  const canvas = Object.assign(document.createElement('canvas'), { width, height });
  const drawn = canvas.getContext('2d');
  drawn.drawImage(image, 0, 0);
  const pixels = drawn.getImageData(0, 0, width, height).data;
  const sums = Array(across * down).fill(0), counts = Array(across * down).fill(0);
  for (let y = 0; y < height; y += 1) for (let x = 0; x < width; x += 1) {
    const cell = Math.floor(y * down / height) * across + Math.floor(x * across / width), at = (y * width + x) * 4;
    sums[cell] += 0.2126 * pixels[at] + 0.7152 * pixels[at + 1] + 0.0722 * pixels[at + 2];
    counts[cell] += 1;
  }
  document.getElementById('out').textContent = JSON.stringify(sums.map((sum, at) => Math.round(sum / counts[at])));
};
document.body.append(image);
image.src = 'data:image/png;base64,$PICTURE';
</script>"#;

struct Browser<'a> {
    program: &'a Path,
    folder: &'a Path,
}

impl Browser<'_> {
    fn opens(&self, page: &str, look: &Look, arguments: &[String]) -> Vec<u8> {
        let profile = tempfile::tempdir().expect("a folder");
        let file = self.folder.join("page.html");
        std::fs::write(&file, page).expect("a page");
        let scheme = if look.dark {
            "--blink-settings=preferredColorScheme=0"
        } else {
            "--blink-settings=preferredColorScheme=1"
        };
        let mut command = chromium::command(self.program, profile.path());
        command.args([scheme, "--hide-scrollbars", "--window-size=1400,1000"]).args(arguments);
        command.arg(format!("file://{}", file.display())).output().expect("a browser").stdout
    }

    /// What a page says in the end.
    fn told(&self, page: &str, look: &Look) -> Value {
        let page = self.opens(page, look, &["--virtual-time-budget=20000".to_owned(), "--dump-dom".to_owned()]);
        let page = String::from_utf8(page).expect("text");
        let told = page.split_once(r#"<pre id="out">"#).and_then(|(_, rest)| rest.split_once("</pre>"));
        let (told, _) = told.unwrap_or_else(|| panic!("{page}"));
        serde_json::from_str(told).unwrap_or_else(|_| panic!("{page}"))
    }

    fn picture(&self, page: &str, look: &Look) -> Vec<u8> {
        let file = self.folder.join("picture.png");
        self.opens(page, look, &[format!("--screenshot={}", file.display())]);
        std::fs::read(file).expect("a picture")
    }

    fn cells(&self, picture: &[u8], look: &Look) -> Vec<f64> {
        let sizes = format!("[{}, {}, {}, {}]", CELLS.0, CELLS.1, look.width, look.height);
        let page = CELLS_OF.replace("$SIZES", &sizes).replace("$PICTURE", &STANDARD.encode(picture));
        serde_json::from_value(self.told(&page, look)).expect("numbers")
    }
}

/// A page as a screen shows it.
fn framed(page: &str, look: &Look) -> String {
    let page = page.replace('&', "&amp;").replace('"', "&quot;");
    let Look { width, height, .. } = look;
    format!(
        "<!doctype html><meta charset=utf-8><style>body{{margin:0}}iframe{{border:0;display:block}}</style>\
         <iframe style=\"width:{width}px;height:{height}px\" srcdoc=\"{page}\"></iframe>"
    )
}

fn known() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/report_looks.json")
}

/// Why two pictures are not the same, as far as letters may differ.
fn differing(cells: &[f64], known: &[f64]) -> Option<String> {
    let apart: Vec<f64> = cells.iter().zip(known).map(|(one, other)| (one - other).abs()).collect();
    let (most, mean) = (apart.iter().copied().fold(0.0, f64::max), apart.iter().sum::<f64>() / apart.len() as f64);
    let is_same = cells.len() == known.len() && most <= CELL && mean <= MEAN;
    (!is_same).then(|| format!("{most:.0} at most, {mean:.1} on average"))
}

#[test]
fn a_report_can_be_read_on_every_screen() {
    let Some(program) = chromium::chromium() else { return chromium::left_out("tests/report_looks.rs") };
    let folder = tempfile::tempdir().expect("a folder");
    let browser = Browser { program: &program, folder: folder.path() };
    let page = report::html(&sample());
    for look in &LOOKS {
        let told = browser.told(&(framed(&page, look) + MEASURE), look);
        let number = |name: &str| told[name].as_f64().expect("a number");
        assert_eq!(told["dark"], look.dark, "{}: {told}", look.name);
        assert!(number("texts") > 100.0 && number("width") as u32 == look.width, "{}: {told}", look.name);
        assert!(number("beyond") <= 0.0, "{}: the page is wider than the screen: {told}", look.name);
        // WCAG 2.2, 1.4.3.
        assert!(number("contrast") >= 4.5, "{}: hard to read: {told}", look.name);
        assert!(number("letters") >= 12.0, "{}: small letters: {told}", look.name);
    }
}

#[test]
fn a_report_looks_as_it_is_known_to() {
    let Some(program) = chromium::chromium() else { return chromium::left_out("tests/report_looks.rs") };
    let folder = tempfile::tempdir().expect("a folder");
    let browser = Browser { program: &program, folder: folder.path() };
    let page = report::html(&sample());
    let mut looks = BTreeMap::new();
    for look in &LOOKS {
        let picture = browser.picture(&framed(&page, look), look);
        if std::env::var_os("UPDATE_LOOKS").is_some() {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/looks");
            std::fs::create_dir_all(&folder).expect("a folder");
            std::fs::write(folder.join(format!("{}.png", look.name)), &picture).expect("a picture");
        }
        looks.insert(look.name.to_owned(), browser.cells(&picture, look));
    }
    if std::env::var_os("UPDATE_LOOKS").is_some() {
        std::fs::write(known(), serde_json::to_string(&looks).expect("JSON") + "\n").expect("a file");
    }
    let known: BTreeMap<String, Vec<f64>> =
        serde_json::from_slice(&std::fs::read(known()).expect("known looks")).expect("JSON");
    for (name, cells) in &looks {
        assert_eq!(differing(cells, &known[name]), None, "{name}");
    }
    // The control: no look is taken for another one.
    assert!(differing(&looks["phone light"], &known["phone dark"]).is_some());
    let bare =
        page.split_once("<style>").and_then(|(head, rest)| Some(head.to_owned() + rest.split_once("</style>")?.1));
    let look = &LOOKS[2];
    let picture = browser.picture(&framed(&bare.expect("a style"), look), look);
    assert!(differing(&browser.cells(&picture, look), &known[look.name]).is_some(), "a page without style passes");
}
