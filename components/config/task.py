"""Keys: tasks, files, image, observability. Those of the sessions are in
`contract.settings.session`.
"""

from __future__ import annotations

import ipaddress
from typing import Annotated, ClassVar, Final, Literal, cast, get_args

from components.config.shapes import arn, given, matching
from components.docker_image import KEEP_IMAGES, Architecture, DockerImageArgs
from components.drain import SPOT_STOP_SECONDS
from components.efs_fargate_service import EPHEMERAL_STORAGE_GIB, EfsFargateServiceArgs
from components.efs_volume import ArchiveAfterDays, EfsVolumeArgs
from components.endpoints import interface_services
from components.fargate_sizes import MEMORY_MIB, describe_sizes, nearest_size
from components.network import Egress
from components.regions import REGION
from components.scaling import TRACKED_PERCENT, Autoscaling, Capacity, leaves_in_time
from components.subnets import usable_addresses
from contract.ranges import STOP_TIMEOUT_SECONDS
from contract.settings import Names, Problem, Problems, Rule, Settings, one_of, setting

TASK: Final = "Task"
STORE: Final = "Files and image"
WATCH: Final = "Observability"

LOG_RETENTION_DAYS: Final = (
    *(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731),
    *(1096, 1827, 2192, 2557, 2922, 3288, 3653),
)
"""https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
"""

KMS_KEY: Final = r"key/(?:mrk-[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"
"""A key's id, of one region or of several; not an alias."""

EMAIL: Final = (
    r"(?=.{6,254}$)(?=[^@]{1,64}@)[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+"
    r"@([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}"
)
"""Of the form that mail servers take without quotes (RFC 5321 and 5322)."""

SMALLEST_SESSION_MIB: Final = 350
"""What a dev server needs before its first page."""


def fargate_offers_the_size(names: Names, cpu: int, memory_mib: int) -> Problems:
    """Not every memory goes with every number of CPU units."""
    if memory_mib in MEMORY_MIB[cpu]:
        return
    memory = names["memory_mib"]
    near_cpu, near_memory = nearest_size(cpu, memory_mib)
    yield Problem(
        key=memory,
        value=f"{memory_mib} with {names['cpu']} {cpu}",
        allowed=f"{describe_sizes(MEMORY_MIB[cpu])} MiB with {names['cpu']} {cpu}",
        fix=(
            f"set {names['cpu']} {near_cpu} with {memory} {near_memory}, the nearest size that"
            " holds as much"
        ),
    )


def sessions_fit_the_task(names: Names, max_sessions: int, memory_mib: int) -> Problems:
    """Each dev server needs memory before its first page."""
    if max_sessions * SMALLEST_SESSION_MIB > memory_mib:
        fits = memory_mib // SMALLEST_SESSION_MIB
        memory = names["memory_mib"]
        yield Problem(
            key=names["max_sessions"],
            value=str(max_sessions),
            allowed=(
                f"at most {fits} with {memory} {memory_mib}, a dev server needing"
                f" {SMALLEST_SESSION_MIB} MiB and more"
            ),
            fix=f"set {fits}, or raise {memory}",
        )


def a_session_fits_the_task(names: Names, session_memory_mib: int, memory_mib: int) -> Problems:
    """A limit above the task's memory is never reached: the kernel ends the task first."""
    if session_memory_mib > memory_mib:
        memory = names["memory_mib"]
        yield Problem(
            key=names["session_memory_mib"],
            value=str(session_memory_mib),
            allowed=f"at most the task's {memory}, {memory_mib} MiB",
            fix=f"lower {names['session_memory_mib']}, or raise {memory}",
        )


def builds_fit_the_task(
    names: Names, node_env: str, build_memory_mib: int, builds_at_once: int, memory_mib: int
) -> Problems:
    """A build that reaches its limit is ended with a message; one that reaches the
    task's is not.
    """
    memory = names["memory_mib"]
    if node_env != "production":
        return
    if build_memory_mib > memory_mib:
        yield Problem(
            key=names["build_memory_mib"],
            value=str(build_memory_mib),
            allowed=(
                f"at most the task's {memory}, {memory_mib} MiB, where {names['node_env']} is"
                " production"
            ),
            fix=f"lower {names['build_memory_mib']}, or raise {memory}",
        )
    elif build_memory_mib * builds_at_once > memory_mib:
        fits = memory_mib // build_memory_mib
        yield Problem(
            key=names["builds_at_once"],
            value=str(builds_at_once),
            allowed=(
                f"at most {fits} with {names['build_memory_mib']} {build_memory_mib} and {memory}"
                f" {memory_mib}"
            ),
            fix=f"set {fits}, lower {names['build_memory_mib']}, or raise {memory}",
        )


