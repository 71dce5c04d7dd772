//! Limits of others behind ours: users' own curves, what of them lies on a plane, and where their names stand.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "a test that cannot go on must panic")]

mod plot_checks;

use cevscan::Error;
use cevscan::figures::overlay::{Labels, behind, overlays, references, shade_new};
use cevscan::figures::plane::Plane;
use cevscan::others::new_territory::Areas;
use cevscan::others::recast::known::LARGEST_COUPLING;
use cevscan::others::recast::overlay_file::read;
use cevscan::others::recast::{KnownLimit, LimitKind};
use cevscan::physics::model::Model;
use cevscan::plot::Figure;
use cevscan::plot::Role;
use cevscan::plot::chart::{Chart, ChartAxis, Curve, Region, Scale};
use plot_checks::{check_picture, letters};

const PLANE: Plane = Plane { x: (0.1, 1e4), y: (1e-6, 1.0) };

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Folder {
        Folder(tempfile::tempdir().unwrap())
    }

    /// Writes a curve; its path.
    fn curve(&self, text: &str) -> String {
        let path = self.0.path().join("curve.txt");
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }

    fn read(&self, text: &str, settings: &str, model: &str) -> cevscan::Result<KnownLimit> {
        Ok(read(&(self.curve(text) + settings), &Model::named(model).unwrap())?.limit)
    }
}

/// The only interval at a mass (MeV).
fn at(limit: &KnownLimit, mass_mev: f64) -> (f64, f64) {
    let intervals = limit.excluded_at(mass_mev);
    assert_eq!(intervals.len(), 1, "{mass_mev}: {intervals:?}");
    intervals[0]
}

fn close(got: f64, expected: f64) {
    assert!((got / expected - 1.0).abs() < 1e-9, "{got:e}, not {expected:e}");
}

#[test]
fn settings_stand_in_the_header_or_on_the_command_line() {
    let folder = Folder::new();
    // GeV, as limits' files have it, and excluded above.
    let limit = folder.read("# a comment: with a colon\n0.001 1e-4\n0.1 1e-4\n", "", "b-l").unwrap();
    assert_eq!((limit.label.as_str(), limit.name.as_str()), ("curve", "curve"));
    let (low, high) = at(&limit, 10.0);
    close(low, 1e-4);
    close(high, LARGEST_COUPLING);
    assert!(limit.excluded_at(0.5).is_empty() && limit.excluded_at(200.0).is_empty());
    let header = "# label: CCFR\n# reference: arXiv:1406.2332\n# mass: MeV\n# excluded: below\n# factor: 2\n1, 1e-4\n100, 1e-4\n";
    let limit = folder.read(header, "", "b-l").unwrap();
    assert_eq!((limit.label.as_str(), limit.reference.as_str()), ("CCFR", "arXiv:1406.2332"));
    let (low, high) = at(&limit, 10.0);
    assert!(low < 1e-20);
    close(high, 2e-4);
    // The command line has the last word; commas may stand in a value.
    let limit = folder.read(header, ",excluded=above,reference=A. Author, Phys. 1, 2,factor=3", "b-l").unwrap();
    assert_eq!(limit.reference, "A. Author, Phys. 1, 2");
    close(at(&limit, 10.0).0, 3e-4);
    // Two couplings: what lies between. Rows of 1e5 part the curve.
    let limit = folder.read("1 1e-5 1e-3\n2 1e-5 1e-3\n3 1e5 1e5\n4 1e-5 1e-3\n5 1e-5 1e-3\n", "", "b-l").unwrap();
    assert_eq!(limit.outlines.len(), 2);
    close(at(&limit, 1500.0).1, 1e-3);
    assert!(limit.excluded_at(3000.0).is_empty());
    // A closed outline, in the order of the file.
    let square = "# mass: MeV\n# excluded: inside\n1 1e-4\n100 1e-4\n100 1e-2\n1 1e-2\n";
    let (low, high) = at(&folder.read(square, "", "b-l").unwrap(), 7.0);
    close(low, 1e-4);
    close(high, 1e-2);
}

