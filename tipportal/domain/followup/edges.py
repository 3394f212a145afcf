"""What a reader must know before comparing figures: a period that runs, years without data, and what has changed."""

from __future__ import annotations

from tipportal.domain.organisations import Channel
from tipportal.domain.policies.explaining import Sentence
from tipportal.domain.texts import N_

from . import policychanges
from .facts import OrganisationFacts
from .grids import period_words
from .report import Paragraph, ReportKind, Section
from .view import View

_CHANNELS = {
    (Channel.TIP, True): N_("%(name)s öppnade kanalen för tips %(day)s."),
    (Channel.TIP, False): N_("%(name)s stängde kanalen för tips %(day)s."),
    (Channel.REPORT, True): N_("%(name)s öppnade kanalen för rapporter %(day)s."),
    (Channel.REPORT, False): N_("%(name)s stängde kanalen för rapporter %(day)s."),
}


def edges(view: View) -> list[Paragraph]:
    """What limits the figures: said before any of them."""
    return [*_time(view), *_organisations(view)]


def changes(view: View) -> Section | None:
    """What changed in policies and channels during the period; None when nothing did."""
    found = [*_policies(view), *_channels(view)]
    return Section("changes", Sentence(N_("Ändringar under perioden")), tuple(found)) if found else None


def method(view: View) -> Section:
    """How the figures were made, and how to check them."""
    request = view.request
    found = [
        Paragraph(
            "log",
            Sentence(
                N_(
                    "Alla siffror är räknade ur händelseloggens %(size)d första poster, och ur inget annat. Den som "
                    "har rapporten som fil, en export av loggen och en kontrollpunkt kan räkna om dem."
                ),
                {"size": request.log.size},
            ),
        ),
        Paragraph(
            "as_of",
            Sentence(
                N_(
                    "Siffrorna visar läget %(day)s. Den som rättar en uppgift gör en ny post i loggen, och den kommer "
                    "med i nästa rapport."
                ),
                {"day": request.as_of},
            ),
        ),
        Paragraph(
            "counted",
            Sentence(
                N_(
                    "Ärenden räknas till den period då de kom in. Åtgärder, överlämnanden och händelser räknas till "
                    "den period då de antecknades."
                )
            ),
        ),
    ]
    if view.is_public:
        text = N_(
            "Små siffror kan peka ut någon. Därför visas inte antal från 0 till 4, och inte heller andra siffror som "
            "gör att de kan räknas ut, ur den här rapporten eller tidigare. Hur många tips och rapporter som har "
            "kommit in är offentligt och visas alltid."
        )
        found.append(Paragraph("hidden", Sentence(text)))
    return Section("method", Sentence(N_("Så är siffrorna framtagna")), tuple(found))


def _time(view: View) -> list[Paragraph]:
    request, begun = view.request, view.cube.begun(view.scope)
    if begun is None:
        return [Paragraph("nothing", Sentence(N_("Det finns inga uppgifter i loggen, så det finns inget att räkna.")))]
    values = {"day": begun, "as_of": request.as_of, "period": period_words(view.span)}
    before = {**values, "before": period_words(view.before)}
    if request.period.is_ahead(request.as_of):
        text = N_("Loggen slutar %(as_of)s, innan %(period)s har börjat. Det finns inget att räkna.")
        return [Paragraph("ahead", Sentence(text, values))]
    found = []
    if request.period.is_running(request.as_of):
        text = N_("Loggen slutar %(as_of)s, innan %(period)s är slut. Siffrorna kommer att ändras.")
        found.append(Paragraph("running", Sentence(text, values)))
    if begun > view.span.last:
        text = N_("Uppgifterna börjar %(day)s, efter periodens slut. Det finns inget att räkna.")
        found.append(Paragraph("begun", Sentence(text, values)))
    elif begun > view.span.first:
        text = N_("Uppgifterna börjar %(day)s. För tiden innan finns inget att räkna eller jämföra med.")
        found.append(Paragraph("begun", Sentence(text, values)))
    elif request.kind is ReportKind.SAMPLE:
        pass  # A sample compares nothing.
    elif begun > view.before.last:
        text = N_("Uppgifterna börjar %(day)s, så det finns inget att jämföra med för %(before)s.")
        found.append(Paragraph("begun", Sentence(text, before)))
    elif begun > view.before.first:
        text = N_("Uppgifterna för %(before)s börjar först %(day)s. Tänk på det när perioderna jämförs.")
        found.append(Paragraph("begun", Sentence(text, before)))
    return found


