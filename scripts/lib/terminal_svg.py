# SPDX-License-Identifier: Apache-2.0
"""A terminal's screen, as `tmux capture-pane -e` gives it, as an SVG picture: the same cells in the
same colours, each run of one style at its column."""

import re
from xml.sax.saxutils import escape

CELL, LINE, MARGIN = 8.0, 17.0, 10.0
BACKGROUND, FOREGROUND = "#16181d", "#d8dee9"
COLOURS = ["#3b4252", "#ff6b6b", "#8fce7a", "#ebcb6b", "#7aa2f7", "#c099ff", "#7fd6d6", "#e5e9f0"]
SEQUENCE = re.compile("\x1b\\[([0-9;]*)m")


def styled(state, codes):
    for code in [int(c or 0) for c in codes.split(";")]:
        if code == 0:
            state = {}
        elif code in (1, 2, 4, 7):
            state = {**state, code: True}
        elif code in (22, 24, 27):
            gone = {22: (1, 2), 24: (4,), 27: (7,)}[code]
            state = {key: value for key, value in state.items() if key not in gone}
        elif 30 <= code <= 37:
            state = {**state, "fg": code - 30}
        elif code == 39:
            state = {key: value for key, value in state.items() if key != "fg"}
    return state


def run(text, column, row, state):
    ink = COLOURS[state["fg"]] if "fg" in state else FOREGROUND
    x, y, width = MARGIN + column * CELL, MARGIN + row * LINE, len(text) * CELL
    out = ""
    if state.get(7):
        out += f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{LINE:g}" fill="{ink}"/>'
        ink = BACKGROUND
    style = "".join((' font-weight="bold"' if state.get(1) else "",
                     ' opacity="0.6"' if state.get(2) and not state.get(7) else "",
                     ' text-decoration="underline"' if state.get(4) else ""))
    # A run at a time, and words apart: whatever font there is, words begin in their column.
    for word in re.finditer(r"\S+(?: \S+)*", text):
        at, length = x + word.start() * CELL, len(word.group()) * CELL
        out += (f'<text x="{at:g}" y="{y + LINE * 0.75:g}" textLength="{length:g}" '
                f'lengthAdjust="spacingAndGlyphs" fill="{ink}"{style}>{escape(word.group())}</text>')
    return out


def svg(screen, columns):
    lines = screen.rstrip("\n").split("\n")
    body, state = [], {}
    for row, line in enumerate(lines):
        column = 0
        for index, part in enumerate(SEQUENCE.split(line)):
            if index % 2:
                state = styled(state, part)
            elif part:
                body.append(run(part, column, row, state))
                column += len(part)
    width, height = columns * CELL + 2 * MARGIN, len(lines) * LINE + 2 * MARGIN
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" '
            f'width="{width:g}" height="{height:g}" font-family="DejaVu Sans Mono, Menlo, Consolas, '
            f'monospace" font-size="13">\n<rect width="100%" height="100%" rx="6" '
            f'fill="{BACKGROUND}"/>\n' + "\n".join(body) + "\n</svg>\n")
