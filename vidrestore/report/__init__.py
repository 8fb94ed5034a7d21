"""What a job tells: progress while it runs, a report when it is done, and JSON of both."""

from __future__ import annotations

from vidrestore.report.builder import InspectionBuilder, ReportBuilder
from vidrestore.report.types import (
    Cut,
    Estimate,
    FaceTrack,
    Inspection,
    ModelUsed,
    Progress,
    Report,
    TrackReport,
    Untouched,
)
from vidrestore.report.writer import to_json, write_json

__all__ = [
    "Cut",
    "Estimate",
    "FaceTrack",
    "Inspection",
    "InspectionBuilder",
    "ModelUsed",
    "Progress",
    "Report",
    "ReportBuilder",
    "TrackReport",
    "Untouched",
    "to_json",
    "write_json",
]
