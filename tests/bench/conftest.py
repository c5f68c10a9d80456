"""Settings of the benchmarks' tests."""

from __future__ import annotations

import pytest


def pytest_configure(config: pytest.Config) -> None:
    """Loading `pulumi_aws.ec2` names its own deprecated resources, and `pulumi_awsx.ec2` an open
    issue; neither is used here.
    """
    config.addinivalue_line("filterwarnings", r"ignore::DeprecationWarning:pulumi_awsx?\.")
