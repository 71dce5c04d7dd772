//! Datasets of one's own: what a file may say, what becomes of mistakes in it, and forecasts.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    missing_docs,
    reason = "a test that cannot go on must panic, and shows its figures"
)]

use cevscan::analysis::limits::{HIGH_MASS_MEV, LOW_MASS_MEV, best_fit, bound};
use cevscan::analysis::{Analysis, Experiment};
use cevscan::base::constants::MUON_MASS_MEV;
use cevscan::dataset::{Dataset, Scattering, Statistic};
use cevscan::physics::detector::Quenching;
use cevscan::physics::model::Model;
use cevscan::rates::cpu::counts_at;
use cevscan::rates::{Fineness, Nodes, Point};

mod dataset_texts;
use dataset_texts::{COUNTS, GOOD, TABLES, TILT, Tables};

fn good() -> Dataset {
    Dataset::from_texts(GOOD, TABLES).unwrap()
}

/// The message about a file, one line.
fn message(text: &str, tables: &Tables) -> String {
    let message = match Dataset::from_texts(text, tables) {
        Ok(_) => panic!("accepted: {text}"),
        Err(error) => error.to_string(),
    };
    println!("{message}");
    assert!(!message.contains('\n'), "one line: {message}");
    message
}

fn standard_model(dataset: &Dataset) -> Vec<f64> {
    let plan = Nodes::new(dataset, Fineness::default()).unwrap().plan(dataset, &Model::standard());
    let mut counts = vec![0.0; plan.channels()];
    counts_at(&plan, Point { mass_mev: 1.0, coupling: 0.0 }, &mut counts);
    counts
}

fn events(dataset: &Dataset) -> f64 {
    standard_model(dataset).iter().sum()
}

#[test]
fn a_file_of_its_own_is_read() {
    let dataset = good();
    assert_eq!((dataset.energy_bins(), dataset.time_bins(), dataset.targets.len()), (3, 2, 5));
    assert_eq!(dataset.observed.iter().sum::<f64>(), 70.0);
    assert_eq!(dataset.backgrounds[0].events.len(), 6);
    // By hand: flat over 11 keVee x 6 us; the first bin has 2 x 1 of 66.
    assert!((dataset.backgrounds[0].events[0] - 30.0 * 2.0 / 66.0).abs() < 1e-12);
    // By hand: 0.133 Z^(2/3) A^(-1/2) with the mean mass of germanium, 72.63.
    let Quenching::Lindhard { k, protons: 32 } = dataset.response.chain().unwrap().quenching else {
        panic!("{:?}", dataset.response)
    };
    assert!((k - 0.15730).abs() < 1e-5, "{k}");
    let experiment = Experiment::of(dataset).unwrap();
    assert!(events(&experiment.dataset) > 1.0);
    let model = Model::named("b-l").unwrap();
    let analysis = Analysis::new(&model, [&experiment]);
    let best = best_fit(&analysis).unwrap();
    assert!(bound(&analysis, LOW_MASS_MEV, best.chi2 + 6.18).unwrap().edge(1).is_ok());
}

