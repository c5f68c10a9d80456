"""Resources that call AWS or run documents by themselves, later: what they may call, by what they
say (S18).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final, TypeAlias

from .core.documents import document, opened
from .core.place import Place, be_empty, be_false, be_one_of, be_set, be_true
from .core.rule import Finding, Resource
from .core.values import Value

Check: TypeAlias = Callable[[Resource], Iterable[Finding]]

# Calls of AWS's API

_CALLS: Final = re.compile(
    r"\w+:(get|list|describe|head|batchGet|query|scan|search|lookup|select|check|estimate|detect|analyze|translate|synthesize)\w*"
    r"|dynamodb:((put|update|delete)Item|batchWriteItem|transactWriteItems|(batch)?[eE]xecuteStatement|executeTransaction)"
    r"|s3:((put|copy|restore)Object|deleteObjects?|createMultipartUpload|uploadPart(Copy)?|(complete|abort)MultipartUpload|putObjectTagging)"
    r"|(sqs|ses|sesv2):(send|receive)\w+|sqs:(delete|purge|changeMessage)\w+|sns:publish(Batch)?|(kinesis|firehose):putRecord(s|Batch)?"
    r"|eventbridge:putEvents|cloudwatch:(putMetricData|(en|dis)ableAlarmActions)|cloudwatchlogs:(create(LogStream|ExportTask)|putLogEvents)"
    r"|lambda:invoke(Async)?|sfn:(start(Sync)?Execution|stopExecution|sendTask\w+)|http:invoke"
    r"|ecs:(run|start|stop)Task|ecs:(updateService|updateCapacityProvider)|batch:(submit|cancel|terminate)Job"
    r"|ec2:((start|stop|reboot)Instances|create(Snapshots?|Image|Tags)|deleteSnapshot)|rds:((start|stop|reboot)DB\w+|create(DB|Db)\w*Snapshot)"
    r"|(redshift:(pause|resume)Cluster|redshiftdata:\w+|rdsdata:\w+)|autoscaling:(setDesiredCapacity|startInstanceRefresh)"
    r"|(glue|athena|databrew|backup|textract|comprehend|transcribe|rekognition|mediaconvert|sagemaker|emrserverless|codebuild):(start|stop)\w+"
    r"|codepipeline:startPipelineExecution|mediaconvert:createJob|cloudfront:createInvalidation|ecr:(batchDeleteImage|putImage)"
    r"|(bedrockruntime|sagemakerruntime|bedrockagentruntime):\w+|polly:start\w+|ssm:putParameter|secretsmanager:rotateSecret"
)
"""Calls of AWS's API, as state machines and schedules spell them, that neither open a network path
nor grant access. Most of the others do not either; they are few in practice, and an exemption names
them.
"""

_INTEGRATED: Final = frozenset(
    """apigateway athena aws-sdk batch bedrock codebuild databrew dynamodb ecs emr-serverless events glue http lambda mediaconvert sagemaker
    sns sqs states""".split()  # noqa: SIM905 (a table to read, not code)
)
"""Services that Step Functions calls in its own form; not among them EKS and EMR, which build and
run what the call says.
"""

_READERS: Final = ("listObjectsV2", "getObject", "putObject")
"""What a Distributed Map reads its items with and writes its results with, in S3:
https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itemreader.html"""

_CALL: Final = re.compile(
    r"arn:aws[\w-]*:(?:states|scheduler):[^:]*:[^:]*:(?P<service>[\w-]+)(?::(?P<rest>[\w:]+))?(?:\.[\w.]+)?"
)


def call_problem(target: str) -> str:
    """What is wrong with the ARN of a call; empty for one that may be made, and for every other
    ARN.
    """
    found = _CALL.fullmatch(target)
    if not found or found["service"] in ("activity", "stateMachine", "express"):
        return ""
    if found["service"] == "s3" and found["rest"] in _READERS:
        return ""
    if found["service"] != "aws-sdk":
        return (
            ""
            if found["service"] in _INTEGRATED
            else f"calls {found['service']}, which builds or runs what the call says"
        )
    call = found["rest"] or ""
    return (
        ""
        if _CALLS.fullmatch(call)
        else f"calls {call} of AWS's API, which may open a network path or grant access"
    )


def _calls(place: Place, target: str) -> Iterator[Finding]:
    if problem := call_problem(target):
        allowed = (
            "a call that reads, sends, starts or stops, or a separate resource for what the call"
            " makes"
        )
        yield Finding(message=f"{place} {problem}; allowed is {allowed}")


def _state_machine(resource: Resource) -> Iterator[Finding]:
    definition = resource.at("definition")
    content = yield from opened(definition, document, "what cannot be read may call anything")
    for target in _tasks(content):
        yield from _calls(definition, target)


def _tasks(value: Value) -> Iterator[str]:
    """The `Resource` of every state, at any depth."""
    if isinstance(value, dict):
        for key, each in value.items():
            if key == "Resource" and isinstance(each, str):
                yield each
            else:
                yield from _tasks(each)
    elif isinstance(value, list):
        for each in value:
            yield from _tasks(each)


def _schedule(resource: Resource) -> Iterator[Finding]:
    target = resource.at("target", "arn")
    if target.unknown:
        yield target.question()
    else:
        yield from _calls(target, str(target.value))


# Documents of Systems Manager

_MAINTENANCE: Final = (
    "AWS-ConfigureAWSPackage",
    "AWS-ConfigureCloudWatch",
    "AWS-GatherSoftwareInventory",
    "AWS-RefreshAssociation",
    "AWS-RunPatchBaseline",
    "AWS-RunPatchBaselineAssociation",
    "AWS-UpdateSSMAgent",
    "AmazonCloudWatch-ManageAgent",
)
"""Documents of AWS that keep instances patched and watched."""

_REMEDIES: Final = re.compile(r"AWSConfigRemediation-\w+|AWS-(?:Disable|Enable|Publish|Stop)\w+")
"""Documents of AWS that close what AWS Config found open."""

_INERT: Final = (
    "Command",
    "Session",
    "ApplicationConfiguration",
    "ApplicationConfigurationSchema",
    "ChangeCalendar",
)
"""Kinds of documents that call nothing: settings, and code for instances, which has the instance's
rights.
"""


def _association(resource: Resource) -> Iterator[Finding]:
    yield from resource.at("name").must(
        be_one_of(*_MAINTENANCE), "a document of AWS for patches, inventory or agents"
    )


def _window_task(resource: Resource) -> Iterator[Finding]:
    kind = resource.at("taskType")
    if not kind.unknown and kind.value in ("LAMBDA", "STEP_FUNCTIONS"):
        return
    yield from resource.at("taskArn").must(
        be_one_of(*_MAINTENANCE), "a document of AWS for patches, inventory or agents"
    )


def _remediation(resource: Resource) -> Iterator[Finding]:
    allowed = "a document of AWS that closes what was found open"
    yield from resource.at("targetId").must(
        lambda name: isinstance(name, str) and bool(_REMEDIES.fullmatch(name)), allowed
    )


def _document(resource: Resource) -> Iterator[Finding]:
    yield from resource.at("documentType").must(
        be_one_of(*_INERT), f"{' or '.join(map(repr, _INERT[:2]))}, which call nothing"
    )
    for prop in ("accountIds", "account_ids"):  # a map, whose keys the program spells
        yield from resource.at("permissions", prop).must(
            _accounts, "a list of account ids, as 'All' is everyone"
        )


def _accounts(value: Value) -> bool:
    return all(
        re.fullmatch(r"\d{12}", each.strip())
        for each in str(value or "").split(",")
        if each.strip()
    )


def _event_target(resource: Resource) -> Iterator[Finding]:
    target = resource.at("arn")
    if target.unknown:
        yield target.question()
        return
    document = re.fullmatch(
        r"arn:aws[\w-]*:ssm:[^:]*:[^:]*:(?:document|automation-definition)/([^:]+).*",
        str(target.value),
    )
    if document and document[1] not in _MAINTENANCE:
        yield Finding(
            message=(
                f"{target} runs a document on every event; allowed are a function, a task, a queue,"
                " a topic or a state machine"
            )
        )


# Pipelines, clusters, builders

_PIPELINE_ACTIONS: Final = (
    *(
        "AppConfig",
        "Bitbucket",
        "CodeBuild",
        "CodeCommit",
        "CodeDeploy",
        "CodeDeployToECS",
        "CodePipeline",
        "CodeStarSourceConnection",
    ),
    *(
        "Commands",
        "DeviceFarm",
        "EC2",
        "ECR",
        "ECRBuildAndPublish",
        "ECS",
        "GitHub",
        "InspectorScan",
        "Lambda",
        "Manual",
        "S3",
    ),
    "StepFunctions",
)
"""Actions of CodePipeline that build, deploy to what exists, or ask; CloudFormation, Service
Catalog, Beanstalk and EKS build more.
"""


def _pipeline(resource: Resource) -> Iterator[Finding]:
    for stage in resource.at("stages").each():
        for action in stage.at("actions").each():
            allowed = (
                "one that builds code or deploys to a resource that exists, such as CodeBuild"
                " or ECS"
            )
            yield from action.at("provider").must(be_one_of(*_PIPELINE_ACTIONS), allowed)


_ADDONS: Final = (
    *(
        "adot",
        "amazon-cloudwatch-observability",
        "aws-ebs-csi-driver",
        "aws-efs-csi-driver",
        "aws-fsx-csi-driver",
        "aws-guardduty-agent",
    ),
    *(
        "aws-mountpoint-s3-csi-driver",
        "aws-network-flow-monitoring-agent",
        "cert-manager",
        "coredns",
        "eks-node-monitoring-agent",
    ),
    *(
        "aws-secrets-store-csi-driver-provider",
        "eks-pod-identity-agent",
        "external-dns",
        "fluent-bit",
        "kube-proxy",
        "kube-state-metrics",
        "metrics-server",
        "prometheus-node-exporter",
    ),
    *("snapshot-controller", "vpc-cni"),
)
"""Add-ons of EKS that make no load balancers:
https://docs.aws.amazon.com/eks/latest/userguide/workloads-add-ons-available-eks.html
"""


def _addon(resource: Resource) -> Iterator[Finding]:
    name = resource.at("addonName")
    if name.unknown or name.value not in _ADDONS:
        allowed = f"an add-on that is known to make no load balancer: {', '.join(_ADDONS)}"
        plain = isinstance(name.value, str) and _ADDON.fullmatch(name.value)
        yield (
            name.question()
            if name.unknown
            else name.wrong(allowed, found=repr(name.value) if plain else "")
        )


_ADDON: Final = re.compile(r"[a-z]{2,12}(?:[-_][a-z]{2,12}){0,8}")
"""What a name of an add-on looks like; anything else is not shown, as it may be a secret."""


def _emr(resource: Resource) -> Iterator[Finding]:
    attributes = resource.at("ec2Attributes")
    for prop in ("emrManagedMasterSecurityGroup", "emrManagedSlaveSecurityGroup"):
        yield from attributes.at(prop).must(
            be_set, "a security group of the stack, as EMR makes its own otherwise"
        )
    both = [attributes.at(prop) for prop in ("subnetId", "subnetIds")]
    if all(not be_set(each.value) for each in both if not each.unknown) and not any(
        each.unknown for each in both
    ):
        yield both[0].wrong("a private subnet, as EMR takes a default one otherwise")


def _placed(*props: str) -> Check:
    """For what takes the default VPC and group when nothing is named."""

    def check(resource: Resource) -> Iterator[Finding]:
        for prop in props:
            yield from resource.at(prop).must(
                be_set, "one of the stack, as AWS takes a default one otherwise"
            )

    return check


def _experiment(resource: Resource) -> Iterator[Finding]:
    harmless = re.compile(r"aws:(?!ssm:|eks:)[\w-]+:[\w-]+|aws:eks:(pod|terminate)[\w-]+")
    for action in resource.at("actions").each():
        allowed = "an action that stops, delays or fails something"
        yield from action.at("actionId").must(
            lambda each: isinstance(each, str) and bool(harmless.fullmatch(each)), allowed
        )


def _public_sharing(resource: Resource) -> Iterator[Finding]:
    setting = resource.at("settingId")
    if setting.unknown or str(setting.value).endswith("public-sharing-permission"):
        yield from resource.at("settingValue").must(be_one_of("Disable"), "'Disable'")


# Switches


def _not(path: str, *wrong: str) -> Check:
    """For services that one value of one property opens."""

    def check(resource: Resource) -> Iterator[Finding]:
        yield from resource.at(*path.split(".")).must(
            lambda value: value not in wrong, f"anything but {' or '.join(map(repr, wrong))}"
        )

    return check


def _events_api(resource: Resource) -> Iterator[Finding]:
    for provider in resource.at("eventConfig", "authProviders").each():
        yield from provider.at("authType").must(
            lambda kind: kind != "API_KEY", "another than 'API_KEY'"
        )


def _gateway(resource: Resource) -> Iterator[Finding]:
    yield from resource.at("authorizerType").must(
        lambda kind: be_set(kind) and kind != "NONE", "'AWS_IAM' or 'CUSTOM_JWT'"
    )


def _response(resource: Resource) -> Iterator[Finding]:
    yield from resource.at("action", "ssmAutomations").must(
        be_empty, "no automation, which runs a document"
    )


def _is(path: str, hold: Callable[[Value], bool], allowed: str, default: Value = None) -> Check:
    return lambda resource: resource.at(*path.split(".")).must(hold, allowed, default=default)


DEPENDS: Final[Mapping[str, Check]] = {
    "addon": _addon,
    "api-call": lambda resource: (
        _schedule(resource)
        if resource.type.startswith("aws:scheduler/")
        else _state_machine(resource)
    ),
    "association": _association,
    "builder": _placed("securityGroupIds", "subnetId"),
    "dev-endpoint": _placed("securityGroupIds", "subnetId"),
    "emr": _emr,
    "emr-block": _is("blockPublicSecurityGroupRules", be_true, "true"),
    "event-api": _events_api,
    "event-target": _event_target,
    "experiment": _experiment,
    "gateway": _gateway,
    "not-unblocked": _not("state", "unblocked"),
    "pipeline": _pipeline,
    "pipeline-webhook": _not("authentication", "UNAUTHENTICATED"),
    "recovery": _is(
        "associateDefaultSecurityGroup", be_false, "false, as AWS makes a security group otherwise"
    ),
    "remediation": _remediation,
    "response": _response,
    "serial-console": _is("enabled", be_false, "false", True),
    "ssm-document": _document,
    "ssm-setting": _public_sharing,
    "window-task": _window_task,
}
"""Class to what decides: types that are let through for what they say."""

DEPENDS_ON: Final[Mapping[str, str]] = {
    "addon": "the add-on makes no load balancer",
    "api-call": "the calls of AWS's API that it makes read, send, start or stop",
    "association": "the document is AWS's own for patches, inventory or agents",
    "builder": "a subnet and security groups are named",
    "dev-endpoint": "a subnet and security groups are named",
    "emr": "a subnet and both security groups are named, so that EMR makes none",
    "emr-block": "it blocks",
    "event-api": "nobody gets in with an API key",
    "event-target": "the target is not a document of Systems Manager",
    "experiment": "no action runs a document or a Kubernetes object",
    "gateway": "callers sign in",
    "not-unblocked": "it blocks",
    "pipeline": "every action builds code or deploys to what exists",
    "pipeline-webhook": "callers are authenticated",
    "recovery": "no security group is made",
    "remediation": "the document is AWS's own and closes what was found open",
    "response": "no automation is run",
    "serial-console": "it is off",
    "ssm-document": "the document calls nothing and is not shared with everyone",
    "ssm-setting": "documents cannot be shared with everyone",
    "window-task": "the document is AWS's own for patches, inventory or agents",
}
"""Class to when it is let through."""
