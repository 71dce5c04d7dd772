use proptest::prelude::*;

use super::*;

const TEXT: &str = "\
# title: a title
# source: a source
# note: a remark
# columns: x y
# units: PE 1
# rows: 2
0 8
8 1e-9
";

const COLUMNS: [(&str, &str); 2] = [("x", "PE"), ("y", "1")];

const BINNED: &str = "\
# title: a title
# source: a source
# time_edges_us: -0.1 0.4 0.9
# columns: lo hi t0 t1
# units: PE PE events events
# rows: 2
0 8 1 2
8 12 3 -4.5
";

const UNITS: BinnedUnits = BinnedUnits { energy: "PE", content: "events" };

/// The message about `text`, which must be refused.
fn refusal(text: &str) -> String {
    Table::parse("x.txt", text, &COLUMNS).unwrap_err().to_string()
}

fn binned_refusal(text: &str) -> String {
    BinnedTable::parse("x.txt", text, UNITS).unwrap_err().to_string()
}

#[test]
fn a_table_is_read_and_written_back() {
    let table = Table::parse("x.txt", TEXT, &COLUMNS).unwrap();
    assert_eq!(table.rows(), [[0.0, 8.0], [8.0, 1e-9]]);
    assert_eq!(table.column(1), [8.0, 1e-9]);
    assert_eq!(table.row_line(0), 7);
    assert_eq!(table.to_string(), TEXT);
}

#[test]
fn windows_line_ends_are_read() {
    let table = Table::parse("x.txt", &TEXT.replace('\n', "\r\n"), &COLUMNS).unwrap();
    assert_eq!(table.to_string(), TEXT);
}

#[test]
fn a_refusal_names_the_line() {
    for (from, to, message) in [
        ("8 1e-9\n", "8 1e-9", "x.txt:8: end of the file is 'inside a line', but must be a newline"),
        ("8 1e-9\n", "", "x.txt:8: number of rows is 1, but must be 2, as the header states"),
        ("8 1e-9\n", "8\n", "x.txt:8: length of row is 1, but must be 2 numbers"),
        ("8 1e-9\n", "8 1e-9 0\n", "x.txt:8: length of row is 3, but must be 2 numbers"),
        ("8 1e-9\n", "8 1e-9\n\n", "x.txt:9: text after the last row is ''"),
        ("8 1e-9\n", "8 1e-9\n9 9\n", "x.txt:9: text after the last row is '9 9'"),
        ("8 1e-9\n", "\n8 1e-9\n", "x.txt:8: length of row is 0"),
        ("1e-9", "1e-9x", "x.txt:8: row, number 2 is '1e-9x', but must be a finite number"),
        ("1e-9", "NaN", "x.txt:8: row, number 2 is NaN"),
        ("1e-9", "-inf", "x.txt:8: row, number 2 is -inf"),
        ("1e-9", "1e999", "x.txt:8: row, number 2 is 1e999"),
        ("0 8\n", "# 0 8\n", "x.txt:7: row, number 1 is '#'"),
        ("rows: 2", "rows: -2", "x.txt:6: number of rows is -2, but must be a whole number, at least 1"),
        ("rows: 2", "rows: 0", "x.txt:6: number of rows is 0"),
        ("rows: 2", "rows: 99999999999999999999", "x.txt:6: number of rows is 99999999999999999999"),
        ("rows: 2", "rows: 9999999999", "x.txt:9: number of rows is 2, but must be 9999999999"),
        ("units: PE 1", "units: PE", "x.txt:5: number of units is 1, but must be 2, one a column"),
        ("units: PE 1", "units: PE 2", "x.txt:5: units is 'PE 2', but must be 'PE 1'"),
        ("columns: x y", "columns: x z", "x.txt:4: columns is 'x z', but must be 'x y'"),
        ("columns: x y", "colums: x y", "x.txt:4: colums, number 1 is 'x'"),
        ("# title: a title\n", "", "x.txt:1: header line is '# source: a source', but must be '# title: ...'"),
        ("title: a title", "title:  a title", "x.txt:1: title is ' a title'"),
        ("# note: a remark\n", "# edges: 1 2\n", "x.txt:3: header line is 'edges', but must be absent from this table"),
        ("# note: a remark\n", "# rows: 2\n", "x.txt:3: header line is 'rows'"),
        ("# note: a remark\n", "a remark\n", "x.txt:3: header line is 'a remark', but must be '# columns: ...'"),
        (TEXT, "", "x.txt:1: header line is 'missing', but must be '# title: ...'"),
    ] {
        assert!(TEXT.contains(from), "{from:?}");
        let found = refusal(&TEXT.replacen(from, to, 1));
        assert!(found.starts_with(message), "{from:?} -> {to:?}: {found}");
    }
}

