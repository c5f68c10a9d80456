"""Well-known ports of services that serve no pages.

https://www.iana.org/assignments/service-names-port-numbers, and AWS's own list of high-risk ports
without those of web servers:
https://docs.aws.amazon.com/securityhub/latest/userguide/ec2-controls.html#ec2-19
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

OTHER_SERVICES: Final[Mapping[int, str]] = {
    **dict.fromkeys((20, 21), "FTP"),
    22: "SSH",
    23: "Telnet",
    **dict.fromkeys((25, 110, 143, 465, 587, 993, 995), "mail"),
    53: "DNS",
    **dict.fromkeys((135, 139, 445), "Windows networking"),
    **dict.fromkeys((389, 636), "LDAP"),
    **dict.fromkeys((1433, 1434), "SQL Server"),
    1521: "Oracle Database",
    **dict.fromkeys((1883, 8883), "MQTT"),
    2049: "NFS",
    **dict.fromkeys((2375, 2376), "the Docker engine"),
    **dict.fromkeys((2379, 2380), "etcd"),
    3306: "MySQL",
    3389: "remote desktop",
    **dict.fromkeys((5432, 5433), "PostgreSQL"),
    5439: "Redshift",
    **dict.fromkeys((5671, 5672), "AMQP"),
    5900: "VNC",
    **dict.fromkeys((5985, 5986), "Windows remote management"),
    **dict.fromkeys((6379, 6380), "Redis"),
    8182: "Neptune",
    **dict.fromkeys((9042, 9142), "Cassandra"),
    **dict.fromkeys((9092, 9094, 9096, 9098), "Kafka"),
    **dict.fromkeys((9200, 9300), "Elasticsearch"),
    11211: "Memcached",
    27017: "MongoDB",
    50051: "gRPC",
}
"""Port to what listens there."""
