#!/bin/sh
# Runs tools.bootstrap by the newest suitable Python at hand; PYTHON=... names another.
cd "$(dirname "$0")/.." || exit 1

suits() {
    "$1" -c "import sys; assert (3, 11) <= sys.version_info[:2] <= (3, 13); $2" 2>/dev/null
}

find_python() {
    if suits .venv/bin/python; then
        echo .venv/bin/python
        return
    fi
    # One that can make environments by itself is better than a newer one that cannot.
    for able in "import ensurepip, venv" ""; do
        for python in python3.13 python3.12 python3.11 python3 python; do
            if suits "$python" "$able"; then
                command -v "$python"
                return
            fi
        done
    done
    return 1
}

if [ -n "${PYTHON:-}" ]; then
    if ! suits "$PYTHON"; then
        found=$("$PYTHON" --version 2>&1 | head -n 1)
        echo "setup: PYTHON=$PYTHON does not fit ($found): Greenline needs Python 3.11, 3.12 or 3.13." >&2
        exit 1
    fi
    python=$PYTHON
elif ! python=$(find_python); then
    found=$(python3 --version 2>&1 | head -n 1)
    echo "setup: Greenline needs Python 3.11, 3.12 or 3.13 (python3 here: $found)." \
        "Install one, or name it: make setup PYTHON=/path/to/python3.12" >&2
    exit 1
fi
exec "$python" -m tools.bootstrap "$@"
