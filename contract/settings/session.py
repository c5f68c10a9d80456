"""Settings of live sessions, shared by stack and container: declared here and nowhere else.

The stack writes them into the task definition, all of them: then what runs is what the stack says,
also when an older image with other defaults is pinned for a rollback.
"""

from __future__ import annotations

import re
from typing import Annotated, ClassVar, Final, Literal
from urllib.parse import urlsplit

from contract import git_secrets, ranges
from contract.git_secrets import is_loopback
from contract.git_secrets import parse as parse_git_secret
from contract.settings.declaration import Shape, setting
from contract.settings.model import Rule, Settings
from contract.settings.problems import Names, Problem, Problems
from contract.words import Mode, PageUpdates, Publishing, WatchMode

DEFAULT_PROTECTION_MINUTES: Final = 60

SESSIONS: Final = "Sessions"
COOKIES: Final = "Cookies and frames"
BALANCER: Final = "Load balancer"
LIMITS: Final = "Limits"
BUILDS: Final = "Production mode"

SameSite = Literal["lax", "none"]

_SOURCE: Final = re.compile(r"https?://(\*\.)?[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*(:[0-9]{1,5})?")

MOST_ORIGINS: Final = 50
LONGEST_ORIGIN: Final = 270
"""A host has at most 253 characters. All of them are in a header of each page, and in the task
definition, which has at most 64 KiB
(https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html).
"""

Origins = Annotated[
    tuple[str, ...],
    Shape(
        f"at most {MOST_ORIGINS} origins without a path, of at most {LONGEST_ORIGIN} characters"
        " each",
        lambda origins: (
            len(origins) <= MOST_ORIGINS
            and all(len(each) <= LONGEST_ORIGIN and _SOURCE.fullmatch(each) for each in origins)
        ),
        example='["https://cms.example.com"]',
    ),
]

MOST_HOSTS: Final = 50
_HOST: Final = re.compile(
    r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*|[0-9a-f]*:[0-9a-f:.]+"
)
Hosts = Annotated[
    tuple[str, ...],
    Shape(
        f"at most {MOST_HOSTS} host names or addresses in lower case, of at most 253 characters",
        lambda hosts: (
            len(hosts) <= MOST_HOSTS
            and all(len(each) <= 253 and _HOST.fullmatch(each) for each in hosts)
        ),
        example='["git.example.internal"]',
    ),
]


GitSecretNames = Annotated[
    tuple[str, ...],
    Shape(
        f"at most {git_secrets.MOST_ENTRIES} entries NAME=ADDRESS=ARN: a name of 1-40 lower-case"
        " letters, digits and hyphens that means one secret, the https address of a host or of a"
        " folder on it, and the whole ARN of a secret, all ARNs together of at most"
        f" {git_secrets.MOST_ARN_CHARACTERS} characters",
        git_secrets.are_entries,
        example=(
            '["acme=https://github.com/acme='
            'arn:aws:secretsmanager:eu-central-1:123456789012:secret:git/acme-AbCdEf"]'
        ),
    ),
]


def git_files_are_for_laptops(
    names: Names, git_secret_names: tuple[str, ...], public_url: str
) -> Problems:
    """No task has the file, and code of a site could read it."""
    files = [entry for entry in map(parse_git_secret, git_secret_names) if entry.is_file]
    if files and not is_loopback_address(public_url):
        yield Problem(
            key=names["git_secret_names"],
            value=f'"{files[0].name}={files[0].address}={files[0].source}"',
            allowed=f"an ARN, unless {names['public_url']} is this machine's own address",
            fix="put the credential into Secrets Manager, and name its ARN",
        )


def is_loopback_address(url: str) -> bool:
    """Whether an address is this machine's own, as on a laptop."""
    return is_loopback(urlsplit(url).hostname or "")


def frames_need_https(names: Names, cookie_same_site: str, public_url: str) -> Problems:
    """Browsers accept a cookie of `SameSite=None` only over https."""
    if cookie_same_site == "none" and not public_url.startswith("https:"):
        yield Problem(
            key=names["cookie_same_site"],
            value=f"'none' while {names['public_url']} is {public_url!r}",
            allowed="none only with https, since browsers refuse such a cookie otherwise",
            fix=f"use an https address, or set {names['cookie_same_site']} to lax",
        )


ADDRESS_BURST_SECONDS: Final = 20
"""An office behind one address may have its pages open while a session starts again: each asks for
hundreds of modules then.
"""


