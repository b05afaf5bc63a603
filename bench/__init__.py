"""What Tollwatch costs, measured beside the library that it rests on: `python -m bench.NAME --json`."""
