"""Pictures by matplotlib, which is imported when one is drawn."""

import numpy as np


def plot(map, ax=None, **keywords):
    """Draws the excluded region of a map; see Map.plot."""
    from matplotlib import pyplot
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    ax = pyplot.gca() if ax is None else ax
    looks = {"facecolor": "0.8", "edgecolor": "none", "label": _words(map), **keywords}
    rings = [np.vstack([ring, ring[:1]]) for ring in map.region() if len(ring)]
    if rings:
        codes = np.concatenate(
            [[Path.MOVETO] + [Path.LINETO] * (len(ring) - 2) + [Path.CLOSEPOLY] for ring in rings]
        )
        # Holes run the other way round: what is inside one is not filled.
        ax.add_patch(PathPatch(Path(np.vstack(rings), codes), **looks))
    for line in map.contour():
        ax.plot(line[:, 0], line[:, 1], color="black", linewidth=0.9)
    ax.set(
        xscale="log",
        yscale="log",
        xlim=(map.mass_mev[0], map.mass_mev[-1]),
        ylim=(map.coupling[0], map.coupling[-1]),
        xlabel="mediator mass [MeV]",
        ylabel="coupling",
        title=map.label,
    )
    return ax


def _words(map):
    return f"{map.data}: {'expected to be ' if map.is_expected else ''}excluded, {map.level}"
