"""Times as people say them: whole days, stretches of a day, comparisons, and what cannot be."""

from __future__ import annotations

import random
import time
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from tracking.ask.times.when import When, read_when
from tracking.ask.words import words_of

BERLIN = "Europe/Berlin"
FRIDAY = "2026-11-20 19:45"
DAY = 86_400_000


def ms(local: str, zone: str = BERLIN, fold: int = 0) -> int:
    moment = datetime.fromisoformat(local).replace(tzinfo=ZoneInfo(zone), fold=fold)
    return round(moment.timestamp() * 1000)


RECORDED = (ms("2026-09-01 08:00"), ms(FRIDAY))


def read(question: str, now: str = FRIDAY, zone: str = BERLIN) -> list[When]:
    return read_when(words_of(question), ms(now, zone), zone, RECORDED)


def one(question: str, now: str = FRIDAY, zone: str = BERLIN) -> When:
    (when,) = read(question, now, zone)
    return when


def window(when: When, zone: str = BERLIN) -> str:
    """As a zone's clock shows it: "20 00:00 to 21 00:00"; the month where it is not November."""
    assert when.span is not None, when.problem

    def say(t: int) -> str:
        local = datetime.fromtimestamp(t / 1000, ZoneInfo(zone))
        month = "" if (local.month, local.year) == (11, 2026) else f"{local:%b %Y} "
        return f"{month}{local:%d %H:%M}"

    return f"{say(when.span.since)} to {say(when.span.until)}"


def used(question: str, when: When) -> str:
    words = words_of(question)
    return " ".join(words[n].text for n in sorted(when.used))


