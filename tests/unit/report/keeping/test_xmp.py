"""What a photo says of itself, beside all that it said before."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from lxml import etree
from PIL import Image

from tests.stand_ins.fakes import FakeDetector, FakeRestorer
from tests.stand_ins.plain import PLAIN
from vidrestore import Session
from vidrestore.report.keeping.provenance import MADE_BY_A_MODEL
from vidrestore.report.keeping.xmp import marked

TERMS = {"DigitalSourceType": "http://x/new", "AISystemUsed": "us"}
PACKET = b"""<?xpacket begin="\xef\xbb\xbf" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" dc:format="image/jpeg"
 xmlns:e="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" e:AISystemUsed="them">
<e:DigitalSourceType>http://x/old</e:DigitalSourceType></rdf:Description>
</rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>"""


@pytest.mark.parametrize("packet", [b"", PACKET, PACKET + b"\0"])
def test_terms_take_the_place_of_those_that_were_there(packet):
    once = marked(packet, TERMS)
    twice = marked(once, TERMS)
    root = etree.fromstring(twice)
    names = [name.rpartition("}")[2] for each in root.iter() for name in (each.tag, *each.attrib)]
    assert (names.count("DigitalSourceType"), names.count("AISystemUsed")) == (1, 1)
    assert b"http://x/new" in twice
    assert b"http://x/old" not in twice
    assert (b"image/jpeg" in twice) == bool(packet)


@pytest.mark.parametrize(
    "packet",
    [
        b"no xml",
        b"<a/>",
        b'<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><a>&e;</a>',
        PACKET.replace(b"image/jpeg", b"x" * 70_000),
    ],
)
def test_what_cannot_be_told_in_stays_as_it_is(packet):
    assert marked(packet, TERMS) == packet


@pytest.mark.parametrize("end", ["jpg", "png", "tif", "webp"])
def test_a_restored_photo_says_so(tmp_path, end):
    picture = np.random.default_rng(1).integers(0, 255, (96, 96, 3), np.uint8)
    assert cv2.imwrite(str(tmp_path / f"a.{end}"), picture)
    with Session(PLAIN, restorer=FakeRestorer(), detector=FakeDetector()) as session:
        session.restore(tmp_path / f"a.{end}", tmp_path / f"b.{end}")
    with Image.open(tmp_path / f"b.{end}") as image:
        xmp = image.info["xmp"]
    assert MADE_BY_A_MODEL in (xmp if isinstance(xmp, str) else xmp.decode())
