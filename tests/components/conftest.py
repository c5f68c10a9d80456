"""Warnings are errors in these tests, except those that the providers' packages raise when their
modules load.
"""

import hypothesis
import pytest


def pytest_configure(config: pytest.Config) -> None:
    """Loading `pulumi_aws.ec2` names its own deprecated resources, and `pulumi_awsx.ec2` an open
    issue; neither is used here.

    A property takes as long as the machine is busy: no deadline per example.
    """
    hypothesis.settings.register_profile("untimed", deadline=None)
    hypothesis.settings.load_profile("untimed")
    config.addinivalue_line("filterwarnings", r"ignore::DeprecationWarning:pulumi_awsx?\.")
