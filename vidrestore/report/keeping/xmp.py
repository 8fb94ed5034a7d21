"""What a photo says of itself, in XMP (ISO 16684-1), in the IPTC's terms of 2025.1."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from lxml import etree

_RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_IPTC: Final = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
_META: Final = "adobe:ns:meta/"
_BEGIN: Final = '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'.encode()
_END: Final = b'\n<?xpacket end="w"?>'
_LONGEST: Final = 60_000  # bytes that a JPEG has room for


def marked(packet: bytes, terms: Mapping[str, str]) -> bytes:
    """A packet with some terms of the IPTC's in place of those that it has.

    What is no XML, or becomes too long, stays as it is.

    Args:
        packet: of a photo; empty for none.
        terms: values by name, such as "DigitalSourceType".
    """
    try:
        root = _root(packet)
    except (etree.XMLSyntaxError, ValueError):
        return packet
    rdf = root if root.tag == f"{{{_RDF}}}RDF" else root.find(f".//{{{_RDF}}}RDF")
    if rdf is None:
        return packet
    names = {f"{{{_IPTC}}}{name}": value for name, value in terms.items()}
    for description in rdf.findall(f"{{{_RDF}}}Description"):
        for name in names:
            description.attrib.pop(name, None)
            for old in description.findall(name):
                description.remove(old)
    own = etree.SubElement(rdf, f"{{{_RDF}}}Description", nsmap={"Iptc4xmpExt": _IPTC})
    own.set(f"{{{_RDF}}}about", "")
    for name, value in names.items():
        own.set(name, value)
    made = _BEGIN + etree.tostring(root, encoding="UTF-8", xml_declaration=False) + _END
    return made if len(made) <= _LONGEST else packet


def _root(packet: bytes) -> Any:
    if not packet.strip(b"\0 \n"):
        meta = etree.Element(f"{{{_META}}}xmpmeta", nsmap={"x": _META})
        etree.SubElement(meta, f"{{{_RDF}}}RDF", nsmap={"rdf": _RDF})
        return meta
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    return etree.fromstring(packet.strip(b"\0"), parser)