def desired_tasks_are_within_scaling(
    names: Names, autoscaling: bool, min_tasks: int, max_tasks: int, desired_count: int
) -> Problems:
    """Autoscaling keeps the number between two others."""
    if not autoscaling:
        return
    low, high = names["min_tasks"], names["max_tasks"]
    if not min_tasks <= desired_count <= max_tasks:
        yield Problem(
            key=names["desired_count"],
            value=str(desired_count),
            allowed=f"{min_tasks}-{max_tasks}, from {low} to {high}",
            fix="choose a number between them",
        )
    if min_tasks > max_tasks:
        allowed = f"at least {low}, {min_tasks}"
        fix = f"raise {high}, or lower {low}"
        yield Problem(key=high, value=str(max_tasks), allowed=allowed, fix=fix)


def scaling_aims_at_what_a_task_takes(
    names: Names, autoscaling: bool, scale_sessions_per_task: int, max_sessions: int
) -> Problems:
    """Otherwise full tasks never ask for another one."""
    if autoscaling and scale_sessions_per_task > max_sessions:
        key, most = names["scale_sessions_per_task"], names["max_sessions"]
        yield Problem(
            key=key,
            value=str(scale_sessions_per_task),
            allowed=(
                f"at most {most}, {max_sessions}: a task that is full would never be above its aim"
            ),
            fix=(
                f"set three quarters of {most}, {max(1, max_sessions * 3 // 4)}, so that a new task"
                " is there before the others are full"
            ),
        )


BALANCER_ADDRESSES: Final = 8
"""Free addresses that a load balancer wants in each of its subnets
(https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html).
"""


def tasks_fit_the_subnets(
    names: Names,
    vpc_id: str,
    vpc_cidr: str,
    availability_zones: int,
    egress: Egress,
    internal: bool,
    autoscaling: bool,
    max_tasks: int,
    desired_count: int,
) -> Problems:
    """Each task has an address of a private subnet, and in a deployment each of them runs twice."""
    if given(vpc_id):
        return
    endpoints = len(interface_services(execute_command=True)) if egress == "endpoints" else 0
    others = (
        1 + endpoints + (BALANCER_ADDRESSES if internal else 0)
    )  # the mount target's, and these
    tasks = max_tasks if autoscaling else desired_count
    needed = 2 * tasks

    def room(cidr: str) -> int:
        return availability_zones * (usable_addresses(cidr) - others)

    if needed > room(vpc_cidr):
        address = vpc_cidr.partition("/")[0]
        widths = (
            f"{ipaddress.ip_network(f'{address}/{length}', strict=False)}"
            for length in range(24, 15, -1)
        )
        fitting = next(cidr for cidr in widths if needed <= room(cidr))
        yield Problem(
            key=names["vpc_cidr"],
            value=f'"{vpc_cidr}" with {tasks} tasks',
            allowed=(
                f"a range whose private subnets have {needed} addresses for tasks, which run twice"
                f" in a deployment; this one has {room(vpc_cidr)}"
            ),
            fix=f"set {fitting}, or lower {names['max_tasks' if autoscaling else 'desired_count']}",
        )


def several_tasks_share_a_table(
    names: Names, shared_ownership: bool, desired_count: int, autoscaling: bool, max_tasks: int
) -> Problems:
    """Tasks that do not know of each other run one session twice, and a sign-in link works once on
    each.
    """
    key = "max_tasks" if autoscaling else "desired_count"
    most = max_tasks if autoscaling else desired_count
    if most > 1 and not shared_ownership:
        yield Problem(
            key=names[key],
            value=f"{most} while {names['shared_ownership']} is false",
            allowed=(
                f"1 without {names['shared_ownership']}: tasks agree by a table on who runs a"
                " session"
            ),
            fix=f"set {names['shared_ownership']} true, or {names[key]} 1",
        )


def spot_tasks_leave_in_time(
    names: Names, capacity: Capacity, stop_timeout_seconds: int
) -> Problems:
    """AWS reclaims a Spot task two minutes after its warning."""
    if not leaves_in_time(capacity, stop_timeout_seconds):
        yield Problem(
            key=names["stop_timeout_seconds"],
            value=str(stop_timeout_seconds),
            allowed=(
                f"{STOP_TIMEOUT_SECONDS[0]}-{SPOT_STOP_SECONDS} s with {names['capacity']}"
                f" {capacity}: draining and stopping share the two minutes of a Spot warning"
            ),
            fix=f"set {SPOT_STOP_SECONDS}",
        )


