"""When keys are fetched, told in seconds: no clock runs here."""

from __future__ import annotations

import pytest

from affidavit.keysets.schedule import Schedule


@pytest.fixture
def fetched() -> Schedule:
    """Keys were had at second 1000; the jitter leaves the longest time."""
    schedule = Schedule()
    schedule.begin()
    schedule.succeed(1000, 1.0)
    return schedule


def test_the_first_fetch_is_due_at_once():
    assert Schedule().seconds_until_due(1000) == 0


@pytest.mark.parametrize(("jitter", "seconds"), [(0.0, 240), (0.5, 270), (1.0, 300)])
def test_the_next_is_due_within_five_minutes_spread_by_chance(jitter, seconds):
    schedule = Schedule()
    schedule.succeed(1000, jitter)
    assert [schedule.seconds_until_due(1000 + after) for after in (0, 100, 400)] == [seconds, seconds - 100, 0]


def test_failures_are_tried_again_with_growing_pauses_until_one_succeeds(fetched):
    pauses = []
    for _ in range(9):
        fetched.fail(2000)
        pauses.append(fetched.seconds_until_due(2000))
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    fetched.succeed(2000, 1.0)
    assert fetched.seconds_until_due(2000) == 300
    fetched.fail(2000)
    assert fetched.seconds_until_due(2000) == 1


def test_a_missing_key_makes_a_fetch_due_at_once(fetched):
    """Also a second after the start: no cooldown runs before it was ever needed."""
    assert fetched.hasten("new", 1001)
    assert fetched.seconds_until_due(1001) == 0
    fetched.begin()
    fetched.succeed(1001, 1.0)
    assert fetched.seconds_until_due(1001) == 300


def test_missing_keys_hasten_once_in_thirty_seconds(fetched):
    hastened = [second for second in range(1001, 1092) if fetched.hasten(f"key {second}", second)]
    assert hastened == [1001, 1031, 1061, 1091]


def test_the_same_missing_key_hastens_once_in_two_minutes(fetched):
    hastened = [second for second in range(1001, 1301) if fetched.hasten("gone", second)]
    assert hastened == [1001, 1121, 1241]
    assert fetched.hasten(None, 1301)


def test_what_is_remembered_of_missing_keys_is_bounded(fetched):
    for second in range(1001, 9000):
        fetched.hasten(f"key {second}", second)
    assert len(fetched._hastened_for) <= 4


def test_a_missing_key_waits_while_fetches_fail(fetched):
    fetched.fail(1100)
    assert not fetched.hasten("new", 1100)
    assert fetched.seconds_until_due(1100) == 1
    fetched.succeed(1101, 1.0)
    assert fetched.hasten("new", 1101)


def test_a_key_missed_during_a_fetch_is_fetched_for_once_more(fetched):
    """The fetch under way may have asked before the key was there."""
    fetched.begin()
    assert fetched.hasten("new", 1301)
    fetched.succeed(1302, 1.0)
    assert fetched.seconds_until_due(1302) == 0


def test_a_key_missed_during_a_fetch_that_fails_waits_like_any_other(fetched):
    fetched.begin()
    assert fetched.hasten("new", 1301)
    fetched.fail(1302)
    assert fetched.seconds_until_due(1302) == 1


def test_old_keys_go_stale_and_then_do_not_count(fetched):
    ages = [(fetched.is_stale(1000 + age), fetched.is_over(1000 + age)) for age in (0, 300, 301, 3600, 3601)]
    assert ages == [(False, False), (False, False), (True, False), (True, False), (True, True)]
