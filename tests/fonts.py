"""`make fonts`: write the used parts of unfold's fonts to static/webinarsync/fonts.

The full fonts have some 730 kB, these a tenth of it. `tests/webinarsync/test_fonts.py` fails if an
icon is missing from them.
"""

import re
import shutil
import string
from functools import cache
from pathlib import Path

import unfold
from fontTools import subset
from fontTools.ttLib import TTFont

ROOT = Path(__file__).parent.parent
UNFOLD = Path(unfold.__file__).parent
WHOLE = UNFOLD / "static" / "unfold" / "fonts"
PARTS = ROOT / "static" / "webinarsync" / "fonts"
ICONS = Path("material-symbols") / "Material-Symbols-Outlined.woff2"
# Latin as used in Europe and the Americas, punctuation, currencies and the arrows of our texts.
# Other scripts are shown in a font of the reader's system.
LETTERS = [
    *range(0x20, 0x7F), *range(0xA0, 0x180), 0x218, 0x219, 0x21A, 0x21B, *range(0x2010, 0x2028),
    0x202F, 0x2030, 0x2039, 0x203A, 0x20AC, 0x2122, *range(0x2190, 0x2194), 0x21A9, 0x2212, 0x2248,
    0x2264, 0x2265,
]  # fmt: skip
FEATURES = ["kern", "mark", "mkmk", "ccmp", "locl", "tnum"]
_WORD = re.compile(r"[\"'>]\s*([a-z0-9_]+)\s*[\"'<]")
_APPS = (
    "accounts", "contact_imports", "contacts", "core", "destinations", "mailings", "operations",
    "platforms", "registration_forms", "segments", "sync", "webinars", "webinarsync",
)  # fmt: skip


def main() -> None:
    """Write the used parts of the fonts, with their licenses."""
    for folder in ("inter", "material-symbols"):
        (PARTS / folder).mkdir(parents=True, exist_ok=True)
        shutil.copy(WHOLE / folder / "LICENSE", PARTS / folder / "LICENSE")
    for font in sorted((WHOLE / "inter").glob("*.woff2")):
        options = subset.Options(flavor="woff2", layout_features=FEATURES, hinting=False)
        part = subset.Subsetter(options)
        part.populate(unicodes=LETTERS)
        _write(part, font, PARTS / "inter" / font.name, options)
    options = subset.Options(flavor="woff2", layout_closure=False, hinting=False)
    part = subset.Subsetter(options)
    glyphs = ligatures(WHOLE / ICONS)
    part.populate(
        glyphs=[glyphs[name] for name in sorted(icons_used())],
        unicodes=map(ord, string.ascii_lowercase + string.digits + "_"),
    )
    _write(part, WHOLE / ICONS, PARTS / ICONS, options)


def _write(part: subset.Subsetter, font: Path, target: Path, options: subset.Options) -> None:
    whole = subset.load_font(str(font), options)
    part.subset(whole)
    subset.save_font(whole, str(target), options)


def icons_used() -> set[str]:
    """Return the names of icons that are a separate word in a template, a script or a module of
    ours or of unfold's. A few are no icons there and cost some bytes."""
    files = [
        *(ROOT / "templates").rglob("*.html"),
        *(ROOT / "static" / "webinarsync").glob("*.js"),
        *(file for app in _APPS for file in (ROOT / app).rglob("*.py")),
        *UNFOLD.rglob("*.html"),
        *UNFOLD.rglob("*.py"),
        UNFOLD / "static" / "unfold" / "js" / "app.js",
        UNFOLD / "static" / "unfold" / "css" / "styles.css",
    ]
    # Where a style contains an icon, the underscores of its name are escaped.
    texts = (file.read_text().replace("\\", "") for file in files)
    words = {word for text in texts for word in _WORD.findall(text)}
    return words & set(ligatures(WHOLE / ICONS))


@cache
def ligatures(font: Path) -> dict[str, str]:
    """Return the glyph of each icon by its name."""
    found = {}
    opened = TTFont(font)
    letters = {glyph: chr(code) for code, glyph in opened.getBestCmap().items()}
    for lookup in opened["GSUB"].table.LookupList.Lookup:
        for table in lookup.SubTable:
            for first, some in table.ligatures.items():
                for one in some:
                    name = "".join(letters[glyph] for glyph in (first, *one.Component))
                    found[name] = one.LigGlyph
    return found


if __name__ == "__main__":
    main()