DAYS = [
    ("today", "20 00:00 to 21 00:00", "today"),
    ("today's", "20 00:00 to 21 00:00", "today"),
    ("all day", "20 00:00 to 21 00:00", "today"),
    ("so far today", "20 00:00 to 21 00:00", "today"),
    ("yesterday", "19 00:00 to 20 00:00", "yesterday"),
    ("all day yesterday", "19 00:00 to 20 00:00", "yesterday"),
    ("the whole of yesterday", "19 00:00 to 20 00:00", "yesterday"),
    ("the day before yesterday", "18 00:00 to 19 00:00", "the day before yesterday"),
    ("two days ago", "18 00:00 to 19 00:00", "Wednesday 18 November"),
    ("3 days ago", "17 00:00 to 18 00:00", "Tuesday 17 November"),
    ("a week ago", "13 00:00 to 14 00:00", "Friday 13 November"),
    ("this week", "16 00:00 to 23 00:00", "this week"),
    ("the whole week", "16 00:00 to 23 00:00", "this week"),
    ("the current week", "16 00:00 to 23 00:00", "this week"),
    ("last week", "09 00:00 to 16 00:00", "last week"),
    ("in the last week", "09 00:00 to 16 00:00", "last week"),
    ("the previous week", "09 00:00 to 16 00:00", "last week"),
    ("the week before last", "02 00:00 to 09 00:00", "the week before last"),
    ("2 weeks ago", "02 00:00 to 09 00:00", "the week of 2 November 2026"),
    ("the week of 9 November", "09 00:00 to 16 00:00", "the week of 9 November 2026"),
    ("week 46", "09 00:00 to 16 00:00", "week 46 of 2026"),
    ("this month", "01 00:00 to Dec 2026 01 00:00", "this month"),
    ("last month", "Oct 2026 01 00:00 to 01 00:00", "last month"),
    ("a month ago", "Oct 2026 01 00:00 to 01 00:00", "October 2026"),
    ("this year", "Jan 2026 01 00:00 to Jan 2027 01 00:00", "this year"),
    ("last year", "Jan 2025 01 00:00 to Jan 2026 01 00:00", "last year"),
    ("the last 7 days", "14 00:00 to 21 00:00", "the last 7 days"),
    ("the past week", "14 00:00 to 21 00:00", "the last 7 days"),
    ("the last couple of days", "19 00:00 to 21 00:00", "the last 2 days"),
    ("the past two weeks", "07 00:00 to 21 00:00", "the last 2 weeks"),
    ("the last 2 months", "Sep 2026 21 00:00 to 21 00:00", "the last 2 months"),
    ("the past month", "Oct 2026 22 00:00 to 21 00:00", "the last 30 days"),
    ("last weekend", "14 00:00 to 16 00:00", "last weekend"),
    ("at the weekend", "14 00:00 to 16 00:00", "last weekend"),
    ("the weekend before last", "07 00:00 to 09 00:00", "the weekend before last"),
    ("the weekend of 7 and 8 november", "07 00:00 to 09 00:00", "the weekend of 7 November 2026"),
    ("Tuesday", "17 00:00 to 18 00:00", "Tuesday 17 November"),
    ("on Tuesday", "17 00:00 to 18 00:00", "Tuesday 17 November"),
    ("this Tuesday", "17 00:00 to 18 00:00", "Tuesday 17 November"),
    ("last Tuesday", "17 00:00 to 18 00:00", "Tuesday 17 November"),
    ("Tuesday last week", "10 00:00 to 11 00:00", "Tuesday 10 November"),
    ("last week on Tuesday", "10 00:00 to 11 00:00", "Tuesday 10 November"),
    ("on Friday", "20 00:00 to 21 00:00", "Friday 20 November"),
    ("last Friday", "13 00:00 to 14 00:00", "Friday 13 November"),
    ("Monday to Wednesday", "16 00:00 to 19 00:00", "Monday 16 November to Wednesday 18 November"),
    ("between Monday and Wednesday", "16 00:00 to 19 00:00",
     "Monday 16 November to Wednesday 18 November"),
    ("from Friday to Sunday", "13 00:00 to 16 00:00", "Friday 13 November to Sunday 15 November"),
    ("mon-fri", "16 00:00 to 21 00:00", "Monday 16 November to Friday 20 November"),
    ("Monday to Friday last week", "09 00:00 to 14 00:00",
     "Monday 9 November to Friday 13 November"),
    ("the same day last week", "13 00:00 to 14 00:00", "Friday 13 November"),
    ("year to date", "Jan 2026 01 00:00 to Jan 2027 01 00:00", "this year"),
    ("the last fortnight", "07 00:00 to 21 00:00", "the last 2 weeks"),
    ("the first week of November", "01 00:00 to 08 00:00", "1 to 7 November 2026"),
    ("the last week of October", "Oct 2026 25 00:00 to 01 00:00", "25 to 31 October 2026"),
    ("from 1.11. to 5.11.", "01 00:00 to 06 00:00", "1 to 5 November 2026"),
    ("1.11. to 5.11.", "01 00:00 to 06 00:00", "1 to 5 November 2026"),
    ("25 October", "Oct 2026 25 00:00 to Oct 2026 26 00:00", "25 October 2026"),
    ("on the 25th of October", "Oct 2026 25 00:00 to Oct 2026 26 00:00", "25 October 2026"),
    ("Oct 25th", "Oct 2026 25 00:00 to Oct 2026 26 00:00", "25 October 2026"),
    ("October 25th, 2026", "Oct 2026 25 00:00 to Oct 2026 26 00:00", "25 October 2026"),
    ("2026-10-25", "Oct 2026 25 00:00 to Oct 2026 26 00:00", "25 October 2026"),
    ("25/10/2026", "Oct 2026 25 00:00 to Oct 2026 26 00:00", "25 October 2026"),
    ("10/25/2026", "Oct 2026 25 00:00 to Oct 2026 26 00:00", "25 October 2026"),
    ("25.10.2026", "Oct 2026 25 00:00 to Oct 2026 26 00:00", "25 October 2026"),
    ("on 25.10.", "Oct 2026 25 00:00 to Oct 2026 26 00:00", "25 October 2026"),
    ("25/10", "Oct 2026 25 00:00 to Oct 2026 26 00:00", "25 October 2026"),
    ("on the 25th", "Oct 2026 25 00:00 to Oct 2026 26 00:00", "25 October 2026"),
    ("on the 5th", "05 00:00 to 06 00:00", "5 November 2026"),
    ("the 5th of last month", "Oct 2026 05 00:00 to Oct 2026 06 00:00", "5 October 2026"),
    ("the first of november", "01 00:00 to 02 00:00", "1 November 2026"),
    ("Sunday, October 25th", "Oct 2026 25 00:00 to Oct 2026 26 00:00", "Sunday 25 October"),
    ("3 March last year", "Mar 2025 03 00:00 to Mar 2025 04 00:00", "3 March 2025"),
    ("25 December", "Dec 2025 25 00:00 to Dec 2025 26 00:00", "25 December 2025"),
    ("29 February", "Feb 2024 29 00:00 to Mar 2024 01 00:00", "29 February 2024"),
    ("in October", "Oct 2026 01 00:00 to 01 00:00", "October 2026"),
    ("October 2025", "Oct 2025 01 00:00 to Nov 2025 01 00:00", "October 2025"),
    ("in October last year", "Oct 2025 01 00:00 to Nov 2025 01 00:00", "October 2025"),
    ("in December", "Dec 2025 01 00:00 to Jan 2026 01 00:00", "December 2025"),
    ("in May", "May 2026 01 00:00 to Jun 2026 01 00:00", "May 2026"),
    ("in 2025", "Jan 2025 01 00:00 to Jan 2026 01 00:00", "2025"),
    ("from 3 to 5 November", "03 00:00 to 06 00:00", "3 to 5 November 2026"),
    ("Nov 3-5", "03 00:00 to 06 00:00", "3 to 5 November 2026"),
    ("between 10 and 12 November", "10 00:00 to 13 00:00", "10 to 12 November 2026"),
    ("from Oct 28 to Nov 2", "Oct 2026 28 00:00 to 03 00:00", "28 October to 2 November 2026"),
    ("from Nov 3 until yesterday", "03 00:00 to 20 00:00", "3 November 2026 to yesterday"),
    ("from 14 November until the next Wednesday", "14 00:00 to 19 00:00",
     "14 November 2026 to Wednesday 18 November"),
    ("from 14 November to the day after", "14 00:00 to 16 00:00", "14 to 15 November 2026"),
    ("from 3 November until Friday", "03 00:00 to 07 00:00",
     "3 November 2026 to Friday 6 November"),
    ("from 3 November until 2 days later", "03 00:00 to 06 00:00", "3 to 5 November 2026"),
    ("between yesterday and today", "19 00:00 to 21 00:00", "yesterday to today"),
]  # fmt: skip

