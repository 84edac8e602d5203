"""What every platform simulator shares: clock, journal, faults, gateway, control page, webhooks, server."""

from crossdock_simulators.kit.clock import Clock
from crossdock_simulators.kit.control import Control
from crossdock_simulators.kit.faults import Fault, Faults
from crossdock_simulators.kit.gateway import Gateway
from crossdock_simulators.kit.http import Reply, Request, json_reply
from crossdock_simulators.kit.journal import Entry, Journal
from crossdock_simulators.kit.scheduler import Scheduler
from crossdock_simulators.kit.server import Served
from crossdock_simulators.kit.webhooks import Deliveries, DeliverySwitches, Message

__all__ = [
    "Clock",
    "Control",
    "Deliveries",
    "DeliverySwitches",
    "Entry",
    "Fault",
    "Faults",
    "Gateway",
    "Journal",
    "Message",
    "Reply",
    "Request",
    "Scheduler",
    "Served",
    "json_reply",
]
