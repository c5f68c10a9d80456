"""The fixture that others use works in a project of theirs, and the pack works in its own place
(S20).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from policy.harness import Analyzer
from tests.policy.conftest import resource

ROOT = Path(__file__).resolve().parents[2]

LEFT_OUT = shutil.ignore_patterns("__pycache__", "venv")
"""The pack's packages are thousands of files; both run with this interpreter's."""

TEST = """
def test_default_pack(policy_pack):
    edge = policy_pack.resource("aws:lb/loadBalancer:LoadBalancer", "edge", idleTimeout=60)
    assert "alb-idle-timeout" in policy_pack.violations(edge)
    assert "alb-access-logs" in policy_pack.warnings(edge)


def test_configured_pack(policy_packs):
    pack = policy_packs(config={"alb-idle-timeout": {"heartbeatSeconds": 30}})
    assert pack is policy_packs(config={"alb-idle-timeout": {"heartbeatSeconds": 30}})
    edge = pack.resource("aws:lb/loadBalancer:LoadBalancer", "edge", idleTimeout=60)
    assert "alb-idle-timeout" not in pack.violations(edge)
"""


def test_fixture_in_another_project(tmp_path: Path) -> None:
    """One line in conftest.py, and the pack copied under its own name."""
    shutil.copytree(ROOT / "policy", tmp_path / "policy", ignore=LEFT_OUT)
    (tmp_path / "conftest.py").write_text('pytest_plugins = ["policy.testing"]\n')
    (tmp_path / "test_it.py").write_text(TEST)
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "--rootdir",
        str(tmp_path),
        str(tmp_path),
    ]
    # plug-ins of this project's own tests take longer to load than both tests to run
    alone = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    result = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, check=False, env=alone
    )
    assert result.returncode == 0, result.stdout + result.stderr
    assert "2 passed" in result.stdout


def test_pack_runs_from_a_copy_under_any_name(tmp_path: Path) -> None:
    """It imports nothing from outside its directory, whatever that is called."""
    copy = tmp_path / "rules-of-the-house"
    shutil.copytree(ROOT / "policy", copy, ignore=LEFT_OUT)
    with Analyzer(copy) as analyzer:
        found = analyzer.analyze(resource("aws:lb/loadBalancer:LoadBalancer", idleTimeout=60))
    assert "alb-idle-timeout" in {each.policy for each in found}


def test_pack_loads_no_provider_and_no_test_library() -> None:
    """Its start is part of every preview."""
    code = (
        "import sys; sys.path.insert(0, 'policy'); import rules, rules.core.serving;"
        " print('\\n'.join(sys.modules))"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    loaded = {name.split(".")[0] for name in result.stdout.split()}
    assert not loaded & {
        "pulumi_aws",
        "pulumi_awsx",
        "pulumi_docker",
        "pytest",
        "components",
        "settings",
        "local",
    }