#[test]
fn mistakes_name_file_line_key_and_what_is_allowed() {
    for (from, to, words) in [
        // Unknown keys, with the nearest.
        ("baseline_m", "basline_m", &["dataset.toml:10:", "'basline_m'", "did you mean 'baseline_m'?"][..]),
        ("[quenching]", "[quenchng]", &["dataset.toml:16:", "'quenchng'", "did you mean 'quenching'?"]),
        ("sqrt_kev", "sqrt_mev", &["dataset.toml:22:", "[resolution]", "did you mean 'sqrt_kev'?"]),
        ("mass_fraction = 1", "mass_fractoin = 1", &["dataset.toml:14:", "did you mean 'mass_fraction'?"]),
        ("mean_ns", "mena_ns", &["dataset.toml:36:", "[time.trace]", "did you mean 'mean_ns'?"]),
        (
            "slope = 5",
            "slope = 5\nvalue = 1",
            &["dataset.toml:28:", "'value'", "absent with kind = 'logistic'", "slope"],
        ),
        // Words that are none of those allowed.
        ("\"lindhard\"", "\"lindhart\"", &["dataset.toml:17:", "'lindhart'", "did you mean 'lindhard'?"]),
        ("\"keVee\"", "\"furlong\"", &["dataset.toml:31:", "'furlong'", "PE, keVee, keVnr"]),
        ("\"poisson\"", "\"binomial\"", &["dataset.toml:33:", "'binomial'", "poisson, gaussian"]),
        ("element = \"Ge\"", "element = \"Gr\"", &["dataset.toml:14:", "'Gr'", "one of Na, Si, Ar, Ge"]),
        ("element = \"Ge\"", "name = \"75Ge\"", &["dataset.toml:14:", "'75Ge'", "did you mean"]),
        // Numbers.
        ("baseline_m = 20", "baseline_m = -20", &["dataset.toml:10:", "-20", "above 0"]),
        ("baseline_m = 20", "baseline_m = nan", &["dataset.toml:10:", "nan"]),
        ("baseline_m = 20", "baseline_m = inf", &["dataset.toml:10:", "inf"]),
        ("baseline_m = 20", "baseline_m = \"far\"", &["dataset.toml:10:", "'far'", "a number"]),
        ("baseline_m = 20\n", "", &["dataset.toml:6:", "'baseline_m' of [source] is missing"]),
        ("sigma = 0.1\nshapes", "sigma = 0\nshapes", &["dataset.toml:40:", "[signal]", "above 0"]),
        ("mass_fraction = 1", "mass_fraction = 0.9", &["dataset.toml:14:", "add up to 0.9", "add up to 1"]),
        ("isotopes = [{ element = \"Ge\", mass_fraction = 1 }]", "isotopes = []", &["dataset.toml:14:", "empty"]),
        ("constant_kev = 0.1\nsqrt_kev = 0.05", "constant_kev = 0", &["dataset.toml:21:", "positive"]),
        ("name = \"mine\"", "name = \"../mine\"", &["dataset.toml:1:", "letters"]),
        ("label = \"Ge\"", "label = \"\\u0007\"", &["dataset.toml:2:", "control characters"]),
        ("flat_events = 30", "table = \"absent.txt\"", &["dataset.toml:46:", "'absent.txt'", "counts.txt"]),
        ("kind = \"gaussian\"\n", "kind = \"gamma-photoelectrons\"\n", &["dataset.toml:20:", "PE"]),
        ("name = \"mine\"", "name = \"mine", &["dataset.toml:1:"]),
    ] {
        assert!(GOOD.contains(from), "{from}");
        let text = message(&GOOD.replacen(from, to, 1), TABLES);
        for word in words {
            assert!(text.contains(word), "{to}: no '{word}' in {text}");
        }
    }
}

#[test]
fn mistakes_in_tables_name_file_and_line() {
    let with = |from: &str, to: &str| {
        assert!(COUNTS.contains(from));
        message(GOOD, &[("counts.txt", &COUNTS.replacen(from, to, 1)), ("tilt.txt", TILT)])
    };
    for (from, to, words) in [
        ("12 25", "-1 25", &["counts.txt:7:", "is -1", "zero or more"][..]),
        ("12 25", "1.5 25", &["counts.txt:7:", "is 1.5", "whole number"]),
        ("12 25", "NaN 25", &["counts.txt:7:", "is NaN", "finite"]),
        ("12 25", "12", &["counts.txt:7:", "4 numbers"]),
        ("3 6 9", "4 6 9", &["counts.txt:8:", "energy bin is '4 6'"]),
        ("6 12 3", "6 5 3", &["counts.txt:9:", "LOW < HIGH"]),
        ("0 1 6", "0 6 1", &["counts.txt:3:", "increasing"]),
        ("0 1 6", "0 1 60000", &["counts.txt:7:", "time edges", "within 1e4 us"]),
        ("# units: keVee keVee", "# units: MeV MeV", &["counts.txt:5:", "units", "keVee keVee events events"]),
        ("# rows: 3", "# rows: 4", &["counts.txt:10:", "number of rows is 3", "4, as the header states"]),
    ] {
        let text = with(from, to);
        for word in words {
            assert!(text.contains(word), "{to}: no '{word}' in {text}");
        }
    }
    // A shape of other bins than the counts.
    let tilt = TILT.replace("1 3 0.1", "2 3 0.1");
    let text = message(GOOD, &[("counts.txt", COUNTS), ("tilt.txt", &tilt)]);
    assert!(text.starts_with("tilt.txt:7: energy edge is 2, but must be 1, as in the observation (keVee)"), "{text}");
}

