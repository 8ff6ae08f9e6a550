"""Skylines: a small drawn city that is always the same for the same slug.

Here because pages of both apps show one where there is no photograph. Nothing is stored: the shapes are drawn
from the bytes of a hash, in SVG with presentation attributes only, below 2 kB.
"""

import hashlib
from collections.abc import Iterator
from itertools import cycle

# ground, far houses, two colours of near houses, sun; each pair of neighbours differs clearly in lightness.
PALETTES = (
    ("#08463d", "#13594e", "#63d2b8", "#ffd98a", "#ffb524"),
    ("#5a2a18", "#733f2c", "#f3d3c0", "#d9865a", "#ffb524"),
    ("#123a5c", "#1f4d73", "#9fc8ea", "#f2ece0", "#ff8f6b"),
    ("#4b234a", "#643a62", "#e3b7d4", "#ffd0a3", "#ffc94d"),
)
PALETTE_COUNT = len(PALETTES)


def _digest(slug: str) -> bytes:
    return hashlib.blake2b(slug.encode(), digest_size=64).digest()


def palette_number(slug: str) -> int:
    """Which of the palettes the slug gets: 0 to 3."""
    return _digest(slug)[0] % PALETTE_COUNT


def _house(form: int, x: int, top: int, width: int, ground: int) -> str:
    """Path commands of one house between `x` and `x + width`, from `top` down to `ground` (all in user units)."""
    half, right = width // 2, x + width
    walls = f"V{ground}H{x}z"
    if form == 1:  # dome
        return f"M{x} {top}a{half} {half} 0 0 1 {width} 0{walls}"
    if form == 2:  # quarter round
        return f"M{x} {top + half}a{width} {width} 0 0 1 {width}-{half}{walls}"
    if form == 3:  # gable
        return f"M{x} {top}l{half}-{half // 2} {half} {half // 2}{walls}"
    if form == 4:  # steps
        step = width // 4
        return f"M{x} {top}h{step}v-12h{half}v12H{right}{walls}"
    if form == 5:  # lean-to
        return f"M{x} {top + half // 2}L{right} {top}{walls}"
    if form == 6:  # mast
        return f"M{x} {top}h{half - 2}v-26h4v26H{right}{walls}"
    return f"M{x} {top}H{right}{walls}"


def street(
    numbers: Iterator[int], width: int, ground: int, highest: int, widths: tuple[int, ...], forms: tuple[int, ...]
) -> Iterator[tuple[str, int, int, int, int]]:
    """Houses side by side from edge to edge, each as (path commands, x, top, width, form)."""
    x = 0
    while x < width:
        house = widths[next(numbers) % len(widths)]
        top = ground - highest + (next(numbers) % 8) * highest // 10
        form = forms[next(numbers) % len(forms)]
        yield _house(form, x, top, house, ground), x, top, house, form
        x += house


def card(slug: str) -> str:
    """A skyline in colour, 320 by 180 units, to stand where a photograph would."""
    seed = _digest(slug)
    numbers = cycle(seed[1:])
    ground, far, near, bright, sun = PALETTES[seed[0] % PALETTE_COUNT]
    back = "".join(house[0] for house in street(numbers, 320, 180, 116, (32, 48, 64), (0, 0, 1, 4, 5)))
    paths = {near: "", bright: ""}
    windows = ""
    for commands, x, top, width, form in street(numbers, 320, 180, 100, (20, 28, 40, 56), (0, 1, 2, 3, 4, 6, 0, 1)):
        choice = next(numbers) % 6
        if choice == 5:
            continue  # a gap through which the far houses are seen
        colour = bright if choice > 2 else near
        paths[colour] += commands
        if form in (0, 4) and width >= 28:
            windows += "".join(f"M{x + inset} {top + 14}V172" for inset in range(9, width - 4, 11))
    centre, height, radius = 40 + next(numbers) % 240, 38 + next(numbers) % 22, 15 + next(numbers) % 11
    return (
        '<svg class="skyline" viewBox="0 0 320 180" preserveAspectRatio="xMidYMax slice" aria-hidden="true">'
        f'<path fill="{ground}" d="M0 0h320v180H0z"/>'
        f'<circle cx="{centre}" cy="{height}" r="{radius}" fill="{sun}"/>'
        f'<path fill="{far}" d="{back}"/><path fill="{near}" d="{paths[near]}"/>'
        f'<path fill="{bright}" d="{paths[bright]}"/>'
        f'<path stroke="{ground}" stroke-width="4" stroke-dasharray="5 7" d="{windows}"/></svg>'
    )


def strip(slug: str) -> str:
    """A skyline in the colour of the text around it, 1440 by 150 units, to stand at the foot of a wide band."""
    numbers = cycle(_digest(slug))
    back = "".join(house[0] for house in street(numbers, 1440, 150, 132, (36, 48, 64, 88), (0, 0, 1, 4, 6, 0)))
    front = "".join(house[0] for house in street(numbers, 1440, 150, 74, (28, 40, 56, 72), (0, 1, 2, 3, 4, 6, 0)))
    return (
        '<svg class="skyline-strip" viewBox="0 0 1440 150" preserveAspectRatio="xMidYMax slice" aria-hidden="true"'
        f' fill="currentColor"><path opacity=".07" d="{back}"/><path opacity=".1" d="{front}"/></svg>'
    )
