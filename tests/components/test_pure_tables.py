"""Tables and checks that know no Pulumi resource: sizes, ranges, drain, listener rules, alarms, the
build context's hash.
"""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.alarms import Alarm, Thresholds, alarms
from components.base import ComponentError
from components.build_context import (
    context_files,
    context_hash,
    files_hash,
    is_ignored,
    may_hold,
    parse_ignore,
)
from components.cidr import check_cidr, parse_cidr
from components.drain import Drain
from components.endpoints import interface_services
from components.fargate_sizes import MEMORY_MIB, check_size, nearest_size
from components.listener_rules import Rule, check_rules
from contract.telemetry import LOG_METRICS

# Fargate sizes


def test_every_pair_of_the_table_is_accepted() -> None:
    for cpu, sizes in MEMORY_MIB.items():
        for memory in sizes:
            check_size(cpu, memory)


@given(cpu=st.sampled_from(sorted(MEMORY_MIB)), memory=st.integers(min_value=0, max_value=200_000))
def test_a_refused_pair_names_the_nearest_that_holds_as_much(cpu: int, memory: int) -> None:
    if memory in MEMORY_MIB[cpu]:
        check_size(cpu, memory)
        return
    near_cpu, near_memory = nearest_size(cpu, memory)
    check_size(near_cpu, near_memory)
    assert near_cpu >= cpu
    assert near_memory >= min(memory, 122_880)
    with pytest.raises(ComponentError) as error:
        check_size(cpu, memory)
    assert f"cpu {near_cpu} with memory_mib {near_memory}" in str(error.value)


def test_an_unknown_cpu_is_refused_with_all_that_are_known() -> None:
    with pytest.raises(
        ComponentError,
        match=r"cpu is 1000; allowed is one of 256, 512, 1024, 2048, 4096, 8192, 16384 CPU units",
    ):
        check_size(1000, 2048)


# Ranges


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("10.0.0.1/8", "write '10.0.0.0/8'"),
        ("everyone", "203.0.113.0/24"),
        ("10.0.0.0/33", "203.0.113.0/24"),
        ("", "203.0.113.0/24"),
    ],
)
def test_a_wrong_range_is_answered_with_a_right_one(text: str, hint: str) -> None:
    with pytest.raises(ComponentError, match=r"cidr is") as error:
        parse_cidr("cidr", text)
    assert hint in str(error.value)


@pytest.mark.parametrize("text", ["10.0.0.0/8", "10.0.0.0/25", "2001:db8::/32"])
def test_a_vpc_has_an_ipv4_range_of_a_fitting_size(text: str) -> None:
    with pytest.raises(ComponentError, match="from /16 to /24"):
        check_cidr("cidr", text, shortest_prefix=16, longest_prefix=24)


# Drain


@given(seconds=st.integers(min_value=2, max_value=120))
def test_the_load_balancer_lets_go_as_slowly_as_the_task_stops(seconds: int) -> None:
    assert Drain(stop_timeout_seconds=seconds).deregistration_delay_seconds == seconds
    assert Drain(stop_timeout_seconds=seconds, hands_over=True).deregistration_delay_seconds == min(
        10, seconds
    )


@pytest.mark.parametrize("seconds", [1, 121])
def test_fargate_gives_a_container_two_minutes_at_most(seconds: int) -> None:
    with pytest.raises(
        ComponentError, match=rf"stop_timeout_seconds is {seconds}; allowed is 2-120 s on Fargate"
    ):
        Drain(stop_timeout_seconds=seconds)


# Listener rules