#[test]
fn isotopes_come_with_the_file() {
    let own = r#"
[[isotope]]
name = "my-argon"
protons = 18
neutrons = 22
atomic_mass_u = 39.9623831237
proton_radius_fm = 3.448
neutron_radius_fm = 3.55
"#;
    let with = |isotopes: &str| {
        let used = if isotopes.contains("my-argon") { own } else { "" };
        let text = GOOD.replace("[{ element = \"Ge\", mass_fraction = 1 }]", isotopes) + used;
        Dataset::from_texts(&text, TABLES).map(|dataset| events(&dataset))
    };
    let (mine, theirs) =
        (with("[{ name = \"my-argon\", mass_fraction = 1 }]"), with("[{ name = \"40Ar\", mass_fraction = 1 }]"));
    assert_eq!(mine.unwrap(), theirs.unwrap());
    let halves = "[{ name = \"my-argon\", mass_fraction = \"1/2\" }, { name = \"40Ar\", mass_fraction = 0.5 }]";
    assert!((with(halves).unwrap() / with("[{ name = \"40Ar\", mass_fraction = 1 }]").unwrap() - 1.0).abs() < 1e-12);
    // Natural argon is 99.6 % 40Ar.
    let natural = with("[{ element = \"Ar\", mass_fraction = 1 }]").unwrap();
    assert!((natural / with("[{ name = \"40Ar\", mass_fraction = 1 }]").unwrap() - 1.0).abs() < 2e-3);
    // What a file says of an isotope holds for its element too; of one that is not there, it is a slip.
    let large = own.replace("my-argon", "40Ar").replace("neutron_radius_fm = 3.55", "neutron_radius_fm = 9");
    let argon = GOOD.replace("element = \"Ge\"", "element = \"Ar\"") + &large;
    assert!(Dataset::from_texts(&argon, TABLES).map(|dataset| events(&dataset)).unwrap() < 0.9 * natural);
    let text = message(&(GOOD.to_owned() + own), TABLES);
    assert!(text.contains("'my-argon', but must be one that the target has: 70Ge"), "{text}");
    for (from, to, words) in [
        ("atomic_mass_u = 39.96", "atomic_mass_u = 29.96", "within 1 of the mass number, 40"),
        ("proton_radius_fm = 3.448", "proton_radius_fm = 1.2", "from 1.6 to 20"),
        ("protons = 18", "protons = 18.5", "whole number"),
    ] {
        let text = message(&(GOOD.to_owned() + &own.replace(from, to)), TABLES);
        assert!(text.contains(words), "{text}");
    }
}

