"""From pictures to packets, in this process or by the user's own FFmpeg; what plays where."""
