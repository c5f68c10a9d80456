"""Keys: sessions, tasks, files, image, observation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, cast

from components.base import ComponentError
from components.config.keys import Problem, given, key
from components.efs_volume import ArchiveAfterDays
from components.fargate_sizes import MEMORY_MIB, check_size

LOG_RETENTION_DAYS = (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653)
"""https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html"""

SMALLEST_SESSION_MIB = 350
"""What a dev server needs before its first page."""


def _words(values: tuple[int, ...]) -> str:
    return ", ".join(map(str, values[:-1])) + f" or {values[-1]}"


@dataclass(frozen=True, kw_only=True)
class SessionKeys:
    """What the gateway is told."""

    node_env: Literal["development", "production"] = key(
        group="Sessions",
        default="development",
        help="`development` serves `astro dev` with HMR; `production` builds the site and serves the result.",
        choices=("development", "production"),
    )
    max_sessions: int = key(
        group="Sessions", default=6, help="Live sessions per task; each needs 200-400 MiB, more with several frameworks.", within=(1, 200)
    )
    session_idle_seconds: int = key(
        group="Sessions",
        default=1800,
        help="A session without page requests or edits for so long is stopped.",
        within=(60, 86400),
        unit="s",
    )
    session_memory_mib: int = key(
        group="Sessions", default=1024, help="A dev server above this is restarted when idle.", within=(512, 16384), unit="MiB"
    )
    warm_runners: int = key(group="Sessions", default=1, help="Dev servers started ahead of need.", within=(0, 10))
    task_protection_minutes: int = key(
        group="Sessions",
        default=0,
        help="A task with live sessions is spared by scale-in and deployments, for so long at a time and again while they live; "
        "0 turns it off. Deployments then wait for sessions to end.",
        within=(0, 2880),
        unit="min",
    )
    watch_mode: Literal["auto", "native", "hybrid", "polling"] = key(
        group="Sessions", default="auto", help="How dev servers notice file changes.", choices=("auto", "native", "hybrid", "polling")
    )
    poll_interval_ms: int = key(group="Sessions", default=100, help="Interval of polling, where it is used.", within=(20, 5000), unit="ms")
    page_updates: Literal["in-place", "reload"] = key(
        group="Sessions",
        default="in-place",
        help="How an open page shows an edit of its markup or content: in place where that is possible, or always by a reload.",
        choices=("in-place", "reload"),
    )

    @property
    def container_environment(self) -> dict[str, str]:
        """Plain environment of the container besides the contract's."""
        return {
            "NODE_ENV": self.node_env,
            "ASTRO_LIVE_MAX_SESSIONS": str(self.max_sessions),
            "ASTRO_LIVE_SESSION_IDLE_SECONDS": str(self.session_idle_seconds),
            "ASTRO_LIVE_SESSION_MEMORY_MIB": str(self.session_memory_mib),
            "ASTRO_LIVE_WARM_RUNNERS": str(self.warm_runners),
            "ASTRO_LIVE_TASK_PROTECTION_MINUTES": str(self.task_protection_minutes),
            "ASTRO_LIVE_WATCH_MODE": self.watch_mode,
            "ASTRO_LIVE_POLL_INTERVAL_MS": str(self.poll_interval_ms),
            "ASTRO_LIVE_PAGE_UPDATES": self.page_updates,
        }


@dataclass(frozen=True, kw_only=True)
class TaskKeys:
    """Size, number and departure of tasks."""

    arch: Literal["arm64", "x86_64"] = key(
        group="Task", default="arm64", help="CPU architecture of image and task.", choices=("arm64", "x86_64")
    )
    cpu: int = key(
        group="Task", default=1024, help="CPU units; 1024 is one vCPU.", check=MEMORY_MIB.__contains__, allowed=_words(tuple(MEMORY_MIB))
    )
    memory_mib: int = key(
        group="Task", default=4096, help="Memory; must be a Fargate size together with `cpu`.", within=(512, 122880), unit="MiB"
    )
    ephemeral_storage_gib: int = key(
        group="Task", default=30, help="Local disk for caches and installed packages.", within=(21, 200), unit="GiB"
    )
    desired_count: int = key(group="Task", default=1, help="Number of tasks; with `autoscaling` only to begin with.", within=(1, 100))
    autoscaling: bool = key(group="Task", default=False, help="Let CPU, memory and live sessions decide the number of tasks.")
    min_tasks: int = key(group="Task", default=1, help="With `autoscaling`: fewest tasks.", within=(1, 100))
    max_tasks: int = key(group="Task", default=4, help="With `autoscaling`: most tasks.", within=(1, 100))
    scale_cpu_percent: int = key(group="Task", default=60, help="With `autoscaling`: CPU to aim at.", within=(10, 95), unit="percent")
    scale_memory_percent: int = key(group="Task", default=75, help="With `autoscaling`: memory to aim at.", within=(10, 95), unit="percent")
    scale_sessions_per_task: int = key(
        group="Task",
        default=0,
        help="With `autoscaling`: live sessions per task to aim at; 0 leaves it to CPU and memory.",
        within=(0, 200),
    )
    capacity: Literal["on-demand", "mixed", "spot"] = key(
        group="Task",
        default="on-demand",
        help="`spot` is cheaper and may be reclaimed at two minutes' notice; `mixed` keeps the first task on demand.",
        choices=("on-demand", "mixed", "spot"),
    )
    execute_command: bool = key(
        group="Task",
        default=False,
        help="ECS Exec: a shell in the running container. The policy service-no-shell wants an exemption for it.",
    )
    stop_timeout_seconds: int = key(
        group="Task",
        default=60,
        help="From SIGTERM to SIGKILL; the load balancer's deregistration delay is as long.",
        within=(10, 120),
        unit="s",
    )
    grace_seconds: int = key(
        group="Task", default=120, help="After a task's start, failed health checks do not count for so long.", within=(30, 3600), unit="s"
    )
    log_retention_days: int = key(
        group="Task", default=30, help="Days that logs are kept.", check=LOG_RETENTION_DAYS.__contains__, allowed=_words(LOG_RETENTION_DAYS)
    )

    def task_problems(self, max_sessions: int) -> list[Problem]:
        """Keys that do not go together."""
        problems = []
        try:
            check_size(self.cpu, self.memory_mib)
        except ComponentError as error:
            allowed, _, fix = str(error).partition("; ")[2].partition(". ")
            problems.append(Problem(key="memoryMib", value=f"{self.memory_mib} with cpu {self.cpu}", allowed=allowed, fix=fix))
        if max_sessions * SMALLEST_SESSION_MIB > self.memory_mib:
            fits = self.memory_mib // SMALLEST_SESSION_MIB
            allowed = f"at most {fits} with memoryMib {self.memory_mib}, a dev server needing {SMALLEST_SESSION_MIB} MiB and more"
            problems.append(Problem(key="maxSessions", value=str(max_sessions), allowed=allowed, fix=f"set {fits}, or raise memoryMib"))
        if self.autoscaling and not self.min_tasks <= self.desired_count <= self.max_tasks:
            allowed = f"{self.min_tasks}-{self.max_tasks}, from minTasks to maxTasks"
            problems.append(Problem(key="desiredCount", value=str(self.desired_count), allowed=allowed, fix="choose a number between them"))
        if self.autoscaling and self.min_tasks > self.max_tasks:
            allowed = f"at least minTasks, {self.min_tasks}"
            problems.append(Problem(key="maxTasks", value=str(self.max_tasks), allowed=allowed, fix="raise maxTasks, or lower minTasks"))
        if self.capacity != "on-demand" and self.stop_timeout_seconds > 60:
            allowed = f"10-60 s with capacity {self.capacity}: draining and stopping share the two minutes of a Spot warning"
            problems.append(Problem(key="stopTimeoutSeconds", value=str(self.stop_timeout_seconds), allowed=allowed, fix="set 60"))
        return problems


