"""A job as PREMIS 3 has it: two objects, the event that made one of the other, its agents.

Terms and structure are those of the PREMIS Data Dictionary, version 3.0. ``premis.rng`` describes
the elements that are used, and what is written is checked against it.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from lxml import etree

from vidrestore.errors import OutputError
from vidrestore.report.types import Hashed, ModelUsed, Report
from vidrestore.runtime.whole_file import whole_file
from vidrestore.text.escaping import shown

_NAMESPACE: Final = "http://www.loc.gov/premis/v3"
_INSTANCE: Final = "http://www.w3.org/2001/XMLSchema-instance"
_GRAMMAR: Final = Path(__file__).with_name("premis.rng")
_ALGORITHMS: Final = {"sha256": "SHA-256", "sha512": "SHA-512", "md5": "MD5"}

Node = Any


def premis(report: Report) -> bytes:
    """The document of a finished job."""
    root = etree.Element(f"{{{_NAMESPACE}}}premis", nsmap={None: _NAMESPACE, "xsi": _INSTANCE})
    root.set("version", "3.0")
    fixity = report.fixity
    algorithm = None if fixity is None else fixity.algorithm
    source, result = str(report.input), str(report.output)
    _object(root, source, algorithm, None if fixity is None else fixity.source)
    derived = _object(root, result, algorithm, None if fixity is None else fixity.result)
    relationship = _add(derived, "relationship")
    _add(relationship, "relationshipType", "derivation")
    _add(relationship, "relationshipSubType", "has source")
    related = _add(relationship, "relatedObjectIdentifier")
    _identifier(related, "relatedObjectIdentifier", "file name", source)
    _event(root, report)
    _agent(root, f"vidrestore {report.version}", "software", None)
    for model in _models(report):
        _agent(root, _named(model), "software", model.licence)
    document: bytes = etree.tostring(
        root, encoding="UTF-8", xml_declaration=True, pretty_print=True
    )
    return document


def write_premis(report: Report, target: Path) -> None:
    """Write the document.

    Raises:
        OutputError: it cannot be written.
    """
    document = premis(report)
    valid(document)
    try:
        with whole_file(target) as file:
            file.write(document)
    except OSError as error:
        raise OutputError(f"{target} cannot be written: {error.strerror}") from error


def valid(document: bytes) -> None:
    """Check a document against the grammar.

    Raises:
        ValueError: it is not of the grammar.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    grammar = etree.RelaxNG(etree.parse(str(_GRAMMAR), parser))
    if not grammar.validate(etree.fromstring(document, parser)):
        raise ValueError(str(grammar.error_log.last_error))


def _models(report: Report) -> list[ModelUsed]:
    """What restored the faces, and what painted damage of them, if anything did."""
    return [report.model, *([] if report.inpainting is None else [report.inpainting])]


def _named(model: ModelUsed) -> str:
    return f"model {model.name}" + (f" (SHA-256 {model.sha256})" if model.sha256 else "")


def _object(root: Node, name: str, algorithm: str | None, known: Hashed | None) -> Node:
    node = _add(root, "object")
    node.set(f"{{{_INSTANCE}}}type", "file")
    _identifier(_add(node, "objectIdentifier"), "objectIdentifier", "file name", name)
    about = _add(node, "objectCharacteristics")
    if known is not None and algorithm is not None:
        fixity = _add(about, "fixity")
        _add(fixity, "messageDigestAlgorithm", _ALGORITHMS[algorithm])
        _add(fixity, "messageDigest", known.digest)
        _add(about, "size", str(known.size))
    designation = _add(_add(about, "format"), "formatDesignation")
    _add(designation, "formatName", Path(name).suffix.lstrip(".").lower() or "unknown")
    _add(node, "originalName", Path(name).name)
    return node


def _event(root: Node, report: Report) -> None:
    event = _add(root, "event")
    key = report.fixity.result.digest if report.fixity and report.fixity.result else "job"
    identifier = f"{report.started.isoformat()} {key[:16]}"
    _identifier(_add(event, "eventIdentifier"), "eventIdentifier", "vidrestore", identifier)
    _add(event, "eventType", "derivation")
    ended = report.started + timedelta(seconds=report.seconds)
    _add(event, "eventDateTime", f"{report.started.isoformat()}/{ended.isoformat()}")
    details = _add(event, "eventDetailInformation")
    _add(
        details,
        "eventDetail",
        f"{report.faces} faces restored in {report.frames_restored} of {report.frames_out} frames "
        f"by model {' and '.join(model.name for model in _models(report))} on {report.device}; the "
        "report has every option",
    )
    outcome = _add(event, "eventOutcomeInformation")
    _add(outcome, "eventOutcome", "warning" if report.warnings else "success")
    for warning in report.warnings:
        detail = _add(outcome, "eventOutcomeDetail")
        _add(detail, "eventOutcomeDetailNote", warning)
    for name in (f"vidrestore {report.version}", *map(_named, _models(report))):
        agent = _add(event, "linkingAgentIdentifier")
        _identifier(agent, "linkingAgentIdentifier", "name", name)
    for name, role in ((str(report.input), "source"), (str(report.output), "outcome")):
        linked = _add(event, "linkingObjectIdentifier")
        _identifier(linked, "linkingObjectIdentifier", "file name", name)
        _add(linked, "linkingObjectRole", role)


def _agent(root: Node, name: str, kind: str, note: str | None) -> None:
    agent = _add(root, "agent")
    _identifier(_add(agent, "agentIdentifier"), "agentIdentifier", "name", name)
    _add(agent, "agentName", name)
    _add(agent, "agentType", kind)
    if note is not None:
        _add(agent, "agentNote", f"licence: {note}")


def _identifier(node: Node, stem: str, kind: str, value: str) -> None:
    _add(node, f"{stem}Type", kind)
    _add(node, f"{stem}Value", value)


def _add(parent: Node, name: str, text: str | None = None) -> Node:
    node = etree.SubElement(parent, f"{{{_NAMESPACE}}}{name}")
    if text is not None:
        # XML has no place for control characters and for halves of characters.
        node.text = shown(text)
    return node
