"""What is wrong with text that is not YAML, in words for the one who wrote it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from checks.challenge import BLANK
from checks.llm_routing.names import quoted
from checks.llm_routing.refusal import Refusal
from checks.verdict import NotRight, NotYet, Unpassed

Test = Callable[[Refusal], bool]

NO_BREAK_SPACE = "\u00a0"
_MAGIC = r"^\s*%%\w"
_FENCE = r"^\s*```"
_COMMAND = r"^\s*([$!%]+\s*)?(kubectl|cat|curl|source)\b"
_END_MARK = r"^\s*(EOF|EOT|YAML|END)\s*$"
_FOREIGN = re.compile(f"{_MAGIC}|{_FENCE}|{_COMMAND}|{_END_MARK}")
_OPEN_QUOTE = re.compile(r""":\s*("[^"]*|'[^']*)$""")


@dataclass(frozen=True)
class Mistake:
    """One way to miss YAML; the texts may name {line}, {source}, {above} and {above_line}."""

    test: Test
    saw: str
    why: str
    next_step: str


def unreadable(given: Refusal) -> Unpassed:
    """The verdict on a document that could not be read."""
    refusal = _at_its_cause(given)
    number, above = refusal.before
    words = {
        "line": refusal.problem.line or "?",
        "source": quoted(refusal.source),
        "above": quoted(above),
        "above_line": number,
    }
    if BLANK in refusal.source:
        return blank(refusal, refusal.where)
    mistake = next((one for one in MISTAKES if one.test(refusal)), None)
    if mistake is None:
        said = re.sub(r"^.*yaml: (line \d+: )?", "", refusal.problem.message)
        return NotRight(
            "Your text stops being YAML here",
            refusal.where,
            f"kubectl's words for it: {quoted(said)}",
            (_FALLBACK if above.strip() else _ALONE).format(**words),
        )
    return NotRight(
        mistake.saw.format(**words),
        "" if "{source}" in mistake.saw else refusal.where,
        " ".join(filter(None, [mistake.why.format(**words), _half_applied(refusal)])),
        mistake.next_step.format(**words),
    )


def blank(refusal: Refusal, where: str) -> NotYet:
    """A blank of the task that is still open."""
    return NotYet(
        f"{refusal.subject} still has a blank `{BLANK}`",
        where,
        "",
        "Replace it, apply again, then check",
    )


def _at_its_cause(refusal: Refusal) -> Refusal:
    """The refusal moved to the line that brought it about, when that is an earlier one."""
    number, above = refusal.before
    lines = enumerate(refusal.attempt.text.splitlines(), start=1)
    quotes = [(n, line) for n, line in lines if _OPEN_QUOTE.search(line)]
    if quotes:
        number, above = quotes[0]
    elif _FOREIGN.search(refusal.source) or not _FOREIGN.search(above):
        return refusal
    return replace(refusal, problem=replace(refusal.problem, line=number, source=above))


def _half_applied(refusal: Refusal) -> str:
    if not refusal.applied:
        return ""
    routes = any(name.startswith("HTTPRoute") for name in refusal.applied)
    lost = ", and now points at nothing" if routes else ""
    return f"{' and '.join(refusal.applied)} in the same text was applied all the same{lost}."


def _closed_block(refusal: Refusal) -> bool:
    _, above = refusal.before
    deeper = _indent(refusal.source) > _indent(above)
    return deeper and re.search(r":\s*[{\[]\s*[}\]]\s*$", above) is not None


def _closed_before_model(refusal: Refusal) -> bool:
    return _closed_block(refusal) and refusal.source.strip().startswith("model")


def _value_then_block(refusal: Refusal) -> bool:
    _, above = refusal.before
    has_value = re.search(r"^\s*(- )?[\w.-]+:\s+[^\s#|>&{\[]", above) is not None
    return has_value and _indent(refusal.source) > _indent(above)


def _missing_colon(refusal: Refusal) -> bool:
    return any(re.fullmatch(r"\s*(- )?\w+ [\w./-]+\s*", line) for line in _around(refusal))


def _missing_space(refusal: Refusal) -> bool:
    return any(re.fullmatch(r"\s*(- )?\w+:[\w./-]+\s*", line) for line in _around(refusal))


def _around(refusal: Refusal) -> tuple[str, str]:
    return refusal.before[1], refusal.source


def _indent(line: str) -> int:
    """The column of the key: a list item's dash belongs to the indentation."""
    return len(re.match(r"[\s-]*", line)[0])  # type: ignore[index]  # matches the empty string too


