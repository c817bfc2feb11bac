"""``python -m autograder``: the same as the ``autograder`` command."""

import sys

from autograder.commands.main import main

sys.exit(main())