HOURS = [
    ("this morning", "20 06:00 to 20 12:00", "today, 06:00 to 12:00"),
    ("this afternoon", "20 12:00 to 20 18:00", "today, 12:00 to 18:00"),
    ("this evening", "20 18:00 to 20 22:00", "today, 18:00 to 22:00"),
    ("tonight", "20 18:00 to 21 06:00", "tonight, 18:00 to 06:00"),
    ("last night", "19 22:00 to 20 06:00", "last night, 22:00 to 06:00"),
    ("all night", "19 22:00 to 20 06:00", "last night, 22:00 to 06:00"),
    ("at night", "19 22:00 to 20 06:00", "last night, 22:00 to 06:00"),
    ("overnight", "19 22:00 to 20 06:00", "last night, 22:00 to 06:00"),
    ("yesterday night", "19 22:00 to 20 06:00", "yesterday, 22:00 to 06:00 the next day"),
    ("at night on 17 November", "17 22:00 to 18 06:00",
     "17 November 2026, 22:00 to 06:00 the next day"),
    ("the night from 15 to 16 november", "15 22:00 to 16 06:00",
     "15 November 2026, 22:00 to 06:00 the next day"),
    ("yesterday morning", "19 06:00 to 19 12:00", "yesterday, 06:00 to 12:00"),
    ("yesterday evening", "19 18:00 to 19 22:00", "yesterday, 18:00 to 22:00"),
    ("Tuesday evening", "17 18:00 to 17 22:00", "Tuesday 17 November, 18:00 to 22:00"),
    ("on the morning of the 3rd", "03 06:00 to 03 12:00", "3 November 2026, 06:00 to 12:00"),
    ("in the morning", "20 06:00 to 20 12:00", "today, 06:00 to 12:00"),
    ("over lunch", "20 12:00 to 20 14:00", "today, 12:00 to 14:00"),
    ("lunch yesterday", "19 12:00 to 19 14:00", "yesterday, 12:00 to 14:00"),
    ("at noon", "20 12:00 to 20 13:00", "today, 12:00 to 13:00"),
    ("at midday", "20 12:00 to 20 13:00", "today, 12:00 to 13:00"),
    ("at midnight", "20 00:00 to 20 01:00", "today, 00:00 to 01:00"),
    ("between 9 and 10", "20 09:00 to 20 10:00", "today, 09:00 to 10:00"),
    ("between 9 and 10 am yesterday", "19 09:00 to 19 10:00", "yesterday, 09:00 to 10:00"),
    ("between 9 and 10 pm on Monday", "16 21:00 to 16 22:00", "Monday 16 November, 21:00 to 22:00"),
    ("between 3 and 4", "20 15:00 to 20 16:00", "today, 15:00 to 16:00"),
    ("between 3 and 4 pm", "20 15:00 to 20 16:00", "today, 15:00 to 16:00"),
    ("between 3 and 4 am", "20 03:00 to 20 04:00", "today, 03:00 to 04:00"),
    ("between 3 and 4 this afternoon", "20 15:00 to 20 16:00", "today, 15:00 to 16:00"),
    ("between 8 and 9 this morning", "20 08:00 to 20 09:00", "today, 08:00 to 09:00"),
    ("between 2 and 3 in the morning", "20 02:00 to 20 03:00", "today, 02:00 to 03:00"),
    ("between 1 and 4 at night today", "20 01:00 to 20 04:00", "today, 01:00 to 04:00"),
    ("between 11 and 1", "20 11:00 to 20 13:00", "today, 11:00 to 13:00"),
    ("between 8 and 17 yesterday", "19 08:00 to 19 17:00", "yesterday, 08:00 to 17:00"),
    ("between 12:00 and 13:30 on Tuesday", "17 12:00 to 17 13:30",
     "Tuesday 17 November, 12:00 to 13:30"),
    ("from 9 to 5", "20 09:00 to 20 17:00", "today, 09:00 to 17:00"),
    ("from 5 to 9 on Monday", "16 17:00 to 16 21:00", "Monday 16 November, 17:00 to 21:00"),
    ("from ten to twelve", "20 10:00 to 20 12:00", "today, 10:00 to 12:00"),
    ("9-10", "20 09:00 to 20 10:00", "today, 09:00 to 10:00"),
    ("9am-5pm", "20 09:00 to 20 17:00", "today, 09:00 to 17:00"),
    ("9am-noon", "20 09:00 to 20 12:00", "today, 09:00 to 12:00"),
    ("12 to 2pm", "20 12:00 to 20 14:00", "today, 12:00 to 14:00"),
    ("over lunch, 12 to 2pm", "20 12:00 to 20 14:00", "today, 12:00 to 14:00"),
    ("9:30 till 10:15", "20 09:30 to 20 10:15", "today, 09:30 to 10:15"),
    ("between 17 and 18 o'clock", "20 17:00 to 20 18:00", "today, 17:00 to 18:00"),
    ("from 6 to midnight yesterday", "19 18:00 to 20 00:00", "yesterday, 18:00 to 24:00"),
    ("on 14 November between 23:00 and midnight", "14 23:00 to 15 00:00",
     "14 November 2026, 23:00 to 24:00"),
    ("from 22 to 6 yesterday", "19 22:00 to 20 06:00", "yesterday, 22:00 to 06:00 the next day"),
    ("last night between 10pm and 6am", "19 22:00 to 20 06:00", "last night, 22:00 to 06:00"),
    ("last night between 2 and 3", "20 02:00 to 20 03:00", "today, 02:00 to 03:00"),
    ("last friday evening between 7 and 8", "13 19:00 to 13 20:00",
     "Friday 13 November, 19:00 to 20:00"),
    ("at 9", "20 09:00 to 20 10:00", "today, 09:00 to 10:00"),
    ("at 9 o'clock", "20 09:00 to 20 10:00", "today, 09:00 to 10:00"),
    ("at 9:30", "20 09:30 to 20 09:31", "today, 09:30 to 09:31"),
    ("at 9.30", "20 09:30 to 20 09:31", "today, 09:30 to 09:31"),
    ("at quarter past nine", "20 09:15 to 20 09:16", "today, 09:15 to 09:16"),
    ("half past nine yesterday", "19 09:30 to 19 09:31", "yesterday, 09:30 to 09:31"),
    ("at 7 in the evening", "20 19:00 to 20 20:00", "today, 19:00 to 20:00"),
    ("around 9", "20 08:30 to 20 09:30", "today, 08:30 to 09:30"),
    ("around noon on Tuesday", "17 11:30 to 17 12:30", "Tuesday 17 November, 11:30 to 12:30"),
    ("around midnight on 14 November", "14 23:30 to 15 00:30",
     "14 November 2026, 23:30 to 00:30 the next day"),
    ("shortly after 9", "20 09:00 to 20 09:30", "today, 09:00 to 09:30"),
    ("just before noon", "20 11:30 to 20 12:00", "today, 11:30 to 12:00"),
    ("just after lunch yesterday", "19 14:00 to 19 14:30", "yesterday, 14:00 to 14:30"),
    ("until this time yesterday", "19 00:00 to 19 19:45", "yesterday, 00:00 to 19:45"),
    ("at the same time yesterday", "19 19:15 to 19 20:15", "yesterday, 19:15 to 20:15"),
    ("before 8", "20 00:00 to 20 08:00", "today, 00:00 to 08:00"),
    ("before 9am yesterday", "19 00:00 to 19 09:00", "yesterday, 00:00 to 09:00"),
    ("before lunch", "20 00:00 to 20 12:00", "today, 00:00 to 12:00"),
    ("until 3 pm", "20 00:00 to 20 15:00", "today, 00:00 to 15:00"),
    ("by noon", "20 00:00 to 20 12:00", "today, 00:00 to 12:00"),
    ("after 6pm", "20 18:00 to 21 00:00", "today, 18:00 to 24:00"),
    ("after 6pm yesterday", "19 18:00 to 20 00:00", "yesterday, 18:00 to 24:00"),
    ("after lunch", "20 14:00 to 21 00:00", "today, 14:00 to 24:00"),
    ("after midnight today", "20 00:00 to 21 00:00", "today, 00:00 to 24:00"),
    ("after 7 in the evening", "20 19:00 to 21 00:00", "today, 19:00 to 24:00"),
    ("this evening after 7", "20 19:00 to 20 22:00", "today, 19:00 to 22:00"),
    ("after 9 and before 12", "20 09:00 to 20 12:00", "today, 09:00 to 12:00"),
    ("half past midnight today", "20 00:30 to 20 00:31", "today, 00:30 to 00:31"),
    ("from 10pm to 2am the next day", "19 22:00 to 20 02:00",
     "yesterday, 22:00 to 02:00 the next day"),
    ("between 23:50 and 00:10 in the night from 15 to 16 november", "15 23:50 to 16 00:10",
     "15 November 2026, 23:50 to 00:10 the next day"),
    ("yesterday since noon", "19 12:00 to 20 00:00", "yesterday, 12:00 to 24:00"),
]  # fmt: skip

