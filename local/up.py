"""`up`: run the declared local stack on this machine, in the foreground."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from rich.console import Console

from contract.hmr import HmrContract
from contract.settings.session import SessionSettings
from contract.settings.task import API_TOKEN, TaskSettings
from local import certificates, dynamodb, preview, tasks, tree
from local.balancer import declared, envoy, process
from local.children import Child, stop_all
from local.claims import DIRECTORY, Claim, StartError, check_ports, link_command, loopback_addresses
from local.config import HTTP_PORT
from local.engine import ROOT, Deployment
from local.fleet import Fleet
from local.metadata import PORT as METADATA_PORT
from local.metadata import Metadata
from local.provider.cli import Engine, executable
from local.session import Api, Browser

SESSION = "demo"
TASK_SECONDS = 60.0
LINK_SECONDS = 120.0
"""The link in ready.json is made again this often, well within a one-time link's life."""


class Progress:
    """One line per step, with the time it took."""

    def __init__(self, console: Console) -> None:
        self._console = console

    @contextmanager
    def step(self, what: str) -> Iterator[Callable[[str], None]]:
        """Print `what` when the block ends, with what it noted."""
        began = time.monotonic()
        notes: list[str] = []
        with self._console.status(what) if self._console.is_terminal else nullcontext():
            yield notes.append
        note = f" · {'; '.join(notes)}" if notes else ""
        self._console.print(
            f"[green]✓[/] {what} [dim]{time.monotonic() - began:.1f} s[/]{note}", highlight=False
        )


