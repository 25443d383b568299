"""`python -m dashboard`: hands the words of the command line to cli.main."""

import sys

from dashboard.cli import main

if __name__ == "__main__":
    sys.exit(main())
