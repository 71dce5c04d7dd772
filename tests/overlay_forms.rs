//! Curves as people write them: each form gives the area that it means, or an error that says what to write. Areas are in
//! decades of mass x decades of coupling, by hand from the numbers of the file.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "a test that cannot go on must panic")]
#![allow(clippy::approx_constant, reason = "decades of a table, in its digits")]

use cevscan::base::contour::Span;
use cevscan::base::grid::Axis;
use cevscan::others::new_territory::areas;
use cevscan::others::recast::overlay_file::{UserCurve, parse};
use cevscan::physics::model::Model;

/// Steps of masses in which areas are taken, five decades: an edge may be off by half of one.
const MASSES: usize = 4001;
const TOLERANCE: f64 = 0.011;

fn read_as(path: &str, text: &str, settings: &[(&str, &str)]) -> cevscan::Result<UserCurve> {
    parse(path, text, settings, &Model::named("b-l").unwrap())
}

fn read(text: &str) -> cevscan::Result<UserCurve> {
    read_as("curve.txt", text, &[])
}

/// What a curve takes of the plane from 0.1 MeV to 10 GeV by 1e-6 to 1.
fn area(curve: &UserCurve) -> f64 {
    let masses = Axis::logarithmic("mass", "MeV", (0.1, 1e4), MASSES).unwrap().values;
    let all = vec![vec![Span { low: 1e-6, high: 1.0 }]; masses.len()];
    let areas = areas(&all, &masses, (1e-6, 1.0), std::slice::from_ref(&curve.limit));
    areas.ours - areas.only_ours
}

#[track_caller]
fn takes(text: &str, expected: f64) -> UserCurve {
    let curve = read(text).unwrap();
    let found = area(&curve);
    assert!((found - expected).abs() < TOLERANCE, "{found}, not {expected}: {text:?} {:?}", curve.limit.outlines);
    curve
}

#[track_caller]
fn refused(text: &str, words: &[&str]) {
    let error = read(text).map(|curve| (area(&curve), curve.notes)).unwrap_err().to_string();
    for word in words {
        assert!(error.contains(word), "{text:?}: no '{word}' in: {error}");
    }
}

#[track_caller]
fn notes(curve: &UserCurve, words: &[&str]) {
    assert_eq!(curve.notes.len(), words.len(), "{:?}", curve.notes);
    for (note, word) in curve.notes.iter().zip(words) {
        assert!(note.starts_with("curve.txt: ") && note.contains(word), "no '{word}' in: {note}");
    }
}

#[test]
fn units_in_any_wording() {
    // One decade of mass by four of coupling.
    for header in [
        "# mass: MeV",
        "# Mass: MeV",
        "## mass: MeV",
        "#mass:MeV",
        "# mass = MeV",
        "# masses in MeV",
        "# mass [MeV] g",
        "# mass (MeV), coupling",
        "# m_Z' [MeV/c^2]   g_BL",
        "# M_Z'/MeV g",
        "# mass_mev coupling",
        "# The mass of the mediator is given in units of MeV; made from figure 3 of a thesis of 2019",
        "# energies of the beam: 160 GeV\n# mass [MeV] g",
        "mass_mev,coupling",
        "mass [MeV];g",
        "\u{feff}# mass: MeV",
        "\u{feff}mass_mev,coupling",
    ] {
        notes(&takes(&format!("{header}\n1 1e-4\n10 1e-4\n"), 4.0), &[]);
    }
    for header in ["# mass [eV] coupling", "# mass: eV", "# mass [eV]\tg (the coupling itself, not in units of e)"] {
        notes(&takes(&format!("{header}\n1e6 1e-4\n1e7 1e-4\n"), 4.0), &[]);
    }
    for (unit, one, ten) in [("keV", "1e3", "1e4"), ("GeV", "1e-3", "1e-2"), ("TeV", "1e-6", "1e-5")] {
        takes(&format!("# Mass in {unit}\n{one} 1e-4\n{ten} 1e-4\n"), 4.0);
    }
    // What the file does not say is said: a byte-order mark and nothing else before numbers.
    notes(&takes("\u{feff}1 1e-4\n10 1e-4\n", 4.0), &["masses are taken in GeV"]);
    notes(&takes("# from 20 GeV electrons\n1 1e-4\n10 1e-4\n", 4.0), &["masses are taken in GeV"]);
    assert_eq!(read_as("curve.lmt", "#  mass  lower\n1 1e-4\n10 1e-4\n", &[]).unwrap().notes, [""; 0]);
    // The command line has the last word, also over what is not understood.
    let curve = read_as("curve.txt", "# mass [kg] g\n1e6 1e-4\n1e7 1e-4\n", &[("mass", "eV")]).unwrap();
    assert!((area(&curve) - 4.0).abs() < TOLERANCE);
}

