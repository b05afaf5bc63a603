"""`python -m cli` is `tollwatch`."""

from cli.commands import main

main()
