"""vidrestore: restores the faces in videos.

Importing this package imports neither torch nor OpenCV; the work does.
"""

from __future__ import annotations

__version__ = "0.1.0"
