"""ringhost-sim as a whole: its output, exit status, traces, and that one seed gives one run in two processes."""

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

PROGRAM = Path(sys.argv[1])
GOOD = "suite good\nnodes 3\nplugins election gossip\nfaults swarm\nphase safety 10s\n"
BAD = "suite bad\nplugins election\nat 1ms expect leader within 1ms\nphase safety 1s\n"
BROKEN = "suite broken\nplugins election\nnoeds 5\n"
SUITE = r"^good seeds=%d violations=0 unconverged=0 virtual_h=\d+\.\d seeds_per_s=[\d.]+$"


def run(*args, program=PROGRAM):
    done = subprocess.run([program, *map(str, args)], capture_output=True, text=True, check=False, timeout=240)
    return done.returncode, done.stdout, done.stderr


def expect(what, condition, *details):
    if not condition:
        print(f"FAIL {what}", *details, sep="\n")
        sys.exit(1)
    print(f"ok {what}")


def install(prefix):
    """The folders of cmake --install; builds for sanitizers have their plugins inside."""
    (prefix / "bin").mkdir()
    plugins = prefix / "lib" / "ringhost" / "plugins"
    plugins.mkdir(parents=True)
    for plugin in ("election", "gossip"):
        built = PROGRAM.parent.parent / "plugins" / f"{plugin}.so"
        if built.exists():
            shutil.copy(built, plugins)
    return Path(shutil.copy(PROGRAM, prefix / "bin"))


def main():
    with tempfile.TemporaryDirectory() as folder:
        suites = Path(folder)
        for text in (GOOD, BAD):
            (suites / f"{text.split()[1]}.sim").write_text(text, encoding="utf-8")
        where = ("--suite-dir", suites, "--seed-dir", suites)

        code, out, err = run("--suite", "good", "--seeds", "1..6", *where)
        expect("a good suite exits 0", code == 0, out, err)
        expect("its line is as documented", re.match(SUITE % 6, out.split("\n", maxsplit=1)[0]), out)
        expect("the last line sums up", re.fullmatch(
            r"6 seeds, \d+\.\d virtual hours, 0 violations, 0 unconverged", out.rstrip().split("\n")[-1]), out)

        code, out, err = run("--suite", "bad", "--seeds", "3..4", *where)
        expect("a bad suite exits 1", code == 1, out, err)
        for seed in (3, 4):
            expect(f"seed {seed} can be replayed", re.search(
                rf"^FAIL bad seed={seed} invariant=script at=0.0s node=-; replay: ./dev sim --suite bad "
                rf"--seed {seed}$", out, re.MULTILINE), out)

        scenario = suites / "bad.sim"
        code, out, err = run("--scenario", scenario, "--seed", "3", "--seed-dir", suites)
        expect("a file is replayed by the program itself", re.search(
            rf"replay: ringhost-sim --scenario {re.escape(str(scenario))} --seed 3$", out, re.MULTILINE), out, err)

        code, out, err = run("--seeds", "1..2", *where)
        expect("without a name all suites run", code == 1 and "good seeds=2" in out and "bad seeds=2" in out, out)

        (suites / "good.seeds").write_text("77 # once\n", encoding="utf-8")
        (suites / "few.sim").write_text(GOOD.replace("good", "few") + "seeds 2 long 4\n", encoding="utf-8")
        (suites / "few.seeds").write_text("77\n", encoding="utf-8")
        expect("kept seeds come on top", "few seeds=3 " in run("--suite", "few", *where)[1])
        expect("--long takes more", "few seeds=5 " in run("--suite", "few", "--long", *where)[1])

        code, out, err = run("--suite", "good", "--seeds", "1..6", "--check-determinism", *where)
        expect("two processes give one run", code == 0 and "violations=0" in out, out, err)

        installed = install(suites)
        code, out, err = run("--suite", "good", "--seeds", "1..2", *where, program=installed)
        expect("an installed program finds installed plugins", code == 0 and "good seeds=" in out, out, err)

        trace = suites / "trace"
        code, out, err = run("--suite", "good", "--seed", "5", "--trace", trace, *where)
        text = trace.read_text(encoding="utf-8")
        expect("a trace shows what happened", code == 0 and "POST /election/vote" in text, out, err)
        code, out, err = run("--suite", "good", "--seed", "5", "--trace", "-", *where)
        expect("a trace is the same again", out.startswith(text), out[:2000])

        (suites / "broken.sim").write_text(BROKEN, encoding="utf-8")
        code, out, err = run("--suite", "broken", *where)
        expect("a broken suite exits 2 and says where", code == 2 and "broken.sim:3:1: error:" in err, out, err)
        expect("an unknown suite exits 2", run("--suite", "nobody", *where)[0] == 2)
        expect("an unknown option exits 2", run("--sead", "1")[0] == 2)
        expect("--help exits 0", run("--help")[0] == 0)
        expect("--version exits 0", run("--version")[1].startswith("ringhost-sim 0."))


main()
