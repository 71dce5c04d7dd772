//! No command writes over what it did not write, or what was changed since, unless `--fresh` says so; and a record that
//! was changed by hand is not believed.

#![cfg(unix)]
#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on must panic")]

mod cli_support;
mod synthetic_checkout;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use cli_support::{Said, cevscan, check_failure, every_name, names, run, said, succeed};
use synthetic_checkout::SyntheticCheckout;

/// What the user's files hold.
const THESIS: &str = "words";
const INVENTORY: &str = ".cevscan-files";

/// A map, a shard and a checkout to begin from.
struct Given {
    _folder: tempfile::TempDir,
    checkout: SyntheticCheckout,
    map: String,
    shard: String,
}

fn given() -> &'static Given {
    static GIVEN: OnceLock<Given> = OnceLock::new();
    GIVEN.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let [map, shard] = ["map", "shard"].map(|name| folder.path().join(name).display().to_string());
        let scan = ["scan", "-q", "--model", "b-l", "--data", "lar", "--grid", "20x20", "--engine", "cpu"];
        succeed(&[&scan[..], &["--out", &map]].concat());
        succeed(&[&scan[..], &["--shard", "1/1", "--out", &shard]].concat());
        Given { checkout: SyntheticCheckout::new(&[("A1_Merkel2014avp", false)]), map, shard, _folder: folder }
    })
}

/// Every command that writes, without where to; whether that is a file, and whether it takes seconds.
fn commands() -> Vec<(String, bool, bool)> {
    let Given { map, shard, checkout, .. } = given();
    let recast = format!("recast -q --model b-l --darkcast {} --limit A1_Merkel2014avp --format", checkout.text());
    let quick = [
        "scan -q --model b-l --data lar --grid 8x8 --engine cpu".to_owned(),
        format!("merge -q {shard}"),
        format!("plot -q {map}"),
        format!("plot -q {map} {map}"),
        format!("view -q {map}"),
        "man -q".to_owned(),
        format!("export -q {map} --format hepdata"),
        format!("export -q {map} --format darkcast"),
        format!("export -q {map} --format axionlimits"),
        format!("export -q {map} --format grid"),
        "coverage -q --model b-l --data lar --at 10MeV,1e-5 --toys 20".to_owned(),
        "coverage -q --model b-l --data lar --toys 700 --mass 1GeV:2GeV --grid 20x20 --tolerance 50%".to_owned(),
        "limits -q --method cls --model b-l --data lar --mass 1GeV,2GeV --toys 200".to_owned(),
        "spectrum-fit -q --model b-l --data lar --mass 10 --coupling 1e-5".to_owned(),
        format!("{recast} lmt"),
        "others -q --model b-l --limit borexino --mass 1:10/5".to_owned(),
        "spectrum -q --model b-l --mass 10 --points 20".to_owned(),
        "epsilon -q --points 20".to_owned(),
        "g-2 -q --model b-l --points 20".to_owned(),
        "impact -q --model b-l --data lar --mass 10".to_owned(),
        "profile -q --model b-l --data lar --mass 10 --points 20".to_owned(),
    ];
    let slow = "reproduce -q --grid 8x9".to_owned();
    let files = ["csv", "json", "table"].map(|format| (format!("{recast} {format}"), true, false));
    quick.into_iter().map(|line| (line, false, false)).chain([(slow, false, true)]).chain(files).collect()
}

fn to(line: &str, out: &Path, more: &[&str]) -> Said {
    // Manual pages go to where they are read from: `man` takes the folder as it is.
    let to: &[&str] = if line.starts_with("man ") { &[] } else { &["--out"] };
    said(cevscan().args(line.split(' ')).args(to).arg(out).args(more).output().unwrap())
}

/// All files below a folder, by their paths in it, but the inventory.
fn files(folder: &Path) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for name in names(folder) {
        let path = folder.join(&name);
        match path.is_dir() {
            true => found.extend(files(&path).into_iter().map(|inner| format!("{name}/{inner}"))),
            false => drop(found.insert(name)),
        }
    }
    found
}

/// Commands whose help has `--out` are all in the table but `import`, which the next test has.
#[test]
fn the_table_has_every_command_that_writes() {
    let help = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/help");
    let mut writing = BTreeSet::new();
    for name in fs::read_dir(help).unwrap().map(|entry| entry.unwrap()) {
        if fs::read_to_string(name.path()).unwrap().lines().any(|line| line.trim().starts_with("--out ")) {
            writing.insert(name.path().file_stem().unwrap().to_str().unwrap().to_owned());
        }
    }
    let known: BTreeSet<String> =
        commands().iter().map(|(line, ..)| line.split(' ').next().unwrap().to_owned()).collect();
    writing.remove("import");
    writing.insert("man".to_owned());
    assert_eq!(writing, known);
}

