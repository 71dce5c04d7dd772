import math
import sys
from pathlib import Path

import matplotlib.pyplot as plt
from matplotlib.colors import to_rgba
from matplotlib.lines import Line2D
from matplotlib.patches import PathPatch
from matplotlib.path import Path as Outline
from matplotlib.ticker import FuncFormatter

nan = math.nan

# <numbers>

plt.rcParams.update({
    "font.size": 8, "axes.labelsize": 8, "axes.titlesize": 8.5, "axes.linewidth": 0.6,
    "xtick.labelsize": 7, "ytick.labelsize": 7, "axes.formatter.use_mathtext": True, "legend.fontsize": 7, "legend.title_fontsize": 9,
    "xtick.direction": "in", "ytick.direction": "in", "xtick.top": True, "ytick.right": True,
    "xtick.minor.visible": True, "ytick.minor.visible": True,
    "xtick.major.width": 0.45, "ytick.major.width": 0.45, "xtick.minor.width": 0.45, "ytick.minor.width": 0.45,
    "legend.edgecolor": "none", "legend.framealpha": 0.85, "legend.handlelength": 2.2, "legend.labelspacing": 0.35,
    "pdf.fonttype": 42, "savefig.dpi": 400,
})
for key in ("font.size", "axes.labelsize", "axes.titlesize", "axes.linewidth", "xtick.labelsize", "ytick.labelsize",
            "legend.fontsize", "legend.title_fontsize", "xtick.major.width", "ytick.major.width", "xtick.minor.width",
            "ytick.minor.width"):
    plt.rcParams[key] *= scale
figure, axes = plt.subplots(figsize=size)
axes.set_xscale(x_scale)
axes.set_yscale(y_scale)
drawn = {}


def stroke(colour, width, dashes):
    # matplotlib counts dashes in widths of the line.
    return {"color": colour, "linewidth": scale * width, "linestyle": (0, [d / width for d in dashes]) if dashes else "-"}


for k, (name, colour, area, opacity, has_edge, outlines) in enumerate(regions):
    vertices, codes = [(nan, nan)], [Outline.MOVETO]
    for x, y in outlines:
        points = [(a, b) for a, b in zip(x, y) if math.isfinite(a) and math.isfinite(b)]
        if len(points) > 2:
            vertices += points + points[:1]
            codes += [Outline.MOVETO] + [Outline.LINETO] * (len(points) - 1) + [Outline.CLOSEPOLY]
    edge = {"linewidth": 0.6 * scale, "edgecolor": colour} if has_edge else {"linewidth": 0, "edgecolor": "none"}
    patch = PathPatch(Outline(vertices, codes), facecolor=to_rgba(area, opacity), zorder=1, **edge)
    drawn["region", k] = axes.add_patch(patch)
    if has_edge:  # No area covers it.
        axes.add_patch(PathPatch(Outline(vertices, codes), facecolor="none", zorder=1.1, **edge))
for direction, at, words in markers:
    small = {"fontsize": 6.2 * scale, "color": "#444444"}
    if direction == "vertical":
        axes.axvline(at, zorder=1.5, **stroke(*marker_look))
        axes.annotate(words, (at, 0.97), (-1, 0), xycoords=("data", "axes fraction"), textcoords="offset points",
                      rotation=90, ha="right", va="top", **small)
    else:
        axes.axhline(at, zorder=1.5, **stroke(*marker_look))
        axes.annotate(words, (0.97, at), (0, 1), xycoords=("axes fraction", "data"), textcoords="offset points",
                      ha="right", va="bottom", **small)
for k, (name, colour, width, dashes, pieces) in enumerate(curves):
    for x, y in pieces or [([], [])]:
        line, = axes.plot(x, y, zorder=3 - k / (1 + len(curves)), **stroke(colour, width, dashes))
        drawn["curve", k] = line
for x, y, words, colour in labels:
    axes.text(x, y, words, fontsize=6.2 * scale, color=colour, ha="center", clip_on=True)
for x, y, words, is_open in stars:
    inside, edge = ("white", "black") if is_open else ("black", "white")
    star, = axes.plot([x], [y], marker="*", markersize=8 * scale, color=inside, markeredgecolor=edge,
                      markeredgewidth=0.5 * scale, linestyle="none", zorder=4, clip_on=False)
    drawn["star", 0] = star

axes.set_xlim(*x_range)
axes.set_ylim(*y_range)
for axis, spread, (low, high) in ((axes.xaxis, x_scale, x_range), (axes.yaxis, y_scale, y_range)):
    if spread == "log" and high < 100 * low:
        axis.set_major_formatter(FuncFormatter(lambda value, position: f"{value:g}"))
        axis.set_minor_formatter(FuncFormatter(lambda value, _: f"{value:g}" if f"{value:.3e}"[0] in "25" else ""))
axes.set_xlabel(x_label)
axes.set_ylabel(y_label)
axes.set_title(title)
if caption:
    figure.text(0.02, -0.02, caption, fontsize=5.6 * scale, color="#6f6f6f", va="top", wrap=True)
entries = [(tuple(drawn[part] for part in parts), words) for parts, words in legend]
if note:
    entries.append(((Line2D([], [], linestyle="none"),), note))


def covers_a_line(box):
    parts = list(axes.lines) + [part for (kind, _), part in drawn.items() if kind == "region"]
    paths = (part.get_transform().transform_path(part.get_path()) for part in parts)
    return any(path.intersects_bbox(box, filled=False) for path in paths if len(path))


if entries:
    handles = [parts[0] if len(parts) == 1 else parts for parts, words in entries]
    words = [words for parts, words in entries]
    key = axes.legend(handles, words, title=heading or None, alignment="left", **legend_place)
    figure.canvas.draw()
    if covers_a_line(key.get_window_extent()):  # another font takes more room than the picture's
        beside = {"loc": "upper left", "bbox_to_anchor": (1.01, 1.0)}
        axes.legend(handles, words, title=heading or None, alignment="left", **beside)

target = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).with_name(Path(__file__).stem + "-matplotlib.pdf")
figure.savefig(target, bbox_inches="tight", pad_inches=0.03)