REACHES = [
    ("from 11pm on 14 November to 2am the following day", "14 23:00 to 15 02:00",
     "14 November 2026, 23:00 to 15 November 2026, 02:00"),
    ("from 23:30 on 31 October until half past midnight the next day",
     "Oct 2026 31 23:30 to 01 00:30", "31 October 2026, 23:30 to 1 November 2026, 00:30"),
    ("from 22:00 on 15 November until the next day at 1", "15 22:00 to 16 01:00",
     "15 November 2026, 22:00 to 16 November 2026, 01:00"),
    ("from 8pm on 13 November until Monday 6am", "13 20:00 to 16 06:00",
     "13 November 2026, 20:00 to Monday 16 November, 06:00"),
    ("from 22:00 on 15 November until 3 hours later", "15 22:00 to 16 01:00",
     "15 November 2026, 22:00 to 3 hours later"),
    ("from 10pm yesterday to the next morning", "19 22:00 to 20 12:00",
     "22:00 yesterday to 12:00 today"),
    ("the last 30 seconds", "20 19:44 to 20 19:45", "the last 30 seconds"),
    ("the last 30 minutes", "20 19:15 to 20 19:45", "the last 30 minutes"),
    ("the last half an hour", "20 19:15 to 20 19:45", "the last 30 minutes"),
    ("the last quarter of an hour", "20 19:30 to 20 19:45", "the last 15 minutes"),
    ("the last hour", "20 18:45 to 20 19:45", "the last hour"),
    ("the last hour and a half", "20 18:15 to 20 19:45", "the last 90 minutes"),
    ("past two hours", "20 17:45 to 20 19:45", "the last 2 hours"),
    ("within the last couple of hours", "20 17:45 to 20 19:45", "the last 2 hours"),
    ("last 24 hours", "19 19:45 to 20 19:45", "the last 24 hours"),
    ("the past day", "19 19:45 to 20 19:45", "the last 24 hours"),
    ("this hour", "20 19:00 to 20 20:00", "this hour"),
    ("the previous hour", "20 18:00 to 20 19:00", "the previous hour"),
    ("2 hours ago", "20 17:15 to 20 18:15", "around 17:45, 2 hours ago"),
    ("10 minutes ago", "20 19:35 to 20 19:36", "10 minutes ago"),
    ("the last 2 hours of yesterday", "19 22:00 to 20 00:00", "the last 2 hours of yesterday"),
    ("the first 2 hours of yesterday", "19 00:00 to 19 02:00", "the first 2 hours of yesterday"),
    ("since noon", "20 12:00 to 20 19:45", "since 12:00 today"),
    ("since 9", "20 09:00 to 20 19:45", "since 09:00 today"),
    ("since quarter to ten", "20 09:45 to 20 19:45", "since 09:45 today"),
    ("since this morning", "20 06:00 to 20 19:45", "since 06:00 today"),
    ("since yesterday", "19 00:00 to 20 19:45", "since yesterday"),
    ("since yesterday evening", "19 18:00 to 20 19:45", "since 18:00 yesterday"),
    ("since 11pm", "19 23:00 to 20 19:45", "since 23:00 yesterday"),
    ("since Monday", "16 00:00 to 20 19:45", "since Monday 16 November"),
    ("from Monday onwards", "16 00:00 to 20 19:45", "since Monday 16 November"),
    ("since 1 november", "01 00:00 to 20 19:45", "since 1 November 2026"),
    ("since the start of the month", "01 00:00 to 20 19:45", "since this month"),
    ("since 2 hours ago", "20 17:45 to 20 19:45", "since 2 hours ago"),
    ("from 9 until now", "20 09:00 to 20 19:45", "09:00 today to now"),
    ("until yesterday", "Sep 2026 01 08:00 to 20 00:00", "until yesterday"),
    ("before Monday", "Sep 2026 01 08:00 to 16 00:00", "before Monday 16 November"),
    ("after Tuesday", "18 00:00 to 20 19:45", "after Tuesday 17 November"),
    ("from Monday 9am to Wednesday 5pm", "16 09:00 to 18 17:00",
     "Monday 16 November, 09:00 to Wednesday 18 November, 17:00"),
    ("from 11:55pm on 14 november to 12:05am on 15 november", "14 23:55 to 15 00:05",
     "14 November 2026, 23:55 to 15 November 2026, 00:05"),
]  # fmt: skip