#[test]
fn units_that_are_not_understood_are_refused() {
    let rows = "1 1e-4\n10 1e-4\n";
    let what = "write '# mass: MeV' in the header";
    for (header, words) in [
        ("# mass [meV] g", "curve.txt:1: unit of the masses is 'meV'"),
        ("# mass [mev] g", "curve.txt:1: unit of the masses is 'mev'"),
        ("# mass [kg] g", "curve.txt:1: unit of the masses is 'kg'"),
        ("# mass in µeV", "curve.txt:1: unit of the masses is 'µeV'"),
        ("# mass [MeV] g\n# mass in GeV", "curve.txt:2: unit of the masses is MeV and GeV"),
        ("# all in MeV", "curve.txt:1: header is a text with MeV"),
        ("# masses from 1 MeV on", "curve.txt:1: header is a text with MeV"),
    ] {
        refused(&format!("{header}\n{rows}"), &[words, what]);
    }
    for value in ["meV", "mev", "megaelectronvolt", "MeV or GeV", "1 MeV", ""] {
        let line = format!("curve.txt:1: 'mass' is '{value}', but must be eV, keV, MeV, GeV or TeV");
        refused(&format!("# mass: {value}\n{rows}"), &[&line]);
    }
}

#[test]
fn scales_are_not_passed_over() {
    let rows = "1 1e-4\n10 1e-4\n";
    // Whatever is done to the coupling in the header, unless a factor says that it is known; the kinds are in the unit tests.
    for header in ["g [10^-4]", "g (1e-4)", "g*1e4", "g [%]", "g/e", "coupling in units of 1e-4"] {
        let text = format!("# mass [MeV] {header}\n{rows}");
        refused(&text, &["curve.txt:1: scale of the couplings is", "write '# factor: 1e-4' in the header"]);
        takes(&format!("# factor: 10\n{text}"), 3.0);
        takes(&format!("# factor = 10\n{text}"), 3.0);
        assert!((area(&read_as("curve.txt", &text, &[("factor", "10")]).unwrap()) - 3.0).abs() < TOLERANCE);
    }
    for header in ["mass [MeV/10] g", "mass[MeV]^2 g", "mass [10 MeV] g"] {
        refused(&format!("# {header}\n{rows}"), &["curve.txt:1: scale of the masses is", "write '# mass: MeV'"]);
        takes(&format!("# mass: MeV\n# {header}\n{rows}"), 4.0);
    }
    for header in ["mass [MeV] log10 g", "mass [MeV], log10(g)", "log10(mass) g", "log_mass log_g"] {
        refused(&format!("# mass: MeV\n# factor: 1\n# {header}\n{rows}"), &["curve.txt:3: scale", "no logarithms"]);
    }
    // A table of HEPData has units of its own.
    let yaml = |units: &str| {
        format!(
            "dependent_variables:\n- header: {{name: Limit on g, units: '{units}'}}\n  values:\n  - {{value: 0.0001}}\n  - {{value: 0.0001}}\nindependent_variables:\n- header: {{name: Mass, units: GeV}}\n  values:\n  - value: 0.001\n  - value: 0.01\n"
        )
    };
    takes(&yaml("1"), 4.0);
    refused(&yaml("10^-4"), &["scale of the couplings"]);
}