class TaskKeys(Settings):
    """Size, number and departure of tasks."""

    rules: ClassVar[tuple[Rule, ...]] = (
        fargate_offers_the_size,
        sessions_fit_the_task,
        a_session_fits_the_task,
        builds_fit_the_task,
        desired_tasks_are_within_scaling,
        scaling_aims_at_what_a_task_takes,
        tasks_fit_the_subnets,
        several_tasks_share_a_table,
        spot_tasks_leave_in_time,
    )

    arch: Architecture = setting(
        EfsFargateServiceArgs.arch, "CPU architecture of image and task.", group=TASK
    )
    cpu: Annotated[int, one_of(tuple(MEMORY_MIB))] = setting(
        EfsFargateServiceArgs.cpu, "CPU units; 1024 is one vCPU.", group=TASK
    )
    memory_mib: int = setting(
        EfsFargateServiceArgs.memory_mib,
        "Memory; must be a Fargate size together with `cpu`.",
        group=TASK,
        within=(512, 122880),
        unit="MiB",
    )
    ephemeral_storage_gib: int = setting(
        EfsFargateServiceArgs.ephemeral_storage_gib,
        "Local disk for caches and installed packages.",
        group=TASK,
        within=EPHEMERAL_STORAGE_GIB,
        unit="GiB",
    )
    desired_count: int = setting(
        EfsFargateServiceArgs.desired_count,
        "Number of tasks; with `autoscaling` only to begin with.",
        group=TASK,
        within=(1, 100),
    )
    shared_ownership: bool = setting(
        True,
        "Make a DynamoDB table by which tasks agree on who runs a session. Off, the service has one"
        " task, and for the length of each deployment two that do not know of each other.",
        group=TASK,
    )
    autoscaling: bool = setting(
        False, "Let CPU, memory and live sessions decide the number of tasks.", group=TASK
    )
    min_tasks: int = setting(
        Autoscaling.minimum, "With `autoscaling`: fewest tasks.", group=TASK, within=(1, 100)
    )
    max_tasks: int = setting(
        Autoscaling.maximum, "With `autoscaling`: most tasks.", group=TASK, within=(1, 100)
    )
    scale_cpu_percent: int = setting(
        Autoscaling.cpu_percent,
        "With `autoscaling`: CPU to aim at.",
        group=TASK,
        within=TRACKED_PERCENT,
        unit="percent",
    )
    scale_memory_percent: int = setting(
        Autoscaling.memory_percent,
        "With `autoscaling`: memory to aim at.",
        group=TASK,
        within=TRACKED_PERCENT,
        unit="percent",
    )
    scale_sessions_per_task: int = setting(
        0,
        "With `autoscaling`: live sessions per task to aim at, so that there is room for more; 0 is"
        " three quarters of `maxSessions`.",
        group=TASK,
        within=(0, 200),
    )
    capacity: Capacity = setting(
        EfsFargateServiceArgs.capacity,
        "`spot` is cheaper and may be reclaimed at two minutes' notice; `mixed` keeps the first"
        " task on demand.",
        group=TASK,
    )
    execute_command: bool = setting(
        EfsFargateServiceArgs.execute_command,
        "ECS Exec: a shell in the running container. The policy service-no-shell wants an exemption"
        " for it.",
        group=TASK,
    )
    grace_seconds: int = setting(
        EfsFargateServiceArgs.grace_seconds,
        "Failed health checks do not count for this long after a task's start.",
        group=TASK,
        within=(30, 3600),
        unit="s",
    )
    log_retention_days: Annotated[int, one_of(LOG_RETENTION_DAYS)] = setting(
        EfsFargateServiceArgs.log_retention_days, "Days that logs are kept.", group=TASK
    )