def test_clashing_priorities_name_both_rules_and_a_free_one() -> None:
    rules = {
        "one": Rule(priority=25, patterns=("/a/*",)),
        "two": Rule(priority=25, patterns=("/b/*",)),
        "three": Rule(priority=26, patterns=("/c",)),
    }
    with pytest.raises(
        ComponentError,
        match=r"rules 'one' and 'two' both have priority 25; give one another, such as 27",
    ):
        check_rules(rules)


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (Rule(priority=0, patterns=("/a",)), "priority 0; allowed is 1-50000"),
        (Rule(priority=50001, patterns=("/a",)), "priority 50001; allowed is 1-50000"),
        (Rule(priority=1, patterns=()), "0 path patterns; allowed is 1-5"),
        (
            Rule(priority=1, patterns=tuple(f"/{n}" for n in range(6))),
            "6 path patterns; allowed is 1-5 per rule. Split the rule",
        ),
        (Rule(priority=1, patterns=("a",)), "path pattern 'a'"),
        (Rule(priority=1, patterns=("/" + "a" * 128,)), "at most 127 characters"),
    ],
)
def test_what_aws_would_refuse_is_refused_before(rule: Rule, words: str) -> None:
    with pytest.raises(ComponentError) as error:
        check_rules({"it": rule})
    assert words in str(error.value)


def test_the_accounts_quota_of_rules_holds() -> None:
    rules = {f"rule_{number}": Rule(priority=number, patterns=("/a",)) for number in range(1, 102)}
    with pytest.raises(ComponentError, match="101 listener rules; allowed is 100"):
        check_rules(rules)
    check_rules(rules, quota=101)


@given(priorities=st.lists(st.integers(min_value=1, max_value=50000), min_size=1, max_size=20))
def test_rules_pass_exactly_if_no_priority_is_taken_twice(priorities: list[int]) -> None:
    rules = {
        f"rule_{number}": Rule(priority=priority, patterns=("/a",))
        for number, priority in enumerate(priorities)
    }
    if len(set(priorities)) == len(priorities):
        check_rules(rules)
    else:
        with pytest.raises(ComponentError, match="both have priority"):
            check_rules(rules)


# Observation


def test_alarms_say_what_is_wrong_and_what_to_do() -> None:
    table = alarms(Thresholds(), shared=True)
    for key, alarm in table.items():
        assert alarm.meaning.endswith("."), key
        assert alarm.action.endswith("."), key
        assert alarm.breaching <= alarm.periods, key
        assert len(alarm.description) <= 1024, key


def test_each_metric_of_an_alarm_on_the_log_is_made_from_the_log() -> None:
    made = {metric.name for metric in LOG_METRICS}
    assert {
        alarm.metric for alarm in alarms(Thresholds(), shared=True).values() if alarm.scope == "log"
    } <= made


def test_thresholds_reach_their_alarms() -> None:
    table: dict[str, Alarm] = alarms(Thresholds(update_ms=150, utilisation_percent=70))
    assert (table["update_latency"].threshold, table["cpu"].threshold) == (150, 70)


def test_filter_patterns_pick_the_event_and_its_number() -> None:
    patterns = {metric.name: (metric.pattern, metric.value) for metric in LOG_METRICS}
    assert patterns["UpdateLatency"] == ('{ $.event = "update_sent" && $.ms >= 0 }', "$.ms")
    assert patterns["SocketsOpened"] == ('{ $.event = "socket_opened" }', "1")


def test_endpoints_are_those_the_task_needs_and_no_more() -> None:
    assert interface_services(execute_command=False) == (
        "ecr.api",
        "ecr.dkr",
        "logs",
        "secretsmanager",
    )
    assert interface_services(execute_command=True)[-1] == "ssmmessages"


# Build context


@pytest.mark.parametrize(
    ("ignore", "path", "ignored"),
    [
        ("node_modules", "node_modules/a/b.js", True),
        ("node_modules", "site/node_modules/a.js", False),
        ("**/node_modules", "site/node_modules/a.js", True),
        ("*.md", "README.md", True),
        ("*.md", "docs/README.md", False),
        ("**/*.md", "docs/README.md", True),
        ("/docs/", "docs/a.txt", True),
        ("docs\n!docs/a.txt", "docs/a.txt", False),
        ("docs\n!docs/a.txt", "docs/b.txt", True),
        ("*\n!container", "container/Dockerfile", False),
        ("*\n!container\ncontainer/**/*.pyc", "container/gateway/a.pyc", True),
        ("# a comment\n\n", "a", False),
        ("file?.txt", "file1.txt", True),
        ("file?.txt", "file/.txt", False),
        ("[ab].txt", "a.txt", True),
        ("!never", "never", False),
    ],
)
def test_ignore_patterns(ignore: str, path: str, ignored: bool) -> None:
    assert is_ignored(path, parse_ignore(ignore)) is ignored


