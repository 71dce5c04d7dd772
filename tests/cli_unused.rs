//! Options that would be passed over beside others are refused, by name.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on must panic")]

mod cli_support;

use cli_support::fail;

/// Lines, and the option that means nothing in each.
const LINES: [(&str, &str); 39] = [
    ("scan --x eps-u.ee=-1:1 --critical c.npz", "--critical"),
    ("scan --x eps-u.ee=-1:1 --others computed", "--others"),
    ("scan --x eps-u.ee=-1:1 --overlay o.txt", "--overlay"),
    ("scan --x eps-u.ee=-1:1 --darkcast d", "--darkcast"),
    ("scan --x eps-u.ee=-1:1 --g-2", "--g-2"),
    ("scan --x eps-u.ee=-1:1 --mass 1:10", "--mass"),
    ("scan --x eps-u.ee=-1:1 --dof 1", "--dof"),
    ("scan --x eps-u.ee=-1:1 --engine gpu", "--engine"),
    ("limits --method cls --critical c.npz", "--critical"),
    ("limits --method cls --asimov", "--asimov"),
    ("limits --method cls --variations", "--variations"),
    ("limits --method cls --dof 1", "--dof"),
    ("limits --method cls --minimum mass", "--minimum"),
    ("limits --toys 10", "--toys"),
    ("limits --seed 2", "--seed"),
    ("limits --out somewhere", "--out"),
    ("limits --variations --critical c.npz", "--critical"),
    ("limits --critical c.npz --format latex", "--format"),
    ("plot a b --out c --critical c.npz", "--critical"),
    ("plot a b --out c --shade-new --others computed", "--shade-new"),
    ("plot a b --out c --g-2", "--g-2"),
    ("coverage --model b-l --at 1,1e-5 --tolerance 2%", "--tolerance"),
    ("scan --x eps-u.ee=-1:1 --axis mass=1:10", "--axis"),
    ("scan --x eps-u.ee=-1:1 --no-best-fit", "--no-best-fit"),
    ("scan --x eps-u.ee=-1:1 --parameter y=1", "--parameter"),
    ("profile --model b-l --mass 1 --width 8cm", "--width"),
    ("profile --model b-l --mass 1 --palette grey", "--palette"),
    ("profile --model b-l --mass 1 --no-caption", "--no-caption"),
    ("profile --model b-l --mass 1 --fresh", "--fresh"),
    ("impact --model b-l --mass 1 --width 8cm", "--width"),
    ("others --model b-l --label-others all", "--label-others"),
    ("g-2 --model b-l --font-size 9", "--font-size"),
    ("coverage --model b-l --at 1,1e-5 --fresh", "--fresh"),
    ("coverage --model b-l --at 1,1e-5 --engine cpu --adapter x", "--adapter"),
    ("scan --model b-l --engine cpu --adapter x", "--adapter"),
    ("scan --model b-l --engine gpu --no-interpolation", "--no-interpolation"),
    ("scan --model b-l --label-others all", "--label-others"),
    ("scan --model b-l --axis mass=1:10 --axis mass=1:100", "mass"),
    ("limits --mass 10,10MeV", "10 MeV"),
];

#[test]
fn options_without_a_meaning_are_refused() {
    for (line, option) in LINES {
        fail(&line.split(' ').collect::<Vec<_>>(), 2, &[option]);
    }
}
