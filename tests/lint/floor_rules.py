"""Lint rules that keep the floors apart: who may include and call what (docs/architecture.md)."""

import posixpath
import re

from source_rules import is_wiring
from tree import Finding, call_pattern

CORE_SYSTEM = re.compile(r"^(uv\.h|uv/.*|llhttp\.h|sys/socket\.h|netinet/.*|arpa/inet\.h|netdb\.h)$")
HOST_BODIES = re.compile(r"^(\.\./|host/)(daemon|sim|check|ctl|exec)/")
ABI_SYSTEM = {"stdint.h", "stddef.h"}
TEST_HOST = "plugin-api/include/ringhost/testhost.h"  # a library for tests: linked with them, nothing of it crosses
PLUGIN_SYSTEM = {
    "assert.h", "ctype.h", "errno.h", "float.h", "inttypes.h", "limits.h", "math.h", "stdalign.h",
    "stdarg.h", "stdbool.h", "stddef.h", "stdint.h", "stdio.h", "stdlib.h", "string.h",
}  # fmt: skip
# Of <stdio.h> a plugin uses snprintf; of <stdlib.h> nothing that reads or ends the process.
PLUGIN_CALLS = call_pattern(
    ["v?f?printf", "puts", "fputs", "putchar", "perror", "fopen", "fread", "fwrite", "fclose", "remove",
     "rename", "scanf", "getenv", "setenv", "exit", "abort", "atexit", "rand", "srand", "random"]
)  # fmt: skip
CORE_CALLS = call_pattern(
    ["time", "clock", "gettimeofday", "clock_gettime", "localtime(?:_r)?", "gmtime(?:_r)?", "strftime",
     "socket", "connect", "bind", "listen", "accept", "send", "recv", "sendto", "recvfrom", "poll",
     "open", "read", "write", "close", r"log_(?:debug|info|warn|error)", r"rh_log\w*"]
)  # fmt: skip


def program_folders(tree):
    """Folders inside a plugin that are programs of their own: they hold a main.c and run beside the host."""
    return [f.rsplit("/", 1)[0] + "/" for f in tree.files({".c"}, ("plugins",)) if f.endswith("/main.c")]


def plugin_files(tree, suffixes):
    """Files of plugins and of the template, without the programs that plugins start and the template's tests."""
    programs = (*program_folders(tree), "plugin-api/template/tests/")
    for file in tree.files(suffixes, ("plugins", "plugin-api/template")):
        if not file.startswith(programs):
            yield file


def floor_core(tree):
    """host/core knows drivers as an interface only: no libuv, no llhttp, no socket, no body."""
    for file in tree.files({".c", ".h"}, ("host/core",)):
        for number, _, name in tree.includes(file):
            if CORE_SYSTEM.match(name) or HOST_BODIES.match(name):
                yield Finding(file, number, f"host/core may not include {name}")


def floor_abi(tree):
    """ABI headers need a compiler and nothing else; the SDK needs nothing of the host."""
    for file in tree.files({".c", ".h"}, ("plugin-api",)):
        is_abi = file.startswith("plugin-api/include/ringhost/") and "/sdk/" not in file and file != TEST_HOST
        for number, kind, name in tree.includes(file):
            if is_abi and not (kind == "<" and (name in ABI_SYSTEM or name.startswith("ringhost/"))):
                yield Finding(file, number, f"an ABI header includes <stdint.h>, <stddef.h>, <ringhost/...>; not {name}")
            elif re.match(r"^(\.\./)*(host|plugins)/", name):
                yield Finding(file, number, f"plugin-api may not include {name}")


def floor_plugins(tree):
    """A plugin includes its own folder, <ringhost/...> and standard C; it reaches the world through services."""
    for file in plugin_files(tree, {".c", ".h"}):
        own = "/".join(file.split("/")[:2]) + "/"
        folder = posixpath.dirname(file)
        for number, kind, name in tree.includes(file):
            if kind == "<":
                allowed = name in PLUGIN_SYSTEM or name.startswith("ringhost/")
            else:
                paths = [posixpath.normpath(posixpath.join(base, name)) for base in (folder, own)]
                allowed = any(p.startswith(own) and (tree.root / p).exists() for p in paths)
            if not allowed:
                yield Finding(file, number, f"a plugin may not include {name}")
        for number, line in enumerate(tree.code(file), 1):
            match = PLUGIN_CALLS.search(line)
            if match:
                yield Finding(file, number, f"a plugin may not call {match.group(1)}; there is a service for it")


def floor_programs(tree):
    """A program inside a plugin's folder is no part of the host or of another plugin."""
    for folder in program_folders(tree):
        own = "/".join(folder.split("/")[:2]) + "/"
        for file in tree.files({".c", ".h"}, (folder,)):
            for number, kind, name in tree.includes(file):
                path = posixpath.normpath(posixpath.join(posixpath.dirname(file), name))
                strays = name.startswith("../") and not path.startswith(own)
                if kind == '"' and (strays or re.match(r"^(host|plugins)/", name)):
                    yield Finding(file, number, f"a plugin's program may not include {name}")


def pure_cores(tree):
    """Cores get time and random numbers as arguments and give actions as values."""
    for file in plugin_files(tree, {".c", ".h"}):
        if is_wiring(file.rsplit("/", 1)[-1].replace(".h", ".c")):
            continue
        for number, _, name in tree.includes(file):
            if name.startswith("ringhost/service/"):
                yield Finding(file, number, f"a pure core may not include {name}")
        for number, line in enumerate(tree.code(file), 1):
            match = CORE_CALLS.search(line)
            if match:
                yield Finding(file, number, f"a pure core may not call {match.group(1)}")
