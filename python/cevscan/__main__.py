"""`python -m cevscan`: the command line."""

from . import main

main()
