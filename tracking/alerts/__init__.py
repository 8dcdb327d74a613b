"""Alerts: rules about the record, what they find, and who is told."""

from .book import Version, add, change, delete, find, problem_of, restore, rules, versions_of
from .evaluating import Found, Past, Watchman, past
from .history import Alert, Delivery, acknowledge, alert, alerts, latest, open_alerts
from .rules import KINDS, Rule, lasting, read_weekdays

__all__ = [
    "KINDS",
    "Alert",
    "Delivery",
    "Found",
    "Past",
    "Rule",
    "Version",
    "Watchman",
    "acknowledge",
    "add",
    "alert",
    "alerts",
    "change",
    "delete",
    "find",
    "lasting",
    "latest",
    "open_alerts",
    "past",
    "problem_of",
    "read_weekdays",
    "restore",
    "rules",
    "versions_of",
]
