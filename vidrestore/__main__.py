"""``python -m vidrestore`` is the command ``vidrestore``."""

from __future__ import annotations

import sys

from vidrestore.cli import main

sys.exit(main())
