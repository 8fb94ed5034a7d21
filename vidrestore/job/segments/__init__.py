"""Jobs that are divided: planned from packets' times, done segment by segment, put together.

``plan`` and ``part`` are the values, ``grid`` and ``planning`` make the first, ``running`` the
second; ``crew`` and ``workers`` say who works, ``store`` and ``journal`` keep what is finished, and
``divided`` is the job as a whole. ``cleaning`` removes what abandoned ones have left.
"""
