"""A web application firewall for live sessions: AWS's managed groups, less the rules that editing
trips, and a limit by address.
"""

from __future__ import annotations

from dataclasses import dataclass

import pulumi_aws as aws

from components.base import Component, ComponentError

RATE_LIMITS = (10, 2_000_000_000)
"""AWS's range of requests per window
(https://docs.aws.amazon.com/waf/latest/APIReference/API_RateBasedStatement.html).
"""

TRIPPED_BY_EDITING = (
    "SizeRestrictions_BODY",  # a file of more than 8 kB is written through the API
    "CrossSiteScripting_BODY",  # and it holds markup and scripts
    "GenericRFI_BODY",
    "GenericLFI_BODY",
    # dev servers serve modules under names such as `astro.config.mjs`
    "RestrictedExtensions_URIPATH",
    "GenericLFI_URIPATH",  # and under `/@id/…` and `/@fs/…`
)
"""Rules of the common rule set that only count."""


@dataclass(frozen=True, kw_only=True)
class Firewall:
    """Which rules stand before the load balancer."""

    rate_limit: int = 10_000
    """Requests that one address may make in five minutes; a page of a dev server loads hundreds of
    modules.
    """
    managed_groups: tuple[str, ...] = (
        "AWSManagedRulesCommonRuleSet",
        "AWSManagedRulesKnownBadInputsRuleSet",
        "AWSManagedRulesAmazonIpReputationList",
    )
    """AWS's rule groups by name, in order of evaluation."""
    count_only: tuple[str, ...] = TRIPPED_BY_EDITING
    """Rules of `AWSManagedRulesCommonRuleSet` that count instead of blocking."""

    def __post_init__(self) -> None:
        low, high = RATE_LIMITS
        if not low <= self.rate_limit <= high:
            raise ComponentError(
                f"rate_limit is {self.rate_limit}; allowed is {low}-{high} requests per five"
                " minutes and address"
            )
        if len(set(self.managed_groups)) != len(self.managed_groups):
            raise ComponentError(
                f"managed_groups names a group twice: {list(self.managed_groups)}; remove one"
            )

    def attach(
        self, owner: Component, load_balancer: aws.lb.LoadBalancer, tags: dict[str, str]
    ) -> None:
        """Create the web ACL as a child of `owner` and put it before `load_balancer`."""
        acl = aws.wafv2.WebAcl(
            owner.child_name("web_acl"),
            scope="REGIONAL",
            description="Requests to live sessions",
            default_action=aws.wafv2.WebAclDefaultActionArgs(
                allow=aws.wafv2.WebAclDefaultActionAllowArgs()
            ),
            rules=[
                self._limit(0),
                *(
                    self._managed(group, number + 1)
                    for number, group in enumerate(self.managed_groups)
                ),
            ],
            visibility_config=_visibility("sessions"),
            tags=tags,
            opts=owner.child_options(),
        )
        association = aws.wafv2.WebAclAssociation(
            owner.child_name("web_acl_association"),
            resource_arn=load_balancer.arn,
            web_acl_arn=acl.arn,
            opts=owner.child_options(),
        )
        owner.expose(web_acl=acl, web_acl_association=association)

    def _limit(self, priority: int) -> aws.wafv2.WebAclRuleArgs:
        return aws.wafv2.WebAclRuleArgs(
            name="rate-limit",
            priority=priority,
            action=aws.wafv2.WebAclRuleActionArgs(block=aws.wafv2.WebAclRuleActionBlockArgs()),
            statement=aws.wafv2.WebAclRuleStatementArgs(
                rate_based_statement=aws.wafv2.WebAclRuleStatementRateBasedStatementArgs(
                    limit=self.rate_limit, evaluation_window_sec=300, aggregate_key_type="IP"
                )
            ),
            visibility_config=aws.wafv2.WebAclRuleVisibilityConfigArgs(
                cloudwatch_metrics_enabled=True,
                metric_name="rate-limit",
                sampled_requests_enabled=True,
            ),
        )

    def _managed(self, group: str, priority: int) -> aws.wafv2.WebAclRuleArgs:
        counted = self.count_only if group == "AWSManagedRulesCommonRuleSet" else ()
        return aws.wafv2.WebAclRuleArgs(
            name=group,
            priority=priority,
            override_action=aws.wafv2.WebAclRuleOverrideActionArgs(
                none=aws.wafv2.WebAclRuleOverrideActionNoneArgs()  # type: ignore[no-untyped-call]
            ),
            statement=aws.wafv2.WebAclRuleStatementArgs(
                managed_rule_group_statement=aws.wafv2.WebAclRuleStatementManagedRuleGroupStatementArgs(
                    vendor_name="AWS",
                    name=group,
                    rule_action_overrides=[
                        aws.wafv2.WebAclRuleStatementManagedRuleGroupStatementRuleActionOverrideArgs(
                            name=rule,
                            action_to_use=aws.wafv2.WebAclRuleStatementManagedRuleGroupStatementRuleActionOverrideActionToUseArgs(
                                count=aws.wafv2.WebAclRuleStatementManagedRuleGroupStatementRuleActionOverrideActionToUseCountArgs()
                            ),
                        )
                        for rule in counted
                    ],
                )
            ),
            visibility_config=aws.wafv2.WebAclRuleVisibilityConfigArgs(
                cloudwatch_metrics_enabled=True, metric_name=group, sampled_requests_enabled=True
            ),
        )


def _visibility(metric: str) -> aws.wafv2.WebAclVisibilityConfigArgs:
    return aws.wafv2.WebAclVisibilityConfigArgs(
        cloudwatch_metrics_enabled=True, metric_name=metric, sampled_requests_enabled=True
    )