#[test]
fn what_is_not_the_programs_stays() {
    for (line, is_file, is_slow) in commands() {
        let guard = tempfile::tempdir().unwrap();
        let target =
            |name: &str| if is_file { guard.path().join(name).join("result.txt") } else { guard.path().join(name) };
        let folder = |name: &str| guard.path().join(name);
        let prepared = |name: &str| {
            fs::create_dir(folder(name)).unwrap();
            target(name)
        };
        let refused = |said: &Said, path: &Path, reason: &str| {
            let words = [path.to_str().unwrap(), "is in the way", reason, "--fresh"];
            check_failure(said, &line, 1, &words);
        };
        let own = prepared("own");
        let written = to(&line, &own, &[]);
        assert_eq!(written.status, 0, "{line}: {}", written.stderr);
        let made = files(&folder("own"));
        // A record of somebody else's is refused by itself, with and without --fresh; an inventory that was changed is none.
        let one = made.iter().rfind(|name| !["run.json", "submission.yaml"].contains(&name.as_str())).unwrap().clone();
        // HEPData takes nothing that is not part of a submission: that holds its inventory itself.
        let has_inventory = every_name(&folder("own")).contains(&INVENTORY.to_owned());
        assert_ne!(has_inventory, line.ends_with("hepdata"), "{line}");

        // Something of the user's, or of nobody knows whom.
        let foreign = prepared("foreign");
        let thesis = folder("foreign").join(&one);
        fs::create_dir_all(thesis.parent().unwrap()).unwrap();
        fs::write(&thesis, THESIS).unwrap();
        refused(&to(&line, &foreign, &[]), &thesis, "cevscan has no record of having written it");
        assert_eq!(fs::read_to_string(&thesis).unwrap(), THESIS, "{line}");
        // Products of a reproduction are sets of their own.
        assert!(is_slow || files(&folder("foreign")) == BTreeSet::from([one.clone()]), "{line}");
        assert_eq!(to(&line, &foreign, &["--fresh"]).status, 0, "{line}");
        assert_ne!(fs::read_to_string(&thesis).ok().as_deref(), Some(THESIS), "{line}");
        assert_eq!(files(&folder("foreign")), made, "{line}");

        // The program's own, again; and changed by the user.
        assert_eq!(to(&line, &own, &[]).status, 0, "{line}");
        let changed = folder("own").join(&one);
        fs::write(&changed, THESIS).unwrap();
        refused(&to(&line, &own, &[]), &changed, "it was changed after cevscan had written it");
        assert_eq!(fs::read_to_string(&changed).unwrap(), THESIS, "{line}");
        assert_eq!(to(&line, &own, &["--fresh"]).status, 0, "{line}");
        assert_ne!(fs::read_to_string(&changed).ok().as_deref(), Some(THESIS), "{line}");
        if is_slow {
            continue;
        }

        // A link to something of the user's.
        let linked = prepared("linked");
        let (elsewhere, link) = (guard.path().join("thesis"), folder("linked").join(&one));
        fs::write(&elsewhere, THESIS).unwrap();
        std::os::unix::fs::symlink(&elsewhere, &link).unwrap();
        refused(&to(&line, &linked, &[]), &link, "it is no regular file");
        assert_eq!(to(&line, &linked, &["--fresh"]).status, 0, "{line}");
        assert_eq!(fs::read_to_string(&elsewhere).unwrap(), THESIS, "{line}");
    }
}

/// A copy without the inventory: files with the bytes that are written anew are nobody's loss, and a record that knows
/// them says whose they are.
#[test]
fn without_the_inventory_equal_bytes_and_records_count() {
    let guard = tempfile::tempdir().unwrap();
    let curves = guard.path().join("curves");
    let line = "epsilon -q --points 20";
    assert_eq!(to(line, &curves, &[]).status, 0);
    fs::remove_file(curves.join(INVENTORY)).unwrap();
    assert_eq!(to(line, &curves, &[]).status, 0);
    fs::remove_file(curves.join(INVENTORY)).unwrap();
    check_failure(&to("epsilon -q --points 30", &curves, &[]), "other bytes", 1, &["is in the way", "; so are"]);
    // A scan's files are known to its record, pictures of another level included.
    let map = guard.path().join("map");
    let line = "scan -q --model b-l --data lar --grid 8x8 --engine cpu";
    assert_eq!(to(line, &map, &[]).status, 0);
    fs::remove_file(map.join(INVENTORY)).unwrap();
    succeed(&["plot", "-q", map.to_str().unwrap(), "--confidence", "0.9"]);
    fs::remove_file(map.join(INVENTORY)).unwrap();
    assert_eq!(to(line, &map, &[]).status, 0);
    // So are a reproduction's to its manifest: checked in the library, where it takes no seconds.
    let map_of_another = guard.path().join("another");
    let line = "scan -q --model lmu-ltau --data lar --grid 8x8 --engine cpu";
    assert_eq!(to(line, &map_of_another, &[]).status, 0);
    let plot = ["plot", "-q", map.to_str().unwrap(), "--out", map_of_another.to_str().unwrap()];
    check_failure(&run(&plot), "another's pictures", 2, &["--out", "another scan", "--fresh"]);
}

