"""The declared table: what a report is about, and by when it is to be answered.

``services.toml`` beside this file is data that the owner agency reviews.
"""

import tomllib
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from importlib.resources import files
from typing import Any

from city_node.sources.headings import words
from city_node.subsystems.citizen_feedback.working_time import WorkingTime
from federation.model.period import LOCAL

OTHER = "other"


@dataclass(frozen=True, kw_only=True, slots=True)
class Category:
    """What reports are about; ``hours`` is the working time to answer one in."""

    code: str
    hours: int
    names: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Services:
    """The categories, in the order in which a service is looked up."""

    categories: tuple[Category, ...]
    working_time: WorkingTime

    def category_of(self, service_name: str) -> str:
        """Return the code of the category that a service's name falls into."""
        name = f" {words(service_name)} "
        for category in self.categories:
            if any(f" {phrase} " in name for phrase in category.names):
                return category.code
        return OTHER

    def allowed(self, code: str) -> timedelta:
        """Return the working time in which a report of a category is to be answered."""
        hours = {category.code: category.hours for category in self.categories}
        return timedelta(hours=hours.get(code, hours[OTHER]))

    def due(self, code: str, received: datetime) -> datetime:
        """Return by when a report of a category is to be answered."""
        return self.working_time.after(received, self.allowed(code))


def load_services() -> Services:
    """Return the declared table."""
    text = (files(__package__) / "services.toml").read_text(encoding="utf-8")
    declared: dict[str, Any] = tomllib.loads(text)
    week = declared["working_time"]
    return Services(
        categories=tuple(
            Category(
                code=each["code"],
                hours=each["hours"],
                names=tuple(words(name) for name in each["names"]),
            )
            for each in declared["category"]
        ),
        working_time=WorkingTime(
            zone=LOCAL.zone,
            weekdays=frozenset(week["days"]),
            spans=tuple(
                (time.fromisoformat(begin), time.fromisoformat(end))
                for begin, end in week["spans"]
            ),
            yearly_holidays=frozenset(week["yearly_holidays"]),
            holidays=frozenset(map(date.fromisoformat, week["holidays"])),
        ),
    )


SERVICES = load_services()
CATEGORY_CODES = tuple(category.code for category in SERVICES.categories)

COUNTED_CODES = tuple(code for code in CATEGORY_CODES if code != OTHER)
"""Codes that are counted apart; the rest is what a top list calls ``other``."""
