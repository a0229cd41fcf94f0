"""Step 2: one answered request is enough; what stands in its way is told from the record."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest
from openai.types.chat import ChatCompletion

from checks.llm_routing import request
from checks.llm_routing.reply import judge_reply, kept_reply
from checks.llm_routing.request import check
from checks.verdict import NotRight, NotYet, Passed, Unpassed, Verdict
from labgateway.memory.doings import Answer
from tests.checks.learner import Learner
from tests.checks.right_requests import RIGHT
from tests.checks.texts import UNPINNED
from tests.checks.wrong_code import EXCEPTIONS
from tests.checks.wrong_requests import NOTHING, STATUSES, Wrong

WRONG = (*STATUSES, *EXCEPTIONS, *NOTHING)

REPLY = {"id": "chatcmpl-0", "model": "SmolLM2-135M-Instruct", "choices": [{"message": "private"}]}
USED = "SmolLM2-135M-Instruct"
MODELS = next(one for one in request.STEP.questions if one.id == "2.models")


def began(text: str) -> Learner:
    """A learner who has applied a text and answered the first question of this step."""
    return Learner(text).answer("2.key", "gateway")


def done(wrong: Wrong) -> Verdict:
    """The verdict after what the learner did."""
    learner = began(wrong.text)
    for act in wrong.acts:
        act(learner)
    return check(learner.observe())


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: wrong.id)
def test_a_wrong_request_is_explained(wrong: Wrong) -> None:
    """The message names what was seen and the next step, in a calm voice."""
    said = done(wrong)

    assert said.outcome == wrong.outcome, said.message
    for words in wrong.says:
        assert words in said.message
    assert "!" not in re.sub(r"`[^`]*`", "", said.message)
    own = re.sub(r"Your code: `[^`]*`", "", said.message)
    assert "{" not in own.replace("{…}", "").replace("{}", "")
    assert ".." not in said.message
    assert request.CELL not in said.message


@pytest.mark.parametrize("right", RIGHT.values(), ids=RIGHT.keys())
def test_a_right_request_passes(right: Wrong) -> None:
    """Whatever its form; the twist gets a sentence."""
    said = done(right)

    assert isinstance(said, Passed), said.message
    for words in right.says:
        assert words in said.message


def test_a_plain_pass_has_nothing_that_differs_between_runs() -> None:
    """Ids, tokens and times are evidence, not text."""
    said = done(RIGHT["plain"])

    assert said.evidence["reply"] == "chatcmpl-0"
    assert said.evidence["tokens"] == "12 in, 34 out"
    for value in ("chatcmpl", "12", "34", "0" * 32):
        assert value not in str(said)


def sentences(message: str) -> int:
    """Sentences of a message; what stands in backticks is somebody else's."""
    return len(re.findall(r"[.?](?= |$)", re.sub(r"`[^`]*`", "", message)))


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: wrong.id)
def test_a_message_is_short(wrong: Wrong) -> None:
    """Four sentences besides the line of code that is quoted."""
    said = done(wrong)
    assert isinstance(said, Unpassed)
    parts = [one.rstrip(".") for one in (said.saw, said.why, said.next_step) if one]
    assert sentences(f"{'. '.join(parts)}.") <= 4


def test_a_reply_from_a_request_with_a_blank_is_not_yet_one() -> None:
    """A later request of the notebook's own does not fill the learner's blank."""
    learner = began(UNPINNED).send(original_model="____", request_model="____").send()
    learner.answers["2.reply"] = Answer({"id": "chatcmpl-0", "model": "m"}, learner.now)

    said = check(learner.observe())

    assert isinstance(said, NotYet)
    assert "its model is `____`" in said.message


def test_a_timeout_elsewhere_does_not_undo_an_answer() -> None:
    """The exception came much later, or another answer was waited for."""
    late = began(UNPINNED).send().cell_raised("ReadTimeout", "timed out")
    other = began(UNPINNED).send().send().cell_raised("ReadTimeout", "timed out")

    assert isinstance(check(late.observe()), Passed)
    assert isinstance(check(other.observe()), Passed)


def test_the_time_since_nothing_was_seen_is_evidence() -> None:
    """2.5: the moment is not in the text."""
    assert set(check(Learner(UNPINNED).observe()).evidence) == {"no request since"}


def test_the_real_openai_needs_no_stand_in() -> None:
    """A dated name of the model that was sent is no surprise; another is the provider's choice."""
    learner = began(UNPINNED).send(response_model="gpt-4o-mini-2024-07-18")
    assert "answered:" not in check(learner.observe()).message

    learner.place = type(learner.place)("u", "m", "openai", "", 0.0)
    assert "the provider chose" in check(learner.send(response_model="other").observe()).message


def test_requests_before_a_reset_do_not_count() -> None:
    """Begin anew: the message does not deny what was there."""
    learner = began(UNPINNED).send()
    learner.reset_at["llm-routing/2"] = learner.now + 1

    said = check(learner.observe())

    assert isinstance(said, NotYet)
    assert "no request since you began the step again" in said.message
    assert isinstance(check(learner.send().observe()), Passed)


def test_a_request_of_step_1_is_not_yet_one_of_step_2() -> None:
    """Its notebook ends with one; handed in, it counts, and so does one that comes later."""
    learner = Learner(UNPINNED).answer("1.predict", 500).send()
    in_notebook = Learner(UNPINNED).answer("1.predict", 500).send()
    handed_in = in_notebook.answer("2.reply", {"id": "chatcmpl-0"})

    said = check(learner.observe())

    assert isinstance(said, NotYet)
    assert "before you began this step" in said.message
    assert 'Give `answer("2.models", …)`, send your request' in said.message
    again = check(learner.answer("2.models", [USED] * 3).observe())
    assert isinstance(again, NotYet)
    assert "2.models" not in again.message
    assert "Send your request, then hand it in" in again.message
    assert isinstance(check(learner.send().observe()), Passed)
    assert isinstance(check(handed_in.observe()), Passed)


