"""What is said of lists."""

from __future__ import annotations

from labgateway.shapes.marks import Distinct


def test_a_set_has_no_value_twice() -> None:
    """JSON values are the same when they read the same: 1 is not true."""
    assert list(Distinct().repeated(["a", "b", "a", "a"])) == [(2, "a"), (3, "a")]
    assert list(Distinct().repeated([1, True, {"a": [1]}, {"a": [1]}])) == [(3, {"a": [1]})]


def test_a_keyed_list_has_no_key_twice() -> None:
    """Two entries without the key are alike."""
    entries = [{"name": "a"}, {"name": "b"}, {"name": "a"}, {}, 5]
    assert list(Distinct("name").repeated(entries)) == [(2, {"name": "a"}), (4, {})]


def test_a_long_list_takes_no_longer_than_it_is_long() -> None:
    """A hundred thousand entries, all different."""
    assert list(Distinct().repeated([str(n) for n in range(100_000)])) == []
