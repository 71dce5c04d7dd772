import json
import sys
from pathlib import Path

import matplotlib.pyplot as plt

# <numbers>


def steps(edges, values):
    return [edges[0], *[edge for edge in edges[1:-1] for _ in (0, 1)], edges[-1]], [v for v in values for _ in (0, 1)]


plt.rcParams.update({"font.size": 8, "xtick.direction": "in", "ytick.direction": "in", "xtick.top": True,
                     "ytick.right": True, "pdf.fonttype": 42, "savefig.dpi": 400, "legend.edgecolor": "none"})
axes_of = [name for name in ("energy", "time") if fit[name]]
figure, panels = plt.subplots(1, len(axes_of), figsize=(3.4 * len(axes_of), 2.9), squeeze=False)
for panel, name in zip(panels[0], axes_of):
    axis = fit[name]
    edges = axis["edges"]
    widths = [b - a for a, b in zip(edges, edges[1:])] if axis["by_unit"] else [1.0] * (len(edges) - 1)
    floor = [0.0] * (len(edges) - 1)
    for part in fit["components"]:
        top = [low + events / width for low, events, width in zip(floor, part[name], widths)]
        x, upper = steps(edges, top)
        panel.fill_between(x, steps(edges, floor)[1], upper, color=part["colour"], linewidth=0, label=part["label"])
        floor = top
    panel.plot(*steps(edges, floor), color="black", linewidth=0.9, label="fit")
    centres = [(a + b) / 2 for a, b in zip(edges, edges[1:])]
    values = [events / width for events, width in zip(axis["data"], widths)]
    errors = [error / width for error, width in zip(axis["errors"], widths)]
    panel.errorbar(centres, values, errors, fmt="ko", markersize=2.5, linewidth=0.6, label=fit["data_label"])
    panel.set_xlim(edges[0], edges[-1])
    panel.set_ylim(min(0.0, *values), None)
    panel.set_xlabel(axis["label"])
    panel.set_ylabel("events per " + (axis["by_unit"] or "bin"))
panels[0][-1].legend(loc="upper left", bbox_to_anchor=(1.02, 1.0), borderaxespad=0)
figure.suptitle(fit["title"], fontsize=8.5)
figure.tight_layout()
stem = Path(__file__).stem
figure.savefig(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).with_name(stem + "-matplotlib.pdf"))