@pytest.mark.parametrize(("question", "expected", "words"), [*DAYS, *HOURS, *REACHES])
def test_a_time_is_read_and_told(question: str, expected: str, words: str) -> None:
    when = one(question)
    assert (window(when), when.span and when.span.words) == (expected, words)
    assert (when.hours, when.weekdays) == ((), ())


@pytest.mark.parametrize("question", [row[0] for row in (*DAYS, *HOURS, *REACHES)])
def test_all_words_of_a_time_are_used_and_none_around_it(question: str) -> None:
    said = f"how many people did we see {question}?"
    when = one(said)
    assert used(said, when) == used(question, one(question))
    assert when.used == frozenset(range(6, len(words_of(said))))


@pytest.mark.parametrize(
    ("question", "words", "hours", "weekdays"),
    [
        ("between 9 and 10 this week", "this week", (9,), ()),
        ("since Monday between 9 and 11", "since Monday 16 November", (9, 10), ()),
        ("in the evenings last week", "last week", (18, 19, 20, 21), ()),
        ("every morning this week", "this week", (6, 7, 8, 9, 10, 11), ()),
        ("at night this week", "this week", (0, 1, 2, 3, 4, 5, 22, 23), ()),
        ("after 6pm last week", "last week", (18, 19, 20, 21, 22, 23), ()),
        ("in the mornings", "everything recorded", (6, 7, 8, 9, 10, 11), ()),
        ("overall between 9 and 10", "everything recorded", (9,), ()),
        ("on weekends", "everything recorded", (), (5, 6)),
        ("on weekdays in October", "October 2026", (), (0, 1, 2, 3, 4)),
        ("on weekends since 1 November", "since 1 November 2026", (), (5, 6)),
        ("on Mondays", "everything recorded", (), (0,)),
        ("on Monday mornings", "everything recorded", (6, 7, 8, 9, 10, 11), (0,)),
        ("sunday afternoons last month", "last month", (12, 13, 14, 15, 16, 17), (6,)),
        ("every Friday this month", "this month", (), (4,)),
        ("Tuesdays and Thursdays in October", "October 2026", (), (1, 3)),
        ("Mondays to Fridays between 9 and 11", "everything recorded", (9, 10), (0, 1, 2, 3, 4)),
    ],
)
def test_hours_and_weekdays_over_a_longer_time(
    question: str, words: str, hours: tuple[int, ...], weekdays: tuple[int, ...]
) -> None:
    when = one(question)
    assert (when.span and when.span.words, when.hours, when.weekdays) == (words, hours, weekdays)
    assert when.used == frozenset(range(len(words_of(question))))


@pytest.mark.parametrize(
    "question",
    [
        "from 9am to 10am the next day",
        "from 8pm on 31 October until the next day",
        "from 14 November until the following week",
        "in the night of 25 October between 02:00 and 03:00",
    ],
)
def test_a_stretch_that_could_end_on_two_days_is_not_guessed(question: str) -> None:
    assert "is not said" in one(question).problem


def test_parts_of_hours_on_many_days_cannot_be_asked_for() -> None:
    assert "only whole hours" in one("between 9:15 and 10 this week").problem


@pytest.mark.parametrize(
    "question",
    ["now", "right now", "currently", "at the moment", "at present", "current number of people"],
)
def test_right_now_is_the_last_minute(question: str) -> None:
    when = one(question)
    assert when.now
    assert when.span is not None
    assert ms(FRIDAY) - when.span.since == 60_000
    assert when.span.since < ms(FRIDAY) < when.span.until


@pytest.mark.parametrize(
    "question",
    ["ever", "in total", "overall", "so far", "of all time", "since the beginning",
     "in the whole record", "until now"],
)  # fmt: skip
def test_everything_is_all_that_is_recorded(question: str) -> None:
    when = one(question)
    assert when.everything
    assert window(when) == "Sep 2026 01 08:00 to 20 19:46"


def test_everything_of_an_empty_record_is_today() -> None:
    (when,) = read_when(words_of("in total"), ms(FRIDAY), BERLIN, None)
    assert window(when) == "20 00:00 to 21 00:00"


