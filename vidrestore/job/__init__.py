"""Jobs: a session owns the networks, and each of its jobs carries frames from a source to a result.

``session`` is the way in; ``networks`` and ``locked`` are what jobs share, ``task`` what one is
asked for, and ``restoring``, ``inspecting``, ``estimating``, ``images`` and ``showing`` the kinds
of job. ``segments`` divides the long ones.
"""
