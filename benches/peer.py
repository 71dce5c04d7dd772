"""What a phenomenologist would write: B-L on CsI and argon with numpy, each point minimised by iminuit.

    python3 peer.py DATA < POINTS > RESULT

DATA holds the folders csi2021 and lar2020 of cevscan's data; POINTS are lines of mass [MeV] and coupling. RESULT is
JSON: seconds for all points (integrals that do not depend on a point made before), and chi2 of each. It is the row
"peer" of `cevscan bench`, and an independent calculation of the recipe of arXiv:2202.11002.
"""

import json
import math
import sys
import time
from pathlib import Path

import numpy as np
from iminuit import Minuit

G_F, HBARC = 1.1663787e-11, 197.3269804  # MeV^-2, MeV fm
M_MU, M_PI = 105.6583755, 139.57039
TAU_PI, TAU_MU = 26.033, 2196.9811  # ns
U, M_E, AVOGADRO = 931.49410242, 0.51099895, 6.02214076e23
E_MAX, E_LINE = M_MU / 2, (M_PI**2 - M_MU**2) / (2 * M_PI)
# Z, N, mass [u], R_p, R_n [fm]
NUCLEI = {
    "Cs": (55, 78, 132.905451961, 4.821, 5.09),
    "I": (53, 74, 126.9044719, 4.766, 5.03),
    "Ar": (18, 22, 39.9623831237, 3.448, 3.55),
}
# Coupling of the proton by flavour (nu_e, nu_mu); of the neutron.
G_PROTON, G_NEUTRON = {"e": 0.0401, "mu": 0.0318}, -0.5094


def table(path):
    return np.loadtxt(path)


def binned(path):
    return table(path)[:, 2:]


def helm(q_mev, radius):
    s, r0 = 0.9, math.sqrt(5 / 3 * (radius**2 - 3 * 0.9**2))
    x = np.maximum(q_mev * r0 / HBARC, 1e-4)
    return 3 * (np.sin(x) - x * np.cos(x)) / x**3 * np.exp(-((q_mev * s / HBARC) ** 2) / 2)


def michel(power, factor, e_min, recoil):
    """Integral of factor E^2/m^3 (power - E/m) (1 - recoil/(2 E^2)) over E above e_min; recoil = M T in MeV^2."""
    e = np.array([np.minimum(e_min, E_MAX), np.full_like(e_min, E_MAX)])
    first = power * e**3 / 3 - e**4 / (4 * M_MU)
    second = power * e - e**2 / (2 * M_MU)
    value = factor / M_MU**3 * (first - recoil / 2 * second)
    return value[1] - value[0]


class Nucleus:
    """Recoil energies with weights of dN/dT for Q^2 = 1, by flavour and time class; what couples to what."""

    def __init__(self, name, targets, fluence):
        z, n, mass_u, r_p, r_n = NUCLEI[name]
        mass = mass_u * U - z * M_E
        # Piecewise Gauss-Legendre: the line's end point is a kink.
        ends = [1e-6, 2 * E_LINE**2 / mass, 2 * E_MAX**2 / mass]
        x, w = np.polynomial.legendre.leggauss(160)
        logs = [np.log(ends[0]), np.log(ends[1] / 50), np.log(ends[1])]
        nodes = [(np.exp((b - a) / 2 * x + (a + b) / 2), (b - a) / 2 * w) for a, b in zip(logs, logs[1:])]
        nodes = [(t, w * t) for t, w in nodes]
        nodes.append(((ends[2] - ends[1]) / 2 * x + (ends[1] + ends[2]) / 2, (ends[2] - ends[1]) / 2 * w))
        self.t = np.concatenate([t for t, _ in nodes])
        weights = np.concatenate([w for _, w in nodes])
        scale = targets * fluence * HBARC**2 * 1e-26 * G_F**2 * mass / math.pi * weights
        e_min = np.sqrt(mass * self.t / 2)
        recoil = mass * self.t
        line = np.where(e_min < E_LINE, 1 - recoil / (2 * E_LINE**2), 0)
        self.weights = {
            ("prompt", "mu"): scale * line,
            ("delayed", "mu"): scale * michel(3 / 4, 64, e_min, recoil),
            ("delayed", "e"): scale * michel(1 / 2, 192, e_min, recoil),
        }
        self.q2 = 2 * mass * self.t
        q = np.sqrt(self.q2)
        self.protons, self.neutrons = z * helm(q, r_p), n * helm(q, r_n)

    def events(self, response, mass_mev, coupling):
        """Events by time class and energy bin for B-L: quarks 1/3, leptons -1."""
        exchange = -(coupling**2) / (math.sqrt(2) * G_F * (self.q2 + mass_mev**2)) * (self.protons + self.neutrons)
        found = {"prompt": 0, "delayed": 0}
        for (time_class, flavour), weights in self.weights.items():
            charge = G_PROTON[flavour] * self.protons + G_NEUTRON * self.neutrons + exchange
            found[time_class] = found[time_class] + response @ (weights * charge**2)
        return found


