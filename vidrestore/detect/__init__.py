"""Finding faces: the reduced picture, the detectors, and the carrying over of landmarks between.

Importing this package imports neither torch nor OpenCV; its modules do, where they need them.
"""