def test_who_answers_nothing_works_in_a_terminal() -> None:
    """curl and `python -m checks run` are enough: any request is one of this step."""
    assert isinstance(check(Learner(UNPINNED).send().observe()), Passed)


def test_a_request_on_the_right_path_says_more_than_a_later_stray_one() -> None:
    """The notebook itself sends a request to /openaix."""
    learner = Learner(UNPINNED).send(status=504, error="request timeout")

    said = check(learner.send("/openaix", 404, error="route not found").observe())

    assert "504" in said.message


def response(content: str) -> httpx.Response:
    """What httpx returns."""
    return httpx.Response(200, text=content, request=httpx.Request("POST", "http://localhost"))


@pytest.mark.parametrize(
    "reply",
    [
        REPLY,
        response('{"id": "chatcmpl-0", "model": "SmolLM2-135M-Instruct", "choices": []}'),
        ChatCompletion.model_validate(
            {**REPLY, "choices": [], "created": 1, "object": "chat.completion"}
        ),
    ],
    ids=["dict", "httpx", "sdk"],
)
def test_a_reply_is_found_in_the_log(reply: object) -> None:
    """Only its id and model are kept."""
    kept = kept_reply(reply)

    assert kept == {"id": "chatcmpl-0", "model": "SmolLM2-135M-Instruct"}
    assert isinstance(judge_reply(Learner(UNPINNED).send().observe(), kept), Passed)


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        ({"id": "made-up", "model": "gpt-4o"}, "`made-up`"),
        ({"choices": []}, "no `id`"),
        ("Hello", "it is a `str`"),
        (7, "it is an `int`"),
        (response("route not found"), "it is a `Response`"),
        (response("[]"), "no `id`"),
        (None, "it is a `NoneType`"),
    ],
)
def test_a_reply_that_is_none_is_not_right(reply: object, words: str) -> None:
    """2.19 and its kind."""
    said = judge_reply(Learner(UNPINNED).send().observe(), kept_reply(reply))

    assert isinstance(said, NotRight)
    assert words in said.message


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        ({"id": "x", "model": "gpt-4o"}, "`x`, which no line of the gateway's log has"),
        ({"id": "chatcmpl-0", "model": "m"}, "that of a request to `/local`"),
    ],
)
def test_another_reply_keeps_the_step_from_passing(reply: dict[str, str], words: str) -> None:
    """2.19 and the worked example's: the request was right, the reply handed in is another."""
    learner = began(UNPINNED).send("/local").send().answer("2.reply", reply)

    said = check(learner.observe())

    assert isinstance(said, NotRight)
    assert words in said.message
    assert judge_reply(learner.observe(), learner.answers["2.reply"].value) == said


@pytest.mark.parametrize(
    ("answer", "outcome", "words"),
    [
        (["gpt-4o-mini", "gpt-4o", "SmolLM2-135M-Instruct"], "passed", "as recorded"),
        (("GPT-4o-mini", "gpt-4o", "smollm2-135m-instruct"), "passed", "as recorded"),
        (
            ["gpt-4o", "gpt-4o-mini", "SmolLM2"],
            "not_right",
            "asked for. It is the one that was sent",
        ),
        (["gpt-4o-mini", "gpt-4o-mini", "SmolLM2"], "not_right", "that was sent"),
        (["gpt-4o-mini", "gpt-4o", "gpt-4o"], "not_right", "that was used"),
        (["gpt-4o-mini", "gpt-4o", ""], "not_yet", "2.models is not filled in"),
        ("gpt-4o-mini, gpt-4o, SmolLM2-135M-Instruct", "passed", ""),
        ("gpt-4o-mini → gpt-4o → SmolLM2-135M-Instruct", "passed", ""),
        (["'gpt-4o-mini'", "`gpt-4o`", " smollm2-135m-instruct "], "passed", ""),
        (["gpt-4o-mini", "gpt-4o", "smollm2"], "not_right", "It is how the name begins"),
        (["gpt-4o-mini", "gpt-4o", "smollm2-135m"], "not_right", "It is how the name begins"),
        (["gpt-4o-mini", "gpt-4o", "smol"], "not_right", "that was used"),
        (["gpt-4o-mini", "gpt-4o", "s"], "not_right", "that was used"),
        (["gpt-4o"], "not_right", "three names"),
        ("gpt-4o", "not_right", "three names"),
    ],
)
def test_the_three_models_are_compared_with_the_record(
    answer: Any, outcome: str, words: str
) -> None:
    """Asked for, sent, used."""
    learner = Learner(UNPINNED).send().answer("2.models", answer).send(request_model="gpt-4o")

    said = MODELS.answered(learner.observe(), answer)

    assert said.outcome == outcome
    assert words in said.message


def test_a_prediction_of_the_models_is_kept() -> None:
    """A request of before may have met another backend, or have named no model."""
    right = ["gpt-4o-mini", "gpt-4o-mini", USED]
    learner = Learner(UNPINNED).send(original_model=None, request_model="gpt-4o")

    before = MODELS.answered(learner.answer("2.models", right).observe(), right)
    after = MODELS.answered(learner.send().observe(), right)

    assert isinstance(before, NotYet)
    assert "kept" in before.message
    assert isinstance(after, Passed)
