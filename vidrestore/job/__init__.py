"""Jobs: a session owns the networks, and each of its jobs carries frames from a source to a result.

``session`` is the way in; ``networks`` and ``locked`` are what jobs share, ``task`` what one is
asked for. ``restoring``, ``inspecting``, ``estimating``, ``images`` and ``showing`` are the kinds
of job, and ``attached`` is the report that stays with a result. ``segments`` divides the long ones.
"""