#[test]
fn every_cut_is_noticed() {
    for cut in 0..TEXT.len() {
        assert!(Table::parse("x.txt", &TEXT[..cut], &COLUMNS).is_err(), "cut after {cut} bytes");
    }
    for cut in 0..BINNED.len() {
        assert!(BinnedTable::parse("x.txt", &BINNED[..cut], UNITS).is_err(), "cut after {cut} bytes");
    }
}

#[test]
fn a_binned_table_is_read_and_written_back() {
    let table = BinnedTable::parse("x.txt", BINNED, UNITS).unwrap();
    assert_eq!(table.energy_edges(), [0.0, 8.0, 12.0]);
    assert_eq!(table.time_edges_us(), [-0.1, 0.4, 0.9]);
    assert_eq!((table.energy_bins(), table.time_bins()), (2, 2));
    assert_eq!(table.values(), [1.0, 2.0, 3.0, -4.5]);
    assert_eq!(table.to_string(), BINNED);
    let negative = table.require("x.txt", "zero or positive", |n| n >= 0.0).unwrap_err().to_string();
    assert_eq!(negative, "x.txt:8: content of time bin t1 is -4.5, but must be zero or positive");
}

#[test]
fn a_binned_refusal_names_the_line() {
    for (from, to, message) in [
        ("8 12", "7 12", "x.txt:8: energy bin is '7 12', but must be LOW < HIGH"),
        ("8 12", "8 8", "x.txt:8: energy bin is '8 8'"),
        ("0 8", "9 8", "x.txt:7: energy bin is '9 8'"),
        ("0.4 0.9", "0.4 0.4", "x.txt:3: time_edges_us is '[-0.1, 0.4, 0.4]', but must be at least two increasing"),
        ("0.4 0.9", "0.9", "x.txt:4: columns is 'lo hi t0 t1', but must be 'lo hi t0'"),
        ("time_edges_us", "time_edges_ns", "x.txt:3: header line is 'time_edges_ns', but must be time_edges_us"),
        ("# time_edges_us: -0.1 0.4 0.9\n", "", "x.txt:3: number of attributes in the header is 0, but must be 1"),
        ("PE PE", "PE keVee", "x.txt:5: units is 'PE keVee events events', but must be 'PE PE events events'"),
    ] {
        assert!(BINNED.contains(from), "{from:?}");
        let found = binned_refusal(&BINNED.replacen(from, to, 1));
        assert!(found.starts_with(message), "{from:?} -> {to:?}: {found}");
    }
}

#[test]
fn what_does_not_fit_the_format_is_not_built() {
    let about = |title: &str| About { title: title.into(), source: "s".into(), notes: vec![] };
    let build = |title: &str, attribute: &str, column: &str, rows: Vec<Vec<f64>>| {
        let attributes = vec![Attribute { name: attribute.into(), values: vec![1.0] }];
        Table::new(about(title), attributes, vec![Column::new(column, "1")], rows)
    };
    assert!(build("t", "a", "x", vec![vec![1.0]]).is_ok());
    assert!(build("t\nt", "a", "x", vec![vec![1.0]]).is_err());
    assert!(build(" ", "a", "x", vec![vec![1.0]]).is_err());
    assert!(build("t", "rows", "x", vec![vec![1.0]]).is_err());
    assert!(build("t", "a b", "x", vec![vec![1.0]]).is_err());
    assert!(build("t", "a", "x y", vec![vec![1.0]]).is_err());
    assert!(build("t", "a", "x", vec![]).is_err());
    assert!(build("t", "a", "x", vec![vec![1.0, 2.0]]).is_err());
    assert!(build("t", "a", "x", vec![vec![f64::NAN]]).is_err());
    assert!(BinnedTable::new(about("t"), UNITS, &[0.0, 1.0], &[0.0, 1.0], &[1.0, 2.0]).is_err());
    assert!(BinnedTable::new(about("t"), UNITS, &[0.0, 0.0], &[0.0, 1.0], &[1.0]).is_err());
    assert!(BinnedTable::new(about("t"), UNITS, &[0.0, 1.0], &[f64::NAN, 1.0], &[1.0]).is_err());
    assert!(BinnedTable::new(about("t"), UNITS, &[0.0], &[0.0, 1.0], &[]).is_err());
    assert!(BinnedTable::new(about("t"), UNITS, &[0.0, f64::INFINITY], &[0.0, 1.0], &[1.0]).is_err());
}