class StoreKeys(Settings):
    """File system, keys, image."""

    efs_throughput: Literal["elastic", "bursting"] = setting(
        EfsVolumeArgs.throughput_mode,
        "`elastic` pays per byte and never throttles; `bursting` earns credits by size.",
        group=STORE,
    )
    efs_archive_after_days: Annotated[int, one_of((0, *get_args(ArchiveAfterDays)))] = setting(
        EfsVolumeArgs.archive_after_days,
        "Move files not read for this long to the cheaper class; 0 keeps them.",
        group=STORE,
    )
    efs_backups: bool = setting(
        EfsVolumeArgs.backups, "Daily backups of the sites, kept for 35 days.", group=STORE
    )
    restore_role_arn: Annotated[
        str,
        matching(
            r"arn:aws[a-z-]*:iam::\d{12}:role/(?:[!-~]{1,510}/)?[A-Za-z0-9+=,.@_-]{1,64}",
            "an IAM role's ARN",
            "arn:aws:iam::123456789012:role/restore",
        ),
    ] = setting(
        "",
        "IAM role that may mount the whole file system, to move restored files into place. Set it"
        " for the time of a restore; see the runbook.",
        group=STORE,
        late=True,
    )
    efs_replica_region: Annotated[str, matching(REGION, "an AWS region", "eu-west-1")] = setting(
        "", "Keep a read-only copy of the sites in this region.", group=STORE
    )
    kms_key_arn: Annotated[
        str,
        arn("kms", KMS_KEY, "a KMS key's ARN", "key/12345678-1234-1234-1234-123456789012"),
    ] = setting(
        "",
        "Own KMS key for the file system, the image repository, the secrets and the ownership"
        " table. Empty: AWS's keys. Choose it before the first deployment: file system and"
        " repository keep the key that they were made with, and another one is an error.",
        group=STORE,
        late=True,
    )
    git_secret_key_arns: Annotated[
        tuple[str, ...],
        arn(
            "kms",
            KMS_KEY,
            "KMS keys' ARNs",
            "key/12345678-1234-1234-1234-123456789012",
        ),
    ] = setting(
        (),
        "Own KMS keys under which secrets of `gitSecretNames` are. Those under AWS's key need none.",
        group=STORE,
        late=True,
    )
    file_system_revision: Annotated[
        str, matching(r"[a-z0-9]{1,20}", "1-20 lower-case letters and digits", "2")
    ] = setting(
        "",
        "Another value makes another, empty file system, and deletes the earlier one unless"
        " `deletionProtection` is on. For another `kmsKeyArn`; see the runbook.",
        group=STORE,
    )
    image_digest: Annotated[
        str,
        matching(
            r"sha256:[0-9a-f]{64}",
            "'sha256:' and 64 hexadecimal digits, as in the stack output imageDigest",
        ),
    ] = setting(
        "",
        "Run this image of the repository, for a rollback. Empty: the image of this checkout is"
        " built.",
        group=STORE,
    )
    image_revision: Annotated[
        str, matching(r"[a-z0-9]{1,20}", "1-20 lower-case letters and digits", "2")
    ] = setting(
        "",
        "Part of the image's tag. Change it when the registry refuses a tag that exists: after a"
        " revert to files built before, or after `imageDigest` was removed again.",
        group=STORE,
    )
    keep_images: int = setting(
        DockerImageArgs.keep_images,
        "Newest images that stay in the repository.",
        group=STORE,
        within=KEEP_IMAGES,
    )

    @property
    def archive_after_days(self) -> ArchiveAfterDays | None:
        """`efs_archive_after_days` as the volume takes it."""
        days = self.efs_archive_after_days
        return cast(ArchiveAfterDays, days) if days else None


def one_way_of_alarms(names: Names, alarm_topic_arn: str, alarm_email: str) -> Problems:
    """An address is subscribed to its own topic, or to the existing one by its owner."""
    if given(alarm_topic_arn) and alarm_email:
        email, topic = names["alarm_email"], names["alarm_topic_arn"]
        yield Problem(
            key=email,
            value=alarm_email,
            allowed=f"one of {email} and {topic}",
            fix=f"subscribe the address to the topic, and remove {email}",
        )


class WatchKeys(Settings):
    """Alarms and dashboard."""

    rules: ClassVar[tuple[Rule, ...]] = (one_way_of_alarms,)

    alarm_topic_arn: Annotated[
        str, arn("sns", r"[A-Za-z0-9_-]{1,256}", "an SNS topic's ARN", "on-call")
    ] = setting("", "Existing SNS topic that alarms are sent to.", group=WATCH, late=True)
    alarm_email: Annotated[
        str,
        matching(EMAIL, "an e-mail address", "on-call@example.com"),
    ] = setting("", "Make a topic and subscribe this address, which must confirm.", group=WATCH)
    dashboard: bool = setting(True, "Make a CloudWatch dashboard.", group=WATCH)
