"""Many files, one after the other and side by side, until the morning.

``files`` says what there is and how each is to be restored, ``records`` keeps what is known of it,
``workers`` are the processes that restore; ``running`` leads them, and ``verdicts`` says what
becomes of a file by what they tell. None of it needs torch but what runs in the workers.
"""
