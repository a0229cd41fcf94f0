"""Exceptions in a learner's own cell, as data; as in ``wrong_requests``."""

from __future__ import annotations

from dataclasses import replace

from tests.checks.learner import Learner
from tests.checks.texts import ROUTE
from tests.checks.wrong_requests import BODY, NO_BACKEND, READ, Act, Wrong, in_code, raised, sent


def sooner(delay_s: float) -> Act:
    """The exception came so long after the last request, not minutes."""

    def act(learner: Learner) -> None:
        assert learner.raised is not None
        at = learner.exchanges[-1].started + delay_s
        learner.raised = replace(learner.raised, at=at)

    return act


EXCEPTIONS = (
    in_code(
        "2.4",
        "NameError",
        "name 'GATEWAY_IP' is not defined",
        "shell",
        "`lab.gateway_url`",
    ),
    in_code("2.4b", "NameError", "name 'lab' is not defined", "cells above"),
    in_code("2.4c", "NameError", "name 'true' is not defined", "Python dict"),
    in_code(
        "2.4d",
        "SyntaxError",
        "invalid syntax",
        "shell command",
        code="curl -s localhost:8080/openai",
    ),
    in_code("2.4e", "ModuleNotFoundError", "No module named 'requests'", "httpx"),
    in_code(
        "2.6",
        "httpx.ConnectError",
        "[Errno 111] Connection refused",
        "Nothing listens",
        "gateway_url",
    ),
    in_code(
        "2.6b", "httpx.UnsupportedProtocol", "Request URL is missing an 'http://'", "not complete"
    ),
    in_code("2.6c", "httpx.ConnectError", "[SSL: WRONG_VERSION_NUMBER]", "plain HTTP"),
    in_code("2.6d", "ConnectError", "[Errno -2] Name or service not known", "host name"),
    in_code("2.6e", "openai.APIConnectionError", "Connection error.", "`base_url`"),
    in_code("2.6f", "ProxyError", "403 Forbidden", "proxy"),
    in_code("2.6g", "openai.OpenAIError", "The api_key client option must be set", "placeholder"),
    in_code("2.22", "httpx.ReadTimeout", "timed out", "stopped waiting", "`timeout=`"),
    in_code("2.22b", "openai.APITimeoutError", "Request timed out.", "stopped waiting"),
    in_code("2.22c", "ZeroDivisionError", "division by zero", "ZeroDivisionError", "traceback"),
    in_code(
        "2.22d", "RuntimeError", "asyncio.run() cannot be called from a running event loop", "await"
    ),
    Wrong(
        "2.20",
        (sent(stream=True), raised("json.JSONDecodeError", "Expecting value: line 1 column 1")),
        ("`data: {…}`", "iter_lines"),
        "raised",
    ),
    Wrong(
        "2.20b",
        (NO_BACKEND, raised("KeyError", "'choices'", 'reply["choices"]')),
        ("KeyError: 'choices'", "500 `service not found`", "Finish step 1"),
        "raised",
        ROUTE,
    ),
    Wrong(
        "2.20c",
        (
            sent("/v1/chat/completions", 404, error="route not found"),
            raised("openai.NotFoundError", "Error code: 404 - route not found"),
        ),
        ("NotFoundError", "404 `route not found`", "route's path"),
        "raised",
    ),
    Wrong(
        "2.20d",
        (
            sent("/openai", 401, credential="none"),
            raised("openai.AuthenticationError", "Error code: 401"),
        ),
        ("AuthenticationError", "no key"),
        "raised",
    ),
    Wrong(
        "2.20e",
        (
            sent("/openai", 400, error=f"{READ}missing field `messages`", fields=("message",)),
            raised("json.JSONDecodeError", "Expecting value: line 1 column 1 (char 0)"),
        ),
        ("JSONDecodeError", "you sent `message`"),
        "raised",
    ),
    Wrong(
        "2.20f",
        (
            sent("/openai", 400, error=f"{BODY}model not specified"),
            raised("TypeError", "'Response' object is not subscriptable"),
        ),
        ("TypeError", "model not specified"),
        "raised",
    ),
    Wrong(
        "2.9c",
        (sent(status=415, error="x", method="GET"), raised("AssertionError", "")),
        ("no chat completion: the request was a GET",),
        "raised",
    ),
    Wrong(
        "2.22g",
        (sent(), raised("httpx.ReadTimeout", "timed out"), sooner(0.5)),
        ("stopped waiting", "`timeout=`"),
        "raised",
    ),
    in_code("2.5f", "json.JSONDecodeError", "Expecting value", "something else answered"),
    in_code("2.5g", "openai.AuthenticationError", "Error code: 401", "something else answered"),
    in_code("2.5h", "ConnectError", "[Errno -2]", "OpenAI's own", code="u='api.openai.com'"),
    in_code("2.4f", "NameError", "name 'INGRESS_ADDRESS' is not defined", "shell", "gateway_url"),
    in_code("2.4g", "ConnectError", "[Errno -2]", "after `$`", code="post('http://$IP/openai')"),
    in_code("2.4h", "NameError", "name 'solution' is not defined", "`from checks import …`"),
    in_code("2.4q", "NameError", "name 'htpx' is not defined", "letter by letter", "imported"),
    in_code("2.4r", "NameError", "name 'labgatway' is not defined", "letter by letter"),
    in_code("2.4i", "AttributeError", "'int' object has no attribute 'logs'", "another value"),
    in_code("2.4j", "AttributeError", "module 'labgateway' has no attribute 'logs'", "package"),
    in_code("2.4k", "SyntaxError", "invalid decimal literal", "quotation", code="answer(2.key, x)"),
    in_code("2.4l", "SyntaxError", "incomplete input (<x>, line 1)", "opens needs one that closes"),
    in_code("2.4m", "SyntaxError", "'await' outside async function", "async def"),
    in_code("2.4n", "AttributeError", "'coroutine' object has no attribute 'json'", "`await`"),
    in_code("2.4o", "KeyError", "'OPENAI_API_KEY'", "needs none"),
    in_code("2.4p", "KeyboardInterrupt", "", "interrupted"),
    in_code("2.6h", "InvalidURL", "Invalid port: '8080openai'", "slash"),
    in_code("2.6i", "UnsupportedProtocol", "missing", "`f`", code="post('{lab.gateway_url}')"),
    in_code("2.6j", "ConnectError", "refused", "proxy", code="httpx.post(lab.gateway_url)"),
    in_code("2.6k", "TypeError", "post() takes 1 positional argument but 2 were given", "`json=`"),
)
