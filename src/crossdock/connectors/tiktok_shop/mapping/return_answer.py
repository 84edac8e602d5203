"""What TikTok Shop asks the seller about a return, and the hub's answers in its words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from crossdock.connectors.tiktok_shop.payloads import text
from crossdock.connectors.tiktok_shop.payloads_aftersales import NextAction, RejectReason
from crossdock.domain.aftersales import ReturnDecision, ReturnKind, ReturnQuestion, WantedReturnAnswer

ASKED_IN = {
    "RETURN_OR_REFUND_REQUEST_PENDING": ReturnQuestion.REQUEST,
    "REPLACEMENT_REQUEST_PENDING": ReturnQuestion.REQUEST,
    "EXCHANGE_REQUEST_PENDING": ReturnQuestion.REQUEST,
    "BUYER_SHIPPED_ITEM": ReturnQuestion.GOODS,
}
_REFUNDED = ("RETURN_OR_REFUND_REQUEST_SUCCESS", "RETURN_OR_REFUND_REQUEST_COMPLETE")


@dataclass(frozen=True, slots=True)
class Word:
    """A decision as TikTok Shop names it, and the statuses that a return has once it was made."""

    decision: str
    leads_to: tuple[str, ...]
    keeps_item: bool = False


_Answers = Mapping[ReturnDecision, Word]
WORDS: Mapping[tuple[ReturnKind, ReturnQuestion], _Answers] = {
    (ReturnKind.REFUND, ReturnQuestion.REQUEST): {
        ReturnDecision.APPROVE: Word("APPROVE_REFUND", _REFUNDED),
        ReturnDecision.REJECT: Word("REJECT_REFUND", ("REFUND_OR_RETURN_REQUEST_REJECT",)),
    },
    (ReturnKind.RETURN, ReturnQuestion.REQUEST): {
        ReturnDecision.APPROVE: Word(
            "APPROVE_RETURN", ("AWAITING_BUYER_SHIP", "BUYER_SHIPPED_ITEM", *_REFUNDED)
        ),
        ReturnDecision.LET_KEEP: Word("APPROVE_RETURN", _REFUNDED, keeps_item=True),
        ReturnDecision.REJECT: Word("REJECT_RETURN", ("REFUND_OR_RETURN_REQUEST_REJECT",)),
    },
    (ReturnKind.RETURN, ReturnQuestion.GOODS): {
        ReturnDecision.APPROVE: Word("APPROVE_RECEIVED_PACKAGE", _REFUNDED),
        ReturnDecision.REJECT: Word("REJECT_RECEIVED_PACKAGE", ("REJECT_RECEIVE_PACKAGE",)),
    },
    (ReturnKind.REPLACEMENT, ReturnQuestion.REQUEST): {
        ReturnDecision.APPROVE: Word("APPROVE_REPLACEMENT", ("REPLACEMENT_REQUEST_COMPLETE",)),
        ReturnDecision.REJECT: Word("REJECT_REPLACEMENT", ("REPLACEMENT_REQUEST_REJECT",)),
    },
}
"""By what is returned and what is asked. There is no call that answers an exchange."""


def to_question(status: str) -> ReturnQuestion:
    """What waits for the seller. The status alone says it: what the platform names its actions is not known for sure."""
    return ASKED_IN.get(status, ReturnQuestion.NONE)


def to_deadline(question: ReturnQuestion, actions: Sequence[NextAction]) -> int | None:
    """In unix seconds; the first, where several actions are named, and none where nothing is asked."""
    deadlines = (each.deadline for each in actions if each.deadline and question is not ReturnQuestion.NONE)
    return min(deadlines, default=None)


def answers_to(kind: ReturnKind, question: ReturnQuestion) -> tuple[ReturnDecision, ...]:
    """With what this question can be answered; nothing where there is no call for it."""
    return tuple(WORDS.get((kind, question), ()))


def word_of(wanted: WantedReturnAnswer) -> Word | None:
    return WORDS.get((wanted.kind, wanted.question), {}).get(wanted.answer.decision)


def from_approval(word: Word) -> dict[str, object]:
    """The body of the call that approves."""
    return {"decision": word.decision} | ({"buyer_keep_item": True} if word.keeps_item else {})


def from_rejection(word: Word, reason: str, note: str) -> dict[str, object]:
    """The body of the call that rejects; both versions of it take the same."""
    body: dict[str, object] = {"decision": word.decision, "reject_reason": reason}
    return body | ({"comment": note} if note else {})


def chosen_reason(wanted: str, reasons: Sequence[RejectReason]) -> str | None:
    """The name of the reason that is meant, by its name or its text; None where it is none of them."""
    meant = wanted.strip().casefold()
    names = (
        text(each.name)
        for each in reasons
        if meant in (text(each.name).casefold(), text(each.text).casefold())
    )
    return next(names, None)
