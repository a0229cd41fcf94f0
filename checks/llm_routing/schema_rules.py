"""Broken rules of the API server's schema, and what to tell the one who broke them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Rule:
    """A rule, known by its field path and the API server's words (both regular expressions).

    The texts may name {value} (what was given), {name} (the field's) and {subject}.
    """

    field: str
    said: str
    saw: str
    why: str
    next_step: str


RULES = (
    Rule(
        r"metadata\.name$",
        r"RFC 1123",
        "{value} is not a legal name",
        "Names take lower-case letters, digits, `-` and `.`, and start and end with a letter or"
        " digit.",
        "Rename it, in every place that refers to it too",
    ),
    Rule(
        r"metadata\.name$|^metadata$",
        r"Required value",
        "{subject} has no name",
        "Other resources refer to it by its name.",
        "Give it a `name` inside its `metadata`",
    ),
    Rule(
        r"backendRefs\[\d+\]\.group$|parentRefs\[\d+\]\.group$",
        r"should match",
        "`group` holds {value}, which is not the name of an API group alone",
        "A reference takes no version; only `apiVersion` has one.",
        "Keep the part before the slash",
    ),
    Rule(
        r"path\.type$",
        r"Unsupported value",
        "{value} is not a type of path match",
        "The old Ingress had other words; HTTPRoute knows `Exact`, `PathPrefix` and"
        " `RegularExpression`, spelled like this.",
        "Choose the one that also takes what comes after `/openai/`",
    ),
    Rule(
        r"\.path$",
        r"start with '/'",
        "The path {value} does not start with a slash",
        "A request's path always does.",
        "Write the path the way it stands in a URL after host and port",
    ),
    Rule(
        r"\.path$",
        r"must (not|only) ",
        "The path {value} holds characters that a path match does not take",
        "It is compared with the request's path piece by piece, between slashes.",
        "Write the path alone, without double slashes or dots, `#`, `?` or spaces",
    ),
    Rule(
        r"timeouts\.\w+$",
        r"of type string",
        "{name} holds {value} without a unit",
        "A duration needs a unit, or 120 could be milliseconds or hours.",
        "Add the unit and put the whole in quotes",
    ),
    Rule(
        r"timeouts\.\w+$",
        r"should match",
        "{value} is not a duration",
        "A duration is digits and a unit (`h`, `m`, `s` or `ms`) without a space, in straight"
        " quotes.",
        "Write the number of seconds and their unit",
    ),
    Rule(
        r"timeouts",
        r"cannot be longer",
        "`backendRequest` is longer than `request`",
        "The whole request contains the call to the backend.",
        "Make `request` the longer one, or leave `backendRequest` out",
    ),
    Rule(
        r"hostnames",
        r"should match",
        "{value} is not a host name",
        "A hostname has no scheme, port, path or capital letter.",
        "Step 1 asks for no hostname: leave `hostnames` out",
    ),
    Rule(
        r"\.method$",
        r"Unsupported value",
        "{value} is not an HTTP method",
        "Methods are written in capitals.",
        "Correct it, or leave `method` out: step 1 does not ask for one",
    ),
    Rule(
        r"backendRefs\[\d+\]$",
        r"Must have port",
        "This backendRef does not say what kind of thing it points to",
        "Without `kind` and `group` it means a Service, which needs a `port`.",
        "Say which kind your backend is; its first two lines have the words",
    ),
    Rule(
        r"spec\.ai\.provider$",
        r"exactly one",
        "`provider` names no provider, or more than one",
        "A field with nothing after its colon counts as not given.",
        "Keep one provider; when it has nothing to set, give it an empty block: `{{}}`",
    ),
    Rule(
        r"spec\.ai$|^spec$",
        r"exactly one|Required value",
        "{subject} does not say where traffic goes",
        "",
        "Compare what stands under `spec` with the worked example, level by level",
    ),
    Rule(
        r"auth$",
        r"at most one of the fields",
        "`auth` names more than one credential",
        "The gateway sends one key.",
        "Keep the one that refers to a Secret; a key in a manifest ends up in files and histories",
    ),
    Rule(
        r"policies$|auth$|auth\.secretRef$",
        r"at least one|must specify credentials|Required value",
        "{name} has nothing in it, so the gateway has no key to send",
        "",
        "Compare the lines under `policies` with the worked example, level by level",
    ),
    Rule(
        r"",
        r"must be of type array",
        "{name} has to be a list",
        "There can be several, so each one is an item of its own.",
        "Start the first line of the item with `- `, and indent the rest of it to match",
    ),
    Rule(
        r"",
        r'must be of type object: "array"',
        "{name} is a list here; it has to be one block",
        "",
        "Take the dash away and keep the indentation of what it held",
    ),
    Rule(
        r"spec\.ai\.provider$",
        r"must be of type object",
        "`provider` holds {value}, one word; it has to be a block",
        "Each provider is a field inside it, with settings of its own.",
        "Put the provider's name on a line of its own below `provider:`, with a colon and a block",
    ),
    Rule(
        r"provider\.openai$",
        r"must be of type object",
        "`openai` holds {value}, one word; it has to be a block",
        "The model is one of several settings a provider can have.",
        "Name the setting on a line of its own inside the block",
    ),
    Rule(
        r"",
        r"must be of type object",
        "{name} holds {value}, one word; it has to be a block",
        "",
        "Move the value below, under the name of the field it is for; the worked example has the"
        " shape",
    ),
    Rule(
        r"",
        r'must be of type string: "(array|object)"',
        "{name} holds a list or a block where one word has to be",
        "Square brackets and a dash make a list, braces and a colon make a block.",
        "Write the value alone after the colon",
    ),
    Rule(
        r"",
        r"must be of type string",
        "{name} holds {value}, which YAML reads as something else than text",
        "",
        "Put it into quotes",
    ),
    Rule(
        r"",
        r"must be of type (integer|number)",
        "{name} holds text where a number has to be",
        "",
        "Take the quotes away",
    ),
    Rule(
        r"",
        r"Required value",
        "{name} is missing in {subject}",
        "",
        "Add it; the worked example shows where it stands",
    ),
    Rule(
        r"",
        r"at least \d+ chars",
        "{name} is empty",
        "An empty text is not the same as no text.",
        "Give it a value, or delete the line",
    ),
)