#[test]
fn ways_to_say_the_same_are_the_same() {
    let varied = |from: &str, to: &str| {
        assert!(GOOD.contains(from), "{from}");
        Dataset::from_texts(&GOOD.replacen(from, to, 1), TABLES).unwrap()
    };
    let linear = varied("kind = \"lindhard\"", "kind = \"linear\"\nfactor = 0.2");
    let polynomial = varied("kind = \"lindhard\"", "kind = \"polynomial\"\ncoefficients_kev = [0, 0.2]");
    assert_eq!(linear.response, polynomial.response);
    let sqrt = varied(
        "kind = \"gaussian\"\nconstant_kev = 0.1\nsqrt_kev = 0.05",
        "kind = \"gaussian-sqrt\"\nsigma_per_sqrt_kev = 0.3",
    );
    let general = varied("constant_kev = 0.1\nsqrt_kev = 0.05", "sqrt_kev = 0.3");
    assert!((events(&sqrt) / events(&general) - 1.0).abs() < 1e-12);
    // A logistic as a fine table.
    let rows: Vec<f64> = (0..=4000).map(|i| 0.005 * f64::from(i)).collect();
    let line = |x: &f64| format!("{x} {}\n", 0.9 / (1.0 + (-5.0 * (x - 1.5)).exp()));
    let table = format!(
        "# title: efficiency\n# source: made up\n# columns: energy efficiency\n# units: keVee 1\n# rows: {}\n{}",
        rows.len(),
        rows.iter().map(line).collect::<String>()
    );
    let tables = [("counts.txt", COUNTS), ("tilt.txt", TILT), ("efficiency.txt", &table)];
    let logistic = "kind = \"logistic\"\namplitude = 0.9\nslope = 5\ncentre = 1.5";
    for at in ["reconstructed", "true"] {
        let function = GOOD.replace(logistic, &format!("{logistic}\nat = \"{at}\""));
        let function = Dataset::from_texts(&function, &tables).unwrap();
        let text = GOOD.replace(logistic, &format!("kind = \"table\"\ntable = \"efficiency.txt\"\nat = \"{at}\""));
        let table = Dataset::from_texts(&text, &tables).unwrap();
        // A chord is off the curve by h^2 f''/8.
        assert!(
            (events(&function) / events(&table) - 1.0).abs() < 1e-5,
            "{at}: {} {}",
            events(&function),
            events(&table)
        );
    }
    // An efficiency of 1 at any energy is none.
    let constant = varied(logistic, "kind = \"constant\"\nvalue = 1");
    let always = varied(logistic, "kind = \"logistic\"\namplitude = 1\nslope = 1000\ncentre = -1000");
    assert!((events(&constant) / events(&always) - 1.0).abs() < 1e-9);
}

/// The delayed flavours of pions that decay at rest as a table of so many rows, for one second.
fn michel_table(rows: u32) -> String {
    let end = 0.5 * MUON_MASS_MEV;
    let m = MUON_MASS_MEV;
    let line = |i: u32| {
        let e = end * f64::from(i) / f64::from(rows - 1);
        let (nu_e, nu_mu_bar) = (192.0 * e * e / m.powi(3) * (0.5 - e / m), 64.0 * e * e / m.powi(3) * (0.75 - e / m));
        format!("{e} {:e} {:e}\n", nu_e.max(0.0), nu_mu_bar)
    };
    let body: String = (0..rows).map(line).collect();
    let unit = "1/(MeV*cm^2*s)";
    format!(
        "# title: flux\n# source: (2.2), (2.3)\n# columns: energy nu_e nu_mu_bar\n# units: MeV {unit} {unit}\n# rows: {rows}\n{body}"
    )
}

/// Presets are the pulses of the data that travel with the program, and do not need a table beside the file.
#[test]
fn presets_of_the_pulse_are_those_of_the_releases() {
    let head = "name = \"mine\"\nlabel = \"mine\"\ndescription = \"-\"\nreference = \"-\"\n[time]\n";
    for (base, kind, rest) in [
        ("csi", "sns-csi-2021", "efficiency = { flat_until_us = 0.52, rate_per_us = 0.0494 }"),
        ("lar", "sns-lar-2020", "normalise_to_window = true"),
    ] {
        let text = format!("base = \"{base}\"\n{head}trace = {{ kind = \"{kind}\" }}\n{rest}\n");
        let own = Dataset::from_texts(&text, &[]).unwrap();
        assert_eq!(own.time_fractions, Dataset::named(base).unwrap().time_fractions, "{kind}");
        let other = text.replace(kind, if base == "csi" { "sns-lar-2020" } else { "sns-csi-2021" });
        assert_ne!(Dataset::from_texts(&other, &[]).unwrap().time_fractions, own.time_fractions);
    }
    let refused = GOOD.replace("kind = \"gaussian\", mean_ns = 400, sigma_ns = 150", "kind = \"sns\"");
    let message = Dataset::from_texts(&refused, &[("counts.txt", COUNTS), ("tilt.txt", TILT)]).unwrap_err().to_string();
    assert!(message.contains("sns-csi-2021") && message.contains("dataset.toml:"), "{message}");
}

