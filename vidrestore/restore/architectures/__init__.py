"""The other networks that restore faces, behind the same protocol as GPEN."""
