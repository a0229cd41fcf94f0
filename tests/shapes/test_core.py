"""Namespace and Secret of core/v1."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from labgateway.shapes.core import Secret

# "Bearer sk-canary-" and "Bearer sk-canary-\r\n", as base64 prints them.
PLAIN = "QmVhcmVyIHNrLWNhbmFyeS0="
WITH_CRLF = "QmVhcmVyIHNrLWNhbmFyeS0NCg=="


def secret(**fields: Any) -> Secret:
    """A Secret with these fields."""
    return Secret.model_validate(
        {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "openai-secret"}, **fields}
    )


@pytest.mark.parametrize("encoded", [PLAIN, WITH_CRLF, "QmVhcmVyIHNr\nLWNhbmFyeS0=\n"])
def test_value_is_plain_text_without_white_space_around(encoded: str) -> None:
    """A key that was encoded with its line end works (F25); so does base64 wrapped into lines."""
    assert secret(data={"Authorization": encoded}).value("Authorization") == "Bearer sk-canary-"


def test_string_data_needs_no_base64() -> None:
    """And wins over ``data``."""
    both = secret(data={"Authorization": PLAIN}, stringData={"Authorization": " Bearer b\n"})
    assert both.value("Authorization") == "Bearer b"


def test_an_entry_that_is_not_there_has_no_value() -> None:
    """None, not an empty text."""
    assert secret(data={"other": PLAIN}).value("Authorization") is None
    assert secret().value("Authorization") is None


def test_bytes_that_are_no_text_are_replaced() -> None:
    """The backend then says that the value cannot be sent."""
    assert secret(data={"Authorization": "/w=="}).value("Authorization") == "\ufffd"


@pytest.mark.parametrize("encoded", ["sk-plain-text", "QQ", "QUJD!", "QUJ D"])
def test_what_is_not_base64_is_refused(encoded: str) -> None:
    """The message names the entry, never the value."""
    with pytest.raises(ValidationError) as refused:
        secret(data={"Authorization": encoded})
    (error,) = refused.value.errors()
    assert error["msg"] == "entry 'Authorization' is not base64 (use stringData for plain text)"


def test_values_do_not_show_in_a_repr() -> None:
    """Neither encoded nor plain."""
    shown = repr(secret(data={"Authorization": PLAIN}, stringData={"other": "sk-canary-1"}))
    assert PLAIN not in shown
    assert "canary" not in shown
