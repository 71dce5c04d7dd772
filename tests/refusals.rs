//! Families of mistakes in files of one's own: each is refused alike wherever it can be made, at its line.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "a test that cannot go on must panic")]

use cevscan::dataset::Dataset;
use cevscan::others::Experiment;
use cevscan::others::recast::LimitTable;

mod dataset_texts;
use dataset_texts::{COUNTS, GOOD, TABLES, TILT};

fn message(text: &str) -> String {
    let error = Dataset::from_texts(text, TABLES).err();
    error.unwrap_or_else(|| panic!("accepted: {text}")).to_string()
}

/// Number of the first line with these words, and of the last.
fn lines_of(text: &str, words: &str) -> (usize, usize) {
    let with = || text.lines().enumerate().filter(|(_, line)| line.contains(words)).map(|(i, _)| i + 1);
    (with().next().unwrap(), with().last().unwrap())
}

const BOREXINO: &str = include_str!("../data/others/borexino.toml");
const ISOTOPE: &str = "[[isotope]]\nname = \"70Ge\" # SAME\nprotons = 32\nneutrons = 38\natomic_mass_u = 69.924\n\
                       proton_radius_fm = 4\nneutron_radius_fm = 4\n";
#[test]
fn a_name_given_twice_is_refused_at_the_second_with_the_line_of_the_first() {
    let norm = "norms = [{ name = \"SAME\", sigma = 0.1 }]\n";
    let background =
        |name: &str| format!("\n[[background]]\nname = \"{name}\"\nlabel = \"x\"\nflat_events = 1\nsigma = 0.1\n");
    let variation = |name: &str| {
        let part = "{ quenching = { kind = \"linear\", factor = 0.1 } }";
        format!("\n[[variation]]\nname = \"{name}\"\nup = {part}\ndown = {part}\n")
    };
    let with_norms = GOOD.replace("sigma = 0.1\nshapes", &format!("sigma = 0.1\n{norm}shapes"));
    for (family, text) in [
        ("signal and norm", with_norms.replace("cevns", "SAME")),
        ("norm and shape", with_norms.replace("tilt\",", "SAME\",")),
        ("norm and background", with_norms.replace("name = \"flat\"", "name = \"SAME\"")),
        ("backgrounds", GOOD.to_owned() + &background("SAME") + &background("SAME")),
        ("background and its shape", {
            let shape = "shapes = [{ name = \"SAME\", table = \"tilt.txt\" }]\n";
            GOOD.to_owned() + &background("SAME") + shape
        }),
        ("variations", GOOD.to_owned() + &variation("SAME") + &variation("SAME")),
        ("variation and background", GOOD.to_owned() + &variation("SAME") + &background("SAME")),
        ("isotopes", GOOD.to_owned() + &ISOTOPE.repeat(2)),
    ] {
        let (first, second) = lines_of(&text, "SAME");
        let told = message(&text);
        let place = format!("dataset.toml:{second}: ");
        let is_told = told.starts_with(&place) && told.contains(&format!(" in line {first} is the same"));
        assert!(first < second && is_told && told.contains("again"), "{family}: {told}");
        // The negative control: with another name it is read.
        let other = text.replacen("\"SAME\"", "\"OTHER\"", 1).replacen("70Ge", "72Ge", 1);
        assert!(Dataset::from_texts(&other, TABLES).is_ok(), "{family}: {}", message(&other));
    }
    let twice = BOREXINO.replace("\"strict\"", "\"published\"");
    let (first, second) = lines_of(&twice, "\"published\"");
    let told = Experiment::parse("x.toml", &twice).unwrap_err().to_string();
    assert!(told.starts_with(&format!("x.toml:{second}: ")) && told.contains(&format!("in line {first}")), "{told}");
    assert!(Experiment::parse("x.toml", BOREXINO).is_ok());
    let table = "[[limit]]\nname = \"X\"\nreference = \"r\"\nmodel = \"b-l\"\n";
    let told = LimitTable::parse("t.toml", &table.repeat(2)).unwrap_err().to_string();
    assert!(told.contains("t.toml:5: ") && told.contains("line 1 has it first"), "{told}");
}

#[test]
fn a_section_or_key_given_twice_says_where_it_is_first() {
    for (from, to) in
        [("[quenching]", "[source]"), ("protons_on_target", "baseline_m"), ("label = \"Ge\"", "name = 'x'")]
    {
        let text = GOOD.replacen(from, to, 1);
        let key = to.split(" =").next().unwrap();
        let of_key = |line: &&str| line.split('=').next().is_some_and(|own| own.trim() == key);
        let lines: Vec<usize> =
            text.lines().enumerate().filter(|(_, line)| of_key(line)).map(|(i, _)| i + 1).take(2).collect();
        let told = message(&text);
        let expected = [format!("dataset.toml:{}: ", lines[1]), format!("; line {} has it", lines[0])];
        assert!(expected.iter().all(|words| told.contains(words)), "{told}");
    }
    // Other faults of form have no first.
    assert!(!message(&GOOD.replacen("[quenching]", "[quenching", 1)).contains("has it"));
}

