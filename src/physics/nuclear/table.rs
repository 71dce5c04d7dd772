//! The nuclides that travel with the program, and where their numbers come from.
//!
//! Atomic masses: AME2016 for the nuclei of the paper, else AME2020 (M. Wang et al., Chin. Phys. C 45 (2021) 030003).
//! Abundances: isotopic compositions of the elements 2013 (J. Meija et al., Pure Appl. Chem. 88 (2016) 293) as NIST
//! lists them. Radii of 133Cs, 127I and 40Ar: (3.4) and (3.5). Of all others, R_p^2 = R_ch^2 - (N/Z) <r_n^2> with
//! charge radii R_ch of I. Angeli, K. Marinova, At. Data Nucl. Data Tables 99 (2013) 69 and <r_n^2> = -0.1161 fm^2,
//! which gives (3.4) for the three to 1e-3 fm; and R_n - R_p = 1.01 (N-Z)/A - 0.04 fm, the trend of antiprotonic atoms
//! (A. Trzcinska et al., Phys. Rev. Lett. 87 (2001) 082501), uncertain by some 0.05 fm.

/// (name, Z, N, atomic mass (u), share of the natural element's atoms, R_p (fm), R_n (fm)).
pub(super) type Row = (&'static str, u32, u32, f64, f64, f64, f64);

pub(super) const TABLE: [Row; 28] = [
    ("23Na", 11, 12, 22.989769282, 1.0, 3.015, 3.019),
    ("28Si", 14, 14, 27.97692653465, 0.922297, 3.1409, 3.101),
    ("29Si", 14, 15, 28.9764946649, 0.046832, 3.137, 3.132),
    ("30Si", 14, 16, 29.973770136, 0.030872, 3.155, 3.182),
    ("36Ar", 18, 18, 35.967545105, 0.003336, 3.408, 3.368),
    ("38Ar", 18, 20, 37.96273211, 0.000629, 3.422, 3.435),
    ("40Ar", 18, 22, 39.9623831237, 0.996035, 3.448, 3.55),
    ("70Ge", 32, 38, 69.92424875, 0.2057, 4.058, 4.105),
    ("72Ge", 32, 40, 71.922075826, 0.2745, 4.075, 4.148),
    ("73Ge", 32, 41, 72.923458956, 0.0775, 4.081, 4.166),
    ("74Ge", 32, 42, 73.921177761, 0.365, 4.093, 4.189),
    ("76Ge", 32, 44, 75.921402726, 0.0773, 4.101, 4.22),
    ("127I", 53, 74, 126.9044719, 1.0, 4.766, 5.03),
    ("124Xe", 54, 70, 123.905892, 0.000952, 4.782, 4.872),
    ("126Xe", 54, 72, 125.9042983, 0.00089, 4.788, 4.893),
    ("128Xe", 54, 74, 127.903531, 0.019102, 4.794, 4.912),
    ("129Xe", 54, 75, 128.9047808611, 0.264006, 4.794, 4.919),
    ("130Xe", 54, 76, 129.903509349, 0.04071, 4.799, 4.93),
    ("131Xe", 54, 77, 130.90508406, 0.212324, 4.798, 4.935),
    ("132Xe", 54, 78, 131.9041550856, 0.269086, 4.803, 4.947),
    ("134Xe", 54, 80, 133.90539466, 0.104357, 4.808, 4.964),
    ("136Xe", 54, 82, 135.907214484, 0.088573, 4.815, 4.983),
    ("133Cs", 55, 78, 132.905451961, 1.0, 4.821, 5.09),
    ("180W", 74, 106, 179.9467108, 0.0012, 5.365, 5.504),
    ("182W", 74, 108, 181.94820394, 0.265, 5.372, 5.52),
    ("183W", 74, 109, 182.95022275, 0.1431, 5.377, 5.53),
    ("184W", 74, 110, 183.95093092, 0.3064, 5.382, 5.539),
    ("186W", 74, 112, 185.9543628, 0.2843, 5.391, 5.557),
];

#[cfg(test)]
mod tests {
    use super::TABLE;
    use crate::physics::nuclear::Isotope;

    /// Published: I. Angeli, K. Marinova (2013), table 1, in fm.
    const CHARGE_RADII_FM: [(&str, f64); 28] = [
        ("23Na", 2.9936),
        ("28Si", 3.1224),
        ("29Si", 3.1176),
        ("30Si", 3.1336),
        ("36Ar", 3.3905),
        ("38Ar", 3.4028),
        ("40Ar", 3.4274),
        ("70Ge", 4.0414),
        ("72Ge", 4.0576),
        ("73Ge", 4.0632),
        ("74Ge", 4.0742),
        ("76Ge", 4.0811),
        ("127I", 4.7500),
        ("124Xe", 4.7661),
        ("126Xe", 4.7722),
        ("128Xe", 4.7774),
        ("129Xe", 4.7775),
        ("130Xe", 4.7818),
        ("131Xe", 4.7808),
        ("132Xe", 4.7859),
        ("134Xe", 4.7899),
        ("136Xe", 4.7964),
        ("133Cs", 4.8041),
        ("180W", 5.3491),
        ("182W", 5.3559),
        ("183W", 5.3611),
        ("184W", 5.3658),
        ("186W", 5.3743),
    ];

    #[test]
    fn radii_follow_from_charge_radii() {
        for ((name, protons, neutrons, _, _, r_p, r_n), (known, charge)) in TABLE.into_iter().zip(CHARGE_RADII_FM) {
            assert_eq!(name, known);
            let (z, n) = (f64::from(protons), f64::from(neutrons));
            let proton = (charge * charge + n / z * 0.1161).sqrt();
            assert!((proton - r_p).abs() < 1.1e-3, "{name}: {proton} {r_p}");
            let published = ["133Cs", "127I", "40Ar"].contains(&name);
            assert!(published || (proton + 1.01 * (n - z) / (n + z) - 0.04 - r_n).abs() < 6e-4, "{name}");
        }
    }

    #[test]
    fn elements_are_whole() {
        for symbol in ["Na", "Si", "Ar", "Ge", "I", "Xe", "Cs", "W"] {
            let isotopes = Isotope::of_element(symbol).expect("known");
            let total: f64 = isotopes.iter().map(|(_, share)| share).sum();
            assert!((total - 1.0).abs() < 1e-12, "{symbol}");
            for (isotope, _) in isotopes {
                let number = f64::from(isotope.protons + isotope.neutrons);
                assert!((isotope.atomic_mass_u - number).abs() < 0.11, "{}", isotope.name);
                assert_eq!(isotope.name, format!("{number}{symbol}"));
            }
        }
        assert!(Isotope::of_element("Ga").is_err());
    }
}