#[test]
fn mistyped_keys_are_refused_and_prose_is_not() {
    let rows = "1 1e-4\n10 1e-4\n";
    for (comment, key) in [
        ("exclude: below", "excluded"),
        ("Excludes: below", "excluded"),
        ("factr: 2", "factor"),
        ("scale: 2", "factor"),
        ("factor_: 2", "factor"),
        ("column: mass coupling", "columns"),
        ("colunms: mass coupling", "columns"),
        ("exclude = below", "excluded"),
        ("modle: b-l", "model"),
        ("lable: CCFR", "label"),
        ("widnow: mass 1:10 MeV coupling 1e-4:1", "window"),
    ] {
        refused(
            &format!("# mass: MeV\n# {comment}\n{rows}"),
            &["curve.txt:2: key of the header is", &format!("did you mean '{key}'?")],
        );
    }
    for prose in [
        "Note: read off by hand",
        "Source: figure 3",
        "Data: 2019",
        "Table 2: limits at 90 % CL",
        "Gaps: none",
        "chi2_min = 12",
        "From the authors: see their web page",
        "excluded is what lies above",
        "Experiment: CCFR",
        "Author: me",
        "date = 2020",
        "Class: fixed target",
    ] {
        notes(&takes(&format!("# mass: MeV\n# {prose}\n{rows}"), 4.0), &[]);
    }
}

#[test]
fn edges_blocks_and_outlines() {
    let mev = |rows: &str| format!("# mass: MeV\n{rows}");
    // Vertical edges: two rows at one mass.
    notes(&takes(&mev("1 1.0\n1 1e-4\n10 1e-4\n10 1.0\n"), 4.0), &[]);
    // Half a decade that falls from 0.9 to 1.3e-4, then the decade up to a vertical edge: by trapezoids
    // 0.30103 (0.0458 + 3.8861)/2 + (3.8861 + 4)/2.
    notes(&takes(&mev("0.5 0.9\n1 1.3e-4\n10 1e-4\n10 1.0\n"), 4.535), &[]);
    // A staircase, up and down.
    takes(&mev("1 1e-4\n3 1e-4\n3 1e-3\n10 1e-3\n10 1e-2\n30 1e-2\n"), 0.4771 * 4.0 + 0.5229 * 3.0 + 0.4771 * 2.0);
    // Masses that fall.
    takes(&mev("10 1e-4\n1 1e-3\n"), 3.5);
    // Blank lines part curves: log10(2) twice, four decades high.
    notes(&takes(&mev("1 1e-4\n2 1e-4\n\n\n50 1e-4\n100 1e-4\n"), 2.408), &["2 curves"]);
    // So do rows without a limit.
    for gap in ["10 1e5", "10 nan"] {
        takes(&mev(&format!("1 1e-4\n2 1e-4\n{gap}\n50 1e-4\n100 1e-4\n")), 2.408);
    }
    // Two areas, each closed.
    let two = "1 1e-4\n10 1e-4\n10 1e-2\n1 1e-2\n1 1e-4\n\n20 1e-4\n200 1e-4\n200 1e-3\n20 1e-3\n20 1e-4\n";
    takes(&mev(two), 3.0);
    // A curve that ends where it begins is an outline; the header may say so.
    let square = "1 1e-4\n10 1e-4\n10 1e-2\n1 1e-2\n1 1e-4\n";
    notes(&takes(&mev(square), 2.0), &["its inside is taken as excluded"]);
    notes(&takes(&format!("# excluded: inside\n{}", mev(square)), 2.0), &[]);
    // One within the other: of 2 decades, a hole of 0.3 by 0.7 or none. Nothing is guessed.
    let hole = format!("{square}\n2 1e-3\n4 1e-3\n4 5e-3\n2 5e-3\n2 1e-3\n");
    let is_unclear = ["curve.txt:8: outline is within that of line 2", "excluded: inside with holes"];
    refused(&mev(&hole), &is_unclear);
    refused(&format!("# excluded: inside\n{}", mev(&hole)), &["outline is within that of line 3"]);
    let taken = 2.0 - 2f64.log10() * 5f64.log10();
    notes(&takes(&format!("# excluded: inside with holes\n{}", mev(&hole)), taken), &["2 curves"]);
    // In any order, and two areas beside one another are none within the other.
    let (outer, inner) = hole.split_once("\n\n").unwrap();
    takes(&format!("# excluded: inside with holes\n{}", mev(&format!("{inner}\n{outer}\n"))), taken);
    takes(&format!("# excluded: inside with holes\n{}", mev(two)), 3.0);
    // What turns back without closing could be anything.
    refused(
        &mev("1 1e-4\n10 1e-4\n5 1e-2\n"),
        &["curve.txt:4: mass is 5 MeV after 10 MeV", "excluded: inside", "blank line"],
    );
    refused(&format!("# excluded: above\n{}", mev(square)), &["curve.txt:6: mass is 1 MeV after 10 MeV"]);
    // Two couplings at every mass are intervals, and no curve.
    refused(
        &mev("1 1e-4\n1 1e-2\n2 1e-4\n2 1e-2\n3 1e-4\n3 1e-2\n"),
        &["curve.txt:3: number of couplings at a mass is 2", "three columns"],
    );
    // One row encloses nothing.
    notes(&takes(&mev("1 1e-4\n"), 0.0), &["has 1 row, encloses nothing"]);
    notes(&takes(&mev("1 1e-4\n2 1e-4\n\n3 1e-4\n"), 4.0 * 0.30103), &["2 curves", "single mass at line 5"]);
}

