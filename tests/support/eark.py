"""The E-ARK project's own validator, without the network: it fetches vocabularies that it also brings along."""

from __future__ import annotations

import urllib.request
import warnings
from importlib import resources
from pathlib import Path
from unittest import mock

from eark_validator.ipxml.resources import vocabs
from eark_validator.specifications.specification import SpecificationVersion


def _brought_along(address: str) -> list[bytes]:
    name = address.rpartition("/")[2]
    return resources.files(vocabs).joinpath(name).read_bytes().splitlines()


# Only while it is imported: what it asks for then is in its own package too, under the same names.
with mock.patch.object(urllib.request, "urlopen", _brought_along):
    from eark_validator.packages import PackageValidator


def errors(package: Path) -> list[tuple[str, str]]:
    """The errors that the validator finds in a folder: rule and message."""
    with warnings.catch_warnings():
        # It leaves files for the garbage collector to close.
        warnings.simplefilter("ignore", ResourceWarning)
        report = PackageValidator(package, SpecificationVersion.V2_1_0).validation_report
    if report is None or report.structure is None or report.metadata is None:
        raise AssertionError(report)
    metadata = report.metadata
    said = [
        *report.structure.messages,
        *metadata.schema_results.messages,
        *metadata.schematron_results.messages,
    ]
    return [(str(one.rule_id), str(one.message)) for one in said if str(one.severity.value) == "Error"]
