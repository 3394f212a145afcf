"""The composition root: the only place that wires settings, storage, faces and web together."""

from __future__ import annotations

import importlib
import os
import secrets
import time

from flask import Flask

from tipportal.contexts import context_for
from tipportal.domain.ports import Clock, RandomBytes
from tipportal.settings import Settings
from tipportal.web import interpreter, pages
from tipportal.web.anonymity import ForgetSender
from tipportal.web.assets import Assets
from tipportal.web.compression import set_up_compression
from tipportal.web.errors import log_unexpected, set_up_errors
from tipportal.web.form_tokens import FormTokens
from tipportal.web.guard import set_up_guard, unruled
from tipportal.web.kdf_pool import KdfPool
from tipportal.web.languages import LanguagePrefix, set_up_languages
from tipportal.web.limits import Limits
from tipportal.web.portal import Portal
from tipportal.web.received_files import set_up_received_files
from tipportal.web.security import SecurityHeaders
from tipportal.web.services import EXTENSION, InstalledStorage, Services
from tipportal.web.templating import set_up_templates
from tipportal.web.transfers import Transfers


class RuleMissing(RuntimeError):
    """An endpoint does not say who may ask it."""


def create_app(
    settings: Settings,
    storage: InstalledStorage,
    *,
    clock: Clock = lambda: int(time.time()),
    random: RandomBytes = secrets.token_bytes,
    assets: Assets | None = None,
) -> Flask:
    """An application with the faces that the settings name.

    Raises AssetsMissing or CatalogueMissing when something has not been built, RuleMissing when a view has no rule.
    """
    app = Portal("tipportal.web", static_folder=None)
    # The order matters: the guard's checks come before anything that a library runs before a request.
    set_up_guard(app)
    set_up_errors(app)
    set_up_received_files(app, log_unexpected)
    set_up_languages(app, settings.languages)
    set_up_compression(app)
    set_up_templates(app)
    contexts = {face: context_for(settings, storage, face, clock=clock, random=random) for face in settings.faces}
    app.extensions[EXTENSION] = Services(
        settings=settings,
        storage=storage,
        contexts=contexts,
        form_tokens={
            face: FormTokens(context.keyed("form-token"), clock, random) for face, context in contexts.items()
        },
        kdf_pool=KdfPool(settings.kdf_workers, settings.kdf_places),
        limits=Limits(settings.limits_url, settings.submissions_per_minute),
        # Half of the threads stay free for those who only read or write.
        transfers=Transfers(settings.threads // 2),
        assets=assets or Assets.load(),
    )
    _mount(app, settings.faces)
    faces = LanguagePrefix(app.wsgi_app, settings.languages)
    app.wsgi_app = ForgetSender(SecurityHeaders(faces, https=settings.https))  # type: ignore[method-assign]  # as Flask says
    return app


def serve_app() -> Flask:
    """What gunicorn calls in each of its workers: the application that the environment describes."""
    from tipportal.storage.database import Database  # noqa: PLC0415 - the faces can be composed without a database

    settings = Settings.from_env(os.environ)
    app = create_app(settings, Database(settings.database_url, settings.blobs_dir))
    interpreter.tune()
    return app


def _mount(app: Flask, faces: tuple[str, ...]) -> None:
    app.register_blueprint(pages.blueprint)
    if "public" not in faces:
        app.add_url_rule("/", "web.front_door", pages.front_door)
    for face in faces:
        # A face's code is loaded only where it is served.
        app.register_blueprint(importlib.import_module(f"tipportal.{face}.views").blueprint)
    without = sorted(set(unruled(app)))
    if without:
        raise RuleMissing(", ".join(without))
