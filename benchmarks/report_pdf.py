"""What writing a report of fifty pages takes in each format, each in a process of its own, from a cold start."""

from __future__ import annotations

import multiprocessing
import resource
import time

import pypdfium2

from tests.support.reports import municipal_year
from tipportal.reporting import Format, render

SECTIONS = 44
LEAST_PAGES = 50
LIMIT = 10


def measure(form: Format) -> tuple[float, float, int, int, int]:
    """Seconds, of these seconds of work, bytes, megabytes at most, and pages of a PDF."""
    report = municipal_year(SECTIONS)
    begun, worked = time.perf_counter(), time.process_time()
    data = render(report, form, "sv")
    took, work = time.perf_counter() - begun, time.process_time() - worked
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return took, work, len(data), most, len(pypdfium2.PdfDocument(data)) if form is Format.PDF else 0


def main() -> None:
    """Print a line for each format, and fail if the PDF has too few pages or takes too long."""
    with multiprocessing.get_context("spawn").Pool(1, maxtasksperchild=1) as pool:
        for form in Format:
            took, work, size, most, pages = pool.apply(measure, (form,))
            told = f", {pages} pages" if pages else ""
            print(f"{form.value:5} {took:6.2f} s ({work:.2f} s of work), {size // 1000} kB, {most} MB at most{told}")
            if form is Format.PDF and (pages < LEAST_PAGES or work > LIMIT):
                raise SystemExit(f"{pages} pages in {work:.1f} s: {LEAST_PAGES} were to take at most {LIMIT} s")


if __name__ == "__main__":
    main()
