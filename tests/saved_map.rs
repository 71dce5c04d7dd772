//! Reading `map.npz`: what was written comes back, and no damage to the file gets further than a named error.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on must panic")]

use std::io::{Cursor, Read, Write};
use std::sync::OnceLock;

use cevscan::Error;
use cevscan::analysis::limits::Minimum;
use cevscan::analysis::{Analysis, Experiment};
use cevscan::output::{read_map, write_map};
use cevscan::physics::model::Model;
use cevscan::scan::{Device, Map, Plane, Settings, Unobserved, scan};
use ndarray::{Array, Array1, Array2, ArrayView, Dimension, arr0, arr1};
use ndarray_npy::{WritableElement, WriteNpyExt};
use proptest::prelude::*;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

/// A small map with missing points: from a coupling of about 1e77 on the signal is beyond f64.
fn map() -> &'static Map {
    static MAP: OnceLock<Map> = OnceLock::new();
    MAP.get_or_init(|| {
        let (model, experiments) = (Model::named("b-l").unwrap(), Experiment::parse_list("csi+lar").unwrap());
        let analysis = Analysis::new(&model, &experiments);
        let plane = Plane::new((1.0, 1e3), (1e-6, 1e100), (3, 8), 2).unwrap();
        let settings = Settings { device: Device::Cpu, tile_rows: None, delta_chi2: 6.18, minimum: Minimum::Plane };
        scan(&analysis, plane, settings, &Unobserved).unwrap()
    })
}

fn bytes() -> Vec<u8> {
    let mut file = Cursor::new(Vec::new());
    write_map(map(), &mut file).unwrap();
    file.into_inner()
}

fn read(bytes: &[u8]) -> Result<Map, Error> {
    read_map(Cursor::new(bytes), "m.npz")
}

/// The members of the archive: name and bytes.
fn members() -> Vec<(String, Vec<u8>)> {
    let mut archive = ZipArchive::new(Cursor::new(bytes())).unwrap();
    let number = archive.len();
    let member = |i: usize| {
        let mut file = archive.by_index(i).unwrap();
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).unwrap();
        (file.name().to_owned(), bytes)
    };
    (0..number).map(member).collect()
}