#[test]
fn a_tabulated_flux_counts_as_the_formula_does() {
    let source = "[source]\nkind = \"pion-decay-at-rest\"\nneutrinos_per_flavour_per_proton = 0.09\nprotons_on_target = 1e23\nbaseline_m = 20";
    let time = "[time]\ntrace = { kind = \"gaussian\", mean_ns = 400, sigma_ns = 150 }";
    let text = GOOD
        .replace(source, "[source]\nkind = \"table\"\ntable = \"flux.txt\"\nlive_time_days = 1e5")
        .replace(time, "[time]\ntrace = { kind = \"uniform\" }");
    let fine = michel_table(2000);
    let tables: &Tables = &[("counts.txt", COUNTS), ("tilt.txt", TILT), ("flux.txt", &fine)];
    let tabulated = Dataset::from_texts(&text, tables).unwrap();
    assert!((tabulated.time_fractions[0] - 1.0 / 6.0).abs() < 1e-12, "evenly over 6 us");
    let [formula, table] = [&good(), &tabulated].map(|dataset| {
        let nodes = Nodes::new(dataset, Fineness::default()).unwrap();
        let by_flavour = nodes.standard_model_events(dataset, Scattering::Cevns);
        let names = dataset.source.components.iter().map(|component| component.name);
        let mut found: Vec<(&str, f64)> = names.zip(by_flavour).filter(|(name, _)| *name != "nu_mu").collect();
        found.sort_by_key(|(name, _)| *name);
        found.into_iter().map(|(_, events)| events / dataset.fluence_per_cm2).collect::<Vec<f64>>()
    });
    for (formula, table) in formula.iter().zip(&table) {
        assert!((formula / table - 1.0).abs() < 1e-5, "{formula:e} {table:e}");
    }
    // The contract on the quadrature holds for coarse tables too.
    let coarse = michel_table(12);
    let coarse = [("counts.txt", COUNTS), ("tilt.txt", TILT), ("flux.txt", coarse.as_str())];
    let dataset = Dataset::from_texts(&text, &coarse).unwrap();
    let with = |quarters: usize| {
        let plan = Nodes::new(&dataset, Fineness { quarters }).unwrap().plan(&dataset, &Model::standard());
        let mut counts = vec![0.0; plan.channels()];
        counts_at(&plan, Point { mass_mev: 1.0, coupling: 0.0 }, &mut counts);
        counts
    };
    for ((half, usual), twice) in with(2).iter().zip(with(4)).zip(with(8)) {
        assert!((half / usual - 1.0).abs() < 1e-6 && (twice / usual - 1.0).abs() < 1e-6, "{half} {usual} {twice}");
    }
    for (from, to, words) in [
        ("\"uniform\"", "\"gaussian\", mean_ns = 1, sigma_ns = 1", "'uniform' with a tabulated flux"),
        ("live_time_days = 1e5", "", "'live_time_days' of [source] is missing"),
        ("live_time_days", "live_time_hours", "did you mean 'live_time_days'?"),
    ] {
        let text = message(&text.replace(from, to), tables);
        assert!(text.contains(words), "{text}");
    }
    for (from, to, words) in [
        ("nu_mu_bar\n", "nu_sterile\n", "flux.txt:3: columns is 'nu_sterile'"),
        ("1/(MeV*cm^2*s) 1/(MeV*cm^2*s)", "1/(MeV*cm^2*s) 1/MeV", "flux.txt:4: units"),
    ] {
        let flux = michel_table(12).replace(from, to);
        let text = message(&text, &[("counts.txt", COUNTS), ("tilt.txt", TILT), ("flux.txt", &flux)]);
        assert!(text.contains(words), "{text}");
    }
}

