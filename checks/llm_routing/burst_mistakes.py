"""Why there are no three requests at the same time, told from what arrived."""

from __future__ import annotations

from checks.challenge import BLANK
from checks.llm_routing.burst import (
    SLUG,
    WANTED,
    began,
    ended,
    last_attempt,
    number_of,
    numbers,
    own,
    prompt_of,
    together,
)
from checks.llm_routing.exchange_mistakes import answered, blank_in, goes_to_openai, went_wrong
from checks.llm_routing.names import PATH, quoted
from checks.llm_routing.obstacle import in_the_way
from checks.verdict import NotRight, NotYet, Unpassed
from labgateway.decisions.exchange import Exchange
from labgateway.memory.observation import Observation

_ASKED = "`Count to 1`, `Count to 2`, `Count to 3`"
_CLIENT_LEFT = 499
_QUOTED = 40


def what_is_missing(seen: Observation) -> Unpassed:
    """The first thing that keeps the last attempt from being right."""
    attempt = last_attempt(seen)
    if not attempt:
        return _nothing_sent(seen)
    return (
        _blank(attempt)
        or _failed(seen, attempt)
        or _prompts(attempt)
        or _too_few(attempt)
        or _one_by_one(attempt)
    )


def _nothing_sent(seen: Observation) -> NotYet:
    trouble = in_the_way(seen)
    if trouble is not None:
        return NotYet(
            "Step 7 needs the route and the backend of step 1, and that is not finished",
            "",
            f"{trouble.saw}.",
            "Finish step 1 (`check(1)` says what to do), or take the solutions so far:"
            " `from checks import skip_to`, then `skip_to(7)`",
        )
    if SLUG in seen.reset_at and any(goes_to_openai(one) for one in seen.exchanges):
        return NotYet(
            f"No request to `{PATH}` has come since you began the step again",
            "",
            "What came before belongs to the steps before.",
            f"Send three at the same time: {_ASKED}",
        )
    saw = f"No request to `{PATH}` has come since the step began"
    astray = [one for one in seen.exchanges if one.started > began(seen) and answered(one)]
    elsewhere = [group for group in together(astray) if len(group) >= len(WANTED)]
    if elsewhere:
        return NotYet(
            f"Requests were under way at the same time along {quoted(elsewhere[-1][0].path)}, and"
            f" none along `{PATH}`",
            "",
            "",
            f"Send the three along your own route, `{PATH}`: {_ASKED}",
        )
    if own(seen):
        saw = f"The gateway has seen requests to `{PATH}`, and never three of them at the same time"
    return NotYet(
        saw,
        "",
        "An `async` function that is called has not run yet: it sends when somebody awaits it.",
        f"Send three at the same time, {_ASKED}, and await them together",
    )


def _blank(attempt: list[Exchange]) -> NotYet | None:
    for one in attempt:
        if BLANK in (prompt_of(one) or ""):
            return NotYet(
                f"A prompt still has a blank: {quoted(prompt_of(one) or '', _QUOTED)}",
                next_step="Fill it in, run the cell again, then check",
            )
    return next((blank for one in attempt if (blank := blank_in(one)) is not None), None)


def _failed(seen: Observation, attempt: list[Exchange]) -> Unpassed | None:
    failed = [one for one in attempt if not answered(one)]
    if not failed:
        return None
    if failed[-1].status == _CLIENT_LEFT:
        return NotRight(
            f"{_share(attempt, failed)} given up by the client before the model had answered",
            "",
            "When a client is closed, or a task is dropped, its requests end with it.",
            "Wait for all three inside the `async with` block, and give the client a longer"
            " `timeout=`",
        )
    wrong = went_wrong(seen, failed[-1])
    return type(wrong)(
        f"{_share(attempt, failed)} not answered: {_inside(wrong.saw)}",
        wrong.where,
        wrong.why,
        wrong.next_step,
    )


def _share(attempt: list[Exchange], failed: list[Exchange]) -> str:
    """How many of the last requests something is said of, with the verb."""
    if len(attempt) == 1:
        return "Your last request was"
    verb = "was" if len(failed) == 1 else "were"
    return f"Of your last {len(attempt)} requests {len(failed)} {verb}"


def _inside(sentence: str) -> str:
    """A sentence as the second half of another."""
    return f"the {sentence[4:]}" if sentence.startswith("The ") else sentence


def _prompts(attempt: list[Exchange]) -> NotRight | None:
    """Prompts that can be read, and are not the three that were asked for."""
    said = [prompt for one in attempt if (prompt := prompt_of(one)) is not None]
    if len(said) < len(attempt):
        return None
    if any("{" in prompt for prompt in said):
        literal = next(prompt for prompt in said if "{" in prompt)
        return NotRight(
            f"A prompt reads {quoted(literal, _QUOTED)}, braces and all",
            "",
            "Python fills in what stands in braces only when there is an `f` before the quotes.",
            "Put the `f` there",
        )
    strange = [prompt_of(one) or "" for one in attempt if number_of(one) is None]
    if strange:
        return NotRight(
            f"A prompt reads {quoted(strange[-1], _QUOTED)}",
            "",
            "This step counts on three prompts that differ in one number only.",
            f"Ask for {_ASKED}",
        )
    return _numbers(attempt, numbers(attempt))


def _numbers(attempt: list[Exchange], found: set[int]) -> NotRight | None:
    listed = ", ".join(str(one) for one in sorted(number_of(each) or 0 for each in attempt))
    if found <= WANTED and len(found) == len(attempt):
        return None
    if 0 in found:
        return NotRight(
            f"The prompts count to {listed}; asked are 1, 2 and 3",
            "",
            "`range(3)` begins at 0 and ends before 3.",
            "Say where the range begins, too: its first number is in it, its last is not",
        )
    if len(found) < len(attempt):
        return NotRight(
            f"The prompts count to {listed}: the same number more than once",
            "",
            "A function that looks its number up in a loop's variable finds the last one there.",
            "Hand the number over as an argument of the function that asks",
        )
    return NotRight(f"The prompts count to {listed}; asked are 1, 2 and 3", "", "", f"Ask {_ASKED}")


def _too_few(attempt: list[Exchange]) -> NotRight | None:
    if len(attempt) == len(WANTED):
        return None
    return NotRight(
        f"Of three requests {len(attempt)} had been answered when you checked",
        "",
        "A task that nobody awaits may not have run yet, and an exception in a task or a thread is"
        " silent until somebody asks for its result.",
        "Wait for all of them: `await asyncio.gather(…)`; with threads, call `.result()` on each",
    )


def _one_by_one(attempt: list[Exchange]) -> NotRight:
    began = attempt[0].started
    times = [f"{one.started - began:.3f} to {ended(one) - began:.3f} s" for one in attempt]
    most = max(len(group) for group in together(attempt))
    if most > 1:
        return NotRight(
            "At most two of the three requests were under way at the same time",
            "",
            "A semaphore, a limit of connections or an early `await` lets only so many through.",
            "Hand all three calls to one `asyncio.gather`",
            evidence={"under way": times},
        )
    return NotRight(
        "The three requests were under way one after the other: their spans do not overlap",
        "",
        "An `await` inside the loop waits for one answer before the next request is sent.",
        "Make all three calls first, then wait for them together with `asyncio.gather`",
        evidence={"under way": times},
    )
