"""Parts of this project in another one: a chat service behind the WebSocket load balancer, with
files on the encrypted volume.

The chat has its own paths, ports, health check and heartbeat. One child is changed through the
escape hatch, and one rule added by name.
"""

import sys
from pathlib import Path

import pulumi

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from components.certificate import ExistingCertificate
from components.drain import Drain
from components.efs_volume import EfsVolume, EfsVolumeArgs
from components.listener_rules import Rule
from components.network import ExistingVpc, Network, NetworkArgs
from components.web_socket_alb import WebSocketAlb, WebSocketAlbArgs
from contract.hmr import HmrContract

config = pulumi.Config()
contract = HmrContract(
    public_url="https://chat.example.com",
    session_prefix="/rooms",
    hmr_path="/socket",
    session_port=3000,
    api_port=3001,
    idle_timeout_seconds=900,
)

network = Network(
    "chat-net",
    NetworkArgs(
        existing=ExistingVpc(
            vpc_id=config.require("vpcId"),
            public_subnet_ids=tuple(config.require_object("publicSubnetIds")),
            private_subnet_ids=tuple(config.require_object("privateSubnetIds")),
        )
    ),
)

alb = WebSocketAlb(
    "chat",
    WebSocketAlbArgs(
        contract=contract,
        health_path="/health",
        heartbeat_seconds=25,
        vpc_id=network.vpc_id,
        subnet_ids=network.public_subnet_ids,
        certificate=ExistingCertificate(arn=config.require("certificateArn")),
        ingress_cidrs=("198.51.100.0/24",),
        drain=Drain(stop_timeout_seconds=30),
        extra_rules={"uploads": Rule(priority=40, patterns=("/uploads/*",))},
    ),
    transforms={
        "sessions": lambda child: child.with_props(
            load_balancing_algorithm_type="least_outstanding_requests"
        )
    },
)

volume = EfsVolume(
    "chat-files",
    EfsVolumeArgs(vpc_id=network.vpc_id, subnet_ids=network.private_subnet_ids, path="/uploads"),
)

pulumi.export("address", alb.load_balancer.dns_name)
pulumi.export("fileSystemId", volume.file_system.id)