@pytest.mark.parametrize(
    ("question", "first", "second"),
    [
        ("today vs yesterday", "today", "yesterday"),
        ("this week compared with last week", "this week", "last week"),
        ("this week compared with the week before", "this week", "last week"),
        ("October vs November", "October 2026", "November 2026"),
        ("Monday and Tuesday", "Monday 16 November", "Tuesday 17 November"),
        ("Tuesday and Wednesday last week", "Tuesday 10 November", "Wednesday 11 November"),
        ("7 and 8 November", "7 November 2026", "8 November 2026"),
        ("morning vs afternoon", "today, 06:00 to 12:00", "today, 12:00 to 18:00"),
        ("morning or afternoon, which was busier yesterday?", "yesterday, 06:00 to 12:00",
         "yesterday, 12:00 to 18:00"),
        ("compare morning vs afternoon yesterday", "yesterday, 06:00 to 12:00",
         "yesterday, 12:00 to 18:00"),
        ("yesterday morning vs afternoon", "yesterday, 06:00 to 12:00",
         "yesterday, 12:00 to 18:00"),
        ("this morning than yesterday morning", "today, 06:00 to 12:00",
         "yesterday, 06:00 to 12:00"),
        ("this morning compared to yesterday", "today, 06:00 to 12:00", "yesterday"),
        ("between 9 and 10 today vs yesterday", "today, 09:00 to 10:00",
         "yesterday, 09:00 to 10:00"),
        ("today vs yesterday between 9 and 10", "today, 09:00 to 10:00",
         "yesterday, 09:00 to 10:00"),
        ("compare 9-10 with 10-11 today", "today, 09:00 to 10:00", "today, 10:00 to 11:00"),
        ("now vs an hour ago", "right now", "around 18:45, 1 hour ago"),
        ("did it increase from yesterday to today", "yesterday", "today"),
        ("the difference between Monday and Tuesday", "Monday 16 November", "Tuesday 17 November"),
    ],
)  # fmt: skip
def test_two_times_that_are_told_apart_are_two(question: str, first: str, second: str) -> None:
    times = read(question)
    assert [when.span and when.span.words for when in times] == [first, second]
    assert not times[0].used & times[1].used


def test_two_weekdays_kinds_are_two_times_over_everything() -> None:
    times = read("weekdays vs weekends")
    assert [when.weekdays for when in times] == [(0, 1, 2, 3, 4), (5, 6)]


@pytest.mark.parametrize(
    ("question", "why"),
    [
        ("tomorrow", "still to come (tomorrow)"),
        ("tomorrow morning", "still to come"),
        ("next week", "still to come (next week)"),
        ("next Tuesday", "still to come (Tuesday 24 November)"),
        ("this Sunday", "still to come (Sunday 22 November)"),
        ("in the next 3 days", "still to come"),
        ("on 25 December 2026", "still to come (25 December 2026)"),
        ("at 9 tonight", "still to come"),
        ("the last 2 hours of today", "still to come"),
        ("30 February", "There is no 30 February"),
        ("31 November", "There is no 31 November"),
        ("29 February 2025", "There is no 29 February 2025"),
        ("on 25/13/2026", "There is no 25/13/2026"),
        ("on Monday 18 October", "18 October 2026 is a Sunday, not a Monday"),
        ("the last 5000 years", "further back than a record"),
    ],
)
def test_a_time_that_cannot_be_is_named(question: str, why: str) -> None:
    when = one(question)
    assert when.span is None
    assert why in when.problem
    assert when.used == frozenset(range(len(words_of(question))))


@pytest.mark.parametrize(
    ("question", "others"),
    [
        ("at 5 yesterday", ["yesterday, 05:00 to 06:00", "yesterday, 17:00 to 17:01"]),
        ("between 3 and 4 yesterday", ["yesterday, 03:00 to 04:00"]),
        ("between 9 and 10 yesterday", ["yesterday, 21:00 to 22:00"]),
        ("between 9 and 10", []),  # this evening's is still to come
        ("between 15:00 and 16:00", []),
        ("last Tuesday", ["Tuesday 10 November"]),
        ("on Friday", ["Friday 13 November"]),
        ("in the last week", ["the last 7 days"]),
        ("the past week", ["last week"]),
        ("on 03/04/2026", ["4 March 2026"]),
        ("03.04.2026", []),
        ("a week ago", ["the week of 9 November 2026"]),
    ],
)
def test_what_a_time_could_mean_too_is_offered(question: str, others: list[str]) -> None:
    when = one(question)
    assert [other.span and other.span.words for other in when.others] == others
    assert all(other.used == when.used for other in when.others)


@pytest.mark.parametrize(
    ("question", "note"),
    [
        ("at 5 yesterday", "5 is taken as 17:00"),
        ("around 9", "half an hour before and after is taken"),
        ("this weekend", "the last one is taken"),
        ("in the last few days", "“a few” is taken as 3"),
        ("between 9 and 10 pm", "21:00 today is still to come, so yesterday’s is taken"),
        ("on 11/12/2026", "taken as 12 November 2026"),
    ],
)
def test_what_is_taken_for_granted_is_told(question: str, note: str) -> None:
    assert note in "; ".join(one(question).assumed)


def test_of_two_halves_of_a_day_the_one_that_was_is_meant() -> None:
    when = one("between 5 and 6", "2026-11-20 10:00")
    assert window(when) == "20 05:00 to 20 06:00"
    assert when.assumed == ("what is still to come is not meant",)


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("today", "20 00:00 to 21 00:00"),
        ("yesterday", "19 00:00 to 20 00:00"),
        ("last night", "19 22:00 to 20 06:00"),
        ("tonight", "19 18:00 to 20 06:00"),
        ("at night", "19 22:00 to 20 06:00"),
        ("after 6pm", "19 18:00 to 20 00:00"),
        ("since 6pm", "19 18:00 to 20 00:10"),
        ("between 9 and 10", "19 09:00 to 19 10:00"),
        ("the last 30 minutes", "19 23:40 to 20 00:10"),
        ("this hour", "20 00:00 to 20 01:00"),
        ("in the evening", "19 18:00 to 19 22:00"),
    ],
)
def test_just_after_midnight_the_evening_is_yesterdays(question: str, expected: str) -> None:
    assert window(one(question, "2026-11-20 00:10")) == expected