#[test]
fn nuclear_recoil_energies_need_no_quenching() {
    let (counts, tilt) = (COUNTS.replace("keVee", "keVnr"), TILT.replace("keVee", "keVnr"));
    let text = GOOD.replace("keVee", "keVnr").replace("lindhard", "none");
    let dataset = Dataset::from_texts(&text, &[("counts.txt", &counts), ("tilt.txt", &tilt)]).unwrap();
    assert_eq!(dataset.response.chain().unwrap().quenching.electron_equivalent_kev(7.0), 7.0);
    assert!(message(&GOOD.replace("lindhard", "none"), TABLES).contains("keVnr"));
}

#[test]
fn usual_variations_are_sound() {
    for (base, count) in [("csi", 8), ("lar", 5), ("mine", 0)] {
        let variations = Dataset::variations(base).unwrap();
        assert_eq!(variations.len(), count);
        for varied in variations {
            let nominal = Dataset::named(base).unwrap();
            assert!(varied.name.starts_with(base) && varied.observed == nominal.observed);
            assert_eq!(Dataset::find(&varied.name).unwrap(), varied);
            let ratio = events(&varied) / events(&nominal);
            println!("{}: {ratio:.4}", varied.name);
            assert!(ratio != 1.0 && (0.8..1.25).contains(&ratio), "{}: {ratio}", varied.name);
        }
    }
}

#[test]
fn variations_take_the_rest_from_their_base() {
    let text = "base = \"lar\"\nname = \"lar-far\"\nlabel = \"Ar\"\ndescription = \"\"\nreference = \"\"\n[source]\nkind = \"pion-decay-at-rest\"\nneutrinos_per_flavour_per_proton = 0.09\nprotons_on_target = 13.7e22\nbaseline_m = 55\n";
    let far = Dataset::from_texts(text, &[]).unwrap();
    let near = Dataset::named("lar").unwrap();
    assert!((events(&far) / events(&near) - 0.25).abs() < 1e-12, "twice as far");
    assert_eq!((&far.observed, &far.statistic, &far.backgrounds), (&near.observed, &near.statistic, &near.backgrounds));
    assert!(message(&text.replace("\"lar\"", "\"laar\""), &[]).contains("'base' of the file is 'laar'"));
    assert!(message(&text.replace("baseline_m", "basline_m"), &[]).contains("did you mean 'baseline_m'"));
}

/// chi2_min, and bounds at low and high mass.
fn bounds(experiment: &Experiment, model: &Model) -> [f64; 3] {
    let analysis = Analysis::new(model, [experiment]);
    let best = best_fit(&analysis).unwrap();
    let edge = |mass_mev| bound(&analysis, mass_mev, best.chi2 + 6.18).unwrap().edge(1).unwrap();
    [best.chi2, edge(LOW_MASS_MEV), edge(HIGH_MASS_MEV)]
}

#[test]
fn with_data_equal_to_expectation_the_expected_bound_is_the_observed_one() {
    for name in ["csi", "lar"] {
        let expected = Experiment::of(Dataset::named(name).unwrap()).unwrap().asimov().unwrap();
        // Data that happen to be the expectation; the variance follows as it does for counts (2.8).
        let mut dataset = Dataset::named(name).unwrap();
        let counts = standard_model(&dataset);
        let mut signal = vec![0.0; dataset.bins()];
        Experiment::new(dataset.clone()).unwrap().measurement.expectation.spread_over_time(&counts, &mut signal);
        for background in &dataset.backgrounds {
            signal.iter_mut().zip(&background.events).for_each(|(sum, events)| *sum += events);
        }
        if let Statistic::Gaussian { variance, .. } = &mut dataset.statistic {
            let steady = dataset.backgrounds.iter().find(|background| background.name == "ss").unwrap();
            *variance = signal.iter().zip(&steady.events).map(|(n, ss)| n + 0.2 * ss).collect();
        }
        dataset.observed = signal;
        let observed = Experiment::of(dataset).unwrap();
        for model in ["b-l", "universal", "lmu-ltau", "scalar"] {
            let model = Model::named(model).unwrap();
            let (ours, theirs) = (bounds(&expected, &model), bounds(&observed, &model));
            println!("{name} {}: {ours:?}", model.name);
            assert!(ours[0].abs() < 1e-8, "the Standard Model fits its own expectation: {}", ours[0]);
            for (ours, theirs) in ours.iter().zip(theirs).skip(1) {
                assert!((ours / theirs - 1.0).abs() < 1e-9, "{name} {}: {ours} {theirs}", model.name);
            }
        }
    }
}

