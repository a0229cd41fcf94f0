"""Entries found by a header: the same as by looking at each of them, in the same order."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from labgateway.decisions.header_index import HeaderIndex
from labgateway.decisions.path_index import FEW
from labgateway.decisions.routes import RequestHead
from tests.decisions.resources import in_force, matching, prefix, route, table_of

NAMES, VALUES = st.sampled_from(["x-user", "x-team", "x-none"]), st.sampled_from("abc")
WANTED = st.none() | st.tuples(NAMES, VALUES)


@given(st.lists(WANTED), st.dictionaries(NAMES, VALUES))
def test_it_rules_out_what_a_look_at_each_would(
    wanted: list[tuple[str, str] | None], headers: dict[str, str]
) -> None:
    """Entries without a header are always possible; the order stays."""
    index = HeaderIndex((one, position) for position, one in enumerate(wanted))
    expected = [
        position
        for position, one in enumerate(wanted)
        if one is None or headers.get(one[0]) == one[1]
    ]
    assert list(index.possible(headers)) == expected


def test_routes_that_share_a_path_are_told_apart_by_their_headers() -> None:
    """By value or by pattern; whoever has none of them meets the route that asks for none."""

    def asking(value: str, kind: str = "Exact") -> dict[str, object]:
        return {**prefix("/openai"), "headers": [{"name": "X-User", "type": kind, "value": value}]}

    table = table_of(
        in_force(
            *(route(matching(asking(f"u{n}")), name=f"of-{n}") for n in range(2 * FEW)),
            route(matching(asking("team-.*", "RegularExpression")), name="pattern"),
            route(matching(prefix("/openai")), name="rest"),
        )
    )

    def taken(**headers: str) -> str:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        head = RequestHead("POST", "localhost", "/openai", headers=sent)
        return table.match(head).rule.route.name

    assert [taken(x_user=f"u{n}") for n in range(2 * FEW)] == [f"of-{n}" for n in range(2 * FEW)]
    assert taken(x_user="team-a") == "pattern"
    assert taken(x_user="nobody") == "rest"
    assert taken() == "rest"