/// An inventory that was changed, or is none, is not believed and not written over.
#[test]
fn an_inventory_is_whole_or_refused() {
    let guard = tempfile::tempdir().unwrap();
    let line = "epsilon -q --points 20";
    assert_eq!(to(line, guard.path(), &[]).status, 0);
    let path = guard.path().join(INVENTORY);
    let whole = fs::read_to_string(&path).unwrap();
    for text in ["", THESIS, &whole.replacen("sha256", "SHA256", 1), &whole[..whole.len() - 1]] {
        fs::write(&path, text).unwrap();
        for more in [&[][..], &["--fresh"]] {
            let told = [INVENTORY, "is left as it is", "no inventory of this program"];
            check_failure(&to(line, guard.path(), more), text, 1, &told);
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
        }
    }
}

/// A folder has the export of one map in a form: pieces that the new one does not have go, another map's are in the way.
#[test]
fn exports_of_several_maps_do_not_mix() {
    let guard = tempfile::tempdir().unwrap();
    let map = |model: &str, more: &[&str]| {
        let out = guard.path().join([&[model], more].concat().join("-"));
        let line = format!("scan -q --model {model} --data csi+lar --grid 60x60 --engine cpu");
        assert_eq!(to(&line, &out, more).status, 0);
        out.display().to_string()
    };
    let (three, fewer, other) =
        (map("by+lmu+ltau", &[]), map("by+lmu+ltau", &["--coupling", "1e-3:1e-1"]), map("b-l", &[]));
    for format in ["darkcast", "axionlimits", "grid", "hepdata"] {
        let out = guard.path().join(format);
        let export = |map: &str, more: &[&str]| to(&format!("export -q {map} --format {format}"), &out, more);
        let fresh = |map: &str| {
            let alone = guard.path().join(format!("{format}-alone"));
            assert_eq!(to(&format!("export -q {map} --format {format}"), &alone, &[]).status, 0);
            let files = files(&alone);
            fs::remove_dir_all(&alone).unwrap();
            files
        };
        assert_eq!(export(&three, &[]).status, 0);
        fs::write(out.join("notes.txt"), THESIS).unwrap();
        let with_notes = |map: &str| &fresh(map) | &BTreeSet::from(["notes.txt".to_owned()]);
        assert_eq!(files(&out), with_notes(&three));
        // Of the same model and data: the new set in the place of the old one.
        assert_eq!(export(&fewer, &[]).status, 0, "{format}");
        assert_eq!(files(&out), with_notes(&fewer), "{format}");
        assert_eq!(export(&three, &[]).status, 0, "{format}");
        // Of another one.
        let told = ["is in the way", "it is of the export of by+lmu+ltau, csi+lar, not of b-l, csi+lar"];
        check_failure(&export(&other, &[]), format, 1, &told);
        assert_eq!(files(&out), with_notes(&three), "{format}");
        assert_eq!(export(&other, &["--fresh"]).status, 0, "{format}");
        assert_eq!(files(&out), with_notes(&other), "{format}");
        assert_eq!(fs::read_to_string(out.join("notes.txt")).unwrap(), THESIS);
    }
    // Forms of one map stand beside each other.
    let both = guard.path().join("both");
    for format in ["darkcast", "axionlimits"] {
        assert_eq!(to(&format!("export -q {three} --format {format}"), &both, &[]).status, 0);
    }
}

