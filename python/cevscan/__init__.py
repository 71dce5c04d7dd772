"""Scans of coherent neutrino scattering data for light mediators: models, chi2 and maps as numpy arrays.

    import cevscan

    map = cevscan.scan("b-l", data="csi+lar", grid=(400, 400))
    map.plot()

    analysis = cevscan.Analysis("b-l", "csi+lar")
    analysis.chi2(mass=10.0, coupling=[1e-5, 5e-5])

Masses are in MeV, couplings have no unit, chi2 is minimised over all nuisance parameters. The numbers are those of the
command line, which comes with the package: `cevscan --help`.
"""

import os as _os
import sys as _sys

import numpy as _np

from . import _cevscan
from ._cevscan import CevscanError, Dataset, Limit, Map, Model, __version__, datasets, models

__all__ = [
    "Analysis",
    "CevscanError",
    "Dataset",
    "Limit",
    "Map",
    "Model",
    "datasets",
    "limits",
    "models",
    "profile",
    "scan",
    "toys",
]

#: Confidence of two standard deviations.
TWO_SIGMA = 0.9544997361036416


class Analysis:
    """A model confronted with one or more datasets.

    model: a Model, or the name of one (`cevscan.models()`).
    data: names joined by '+' (`cevscan.datasets()`), a Dataset, or a list of either.
    asimov: lets the Standard Model's expectation stand in for what was observed.
    """

    def __init__(self, model, data="csi+lar", *, asimov=False):
        self._native = _cevscan.Analysis(model, _as_data(data), asimov=asimov)

    @property
    def model(self):
        """Name of the model."""
        return self._native.model

    @property
    def data(self):
        """Names of the datasets, joined by '+'."""
        return self._native.data

    def chi2(self, mass, coupling):
        """chi2 at points, minimised over all nuisance parameters; NaN where a minimum was not found.

        mass [MeV] and coupling are numbers or arrays that numpy can broadcast; the result has their shape, and is a float
        for two numbers. The values are those of `cevscan point`.
        """
        mass, coupling = _np.broadcast_arrays(_np.asarray(mass, float), _np.asarray(coupling, float))
        chi2 = self._native._chi2(_flat(mass), _flat(coupling)).reshape(mass.shape)
        return float(chi2) if chi2.ndim == 0 else chi2

    def fit(self, mass, coupling):
        """The fit at one point: {"chi2", "datasets": {name: {"chi2", "events", "pulls": {parameter: eta/sigma}}}}."""
        return self._native.fit(float(mass), float(coupling))

    def profile(self, mass, coupling):
        """chi2 and every pull at one mass [MeV] against an array of couplings: {"coupling", "chi2", "pulls": {name: array}}."""
        return self._native.profile(float(mass), _flat(coupling))

    def best_fit(self):
        """The smallest chi2 over masses from 0.1 MeV to 100 GeV and all couplings: {"chi2", "mass_mev", "coupling"}."""
        return self._native.best_fit()

    def limits(self, mass, *, confidence=TWO_SIGMA, dof=2, minimum=None):
        """The excluded couplings at masses [MeV]: a Limit for a number, a list of them for an array.

        minimum: "plane" counts from the global minimum (usual with dof = 2), "mass" from that at each mass (dof = 1).
        """
        masses = _np.asarray(mass, float)
        found = self._native.limits(_flat(masses), confidence=confidence, dof=dof, minimum=minimum)
        return found[0] if masses.ndim == 0 else found

    def toys(self, mass, coupling, *, toys=1000, seed=1, nuisance="profile", sidebands="redraw"):
        """Pseudo-experiments of a point: {"q", "q_fixed_mass", "chi2_min", "best_mass_mev", "best_coupling", "q_observed"}.

        q = chi2(point) - chi2_min of each toy. The same seed gives the same toys everywhere; docs/coverage.md has the recipe.
        """
        return self._native.toys(
            float(mass), float(coupling), toys=toys, seed=seed, nuisance=nuisance, sidebands=sidebands
        )

    def scan(
        self,
        grid=(400, 400),
        *,
        mass=(0.1, 1e4),
        coupling=(1e-6, 1.0),
        confidence=TWO_SIGMA,
        dof=2,
        minimum=None,
        interpolation=True,
    ):
        """The map of chi2 over a plane of logarithmic axes.

        grid: (masses, couplings); mass [MeV] and coupling: (lowest, highest).
        interpolation: minimise only where chi2 does not follow from its neighbours to 1e-8; False minimises every point.
        """
        return self._native.scan(
            tuple(grid),
            mass=tuple(mass),
            coupling=tuple(coupling),
            confidence=confidence,
            dof=dof,
            minimum=minimum,
            interpolation=interpolation,
        )

    def __repr__(self):
        return repr(self._native)


def scan(model, data="csi+lar", grid=(400, 400), *, asimov=False, **settings):
    """The map of a model on data: `Analysis(model, data).scan(grid, ...)`, with the settings of Analysis.scan."""
    return Analysis(model, data, asimov=asimov).scan(grid, **settings)


def limits(model, data="csi+lar", mass=(0.1, 1e5), *, asimov=False, **settings):
    """The excluded couplings of a model at masses [MeV], with the settings of Analysis.limits."""
    return Analysis(model, data, asimov=asimov).limits(mass, **settings)


def profile(model, data="csi+lar", *, mass, coupling, asimov=False):
    """chi2 and pulls of a model at one mass [MeV] against the coupling; see Analysis.profile."""
    return Analysis(model, data, asimov=asimov).profile(mass, coupling)


def toys(model, data="csi+lar", *, mass, coupling, **settings):
    """Pseudo-experiments of a point; see Analysis.toys."""
    return Analysis(model, data).toys(mass, coupling, **settings)


def main():
    """The command line."""
    # Mesa's loader says what it chose, unless it is asked not to.
    _os.environ.setdefault("NODEVICE_SELECT", "1")
    program = [_sys.executable, "-m", "cevscan"]
    _sys.exit(_cevscan.command_line(["cevscan", *_sys.argv[1:]], program))


def _flat(values):
    return _np.ascontiguousarray(values, dtype=float).reshape(-1)


def _as_data(data):
    return list(data) if isinstance(data, tuple) else data