/// A key that no section of its name has is told before what is missing or wrong in the file, whatever the section.
#[test]
fn an_unknown_key_is_told_first() {
    // Wrong besides: without a label, and with counts that are no counts.
    let wrong = GOOD
        .replace("label = \"Ge\"\n", "")
        .replace("statistic = { kind = \"poisson\" }", "statistic = { kind = \"none\" }");
    let sections = [
        "source",
        "target",
        "quenching",
        "resolution",
        "efficiency",
        "response",
        "observation",
        "time",
        "signal",
        "observation.statistic",
        "time.trace",
        "time.efficiency",
    ];
    for section in sections {
        let (above, below) = section.rsplit_once('.').unwrap_or(("", section));
        // Into what is there, inline or not, or as a section of its own.
        let text = match (wrong.contains(&format!("[{section}]")), wrong.contains(&format!("\n{below} = {{"))) {
            (true, _) => wrong.replace(&format!("[{section}]\n"), &format!("[{section}]\ncovarianz = 1\n")),
            (_, true) => wrong.replace(&format!("\n{below} = {{"), &format!("\n{below} = {{ covarianz = 1,")),
            _ if above.is_empty() => format!("{wrong}\n[{section}]\ncovarianz = 1\n"),
            _ => wrong.replace(&format!("[{above}]\n"), &format!("[{above}]\n{below} = {{ covarianz = 1 }}\n")),
        };
        let line = 1 + text.lines().position(|line| line.contains("covarianz")).unwrap();
        let message = message(&text, TABLES);
        let words = [format!("dataset.toml:{line}"), format!("key of [{section}]"), "'covarianz'".to_owned()];
        assert!(words.iter().all(|word| message.contains(word)), "{message}: {words:?}");
    }
    let lists = [
        "isotope",
        "process",
        "variation",
        "background",
        "target.isotopes",
        "signal.norms",
        "signal.shapes",
        "response.variation",
        "background.shapes",
        "background.sideband",
        "variation.up",
        "variation.down.quenching",
    ];
    for section in lists {
        let keys: Vec<&str> = section.split('.').collect();
        let value = match keys[..] {
            [list] => format!("{list} = [{{ covarianz = 1 }}]\n"),
            ["background" | "variation", below] => format!("{} = [{{ {below} = {{ covarianz = 1 }} }}]\n", keys[0]),
            [list, side, below] => format!("{list} = [{{ {side} = {{ {below} = {{ covarianz = 1 }} }} }}]\n"),
            [above, list] => format!("{above} = {{ {list} = [{{ covarianz = 1 }}] }}\n"),
            _ => unreachable!(),
        };
        // In the place of the section that has it.
        let kept: Vec<&str> = wrong.split("\n\n").filter(|part| !part.contains(&format!("[{}]", keys[0]))).collect();
        let message = message(&(value + &kept.join("\n\n")), TABLES);
        let words = ["dataset.toml:1".to_owned(), format!("key of [{section}]"), "'covarianz'".to_owned()];
        assert!(words.iter().all(|word| message.contains(word)), "{message}: {words:?}");
    }
}