class Stack:
    """What runs: tasks, the load balancer, and how to reach them."""

    def __init__(self, console: Console, claim: Claim, address: str | None, engine: bool) -> None:
        self._console, self._claim, self._address, self._engine = console, claim, address, engine
        self._progress = Progress(console)
        self._children: list[Child] = []
        """What runs besides the tasks."""
        self._table: list[Child] = []
        """The DynamoDB API, which the tasks need until their end."""
        self._fleet: Fleet | None = None
        self._metadata: Metadata | None = None
        self._stop_seconds = 30
        self.deploying = asyncio.Event()
        """Set to exchange the tasks, as a deployment does."""

    async def run(self, config: Mapping[str, object], stopping: asyncio.Event) -> int:
        """Start everything, announce it, and wait until `stopping` is set."""
        deployment = await asyncio.to_thread(
            self._engine_deployment if self._engine else self._deployment, config
        )
        if deployment is None:
            self._console.print(
                "[red]Nothing was started[/]: correct the violations above and run it again."
            )
            return 1
        balancer = declared.read(deployment)
        service = tasks.read(deployment, self._claim.directory, self._address or "127.0.0.1")
        contract = (
            HmrContract.from_environment(service.tasks[0].environment) if service.tasks else None
        )
        if contract is None:
            raise StartError("the local stack declares no task: set desiredCount to 1 or more")
        extra: dict[str, str] = {}
        if service.tasks[0].environment.get(TaskSettings.variable("ownership_table")):
            extra = await self._start_table(deployment)
        await self._unless_stopped(stopping, self._start(contract, balancer, service, extra))
        if stopping.is_set():
            return 0
        await self._unless_stopped(stopping, self._announce(contract, self._api(contract), service))
        await self._stay(stopping, contract)
        return 0

    async def _start_table(self, deployment: Deployment) -> dict[str, str]:
        """A DynamoDB API with the declared table, and ECS's metadata endpoint; what tasks need to
        reach the former.
        """
        address = self._address or "127.0.0.1"
        check_ports([(address, dynamodb.PORT), (address, METADATA_PORT)], "ownership table")
        region = deployment.config.get("aws:region") or "eu-central-1"
        with self._progress.step("ownership table"):
            command = [sys.executable, "-m", "local.dynamodb", address, str(dynamodb.PORT)]
            logs = self._claim.directory / "logs"
            child = Child.start(
                "ownership table",
                command,
                environment=dict(os.environ),
                log=logs / "dynamodb.log",
                cwd=ROOT,
            )
            self._table.append(child)
            await self._listening(address, dynamodb.PORT, child)
            await asyncio.to_thread(dynamodb.create_tables, deployment, address, region)
            self._metadata = Metadata(address)
            await self._metadata.start()
        return dynamodb.environment(address, region)

    def _api(self, contract: HmrContract) -> Api:
        """Of the first task that runs."""
        assert self._fleet is not None
        task = self._fleet.running[0].task
        return Api(task.address, contract.api_port, task.environment[API_TOKEN].partition(" ")[0])

    def _deployment(self, config: Mapping[str, object]) -> Deployment | None:
        """The program run in process; None when the policies refuse it."""
        plan = preview.make("local", config, preview=False)
        tree.show(
            self._console,
            plan.deployment,
            plan.verdict,
            plan.seconds,
            resources=plan.verdict.blocks,
        )
        return None if plan.verdict.blocks else plan.deployment

    def _engine_deployment(self, config: Mapping[str, object]) -> Deployment | None:
        """The program run by the real engine; None when it or the policies refuse."""
        engine = Engine(directory=self._claim.directory / "engine")
        engine.prepare("local", config)
        result = engine.operate("up", "local", "--skip-preview")
        return engine.deployment("local") if result.returncode == 0 else None

    async def _unless_stopped(self, stopping: asyncio.Event, work: Any) -> None:
        """Do `work`, and give it up when `stopping` is set meanwhile."""
        job, stop = asyncio.ensure_future(work), asyncio.ensure_future(stopping.wait())
        await asyncio.wait({job, stop}, return_when=asyncio.FIRST_COMPLETED)
        stop.cancel()
        if job.done():
            job.result()
        else:
            job.cancel()
            await asyncio.gather(job, return_exceptions=True)

    async def _start(
        self,
        contract: HmrContract,
        balancer: declared.LoadBalancer,
        service: tasks.Service,
        extra: Mapping[str, str],
    ) -> None:
        addresses = [self._address] if self._address else loopback_addresses()
        ports = listener_ports(balancer, contract)
        check_ports(
            [(address, port) for port in ports.values() for address in addresses], "load balancer"
        )
        check_ports(tasks.addresses(service.tasks), "task")
        self._stop_seconds = max(task.stop_timeout_seconds for task in service.tasks)
        files = certificates.issue(
            self._claim.directory / "tls",
            [
                contract.public_host,
                # Certificate libraries take no wildcard right below a top-level name such as
                # localhost: the first session is named, too.
                *(
                    [f"*.{contract.public_host}", contract.session_host(SESSION)]
                    if contract.by_host
                    else []
                ),
                "localhost",
                *addresses,
            ],
        )
        endpoints = self._claim.directory / "targets"
        placement = envoy.Placement(
            ports=ports,
            addresses=addresses,
            targets={},
            certificate=files.certificate,
            private_key=files.private_key,
            endpoints=endpoints,
        )
        configuration = envoy.bootstrap(balancer, placement)
        count = len(service.tasks)
        with self._progress.step(f"{count} task{'s' * (count != 1)} of {service.name}"):
            checks = {
                group.health_check.path
                for group in balancer.target_groups.values()
                if group.health_check
            }

            async def healthy(task: tasks.Task, child: Child) -> None:
                await self._healthy(
                    f"http://{task.address}:{contract.api_port}{next(iter(checks), '/')}", child
                )

            self._fleet = Fleet(
                service,
                self._claim.directory / "logs",
                self._metadata,
                extra=extra,
                healthy=healthy,
                register=lambda running: envoy.write_endpoints(
                    balancer, tasks.targets(service, running), endpoints
                ),
                deregistration_seconds=max(
                    group.deregistration_delay_seconds for group in balancer.target_groups.values()
                ),
            )
            await self._fleet.start()
        with self._progress.step(f"load balancer {balancer.name}") as note:
            child = process.start(configuration, self._claim.directory / "logs")
            self._children.append(child)
            await self._listening(addresses[0], contract.client_port, child)
            note(", ".join(f"{declared_port} on {port}" for declared_port, port in ports.items()))

    async def _healthy(self, url: str, child: Child) -> None:
        deadline = time.monotonic() + TASK_SECONDS
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=2)) as client:
            while time.monotonic() < deadline:
                self._must_run(child)
                try:
                    async with client.get(url) as response:
                        if response.status == 200:
                            return
                except (aiohttp.ClientError, TimeoutError):
                    pass
                await asyncio.sleep(0.1)
        raise StartError(
            f"{child.name} is not healthy after {TASK_SECONDS:.0f} s ({url}); its log is"
            f" {child.log}:\n{child.tail()}"
        )

    async def _listening(self, address: str, port: int, child: Child) -> None:
        deadline = time.monotonic() + TASK_SECONDS
        while time.monotonic() < deadline:
            self._must_run(child)
            try:
                _, writer = await asyncio.open_connection(address, port)
                writer.close()
                return
            except OSError:
                await asyncio.sleep(0.05)
        raise StartError(
            f"the load balancer does not listen after {TASK_SECONDS:.0f} s; its log is"
            f" {child.log}:\n{child.tail()}"
        )

    @staticmethod
    def _must_run(child: Child) -> None:
        if child.exit_code is not None:
            raise StartError(
                f"{child.name} ended with code {child.exit_code}; its log is"
                f" {child.log}:\n{child.tail()}"
            )

    async def _announce(self, contract: HmrContract, api: Api, service: tasks.Service) -> None:
        authority = self._claim.directory / "tls" / "ca.pem"
        live = (
            service.tasks[0].environment.get(SessionSettings.variable("node_env")) != "production"
        )
        with self._progress.step(f"session {SESSION}"):
            await api.create(SESSION)
            async with Browser(
                contract, SESSION, authority, address=self._address or "127.0.0.1"
            ) as browser:
                html = await browser.open(await api.one_time_url(SESSION), live=live)
                token = await browser.load(html)
                self._ready = {
                    "session": SESSION,
                    "session_url_pattern": contract.session_url("{id}"),
                    "session_url": await api.one_time_url(SESSION),
                    "site_dir": str(service.sites / SESSION),
                    "ca_file": str(authority),
                    "api_url": api.url,
                    "api_token": service.tasks[0].environment[API_TOKEN].partition(" ")[0],
                }
                self._claim.write_ready(self._ready)
                file = _stylesheet(service.sites / SESSION, html) if live else None
                trip = await browser.edit(file, token) if file else None
                built = None if live else await api.rebuild(SESSION)
        self._console.print(
            f"\n  open   [bold]{self._ready['session_url']}[/]", highlight=False, soft_wrap=True
        )
        self._console.print(f"  edit   {self._ready['site_dir']}", highlight=False, soft_wrap=True)
        self._console.print(
            f"  trust  {authority} (the certificate authority of this machine's local stack)",
            highlight=False,
            soft_wrap=True,
        )
        if built:
            self._console.print(
                f"  shown  build {built['build']} (nodeEnv is production); edits show after POST"
                f" {api.url}/sessions/{SESSION}/rebuild",
                highlight=False,
                soft_wrap=True,
            )
        if trip:
            self._console.print(
                f"  tried  one edit of {trip.file.name} came back over the WebSocket in"
                f" [bold]{trip.milliseconds:.0f} ms[/]",
                highlight=False,
            )
        self._console.print(
            f"\nThe link works once, within five minutes; `{link_command(self._claim.directory)}`"
            " gives another. Ctrl-C ends the stack.\n",
            highlight=False,
            soft_wrap=True,
        )

    async def _stay(self, stopping: asyncio.Event, contract: HmrContract) -> None:
        """Replace tasks that end, as ECS would, exchange them when asked to, and keep the link in
        ready.json fresh.
        """
        assert self._fleet is not None
        renewed = time.monotonic()
        while not stopping.is_set():
            for child in [*self._children, *self._table]:
                self._must_run(child)
            for each in self._fleet.running:
                if each.child.exit_code is not None:
                    child = each.child
                    self._console.print(
                        f"[yellow]{child.name} ended with code {child.exit_code}[/]; starting it"
                        f" again ({child.log})"
                    )
                    self._fleet.restart(each)
                    await asyncio.sleep(1)
            if self.deploying.is_set():
                self.deploying.clear()
                with self._progress.step(f"deployment of {len(self._fleet.running)} tasks"):
                    await self._unless_stopped(stopping, self._fleet.deploy())
                renewed = float("-inf")
            if time.monotonic() - renewed > LINK_SECONDS:
                renewed = time.monotonic()
                try:
                    api = self._api(contract)
                    self._ready |= {
                        "session_url": await api.one_time_url(SESSION),
                        "api_url": api.url,
                    }
                    self._claim.write_ready(self._ready)
                except (aiohttp.ClientError, TimeoutError):
                    pass  # the task is being replaced; the next round has it
            try:
                async with asyncio.timeout(0.5):
                    await stopping.wait()
            except TimeoutError:
                continue

    async def stop(self) -> None:
        """End every process: the load balancer stops taking connections while the tasks say goodbye
        to theirs.
        """
        children = [*(self._fleet.children if self._fleet else []), *self._children]
        if children or self._table:
            with self._progress.step("stopped"):
                await asyncio.to_thread(stop_all, children, self._stop_seconds + 5)
                await asyncio.to_thread(stop_all, self._table, 5)
        if self._metadata is not None:
            await self._metadata.stop()


