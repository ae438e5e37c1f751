"""What the lint rules share: the files of a tree, findings, and C text without comments and strings."""

import re
from dataclasses import dataclass
from pathlib import Path

FOLDERS = ("host", "plugin-api", "plugins", "conf.d", "tests", "docs")
INCLUDE = re.compile(r'^\s*#\s*include\s*(["<])([^">]+)[">]')
# Comments, strings and character constants of C; a string may not span lines.
NOISE = re.compile(r"/\*.*?\*/|//[^\n]*|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'", re.DOTALL)


@dataclass(frozen=True)
class Finding:
    """One broken law: where, and what the reader should know to mend it."""

    file: str
    line: int
    message: str


class Tree:
    """A source tree and, for the rules that read objects, its build directory."""

    def __init__(self, root, build=None):
        self.root = Path(root)
        self.build = Path(build) if build else None
        self._text = {}

    def files(self, suffixes, folders=FOLDERS):
        """Paths below the folders, relative to the root, sorted."""
        found = []
        for folder in folders:
            for path in sorted((self.root / folder).rglob("*")):
                if path.suffix in suffixes and path.is_file():
                    found.append(path.relative_to(self.root).as_posix())
        return found

    def text(self, file):
        if file not in self._text:
            self._text[file] = (self.root / file).read_text(encoding="utf-8", errors="replace")
        return self._text[file]

    def code(self, file):
        """The lines of a C file with comments blanked and strings emptied; line numbers stay."""
        return NOISE.sub(_blank, self.text(file)).split("\n")

    def includes(self, file):
        """(line, '<' or '"', name) of each include. The raw text is read: a name in quotes is no string."""
        for number, line in enumerate(self.text(file).split("\n"), 1):
            match = INCLUDE.match(line)
            if match:
                yield number, match.group(1), match.group(2)


def _blank(match):
    text = match.group(0)
    if text[0] in "\"'":
        return text[0] * 2
    return "\n" * text.count("\n") or " "


def call_pattern(names):
    """Matches a call of one of the names; not a member of the same name, nor a longer name."""
    return re.compile(r"(?<![\w.>])(" + "|".join(names) + r")\s*\(")
