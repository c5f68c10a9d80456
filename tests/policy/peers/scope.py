"""Which checks of peers are about what this pack is about, and by which of its rules a violation
counts as caught.

A check that no line names is out of scope: databases, queues, functions and the like are not part
of a live-editing stack, and neither is what only private networks can reach.
"""

from __future__ import annotations

import re
from typing import Final

INGRESS: Final = frozenset({"no-public-port", "no-public-port-stack"})
DEFAULT_GROUP: Final = INGRESS | {
    "no-default-security-group",
    "no-default-security-group-stack",
    "default-security-group-closed",
    "security-group-egress",
}
IAM: Final = frozenset({"iam-least-privilege"})
PUBLIC: Final = frozenset({"no-public-policy", "iam-least-privilege", "no-public-function"})
BUCKET: Final = frozenset({"no-public-bucket", "no-public-policy"})
BLOCK: Final = frozenset({"no-public-bucket", "bucket-access-block"})
LISTENER: Final = frozenset(
    {"listener-https-redirect", "listener-tls-policy", "no-public-listener", "listeners-stack"}
)

_SCOPE: Final[tuple[tuple[str, frozenset[str]], ...]] = (
    # load balancers
    (
        r"(alb_not_)?drop(ping)?_invalid_head\w*|ALBDropHttpHeaders|elb/drop_invalid_headers|alb_http_drop_invalid_header_enabled"
        r"|ALBHttpDropInvalidHeaderEnabled",
        frozenset({"alb-drop-invalid-headers"}),
    ),
    (r"ALBDesyncMode", frozenset({"alb-request-integrity"})),
    (
        r"ELBv2AccessLogs|elb_v2_alb_access_log_disabled|elbv2_access_logging_rule|aws\.a?lb\.LoadBalancer\.\w+AccessLogging",
        frozenset({"alb-access-logs"}),
    ),
    (
        r"LBDeletionProtection|alb_deletion_protection_disabled|elb_deletion_protection_enabled|ELBDeletionProtectionEnabled",
        frozenset({"alb-deletion-protection"}),
    ),
    (
        r"ALBListenerHTTPS|alb_listening_on_http|elb/http_not_used|graph/ALBRedirectsHTTPToHTTPS|elbv2_listener_protocol_rule"
        r"|alb_http_to_https_redirection_check|[Aa][Ll][Bb]HttpToHttpsRedirection|aws\.a?lb\.Listener\.disallowUnencryptedTraffic|ELBv2ACMCertificateRequired|elbv2_acm_certificate_required",
        LISTENER,
    ),
    (
        r"ALBListenerTLS12|elb/use_secure_tls_policy|elbv2_listener_ssl_policy_rule|AppLoadBalancerTLS12"
        r"|aws\.a?lb\.Listener\.configureSecureTls",
        LISTENER,
    ),
    (r"LBTargetGroupDefinesHealthCheck", frozenset({"target-group-health-check"})),
    # security groups, networks
    (
        r"SecurityGroupUnrestrictedIngress\w+|http_port_open|remote_desktop_port_open_to_internet|security_groups?_with_unrestricted_access_to_ssh"
        r"|sensitive_port_is_exposed_to_(entire|small_public)_network|sql_analysis_services_port_2383_is_publicly_accessible|unknown_port_exposed_to_internet"
        r"|unrestricted_security_group_ingress|fully_open_ingress|security_groups_unrestricted_access_to_rdp|security_groups_with_exhibited_admin_ports"
        r"|security_groups_with_meta_ip|ec2/no_public_ingress_sgr|ec2_security_group_ingress_open_to_world_rule|restricted_common_ports"
        r"|restricted_ssh|aws\.ec2\.SecurityGroup\.disallow\w+|EC2RestrictedCommonPorts|EC2RestrictedInbound|EC2RestrictedSSH|ec2_sensitive_port_is_publicly_exposed",
        INGRESS,
    ),
    (
        r"graph/VPCHasRestrictedSG|default_security_groups_with_unrestricted_traffic|vpc_default_security_group_accepts_all_traffic"
        r"|VPCDefaultSecurityGroupClosed",
        DEFAULT_GROUP,
    ),
    (
        r"NetworkACLUnrestricted\w*|network_acl_with_unrestricted_access_to_\w+|ec2/no_public_ingress_acl|ec2/no_excessive_port_access"
        r"|ec2_permissive_network_acl_protocols|ec2_network_acl_(port_range|protocol)_rule|tcp_or_udp_protocol_network_acl_entry_allows_all_ports",
        frozenset({"network-acl"}),
    ),
    (
        r"SecurityGroupUnrestrictedEgressAny|ec2/no_public_egress_sgr|security_group_egress_\w+|security_groups_allows_unrestricted_outbound_traffic"
        r"|ec2_security_group_egress_open_to_world_rule|security_group_missing_egress_rule",
        frozenset({"security-group-egress"}),
    ),
    (
        r"SecurityGroupRuleDescription|security_group_rules?_without_description|security_group_without_description|ec2/add_description_to\w+"
        r"|security_group_description_rule|EC2SecurityGroupDescription|aws\.ec2\.SecurityGroup\.missing\w+",
        frozenset({"security-group-descriptions"}),
    ),
    (
        r"EC2PublicIP|ec2_instance_has_public_ip|ec2/no_public_ip|ec2_instance_no_public_ip|EC2InstanceNoPublicIp|ECSServicePublicIP"
        r"|AutoScalingGroupWithPublicAccess|autoscaling_launch_config_public_ip_disabled|AutoScalingLaunchConfigPublicIpDisabled"
        r"|aws\.ec2\.\w+\.disallowPublicIp|RDSPubliclyAccessible|rds_db_instance_publicly_accessible|rds/disable_public_access"
        r"|rds_instance_public_access_check|RDSInstancePublicAccess|rdsInstancePublicAccess|aws\.rds\.\w+\.disallowPublicAccess"
        r"|RedshiftClusterPubliclyAccessible|redshift_publicly_accessible|redshift_cluster_public_access_check|RedshiftClusterPublicAccess"
        r"|redshiftClusterPublicAccess|DMSReplicationInstancePubliclyAccessible|amazon_dms_replication_instance_is_publicly_accessible"
        r"|dms_replication_not_public|DMSReplicationNotPublic|NeptuneInstancePublic|neptune_cluster_instance_is_publicly_accessible"
        r"|MQBrokerNotPubliclyExposed|AmazonMQBrokerPublicAccess|mq_broker_is_publicly_accessible|mq/no_public_access",
        frozenset({"no-public-address"}),
    ),
    (
        r"SubnetPublicIP|vpc_subnet_assigns_public_ip|ec2/no_public_ip_subnet|subnet_auto_assign_public_ip_disabled"
        r"|VPCSubnetAutoAssignPublicIpDisabled|ec2_instance_subnet_has_public_ip_mapping_on_launch",
        frozenset({"subnet-auto-assign", "no-public-address", "private-subnets"}),
    ),
    (r"VPCDefaultNetwork|default_vpc_exists|ec2/no_default_vpc", frozenset({"no-default-vpc"})),
    (
        r"graph/VPCHasFlowLog|graph/VPCHasOneOfWantedFlowLogs|vpc_flowlogs_disabled|ec2/require_vpc_flow_logs_for_all_vpcs|VPCFlowLogsEnabled",
        frozenset({"vpc-flow-logs"}),
    ),
    # other ways in
    (
        r"EKSPublicAccess(CIDR)?|eks/no_public_cluster_access(_to_cidr)?|eks_cluster_has_public_access(_cidrs)?|eks_endpoint_no_public_access"
        r"|EKSClusterNoEndpointPublicAccess|aws\.eks\.Cluster\.disallowApiEndpointPublicAccess|EKSNodeGroupRemoteAccess"
        r"|eks_node_group_remote_access(_disabled)?|msk_broker_is_publicly_accessible|TransferServerIsPublic|opensearch_in_vpc_only"
        r"|OpenSearchInVPCOnly|elasticsearchInVpcOnly",
        frozenset({"no-public-entrance"}),
    ),
    (
        r"elb_with_security_group_without_\w+|elb_sensitive_port_is_exposed_to_entire_network",
        frozenset(),
    ),
    # ECS
    (
        r"ECSClusterContainerInsights|ecs_cluster_container_insights_disabled|ecs/enable_container_insight|ECSClusterCloudWatchContainerInsights",
        frozenset({"ecs-container-insights"}),
    ),
    (
        r"ECSContainer(HostProcess|Privilege)|ecs_task_definition_network_mode_not_recommended|ecs_task_definition_user_for_host_mode_check"
        r"|ECSTaskDefinitionUserForHostMode",
        frozenset({"task-privileges", "task-user"}),
    ),
    (r"ECSContainerReadOnlyRoot", frozenset({"task-read-only-root"})),
    (r"ECSServiceFargateLatest", frozenset({"service-platform-version"})),
    (
        r"ECSTaskDefinitionEFSVolumeEncryption|ecs_task_definition_volume_not_encrypted|ecs/enable_in_transit_encryption",
        frozenset({"efs-encrypted-in-transit"}),
    ),
    (
        r"ECSTaskDefinitionRoleCheck|empty_roles_for_ecs_cluster_task_definitions",
        frozenset({"task-roles"}),
    ),
    (r"ecs_service_admin_role_is_present", frozenset({"iam-least-privilege", "task-roles"})),
    (r"ecs/no_plaintext_secrets", frozenset({"task-plain-secrets"})),
    (r"ECSTaskDefinitionContainerLogging", frozenset({"task-logging"})),
    (
        r"ecs_task_definition_healthcheck_missing|ecs_task_definition_invalid_cpu_or_memory",
        frozenset(),
    ),
    # EFS
    (
        r"EFSEncryption(Enabled)?|efs_not_encrypted|efs/enable_at_rest_encryption|efs_encrypted_check|EFSEncrypted|aws\.efs\.FileSystem\.disallowUnencryptedFileSystem",
        frozenset({"efs-encrypted-at-rest"}),
    ),
    (r"EFSAccessPointRoot|EFSAccessUserIdentity", frozenset({"efs-access-point-user"})),
    (r"efs_with_vulnerable_policy", frozenset({"no-public-policy", "efs-file-system-policy"})),
    (
        r"graph/EFSAddedBackup\w*|efs_resources_protected_by_backup_plan|EFSInBackupPlan",
        frozenset({"efs-backup"}),
    ),
    # ECR
    (
        r"ECRImageScanning|unscanned_ecr_image|ecr/enable_image_scans|ecr_repo_scan_on_push_rule|aws\.ecr\.Repository\.(configure|enable)ImageScan",
        frozenset({"ecr-scan-on-push"}),
    ),
    (
        r"ECRImmutableTags|ecr_image_tag_not_immutable|ecr/enforce_immutable_repository|aws\.ecr\.Repository\.disallowMutableImage",
        frozenset({"ecr-immutable-tags"}),
    ),
    (r"ECRPolicy|ecr_repository_is_publicly_accessible|ecr/no_public_access|ECROpenAccess", PUBLIC),
    # IAM
    (
        r"IAMAdminPolicyDocument|IAMStarActionPolicyDocument|IAMStarResourcePolicyDocument|AdminPolicyDocument|StarActionPolicyDocument"
        r"|IAMManagedAdminPolicy|iam_polic\w+_(with_)?full_p\w+|iam_policies_with_full_privileges|iam_policy_grants_full_permissions"
        r"|iam_role_with_full_privileges|iam_role_policy_passrole_allows_all|sso_policy_with_full_privileges"
        r"|iam/no_policy_wildcards|iam/limit_s3_full_access|iam_\w*no_statements_with_\w+|iam_\w+_no_wildcard_\w+|iam_policydocument_no_wildcard_resource"
        r"|iam_role_administrator_access_policy_rule|iam_role_elevated_managed_policy_rule|iam_role_or_policy_no_allow_plus_\w+"
        r"|IAMNoWildcardPermissions|IAMPolicyNoStatementsWith\w+|IAM(CredentialsExposure|DataExfiltration|PermissionsManagement|PrivilegeEscalation"
        r"|WriteAccess)|CloudSplaining\w+|Cloudsplaining\w+|\w+_with_privilege_escalation_by_actions_\w+|graph/IAMManagedIAMFullAccessPolicy"
        r"|graph/IAMPolicyNotAllowFullIAMAccess|lambda_function_with_privileged_role|lambda_functions_with_full_privileges"
        r"|group_with_privilege\w+|public_and_private_ec2_share_role",
        IAM,
    ),
    (
        r"IAMRoleAllowsPublicAssume|IAMRoleAllowAssumeFromAccount|iam_role_allows_all_principals_to_assume"
        r"|iam_policy_grants_assumerole_permission_across_all_services|iam_role_no_allow_plus_\w+|iam_role_no_full_access_on_trust_policy"
        r"|GithubActionsOIDCTrustPolicy\w*|IAMPublicActionsPolicy|ResourcePolicyDocument",
        PUBLIC,
    ),
    # KMS
    (
        r"KMSRotation|cmk_rotation_disabled|kms_enable_key_rotation_disabled|kms/auto_rotate_keys|cmk_backing_key_rotation_enabled"
        r"|KMSBackingKeyRotationEnabled|cmkBackingKeyRotationEnabled|aws\.kms\.Key\.enableKeyRotation",
        frozenset({"kms-key-rotation"}),
    ),
    (
        r"KMSKeyWild[Cc]ardPrincipal|kms_key_with_full_permissions|kms_allows_wildcard_principal|kms_no_wildcard_principal",
        PUBLIC,
    ),
    # S3: who may read
    (
        r"S3(Block|Ignore|Restrict)Public\w+|graph/S3BucketHasPublicAccessBlock"
        r"|s3_bucket_(allows_public_acl|with_public_policy|without_ignore_public_acl|without_restriction_of_public_bucket)"
        r"|s3/(block_public_\w+|ignore_public_acls|no_public_buckets|specify_public_access_block)"
        r"|s3_bucket_(level_public_access_prohibited|public_(read|write)_prohibited)|S3BucketLevelPublicAccessProhibited|S3BucketPublic\w+",
        BLOCK,
    ),
    (
        r"S3PublicACL\w+|S3GlobalViewACL|S3AllowsAnyPrincipal|S3AccessPointPubliclyAccessible"
        r"|graph/S3(NotAllowAccessToAllAuthenticatedUsers|PublicACL\w+)"
        r"|s3_bucket_(access_to_any_principal|acl_allows_\w+|acl_grants_write_acp_permission|allows_\w+|with_all_permissions)"
        r"|s3_bucket_public_acl_overridden_by_public_access_block|cloudtrail_log_files_s3_bucket_is_publicly_accessible"
        r"|s3/no_public_access_with_acl|s3_bucket_policy_grantee_check|s3_bucket_public_\w+acl"
        r"|s3_bucketpolicy_no_allow_plus_notprincipal|s3_bucket_no_public_rw_acl|aws\.s3\.Bucket\.disallowPublicRead",
        BUCKET,
    ),
    (r"s3_bucket_policy_no_\w+", PUBLIC),
    # secrets
    (
        r"SecretManagerSecret90days|secretsmanager_rotation_enabled_check|SecretsManagerRotationEnabled",
        frozenset({"secret-rotation"}),
    ),
    (r"secrets_manager_with_vulnerable_policy", PUBLIC),
    (
        r"EC2Credentials|LambdaEnvironmentCredentials|ec2/no_secrets_in_user_data|ec2/as_no_secrets_in_user_data|ec2/no_sensitive_info"
        r"|hardcoded_aws_access_key(_in_lambda)?|user_data_contains_encoded_private_key|ec2_instance_using_api_keys"
        r"|CodeBuildProjectEnvVarAwsCred",
        frozenset({"no-plain-secrets", "task-plain-secrets"}),
    ),
    # logs
    (
        r"CloudWatchLogGroupRetention|cloudwatch_without_retention_period_specified|cw_loggroup_retention_period_check"
        r"|CloudWatchLogGroupRetentionPeriod",
        frozenset({"log-retention"}),
    ),
    # policies of other resources
    (
        r"SNSTopicPolicyAnyPrincipal|SQSPolicy|SQSOverlyPermissive|SQSQueuePolicyAnyPrincipal|GlacierVaultAnyPrincipal|sns_topic_is_publicly_accessible"
        r"|sns_topic_publicity_has_allow_and_not_action_simultaneously|sqs_policy_(allows_all_actions|with_public_access)|sqs_queue_exposed"
        r"|sns_topicpolicy_no_\w+|sqs_queuepolicy_no_\w+|elasticsearch_domain_with_vulnerable_policy|glue_with_vulnerable_policy"
        r"|rest_api_with_vulnerable_policy|cloudwatch_logs_destination_with_vulnerable_policy"
        r"|ses_policy_with_allowed_iam_actions|sqs/no_wildcards_in_policy_documents",
        PUBLIC,
    ),
    (
        r"LambdaFunctionIsNotPublic|lambda_with_vulnerable_policy|LambdaFunctionURLAuth|LambdaServicePermission|lambda_permission_principal_is_wildcard|lambda_function_publicly_accessible"
        r"|lambda_function_public_access_prohibited|lambda_no_wildcard_principals?|lambda/restrict_source_arn"
        r"|LambdaFunctionPublicAccessProhibited|LambdaFunctionUrlAuth|aws\.lambda\.Permission\.configureSourceArn|EventBusOpenAccess",
        frozenset({"no-public-policy", "iam-least-privilege", "no-public-entrance"}),
    ),
)

_NOT_OURS: Final = frozenset({"graph/S3BucketHasPublicAccessBlockSuppress"})


def rules(check: str) -> frozenset[str]:
    """The rules of this pack by which a violation of this check counts as caught; empty when it is
    out of scope.
    """
    if check in _NOT_OURS:
        return frozenset()
    for pattern, found in _SCOPE:
        if re.fullmatch(pattern, check):
            return found
    return frozenset()
