"""All that decides whether the tree is fit: format, lint, types, tests. `python -m tests.check`."""

import os
import subprocess
import sys
import time

# The tests run in one process a core. Threads of BLAS beside them wait for each other, at ten times the time.
ONE_THREAD = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
STEPS = {
    "format": ["ruff", "format", "--check", "."],
    "lint": ["ruff", "check", "."],
    "types": ["mypy"],
    "tests": ["pytest", "-n", "2", "--dist", "worksteal", "--durations", "10"],
}


def main() -> int:
    """Runs every step, tells what failed, and gives the exit status."""
    failed = []
    for name, command in STEPS.items():
        started = time.perf_counter()
        status = subprocess.run([sys.executable, "-m", *command], env=os.environ | ONE_THREAD).returncode
        print(f"--- {name}: {'ok' if status == 0 else 'FAILED'} in {time.perf_counter() - started:.0f} s", flush=True)
        if status:
            failed.append(name)
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return len(failed)


if __name__ == "__main__":
    sys.exit(main())
