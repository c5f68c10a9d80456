"""What a team sees of the service: metrics out of its log, alarms, and one dashboard."""

from __future__ import annotations

from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws

from components import dashboard
from components.alarms import Alarm, Thresholds, alarms
from components.base import Component, ComponentError, Transforms
from components.efs_fargate_service import EfsFargateService
from components.efs_volume import EfsVolume
from components.web_socket_alb import WebSocketAlb
from contract.telemetry import LOG_METRICS


@dataclass(frozen=True, kw_only=True)
class ObservabilityArgs:
    """What is watched, and who hears of it."""

    alb: WebSocketAlb
    service: EfsFargateService
    volume: EfsVolume
    metric_namespace: str
    url: str
    """Named on the dashboard."""
    topic_arn: pulumi.Input[str] | None = None
    """Existing SNS topic for alarms."""
    email: str | None = None
    """Make a topic and subscribe this address, which must confirm."""
    thresholds: Thresholds = field(default_factory=Thresholds)
    dashboard_name: str | None = None
    """Make a dashboard of this name, which an account has once."""
    tags: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.topic_arn and self.email:
            raise ComponentError(
                f"topic_arn and email are both set ({self.email!r}); allowed is one. Subscribe the"
                " address to your topic instead"
            )
        if self.email is not None and ("@" not in self.email or " " in self.email):
            raise ComponentError(
                f"email is {self.email!r}; allowed is an address such as 'on-call@example.com'"
            )


class Observability(Component):
    """Metric filters, alarms, dashboard and topic."""

    topic: aws.sns.Topic | None
    alarms: dict[str, aws.cloudwatch.MetricAlarm]
    dashboard: aws.cloudwatch.Dashboard | None

    def __init__(
        self,
        name: str,
        args: ObservabilityArgs,
        opts: pulumi.ResourceOptions | None = None,
        transforms: Transforms | None = None,
    ) -> None:
        super().__init__("Observability", name, opts, transforms)
        self.args = args
        self.topic = None
        self.dashboard = None
        self._create_metrics()
        self._create_topic()
        self._create_alarms()
        if args.dashboard_name:
            self._create_dashboard()
        self.finish({"dashboardName": self.dashboard.dashboard_name if self.dashboard else None})

    def _create_metrics(self) -> None:
        for metric in LOG_METRICS:
            key = f"metric_{metric.name}"
            filter_ = aws.cloudwatch.LogMetricFilter(
                self.child_name(key),
                log_group_name=self.args.service.log_group.name,
                pattern=metric.pattern,
                metric_transformation=aws.cloudwatch.LogMetricFilterMetricTransformationArgs(
                    namespace=self.args.metric_namespace,
                    name=metric.name,
                    value=metric.value,
                    unit=metric.unit,
                ),
                opts=self.child_options(),
            )
            self.expose(**{key: filter_})

    def _create_topic(self) -> None:
        if not self.args.email:
            return
        self.topic = aws.sns.Topic(
            self.child_name("topic"), tags=self.args.tags, opts=self.child_options()
        )
        subscription = aws.sns.TopicSubscription(
            self.child_name("subscription"),
            topic=self.topic.arn,
            protocol="email",
            endpoint=self.args.email,
            opts=self.child_options(),
        )
        self.expose(topic=self.topic, subscription=subscription)

    def _create_alarms(self) -> None:
        receiver = self.args.topic_arn or (self.topic.arn if self.topic else None)
        self._definitions = alarms(
            self.args.thresholds, shared=self.args.service.args.ownership is not None
        )
        self.alarms = {}
        for key, alarm in self._definitions.items():
            percentile = alarm.statistic.startswith("p")
            self.alarms[key] = aws.cloudwatch.MetricAlarm(
                self.child_name(f"alarm_{key}"),
                alarm_description=alarm.description,
                namespace=self._namespace(alarm),
                metric_name=alarm.metric,
                dimensions=self._dimensions(alarm),
                statistic=None if percentile else alarm.statistic,
                extended_statistic=alarm.statistic if percentile else None,
                period=alarm.period_seconds,
                evaluation_periods=alarm.periods,
                datapoints_to_alarm=alarm.breaching,
                threshold=alarm.threshold,
                comparison_operator="LessThanThreshold" if alarm.below else "GreaterThanThreshold",
                treat_missing_data="breaching" if alarm.silence_is_bad else "notBreaching",
                alarm_actions=[receiver] if receiver else None,
                ok_actions=[receiver] if receiver else None,
                tags=self.args.tags,
                opts=self.child_options(),
            )
        self.expose(**{f"alarm_{key}": alarm for key, alarm in self.alarms.items()})

    def _namespace(self, alarm: Alarm) -> str:
        namespaces = {
            "load-balancer": "AWS/ApplicationELB",
            "target-group": "AWS/ApplicationELB",
            "service": "AWS/ECS",
            "container-insights": "ECS/ContainerInsights",
            "file-system": "AWS/EFS",
            "ownership-table": "AWS/DynamoDB",
            "log": self.args.metric_namespace,
        }
        return namespaces[alarm.scope]

    def _dimensions(self, alarm: Alarm) -> dict[str, pulumi.Input[str]] | None:
        args = self.args
        balancer = {"LoadBalancer": args.alb.load_balancer.arn_suffix}
        service = {
            "ClusterName": args.service.cluster.name,
            "ServiceName": args.service.service.name,
        }
        dimensions: dict[str, dict[str, pulumi.Input[str]]] = {
            "load-balancer": {**balancer},
            "target-group": {**balancer, "TargetGroup": args.alb.session_target_group.arn_suffix},
            "service": {**service},
            "container-insights": {**service},
            "file-system": {"FileSystemId": args.volume.file_system.id},
        }
        if args.service.args.ownership:
            dimensions["ownership-table"] = {"TableName": args.service.args.ownership.table.name}
        return dimensions.get(alarm.scope)

    def _create_dashboard(self) -> None:
        args = self.args
        names = pulumi.Output.all(
            region=aws.get_region_output(opts=pulumi.InvokeOptions(parent=self)).region,
            load_balancer=args.alb.load_balancer.arn_suffix,
            target_group=args.alb.session_target_group.arn_suffix,
            cluster=args.service.cluster.name,
            service=args.service.service.name,
            file_system=args.volume.file_system.id,
            log_group=args.service.log_group.name,
            namespace=args.metric_namespace,
            alarm_arns=[alarm.arn for alarm in self.alarms.values()],
            url=args.url,
        )
        limits = {key: alarm.threshold for key, alarm in self._definitions.items()}
        self.dashboard = aws.cloudwatch.Dashboard(
            self.child_name("dashboard"),
            dashboard_name=args.dashboard_name,
            dashboard_body=pulumi.Output.json_dumps(
                names.apply(lambda values: dashboard.body(dashboard.Names(**values), limits))
            ),
            opts=self.child_options(),
        )
        self.expose(dashboard=self.dashboard)
