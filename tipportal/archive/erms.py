"""The case as CITS ERMS 2.1 describes it: one aggregation, its records, their restriction and what is decided of them.

https://citserms.dilcis.eu. Dates are days: the schema wants an instant, so midnight without a time zone stands for a
day, which `documentation/LAS-MIG.txt` says. Of a source's acts nothing finer was ever kept.
"""

from __future__ import annotations

from datetime import date, datetime

from tipportal.domain.texts import N_

from .content import ArchivedCase, ArchivedFile, Direction, Document, Say
from .markup import Element, el, having, xml_document

NAMESPACE = "https://DILCIS.eu/XML/ERMS"
REPORT_SECRECY = "32 kap. 3 b § offentlighets- och sekretesslagen (2009:400)"
"""Secrecy of what could reveal somebody in a follow-up case under the act."""
TIP_SECRECY = "Offentlighets- och sekretesslagen (2009:400)"
_PROTECTED = N_("Skyddad uppgift")
_DIRECTIONS = {
    Direction.INCOMING: "incoming",
    Direction.OUTGOING: "outgoing",
    Direction.INTERNAL: "internal_memo_without_follow-up",
}


def erms_document(case: ArchivedCase, say: Say, made_at: datetime, software: str) -> bytes:
    """ERMS.xml. ``made_at``: when the package is made, an act of a member's own."""
    root = el("erms", _control(case, made_at, software), el("aggregations", _aggregation(case, say)), xmlns=NAMESPACE)
    return xml_document(root)


def _control(case: ArchivedCase, made_at: datetime, software: str) -> Element:
    agent = el("agent", el("name", software), agentType="other", otherAgentType="SOFTWARE")
    event = el(
        "maintenanceEvent",
        el("eventType", value="created"),
        el("eventDateTime", made_at.isoformat(timespec="seconds")),
        agent,
    )
    return el(
        "control",
        el("identification", case.package_id, identificationType="OBJID"),
        el("identification", case.installation, identificationType="installation"),
        el("classificationSchema"),
        el(
            "maintenanceInformation",
            el("maintenanceStatus", value="new"),
            el("maintenanceAgency", el("agencyName", case.authority)),
            el("maintenanceHistory", event),
        ),
    )


def _aggregation(case: ArchivedCase, say: Say) -> Element:
    dates = [_date("received", case.received_on)]
    if case.closed_on is not None:
        dates.append(_date("closed", case.closed_on))
    number = case.registry_number
    return el(
        "aggregation",
        el("objectId", case.reference),
        None if number is None else el("extraId", number, extraIdType="registryNumber"),
        el("keywords", el("keyword", case.channel)),
        el("title", case.title),
        el("status", value="closed"),
        *_restrictions(case, say),
        _disposal(case),
        el("agents", *(_function(name, case, "responsible_person") for name in case.functions)),
        el("description", f"{case.channel}. {case.outcome}".strip()),
        el("dates", *dates),
        *(_record(case, document, say) for document in case.documents),
        systemIdentifier=case.uuid(),
        aggregationType="caseFile",
    )


def _record(case: ArchivedCase, document: Document, say: Say) -> Element:
    if document.by_source:
        agent = el("agent", el("name", say(_PROTECTED)), el("protectedIdentity", "true"), agentType="sender")
    else:
        agent = _function(document.agent, case, "creator")
    files = [*([] if document.text is None else [document.text]), *document.files]
    kind = "received" if document.direction is Direction.INCOMING else "created"
    direction = el("direction", directionDefinition=_DIRECTIONS[document.direction])
    return el(
        "record",
        el("objectId", f"{case.reference}/{document.id}"),
        el("title", document.title),
        el("runningNumber", str(document.number)),
        *_restrictions(case, say),
        direction,
        el("agents", agent),
        el("description", document.fault) if document.fault else None,
        None if document.on is None else el("dates", _date(kind, document.on)),
        el("additionalInformation", *(_appendix(file) for file in files)) if files else None,
        systemIdentifier=case.uuid(document.id),
        recordType="document",
        # The schema's own spelling.
        recordPhysicalOrDigital="digitial",
    )


def _appendix(file: ArchivedFile) -> Element:
    return el(
        "appendix",
        name=file.name,
        fileFormat=file.media_type,
        path=f"file:///representations/rep1/data/{file.path}",
    )


def _function(name: str, case: ArchivedCase, kind: str) -> Element:
    return el("agent", el("name", name), el("organisation", case.organisation), agentType=kind)


def _restrictions(case: ArchivedCase, say: Say) -> tuple[Element, ...]:
    text = say(N_("Sekretess kan gälla för uppgifter i handlingen. Pröva varje begäran om utlämnande mot innehållet."))
    return (
        el(
            "restriction",
            el("explanatoryText", text),
            el("regulation", REPORT_SECRECY if case.is_report else TIP_SECRECY),
            restrictionType="confidential",
        ),
    )


def _disposal(case: ArchivedCase) -> Element | None:
    decided = case.disposal
    if decided is None:
        return None
    on = el("disposalDate", _midnight(decided.on), dateType="other_date", otherDisposalDateType="decided")
    return el(
        "disposal",
        el("disposalAction", "preserve" if decided.preserved else "dispose"),
        el("disposalMandate", decided.number),
        el("dates", on),
        disposable="false" if decided.preserved else "true",
    )


def _date(kind: str, day: date) -> Element:
    return having(el("date", _midnight(day)), {"dateType": kind})


def _midnight(day: date) -> str:
    return f"{day.isoformat()}T00:00:00"
