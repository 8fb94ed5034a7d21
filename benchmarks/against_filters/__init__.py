"""Is it better than a motion-compensated filter with a little sharpening?

    python -m benchmarks.against_filters --portraits FOLDER --clips FOLDER --out FOLDER
        [--quick] [--only KIND[/GROUP[/CLIP]]...] [--limit N] [--all-filters]
        [--preset NAME] [--set OPTION=VALUE...] [--variant NAME:OPTION=VALUE,...]
        [--mesh-python PYTHON] [--pictures FRAME...] [--table FILE]

Clips with a truth (scenes.py) are worn in six ways (wear/), and everything is judged in the upright
crops of the faces (crops.py, measures/): the input, filters (filters/), and vidrestore through
its public API, written without loss. Worn clips, truths and figures are kept in the output folder:
a second run makes only what is missing or depends on what was changed, and a run that was stopped
goes on. Seeds are fixed.
"""