def decays(trace, tau, step):
    """A trace, linear between its rows, convolved with exp(-t/tau)/tau, at the same rows."""
    keep = math.exp(-step / tau)
    # The kernel's integral over a step, for a constant and for a slope.
    new = 1 - (1 - keep) * tau / step
    old = (1 - keep) * tau / step - keep
    out = np.zeros_like(trace)
    for i in range(1, len(trace)):
        out[i] = out[i - 1] * keep + old * trace[i - 1] + new * trace[i]
    return out


def shares(times, density, edges):
    """Integral of a density between edges."""
    area = np.concatenate([[0], np.cumsum((density[1:] + density[:-1]) / 2 * np.diff(times))])
    return np.diff(np.interp(edges, times, area))


def log_gamma(x):
    return np.vectorize(math.lgamma)(x)


class Csi:
    def __init__(self, data):
        folder = data / "csi2021"
        fluence = 0.0848 * 3.198e23 / (4 * math.pi * 1930.0**2)
        targets = 14600 / 259.8 * AVOGADRO
        self.nuclei = [Nucleus(name, targets, fluence) for name in ("Cs", "I")]
        edges = np.array([0, 8, 12, 16, 20, 24, 32, 40, 50, 60.0])
        pe = np.arange(0.025, 60, 0.05)
        a, b, c, d = table(folder / "efficiency.txt")
        seen = np.maximum(a / (1 + np.exp(-b * (pe - c))) + d, 0)
        powers = table(folder / "quenching.txt")
        bins = np.searchsorted(edges, pe, side="right") - 1
        self.responses = []
        for nucleus in self.nuclei:
            kev = 1e3 * sum(k * nucleus.t**p for p, k in powers)
            shape, rate = 9.56 * kev + 1, 0.0749 / kev * (9.56 * kev + 1)
            log = shape * np.log(rate) - log_gamma(shape) + (shape - 1) * np.log(pe[:, None]) - rate * pe[:, None]
            smeared = np.exp(log) * seen[:, None] * 0.05
            self.responses.append(np.array([smeared[bins == i].sum(axis=0) for i in range(len(edges) - 1)]))
        step = 0.5
        times = np.arange(0, 6000 + step, step)
        rows = table(folder / "beam_trace.txt")
        trace = np.exp(np.interp(times, rows[:, 0], np.log(rows[:, 1]), left=-np.inf, right=-np.inf))
        trace /= trace.sum() * step
        prompt = decays(trace, TAU_PI, step)
        efficiency = np.exp(-0.0494 * np.maximum(times / 1e3 - 0.52, 0))
        time_edges = 1e3 * np.array([0, 0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875, 1, 2, 4, 6])
        self.shares = {
            "prompt": shares(times, prompt * efficiency, time_edges),
            "delayed": shares(times, decays(prompt, TAU_MU, step) * efficiency, time_edges),
        }
        self.counts = binned(folder / "counts.txt")
        self.backgrounds = [binned(folder / f"{name}.txt") for name in ("brn", "nin", "steady_state")]
        self.sigma = np.array([0.12, 0.25, 0.35, 0.021])
        n = self.counts
        self.constant = 2 * np.sum(np.where(n > 0, n * np.log(np.maximum(n, 1)) - n, 0))

    def chi2(self, mass_mev, coupling):
        signal = 0
        for nucleus, response in zip(self.nuclei, self.responses):
            for time_class, events in nucleus.events(response, mass_mev, coupling).items():
                signal = signal + np.outer(events, self.shares[time_class])
        parts = np.array([signal, *self.backgrounds])

        def chi2(eta):
            mu = np.tensordot(1 + eta, parts, axes=1)
            if np.any(mu < 0) or np.any((mu == 0) & (self.counts > 0)):
                return 1e10
            logs = self.counts * np.log(np.maximum(mu, 1e-300))
            return self.constant + 2 * np.sum(mu - logs) + np.sum((eta / self.sigma) ** 2)

        return minimum(chi2, np.zeros(4), self.sigma)


