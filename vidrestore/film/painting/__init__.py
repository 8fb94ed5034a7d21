"""What is damaged and no other frame shows, painted: from around it, or by a network of faces."""

from vidrestore.film.painting.faces import FacePainter
from vidrestore.film.painting.repaint import RepaintFaces
from vidrestore.film.painting.surroundings import painted_over

__all__ = ["FacePainter", "RepaintFaces", "painted_over"]