#[test]
fn limits_on_other_models_are_converted_by_charges() {
    let folder = Folder::new();
    let text = "# mass: MeV\n# model: lmu-ltau\n# charges: muon muon\n1 1e-3\n100 1e-3\n";
    // By hand: g^2 times the product of the charges is the same; (1 x 1)/(3 x 3) for B-3L_mu.
    close(at(&folder.read(text, "", "lmu-ltau").unwrap(), 10.0).0, 1e-3);
    close(at(&folder.read(text, "", "b-3lmu").unwrap(), 10.0).0, 1e-3 / 3.0);
    close(at(&folder.read(text, "", "b-2le-lmu").unwrap(), 10.0).0, 1e-3);
    // From B-L to universal by electron and neutron, (1 x 1)/(1 x 3).
    let text = "# mass: MeV\n# model: b-l\n# charges: electron neutron\n1 1e-3\n100 1e-3\n";
    close(at(&folder.read(text, "", "universal").unwrap(), 10.0).0, 1e-3 / 3f64.sqrt());
    let error = folder.read(text, "", "lmu-ltau").unwrap_err();
    assert!(error.to_string().contains("product of the charges 'electron neutron' in lmu-ltau is 0"), "{error}");
}

#[test]
fn mistakes_are_named() {
    let folder = Folder::new();
    let good = "1 1e-3\n2 1e-3\n";
    for (settings, words) in [
        (",mass=meV", "'mass' of"),
        (",mass=MeV and GeV", "'mass' of"),
        (",columns=mass observed", "'columns' of"),
        (",excluded=left", "but must be above, below, inside or inside with holes"),
        (",factor=-1", "a positive number"),
        (",factor=x", "a positive number"),
        (",charges=muon", "two charges"),
        (",charges=muon pion", "unknown charge 'pion'"),
        (",charges=muon muon", "'model' of"),
        (",model=b-l", "'charges' of"),
        (",model=b-k,charges=muon muon", "unknown model 'b-k'"),
    ] {
        let error = folder.read(good, settings, "b-l").unwrap_err();
        assert!(error.to_string().contains(words) && error.is_usage(), "{settings}: {error}");
    }
    for (text, words) in [
        ("", ":1: number of rows is 0"),
        ("1\n", ":1: number of columns is 1"),
        ("1 2\n3 x\n", ":2: column 2 is 'x'"),
        ("-1 2\n", ":1: mass is -1"),
        ("1 0\n", ":1: coupling is 0"),
        ("1 1 1 1\n", ":1: number of columns is 4"),
    ] {
        let error = folder.read(text, "", "b-l").map(|limit| limit.outlines.len());
        // One column is no coupling; it must not be reached.
        assert!(matches!(&error, Err(error) if error.to_string().contains(words)), "{text:?}: {error:?}");
    }
    let error = folder.read(good, ",columns=mass coupling upper", "b-l").unwrap_err().to_string();
    assert!(error.contains(":1: number of columns is 2, but must be 3 as 'columns' says"), "{error}");
    assert!(matches!(read("/nonexistent,x", &Model::named("b-l").unwrap()), Err(Error::Io { .. })));
}

/// A rectangle in the plane.
fn limit(label: &str, masses: (f64, f64), couplings: (f64, f64)) -> KnownLimit {
    let outline =
        vec![[masses.0, couplings.0], [masses.1, couplings.0], [masses.1, couplings.1], [masses.0, couplings.1]];
    let outlines = vec![outline];
    KnownLimit { name: label.into(), label: label.into(), reference: "r".into(), outlines, ..KnownLimit::default() }
}

