"""What the lists say when obvious junk is closed together: msgids, with places in braces."""

from __future__ import annotations

from tipportal.domain.texts import N_

JUNK_TEXTS: dict[str, str] = {
    "write-something": N_("Skriv något först."),
    "too-long": N_("Texten är {length} tecken lång. Den får vara högst {most} tecken."),
    "junk-count": N_("Förkryssade: {count}"),
    "junk-opening": N_("Öppnar …"),
    "junk-most": N_("Högst {count} åt gången."),
    "junk-unreadable": N_("Texten går inte att visa här. Öppna ärendet i stället."),
    "junk-not-mine": N_("Förslaget går inte att godkänna härifrån. Öppna ärendet i stället."),
    "junk-late": N_("Ärendet kan inte längre avslutas som skräp."),
    "junk-files": N_("Bifogade filer: {count}. Öppna ärendet för att se dem."),
    "junk-reasons": N_("Skäl: {reasons}"),
    "junk-progress": N_("{done} av {count} är klara …"),
    "junk-done": N_("Klara: {done}. Misslyckade: {missed}."),
    "junk-failed": N_("{reference}: {why}"),
    "junk-proposed": N_("Förslaget väntar på att någon annan i ärendegruppen godkänner det."),
    "junk-approved": N_("Godkänt. Ärendet är avslutat som skräp."),
}