#[test]
fn a_file_that_cannot_be_read_is_named_with_the_line_that_names_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("dataset.toml");
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    TABLES.iter().chain([&("dataset.toml", GOOD)]).for_each(|(name, text)| write(name, text));
    // The negative control: with its tables it is read.
    Dataset::open(&file).unwrap();
    let table = "kind = \"table\"\ntable = \"none.txt\"";
    let measured = "statistic = { kind = \"gaussian\", variance = \"none.txt\" }";
    for (key, from, to) in [
        ("'counts' of [observation]", "counts.txt", "none.txt"),
        ("'table' of [signal.shapes]", "tilt.txt", "none.txt"),
        ("'table' of [background]", "flat_events = 30", "table = \"none.txt\""),
        ("'table' of [quenching]", "kind = \"lindhard\"", "kind = \"polynomial-table\"\ntable = \"none.txt\""),
        ("'table' of [efficiency]", "kind = \"logistic\"", &format!("at = \"true\"\n{table}")),
        ("'table' of [source]", "kind = \"pion-decay-at-rest\"", &format!("{table}\nlive_time_days = 1")),
        ("'table' of [time.trace]", "kind = \"gaussian\", mean_ns", "kind = \"table\", table = \"none.txt\", mean_ns"),
        ("'variance' of [observation.statistic]", "statistic = { kind = \"poisson\" }", measured),
        (
            "'covariance' of [observation.statistic]",
            "statistic = { kind = \"poisson\" }",
            &measured.replace("variance", "covariance"),
        ),
        ("'base' of the file", "name = \"mine\"", "name = \"mine\"\nbase = \"./none.txt\""),
    ] {
        let text = GOOD.replacen(from, to, 1);
        write("dataset.toml", &text);
        let told = Dataset::open(&file).unwrap_err().to_string();
        let place = format!("{}:{}: {key} is '", file.display(), lines_of(&text, "none.txt").0);
        assert!(told.starts_with(&place) && told.contains("none.txt: No such file"), "{key}: {told}");
        // A folder is no file either.
        write("dataset.toml", &text.replace("none.txt", ".."));
        let told = Dataset::open(&file).unwrap_err().to_string();
        assert!(told.contains("it is a folder") && told.contains(key), "{key}: {told}");
    }
}

#[test]
fn a_key_without_meaning_beside_others_says_beside_what() {
    let meaningless = |text: &str, words: &[&str]| {
        let told = message(text);
        assert!(words.iter().all(|word| told.contains(word)), "{words:?}: {told}");
    };
    for (section, kind, key) in [
        ("quenching", "kind = \"lindhard\"", "factor = 1"),
        ("resolution", "kind = \"gaussian\"\n", "a_kev = 1\n"),
        ("efficiency", "kind = \"logistic\"", "value = 1"),
        ("source", "kind = \"pion-decay-at-rest\"", "live_time_days = 1"),
        ("observation.statistic", "kind = \"poisson\"", "variance = \"tilt.txt\""),
        ("time.trace", "kind = \"gaussian\", mean", "table = \"tilt.txt\", mean"),
    ] {
        let between = if section.contains('.') { ", " } else { "\n" };
        let end = kind.rfind('"').unwrap() + 1;
        let text = GOOD.replacen(kind, &format!("{}{between}{key}", &kind[..end]), 1);
        let (name, kind) = (key.split(" =").next().unwrap(), kind.split('"').nth(1).unwrap());
        let words = [format!("'{name}' of [{section}] is given"), format!("absent with kind = '{kind}', which takes ")];
        meaningless(&text, &[&words[0], &words[1]]);
    }
    let text = GOOD.replace("flat_events = 30", "flat_events = 30\ntable = \"tilt.txt\"");
    meaningless(
        &text,
        &["dataset.toml:47: 'table' of [background]", "absent beside what else is given", "flat_events"],
    );
    // What a matrix holds already.
    let matrix = GOOD.replace("\"keVee\"", "\"bin\"");
    let counts =
        COUNTS.replace("keVee", "bin").replace("1 3 12", "0 1 12").replace("3 6 9", "1 2 9").replace("6 12 3", "2 3 3");
    let tables = [("counts.txt", counts.as_str()), ("tilt.txt", TILT)];
    let told = |text: &str| Dataset::from_texts(text, &tables).unwrap_err().to_string();
    assert!(told(&matrix).contains("'quenching' of the file is given, but must be absent with energy_unit = 'bin'"));
    let start = matrix.find("[quenching]").unwrap();
    let end = matrix.find("[observation]").unwrap();
    let bare = matrix[..start].to_owned() + &matrix[end..];
    let variation = "[[variation]]\nname = \"v\"\nup = {}\ndown = {}\n";
    assert!(told(&(bare.clone() + variation)).contains("a matrix is deformed by [[response.variation]]"));
    // Without them it is the matrix that is asked for.
    assert!(told(&bare).contains("'response' of the file is missing"));
}

#[test]
fn both_ends_of_a_variation_vary_the_same() {
    let parts = [
        ("quenching", "{ kind = \"linear\", factor = 0.1 }"),
        ("efficiency", "{ kind = \"constant\", value = 0.5 }"),
        ("resolution", "{ kind = \"gaussian\", constant_kev = 0.2 }"),
    ];
    let variation = |up: &str, down: &str| format!("{GOOD}\n[[variation]]\nname = \"v\"\nup = {up}\ndown = {down}\n");
    let of = |(name, section): (&str, &str)| format!("{{ {name} = {section} }}");
    for up in parts {
        for down in parts {
            let text = variation(&of(up), &of(down));
            if up == down {
                Dataset::from_texts(&text, TABLES).unwrap();
                continue;
            }
            let (told, line) = (message(&text), text.lines().count());
            let expected =
                format!("dataset.toml:{line}: 'down' of [variation] is of {}, but must be of {}", down.0, up.0);
            assert!(told.starts_with(&expected), "{told}");
        }
    }
    // Several at once, too, if both have them.
    let both = format!("{{ quenching = {}, efficiency = {} }}", parts[0].1, parts[1].1);
    Dataset::from_texts(&variation(&both, &both), TABLES).unwrap();
    assert!(
        message(&variation(&both, &of(parts[0]))).contains("is of quenching, but must be of quenching, efficiency")
    );
}
