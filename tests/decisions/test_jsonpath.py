"""JSONPath in kubectl's dialect: what a template finds, and why it finds nothing."""

from __future__ import annotations

from typing import Any

import pytest

from labgateway.decisions.jsonpath import Unparsed, parse
from labgateway.decisions.jsonpath_steps import Unfit

DOCUMENT = {
    "kind": "List",
    "items": [
        {"name": "a", "port": 80, "on": True, "share": 0.5, "tags": ["x", "y"], "a.b/c": "odd"},
        {"name": "b", "port": 90, "tags": []},
    ],
}


@pytest.mark.parametrize(
    ("template", "found"),
    [
        ("text", [["text"]]),
        ("", []),
        ("{.kind}", [["List"]]),
        ("{kind is }{.kind}", Unfit("unrecognized identifier kind")),
        ("a{.kind}b", [["a"], ["List"], ["b"]]),
        ("{.items[*].name}", [["a", "b"]]),
        ("{$.items[*].name}{@.kind}", [["a", "b"], ["List"]]),
        ("{ .items[0] .name }", [["a"]]),
        ("{.nope}{.kind.nope}", [[], []]),
        ("{.items[-1].name}{.items[0:1].name}{.items[::2].name}", [["b"], ["a"], ["a"]]),
        ("{.items[-2:-1].name}{.items[1:].name}{.items[2:2]}", [["a"], ["b"], []]),
        ("{.items[0,1].name}", [["a", "b"]]),
        ("{.items[*]['name','port']}", [["a", "b", 80, 90]]),
        (r"{.items[*].a\.b/c}{.items[*]['a\.b/c']}", [["odd"], ["odd"]]),
        ("{.items[*].tags.*}{.items[*].tags[*]}", [["x", "y"], ["x", "y"]]),
        ("{.items[1].*}", [["b", 90, []]]),
        ("{..port}{.items..name}", [[80, 90], ["a", "b"]]),
        ('{"a\\t"}{\'b"\'}{"\\x41\\u0042\\101"}', [["a\t"], ['b"'], ["ABA"]]),
        ("{1}{-2}{1.5}{true}{false}", [[1], [-2], [1.5], [True], [False]]),
        ('{.items[?(@.name=="a")].port}', [[80]]),
        ("{.items[?(@.name!='a')].port}", [[90]]),
        ("{.items[?(@.port>80)].name}{.items[?(@.port<=90)].name}", [["b"], ["a", "b"]]),
        ("{.items[?(@.port>=90)].name}{.items[?(@.port<90)].name}", [["b"], ["a"]]),
        ("{.items[?(@.on)].name}{.items[?(@.on==true)].name}", [["a"], ["a"]]),
        ("{.items[?(@.share>0.1)].name}", [["a"]]),
        ('{.items[?(@.name==")")].name}', [[]]),
        (
            "{range .items[*]}{.name}:{.port}\n{end}",
            [["a"], [":"], [80], ["\n"], ["b"], [":"], [90], ["\n"]],
        ),
        ("{range .items[*]}{range .tags[*]}{@}{end}/{end}.", [["x"], ["y"], ["/"], ["/"], ["."]]),
        ("{range .nope[*]}{.name}{end}z", [["z"]]),
        ("{range .items[*]}{.name}", [["a"], ["b"], []]),
    ],
)
def test_what_a_template_finds(template: str, found: Any) -> None:
    """The values of each action and each text, in order."""
    if isinstance(found, Unfit):
        with pytest.raises(Unfit, match=str(found)):
            parse(template).values(DOCUMENT)
    else:
        assert parse(template).values(DOCUMENT) == found


@pytest.mark.parametrize(
    ("template", "why"),
    [
        ("{.items[5]}", "array index out of bounds: index 5, length 2"),
        ("{.items[-3]}", "array index out of bounds: index -1, length 2"),
        ("{.items[0:9]}", "array index out of bounds: index 8, length 2"),
        ("{.items[4:5]}", "array index out of bounds: index 4, length 2"),
        ("{.items[1:0]}", "starting index 1 is greater than ending index 0"),
        ("{.items[::0]}", "step must be > 0"),
        ("{.kind[0]}", "string is not array or slice"),
        ("{.items[0][0]}", "map[string]interface {} is not array or slice"),
        ("{.kind[?(@.x)]}", "List is not array or slice and cannot be filtered"),
        ("{end}", "not in range, nothing to end"),
        ("{.items[?(@.port==true)]}", "incompatible types for comparison"),
        ("{.items[?(@.port>0.5)]}", "incompatible types for comparison"),
        ("{.items[?(@.on>true)]}", "invalid type for comparison"),
        ("{.items[?(@.tags=='x')]}", "invalid type for comparison"),
        ("{.items[?(@.tags[*]=='x')]}", "can only compare one element at a time"),
        ("{.items[?(@.port=<1)]}", "unrecognized filter operator =<"),
    ],
)
def test_why_a_path_does_not_fit(template: str, why: str) -> None:
    """In the words of kubectl's library."""
    with pytest.raises(Unfit) as refused:
        parse(template).values(DOCUMENT)
    assert str(refused.value) == why


@pytest.mark.parametrize(
    ("template", "why"),
    [
        ("{.kind", "unclosed action"),
        ("{.ki\nnd}", "unclosed action"),
        ("{%}", "unrecognized character in action: U+0025 '%'"),
        ('{"x}', "unterminated quoted string"),
        ("{.items[}", "unterminated array"),
        ("{.items[x]}", "invalid array index x"),
        ("{.items[-]}", "array index - is not a number"),
        ('{.items[?(@.x=="a"}', "unterminated filter"),
        ("{.items[?(@.x)}", "unclosed array expect ]"),
        ("{....name}", "invalid multiple recursive descent"),
        ("{1.2.3}", "cannot parse number 1.2.3"),
        (r'{"\q"}', r'unquote string "\q" error invalid syntax'),
    ],
)
def test_why_a_template_cannot_be_read(template: str, why: str) -> None:
    """In the words of kubectl's library."""
    with pytest.raises(Unparsed) as refused:
        parse(template)
    assert str(refused.value) == why
