"""Fargate's CPU and memory pairs as a pure table.

Source:
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html#fargate-tasks-size
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from components.base import ComponentError

GIB: Final = 1024

MEMORY_MIB: Final[dict[int, Sequence[int]]] = {
    256: (512, 1 * GIB, 2 * GIB),
    512: range(1 * GIB, 4 * GIB + 1, GIB),
    1024: range(2 * GIB, 8 * GIB + 1, GIB),
    2048: range(4 * GIB, 16 * GIB + 1, GIB),
    4096: range(8 * GIB, 30 * GIB + 1, GIB),
    8192: range(16 * GIB, 60 * GIB + 1, 4 * GIB),
    16384: range(32 * GIB, 120 * GIB + 1, 8 * GIB),
}
"""Memory in MiB that each number of CPU units (1024 = one vCPU) admits."""


def check_size(cpu: int, memory_mib: int) -> None:
    """Refuse a pair that Fargate does not offer.

    Raises `ComponentError` naming both values, what is allowed and the nearest pair that holds as
    much.
    """
    if cpu not in MEMORY_MIB:
        raise ComponentError(
            f"cpu is {cpu}; allowed is one of {', '.join(map(str, MEMORY_MIB))} CPU units (1024 ="
            " one vCPU)"
        )
    allowed = MEMORY_MIB[cpu]
    if memory_mib in allowed:
        return
    near_cpu, near_memory = nearest_size(cpu, memory_mib)
    raise ComponentError(
        f"cpu {cpu} with memory_mib {memory_mib} is not a Fargate size; cpu {cpu} goes with"
        f" {describe_sizes(allowed)} MiB. The nearest size that holds as much is cpu {near_cpu}"
        f" with memory_mib {near_memory}"
    )


def nearest_size(cpu: int, memory_mib: int) -> tuple[int, int]:
    """The smallest offered pair with at least `cpu` and `memory_mib`; the largest pair if none is
    large enough.
    """
    for units, sizes in MEMORY_MIB.items():
        if units >= cpu and (fitting := [size for size in sizes if size >= memory_mib]):
            return units, fitting[0]
    return max(MEMORY_MIB), MEMORY_MIB[max(MEMORY_MIB)][-1]


def describe_sizes(sizes: Sequence[int]) -> str:
    """The sizes in words."""
    if isinstance(sizes, range):
        return f"{sizes[0]}-{sizes[-1]} in steps of {sizes.step}"
    return ", ".join(map(str, sizes))