def _source(pattern: str) -> Test:
    return lambda refusal: re.search(pattern, refusal.source) is not None


def _said(pattern: str) -> Test:
    return lambda refusal: re.search(pattern, refusal.said) is not None


_FALLBACK = (
    "Compare lines {above_line} and {line}: keys of one block start in the same column, what is"
    " inside a block starts further right"
)

_ALONE = (
    "Look at the lines above it as well: keys of one block start in the same column, what is inside"
    " a block starts further right"
)

MISTAKES = (
    Mistake(
        _source(r"^\s*\t"),
        "Line {line} ({source}) is indented with a tab",
        "YAML takes only spaces there.",
        "Replace the tab by as many spaces as the lines around it have",
    ),
    Mistake(
        _source(NO_BREAK_SPACE),
        "Line {line} ({source}) holds a no-break space, which looks like a space and is none",
        "It comes along when text is copied from a web page.",
        "Delete the white space at the line's start and type it again",
    ),
    Mistake(
        _source(_FENCE),
        "Line {line} ({source}) is a Markdown fence",
        "The fence belongs to the page that the text was copied from, not to the manifest.",
        "Delete the fence lines and keep what is between them",
    ),
    Mistake(
        _source(_MAGIC),
        "Line {line} of the text is a magic ({source})",
        "A cell magic counts only on the very first line of a cell.",
        "Move `%%kubectl apply -f -` to the first line, or delete the second one",
    ),
    Mistake(
        _source(_COMMAND),
        "Line {line} ({source}) is a shell command, not YAML",
        "In a `%%kubectl` cell only the magic's own line is a command.",
        "Keep the manifest alone below `%%kubectl apply -f -`",
    ),
    Mistake(
        _source(_END_MARK),
        "Line {line} ({source}) is the end mark of a shell command",
        "Without its first line (`kubectl … <<EOF`) the mark is read as part of the manifest.",
        "Delete the mark; in a `%%kubectl` cell the manifest ends with the cell",
    ),
    Mistake(
        _closed_before_model,
        "Line {line} ({source}) is indented under line {above_line} ({above}), whose brackets have"
        " already closed that block",
        "You may have copied it faithfully: the published text has this slip.",
        "Decide who names the model: if the backend does, {source} has to be the content of the"
        " block, which then has no brackets; if the client does, line {line} goes",
    ),
    Mistake(
        _closed_block,
        "Line {line} ({source}) is indented under line {above_line} ({above}), whose brackets have"
        " already closed that block",
        "",
        "Drop the empty brackets if line {line} belongs inside, or indent it less if it does not",
    ),
    Mistake(
        _said(r"already (set|defined)|duplicate"),
        "A field is given twice in one document",
        "Two resources in one text are two documents.",
        "Look whether the line `---` between the two resources is missing",
    ),
    Mistake(
        _source(_OPEN_QUOTE.pattern),
        "Line {line} ({source}) opens a quotation mark and does not close it",
        "Everything after it is read as one long text.",
        "Close it, with the same kind of mark",
    ),
    Mistake(
        _said(r"expected ',' or '[}\]]'"),
        "A brace or bracket is opened and not closed",
        "In flow style every `{{` needs its `}}`, with commas between the fields.",
        "Close it on line {above_line}, or write the block on lines of its own",
    ),
    Mistake(
        _missing_colon,
        "A line near {line} has a name and a value without a colon between them",
        "",
        "Put a colon and a space after the field's name",
    ),
    Mistake(
        _missing_space,
        "A line near {line} has no space after its colon",
        "YAML reads the whole of it as one word.",
        "Put a space after the colon",
    ),
    Mistake(
        _value_then_block,
        "Line {line} ({source}) is indented under line {above_line} ({above}), which already has a"
        " value",
        "A field has either a value on its line or a block below it.",
        "Move line {line} back to the column of its neighbours",
    ),
    Mistake(
        _source(r":\s.*:\s"),
        "Line {line} ({source}) has two colons",
        "After the first one YAML expects a plain value.",
        "Put the value into quotes, or move the second field to a line of its own",
    ),
    Mistake(
        _said(r"expected '-' indicator"),
        "A list ends before its items do",
        "Every item of a list starts with a dash, all dashes in the same column.",
        "Line up the dashes around line {line}",
    ),
)