@dataclass(frozen=True, kw_only=True)
class StoreKeys:
    """File system, keys, image."""

    efs_throughput: Literal["elastic", "bursting"] = key(
        group="Files and image",
        default="elastic",
        help="`elastic` pays per byte and never throttles; `bursting` earns credits by size.",
        choices=("elastic", "bursting"),
    )
    efs_archive_after_days: int = key(
        group="Files and image",
        default=30,
        help="Files not read for so long move to the cheaper class; 0 keeps them.",
        check=(0, 7, 14, 30, 60, 90).__contains__,
        allowed=_words((0, 7, 14, 30, 60, 90)),
    )
    efs_backups: bool = key(group="Files and image", default=True, help="Daily backups of the sites, kept for 35 days.")
    efs_replica_region: str = key(
        group="Files and image",
        default="",
        help="Keep a read-only copy of the sites in this region.",
        pattern=r"[a-z]{2}(?:-[a-z]+)+-\d",
        allowed="an AWS region",
        example="eu-west-1",
    )
    kms_key_arn: str = key(
        group="Files and image",
        default="",
        help="Own KMS key for the file system and the secrets. Empty: AWS's keys.",
        pattern=r"arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key/\S+",
        allowed="a KMS key's ARN",
        example="arn:aws:kms:eu-central-1:123456789012:key/12345678-1234-1234-1234-123456789012",
    )
    image_digest: str = key(
        group="Files and image",
        default="",
        help="Run this image of the repository, for a rollback. Empty: the image of this checkout is built.",
        pattern=r"sha256:[0-9a-f]{64}",
        allowed="'sha256:' and 64 hexadecimal digits, as in the stack output imageDigest",
    )
    image_revision: str = key(
        group="Files and image",
        default="",
        help="Part of the image's tag. Change it when the registry refuses a tag that exists: after a revert to files built before, "
        "or after `imageDigest` was taken out again.",
        pattern=r"[a-z0-9]{1,20}",
        allowed="1-20 lower-case letters and digits",
        example="2",
    )
    keep_images: int = key(group="Files and image", default=30, help="Newest images that stay in the repository.", within=(5, 1000))

    @property
    def archive_after_days(self) -> ArchiveAfterDays | None:
        """`efs_archive_after_days` as the volume takes it."""
        return cast(ArchiveAfterDays, self.efs_archive_after_days) if self.efs_archive_after_days else None


@dataclass(frozen=True, kw_only=True)
class WatchKeys:
    """Alarms and dashboard."""

    alarm_topic_arn: str = key(
        group="Observation",
        default="",
        help="Existing SNS topic that alarms are sent to.",
        pattern=r"arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:\S+",
        allowed="an SNS topic's ARN",
        example="arn:aws:sns:eu-central-1:123456789012:on-call",
    )
    alarm_email: str = key(
        group="Observation",
        default="",
        help="Make a topic and subscribe this address, which must confirm.",
        pattern=r"[^@\s]+@[^@\s]+\.[^@\s]+",
        allowed="an e-mail address",
        example="on-call@example.com",
    )
    dashboard: bool = key(group="Observation", default=True, help="Make a CloudWatch dashboard.")

    def watch_problems(self) -> list[Problem]:
        """Keys that do not go together."""
        if not (given(self.alarm_topic_arn) and self.alarm_email):
            return []
        allowed = "one of alarmEmail and alarmTopicArn"
        return [
            Problem(
                key="alarmEmail", value=self.alarm_email, allowed=allowed, fix="subscribe the address to the topic, and remove alarmEmail"
            )
        ]