fn finite() -> impl Strategy<Value = f64> {
    any::<f64>().prop_filter("finite", |x| x.is_finite())
}

fn header_text() -> impl Strategy<Value = String> {
    "\\PC{1,30}".prop_filter("a header text", |text| is_header_text(text))
}

fn word() -> impl Strategy<Value = String> {
    "\\PC{1,8}".prop_filter("a word", |text| is_word(text))
}

fn table() -> impl Strategy<Value = Table> {
    let attributes = proptest::collection::btree_map("[a-z_0-9]{1,8}", proptest::collection::vec(finite(), 1..4), 0..3);
    (header_text(), header_text(), proptest::collection::vec(header_text(), 0..3), attributes, 1..5_usize, 1..6_usize)
        .prop_flat_map(|(title, source, notes, attributes, columns, rows)| {
            let attributes: Vec<_> = attributes
                .into_iter()
                .filter(|(name, _)| is_attribute_name(name))
                .map(|(name, values)| Attribute { name, values })
                .collect();
            let columns = proptest::collection::vec((word(), word()), columns);
            let about = About { title, source, notes };
            (columns, Just((about, attributes, rows)))
        })
        .prop_flat_map(|(columns, (about, attributes, rows))| {
            let row = proptest::collection::vec(finite(), columns.len());
            let columns: Vec<_> = columns.into_iter().map(|(name, unit)| Column::new(name, unit)).collect();
            (Just((about, attributes, columns)), proptest::collection::vec(row, rows))
        })
        .prop_map(|((about, attributes, columns), rows)| Table::new(about, attributes, columns, rows).unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn numbers_read_back_to_the_same_bits(value in finite()) {
        prop_assert_eq!(format_number(value).parse::<f64>().unwrap().to_bits(), value.to_bits());
    }

    #[test]
    fn what_is_written_is_read(table in table()) {
        let text = table.to_string();
        let read = Table::parse_any("x.txt", &text).unwrap();
        prop_assert_eq!(&read, &table);
        prop_assert_eq!(read.to_string(), text);
    }

    #[test]
    fn what_is_binned_is_read(
        energies in proptest::collection::btree_set(-1_000_000..1_000_000_i64, 2..6),
        times in proptest::collection::btree_set(-1_000_000..1_000_000_i64, 2..6),
        contents in proptest::collection::vec(finite(), 25),
    ) {
        let edges = |set: &std::collections::BTreeSet<i64>| set.iter().map(|i| *i as f64 / 1024.0).collect::<Vec<_>>();
        let (energies, times) = (edges(&energies), edges(&times));
        let contents = &contents[..(energies.len() - 1) * (times.len() - 1)];
        let about = About { title: "t".into(), source: "s".into(), notes: vec![] };
        let table = BinnedTable::new(about, UNITS, &energies, &times, contents).unwrap();
        prop_assert_eq!(BinnedTable::parse("x.txt", &table.to_string(), UNITS).unwrap(), table);
    }

    #[test]
    fn arbitrary_text_does_not_panic(text in "(\\PC|\\s){0,200}") {
        let _ = Table::parse("x.txt", &text, &COLUMNS);
        let _ = BinnedTable::parse("x.txt", &text, UNITS);
    }

    #[test]
    fn an_edited_table_does_not_panic(at in 0..TEXT.len(), with in "(\\PC|\\s){0,5}", binned in any::<bool>()) {
        let mut text = String::from(if binned { BINNED } else { TEXT });
        text.replace_range(at..(at + 1).min(text.len()), &with);
        let _ = Table::parse("x.txt", &text, &COLUMNS);
        let _ = BinnedTable::parse("x.txt", &text, UNITS);
    }
}
