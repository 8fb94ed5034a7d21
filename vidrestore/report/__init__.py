"""What a job says: progress while it runs, a report when it is done, and JSON of both.

A file holds one kind of value, or one step between that and its JSON.
"""

from __future__ import annotations

from vidrestore.report.estimate import CopyEstimate, Estimate
from vidrestore.report.facts import Facts
from vidrestore.report.inspection import FaceTrack, Inspection, InspectionBuilder
from vidrestore.report.progress import Phase, Progress
from vidrestore.report.reading import read_report
from vidrestore.report.run import Run
from vidrestore.report.shown import Comparison, Preview, ShownPlace, WorstFrame
from vidrestore.report.types import (
    CopyMade,
    Cut,
    Fixity,
    Hashed,
    ModelUsed,
    Report,
    Resumed,
    TrackReport,
    Untouched,
)
from vidrestore.report.writer import to_json, write_json

__all__ = [
    "Comparison",
    "CopyEstimate",
    "CopyMade",
    "Cut",
    "Estimate",
    "FaceTrack",
    "Facts",
    "Fixity",
    "Hashed",
    "Inspection",
    "InspectionBuilder",
    "ModelUsed",
    "Phase",
    "Preview",
    "Progress",
    "Report",
    "Resumed",
    "Run",
    "ShownPlace",
    "TrackReport",
    "Untouched",
    "WorstFrame",
    "read_report",
    "to_json",
    "write_json",
]
