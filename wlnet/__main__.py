"""`python -m wlnet` is the command `wlnet`."""

from wlnet.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
