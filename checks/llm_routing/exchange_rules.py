"""What the status and the error of an exchange mean, and what to do next."""

from __future__ import annotations

from dataclasses import dataclass

_CLIENT_CLOSED = 499  # nginx's status for a client that went away


@dataclass(frozen=True)
class Row:
    """Exchanges with this status and such an error, and what to say of them.

    The texts may name {error} and {wait}, what to do when a provider does not answer.
    """

    status: int
    error: str
    saw: str
    why: str
    next_step: str


ROWS = (
    Row(
        200,
        r".",
        "The answer began and broke off: {error}",
        "A stream that ends early is not an answer.",
        "Send the request once more",
    ),
    Row(
        400,
        r"body is empty",
        "400: the request had no body",
        "A chat completion is asked for in the body, as JSON.",
        "Pass the dict with `json=`; with curl use `-d`",
    ),
    Row(
        400,
        r"not JSON",
        "400 and the gateway's words for it: {error}",
        "JSON has double quotes only, and no comma after the last entry.",
        "Pass a Python dict with `json=` and let httpx write the JSON; for curl, put the JSON"
        " between single quotes",
    ),
    Row(
        400,
        r"not a JSON object",
        "400: the body is JSON, but one text or list instead of an object with fields",
        "`json=` turns a dict into JSON by itself; a text stays a text.",
        "Give it the dict with `model` and `messages`, without `json.dumps`",
    ),
    Row(
        400,
        r"`messages` is not an array",
        "400: `messages` is not a list",
        "A conversation has several messages, even if this one has a single one.",
        "Put square brackets around the message",
    ),
    Row(
        400,
        r"`model` is not a string",
        "400: `model` is not text",
        "",
        "Name one model, in quotes",
    ),
    Row(
        400,
        r"model not specified",
        "400 `model not specified`: neither your request nor your backend names a model",
        "With `openai: {{}}` the choice is the client's.",
        "Name a model in the body, or let the backend pin one",
    ),
    Row(
        400,
        r"Host",
        "400: the gateway did not accept the Host header",
        "A request has exactly one, made from the URL.",
        "Leave the header out; the client sets it",
    ),
    Row(
        400,
        r"failed to",
        "400 and the gateway's words for it: {error}",
        "The gateway reads the body to find the model, before any model is asked.",
        "Correct that part of the body",
    ),
    Row(
        400,
        r"",
        "400: the provider did not accept the body",
        "It is forwarded as you wrote it.",
        "Read the answer's text; it names the field",
    ),
    Row(
        401,
        r"",
        "401: the provider got no key that it knows",
        "",
        "Look at `policies` of your backend: step 1's check says more",
    ),
    Row(
        403,
        r"",
        "403: the request came from a web page of another origin",
        "Any page can reach a port on this machine, and would spend your key.",
        "Send it from a notebook cell or a terminal",
    ),
    Row(
        404,
        r"",
        "404 from the provider: it has no such model or path",
        "The gateway passed your request on; the route is in order.",
        "Look at the `model` you sent, and at the answer's text",
    ),
    Row(
        413,
        r"",
        "413: the body is over the gateway's limit",
        "",
        "Send a shorter conversation",
    ),
    Row(
        415,
        r"",
        "415: the request does not say that its body is JSON (`content-type: application/json`)",
        "The gateway insists on it: without, any web page could send requests in your name.",
        "Pass the dict with `json=`, which writes the body and sets the header; with curl add the"
        " header with `-H`",
    ),
    Row(
        429,
        r"",
        "429: the provider takes no more requests from this key for now",
        "Its limit or its credit is used up; the gateway passed that on.",
        "Wait a little, or start the lab without a key and let its own model answer",
    ),
    Row(
        _CLIENT_CLOSED,
        r"",
        "Your client went away before the model had answered",
        "The gateway then stops the call to the provider as well.",
        "Give the client a longer `timeout=`, and let the cell finish",
    ),
    Row(
        502,
        r".",
        "502: what answered is not OpenAI's API: {error}",
        "",
        "Look at `host` and `path` of your backend, if it has them",
    ),
    Row(
        503,
        r".",
        "503: the gateway could not reach the provider: {error}",
        "Route and backend are in order; the place they lead to does not answer.",
        "{wait}",
    ),
    Row(
        504,
        r".",
        "504 {error}: the time that the route allows ran out",
        "`timeouts` of the route count from the request's first byte.",
        "Look at the timeout's number and unit, or ask for a shorter answer",
    ),
)
