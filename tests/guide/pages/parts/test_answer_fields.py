"""The controls of a card: what excludes what, and what reaches the address."""

from __future__ import annotations

from guide import book as books
from guide.model import Answer
from guide.pages.frame import word
from guide.pages.parts.answer_fields import known_as
from tests.every import every
from tests.guide.pages.screens import address, fine, html, one

PATH = books.book().questions["path"]


def test_each_stretch_of_the_path_is_a_list_of_its_own_in_order() -> None:
    test = one("ask", at="path")
    stretches = [place for place in PATH.places if any(a.place == place for a in PATH.answers.values())]
    assert [m.key for m in test.multiselect] == [f"w_path_in_{place}" for place in stretches]
    for place, shown in zip(stretches, test.multiselect, strict=True):
        assert shown.options == [known_as(a) for a in PATH.answers.values() if a.place == place]
        assert PATH.places[place].title in shown.label
    assert [box.key for box in test.checkbox] == ["w_path_nothing", "w_path_unknown"]


TYPED = (
    "ALB, ELB, NLB, k8s, Kubernetes, EKS, ECS, Fargate, GKE, AKS, Cloud Run, App Runner, Vercel, Next.js rewrites, "
    "Vite dev server, webpack dev server, http-proxy, http-proxy-middleware, oauth2-proxy, Varnish, Docker, plain VM, "
    "Squid as a reverse proxy, AGIC, GCLB, Azure Front Door, AFD, CloudFront, APIGW, cloudflared, Cloudflare Tunnel, "
    "gunicorn, uvicorn, daphne, Traefik, ingress-nginx"
)
"""What engineers call what stands in their path."""


@every("typed", TYPED.split(", "))
def test_what_engineers_type_finds_something(typed: str) -> None:
    assert any(typed.casefold() in known_as(a).casefold() for a in PATH.answers.values() if a.place)


def test_each_alias_is_found_in_the_list_of_its_stretch_and_none_is_said_twice() -> None:
    for answer in PATH.answers.values():
        label = known_as(answer).casefold()
        assert all(label.count(alias.casefold()) >= 1 for alias in answer.aliases)
    said = Answer(text="Amazon ECS", said="it", aliases=("ecs", "Fargate"))
    assert known_as(said) == "Amazon ECS (Fargate)"


@every("place", list(PATH.places))
def test_each_stretch_has_another_that_is_not_listed_and_assumes_nothing(place: str) -> None:
    [other] = [a for a in PATH.answers.values() if a.place == place and a.text.endswith(", not listed")]
    assert other.text.startswith("Another ")
    assert other.limits == ()
    assert "probe" in (other.hint or "")


def test_what_stands_in_one_stretch_leaves_the_others_alone() -> None:
    test = one("ask", at="path", a="1~path.railway")
    fine(test.multiselect(key="w_path_in_proxy").select("envoy").select("nginx").run())
    assert address(test)["a"] == "1~path.nginx.envoy.railway", "as a request meets them"
    again = one("ask", at="path", a="1~path.railway.nginx.envoy")
    fine(again.multiselect(key="w_path_in_hosting").unselect("railway").run())
    fine(again.multiselect(key="w_path_in_proxy").unselect("nginx").run())
    assert address(again)["a"] == "1~path.envoy"


def test_equal_answers_have_equal_links() -> None:
    links = set()
    for order in (("envoy", "nginx"), ("nginx", "envoy")):
        test = one("ask", at="path")
        for tier in order:
            fine(test.multiselect(key="w_path_in_proxy").select(tier).run())
        links.add(address(test)["a"])
    assert len(links) == 1


def test_what_stands_alone_excludes_the_rest_and_is_excluded_by_it() -> None:
    test = one("ask", at="path", a="1~path.nginx.railway")
    fine(test.checkbox(key="w_path_nothing").check().run())
    assert address(test)["a"] == "1~path.nothing"
    fine(test.checkbox(key="w_path_unknown").check().run())
    assert address(test)["a"] == "1~path.unknown"
    fine(test.multiselect(key="w_path_in_proxy").select("nginx").run())
    assert address(test)["a"] == "1~path.nginx"
    fine(test.multiselect(key="w_path_in_proxy").unselect("nginx").run())
    assert "a" not in address(test)


def test_the_check_page_names_what_stands_in_the_path() -> None:
    shown = html(one("ask", at="check", a="1~path.nginx.railway"))
    assert "Railway" in shown
    assert "nginx" in shown
    assert word("check.unanswered") in shown
