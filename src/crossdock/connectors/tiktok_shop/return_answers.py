"""Tells TikTok Shop what was decided about returns, after a look at what still waits for the seller there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from crossdock.connectors.errors import RefusedError, UnavailableError
from crossdock.connectors.tiktok_shop.client_aftersales import AfterSalesClient
from crossdock.connectors.tiktok_shop.mapping.return_answer import (
    Word,
    chosen_reason,
    from_approval,
    from_rejection,
    word_of,
)
from crossdock.connectors.tiktok_shop.mapping.returns import to_return
from crossdock.connectors.tiktok_shop.payloads import text
from crossdock.connectors.tiktok_shop.payloads_aftersales import RejectReason, Return
from crossdock.connectors.tiktok_shop.reading import read_records
from crossdock.domain.aftersales import ChannelReturn, ReturnDecision, WantedReturnAnswer
from crossdock.domain.channel import ChannelId
from crossdock.domain.sync import Change, Confirmed, Outcome, Rejected, Unclear

# Cannot be rejected, cannot be approved, not allowed: by a return that has moved on, among other reasons.
NOT_NOW = frozenset({"25011011", "25011012", "25020010"})


class ReturnsAnswered:
    """One answer after the other. The same key makes a repeated answer succeed again, and nothing is refunded twice."""

    def __init__(self, client: AfterSalesClient) -> None:
        self._client = client

    def answer(self, changes: Sequence[Change[WantedReturnAnswer]]) -> Iterator[Outcome]:
        for change in changes:
            yield self._answer(change)

    def _answer(self, change: Change[WantedReturnAnswer]) -> Outcome:
        try:
            return self._standing(change) or self._tell(change)
        except RefusedError as error:
            return Rejected(change.key, str(error), error.fix, error.code, error.request_id)
        except UnavailableError as error:
            if error.is_unclear:
                return Unclear(change.key, str(error))
            raise

    def _standing(self, change: Change[WantedReturnAnswer]) -> Outcome | None:
        """What there is to say without telling anything; None while the return still asks what was answered."""
        return_id, wanted = change.channel_id or ChannelId(""), change.desired
        found = read_records(self._client.find_return(return_id).return_orders or [], Return, to_return)
        now = next((each for each in found.good if each.channel_id == return_id), None)
        if now is None:
            unread = (
                found.unreadable[0].reason if found.unreadable else "TikTok Shop does not show it any more"
            )
            return Rejected(change.key, f"return {return_id} cannot be looked at: {unread}")
        word = word_of(wanted)
        if word is not None and _was_made(word, now):
            return Confirmed(change.key, return_id, notes=(f"it was so there already: {now.channel_status}",))
        if now.asks is not wanted.question:
            return Rejected(change.key, f"it is {now.channel_status} there by now", code="already_decided")
        if now.kind is not wanted.kind:
            said = f"the buyer has changed the {wanted.kind} into a {now.kind} since this was decided"
            return Rejected(change.key, said, fix="Look at it and decide again")
        return None

    def _tell(self, change: Change[WantedReturnAnswer]) -> Outcome:
        return_id, wanted = change.channel_id or ChannelId(""), change.desired
        answer, word = wanted.answer, word_of(wanted)
        if word is None:
            return Rejected(change.key, f"TikTok Shop has no call for the answer {answer.decision.value!r}")
        try:
            if answer.decision is not ReturnDecision.REJECT:
                reply = self._client.approve_return(return_id, from_approval(word), wanted.key)
            else:
                reasons = self._client.reject_reasons(return_id).reasons or []
                reason = chosen_reason(answer.reason, reasons)
                if reason is None:
                    return _unknown_reason(change.key, answer.reason, reasons)
                body = from_rejection(word, reason, answer.note)
                reply = self._client.reject_return(return_id, body, wanted.key)
        except RefusedError as error:
            # What somebody else has answered in this moment is no refusal that a person has to look at.
            standing = self._standing(change) if error.code in NOT_NOW else None
            if standing is None:
                raise
            return standing
        return Confirmed(change.key, return_id, request_id=reply.request_id)


def _was_made(word: Word, now: ChannelReturn) -> bool:
    """Whether the return shows this decision, whoever made it. What the buyer keeps has no tracking number."""
    return now.channel_status in word.leads_to and not (word.keeps_item and now.tracking)


def _unknown_reason(key: str, wanted: str, reasons: Sequence[RejectReason]) -> Rejected:
    listed = "; ".join(f"{text(each.name)} ({text(each.text)})" for each in reasons) or "none"
    return Rejected(
        key,
        f"{wanted!r} is no reason that TikTok Shop takes for this return; it takes: {listed}",
        fix="Reject it again with one of these as the reason",
        code="unknown_reason",
    )
