//! `cevscan models`.

use std::fmt::Write as _;

use cevscan::Result;
use cevscan::model::{Interaction, Model};

use super::args::{ModelsArgs, ModelsCommand};
use super::{SUCCESS, terminal};

pub fn run(args: &ModelsArgs) -> Result<u8> {
    let text = match &args.command {
        None => list(&Model::all()?),
        Some(ModelsCommand::Show { name }) => show(&Model::named(name)?),
    };
    terminal::result(&text)?;
    Ok(SUCCESS)
}

fn list(models: &[Model]) -> String {
    let mut text = String::new();
    for model in models {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{:<14}{}", model.name, model.description);
    }
    text
}

fn show(model: &Model) -> String {
    let mut text = format!("{}: {}\n", model.name, model.description);
    for mediator in &model.mediators {
        match &mediator.interaction {
            Interaction::Vector(vector) => {
                let charges = &vector.charges;
                text += "\ncharges     Q'_u     Q'_d     Q'_e    Q'_mu   Q'_tau\n        ";
                for charge in [charges.up, charges.down, charges.electron, charges.muon, charges.tau] {
                    let _ = write!(text, "{:>9}", fraction(charge));
                }
                text += "\n\nweak charge of a nucleus for a neutrino of flavour l (eqs. 3.2, 3.7)\n";
                text += "  Q_l = g_V^p(nu_l) Z F_Z + g_V^n N F_N\n";
                if vector.one_loop_mixing {
                    text += "        + sqrt2 alpha g^2 Q'_l eps(|q|) / (pi G_F (|q|^2 + M^2)) Z F_Z\n";
                    text += "  eps(|q|) = - sum_f Q'_f int_0^1 x(1-x) ln(m_f^2 + x(1-x)|q|^2) dx   (eqs. 3.19, 3.20)\n";
                } else {
                    let (proton, neutron) = (fraction(charges.proton()), fraction(charges.neutron()));
                    let _ = writeln!(
                        text,
                        "        + g^2 Q'_l / (sqrt2 G_F (|q|^2 + M^2)) [({proton}) Z F_Z + ({neutron}) N F_N]"
                    );
                }
            }
            Interaction::Scalar(scalar) => {
                let _ = writeln!(
                    text,
                    "\nadded incoherently to the Standard Model (eq. 3.32)\n  dsigma/dT = M_N^2 T / (4 pi E^2) g^4 / (|q|^2 + M^2)^2 [{} Z F_Z + {} N F_N]^2",
                    scalar.proton, scalar.neutron
                );
            }
        }
    }
    let _ = writeln!(text, "\nreference: {}", model.reference);
    text
}

/// A charge as people write it: `1/3`, `-2`.
fn fraction(value: f64) -> String {
    let denominators = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
    match denominators.iter().find(|d| (value * **d - (value * **d).round()).abs() < 1e-9) {
        Some(1.0) => format!("{value:.0}"),
        Some(denominator) => format!("{:.0}/{denominator:.0}", value * denominator),
        None => value.to_string(),
    }
}
