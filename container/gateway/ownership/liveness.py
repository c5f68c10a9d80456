"""Whether another task still runs, by this task's own monotonic clock: no two clocks are ever
compared.

A beat is a counter. A task is dead when its item has shown the same run and beat for a whole lease
since this observer first saw them (the method of the DynamoDB lock client:
https://aws.amazon.com/blogs/database/building-distributed-locks-with-the-dynamodb-lock-client/).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from .model import Task


class Liveness:
    """What was seen of each task, and since when."""

    def __init__(self, clock: Callable[[], float], lease_seconds: float) -> None:
        self._clock = clock
        self._lease = lease_seconds
        self._seen: dict[str, tuple[Task, float]] = {}
        self._dead: set[str] = set()

    def observe(self, tasks: Iterable[Task]) -> bool:
        """Take in items that were just read; whether one of the tasks is found to be dead now. A
        beat that changed is a sign of life.
        """
        now, found = self._clock(), False
        for task in tasks:
            since = self._since(task, now)
            self._seen[task.id] = (task, since)
            if now - since < self._lease:
                self._dead.discard(task.id)
            elif task.id not in self._dead:
                self._dead.add(task.id)
                found = True
        return found

    def _since(self, task: Task, otherwise: float) -> float:
        """When this very beat was first seen."""
        seen = self._seen.get(task.id)
        if seen is None or seen[0].beat != task.beat or seen[0].run != task.run:
            return otherwise
        return seen[1]

    def start_over(self) -> None:
        """After a time in which nothing could be read: silence proves nothing about it."""
        now = self._clock()
        self._seen = {name: (task, now) for name, (task, _) in self._seen.items()}

    def forget(self, task_id: str) -> None:
        self._seen.pop(task_id, None)
        self._dead.discard(task_id)

    def is_dead(self, task: Task) -> bool:
        """Whether this very beat has been the last one for a lease. A task seen for the first time
        is not.
        """
        now = self._clock()
        return now - self._since(task, now) >= self._lease

    def silent_for(self, task: Task) -> float:
        """Seconds since this observer last saw a sign of life of it."""
        seen = self._seen.get(task.id)
        return 0.0 if seen is None else self._clock() - seen[1]

    def left(self, task: Task) -> float:
        """Seconds until `is_dead`, if nothing more is heard."""
        seen = self._seen.get(task.id)
        return self._lease if seen is None else max(0.0, self._lease - (self._clock() - seen[1]))

    def dead_within(self, seconds: float, tasks: Iterable[str]) -> dict[str, float]:
        """Which of these tasks will be dead by then if nothing more is heard, and in how many
        seconds each.
        """
        alive = [
            self._seen[name][0] for name in tasks if name in self._seen and name not in self._dead
        ]
        left = {task.id: self.left(task) for task in alive}
        return {name: time for name, time in left.items() if time < seconds}

    def known(self) -> list[Task]:
        """Tasks that were alive when they were last read."""
        return [task for name, (task, _) in self._seen.items() if name not in self._dead]