def _organisations(view: View) -> list[Paragraph]:
    known = view.cube.folded.organisations
    begun = view.cube.begun(None)
    found = []
    for one in sorted(known.values(), key=lambda one: (one.added, one.id)):
        if view.scope not in (None, one.id, one.succeeded_by):
            continue
        if one.added in view.span and one.added != begun and view.scope is None:
            text = N_("%(name)s kom med i portalen %(day)s. För tiden innan finns inga uppgifter.")
            found.append(Paragraph(f"added_{one.id}", Sentence(text, {"name": view.name(one.id), "day": one.added})))
        if one.ended is not None and one.ended in view.span:
            found.append(_ended(view, one))
    return found


def _ended(view: View, one: OrganisationFacts) -> Paragraph:
    values = {"name": view.name(one.id), "day": one.ended}
    if one.succeeded_by is None:
        text = N_("%(name)s upphörde %(day)s. Det som kom in innan dess är räknat.")
        return Paragraph(f"ended_{one.id}", Sentence(text, values))
    values["successor"] = view.name(one.succeeded_by)
    if view.scope == one.succeeded_by:
        text = N_(
            "%(successor)s tog över efter %(name)s %(day)s. Ärenden som kom in till %(name)s räknas där och inte här."
        )
    else:
        text = N_("%(name)s upphörde %(day)s och %(successor)s tog över. Ärenden räknas där de kom in.")
    return Paragraph(f"ended_{one.id}", Sentence(text, values))


def _policies(view: View) -> list[Paragraph]:
    found = []
    every = view.cube.folded.policies
    for organisation in dict.fromkeys(organisation for _, organisation, _ in every):
        mine = [(day, version) for day, of, version in every if of == organisation]
        inside = [(day, version) for day, version in mine if day in view.span]
        if not inside or (view.scope is not None and organisation not in (None, view.scope)):
            continue
        day, version = inside[-1]
        first, later = inside[0] == mine[0], len(inside) - 1
        values = {"day": day, "version": version, "first": inside[0][0], "number": later if first else len(inside)}
        values |= {"name": "" if organisation is None else view.name(organisation)}
        if first and later == 0:
            text = N_("Policyn för %(name)s började gälla %(day)s (version %(version)d).")
        elif first and later == 1:
            text = N_("Policyn för %(name)s började gälla %(first)s och ändrades %(day)s (version %(version)d).")
        elif first:
            text = N_(
                "Policyn för %(name)s började gälla %(first)s och ändrades sedan %(number)d gånger, senast %(day)s "
                "(version %(version)d)."
            )
        elif later == 0:
            text = N_("Policyn för %(name)s ändrades %(day)s (version %(version)d).")
        else:
            text = N_("Policyn för %(name)s ändrades %(number)d gånger, senast %(day)s (version %(version)d).")
        found.append(Paragraph(f"policy_{organisation or 'all'}", Sentence(text, values)))
    if found:
        text = N_(
            "Ett ärende följer den policy som gällde när det kom in. En ändring påverkar alltså bara senare ärenden."
        )
        found.append(Paragraph("policy_kept", Sentence(text)))
        text = N_("Vilka funktioner, kanaler och organisationer det gäller står i tabellen ”%(title)s”.")
        found.append(Paragraph("policy_what", Sentence(text, {"title": Sentence(policychanges.TITLE)})))
    return found


def _channels(view: View) -> list[Paragraph]:
    found = []
    for place, (day, organisation, channel, opened) in enumerate(view.cube.folded.channels):
        if day in view.span and view.scope in (None, organisation):
            values = {"name": view.name(organisation), "day": day}
            found.append(Paragraph(f"channel_{place}", Sentence(_CHANNELS[Channel(channel), opened], values)))
    return found