/// An archive with sound check sums.
fn zipped(members: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in members {
        let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
        writer.start_file(name.as_str(), stored).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn npy<T: WritableElement, D: Dimension>(array: &Array<T, D>) -> Vec<u8> {
    let mut bytes = Vec::new();
    array.write_npy(&mut bytes).unwrap();
    bytes
}

/// The map with one member replaced, or without it.
fn with(name: &str, replacement: Option<Vec<u8>>) -> Vec<u8> {
    let mut members = members();
    let at = members.iter().position(|(known, _)| known == &format!("{name}.npy")).unwrap();
    match replacement {
        Some(bytes) => members[at].1 = bytes,
        None => drop(members.remove(at)),
    }
    zipped(&members)
}

#[test]
fn what_was_written_is_read() {
    let saved = read(&bytes()).unwrap();
    let same = |a: &[f64], b: &[f64]| a.iter().map(|x| x.to_bits()).eq(b.iter().map(|x| x.to_bits()));
    assert_eq!((&saved.plane, &saved.data), (&map().plane, &map().data));
    assert!(same(&saved.chi2, &map().chi2));
    assert_eq!(saved.status, map().status);
    assert!(saved.missing() > 0 && saved.missing() == map().missing());
    let names: Vec<&str> = saved.chi2_by_dataset.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["csi", "lar"]);
    assert!(saved.chi2_by_dataset.iter().all(|(name, chi2)| same(chi2, map().dataset(name).unwrap())));
    assert_eq!((saved.best_fit, saved.is_shared), (map().best_fit, map().is_shared));
    assert_eq!((saved.chi2_sm, saved.delta_chi2), (map().chi2_sm, map().delta_chi2));
    // Written again it is the same file.
    let mut again = Cursor::new(Vec::new());
    write_map(&saved, &mut again).unwrap();
    assert!(again.into_inner() == bytes());
    assert_eq!(saved.is_expected, Some(false));
    assert_eq!(read(&with("expected", None)).unwrap().is_expected, None);
    assert_eq!(read(&with("expected", Some(npy(&arr0(1_u8))))).unwrap().is_expected, Some(true));
}

#[test]
fn fortran_order_is_read() {
    let chi2 = ArrayView::from_shape((3, 8), &map().chi2).unwrap().to_owned();
    let mut turned = Array2::from_elem(ndarray::ShapeBuilder::f((3, 8)), 0.0);
    turned.assign(&chi2);
    let saved = read(&with("chi2", Some(npy(&turned)))).unwrap();
    assert!(saved.chi2.iter().zip(&map().chi2).all(|(a, b)| a.to_bits() == b.to_bits()));
}

#[test]
fn every_defect_names_file_and_array() {
    let refused_as = |name: &str, named: &str, replacement: Option<Vec<u8>>, words: &[&str]| {
        let error = read(&with(name, replacement)).unwrap_err();
        assert!(matches!(&error, Error::InArray { array, .. } if array == named), "{error}");
        let text = error.to_string();
        for word in [&["m.npz: array '", named][..], words].concat() {
            assert!(text.contains(word), "no '{word}' in: {text}");
        }
    };
    let refused = |name: &str, replacement: Option<Vec<u8>>, words: &[&str]| refused_as(name, name, replacement, words);
    let vector = |values: &[f64]| Some(npy(&Array1::from(values.to_vec())));
    for (name, _) in members() {
        let name = name.trim_end_matches(".npy");
        // Terms are what the file holds; older files do not say whether their limits are expected ones.
        if !["chi2_csi", "chi2_lar", "expected"].contains(&name) {
            refused(name, None, &["missing"]);
        }
        refused(name, Some(Vec::new()), &["damaged"]);
        refused(name, Some(npy(&arr1(&["x".len() as i16]))), &["of type"]);
    }
    refused("expected", Some(npy(&arr0(2_u8))), &["is 2, but must be 0 or 1"]);
    refused("format_version", Some(npy(&arr0(2_i64))), &["is 2, but must be 1"]);
    refused("mass_mev", vector(&[1.0]), &["of length 1"]);
    refused("mass_mev", vector(&[1.0, 2.0, 2.0]), &["2 after 2", "increasing"]);
    refused("mass_mev", vector(&[0.0, 2.0, 3.0]), &["0 in one place", "positive"]);
    refused("coupling", vector(&[1.0, f64::NAN, 3.0]), &["NaN", "finite"]);
    refused("chi2", Some(npy(&Array2::<f64>::zeros((8, 3)))), &["of shape [8, 3]", "of shape [3, 8]"]);
    refused("chi2", Some(npy(&Array2::<f64>::zeros((3, 8)))), &["at [", "status"]);
    refused("status", Some(npy(&Array2::<u8>::zeros((3, 9)))), &["of shape [3, 9]"]);
    refused("chi2_csi", Some(npy(&Array2::<f64>::zeros((3, 7)))), &["of shape [3, 7]"]);
    refused("best_fit", vector(&[1.0, 2.0, 3.0]), &["of shape [3]"]);
    refused("best_fit", vector(&[f64::INFINITY, 0.1]), &["finite"]);
    refused("best_fit", vector(&[1.0, f64::NAN]), &["finite"]);
    // In eV, or squared, beyond f64.
    refused("mass_mev", vector(&[1.0, 2.0, 1e303]), &["from 1e-30 to 1e30 MeV"]);
    refused("mass_mev", vector(&[5e-324, 2.0, 3.0]), &["from 1e-30 to 1e30 MeV"]);
    refused("chi2_min", Some(npy(&arr0(f64::NAN))), &["NaN", "finite"]);
    refused("delta_chi2", Some(npy(&arr0(-1.0))), &["above 0"]);
    refused("level", Some(npy(&arr0(1.0))), &["chi2_min + delta_chi2"]);
    // Terms that do not add up.
    refused_as("chi2_csi", "chi2", Some(npy(&Array2::<f64>::zeros((3, 8)))), &["the sum of its terms"]);
    // A header that states more than memory holds, and one whose brackets would fill the stack.
    let text = |shape: &str| {
        let mut header = format!("{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}").into_bytes();
        header.resize(header.len().next_multiple_of(64) + 53, b' ');
        header.push(b'\n');
        let length = u16::try_from(header.len()).unwrap().to_le_bytes();
        [b"\x93NUMPY\x01\x00".as_slice(), &length, &header].concat()
    };
    refused("chi2", Some(text("(3000000000, 8)")), &["of shape [3000000000, 8]"]);
    refused("chi2", Some(text("(300000000000000000, 800000000)")), &["of shape [300000000000000000, 800000000]"]);
    refused("chi2", Some(text(&"(".repeat(9000))), &["damaged"]);
    refused("chi2", Some(text(&"(".repeat(60_000))), &["damaged"]);
    let huge = [b"\x93NUMPY\x02\x00".as_slice(), &u32::MAX.to_le_bytes(), &[b' '; 80]].concat();
    refused("chi2", Some(huge), &["damaged"]);
}

#[test]
fn what_is_no_archive_is_said() {
    for bytes in [&b""[..], b"PK", b"PK\x05\x06", &[0; 1000]] {
        let error = read(bytes).unwrap_err();
        assert!(error.to_string().starts_with("m.npz is no npz file: "), "{error}");
    }
}

/// Sets bytes, cuts off the end, or drops a stretch.
fn mutilated(mut bytes: Vec<u8>, edits: &[(prop::sample::Index, u8)], cut: Option<prop::sample::Index>) -> Vec<u8> {
    for (at, value) in edits {
        if !bytes.is_empty() {
            let at = at.index(bytes.len());
            bytes[at] = *value;
        }
    }
    if let Some(cut) = cut {
        bytes.truncate(cut.index(bytes.len() + 1));
    }
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, ..ProptestConfig::default() })]

    /// Most edits are caught by a check sum; those that are not may touch dates and the like, never the values.
    #[test]
    fn a_mutilated_archive_is_refused_or_still_the_map(
        edits in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        cut in proptest::option::weighted(0.3, any::<prop::sample::Index>()),
    ) {
        if let Ok(saved) = read(&mutilated(bytes(), &edits, cut)) {
            prop_assert!(saved.chi2.iter().zip(&map().chi2).all(|(a, b)| a.to_bits() == b.to_bits()));
        }
    }

    /// Arrays that were edited before they were packed: there is no check sum to catch it.
    #[test]
    fn a_mutilated_array_is_refused_or_sound(
        which in any::<prop::sample::Index>(),
        edits in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in proptest::option::weighted(0.2, any::<prop::sample::Index>()),
    ) {
        let mut members = members();
        let at = which.index(members.len());
        members[at].1 = mutilated(std::mem::take(&mut members[at].1), &edits, cut);
        if let Ok(saved) = read(&zipped(&members)) {
            prop_assert_eq!(saved.chi2.len(), saved.plane.points());
            prop_assert!(saved.plane.mass.values.windows(2).all(|pair| pair[0] < pair[1]));
            prop_assert!(saved.chi2.iter().zip(&saved.status).all(|(chi2, status)| chi2.is_nan() == (*status != 0)));
            prop_assert!(saved.level_at(0).is_finite());
        }
    }
}