#[test]
fn only_what_lies_on_the_plane_is_drawn_and_listed() {
    let mut limits = vec![
        limit("off", (1e5, 1e6), (1e-4, 1e-2)),
        limit("small", (1.0, 10.0), (1e-4, 1e-3)),
        limit("large", (1.0, 1e6), (1e-3, 1e3)),
        limit("low", (1.0, 10.0), (1e-9, 1e-8)),
    ];
    limits.push(KnownLimit { name: "small 2".into(), ..limit("small", (20.0, 30.0), (1e-4, 1e-3)) });
    limits[1].reference = "A. Author et al., Phys. Rev. D 1 (2000) 2, arXiv:0001.0001 [Author:2000ab]".into();
    limits[4].reference = "A. Author et al., Phys. Rev. Lett. 59 (1987) 755 [Author:1987ab]".into();
    let found = overlays(&limits, PLANE, &[], Labels::All);
    let labels: Vec<&str> = found.iter().map(|overlay| overlay.label.as_str()).collect();
    assert_eq!(labels, ["large", "small"]);
    assert_eq!(found[1].outlines.len(), 2);
    for [mass, coupling] in found.iter().flat_map(|overlay| overlay.outlines.iter().flatten()) {
        assert!((0.05..2e4).contains(mass) && (5e-7..2.0).contains(coupling), "{mass} {coupling}");
    }
    // The large region's label is inside of it, and on the plane.
    let [mass, coupling] = found[0].label_at.unwrap();
    assert!((1.0..1e4).contains(&mass) && (1e-3..1.0).contains(&coupling));
    let words = references(&limits, &found);
    assert_eq!(
        words,
        "Other limits: large: r; small: arXiv:0001.0001, Phys. Rev. Lett. 59 (1987) 755. Each is at the level of its source."
    );
    assert_eq!(references(&[], &[]), "");
}

#[test]
fn limits_of_one_kind_are_one_outline_with_one_name() {
    let of_kind = |name: &str, kind, masses, couplings| KnownLimit { kind, ..limit(name, masses, couplings) };
    let dump = |name: &str, masses, couplings| of_kind(name, LimitKind::BeamDump, masses, couplings);
    let mut limits = vec![
        dump("a", (1.0, 100.0), (1e-4, 1e-2)),
        dump("b", (10.0, 1000.0), (1e-3, 1e-1)),
        dump("off", (1e6, 1e7), (1e-3, 1e-1)),
        of_kind("c", LimitKind::Collider, (1.0, 1e4), (1e-6, 1e-5)),
        limit("own", (1.0, 2.0), (1e-6, 1e-5)),
    ];
    limits[1].fitted = true;
    let found = overlays(&limits, PLANE, &[], Labels::Groups);
    let mut names: Vec<(&str, usize)> = found.iter().map(|o| (o.label.as_str(), o.outlines.len())).collect();
    names.sort_unstable();
    assert_eq!(names, [("beam dumps", 1), ("colliders", 1), ("own", 1)]);
    // The union at a mass is that of its parts.
    let dumps = found.iter().find(|overlay| overlay.label == "beam dumps").unwrap();
    let joined = KnownLimit { outlines: dumps.outlines.clone(), ..KnownLimit::default() };
    for (mass, low, high) in [(5.0, 1e-4, 1e-2), (50.0, 1e-4, 1e-1), (500.0, 1e-3, 1e-1)] {
        let got = joined.excluded_at(mass);
        assert_eq!(got.len(), 1, "{mass}: {got:?}");
        assert!((got[0].0 / low).ln().abs() < 0.02 && (got[0].1 / high).ln().abs() < 0.02, "{mass}: {got:?}");
    }
    let words = references(&limits, &found);
    assert!(words.contains("beam dumps (a r; b* r)"), "{words}");
    assert!(words.contains("own: r") && !words.contains("off"), "{words}");
    assert!(words.ends_with("*: fitted to a published curve."), "{words}");
    assert!(found.iter().all(|overlay| overlay.label_at.is_some()));
    let silent = overlays(&limits, PLANE, &[], Labels::None);
    assert!(silent.len() == 3 && silent.iter().all(|overlay| overlay.label_at.is_none()));
}

/// Half the size of a label in decades, on a panel of 205 x 176 points at 6.2 points.
fn half_size(label: &str) -> [f64; 2] {
    let letters = label.chars().count() as f64;
    [0.5 * letters * 3.0 / 205.0 * 5.0, 0.5 * 5.0 / 176.0 * 6.0]
}

