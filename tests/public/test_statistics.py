"""The statistics page: what two have published, and nothing that is counted while somebody looks."""

from __future__ import annotations

from flask.testing import FlaskClient

from tests.support.followed_up import draft_of, end_year, publish
from tests.support.story import Story
from tipportal.cli.demo_staffing import HANDLERS, SLUG
from tipportal.usecases import publishing

PAGE = f"/{SLUG}/statistik"


def test_without_a_publication_there_is_nothing_to_read(client: FlaskClient, story: Story) -> None:
    assert PAGE in client.get(f"/{SLUG}/").text
    before = client.get(PAGE)
    assert "Ingen rapport är publicerad än." in before.text
    story.tip()
    assert client.get(PAGE).data == before.data


def test_a_publication_is_read_by_anybody_in_two_languages_and_as_files(client: FlaskClient, story: Story) -> None:
    end_year(story)
    publication = publish(story, draft_of(story))
    assert f"{PAGE}/{publication}" in client.get(PAGE).text
    page = client.get(f"{PAGE}/{publication}").text
    assert "<table" in page
    assert "Filerna att ladda ner görs just nu." in page
    assert "Annual follow-up" in client.get(f"/en{PAGE}/{publication}").text
    assert client.get(f"{PAGE}/{publication}/pdf").status_code == 404
    publishing.make_files(story.handler)
    for form, kind in (("pdf", "application/pdf"), ("json", "application/json"), ("csv", "text/csv")):
        assert f"{PAGE}/{publication}/{form}" in client.get(f"{PAGE}/{publication}").text
        answer = client.get(f"{PAGE}/{publication}/{form}")
        assert (answer.status_code, answer.mimetype) == (200, kind)
        assert answer.headers["Content-Disposition"].startswith(f'attachment; filename="{SLUG}-')
    assert client.get(f"{PAGE}/{publication}/exe").status_code == 404


def test_what_is_not_published_of_the_organisation_is_not_found(client: FlaskClient, story: Story) -> None:
    end_year(story)
    outside = next(post.organisation for post in HANDLERS if post.organisation != SLUG)
    with story.handler.storage.read() as uow:
        other = uow.register.organisation(outside)
    assert other is not None
    theirs = publish(story, draft_of(story, other.id))
    for publication in (theirs, "0" * 32):
        assert client.get(f"{PAGE}/{publication}").status_code == 404
        assert client.get(f"{PAGE}/{publication}/json").status_code == 404
    own = publish(story, draft_of(story, story.municipality.function.organisation_id))
    assert client.get(f"{PAGE}/{own}").status_code == 200
    assert theirs not in client.get(PAGE).text