#[test]
fn columns_by_their_names() {
    // A band: the control.
    notes(&takes("# mass: MeV\n1 1e-4 1e-3\n10 1e-4 1e-3\n", 1.0), &["taken as mass, lower and upper"]);
    notes(&takes("# mass: MeV\n# mass lower upper\n1 1e-4 1e-3\n10 1e-4 1e-3\n", 1.0), &[]);
    takes("# upper lower mass\n# mass: MeV\n1e-3 1e-4 1\n1e-3 1e-4 10\n", 1.0);
    // A step in a band, and several intervals at a mass.
    takes("# mass: MeV\n1 1e-4 1e-3\n5 1e-4 1e-3\n5 2e-4 1e-2\n10 2e-4 1e-2\n", 0.69897 + 0.30103 * 1.69897);
    takes("# mass: MeV\n1 1e-5 1e-4\n1 1e-3 1e-2\n10 1e-5 1e-4\n10 1e-3 1e-2\n", 2.0);
    // Observed and expected: which is meant?
    let rows = "1 2e-4 1e-4\n10 1e-4 2e-4\n";
    let how = "write '# columns: mass coupling'";
    for (header, words) in [
        ("# mass: MeV\n# columns: mass observed expected", "curve.txt:2: 'columns' is 'mass observed expected'"),
        ("# mass: MeV\n# mass observed expected", "curve.txt:2: column is 'observed'"),
        ("# mass: MeV\n# observed and expected limit", "curve.txt:2: header is 'observed and expected limit'"),
        ("mass_mev,observed,expected", "curve.txt:1: column is 'observed'"),
        ("# mass [MeV], observed limit, expected limit", "curve.txt:1: column is 'observed limit'"),
        ("# mass: MeV\n# mass epsilon^2 upper", "curve.txt:2: column is 'epsilon^2'"),
        ("# mass: MeV", "curve.txt:2: upper coupling is 0.0001, but must be at or above the lower one, 0.0002"),
    ] {
        let text = format!("{header}\n{rows}");
        refused(&text, &[words]);
        if !words.contains("'columns'") {
            refused(&text, &[how]);
        }
        let observed = read_as("curve.txt", &text, &[("columns", "mass coupling -")]).unwrap();
        let expected = read_as("curve.txt", &text, &[("columns", "mass - coupling")]).unwrap();
        for curve in [observed, expected] {
            // By trapezoids: log10(1/2e-4) = 3.69897 and 4.
            assert!((area(&curve) - 3.8495).abs() < TOLERANCE, "{}", area(&curve));
        }
    }
    // r-values as darkcast has them: excluded where r < 1, here on both sides of a hill.
    let rows = "#      mass           g           r\n 1.0e-03 1e-5 0.1\n 1.0e-03 1e-4 10\n 1.0e-03 1e-3 0.1\n 1.0e-02 1e-5 0.1\n 1.0e-02 1e-4 10\n 1.0e-02 1e-3 0.1\n";
    let curve = read_as("curve.lmt", rows, &[]).unwrap();
    assert!((area(&curve) - 1.0).abs() < TOLERANCE, "{}", area(&curve));
    // Without names the same numbers are two overlapping, falling intervals.
    refused(
        &rows.replace("mass           g           r", ""),
        &["number of intervals at a mass is 3, overlapping", "columns: mass coupling r"],
    );
}