#[test]
fn labels_do_not_cover_each_other() {
    // Twenty regions on top of one another.
    let names: Vec<String> = (0..20).map(|i| format!("EXP{i}")).collect();
    let limits: Vec<KnownLimit> = (0..20)
        .map(|i| limit(&names[i], (1.0 + i as f64, 100.0 * (1.0 + i as f64)), (1e-5 * 1.3f64.powi(i as i32), 1e-2)))
        .collect();
    let found = overlays(&limits, PLANE, &[], Labels::All);
    assert_eq!(found.len(), 20);
    let boxes: Vec<[f64; 4]> = found
        .iter()
        .filter_map(|overlay| {
            let [mass, coupling] = overlay.label_at?.map(f64::log10);
            let [across, up] = half_size(&overlay.label);
            Some([mass - across, mass + across, coupling - up, coupling + up])
        })
        .collect();
    assert!(boxes.len() >= 18, "{} labels have a place", boxes.len());
    for (i, a) in boxes.iter().enumerate() {
        for b in &boxes[..i] {
            assert!(a[1] <= b[0] || b[1] <= a[0] || a[3] <= b[2] || b[3] <= a[2], "{a:?} {b:?}");
        }
    }
}

#[test]
fn a_picture_has_them_behind_and_in_its_caption() {
    let axis =
        |label: &str, (low, high)| ChartAxis { name: label.into(), label: label.into(), low, high, scale: Scale::Log };
    let curve = Curve::line("csi", "CsI", Role::Csi, vec![[0.1, 1e-4], [100.0, 1e-4], [1e4, 1e-2]]);
    let mut picture = Chart {
        x: axis("$M$ [MeV]", PLANE.x),
        y: axis("$g$", PLANE.y),
        curves: vec![curve],
        note: "excluded at 2$σ$".into(),
        ..Chart::default()
    };
    let bare = picture.clone();
    let limits = [limit("NA64", (1.0, 100.0), (1e-4, 1e-2)), limit("E137", (1.0, 50.0), (1e-6, 3e-6))];
    picture.note = "excluded at 2$σ$".into();
    picture.caption = behind(&mut picture, &limits, Labels::Groups);
    assert_eq!(picture.note, "ours: excluded at 2$σ$");
    assert_eq!(picture.caption, "Other limits: NA64: r; E137: r. Each is at the level of its source.");
    let svg = picture.to_svg();
    check_picture("map_overlays", &svg);
    assert!(letters(&svg).contains("NA64") && letters(&svg).contains("E137"));
    // What is new lies below all of them, up to the largest coupling that makes sense.
    let outlines = vec![vec![[1.0, 1e-3], [10.0, 1e-3], [10.0, 1e3], [1.0, 1e3]]];
    let ours = Region { name: "csi excluded".into(), label: "CsI".into(), role: Role::Csi, outlines, has_edge: false };
    picture.regions.push(ours);
    shade_new(&mut picture, Areas { ours: 2.5, only_ours: 1.25 });
    assert_eq!(picture.regions[0].role, Role::New);
    let highest = picture.regions[0].outlines[0].iter().map(|point| point[1]).fold(0.0, f64::max);
    assert!((highest - (4.0 * std::f64::consts::PI).sqrt()).abs() < 1e-12, "{highest}");
    assert!(picture.caption.starts_with("New (yellow): excluded by none of the limits shown, 1.25 of 2.50 decades"));
    check_picture("map_new", &picture.to_svg());
    // Nothing to show changes nothing.
    let mut same = bare.clone();
    assert!(behind(&mut same, &[], Labels::Groups).is_empty() && same == bare);
}

#[test]
fn no_number_is_too_strange_for_a_region() {
    let strange = [f64::NAN, f64::INFINITY, 0.0, -1.0, 1e-320, 1e308];
    for value in strange {
        let limits = [limit("x", (value, 10.0), (1e-4, value)), limit("y", (1.0, 10.0), (1e-4, 1e-3))];
        let found = overlays(&limits, PLANE, &[vec![[value, value], [1.0, value]]], Labels::Groups);
        assert!(found.iter().any(|overlay| overlay.label == "y"), "{value}");
        let _ = overlays(&limits, Plane { x: (value, 1.0), y: (1.0, value) }, &[], Labels::Groups);
        let _ = limits[0].excluded_at(value);
    }
}
