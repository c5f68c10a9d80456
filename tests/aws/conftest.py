"""AWS's own descriptions of itself, as a judge of what the program declares."""

import os

import pytest

from tests.aws import variants


def pytest_configure(config: pytest.Config) -> None:
    """Loading `pulumi_aws.ec2` warns about its own deprecated resources, and `pulumi_awsx.ec2`
    about an open issue.
    """
    config.addinivalue_line("filterwarnings", r"ignore::DeprecationWarning:pulumi_awsx?\.")


@pytest.fixture(scope="session", autouse=True)
def shared_previews(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The files of this folder run in two processes, which judge the same previews."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        variants.shared = tmp_path_factory.getbasetemp().parent
