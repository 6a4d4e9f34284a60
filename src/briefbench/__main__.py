"""``python -m briefbench`` is the command ``briefbench``."""

import sys

from briefbench.commands import main

sys.exit(main())
