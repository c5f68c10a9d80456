"""AWS's own descriptions of itself, as a judge of what the program declares."""

import pytest


def pytest_configure(config: pytest.Config) -> None:
    """Loading `pulumi_aws.ec2` warns about its own deprecated resources, and `pulumi_awsx.ec2` about an open issue."""
    config.addinivalue_line("filterwarnings", r"ignore::DeprecationWarning:pulumi_awsx?\.")
