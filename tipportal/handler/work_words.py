"""How measures, checklists, handovers and opening again are called on this face: Swedish, and msgids."""

from __future__ import annotations

from tipportal.domain.followup import labels
from tipportal.domain.handovers import Result
from tipportal.domain.measures import Amount, MeasureKind, NoMeasureReason, SanctionStep
from tipportal.domain.texts import N_

MEASURES = {kind: labels.MEASURES[kind] for kind in MeasureKind}
BY_HAND = tuple(kind for kind in MEASURES if kind is not MeasureKind.HANDED_OVER)
AMOUNTS = {
    Amount.CLAIMED: N_("Återkrävt belopp, kronor"),
    Amount.RECOVERED: N_("Varav återbetalt hittills, kronor"),
    Amount.STOPPED: N_("Stoppat belopp, kronor"),
    Amount.COST: N_("Kostnad, kronor"),
}
SUMS = {amount: labels.AMOUNTS[amount] for amount in Amount}
STEPS = {step: labels.STEPS[step] for step in SanctionStep}
NO_MEASURE = {reason: labels.NO_MEASURE[reason] for reason in NoMeasureReason}
RESULTS = {result: labels.RESULTS[result] for result in Result}

_WAITS = N_("Förslaget väntar på att någon annan i ärendegruppen godkänner det.")
WORK_TEXTS: dict[str, str] = {
    **{f"measure-{kind.value}": name for kind, name in MEASURES.items()},
    **{f"step-name-{step.value}": name for step, name in STEPS.items()},
    **{f"no-measure-{reason.value}": name for reason, name in NO_MEASURE.items()},
    **{f"sum-{amount.value}": name for amount, name in SUMS.items()},
    **{f"result-{result.value}": name for result, name in RESULTS.items()},
    "measure-form-done": N_("Åtgärden är sparad."),
    "measure-by": N_("Antecknat av {name} {date}."),
    "measure-corrected": N_("Rättad"),
    "measure-withdrawn": N_("Återtagen"),
    "measure-correcting": N_("Du rättar: {what}. Skriv hur det ska stå i stället."),
    "measure-kind-missing": N_("Välj en åtgärd."),
    "measure-date": N_("Skriv datumet som ÅÅÅÅ-MM-DD. Det kan inte vara i framtiden."),
    "measure-amount": N_("Skriv beloppet i hela kronor, till exempel 12 500. Skriv 0 om det inte finns något."),
    "measure-step-missing": N_("Välj ett steg."),
    "measure-reason-missing": N_("Välj ett skäl."),
    "measure-why-skipped": N_("Skriv varför steget hoppas över."),
    "measure-none": N_("Inga åtgärder än."),
    "measure-unread": N_("Beskrivningen går inte att öppna."),
    "ladder-none": N_("Inga steg är tagna i det här ärendet."),
    "ladder-taken": N_("Tagna steg: {steps}."),
    "ladder-skips": N_("Det här hoppar över: {steps}. Det är tillåtet om det finns skäl, till exempel fusk."),
    "checklist-progress": N_("{done} av {of}"),
    "checklist-done": N_("Checklistan är sparad."),
    "checklist-changed": N_(
        "Någon annan hann ändra. Så här står den nu: {theirs} Det du har skrivit är kvar. Spara igen om det ska gälla."
    ),
    "checklist-ticked": N_("Bockat av: {items}."),
    "checklist-nothing": N_("Inget är bockat av."),
    "act-hand_over": N_("Lämna över till {recipient} med stöd av {basis}. {notice}"),
    "act-reopen": N_("Öppna ärendet igen"),
    "act-export": N_("Exportera ärendet till arkiv"),
    "told-given": N_("Tipslämnaren får veta det först."),
    "told-withheld": N_("Tipslämnaren får inte veta det först."),
    "told-not_needed": N_("Tipslämnaren behöver inte underrättas."),
    "handed-over-content": N_("Det här lämnas över:"),
    "hand_over-form-done": _WAITS,
    "reopen-form-done": _WAITS,
    "export-form-done": _WAITS,
    "reopening_declined-form-done": N_("Beslutet är sparat. Någon annan kan ändå föreslå att ärendet öppnas."),
    "handover-recipient-missing": N_("Välj vem som ska få uppgifterna."),
    "handover-basis-missing": N_("Välj en rättslig grund."),
    "handover-content-missing": N_("Skriv vad som lämnas över."),
    "handover-reveals": N_("Innehållet har något av det som tipslämnaren skrev om att nå hen: {what}. Ta bort det."),
    "handover-weighing-missing": N_("Grunden kräver en skriftlig intresseavvägning."),
    "handover-read-missing": N_("Läs igenom innehållet och bocka för att det inte visar vem tipslämnaren är."),
    "handover-told-missing": N_("Välj om tipslämnaren underrättas först."),
    "handover-to": N_("Till"),
    "handover-basis": N_("Rättslig grund"),
    "handover-from": N_("Från"),
    "handover-case": N_("Ärende"),
    "handover-day": N_("Datum"),
    "handover-content": N_("Innehåll"),
    "handover-weighing": N_("Intresseavvägning"),
    "handover-file": N_("overlamnande-{reference}-{date}.txt"),
    "handover-line": N_("{date}: {recipient}, {basis}"),
    "handover-unread": N_("Innehållet går inte att öppna."),
    "ask-due": N_("Dags att fråga vad som hände ({months} månader efter överlämnandet)."),
    "ask-works": N_("En länk är gjord och väntar på svar ({months} månader)."),
    "ask-outdated": N_("Länken gäller inte längre, eftersom ärendets nycklar har bytts. Gör en ny ({months} månader)."),
    "ask-made": N_("Skicka länken till mottagaren. Den visas bara nu, fungerar en gång och ersätter tidigare länkar."),
    "answer-head": N_("Svar från mottagaren {date} ({months} månader): {result}"),
    "answer-kronor": N_("Belopp: {kronor}"),
    "answer-unread": N_("Svarets text går inte att öppna."),
    "answer-none": N_("Mottagaren skrev inget mer."),
    "reopening-asked": N_(
        "Tipslämnaren har skrivit sedan ärendet avslutades ({asked}). "
        "Besluta om återöppning senast {date}: två öppnar ärendet, en kan besluta att det inte behövs."
    ),
    "unanswered-waits": N_(
        "Ert senaste meddelande till tipslämnaren ({asked}) är obesvarat. Är det en fråga, vänta på svar till och med "
        "{date}."
    ),
    "unanswered-may": N_(
        "Ert senaste meddelande till tipslämnaren ({asked}) har varit obesvarat i mer än 30 dagar. "
        "Var det en fråga får ärendet avslutas utan svar."
    ),
    "notice-handed_over": N_(
        "Två av oss har bestämt att lämna vidare uppgifter ur ditt ärende till någon som kan göra något åt saken. "
        "Det här lämnar vi ut, och därför:"
    ),
}
"""Texts of the scripts, with places in braces."""