@pytest.mark.parametrize(
    ("question", "now", "expected"),
    [
        ("this week", "2026-11-16 09:00", "16 00:00 to 23 00:00"),
        ("last week", "2026-11-16 09:00", "09 00:00 to 16 00:00"),
        ("since Monday", "2026-11-16 09:00", "16 00:00 to 16 09:00"),
        ("last weekend", "2026-11-16 09:00", "14 00:00 to 16 00:00"),
        ("this week", "2026-11-22 23:00", "16 00:00 to 23 00:00"),
        ("this weekend", "2026-11-22 23:00", "21 00:00 to 23 00:00"),
        ("last weekend", "2026-11-22 23:00", "14 00:00 to 16 00:00"),
        ("Monday to Friday", "2026-11-18 09:00", "09 00:00 to 14 00:00"),
    ],
)
def test_weeks_begin_on_monday(question: str, now: str, expected: str) -> None:
    assert window(one(question, now)) == expected


def test_the_day_the_clocks_go_back_has_25_hours() -> None:
    span = one("today", "2026-10-25 12:00").span
    assert span is not None
    assert span.until - span.since == 25 * 3_600_000


def test_the_hour_that_comes_twice_is_two_hours_long_and_named() -> None:
    when = one("between 2 and 3 am on 25 October")
    assert when.span is not None
    assert when.span.until - when.span.since == 2 * 3_600_000
    assert "02:00 comes twice on 25 October 2026" in when.assumed[0]


def test_a_minute_that_comes_twice_is_counted_from_its_first_to_its_second_time() -> None:
    when = one("at 02:30 on 25 October")
    assert when.span is not None
    assert when.span.since == ms("2026-10-25 02:30")
    assert when.span.until == ms("2026-10-25 02:31", fold=1)


def test_a_time_that_the_clock_leaves_out_moves_forward_and_says_so() -> None:
    when = one("between 1:30 and 2:30 am", "2027-03-28 12:00")
    assert when.span is not None
    assert when.span.until == ms("2027-03-28 03:00")
    assert "02:30 does not exist on 28 March 2027" in when.assumed[0]
    assert "03:00 is taken" in when.assumed[0]


def test_a_minute_that_the_clock_leaves_out_is_the_first_one_after() -> None:
    when = one("at 02:30", "2027-03-28 12:00")
    assert when.span is not None
    assert (when.span.since, when.span.until) == (ms("2027-03-28 03:00"), ms("2027-03-28 03:01"))


def test_an_hour_that_the_clock_leaves_out_is_a_problem() -> None:
    assert "clocks go forward" in one("between 2 and 3 am", "2027-03-28 12:00").problem


def test_a_day_begins_at_one_where_midnight_is_left_out() -> None:
    when = one("today", "2026-09-06 12:00", "America/Santiago")
    assert when.span is not None
    assert when.span.since == ms("2026-09-06 01:00", "America/Santiago")


@pytest.mark.parametrize(
    "question",
    [
        "how many people were in the warehouse",
        "who stayed more than 2 minutes",
        "stays between 2 and 5 minutes",
        "show the last 5 people",
        "when was the last person seen",
        "top 3 cameras",
        "at 9 cameras",
        "after 3 days of work",
        "around 5 visitors",
        "most people at one time",
        "at one of the cameras",
        "after one visit",
        "2/3 of the people",
        "was it watched 24/7",
        "cameras 3-5",
        "which hour was the busiest",
        "may I ask you something",
        "people who sat down",
        "the second visitor",
        "people per hour",
        "compare the entrance with the warehouse",
        "",
    ],
)
def test_a_sentence_without_a_time_names_none(question: str) -> None:
    assert read(question) == []


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("how many people came in today", "today"),
        ("who came in on Monday", "on Monday"),
        ("came in between 9 and 10", "between 9 and 10"),
        ("walked over yesterday", "yesterday"),
        ("people at the entrance last week by day", "last week"),
        ("between 9 and 10, at the entrance, last Tuesday", "between 9 and 10 last Tuesday"),
        ("compared to yesterday", "yesterday"),
        ("in total yesterday", "in total yesterday"),
    ],
)
def test_a_word_that_is_not_the_times_is_left_to_others(question: str, expected: str) -> None:
    assert used(question, one(question)) == expected


def test_words_that_others_have_taken_are_not_read() -> None:
    words = words_of("people at Monday yesterday")
    (when,) = read_when(words, ms(FRIDAY), BERLIN, RECORDED, free={0, 1, 3})
    assert when.span is not None
    assert when.span.words == "yesterday"
    assert when.used == {3}


@pytest.mark.parametrize(
    ("question", "corrected"),
    [
        ("yesterdy mornig", (("yesterdy", "yesterday"), ("mornig", "morning"))),
        ("todya", (("todya", "today"),)),
        ("on Tuseday", (("Tuseday", "Tuesday".lower()),)),
        ("3 Novmber", (("Novmber", "november"),)),
    ],
)
def test_a_slip_of_the_finger_is_righted_and_told(
    question: str, corrected: tuple[tuple[str, str], ...]
) -> None:
    assert one(question).corrected == corrected


def test_a_name_is_no_misspelt_time() -> None:
    words = words_of("people at mondey")
    assert read_when(words, ms(FRIDAY), BERLIN, RECORDED)
    assert read_when(words, ms(FRIDAY), BERLIN, RECORDED, names={"mondey"}) == []


def word_list(text: str) -> list[str]:
    return text.split()


PIECES = word_list(
    """today yesterday tomorrow last this next week month year hour hours minutes morning
    afternoon night at in on the from to between and since until before after by around 2 3 9
    10 12 25 31 99 9:30 23:59 24:00 25:61 am pm noon midnight monday tuesday sunday weekend
    weekends mondays october november may 2026 2026-10-25 30.2.2026 31/4 9.30 vs all day ago
    few a half past quarter of th now ever - / people every 0 999999999 3.11"""
)


