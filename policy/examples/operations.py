"""Examples for the rules of egress, networks, keys, services and backups."""

import pulumi_aws as aws


def security_group_egress_violating() -> None:
    aws.vpc.SecurityGroupEgressRule(
        "anywhere", security_group_id="sg-1", ip_protocol="-1", cidr_ipv4="0.0.0.0/0"
    )


def security_group_egress_complying() -> None:
    aws.vpc.SecurityGroupEgressRule(
        "https",
        security_group_id="sg-1",
        description="AWS and package registries",
        ip_protocol="tcp",
        from_port=443,
        to_port=443,
        cidr_ipv4="0.0.0.0/0",
    )


def vpc_flow_logs_violating() -> None:
    aws.ec2.Vpc("live", cidr_block="10.20.0.0/16")


def vpc_flow_logs_complying() -> None:
    vpc = aws.ec2.Vpc("live", cidr_block="10.20.0.0/16")
    aws.ec2.FlowLog(
        "live",
        vpc_id=vpc.id,
        traffic_type="REJECT",
        log_destination="arn:aws:logs:eu-central-1:123456789012:log-group:flows",
        iam_role_arn="arn:aws:iam::123456789012:role/flows",
    )


def default_security_group_closed_violating() -> None:
    aws.ec2.Vpc("live", cidr_block="10.20.0.0/16")


def default_security_group_closed_complying() -> None:
    vpc = aws.ec2.Vpc("live", cidr_block="10.20.0.0/16")
    aws.ec2.DefaultSecurityGroup("live", vpc_id=vpc.id, ingress=[], egress=[])


def subnet_auto_assign_violating() -> None:
    aws.ec2.Subnet("edge", vpc_id="vpc-1", cidr_block="10.20.0.0/24", map_public_ip_on_launch=True)


def subnet_auto_assign_complying() -> None:
    aws.ec2.Subnet("edge", vpc_id="vpc-1", cidr_block="10.20.0.0/24", map_public_ip_on_launch=False)


def no_default_vpc_violating() -> None:
    aws.ec2.DefaultVpc("live")


def no_default_vpc_complying() -> None:
    aws.ec2.Vpc("live", cidr_block="10.20.0.0/16")


def security_group_descriptions_violating() -> None:
    aws.ec2.SecurityGroup("tasks", vpc_id="vpc-1")


def security_group_descriptions_complying() -> None:
    aws.ec2.SecurityGroup("tasks", vpc_id="vpc-1", description="Tasks that run dev servers")


def kms_key_rotation_violating() -> None:
    aws.kms.Key("sites")


def kms_key_rotation_complying() -> None:
    aws.kms.Key("sites", enable_key_rotation=True)


def secret_rotation_violating() -> None:
    aws.secretsmanager.Secret("signing-keys")


def secret_rotation_complying() -> None:
    secret = aws.secretsmanager.Secret("signing-keys")
    aws.secretsmanager.SecretRotation(
        "signing-keys",
        secret_id=secret.id,
        rotation_lambda_arn="arn:aws:lambda:eu-central-1:123456789012:function:rotate",
        rotation_rules={"automatically_after_days": 30},
    )


def service_platform_version_violating() -> None:
    aws.ecs.Service("live", launch_type="FARGATE", platform_version="1.3.0", task_definition="live")


def service_platform_version_complying() -> None:
    aws.ecs.Service(
        "live", launch_type="FARGATE", platform_version="LATEST", task_definition="live"
    )


def task_roles_violating() -> None:
    aws.ecs.TaskDefinition(
        "live",
        family="live",
        container_definitions="[]",
        task_role_arn="arn:aws:iam::123456789012:role/live",
        execution_role_arn="arn:aws:iam::123456789012:role/live",
    )


def task_roles_complying() -> None:
    aws.ecs.TaskDefinition(
        "live",
        family="live",
        container_definitions="[]",
        task_role_arn="arn:aws:iam::123456789012:role/live-task",
        execution_role_arn="arn:aws:iam::123456789012:role/live-execution",
    )


def ecs_container_insights_violating() -> None:
    aws.ecs.Cluster("live")


def ecs_container_insights_complying() -> None:
    aws.ecs.Cluster("live", settings=[{"name": "containerInsights", "value": "enabled"}])


def efs_backup_violating() -> None:
    aws.efs.FileSystem("sites", encrypted=True)


def efs_backup_complying() -> None:
    sites = aws.efs.FileSystem("sites", encrypted=True)
    aws.efs.BackupPolicy("sites", file_system_id=sites.id, backup_policy={"status": "ENABLED"})
