"""Makes the three small faces in this folder from the Noto fonts of Debian's package fonts-noto-core.

    python3 subset.py FOLDER_WITH_NOTO_FONTS

Latin, Greek, punctuation and a few mathematical signs; the signs that Noto Sans lacks (it has no minus) are copied from
Noto Sans Math, which shares its design and its 1000 units per em. No kerning and no ligatures, so that a text is as wide
as the sum of its letters, in every program. The family is renamed: a subset must not stand in for the full font.
"""

import copy
import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

FAMILY = "Cevscan Sans"
LATIN = [*range(0x20, 0x7F), *range(0xA0, 0x180)]
GREEK = [*range(0x391, 0x3AA), *range(0x3B1, 0x3CA), 0x3D1, 0x3D5, 0x3F5]
SIGNS = [0x2009, *(ord(c) for c in "–—‘’“”†‡…‰′″⁻⁰¹²³⁴⁵⁶⁷⁸⁹ℓ")]  # 0x2009: thin space
FROM_MATH = [ord(c) for c in "−∓∼≈≃≠≡≤≥≪≫≲≳∝∞√∂∑∫∈⟨⟩←→↔⊗⊕"]
FACES = {"Regular": "NotoSans-Regular", "Italic": "NotoSans-Italic", "Bold": "NotoSans-Bold"}


def with_signs(font, math):
    """Adds the mathematical signs to a font."""
    names = math.getBestCmap()
    for code in FROM_MATH:
        if code in font.getBestCmap():
            continue
        name = f"math.{code:04X}"
        glyph = copy.deepcopy(math["glyf"][names[code]])
        assert not glyph.isComposite(), hex(code)
        glyph.removeHinting()
        font["glyf"][name] = glyph
        font["hmtx"][name] = math["hmtx"][names[code]]
        for table in font["cmap"].tables:
            if table.isUnicode():
                table.cmap[code] = name


def small(font):
    """Keeps only what figures need."""
    options = subset.Options()
    options.layout_features = []
    options.hinting = False
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14]
    options.notdef_outline = True
    options.recalc_timestamp = False
    worker = subset.Subsetter(options)
    worker.populate(unicodes=LATIN + GREEK + SIGNS + FROM_MATH)
    worker.subset(font)


def rename(font, style):
    """Gives the subset a name of its own."""
    full = f"{FAMILY} {style}"
    names = {1: FAMILY, 2: style, 3: f"{full}; subset of Noto Sans", 4: full, 6: full.replace(" ", "")}
    for record in font["name"].names:
        if record.nameID in names:
            record.string = names[record.nameID]


def main():
    folder = Path(sys.argv[1])
    math = TTFont(folder / "NotoSansMath-Regular.ttf")
    for style, source in FACES.items():
        font = TTFont(folder / f"{source}.ttf", recalcTimestamp=False)
        with_signs(font, math)
        small(font)
        rename(font, style)
        font.save(Path(__file__).parent / f"CevscanSans-{style}.ttf")


main()
