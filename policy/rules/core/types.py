"""Resource type tokens.

Pulumi's AWS provider has several tokens for the same thing; a rule that names only one of them is
easily walked around.
"""

from __future__ import annotations

from typing import Final

_LOAD_BALANCING: Final = ("lb", "alb", "elasticloadbalancingv2", "applicationloadbalancing")
"""Modules that hold the same resources; the last two are the names of former versions, still
registered as aliases.
"""


def _load_balancing(resource: str) -> frozenset[str]:
    return frozenset(
        f"aws:{module}/{resource[0].lower()}{resource[1:]}:{resource}" for module in _LOAD_BALANCING
    )


LOAD_BALANCER: Final = _load_balancing("LoadBalancer")
TARGET_GROUP: Final = _load_balancing("TargetGroup")
LISTENER: Final = _load_balancing("Listener")
LISTENER_RULE: Final = _load_balancing("ListenerRule")
CLASSIC_LOAD_BALANCER: Final = frozenset(
    {"aws:elb/loadBalancer:LoadBalancer", "aws:elasticloadbalancing/loadBalancer:LoadBalancer"}
)

SECURITY_GROUP: Final = "aws:ec2/securityGroup:SecurityGroup"
DEFAULT_SECURITY_GROUP: Final = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"
SECURITY_GROUP_RULE: Final = "aws:ec2/securityGroupRule:SecurityGroupRule"
SECURITY_GROUP_INGRESS_RULE: Final = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
SECURITY_GROUP_EGRESS_RULE: Final = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
SECURITY_GROUPS: Final = frozenset({SECURITY_GROUP, DEFAULT_SECURITY_GROUP})
INGRESS_SOURCES: Final = SECURITY_GROUPS | {SECURITY_GROUP_RULE, SECURITY_GROUP_INGRESS_RULE}
"""Every resource that can admit traffic into a security group."""

PREFIX_LIST: Final = "aws:ec2/managedPrefixList:ManagedPrefixList"
PREFIX_LIST_ENTRY: Final = "aws:ec2/managedPrefixListEntry:ManagedPrefixListEntry"

ACCELERATOR_LISTENER: Final = "aws:globalaccelerator/listener:Listener"
ACCELERATOR_CUSTOM_LISTENER: Final = (
    "aws:globalaccelerator/customRoutingListener:CustomRoutingListener"
)
ACCELERATOR_ENDPOINTS: Final = "aws:globalaccelerator/endpointGroup:EndpointGroup"
INSTANCE: Final = "aws:ec2/instance:Instance"
NETWORK_INTERFACE: Final = "aws:ec2/networkInterface:NetworkInterface"
LAUNCH_TEMPLATE: Final = "aws:ec2/launchTemplate:LaunchTemplate"
TASK_DEFINITION: Final = "aws:ecs/taskDefinition:TaskDefinition"
DAEMON_TASK_DEFINITION: Final = "aws:ecs/daemonTaskDefinition:DaemonTaskDefinition"
DAEMON: Final = "aws:ecs/daemon:Daemon"
JOB_DEFINITION: Final = "aws:batch/jobDefinition:JobDefinition"
EVENT_TARGET: Final = "aws:cloudwatch/eventTarget:EventTarget"
SCHEDULE: Final = "aws:scheduler/schedule:Schedule"
PIPE: Final = "aws:pipes/pipe:Pipe"
STATE_MACHINE: Final = "aws:sfn/stateMachine:StateMachine"
SERVICE: Final = "aws:ecs/service:Service"
TASK_SET: Final = "aws:ecs/taskSet:TaskSet"
FILE_SYSTEM: Final = "aws:efs/fileSystem:FileSystem"
FILE_SYSTEM_POLICY: Final = "aws:efs/fileSystemPolicy:FileSystemPolicy"
ACCESS_POINT: Final = "aws:efs/accessPoint:AccessPoint"
MOUNT_TARGET: Final = "aws:efs/mountTarget:MountTarget"
SUBNET: Final = "aws:ec2/subnet:Subnet"
DEFAULT_SUBNET: Final = "aws:ec2/defaultSubnet:DefaultSubnet"
VPC: Final = "aws:ec2/vpc:Vpc"
DEFAULT_VPC: Final = "aws:ec2/defaultVpc:DefaultVpc"
VPC_ENDPOINT: Final = "aws:ec2/vpcEndpoint:VpcEndpoint"
REPOSITORY: Final = "aws:ecr/repository:Repository"
LIFECYCLE_POLICY: Final = "aws:ecr/lifecyclePolicy:LifecyclePolicy"
LOG_GROUP: Final = "aws:cloudwatch/logGroup:LogGroup"
INTERNET_GATEWAY: Final = "aws:ec2/internetGateway:InternetGateway"
ROUTE: Final = "aws:ec2/route:Route"
ROUTE_TABLE: Final = "aws:ec2/routeTable:RouteTable"
DEFAULT_ROUTE_TABLE: Final = "aws:ec2/defaultRouteTable:DefaultRouteTable"
MAIN_ROUTE_TABLE_ASSOCIATION: Final = "aws:ec2/mainRouteTableAssociation:MainRouteTableAssociation"
ROUTE_TABLE_ASSOCIATION: Final = "aws:ec2/routeTableAssociation:RouteTableAssociation"
NETWORK_ACL: Final = "aws:ec2/networkAcl:NetworkAcl"
DEFAULT_NETWORK_ACL: Final = "aws:ec2/defaultNetworkAcl:DefaultNetworkAcl"
NETWORK_ACL_RULE: Final = "aws:ec2/networkAclRule:NetworkAclRule"