class SessionSettings(Settings):
    """What a container does with its sessions."""

    rules: ClassVar[tuple[Rule, ...]] = (frames_need_https, git_files_are_for_laptops)

    node_env: Mode = setting(
        "development",
        "`development` serves `astro dev` with HMR; `production` builds the site and serves the"
        " result.",
        group=SESSIONS,
        variable="NODE_ENV",
    )
    max_sessions: int = setting(
        6,
        "Run at most this many dev servers per task; a small site needs 300-400 MiB, a middle one"
        " 700, a large one 1,100.",
        group=SESSIONS,
        within=(1, 200),
    )
    warm_runners: int = setting(
        1,
        "Keep this many dev servers started in advance; 0 turns the pool off.",
        group=SESSIONS,
        within=(0, 10),
    )
    session_idle_seconds: int = setting(
        1800,
        "Stop a session after this long without a page request or an edit.",
        group=SESSIONS,
        within=(5, 604800),
        unit="s",
    )
    watching_keeps_alive: bool = setting(
        True,
        "Whether a session is kept while a browser shows one of its pages. A page in a hidden tab"
        " keeps none. Development mode only.",
        group=SESSIONS,
    )
    connection_badge: bool = setting(
        True,
        "Whether a page says so when its live connection is lost. Development mode only.",
        group=SESSIONS,
    )
    viewers_may_post: bool = setting(
        True,
        "Whether people with a sign-in link can submit the site's forms and call its actions."
        " `false` answers 405 to all methods but GET and HEAD, and to the site's own WebSockets. A"
        " credential of the API (`viewers_may_post`) or a link (`may_post`) sets the same for its"
        " own visitors.",
        group=SESSIONS,
    )
    session_memory_mib: int = setting(
        1536,
        "Restart a dev server above this when it has been idle for a minute, above 1.5 times this"
        " after 5 s, above twice this at once.",
        group=SESSIONS,
        within=(128, 16384),
        unit="MiB",
    )
    start_timeout_seconds: int = setting(
        60,
        "Give up a dev server that reports no progress for this long.",
        group=SESSIONS,
        within=(5, 600),
        unit="s",
    )
    install_timeout_seconds: int = setting(
        900,
        "Give up an installation of a site's packages that takes longer.",
        group=SESSIONS,
        within=ranges.INSTALL_TIMEOUT_SECONDS,
        unit="s",
    )
    stop_timeout_seconds: int = setting(
        ranges.DEFAULT_STOP_SECONDS,
        "Time from SIGTERM to SIGKILL. 0.6 of it is for handing sessions over to other tasks;"
        " without `sharedOwnership` the load balancer's deregistration delay is as long.",
        group=SESSIONS,
        within=ranges.STOP_TIMEOUT_SECONDS,
        unit="s",
        variable=ranges.STOP_VARIABLE,
    )
    task_protection_minutes: int = setting(
        DEFAULT_PROTECTION_MINUTES,
        "Protect a task with live sessions from scale-in for this long at a time, renewed while"
        " sessions live, so that empty tasks go first; 0 turns it off. With `sharedOwnership` a"
        " deployment is not held up: a task gives its protection up when one of a newer revision"
        " runs, and hands its sessions over. Without it the default is off, and with another value"
        " `make deploy` waits for 15 minutes.",
        group=SESSIONS,
        within=(0, 2880),
        unit="min",
    )
    watch_mode: WatchMode = setting("auto", "How dev servers notice file changes.", group=SESSIONS)
    poll_interval_ms: int = setting(
        100,
        "Interval of polling, where it is used.",
        group=SESSIONS,
        within=ranges.POLL_INTERVAL_MS,
        unit="ms",
    )
    page_updates: PageUpdates = setting(
        "in-place",
        "How an open page shows an edit of its markup or content: in place where possible, or"
        " always by a reload.",
        group=SESSIONS,
    )
    publishing: Publishing = setting(
        "on-start",
        "When changed sources are built and served: at each start of a session and on request, or"
        " on request only. The build that was served last is served meanwhile.",
        group=BUILDS,
    )
    builds_kept: int = setting(
        5,
        "Keep this many good builds of each session beside the projects; an earlier one can be"
        " served again.",
        group=BUILDS,
        within=ranges.BUILDS_KEPT,
    )
    build_memory_mib: int = setting(
        2048,
        "End a build that needs more memory. What is served is another process and goes on.",
        group=BUILDS,
        within=ranges.BUILD_MEMORY_MIB,
        unit="MiB",
    )
    builds_at_once: int = setting(
        1,
        "Run at most this many builds of a task at a time; those of other sessions wait, the one"
        " that came first is next.",
        group=BUILDS,
        within=(1, 16),
    )
    build_timeout_seconds: int = setting(
        600,
        "End a build that takes longer.",
        group=BUILDS,
        within=ranges.BUILD_TIMEOUT_SECONDS,
        unit="s",
    )
    git_internal_hosts: Hosts = setting(
        (),
        "Internal Git servers that sessions may be cloned from and pushed to. All others have to be"
        " at public addresses.",
        group=SESSIONS,
    )
    git_secret_names: GitSecretNames = setting(
        (),
        "Secrets that calls about Git may name instead of a credential, with where each may be"
        " sent. A secret is a token, or JSON with `username` and `password`. On a laptop"
        " `file:/path` may stand for the ARN.",
        group=SESSIONS,
    )
    cookie_seconds: int = setting(
        43200,
        "Lifetime of a session's cookie; it is renewed as pages are opened.",
        group=COOKIES,
        within=(60, 2592000),
        unit="s",
    )
    sign_in_link_seconds: int = setting(
        300, "Lifetime of a one-time sign-in link.", group=COOKIES, within=(5, 86400), unit="s"
    )
    cookie_same_site: SameSite = setting(
        "lax",
        "`none` also sends the cookie inside another site's frame, partitioned by that site; it"
        " needs https.",
        group=COOKIES,
    )
    frame_ancestors: Origins = setting(
        (),
        "Sites that may show sessions in a frame. Empty: only the service's own origin.",
        group=COOKIES,
    )
    hsts_seconds: int = setting(
        ranges.DEFAULT_HSTS_SECONDS,
        "How long browsers insist on https. With 0 the load balancer tells browsers to forget it, and"
        " the container sends no such header. The container sends none for a loopback host either:"
        " other programs of that machine share it.",
        group=BALANCER,
        within=ranges.HSTS_SECONDS,
        unit="s",
    )
    max_file_mib: int = setting(
        25, "Largest file that the API accepts.", group=LIMITS, within=(1, 1024), unit="MiB"
    )
    max_connections: int = setting(
        12000, "Client connections that a task accepts.", group=LIMITS, within=(100, 100000)
    )
    request_timeout_seconds: int = setting(
        60,
        "Time for a client to send a whole request, and for a dev server to accept a WebSocket.",
        group=LIMITS,
        within=(1, 3600),
        unit="s",
    )
    session_connections: int = setting(
        2000,
        "Requests and WebSockets of one session at a time, those that wait for its start included;"
        " more get a 503.",
        group=LIMITS,
        within=(10, 100000),
    )
    visitor_connections: int = setting(
        400,
        "Requests and WebSockets of one visitor to one session at a time; more get a 503, and other"
        " visitors notice nothing.",
        group=LIMITS,
        within=ranges.VISITOR_CONNECTIONS,
    )
    address_requests_per_second: int = setting(
        500,
        "Requests of one client address a second that are not a running session's pages: sign-in,"
        f" waiting pages, unknown addresses. {ADDRESS_BURST_SECONDS} times as many may come at"
        " once; more get a 429.",
        group=LIMITS,
        within=(1, 100000),
    )
    session_processes: int = setting(
        256,
        "Processes of one site; a site with more is ended, and its page says so.",
        group=LIMITS,
        within=ranges.SESSION_PROCESSES,
    )
    session_disk_mib: int = setting(
        6144,
        "What one site may have on the scratch disk: packages, caches, builds. A site with more is"
        " ended, and its caches are removed.",
        group=LIMITS,
        within=(64, 1048576),
        unit="MiB",
    )
    session_files_mib: int = setting(
        10240,
        "What one session may have on the shared disk: its project and the builds that are kept."
        " Above it the API refuses writes, a site is ended, and older builds go.",
        group=LIMITS,
        within=ranges.SESSION_FILES_MIB,
        unit="MiB",
    )
    output_lines_per_minute: int = setting(
        300,
        "Copy this much of each dev server's output to the task's log; 0 copies none. The session's"
        " own log has all of it.",
        group=LIMITS,
        within=(0, 100000),
    )
    session_descriptors: int = setting(
        4096, "Open files per dev server.", group=LIMITS, within=ranges.SESSION_DESCRIPTORS
    )
    envoy_concurrency: int = setting(
        0, "Envoy's worker threads; 0 means one per processor.", group=LIMITS, within=(0, 64)
    )
