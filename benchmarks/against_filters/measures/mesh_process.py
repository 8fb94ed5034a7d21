"""Run by another Python that has mediapipe: reads crops, writes the points of face meshes.

Each line of standard input names a .npy with (T, S, S, 3) uint8 RGB and one to write: (T, 478, 2)
px of the crops, NaN where no face was found. Each is answered by a line, "done".
"""

import sys

import cv2
import mediapipe
import numpy as np

SIDE = 512


def main():
    """Answer until the input ends."""
    make = mediapipe.solutions.face_mesh.FaceMesh
    mesh = make(static_image_mode=True, max_num_faces=1, refine_landmarks=True)
    for line in sys.stdin:
        source, target = line.rstrip("\n").split("\t")
        crops = np.load(source)
        points = np.full((len(crops), 478, 2), np.nan)
        for t, crop in enumerate(crops):
            large = cv2.resize(crop, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)
            found = mesh.process(large).multi_face_landmarks
            if found:
                places = np.array([(p.x, p.y) for p in found[0].landmark])
                points[t] = places * crops.shape[1] - 0.5
        np.save(target, points)
        print("done", flush=True)


main()