@pytest.fixture
def context(tmp_path: Path) -> Path:
    for name, text in {
        "Dockerfile": "FROM x",
        "app/main.py": "1",
        "app/cache.pyc": "x",
        "node_modules/a.js": "y",
        ".dockerignore": "**/*.pyc\nnode_modules",
    }.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return tmp_path


def hash_of(context: Path, platform: str = "linux/arm64") -> str:
    return context_hash(context, context / "Dockerfile", platform=platform)


def test_the_hash_follows_what_the_image_holds(context: Path) -> None:
    """Content, names, the execute bit, the platform and the Dockerfile count."""
    seen = {hash_of(context), hash_of(context, "linux/amd64")}
    (context / "app" / "main.py").write_text("2")
    seen.add(hash_of(context))
    (context / "app" / "main.py").rename(context / "app" / "other.py")
    seen.add(hash_of(context))
    (context / "app" / "other.py").chmod(0o755)
    seen.add(hash_of(context))
    (context / "Dockerfile").write_text("FROM y")
    seen.add(hash_of(context))
    (context / "app" / "link").symlink_to("other.py")
    seen.add(hash_of(context))
    assert len(seen) == 7


def test_the_hash_ignores_what_the_image_leaves_out(context: Path) -> None:
    """Times, ignored files, and sockets that a running process left behind: nothing is rebuilt for
    them.
    """
    before = hash_of(context)
    os.utime(context / "app" / "main.py", (0, 0))
    (context / "app" / "cache.pyc").write_text("other")
    (context / "node_modules" / "b.js").write_text("z")
    os.mkfifo(context / "app" / "pipe")
    assert hash_of(context) == before


def test_an_ignored_folder_is_entered_only_for_an_exception(context: Path) -> None:
    patterns = parse_ignore("*\n!app/main.py")
    assert list(context_files(context, patterns)) == ["app/main.py"]


NAMES = st.sampled_from(["a", "b", "c"])
PATHS = st.lists(NAMES, min_size=1, max_size=4).map("/".join)
PATTERNS = st.lists(
    st.builds(
        "{}{}{}".format,
        st.sampled_from(["", "!"]),
        st.sampled_from(["", "**/"]),
        st.lists(st.sampled_from(["a", "b", "c", "*"]), min_size=1, max_size=3).map("/".join),
    ),
    max_size=6,
)


@given(patterns=PATTERNS, path=PATHS)
@settings(max_examples=500)
def test_no_folder_is_passed_over_that_holds_something(patterns: list[str], path: str) -> None:
    parsed = parse_ignore("\n".join(patterns))
    if not is_ignored(path, parsed):
        above = [parent.as_posix() for parent in PurePosixPath(path).parents][:-1]
        assert all(may_hold(parent, parsed) for parent in above)


@pytest.mark.parametrize("patterns", ["*\n!app\n**/node_modules", "*\n!app\napp/node_modules"])
def test_a_folder_that_is_ignored_last_is_not_entered(patterns: str) -> None:
    """The walk over installed packages was a second of each preview."""
    assert not may_hold("app/node_modules", parse_ignore(patterns))


def test_the_dockerfiles_own_ignore_file_comes_first(context: Path) -> None:
    before = hash_of(context)
    (context / "Dockerfile.dockerignore").write_text("app")
    without_app = hash_of(context)
    (context / "app" / "main.py").write_text("changed")
    assert hash_of(context) == without_app != before


def test_parts_of_a_hash_cannot_be_shifted(tmp_path: Path) -> None:
    """`ab` + `c` is not `a` + `bc`."""
    for name, text in {"a": "ab", "b": "c", "c": "a", "d": "bc"}.items():
        (tmp_path / name).write_text(text)
    first = files_hash([tmp_path / "a", tmp_path / "b"], platform="p")
    assert first != files_hash([tmp_path / "c", tmp_path / "d"], platform="p")
