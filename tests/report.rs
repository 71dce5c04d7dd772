//! The report in a browser: Chromium, headless.
//!
//! The browser is what `CEVSCAN_CHROMIUM` names, else `chromium`. Without one its tests are listed as ignored;
//! `CEVSCAN_REQUIRE_CHROMIUM=1` turns that into a failure. Screenshots stay in the tests' scratch folder, to be looked at.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on must panic")]

mod cli_support;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use cevscan::rates::gpu::{adapters, quiet_vulkan_loader};
use cli_support::{json, succeed};
use libtest_mimic::{Arguments, Failed, Trial};
use resvg::usvg::roxmltree;
use serde_json::Value;
use sha2::{Digest, Sha256};

type Test = (&'static str, fn() -> Result<(), Failed>);

const IN_BROWSER: [Test; 3] = [
    ("all pictures and tables are shown, and nothing is loaded from outside", everything_is_shown),
    ("a click sorts, another one the other way round", a_click_sorts),
    ("screenshots: light, dark, phone, paper", screenshots),
];

fn main() -> ExitCode {
    // SAFETY: nothing has started a thread yet.
    #[allow(unsafe_code, reason = "the Vulkan loader takes its verbosity from the environment alone")]
    unsafe {
        quiet_vulkan_loader();
    }
    let required = |variable: &str| std::env::var(variable).is_ok_and(|value| value == "1");
    let missing = |what: &'static str| move || -> Result<(), Failed> { Err(what.into()) };
    let has_browser = browser().arg("--version").output().is_ok_and(|output| output.status.success());
    let mut trials = vec![Trial::test("the page names nothing to load", nothing_to_load)];
    for (name, test) in IN_BROWSER {
        trials.push(if has_browser {
            Trial::test(name, test)
        } else {
            let absent = missing("CEVSCAN_REQUIRE_CHROMIUM=1, but there is no Chromium");
            Trial::test(format!("no Chromium: {name}"), absent).with_ignored_flag(!required("CEVSCAN_REQUIRE_CHROMIUM"))
        });
    }
    let name = "maps of a GPU come with their certificates";
    trials.push(if adapters().is_empty() {
        let absent = missing("CEVSCAN_REQUIRE_GPU=1, but no adapter was found");
        Trial::test(format!("no adapter: {name}"), absent).with_ignored_flag(!required("CEVSCAN_REQUIRE_GPU"))
    } else {
        Trial::test(name, certificates)
    });
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

fn browser() -> Command {
    Command::new(std::env::var_os("CEVSCAN_CHROMIUM").unwrap_or_else(|| "chromium".into()))
}

fn holds(condition: bool, found: impl std::fmt::Debug) -> Result<(), Failed> {
    if condition { Ok(()) } else { Err(format!("{found:?}").into()) }
}

fn scratch(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(name)
}

/// The page, made once with coarse maps.
static PAGE: LazyLock<(PathBuf, String)> = LazyLock::new(|| {
    let folder = scratch("report");
    succeed(&["reproduce", "--out", folder.to_str().unwrap(), "--grid", "60x50", "--quiet"]);
    let path = folder.join("index.html");
    let text = std::fs::read_to_string(&path).unwrap();
    (path, text)
});

/// Everything that a page can load with is either `data:` or a link to follow.
fn nothing_to_load() -> Result<(), Failed> {
    let page = &PAGE.1;
    holds(page.len() < 10_000_000, page.len())?;
    for attribute in ["src=\"", "srcset=\"", "poster=\"", "data=\"", "action=\"", "background=\""] {
        for (at, _) in page.match_indices(&format!(" {attribute}")) {
            let value = &page[at + attribute.len() + 1..];
            holds(value.starts_with("data:image/svg+xml;base64,"), &value[..40])?;
        }
    }
    for (at, _) in page.match_indices(" href=\"") {
        // Links, to follow by hand; never a stylesheet's or an icon's.
        let tag = page[..at].rfind('<').map(|start| &page[start..at]);
        holds(tag.is_some_and(|tag| tag.starts_with("<a")), tag)?;
    }
    for word in
        ["@import", "url(", "<link", "<iframe", "<object", "<embed", "http-equiv=\"refresh\"", "fetch(", "import("]
    {
        let outside_of_pictures = page.split("data:image/svg+xml;base64,").any(|part| part.contains(word));
        holds(!outside_of_pictures, word)?;
    }
    let policy = "http-equiv=\"Content-Security-Policy\" content=\"default-src &#39;none&#39;; img-src data:;";
    holds(page.contains(policy), &page[..600])?;
    // The pictures themselves load nothing either.
    for (at, start) in page.match_indices("data:image/svg+xml;base64,") {
        let encoded = page[at + start.len()..].split('"').next().unwrap();
        let svg = String::from_utf8(BASE64.decode(encoded)?)?;
        let document = roxmltree::Document::parse(&svg)?;
        for node in document.descendants() {
            for attribute in node.attributes() {
                let loads = attribute.value().contains("://") || attribute.name() == "href";
                holds(!loads, (attribute.name(), attribute.value()))?;
            }
        }
        holds(svg.matches("url(").count() == svg.matches("url(data:").count() + svg.matches("url(#").count(), "url")?;
    }
    Ok(())
}

/// Opens a copy of the page with a script at its end, whose result, JSON, comes back. The copy's policy allows that
/// script besides the page's own.
fn ask(name: &str, expression: &str) -> Result<Value, Failed> {
    let script = format!(
        "\"use strict\"; addEventListener(\"load\", () => {{ const answer = {expression}; \
         document.body.textContent = JSON.stringify(answer); document.title = \"answered\"; }});"
    );
    let hash = format!("script-src &#39;sha256-{}&#39; ", BASE64.encode(Sha256::digest(&script)));
    let page = PAGE.1.replacen("script-src ", &hash, 1);
    let page = page.replacen("</body>", &format!("<script>{script}</script>\n</body>"), 1);
    let copy = scratch(&format!("report-{name}.html"));
    std::fs::write(&copy, page)?;
    let output = chromium(name).arg("--dump-dom").arg("--virtual-time-budget=20000").arg(url(&copy)).output()?;
    let dom = String::from_utf8(output.stdout)?;
    let body = dom.split("<body>").nth(1).and_then(|rest| rest.split("</body>").next());
    let Some(body) = body.filter(|_| dom.contains("<title>answered</title>")) else {
        return Err(format!("no answer: {}", String::from_utf8_lossy(&output.stderr)).into());
    };
    let text = body.trim().replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
    Ok(json(&text))
}

/// The browser with a profile of its own, without a network.
fn chromium(name: &str) -> Command {
    let mut command = browser();
    command.args(["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run"]);
    command.arg("--host-resolver-rules=MAP * ~NOTFOUND");
    command.arg(format!("--user-data-dir={}", scratch(&format!("chromium-{name}")).display()));
    command
}

fn url(path: &Path) -> String {
    format!("file://{}", path.display())
}

fn everything_is_shown() -> Result<(), Failed> {
    let answer = ask(
        "shown",
        "({ pictures: [...document.images].map((image) => [image.alt, image.naturalWidth, image.clientWidth]), \
            figures: [...document.querySelectorAll('figure')].map((figure) => figure.id), \
            tables: [...document.querySelectorAll('div.table')].map((table) => [table.id, table.querySelectorAll('tbody tr').length]), \
            loaded: performance.getEntriesByType('resource').map((entry) => entry.name.slice(0, 40)), \
            overflow: document.documentElement.scrollWidth - innerWidth, \
            styled: getComputedStyle(document.querySelector('.figures')).display })",
    )?;
    let figures = "1a 1b 1c 1d 2 3a 3b 4 5a 5b 6a 6b 7a 7b 8a 8b 8c 8d".split(' ').map(|number| format!("fig{number}"));
    let mut found: Vec<&str> = answer["figures"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    found.sort_unstable();
    holds(figures.eq(found.iter().copied()), &answer["figures"])?;
    let pictures = answer["pictures"].as_array().unwrap();
    holds(pictures.len() == 18, pictures.len())?;
    for picture in pictures {
        // Decoded, and laid out.
        holds(picture[1].as_u64() > Some(100) && picture[2].as_u64() > Some(100), picture)?;
        holds(picture[0].as_str().is_some_and(|alt| alt.starts_with("Figure ")), picture)?;
    }
    let rows = [
        ("table2", 33),
        ("table2-deviations", 7),
        ("degeneracies", 8),
        ("best-fits", 33),
        ("goodness-of-fit", 36),
        ("standard-model-events", 25),
    ];
    let rows: Vec<Value> = rows.iter().map(|(id, rows)| serde_json::json!([id, rows])).collect();
    holds(answer["tables"] == Value::from(rows), &answer["tables"])?;
    for loaded in answer["loaded"].as_array().unwrap() {
        holds(loaded.as_str().is_some_and(|name| name.starts_with("data:")), loaded)?;
    }
    // The policy lets the page's own style through, and nothing is wider than the window.
    holds(answer["styled"] == "grid", &answer["styled"])?;
    holds(answer["overflow"].as_i64() <= Some(0), &answer["overflow"])
}

fn a_click_sorts() -> Result<(), Failed> {
    let answer = ask(
        "sorts",
        "(() => { \
            const table = document.querySelector('#table2 table'); \
            const column = 4; \
            const head = table.tHead.rows[0].cells[column]; \
            const keys = (at) => [...table.tBodies[0].rows].map((row) => row.cells[at].dataset.key); \
            const click = (at) => table.tHead.rows[0].cells[at].querySelector('button').click(); \
            const before = keys(column); \
            click(column); const up = keys(column), sign = head.getAttribute('aria-sort'); \
            click(column); const down = keys(column); \
            click(0); \
            return { before, up, down, sign, words: keys(0), left: head.getAttribute('aria-sort') }; })()",
    )?;
    let numbers = |key: &str| -> Vec<f64> {
        answer[key].as_array().unwrap().iter().map(|key| key.as_str().unwrap().parse().unwrap()).collect()
    };
    let (before, up, down) = (numbers("before"), numbers("up"), numbers("down"));
    let mut sorted = before.clone();
    sorted.sort_by(f64::total_cmp);
    holds(before != sorted && before.len() == 33, &before)?;
    holds(up == sorted, &up)?;
    sorted.reverse();
    holds(down == sorted, &down)?;
    holds(answer["sign"] == "ascending" && answer["left"].is_null(), &answer["sign"])?;
    let words: Vec<&str> = answer["words"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    holds(words.first() == Some(&"b-2le-lmu") && words.last() == Some(&"universal"), &words)
}

fn screenshots() -> Result<(), Failed> {
    let shot = |name: &str, arguments: &[&str]| -> Result<resvg::tiny_skia::Pixmap, Failed> {
        let path = scratch(&format!("report-{name}.png"));
        let _ = std::fs::remove_file(&path);
        chromium(name).args(arguments).arg(format!("--screenshot={}", path.display())).arg(url(&PAGE.0)).output()?;
        Ok(resvg::tiny_skia::Pixmap::decode_png(&std::fs::read(&path)?)?)
    };
    let corner = |picture: &resvg::tiny_skia::Pixmap| picture.pixel(2, 2).map(|pixel| pixel.red());
    let light = shot("light", &["--window-size=1280,3000"])?;
    holds(light.width() == 1280 && corner(&light) == Some(255), corner(&light))?;
    let dark = shot("dark", &["--window-size=1280,3000", "--blink-settings=preferredColorScheme=0"])?;
    holds(corner(&dark) < Some(60), corner(&dark))?;
    let phone = shot("phone", &["--window-size=500,3000"])?;
    for (name, picture) in [("light", &light), ("dark", &dark), ("phone", &phone)] {
        // Something is drawn: the panel's colours are many.
        let colours: std::collections::BTreeSet<[u8; 3]> =
            picture.pixels().iter().map(|pixel| [pixel.red(), pixel.green(), pixel.blue()]).collect();
        holds(colours.len() > 500, (name, colours.len()))?;
    }
    let paper = scratch("report-paper.pdf");
    let _ = std::fs::remove_file(&paper);
    chromium("paper")
        .arg("--no-pdf-header-footer")
        .arg(format!("--print-to-pdf={}", paper.display()))
        .arg(url(&PAGE.0))
        .output()?;
    let pdf = std::fs::read(&paper)?;
    holds(pdf.starts_with(b"%PDF") && pdf.len() > 50_000, pdf.len())
}

fn certificates() -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let out = folder.path().to_str().unwrap();
    succeed(&["reproduce", "--out", out, "--grid", "24x20", "--engine", "gpu", "--quiet"]);
    let page = std::fs::read_to_string(folder.path().join("index.html"))?;
    holds(page.contains("What the GPU computed, held against f64"), "no table of certificates")?;
    let record = json(&std::fs::read_to_string(folder.path().join("figures/fig4-universal.json"))?);
    holds(record["engine"]["name"] == "gpu", &record["engine"])?;
    let (largest, allowed) = ("largest_chi2_difference", "allowed_chi2_difference");
    let certificate = &record["certificate"];
    holds(certificate[largest].as_f64() <= certificate[allowed].as_f64(), certificate)
}
