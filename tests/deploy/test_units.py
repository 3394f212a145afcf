"""What the units promise: hardened alike, each face with its own key, nothing reachable from the network."""

from __future__ import annotations

import subprocess

import pytest

from tests.deploy.trial import DEPLOY, FACES, INSTALLED, environment_of, program, unit
from tipportal.settings import VARIABLES

SERVICES = ("tipportal-public.service", "tipportal-handler.service", "tipportal-tick.service")
OWN = {
    "Type", "ExecStart", "EnvironmentFile", "InaccessiblePaths",
    "Restart", "RestartSec", "TimeoutStopSec", "TimeoutStartSec", "Nice",
}  # fmt: skip


def test_every_service_is_hardened_alike() -> None:
    hardening = [{key: values for key, values in unit(name)["Service"].items() if key not in OWN} for name in SERVICES]
    assert hardening[0] == hardening[1] == hardening[2]
    assert len(hardening[0]) > 30


@pytest.mark.parametrize("name", SERVICES)
def test_systemd_judges_the_service_safe(name: str) -> None:
    path = DEPLOY / "systemd" / name
    command = [program("systemd-analyze"), "security", "--offline=true", "--threshold=15", str(path)]
    judged = subprocess.run(command, capture_output=True, text=True, check=False)
    assert judged.returncode == 0, judged.stdout


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_sees_the_key_of_its_own_face_alone(name: str) -> None:
    key = environment_of(name, {})["TIPPORTAL_SECRET_KEY_FILE"]
    hidden = [path.removeprefix("-") for path in unit(name)["Service"]["InaccessiblePaths"]]
    theirs = {f"/etc/tipportal/{face}" for face in FACES if not key.startswith(f"/etc/tipportal/{face}/")}
    # The key that signs checkpoints is for the periodic work alone.
    signs = {"/etc/tipportal/log"} if "tick" not in name else set()
    assert environment_of(name, {})["TIPPORTAL_LOG_KEY_FILE"] == "/etc/tipportal/log/log-key"
    assert theirs | signs == set(hidden)


@pytest.mark.parametrize("face", FACES)
def test_only_nginx_reaches_a_face(face: str) -> None:
    listening = unit(f"tipportal-{face}.socket")["Socket"]
    assert listening["ListenStream"] == [f"/run/tipportal/{face}.sock"]
    assert (listening["SocketUser"], listening["SocketMode"]) == (["www-data"], ["0600"])
    assert unit(f"tipportal-{face}.service")["Service"]["PrivateNetwork"] == ["yes"]


def test_the_environment_files_hold_settings_and_no_secret() -> None:
    known = {f"TIPPORTAL_{variable.name}" for variable in VARIABLES}
    for name in SERVICES:
        described = environment_of(name, {})
        assert set(described) <= known
        assert unit(name)["Service"]["ExecStart"][0].startswith(f"{INSTALLED} ")


def test_the_periodic_work_is_done_every_quarter_of_an_hour() -> None:
    (when,) = unit("tipportal-tick.timer")["Timer"]["OnCalendar"]
    checked = subprocess.run(
        [program("systemd-analyze"), "calendar", "--iterations=5", when], capture_output=True, text=True, check=True
    )
    assert checked.stdout.count(":15:00") >= 1
    assert unit("tipportal-tick.service")["Service"]["Type"] == ["oneshot"]
