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

rc=0
for folder in plugins/*/ plugin-api/template/; do
    name=$(basename "$folder")
    case " ${*:-$name} " in
    *" $name "*) ;;
    *) continue ;;
    esac
    if [ -f "$folder/CMakeLists.txt" ]; then
        alone "${folder%/}" || rc=1
    elif [ -d "$folder" ]; then
        echo "FAIL out_of_tree.$name: is no CMake project of its own"
        rc=1
    fi
done
exit "$rc"