def test_whatever_is_said_a_window_is_never_empty_and_not_far_off() -> None:
    chance = random.Random(5)
    moments = ["2026-11-20 19:45", "2026-11-20 00:10", "2026-10-25 02:30", "2027-03-28 03:00"]
    read_some = 0
    for n in range(1500):
        question = " ".join(chance.choices(PIECES, k=chance.randint(1, 7)))
        words = words_of(question)
        for when in read_when(words, ms(moments[n % 4]), BERLIN, RECORDED):
            for each in (when, *when.others):
                assert bool(each.problem) != (each.span is not None), question
                assert each.used, question
                assert each.used <= set(range(len(words))), question
                if each.span is not None:
                    read_some += 1
                    assert each.span.until - each.span.since > 0, question
                    assert each.span.since <= ms(moments[n % 4]), question
                    assert each.span.until < ms(moments[n % 4]) + 370 * DAY, question
                    assert each.span.since > 0, question
                    assert each.span.words, question
    assert read_some > 1000


def test_times_of_one_question_never_share_a_word() -> None:
    chance = random.Random(7)
    for _ in range(600):
        question = " ".join(chance.choices(PIECES, k=8))
        times = read(question)
        taken = [n for when in times for n in when.used]
        assert len(taken) == len(set(taken)), question


def test_reading_is_quick() -> None:
    questions = [words_of(f"how many people came in {row[0]}?") for row in (*DAYS, *HOURS)]
    begin = time.process_time()
    for words in questions:
        read_when(words, ms(FRIDAY), BERLIN, RECORDED)
    assert (time.process_time() - begin) / len(questions) < 0.01


@pytest.mark.parametrize(
    ("question", "wanted"),
    [
        ("since 6 this morning", "20 06:00 to 20 19:45"),
        ("from 6 this morning", "20 06:00 to 20 19:45"),
        ("as of half past six this morning", "20 06:30 to 20 19:45"),
        ("since this morning at 6", "20 06:00 to 20 19:45"),
        ("since this morning 8 o'clock", "20 08:00 to 20 19:45"),
        ("since 5 this afternoon", "20 17:00 to 20 19:45"),
        ("since 6 yesterday morning", "19 06:00 to 20 19:45"),
        ("since 10 last night", "19 22:00 to 20 19:45"),
        ("since 2 last night", "20 02:00 to 20 19:45"),
        ("since 9 on tuesday morning", "17 09:00 to 20 19:45"),
        ("until 9 yesterday morning", "19 00:00 to 19 09:00"),
        ("until 8 yesterday evening", "19 00:00 to 19 20:00"),
        ("from 6 this morning to 2 this afternoon", "20 06:00 to 20 14:00"),
    ],
)
def test_a_time_and_its_part_of_a_day_are_one_moment(question: str, wanted: str) -> None:
    assert window(one(question)) == wanted


@pytest.mark.parametrize(
    "question",
    [
        "since we started recording", "since recordings began", "since the cameras were installed",
        "since the start of the recordings", "from day one",
    ],
)  # fmt: skip
def test_since_it_began_is_everything_recorded(question: str) -> None:
    when = one(question)
    assert when.everything
    assert len(when.used) == len(question.split())


@pytest.mark.parametrize(
    ("question", "wanted"),
    [
        ("the first week of this month", "01 00:00 to 08 00:00"),
        ("the second week of November", "08 00:00 to 15 00:00"),
        ("the last week of last month", "Oct 2026 25 00:00 to 01 00:00"),
        ("the first 3 days of this month", "01 00:00 to 04 00:00"),
        ("the first half of november", "01 00:00 to 16 00:00"),
        ("the first weekend of this month", "07 00:00 to 09 00:00"),
        ("on the first monday of november", "02 00:00 to 03 00:00"),
        ("on the 2nd monday of november", "09 00:00 to 10 00:00"),
        ("on the last friday of october", "Oct 2026 30 00:00 to Oct 2026 31 00:00"),
        ("the last day of october", "Oct 2026 31 00:00 to 01 00:00"),
        ("on halloween (31 oct)", "Oct 2026 31 00:00 to 01 00:00"),
        (
            "between 10pm on halloween (31 oct) and 2am the next morning",
            "Oct 2026 31 22:00 to 01 02:00",
        ),
        ("from 22:00 on 5 november until 3 in the morning of the 6th", "05 22:00 to 06 03:00"),
        ("yesterday, opening hours 9 to 18", "19 09:00 to 19 18:00"),
        ("yesterday until this time", "19 00:00 to 19 19:45"),
        ("between 9 and 11 yesterday morning", "19 09:00 to 19 11:00"),
        ("from 9 to 11 this morning", "20 09:00 to 20 11:00"),
        ("between 8 and 10 last night", "19 20:00 to 19 22:00"),
        ("between 11 and 1 last night", "19 23:00 to 20 01:00"),
        ("yesterday at this time of day", "19 19:15 to 19 20:15"),
    ],
)
def test_parts_of_months_and_days_are_read(question: str, wanted: str) -> None:
    assert window(one(question)) == wanted


@pytest.mark.parametrize(
    ("question", "wanted"),
    [
        ("this week compared with the one before", "09 00:00 to 16 00:00"),
        ("last tuesday against the tuesday before that", "10 00:00 to 11 00:00"),
        ("this month vs the one before", "Oct 2026 01 00:00 to 01 00:00"),
        ("yesterday compared to the one before", "18 00:00 to 19 00:00"),
        ("the last 7 days vs the 7 days before", "07 00:00 to 14 00:00"),
    ],
)
def test_the_one_before_is_told_by_the_one_named(question: str, wanted: str) -> None:
    _, before = read(question)
    assert window(before) == wanted


def test_a_part_that_a_month_does_not_have_is_told() -> None:
    assert "no such part" in one("on the fourth half of november").problem
