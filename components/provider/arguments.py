"""Arguments of `LiveEditing`. Written by scripts/gen_config_docs.py from components/config/: change
them there.

Pulumi reads these annotations to make the package's schema, so they are evaluated, not texts.
"""

from typing import NotRequired, TypedDict

from pulumi import Input


class LiveEditingArgs(TypedDict):
    """The keys of a stack. What another resource of the program may yield is an `Input`."""

    public_url: str
    """Origin that browsers use. Its host gets the DNS record and, with `hostedZoneId`, the
    certificate. Allowed: an origin without a path, such as https://edit.example.com or
    https://localhost:8443.
    """
    routing: NotRequired[str]
    """How sessions are told apart: by path (`/session/{id}/` of one origin) or by host (`{id}.`
    before the host of `publicUrl`, each session at `/` of a separate origin). By host needs a
    wildcard certificate and record. Allowed: one of path, host. Default: "path".
    """
    ingress_cidrs: list[str]
    """Who may reach ports 443 and 80 of the load balancer. The internet only when `0.0.0.0/0` or
    `::/0` is named here. Allowed: a list of texts: one or more different ranges whose host bits are
    zero, such as ["203.0.113.0/24"].
    """
    expose_api: NotRequired[bool]
    """Forward the REST API's paths (`/api/*`) to the tasks. Sessions and sign-in links are made
    there. Allowed: true or false. Default: true.
    """
    api_ingress_cidrs: NotRequired[list[str]]
    """Who may reach the API, by source address; each range is within `ingressCidrs`. Empty: all of
    `ingressCidrs`, unless that is the internet. Allowed: a list of texts: one or more different
    ranges whose host bits are zero, such as ["203.0.113.0/24"].
    """
    api_ingress_security_groups: NotRequired[list[Input[str]]]
    """Security groups of the VPC whose members may reach the API on the tasks, at the stack output
    `privateApiUrl`, by plain HTTP. Allowed: a list of texts: security groups' ids, such as
    ["sg-0123456789abcdef0"].
    """
    certificate_arn: NotRequired[Input[str]]
    """ACM certificate in the stack's region. Empty: one is issued for the host of `publicUrl` and
    validated in `hostedZoneId`. Allowed: an ACM certificate's ARN, such as
    arn:aws:acm:eu-central-1:123456789012:certificate/12345678-1234-1234-1234-123456789012.
    """
    hosted_zone_id: NotRequired[Input[str]]
    """Public Route 53 zone of the host: gets the alias record and, without `certificateArn`, the
    certificate's validation. Allowed: a hosted zone's id, such as Z0123456789EXAMPLE.
    """
    dns_record: NotRequired[bool]
    """With `hostedZoneId`: point the host of `publicUrl` to the load balancer. Allowed: true or
    false. Default: true.
    """
    vpc_id: NotRequired[Input[str]]
    """Existing VPC. Empty: a new one. Allowed: a VPC's id, such as vpc-0123456789abcdef0."""
    public_subnet_ids: NotRequired[list[Input[str]]]
    """With `vpcId`: subnets of the load balancer, at least two in different zones. Allowed: a list
    of texts: subnets' ids, such as ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"].
    """
    private_subnet_ids: NotRequired[list[Input[str]]]
    """With `vpcId`: subnets of tasks and mount targets, one per zone. They need a way to AWS: NAT
    or endpoints. Allowed: a list of texts: subnets' ids, such as ["subnet-0123456789abcdef0",
    "subnet-0123456789abcdef1"].
    """
    vpc_cidr: NotRequired[str]
    """IPv4 range of a new VPC. Allowed: an IPv4 range from /16 to /24 whose host bits are zero, not
    loopback, link-local, multicast or reserved, such as 10.20.0.0/16. Default: "10.20.0.0/16".
    """
    availability_zones: NotRequired[int]
    """Availability zones of a new VPC. Allowed: a whole number: 2-3. Default: 2."""
    availability_zone_names: NotRequired[list[str]]
    """Zones of a new VPC by name, as many as `availabilityZones`. Empty: the first ones of the
    region. Allowed: a list of texts: names of availability zones, which local zones are not, such
    as ["eu-central-1a", "eu-central-1b"].
    """
    egress: NotRequired[str]
    """How tasks of a new VPC reach AWS and the internet: a NAT gateway per zone, one for all, or
    only AWS by endpoints (no npm). Allowed: one of nat, single-nat, endpoints. Default: "nat".
    """
    egress_cidrs: NotRequired[list[str]]
    """Where tasks may open HTTPS connections to; unused with `egress: endpoints`. Allowed: a list
    of texts: one or more different ranges whose host bits are zero, such as ["203.0.113.0/24"].
    Default: ["0.0.0.0/0"].
    """
    flow_logs: NotRequired[str]
    """Log connections of a new VPC in CloudWatch, kept for `logRetentionDays`: those that were
    refused, all, or none. Allowed: one of none, rejected, all. Default: "rejected".
    """
    idle_timeout_seconds: NotRequired[int]
    """Cut a connection after this silence. Must outlast two heartbeats of a hidden tab. Allowed: a
    whole number: 120-4000 s. Default: 3600.
    """
    stickiness_seconds: NotRequired[int]
    """Lifetime of the cookie that keeps a browser on its task. Allowed: a whole number: 1-604800 s.
    Default: 3600.
    """
    client_keep_alive_seconds: NotRequired[int]
    """Longest lifetime of a browser's HTTP connection; a request after it opens a new one. Allowed:
    a whole number: 60-604800 s. Default: 3600.
    """
    tls_policy: NotRequired[str]
    """TLS versions and ciphers of the HTTPS listener. Allowed: one of
    ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09, ELBSecurityPolicy-TLS13-1-2-PQ-2025-09,
    ELBSecurityPolicy-TLS13-1-3-PQ-2025-09, ELBSecurityPolicy-TLS13-1-2-2021-06,
    ELBSecurityPolicy-TLS13-1-2-Res-2021-06, ELBSecurityPolicy-TLS13-1-3-2021-06. Default:
    "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09".
    """
    ip_address_type: NotRequired[str]
    """`dualstack` also serves IPv6; it needs `vpcId` with public subnets that have an IPv6 range.
    Allowed: one of ipv4, dualstack. Default: "ipv4".
    """
    internal: NotRequired[bool]
    """Reachable only from within the network: the load balancer is in the private subnets. Allowed:
    true or false. Default: false.
    """
    access_logs: NotRequired[bool]
    """Write access logs to an encrypted bucket. Allowed: true or false. Default: true."""
    access_log_retention_days: NotRequired[int]
    """Days that access logs are kept. Allowed: a whole number: 1-3650 days. Default: 90."""
    deletion_protection: NotRequired[bool]
    """Refuse to delete the load balancer, the file system and buckets that hold logs. Allowed: true
    or false. Default: true.
    """
    hsts_seconds: NotRequired[int]
    """How long browsers insist on https. With 0 the load balancer tells browsers to forget it, and
    the container sends no such header. The container sends none for a loopback host either: other
    programs of that machine share it. Allowed: a whole number: 0-63072000 s. Default: 31536000.
    """
    firewall: NotRequired[bool]
    """Put AWS WAF before the load balancer. Allowed: true or false. Default: false."""
    firewall_rate_limit: NotRequired[int]
    """With `firewall`: requests that one address may make in five minutes. Allowed: a whole number:
    10-2000000000. Default: 10000.
    """
    sign_in: NotRequired[str]
    """Have people sign in at the load balancer, besides the session's own token. Allowed: one of
    none, oidc, cognito. Default: "none".
    """
    sign_in_cidrs: NotRequired[list[str]]
    """With `signIn`: where the load balancer may open HTTPS connections to, since it fetches tokens
    itself; IPv4 only. With `listenerArn` that is its owner's. Allowed: a list of texts: one or more
    different ranges whose host bits are zero, such as ["203.0.113.0/24"]. Default:
    ["0.0.0.0/0"].
    """
    oidc_issuer: NotRequired[str]
    """With `signIn: oidc`: the provider, as its discovery document names it. Allowed: an https
    address, such as https://login.example.com/authorize.
    """
    oidc_authorization_endpoint: NotRequired[str]
    """From the provider's discovery document. Allowed: an https address, such as
    https://login.example.com/authorize.
    """
    oidc_token_endpoint: NotRequired[str]
    """From the provider's discovery document. Allowed: an https address, such as
    https://login.example.com/authorize.
    """
    oidc_user_info_endpoint: NotRequired[str]
    """From the provider's discovery document. Allowed: an https address, such as
    https://login.example.com/authorize.
    """
    oidc_client_id: NotRequired[Input[str]]
    """Id under which the provider knows this load balancer. Allowed: 1-256 ASCII characters without
    spaces, such as astro-live.
    """
    oidc_client_secret: NotRequired[Input[str]]
    """Set it with `pulumi config set --secret`. Allowed: 1-512 ASCII characters without spaces,
    encrypted.
    """
    cognito_user_pool_arn: NotRequired[Input[str]]
    """With `signIn: cognito`: the user pool. Allowed: a user pool's ARN, such as
    arn:aws:cognito-idp:eu-central-1:123456789012:userpool/eu-central-1_EXAMPLE.
    """
    cognito_client_id: NotRequired[Input[str]]
    """Client of the pool, with a secret. Allowed: 1-128 letters, digits, '_' and '+', such as
    1example23456789.
    """
    cognito_domain: NotRequired[Input[str]]
    """Prefix of the pool's hosted domain, or its own domain. Allowed: a domain or its prefix, such
    as astro-live.
    """
    node_env: NotRequired[str]
    """`development` serves `astro dev` with HMR; `production` builds the site and serves the
    result. Allowed: one of development, production. Default: "development".
    """
    max_sessions: NotRequired[int]
    """Run at most this many dev servers per task; a small site needs 300-400 MiB, a middle one 700,
    a large one 1,100. Allowed: a whole number: 1-200. Default: 6.
    """
    warm_runners: NotRequired[int]
    """Keep this many dev servers started in advance; 0 turns the pool off. Allowed: a whole number:
    0-10. Default: 1.
    """
    session_idle_seconds: NotRequired[int]
    """Stop a session after this long without a page request or an edit. Allowed: a whole number:
    5-604800 s. Default: 1800.
    """
    watching_keeps_alive: NotRequired[bool]
    """Whether a session is kept while a browser shows one of its pages. A page in a hidden tab
    keeps none. Development mode only. Allowed: true or false. Default: true.
    """
    connection_badge: NotRequired[bool]
    """Whether a page says so when its live connection is lost. Development mode only. Allowed: true
    or false. Default: true.
    """
    viewers_may_post: NotRequired[bool]
    """Whether people with a sign-in link can submit the site's forms and call its actions. `false`
    answers 405 to all methods but GET and HEAD, and to the site's own WebSockets. A credential of
    the API (`viewers_may_post`) or a link (`may_post`) sets the same for its own visitors. Allowed:
    true or false. Default: true.
    """
    session_memory_mib: NotRequired[int]
    """Restart a dev server above this when it has been idle for a minute, above 1.5 times this
    after 5 s, above twice this at once. Allowed: a whole number: 128-16384 MiB. Default: 1536.
    """
    start_timeout_seconds: NotRequired[int]
    """Give up a dev server that reports no progress for this long. Allowed: a whole number: 5-600
    s. Default: 60.
    """
    install_timeout_seconds: NotRequired[int]
    """Give up an installation of a site's packages that takes longer. Allowed: a whole number:
    10-7200 s. Default: 900.
    """
    stop_timeout_seconds: NotRequired[int]
    """Time from SIGTERM to SIGKILL. 0.6 of it is for handing sessions over to other tasks; without
    `sharedOwnership` the load balancer's deregistration delay is as long. Allowed: a whole number:
    2-120 s. Default: 60.
    """
    task_protection_minutes: NotRequired[int]
    """Protect a task with live sessions from scale-in for this long at a time, renewed while
    sessions live, so that empty tasks go first; 0 turns it off. With `sharedOwnership` a deployment
    is not held up: a task gives its protection up when one of a newer revision runs, and hands its
    sessions over. Without it the default is off, and with another value `make deploy` waits for 15
    minutes. Allowed: a whole number: 0-2880 min. Default: 60.
    """
    watch_mode: NotRequired[str]
    """How dev servers notice file changes. Allowed: one of auto, native, hybrid, polling. Default:
    "auto".
    """
    poll_interval_ms: NotRequired[int]
    """Interval of polling, where it is used. Allowed: a whole number: 20-5000 ms. Default: 100."""
    page_updates: NotRequired[str]
    """How an open page shows an edit of its markup or content: in place where possible, or always
    by a reload. Allowed: one of in-place, reload. Default: "in-place".
    """
    git_internal_hosts: NotRequired[list[str]]
    """Internal Git servers that sessions may be cloned from and pushed to. All others have to be at
    public addresses. Allowed: a list of texts: at most 50 host names or addresses in lower case, of
    at most 253 characters, such as ["git.example.internal"].
    """
    git_secret_names: NotRequired[list[str]]
    """Secrets that calls about Git may name instead of a credential, with where each may be sent. A
    secret is a token, or JSON with `username` and `password`. On a laptop `file:/path` may stand
    for the ARN. Allowed: a list of texts: at most 50 entries NAME=ADDRESS=ARN: a name of 1-40
    lower-case letters, digits and hyphens that means one secret, the https address of a host or of
    a folder on it, and the whole ARN of a secret, all ARNs together of at most 6000 characters,
    such as ["acme=https://github.com/acme=arn:aws:secretsmanager:eu-central-1:123456789012:secret:g
    it/acme-AbCdEf"].
    """
    publishing: NotRequired[str]
    """When changed sources are built and served: at each start of a session and on request, or on
    request only. The build that was served last is served meanwhile. Allowed: one of on-start,
    on-request. Default: "on-start".
    """
    builds_kept: NotRequired[int]
    """Keep this many good builds of each session beside the projects; an earlier one can be served
    again. Allowed: a whole number: 1-100. Default: 5.
    """
    build_memory_mib: NotRequired[int]
    """End a build that needs more memory. What is served is another process and goes on. Allowed: a
    whole number: 256-65536 MiB. Default: 2048.
    """
    builds_at_once: NotRequired[int]
    """Run at most this many builds of a task at a time; those of other sessions wait, the one that
    came first is next. Allowed: a whole number: 1-16. Default: 1.
    """
    build_timeout_seconds: NotRequired[int]
    """End a build that takes longer. Allowed: a whole number: 5-7200 s. Default: 600."""
    cookie_seconds: NotRequired[int]
    """Lifetime of a session's cookie; it is renewed as pages are opened. Allowed: a whole number:
    60-2592000 s. Default: 43200.
    """
    sign_in_link_seconds: NotRequired[int]
    """Lifetime of a one-time sign-in link. Allowed: a whole number: 5-86400 s. Default: 300."""
    cookie_same_site: NotRequired[str]
    """`none` also sends the cookie inside another site's frame, partitioned by that site; it needs
    https. Allowed: one of lax, none. Default: "lax".
    """
    frame_ancestors: NotRequired[list[str]]
    """Sites that may show sessions in a frame. Empty: only the service's own origin. Allowed: a
    list of texts: at most 50 origins without a path, of at most 270 characters each, such as
    ["https://cms.example.com"].
    """
    max_file_mib: NotRequired[int]
    """Largest file that the API accepts. Allowed: a whole number: 1-1024 MiB. Default: 25."""
    max_connections: NotRequired[int]
    """Client connections that a task accepts. Allowed: a whole number: 100-100000. Default:
    12000.
    """
    request_timeout_seconds: NotRequired[int]
    """Time for a client to send a whole request, and for a dev server to accept a WebSocket.
    Allowed: a whole number: 1-3600 s. Default: 60.
    """
    session_connections: NotRequired[int]
    """Requests and WebSockets of one session at a time, those that wait for its start included;
    more get a 503. Allowed: a whole number: 10-100000. Default: 2000.
    """
    visitor_connections: NotRequired[int]
    """Requests and WebSockets of one visitor to one session at a time; more get a 503, and other
    visitors notice nothing. Allowed: a whole number: 10-100000. Default: 400.
    """
    address_requests_per_second: NotRequired[int]
    """Requests of one client address a second that are not a running session's pages: sign-in,
    waiting pages, unknown addresses. 20 times as many may come at once; more get a 429. Allowed: a
    whole number: 1-100000. Default: 500.
    """
    session_processes: NotRequired[int]
    """Processes of one site; a site with more is ended, and its page says so. Allowed: a whole
    number: 8-32768. Default: 256.
    """
    session_disk_mib: NotRequired[int]
    """What one site may have on the scratch disk: packages, caches, builds. A site with more is
    ended, and its caches are removed. Allowed: a whole number: 64-1048576 MiB. Default: 6144.
    """
    session_files_mib: NotRequired[int]
    """What one session may have on the shared disk: its project and the builds that are kept. Above
    it the API refuses writes, a site is ended, and older builds go. Allowed: a whole number:
    64-1048576 MiB. Default: 10240.
    """
    output_lines_per_minute: NotRequired[int]
    """Copy this much of each dev server's output to the task's log; 0 copies none. The session's
    own log has all of it. Allowed: a whole number: 0-100000. Default: 300.
    """
    session_descriptors: NotRequired[int]
    """Open files per dev server. Allowed: a whole number: 256-65536. Default: 4096."""
    envoy_concurrency: NotRequired[int]
    """Envoy's worker threads; 0 means one per processor. Allowed: a whole number: 0-64. Default:
    0.
    """
    arch: NotRequired[str]
    """CPU architecture of image and task. Allowed: one of arm64, x86_64. Default: "arm64"."""
    cpu: NotRequired[int]
    """CPU units; 1024 is one vCPU. Allowed: a whole number: 256, 512, 1024, 2048, 4096, 8192 or
    16384. Default: 1024.
    """
    memory_mib: NotRequired[int]
    """Memory; must be a Fargate size together with `cpu`. Allowed: a whole number: 512-122880 MiB.
    Default: 4096.
    """
    ephemeral_storage_gib: NotRequired[int]
    """Local disk for caches and installed packages. Allowed: a whole number: 21-200 GiB. Default:
    30.
    """
    desired_count: NotRequired[int]
    """Number of tasks; with `autoscaling` only to begin with. Allowed: a whole number: 1-100.
    Default: 1.
    """
    shared_ownership: NotRequired[bool]
    """Make a DynamoDB table by which tasks agree on who runs a session. Off, the service has one
    task, and for the length of each deployment two that do not know of each other. Allowed: true or
    false. Default: true.
    """
    autoscaling: NotRequired[bool]
    """Let CPU, memory and live sessions decide the number of tasks. Allowed: true or false.
    Default: false.
    """
    min_tasks: NotRequired[int]
    """With `autoscaling`: fewest tasks. Allowed: a whole number: 1-100. Default: 1."""
    max_tasks: NotRequired[int]
    """With `autoscaling`: most tasks. Allowed: a whole number: 1-100. Default: 4."""
    scale_cpu_percent: NotRequired[int]
    """With `autoscaling`: CPU to aim at. Allowed: a whole number: 10-95 percent. Default: 60."""
    scale_memory_percent: NotRequired[int]
    """With `autoscaling`: memory to aim at. Allowed: a whole number: 10-95 percent. Default: 75."""
    scale_sessions_per_task: NotRequired[int]
    """With `autoscaling`: live sessions per task to aim at, so that there is room for more; 0 is
    three quarters of `maxSessions`. Allowed: a whole number: 0-200. Default: 0.
    """
    capacity: NotRequired[str]
    """`spot` is cheaper and may be reclaimed at two minutes' notice; `mixed` keeps the first task
    on demand. Allowed: one of on-demand, mixed, spot. Default: "on-demand".
    """
    execute_command: NotRequired[bool]
    """ECS Exec: a shell in the running container. The policy service-no-shell wants an exemption
    for it. Allowed: true or false. Default: false.
    """
    grace_seconds: NotRequired[int]
    """Failed health checks do not count for this long after a task's start. Allowed: a whole
    number: 30-3600 s. Default: 120.
    """
    log_retention_days: NotRequired[int]
    """Days that logs are kept. Allowed: a whole number: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180,
    365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653. Default: 30.
    """
    efs_throughput: NotRequired[str]
    """`elastic` pays per byte and never throttles; `bursting` earns credits by size. Allowed: one
    of elastic, bursting. Default: "elastic".
    """
    efs_archive_after_days: NotRequired[int]
    """Move files not read for this long to the cheaper class; 0 keeps them. Allowed: a whole
    number: 0, 7, 14, 30, 60 or 90. Default: 30.
    """
    efs_backups: NotRequired[bool]
    """Daily backups of the sites, kept for 35 days. Allowed: true or false. Default: true."""
    restore_role_arn: NotRequired[Input[str]]
    """IAM role that may mount the whole file system, to move restored files into place. Set it for
    the time of a restore; see the runbook. Allowed: an IAM role's ARN, such as
    arn:aws:iam::123456789012:role/restore.
    """
    efs_replica_region: NotRequired[str]
    """Keep a read-only copy of the sites in this region. Allowed: an AWS region, such as
    eu-west-1.
    """
    kms_key_arn: NotRequired[Input[str]]
    """Own KMS key for the file system, the image repository, the secrets and the ownership table.
    Empty: AWS's keys. Choose it before the first deployment: file system and repository keep the
    key that they were made with, and another one is an error. Allowed: a KMS key's ARN, such as
    arn:aws:kms:eu-central-1:123456789012:key/12345678-1234-1234-1234-123456789012.
    """
    git_secret_key_arns: NotRequired[list[Input[str]]]
    """Own KMS keys under which secrets of `gitSecretNames` are. Those under AWS's key need none.
    Allowed: a list of texts: KMS keys' ARNs, such as
    arn:aws:kms:eu-central-1:123456789012:key/12345678-1234-1234-1234-123456789012.
    """
    file_system_revision: NotRequired[str]
    """Another value makes another, empty file system, and deletes the earlier one unless
    `deletionProtection` is on. For another `kmsKeyArn`; see the runbook. Allowed: 1-20 lower-case
    letters and digits, such as 2.
    """
    image_digest: NotRequired[str]
    """Run this image of the repository, for a rollback. Empty: the image of this checkout is built.
    Allowed: 'sha256:' and 64 hexadecimal digits, as in the stack output imageDigest.
    """
    image_revision: NotRequired[str]
    """Part of the image's tag. Change it when the registry refuses a tag that exists: after a
    revert to files built before, or after `imageDigest` was removed again. Allowed: 1-20 lower-case
    letters and digits, such as 2.
    """
    keep_images: NotRequired[int]
    """Newest images that stay in the repository. Allowed: a whole number: 5-1000. Default: 30."""
    alarm_topic_arn: NotRequired[Input[str]]
    """Existing SNS topic that alarms are sent to. Allowed: an SNS topic's ARN, such as
    arn:aws:sns:eu-central-1:123456789012:on-call.
    """
    alarm_email: NotRequired[str]
    """Make a topic and subscribe this address, which must confirm. Allowed: an e-mail address, such
    as on-call@example.com.
    """
    dashboard: NotRequired[bool]
    """Make a CloudWatch dashboard. Allowed: true or false. Default: true."""
    tags: NotRequired[dict[str, str]]
    """Tags of every resource, beside `Project` and `Stack`. Allowed: texts by name: at most 46
    tags: names of 1-127 and values of 1-255 letters, digits, inner spaces and _.:/=+-@, names that
    differ in more than case, and none that begins with aws:, such as {"CostCenter": "web"}.
    """
    permissions_boundary_arn: NotRequired[Input[str]]
    """Permissions boundary of every role. Allowed: an IAM policy's ARN, such as
    arn:aws:iam::123456789012:policy/boundary.
    """
    iam_path: NotRequired[str]
    """Path of every role. Allowed: a path of at most 512 characters that begins and ends with '/',
    such as /apps/. Default: "/".
    """
    listener_arn: NotRequired[Input[str]]
    """Existing HTTPS listener that gets rules for the host of `publicUrl`. Empty: a load balancer
    is made. With it, certificate, TLS policy, visitors, access logs and firewall are its owner's,
    only the container sends `hstsSeconds`, `ingressCidrs` says whom the owner lets in,
    `idleTimeoutSeconds` must be its load balancer's, whose first security group gets rules that let
    it reach the tasks. Allowed: an ALB listener's ARN, such as arn:aws:elasticloadbalancing:eu-cent
    ral-1:123456789012:listener/app/edge/50dc6c495c0c9188/f2f7dc8efc522ab2.
    """
    rule_priority_offset: NotRequired[int]
    """With `listenerArn`: added to the priorities of our rules (25 to 100), where others have taken
    them; a multiple of 100. Allowed: a whole number: 0-49000. Default: 0.
    """
    cluster_arn: NotRequired[Input[str]]
    """Existing ECS cluster with the capacity providers FARGATE and FARGATE_SPOT, and with container
    insights for the alarms. Empty: one is made. Allowed: an ECS cluster's ARN, such as
    arn:aws:ecs:eu-central-1:123456789012:cluster/shared.
    """
    file_system_id: NotRequired[Input[str]]
    """Existing encrypted file system with mount targets in the zones of `privateSubnetIds`. Empty:
    one is made. With it, throughput, backups, key and policy are its owner's. Set on a live stack,
    it takes the place of the stack's own, which is deleted with the sites in it unless
    `deletionProtection` is on. Allowed: an EFS file system's id, such as fs-0123456789abcdef0.
    """
    file_system_security_group_id: NotRequired[Input[str]]
    """With `fileSystemId`: group of its mount targets; it gets a rule that lets the tasks reach it.
    Allowed: a security group's id, such as sg-0123456789abcdef0.
    """
    file_system_path: NotRequired[str]
    """Directory of the file system that holds the sites; choose one per stack on a shared file
    system. Allowed: 1-4 path segments, 100 characters in all, such as /sites. Default: "/sites".
    """
    repository_name: NotRequired[Input[str]]
    """Existing ECR repository of this account and region, with immutable tags. Empty: one is made.
    With it, `keepImages` is its owner's. Set on a live stack, it takes the place of the stack's
    own, which is deleted with its images unless `deletionProtection` is on. Allowed: a repository's
    name, such as teams/web/live.
    """