class Lar:
    def __init__(self, data):
        folder = data / "lar2020"
        fluence = 0.09 * 13.7e22 / (4 * math.pi * 2750.0**2)
        self.nucleus = Nucleus("Ar", 24000 / 39.96 * AVOGADRO, fluence)
        kev = self.nucleus.t * 1e3
        seen = (0.246 + 0.00078 * kev) * kev
        rows = table(folder / "efficiency.txt")
        efficiency = np.interp(seen, rows[:, 0], rows[:, 2], left=0)
        edges = np.linspace(0, 120, 13)
        erf = np.vectorize(math.erf)((edges[:, None] - seen) / (0.58 * np.sqrt(2 * seen)))
        self.response = (erf[1:] - erf[:-1]) / 2 * efficiency
        step = 0.5
        times = np.arange(-1000, 5000 + step, step)
        trace = np.exp(-(((times - 440) / 150) ** 2) / 2) / (150 * math.sqrt(2 * math.pi))
        prompt = decays(trace, TAU_PI, step)
        time_edges = np.linspace(-100, 4900, 11)
        found = [shares(times, density, time_edges) for density in (prompt, decays(prompt, TAU_MU, step))]
        self.shares = {name: own / own.sum() for name, own in zip(("prompt", "delayed"), found)}
        names = ("brn_prompt", "brn_delayed", "steady_state")
        self.prompt, self.delayed, self.steady = [binned(folder / f"{name}.txt") for name in names]
        self.counts = binned(folder / "counts.txt")
        self.variance = self.counts + self.steady / 5
        self.signal_shapes = [binned(folder / f"shape_cevns_{name}.txt") for name in ("f90", "trigger_time")]
        shapes = ("energy", "trigger_time", "trigger_width")
        self.prompt_shapes = [self.prompt * binned(folder / f"shape_pbrn_{name}.txt") for name in shapes]
        self.sigma = np.array([0.13, 1, 1, 0.32, 1, 1, 1, 1.0, 0.0079])

    def chi2(self, mass_mev, coupling):
        events = self.nucleus.events(self.response, mass_mev, coupling)
        signal = sum(np.outer(own, self.shares[time_class]) for time_class, own in events.items())
        columns = [signal, *(signal * shape for shape in self.signal_shapes), self.prompt, *self.prompt_shapes]
        parts = np.array([*columns, self.delayed, self.steady])
        expected = signal + self.prompt + self.delayed + self.steady

        def chi2(eta):
            mu = expected + np.tensordot(eta, parts, axes=1)
            return np.sum((self.counts - mu) ** 2 / self.variance) + np.sum((eta / self.sigma) ** 2)

        return minimum(chi2, np.zeros(len(self.sigma)), self.sigma)


def minimum(chi2, start, sigma):
    minuit = Minuit(chi2, start)
    minuit.errors = sigma
    minuit.errordef = Minuit.LEAST_SQUARES
    minuit.strategy = 0
    minuit.print_level = 0
    minuit.migrad()
    return minuit.fval


def main():
    data = Path(sys.argv[1])
    points = [tuple(map(float, line.split())) for line in sys.stdin if line.strip()]
    experiments = [Csi(data), Lar(data)]
    begun = time.perf_counter()
    chi2 = [[experiment.chi2(*point) for experiment in experiments] for point in points]
    json.dump({"seconds": time.perf_counter() - begun, "chi2": chi2}, sys.stdout)


if __name__ == "__main__":
    main()