#[test]
fn numbers_are_not_guessed() {
    for rows in ["1,5 1e-4\n10,5 1e-4\n", "1 1,5e-4\n10 1,5e-4\n", "1,5;1e-4\n10,5;1e-4\n"] {
        refused(
            &format!("# mass: MeV\n{rows}"),
            &["curve.txt:2: row with a comma inside of a number", "decimal point"],
        );
    }
    takes("# mass: MeV\n1, 1e-4\n10, 1e-4\n", 4.0);
    takes("# mass: MeV\n1,1e-4\n10,1e-4\n", 4.0);
    takes("# mass: MeV\n1;1e-4\n10;1e-4\n", 4.0);
    refused("# mass: MeV\n1 1e-4\n10 inf\n", &["curve.txt:3: column 2 is 'inf'"]);
    refused("# mass: MeV\nnan 1e-4\n10 1e-4\n", &["curve.txt:2: mass is NaN"]);
    refused("# mass: MeV\n1 1e-4\n10 1e-4 1\n", &["curve.txt:3: number of columns is 3, but must be 2 as above"]);
    refused("g r\n1 1e-4\n", &["curve.txt:1: line of names is 'g r'"]);
}

#[test]
fn tables_of_hepdata_and_contours() {
    // Two lines: a border from left to right at 1e-4, an island of allowed couplings in it, which HEPData's table and the
    // spreadsheet have as well.
    let points = [
        (0, 1.0, 1e-4),
        (0, 100.0, 1e-4),
        (1, 2.0, 1e-3),
        (1, 20.0, 1e-3),
        (1, 20.0, 1e-2),
        (1, 2.0, 1e-2),
        (1, 2.0, 1e-3),
    ];
    let csv: String = points.iter().map(|(line, mass, g)| format!("{line},{mass:e},{g:e}\n")).collect();
    let curve = takes(&format!("# excluded: above\nline,mass_mev,coupling\n{csv}"), 8.0 - 1.0);
    notes(&curve, &[]);
    // Nobody guesses the side: below the lowest line 1.0 x 2 decades and the island.
    refused(&format!("line,mass_mev,coupling\n{csv}"), &["curve.txt:2: 'excluded' is missing", "'# excluded: above'"]);
    takes(&format!("# excluded: below\nline,mass_mev,coupling\n{csv}"), 4.0 + 1.0);
    let column = |name: &str, values: Vec<String>| {
        let values: String = values.iter().map(|value| format!("  - value: {value}\n")).collect();
        format!("- header:\n    name: \"{name}\"\n  values:\n{values}")
    };
    let yaml = format!(
        "---\nindependent_variables:\n{}{}dependent_variables:\n{}",
        column("Line", points.iter().map(|point| point.0.to_string()).collect()),
        column("Mediator mass", points.iter().map(|point| format!("{:.1}", point.1)).collect())
            .replace("mass\"\n", "mass\"\n    units: MeV\n"),
        column("Coupling g", points.iter().map(|point| format!("{:e}", point.2)).collect()).replace(
            "  values",
            "  qualifiers:\n  - name: \"Model\"\n    value: \"b-l\"\n  - name: Excluded\n    value: above\n  values"
        ),
    );
    takes(&yaml, 7.0);
    // As other programs order it.
    takes(
        "dependent_variables:\n- header: {name: Limit on g}\n  values:\n  - {value: 0.0001}\n  - {value: 0.0001}\nindependent_variables:\n- header: {name: Mass, units: GeV}\n  values:\n  - value: 0.001\n  - value: 0.01\n",
        4.0,
    );
    refused(&yaml.replace("  - value: 2.0\n", ""), &["curve.txt:", "number of values of"]);
    refused(&yaml.replace("value: 2.0", "low: 2.0"), &["curve.txt:", "line of a HEPData table"]);
    refused(
        "# excluded: above\nline,mass_mev,coupling\n0,1,1e-4\n0,10,1e-6\n1,100,1e-3\n1,20,1e-5\n",
        &["curve.txt:3: end of a contour's line"],
    );
    // A map needs its border.
    let map = "# mass_mev coupling delta_chi2\n1 1e-4 0\n1 1e-2 10\n\n10 1e-4 0\n10 1e-2 10\n";
    refused(map, &["curve.txt:2: border of the excluded region is missing", "excluded: delta_chi2 > 6.18"]);
    takes(&format!("# excluded: delta_chi2 > 5\n{map}"), 1.0);
    refused(&format!("# excluded: delta_chi2 > 5\n{}", map.replace("10 1e-4 0", "10 2e-4 0")), &["list of couplings"]);
}

