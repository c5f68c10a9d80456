"""The generated code of the clients is what the API's description yields (S33)."""

from __future__ import annotations

import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from container.gateway.openapi import document
from scripts import client_names, gen_clients

ADVICE = "the clients are older than the API's description: run `make clients` and commit"


def files(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): path.read_text()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_the_python_client_is_as_old_as_the_description(tmp_path: Path) -> None:
    """Byte for byte, and it is generated without a network."""
    gen_clients.generate_python(tmp_path / "new")
    assert files(tmp_path / "new") == files(gen_clients.PYTHON), ADVICE


def test_the_typescript_client_is_as_old_as_the_description(tmp_path: Path) -> None:
    """The same."""
    gen_clients.generate_typescript(tmp_path / "generated.ts")
    assert (tmp_path / "generated.ts").read_text() == gen_clients.TYPESCRIPT.read_text(), ADVICE


def test_every_operation_is_a_method_of_both_clients() -> None:
    """By its name in the description."""
    from astro_live_client import AsyncClient, Client
    from openapi_python_client.strings import snake_case

    names = {
        snake_case(operation["operationId"])
        for operations in document()["paths"].values()
        for method, operation in operations.items()
        if method != "parameters"
    }
    assert names
    assert {name for name in names if not hasattr(Client, name)} == set()
    assert {name for name in names if not hasattr(AsyncClient, name)} == set()


def test_the_python_client_can_be_built_and_says_that_it_has_types(tmp_path: Path) -> None:
    """From its folder, by a builder that is installed."""
    folder = gen_clients.CLIENTS / "python"
    subprocess.run(
        [".venv/bin/uv", "build", "--offline", "--quiet", "--wheel", "-o", str(tmp_path), str(folder)],
        cwd=gen_clients.ROOT, check=True, timeout=120, capture_output=True,
    )  # fmt: skip
    (wheel,) = tmp_path.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    source = folder / "src"
    wanted = {
        str(path.relative_to(source))
        for path in source.rglob("*")
        if path.suffix == ".py" or path.name == "py.typed"
    }
    assert wanted - names == set()
    assert "astro_live_client/py.typed" in names


@pytest.mark.parametrize(
    ("file", "names"),
    [
        (client_names.PYTHON, client_names.python_names),
        (client_names.TYPESCRIPT, client_names.typescript_names),
    ],
)
def test_no_public_name_changes_silently(file: Path, names: Callable[[], set[str]]) -> None:
    """The names that programs have written down are listed; one that is gone breaks them."""
    gone = sorted(client_names.listed(file) - names())
    assert not gone, client_names.advice(file, gone)
    new = sorted(names() - client_names.listed(file))
    assert not new, f"{new[:5]} are new: run `make clients`, which adds them to {file.name}"


def test_a_renamed_member_is_refused_by_the_generator(tmp_path: Path) -> None:
    """Unless the person who runs it says that programs break; the list stays as it is."""
    file = tmp_path / "names.txt"
    client_names.renew(file, {"A", "A.old"}, breaking=False)
    with pytest.raises(SystemExit, match=r"A\.old.*breaks the programs.*--breaking"):
        client_names.renew(file, {"A", "A.new"}, breaking=False)
    assert client_names.listed(file) == {"A", "A.old"}
    client_names.renew(file, {"A", "A.new"}, breaking=True)
    assert client_names.listed(file) == {"A", "A.new"}
