#!/bin/sh
# Builds each plugin and the template as a stranger would: the folder alone, copied away, against the installed package.
# usage: tests/out_of_tree.sh [PLUGIN...]     Prints PASS or FAIL for each.
set -u
cd "$(dirname "$0")/.." || exit 2

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT TERM
prefix=$scratch/prefix

if ! { cmake --preset release && cmake --build --preset release && cmake --install build --prefix "$prefix"; } \
    >"$scratch/install.log" 2>&1; then
    grep -E -A 4 'rror|FAILED' "$scratch/install.log" | grep -v '^/usr/bin/' | head -n 30
    echo "FAIL out_of_tree.install: the package does not build or install"
    exit 1
fi
checker=build/bin/ringhost-check

# alone FOLDER: copied, configured, built, checked.
alone() {
    name=$(basename "$1")
    log=$scratch/$name.log
    cp -R "$1" "$scratch/src-$name"
    if ! { cmake -G Ninja -S "$scratch/src-$name" -B "$scratch/$name" -DCMAKE_PREFIX_PATH="$prefix" \
        -DCMAKE_BUILD_TYPE=RelWithDebInfo && cmake --build "$scratch/$name"; } >"$log" 2>&1; then
        grep -E 'rror|FAILED' "$log" | head -n 20
        echo "FAIL out_of_tree.$name: does not build against the installed package"
        return 1
    fi
    files=$(find "$scratch/$name" -name '*.so')
    if [ -z "$files" ]; then
        echo "FAIL out_of_tree.$name: builds no plugin file"
        return 1
    fi
    for file in $files; do
        if [ -x "$checker" ] && ! "$checker" "$file"; then
            echo "FAIL out_of_tree.$name: ringhost-check refuses it"
            return 1
        fi
    done
    echo "PASS out_of_tree.$name"
}

# Checks for the simulator, built by a stranger and run by the installed program with the installed plugins.
simulated() {
    log=$scratch/sim.log
    mkdir "$scratch/src-sim"
    cp tests/plugins/gossip/invariants*.[ch] "$scratch/src-sim/"
    cat >"$scratch/src-sim/CMakeLists.txt" <<'CMAKE'
cmake_minimum_required(VERSION 3.25)
project(checks LANGUAGES C)
find_package(ringhost REQUIRED)
ringhost_add_invariants(gossip SOURCES invariants.c invariants_awake.c)
add_custom_target(simulate
    ringhost::sim --scenario ${CMAKE_SOURCE_DIR}/three.sim --seeds 1..5 --invariants $<TARGET_FILE:gossip_invariants>
    --plugin-dir ${PLUGIN_DIR})
CMAKE
    printf 'suite three\nnodes 3\nplugins election gossip\nfaults swarm\n' >"$scratch/src-sim/three.sim"
    if cmake -G Ninja -S "$scratch/src-sim" -B "$scratch/sim" -DCMAKE_PREFIX_PATH="$prefix" \
        -DPLUGIN_DIR="$prefix/lib/ringhost/plugins" >"$log" 2>&1 &&
        cmake --build "$scratch/sim" --target gossip_invariants >>"$log" 2>&1 &&
        cmake --build "$scratch/sim" --target simulate >>"$log" 2>&1; then
        echo "PASS out_of_tree.sim"
    else
        tail -n 20 "$log"
        echo "FAIL out_of_tree.sim: checks of a stranger do not build or run"
        return 1
    fi
}

rc=0
case " ${*:-sim} " in
*" sim "*) simulated || rc=1 ;;
esac
# As many at a time as there are processors; the words of each come together.
jobs=$(nproc)
started=
count=0
for folder in plugins/*/ plugin-api/template/; do
    name=$(basename "$folder")
    case " ${*:-$name} " in
    *" $name "*) ;;
    *) continue ;;
    esac
    if [ -f "$folder/CMakeLists.txt" ]; then
        { alone "${folder%/}" >"$scratch/$name.out" 2>&1 || : >"$scratch/$name.failed"; } &
        started="$started $name"
        count=$((count + 1))
        [ $((count % jobs)) -ne 0 ] || wait
    elif [ -d "$folder" ]; then
        echo "FAIL out_of_tree.$name: is no CMake project of its own"
        rc=1
    fi
done
wait
for name in $started; do
    cat "$scratch/$name.out"
    [ ! -e "$scratch/$name.failed" ] || rc=1
done
exit "$rc"