#[test]
fn what_is_off_the_map_is_known() {
    let curve = read("# mass: GeV\n20 1e-4\n30 1e-4\n").unwrap();
    assert!(!curve.limit.reaches((0.1, 1e4), (1e-6, 1.0)) && curve.limit.reaches((0.1, 1e5), (1e-6, 1.0)));
    assert_eq!(curve.limit.masses_mev(), [2e4, 3e4]);
    let low = read("# mass: MeV\n1 1e-9 1e-8\n10 1e-9 1e-8\n").unwrap();
    assert!(!low.limit.reaches((0.1, 1e4), (1e-6, 1.0)) && low.limit.reaches((0.1, 1e4), (5e-9, 1.0)));
}

#[test]
fn words_that_act_on_a_terminal_are_refused() {
    for wild in ["A\u{1b}[31mRED", "N\0M", "a\u{202e}b", "bell\u{7}"] {
        for key in ["label", "reference", "model"] {
            refused(
                &format!("# mass: MeV\n# {key}: {wild}\n1 1e-4\n10 1e-4\n"),
                &["curve.txt:2", "control characters"],
            );
            let told = read_as("mine.txt", "# mass: MeV\n1 1e-4\n10 1e-4\n", &[(key, wild)]).unwrap_err().to_string();
            assert!(told.contains("control characters"), "{told}");
        }
    }
    // The name of a file is its user's to choose.
    let curve = read_as("a\u{1b}[2J\nb.txt", "# mass: MeV\n1 1e-4\n10 1e-4\n", &[]).unwrap();
    assert_eq!(curve.limit.label, "a\\u001b[2J\\nb");
}

#[test]
fn of_an_observed_and_an_expected_limit_one_is_to_be_chosen() {
    refused("# columns: mass observed expected\n1 1e-4 2e-4\n", &["an observed and an expected limit"]);
    refused("# mass [MeV] observed expected\n1 1e-4 2e-4\n", &["an observed and an expected limit"]);
    takes("# mass: MeV\n# columns: mass coupling -\n1 1e-4 2e-4\n10 1e-4 2e-4\n", 4.0);
}

/// Found by fresh eyes: each was taken for a coupling above which all is excluded, in another unit or scale than meant.
#[test]
fn headers_that_say_something_else_are_refused() {
    let rows = "10 1e-4\n100 1e-4\n";
    for (header, words) in [
        ("# mass [M eV] g", "unit of the masses"),
        ("# mass in units of m_mu, g", "unit of the masses"),
        ("# mass [MeV] g 1e-4", "scale of the couplings"),
        ("# mass [MeV] 1000 g", "scale of the couplings"),
        ("# mass [MeV] kinetic mixing", "of a mass and a coupling"),
        ("# mass [MeV] coupling constant alpha", "of a mass and a coupling"),
        ("# mass [MeV] gegn", "understood"),
        ("# mass [MeV] epsilon_g", "columns: mass coupling"),
        ("# m2 [GeV] g", "of a mass and a coupling"),
        ("# mass [MeV] g (excluded: g < curve)", "clear on what is excluded"),
        ("# mass [MeV] g allowed", "clear on what is excluded"),
    ] {
        refused(&format!("{header}\n{rows}"), &[words, "write '"]);
    }
    refused("# mass [MeV] g\n10 1e-4 2\n100 1e-4 2\n", &["number of names in the header is 2", "3"]);
    refused("# mass [MeV], lower and upper boundary\n10 1e-4\n100 1e-4\n\n10 1e-3\n100 1e-3\n", &["three columns"]);
    // What is said settles it.
    takes(&format!("# mass [MeV] kinetic mixing\n# columns: mass coupling\n{rows}"), 4.0);
    takes(&format!("# mass [MeV] g (excluded: g < curve)\n# excluded: above\n{rows}"), 4.0);
}