def listener_ports(balancer: declared.LoadBalancer, contract: HmrContract) -> dict[int, int]:
    """Declared port to local port: HTTPS where `publicUrl` says, HTTP's 80 on 8480, other
    privileged ports moved up by 8000.
    """
    public = urlsplit(contract.public_url).port
    ports = {}
    for listener in balancer.listeners:
        port = listener.port
        if port == 443 and public:
            ports[port] = public
        elif port == 80:
            ports[port] = HTTP_PORT
        else:
            ports[port] = port if port >= 1024 else port + 8000
    return ports


def _stylesheet(site: Path, html: str) -> Path | None:
    """A stylesheet that the page uses; a comment at its end changes nothing to see."""
    return next((file for file in sorted((site / "src").rglob("*.css")) if file.name in html), None)


def run(
    console: Console,
    config: Mapping[str, object],
    directory: Path = DIRECTORY,
    address: str | None = None,
    *,
    engine: bool = False,
) -> int:
    """The command. Ctrl-C and SIGTERM end it in order; whatever happens, no process stays.

    `directory` holds everything that the run writes. With `address` the listeners and the first
    task bind that loopback address instead of 127.0.0.1, so that several stacks can run side by
    side (`publicUrl` has to name it). With `engine` the Pulumi CLI deploys.
    """
    if engine:
        executable()
    claim = Claim(directory)
    claim.take()
    try:
        return asyncio.run(_main(config, Stack(console, claim, address, engine)))
    finally:
        claim.release()


async def _main(config: Mapping[str, object], stack: Stack) -> int:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, stopping.set)
    loop.add_signal_handler(signal.SIGUSR1, stack.deploying.set)
    try:
        return await stack.run(config, stopping)
    finally:
        await stack.stop()