#[test]
fn a_forecast_needs_no_counts() {
    let bins = "energy_edges = [1, 3, 6, 12]\ntime_edges_us = [0, 1, 6]";
    let forecast = Dataset::from_texts(&GOOD.replace("counts = \"counts.txt\"", bins), TABLES).unwrap();
    assert!(forecast.is_forecast);
    let (forecast, asimov) = (Experiment::of(forecast).unwrap(), Experiment::of(good()).unwrap().asimov().unwrap());
    assert_eq!(forecast.measurement.observation, asimov.measurement.observation);
    let model = Model::named("b-l").unwrap();
    assert_eq!(bounds(&forecast, &model), bounds(&asimov, &model));
    for (edges, words) in [
        ("energy_edges = [1, 6, 3, 12]\ntime_edges_us = [0, 1, 6]", "at least two increasing numbers"),
        ("energy_edges = [1, 3, 6, 12]", "'time_edges_us' of [observation] is missing"),
        ("energy_edges = [1]\ntime_edges_us = [0, 1, 6]", "at least two increasing numbers"),
        ("", "'counts' of [observation] is missing"),
    ] {
        let text = message(&GOOD.replace("counts = \"counts.txt\"", edges), TABLES);
        assert!(text.contains(words), "{text}");
    }
}

#[test]
fn what_is_hardly_ever_so_is_said() {
    assert_eq!(good().doubts, Vec::<String>::new());
    let doubts = |from: &str, to: &str| {
        assert!(GOOD.contains(from), "{from}");
        Dataset::from_texts(&GOOD.replace(from, to), TABLES).unwrap().doubts
    };
    // One word each, that names the key.
    for (from, to, key) in [
        ("sigma = 0.1\nshapes", "sigma = 5\nshapes", "sigma of [signal]"),
        ("slope = 5", "slope = -8", "slope of [efficiency]"),
        (
            "isotopes = [{ element = \"Ge\", mass_fraction = 1 }]",
            "molar_mass_g_per_mol = 726.3\nisotopes = [{ element = \"Ge\", per_formula_unit = 1 }]",
            "molar_mass_g_per_mol",
        ),
        ("protons_on_target = 1e23", "protons_on_target = 4.7e-23", "protons_on_target"),
        ("baseline_m = 20", "baseline_m = 2e5", "baseline_m"),
        ("active_mass_kg = 10", "active_mass_kg = 1e7", "active_mass_kg"),
        ("kind = \"lindhard\"", "kind = \"linear\"\nfactor = 20", "[quenching]"),
        ("kind = \"lindhard\"", "kind = \"lindhard\"\nk = 1.57", "k of [quenching]"),
        ("constant_kev = 0.1", "constant_kev = 100", "[resolution]"),
        ("amplitude = 0.9", "amplitude = 0.009", "[efficiency]"),
        ("mean_ns = 400, sigma_ns = 150", "mean_ns = 0.4, sigma_ns = 0.15", "trace of [time]"),
        ("mean_ns = 400, sigma_ns = 150", "mean_ns = 4e5, sigma_ns = 150", "[time]"),
    ] {
        let found = doubts(from, to);
        println!("{to}: {found:?}");
        assert!(!found.is_empty() && found.iter().any(|doubt| doubt.contains(key)), "{to}: {found:?}");
        assert!(found.iter().all(|doubt| doubt.starts_with("mine: ") && !doubt.contains('\n')));
    }
    // Times in ns in a column of us.
    let in_ns = |text: &str| text.replace("time_edges_us: 0 1 6", "time_edges_us: 0 1000 6000");
    let tables: Vec<(&str, String)> = TABLES.iter().map(|(name, text)| (*name, in_ns(text))).collect();
    let tables: Vec<(&str, &str)> = tables.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let found = Dataset::from_texts(GOOD, &tables).unwrap().doubts;
    assert!(found.iter().any(|doubt| doubt.contains("ns or ms in the place of us")), "{found:?}");
    // What travels with the program is beyond doubt, and so are its variations.
    for name in ["csi", "lar"] {
        let all = Dataset::variations(name).unwrap();
        for dataset in all.iter().chain([&Dataset::named(name).unwrap()]) {
            assert_eq!(dataset.doubts, Vec::<String>::new(), "{}", dataset.name);
        }
    }
}
