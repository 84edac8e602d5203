"""TikTok Shop's calls about what comes after a sale, one method each, in the platform's words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypeVar

from crossdock.connectors.errors import ProtocolError
from crossdock.connectors.tiktok_shop import payloads, payloads_order
from crossdock.connectors.tiktok_shop import payloads_aftersales as after
from crossdock.connectors.tiktok_shop.calls import NOT_FOR_THIS_APP, Call, Caller, Reply

CASES_A_PAGE = 50
STATEMENTS_A_PAGE = 50
TRANSACTIONS_A_PAGE = 100
OLDER = "202309"

T = TypeVar("T")
Json = Mapping[str, Any]


class AfterSalesClient:
    def __init__(self, caller: Caller) -> None:
        self._caller = caller
        self._lacking: set[str] = set()

    def order(self, order_id: str) -> payloads_order.Order | None:
        """The order as it stands now."""
        call = Call("GET", "/order/202507/orders", query={"ids": order_id}, lane="urgent")
        found = self._caller.send(call, payloads_order.OrdersById).data.orders or []
        return found[0] if found else None

    def search_cancellations(self, filters: Json, page_token: str = "") -> after.Cancellations:
        """By update time, oldest first."""
        call = Call(
            "POST",
            "/return_refund/202602/cancellations/search",
            query=_by_update(page_token),
            body=filters or None,
            lane="urgent",
        )
        return self._newest(call, after.Cancellations).data

    def eligibility(self, order_id: str) -> after.Eligibility:
        """Which units the seller may still cancel, and the names of the reasons to give."""
        query = {"initiate_aftersale_user": "SELLER", "request_types": "CANCEL"}
        path = f"/return_refund/202602/orders/{order_id}/aftersale_eligibility"
        return self._newest(Call("GET", path, query=query, lane="urgent"), after.Eligibility).data

    def cancel(self, body: Json) -> Reply[after.Canceled]:
        """Not to be repeated blindly: there is no idempotency key."""
        path = "/return_refund/202602/cancellations"
        return self._newest(Call("POST", path, body=body, lane="urgent", is_write=True), after.Canceled)

    def approve_cancellation(self, cancel_id: str, key: str) -> Reply[payloads.Nothing]:
        path = f"/return_refund/202309/cancellations/{cancel_id}/approve"
        call = Call("POST", path, query={"idempotency_key": key}, lane="urgent", is_write=True)
        return self._caller.send(call, payloads.Nothing)

    def reject_cancellation(self, cancel_id: str, body: Json, key: str) -> Reply[payloads.Nothing]:
        path = f"/return_refund/202309/cancellations/{cancel_id}/reject"
        call = Call("POST", path, query={"idempotency_key": key}, body=body, lane="urgent", is_write=True)
        return self._caller.send(call, payloads.Nothing)

    def reject_reasons(self, case_id: str) -> after.RejectReasons:
        """What may be given as the reason to reject this cancellation or return."""
        query = {"return_or_cancel_id": case_id}
        call = Call("GET", "/return_refund/202309/reject_reasons", query=query, lane="urgent")
        return self._caller.send(call, after.RejectReasons).data

    def search_returns(self, filters: Json, page_token: str = "") -> after.Returns:
        """By update time, oldest first."""
        path = "/return_refund/202602/returns/search"
        call = Call("POST", path, query=_by_update(page_token), body=filters or None)
        return self._newest(call, after.Returns).data

    def find_return(self, return_id: str) -> after.Returns:
        """One return as it stands now."""
        path = "/return_refund/202602/returns/search"
        call = Call("POST", path, query=_by_update(""), body={"return_ids": [return_id]}, lane="urgent")
        return self._newest(call, after.Returns).data

    def approve_return(self, return_id: str, body: Json, key: str) -> Reply[payloads.Nothing]:
        path = f"/return_refund/202309/returns/{return_id}/approve"
        call = Call("POST", path, query={"idempotency_key": key}, body=body, lane="urgent", is_write=True)
        return self._caller.send(call, payloads.Nothing)

    def reject_return(self, return_id: str, body: Json, key: str) -> Reply[payloads.Nothing]:
        path = f"/return_refund/202606/returns/{return_id}/reject"
        call = Call("POST", path, query={"idempotency_key": key}, body=body, lane="urgent", is_write=True)
        return self._newest(call, payloads.Nothing)

    def statements(self, since: int, page_token: str = "") -> after.Statements:
        """Statements since a moment, oldest first. In no document at hand: the calls are known from their use."""
        query = {
            "sort_field": "statement_time",
            "sort_order": "ASC",
            "page_size": str(STATEMENTS_A_PAGE),
            "statement_time_ge": str(since),
        }
        call = Call("GET", "/finance/202309/statements", query=_turned(query, page_token))
        return self._caller.send(call, after.Statements).data

    def statement_transactions(self, statement_id: str, page_token: str = "") -> after.Transactions:
        """What a statement is the sum of."""
        query = {
            "sort_field": "order_create_time",
            "sort_order": "ASC",
            "page_size": str(TRANSACTIONS_A_PAGE),
        }
        path = f"/finance/202309/statements/{statement_id}/statement_transactions"
        return self._caller.send(Call("GET", path, query=_turned(query, page_token)), after.Transactions).data

    def _newest(self, call: Call, kind: type[T]) -> Reply[T]:
        """The newest version, or the older one for an app that does not have it: its answers are read alike."""
        version = call.path.split("/")[2]
        if version not in self._lacking:
            try:
                return self._caller.send(call, kind)
            except ProtocolError as error:
                if error.code not in NOT_FOR_THIS_APP:
                    raise
                self._lacking.add(version)
        return self._caller.send(replace(call, path=call.path.replace(version, OLDER, 1)), kind)


def _by_update(token: str) -> dict[str, str]:
    query = {"sort_field": "update_time", "sort_order": "ASC", "page_size": str(CASES_A_PAGE)}
    return _turned(query, token)


def _turned(query: dict[str, str], token: str) -> dict[str, str]:
    return {**query, "page_token": token} if token else query