/// What of a record follows from the rest of it, or from the map, cannot be changed by hand; nor can anything else.
#[test]
fn a_record_that_was_changed_is_not_believed() {
    let guard = tempfile::tempdir().unwrap();
    let out = guard.path();
    let line = "scan -q --model b-l --data lar --grid 8x8 --mass 1:100 --coupling 1e-5:1e-2 --engine cpu";
    assert_eq!(to(line, out, &[]).status, 0);
    let path = out.join("run.json");
    let whole: serde_json::Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    // As records of before, without a digest of their own and without a key: what follows must hold all the same.
    let older = {
        let mut older = whole.clone();
        older.as_object_mut().unwrap().remove("record_sha256");
        older.as_object_mut().unwrap().remove("key");
        older
    };
    let refused = |record: &serde_json::Value, words: &str| {
        fs::write(&path, serde_json::to_string_pretty(record).unwrap()).unwrap();
        let map = out.to_str().unwrap();
        for command in [&["export", map, "--format", "grid"][..], &["plot", map]] {
            check_failure(&run(command), words, 1, &["run.json is no record", words]);
        }
    };
    let numbers = [
        ("/inputs/confidence", serde_json::json!(0.9), "follows from a confidence of 0.9 and 2 parameters"),
        ("/inputs/dof", serde_json::json!(1), "and 1 parameters"),
        ("/inputs/delta_chi2", serde_json::json!(4.0), "its delta_chi2 is 4"),
        ("/inputs/minimum", serde_json::json!("mass"), "its minimum is that of the mass"),
        ("/inputs/mass_mev/0", serde_json::json!(2.0), "its lowest mass is 2, the map's 1"),
        ("/inputs/coupling/1", serde_json::json!(0.1), "its highest coupling is 0.1"),
        ("/inputs/grid/0", serde_json::json!(9), "its grid is 9x8"),
        ("/inputs/asimov", serde_json::json!(true), "it is of a scan of an expectation"),
        ("/inputs/data", serde_json::json!("csi"), "its datasets are csi"),
        ("/level", serde_json::json!(1.0), "its level is 1"),
        ("/chi2_min", serde_json::json!(1.0), "its chi2_min is 1"),
        ("/best_fit/0", serde_json::json!(1.5), "its mass of the best fit is 1.5"),
        ("/complete", serde_json::json!(false), "complete is false, but it has 0 missing points"),
        ("/missing_points", serde_json::json!(3), "it has 3 missing points, the map 0"),
        ("/sources", serde_json::json!("abc"), "\"abc\" is no SHA-256"),
        ("/files/map.svg", serde_json::json!("x"), "\"x\" is no SHA-256"),
    ];
    for (pointer, value, words) in numbers {
        for record in [&older, &whole] {
            let mut record = record.clone();
            *record.pointer_mut(pointer).unwrap() = value.clone();
            refused(&record, words);
        }
    }
    let mut record = older.clone();
    *record.pointer_mut("/files/map.npz").unwrap() = serde_json::json!("0".repeat(64));
    refused(&record, "is not that of");
    // What nothing follows from is known by its key, or by the digest.
    let digest = "it was changed after it was written";
    for (pointer, value, words) in [
        ("/inputs/model", serde_json::json!("lmu-ltau"), "its model is lmu-ltau, but b-l in its key"),
        ("/key/confidence", serde_json::json!("0.9"), "but 0.9 in its key"),
        ("/key/options", serde_json::json!("x"), digest),
        ("/engine/description", serde_json::json!("x"), digest),
        ("/timings/scan_s", serde_json::json!(1e3), digest),
        ("/program", serde_json::json!("cevscan 9.9.9"), digest),
    ] {
        let mut record = whole.clone();
        match record.pointer_mut(pointer) {
            Some(there) => *there = value,
            None => drop(record["key"].as_object_mut().unwrap().insert("options".to_owned(), value)),
        }
        refused(&record, words);
    }
    // Only contents count, not how they are laid out.
    fs::write(&path, serde_json::to_string(&whole).unwrap()).unwrap();
    succeed(&["export", "-q", out.to_str().unwrap(), "--format", "grid"]);
}

/// A picture that was altered: what is made of the map says so and names it, and drawing anew does not take it away.
#[test]
fn altered_pictures_are_named_and_kept() {
    let guard = tempfile::tempdir().unwrap();
    let out = guard.path();
    assert_eq!(to("scan -q --model b-l --data lar --grid 8x8 --engine cpu", out, &[]).status, 0);
    let map = out.to_str().unwrap();
    fs::write(out.join("map.svg"), "<svg/>").unwrap();
    let note = "map.svg is not the file that run.json is of";
    let elsewhere: PathBuf = out.join("elsewhere");
    for command in [&["export", map, "--format", "grid"][..], &["plot", map, "--out", elsewhere.to_str().unwrap()]] {
        let said = run(command);
        assert!(said.status == 0 && said.stderr.contains(note), "{}", said.stderr);
    }
    check_failure(&run(&["plot", map]), "plot", 1, &["map.svg is in the way", "changed"]);
    assert_eq!(fs::read_to_string(out.join("map.svg")).unwrap(), "<svg/>");
    succeed(&["plot", map, "--fresh"]);
    assert_eq!(run(&["export", map, "--format", "grid"]).stderr, "");
}
