#!/bin/sh
# Makes requirements/*.txt anew from pyproject.toml: exact versions with hashes, for every platform
# and Python 3.11 to 3.13, and no host named. UPGRADE=1 takes newer versions than those locked.
cd "$(dirname "$0")/.." || exit 1
uv=${UV:-uv}
if ! "$uv" --version >/dev/null 2>&1; then
    echo "lock: needs uv (pip install uv), or its path: make lock UV=/path/to/uv" >&2
    exit 1
fi

compile() {
    name=$1
    shift
    "$uv" pip compile "$@" --output-file "requirements/$name.txt" --quiet \
        --universal --python-version 3.11 --generate-hashes --no-annotate \
        --custom-compile-command "make lock" ${UPGRADE:+--upgrade} || exit 1
    echo "lock: requirements/$name.txt"
}

compile run pyproject.toml
compile build --group build --constraint requirements/run.txt
compile dev --group dev --constraint requirements/run.txt --constraint requirements/build.txt
