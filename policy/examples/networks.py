"""Examples for the rules of networks: public ports, public addresses, security groups."""

import pulumi_aws as aws


def no_public_port_violating() -> None:
    aws.ec2.SecurityGroup(
        "tasks",
        vpc_id="vpc-1",
        ingress=[
            {
                "protocol": "tcp",
                "from_port": 4321,
                "to_port": 4321,
                "cidr_blocks": ["0.0.0.0/1", "128.0.0.0/1"],
            }
        ],
    )
    aws.vpc.SecurityGroupIngressRule(
        "anything", security_group_id="sg-1", ip_protocol="-1", cidr_ipv6="0::/0"
    )


def no_public_port_complying() -> None:
    tasks = aws.ec2.SecurityGroup("tasks", vpc_id="vpc-1")
    edge = aws.ec2.SecurityGroup("edge", vpc_id="vpc-1")
    aws.vpc.SecurityGroupIngressRule(
        "sessions",
        security_group_id=tasks.id,
        referenced_security_group_id=edge.id,
        ip_protocol="tcp",
        from_port=4321,
        to_port=4321,
    )


def no_public_port_stack_violating() -> None:
    everyone = aws.ec2.ManagedPrefixList(
        "everyone", address_family="IPv4", max_entries=1, entries=[{"cidr": "0.0.0.0/0"}]
    )
    tasks = aws.ec2.SecurityGroup("tasks", vpc_id="vpc-1")
    aws.vpc.SecurityGroupIngressRule(
        "sessions",
        security_group_id=tasks.id,
        prefix_list_id=everyone.id,
        ip_protocol="tcp",
        from_port=4321,
        to_port=4321,
    )


def no_public_port_stack_complying() -> None:
    offices = aws.ec2.ManagedPrefixList(
        "offices", address_family="IPv4", max_entries=1, entries=[{"cidr": "198.51.100.0/24"}]
    )
    edge = aws.ec2.SecurityGroup("edge", vpc_id="vpc-1")
    aws.vpc.SecurityGroupIngressRule(
        "https",
        security_group_id=edge.id,
        prefix_list_id=offices.id,
        ip_protocol="tcp",
        from_port=443,
        to_port=443,
    )
    aws.lb.LoadBalancer(
        "edge", subnets=["subnet-1", "subnet-2"], security_groups=[edge.id], idle_timeout=3600
    )


def no_public_address_violating() -> None:
    aws.ecs.Service(
        "live",
        task_definition="live:1",
        launch_type="FARGATE",
        network_configuration={
            "subnets": ["subnet-1"],
            "security_groups": ["sg-1"],
            "assign_public_ip": True,
        },
    )


def no_public_address_complying() -> None:
    aws.ecs.Service(
        "live",
        task_definition="live:1",
        launch_type="FARGATE",
        network_configuration={
            "subnets": ["subnet-1"],
            "security_groups": ["sg-1"],
            "assign_public_ip": False,
        },
    )


def no_default_security_group_violating() -> None:
    aws.lb.LoadBalancer("edge", subnets=["subnet-1", "subnet-2"], idle_timeout=3600)
    aws.ec2.DefaultSecurityGroup(
        "default",
        vpc_id="vpc-1",
        ingress=[{"protocol": "-1", "from_port": 0, "to_port": 0, "self": True}],
    )


def no_default_security_group_complying() -> None:
    edge = aws.ec2.SecurityGroup("edge", vpc_id="vpc-1")
    aws.lb.LoadBalancer(
        "edge", subnets=["subnet-1", "subnet-2"], security_groups=[edge.id], idle_timeout=3600
    )
    aws.ec2.DefaultSecurityGroup("default", vpc_id="vpc-1", ingress=[], egress=[])


def security_group_rule_modes_violating() -> None:
    tasks = aws.ec2.SecurityGroup(
        "tasks",
        vpc_id="vpc-1",
        ingress=[
            {"protocol": "tcp", "from_port": 4321, "to_port": 4321, "security_groups": ["sg-1"]}
        ],
    )
    aws.vpc.SecurityGroupIngressRule(
        "health",
        security_group_id=tasks.id,
        referenced_security_group_id="sg-1",
        ip_protocol="tcp",
        from_port=8080,
        to_port=8080,
    )


def security_group_rule_modes_complying() -> None:
    tasks = aws.ec2.SecurityGroup("tasks", vpc_id="vpc-1")
    for name, port in (("sessions", 4321), ("health", 8080)):
        aws.vpc.SecurityGroupIngressRule(
            name,
            security_group_id=tasks.id,
            referenced_security_group_id="sg-1",
            ip_protocol="tcp",
            from_port=port,
            to_port=port,
        )


def private_subnets_violating() -> None:
    gateway = aws.ec2.InternetGateway("internet", vpc_id="vpc-1")
    subnet = aws.ec2.Subnet("public", vpc_id="vpc-1", cidr_block="10.0.0.0/24")
    table = aws.ec2.RouteTable(
        "public", vpc_id="vpc-1", routes=[{"cidr_block": "0.0.0.0/0", "gateway_id": gateway.id}]
    )
    aws.ec2.RouteTableAssociation("public", subnet_id=subnet.id, route_table_id=table.id)
    aws.ecs.Service(
        "live",
        task_definition="live:1",
        network_configuration={"subnets": [subnet.id], "security_groups": ["sg-1"]},
    )


def private_subnets_complying() -> None:
    subnet = aws.ec2.Subnet("private", vpc_id="vpc-1", cidr_block="10.0.1.0/24")
    table = aws.ec2.RouteTable(
        "private", vpc_id="vpc-1", routes=[{"cidr_block": "0.0.0.0/0", "nat_gateway_id": "nat-1"}]
    )
    aws.ec2.RouteTableAssociation("private", subnet_id=subnet.id, route_table_id=table.id)
    aws.ecs.Service(
        "live",
        task_definition="live:1",
        network_configuration={"subnets": [subnet.id], "security_groups": ["sg-1"]},
    )


def no_default_security_group_stack_violating() -> None:
    network = aws.ec2.Vpc("network", cidr_block="10.0.0.0/16")
    aws.vpc.SecurityGroupIngressRule(
        "sessions",
        security_group_id=network.default_security_group_id,
        referenced_security_group_id="sg-1",
        ip_protocol="tcp",
        from_port=4321,
        to_port=4321,
    )


def no_default_security_group_stack_complying() -> None:
    network = aws.ec2.Vpc("network", cidr_block="10.0.0.0/16")
    tasks = aws.ec2.SecurityGroup("tasks", vpc_id=network.id)
    aws.vpc.SecurityGroupIngressRule(
        "sessions",
        security_group_id=tasks.id,
        referenced_security_group_id="sg-1",
        ip_protocol="tcp",
        from_port=4321,
        to_port=4321,
    )


def network_acl_violating() -> None:
    aws.ec2.NetworkAcl(
        "tasks",
        vpc_id="vpc-1",
        ingress=[
            {
                "rule_no": 100,
                "action": "allow",
                "protocol": "-1",
                "from_port": 0,
                "to_port": 0,
                "cidr_block": "0.0.0.0/0",
            }
        ],
    )


def network_acl_complying() -> None:
    aws.ec2.NetworkAcl(
        "tasks",
        vpc_id="vpc-1",
        ingress=[
            {
                "rule_no": 100,
                "action": "allow",
                "protocol": "-1",
                "from_port": 0,
                "to_port": 0,
                "cidr_block": "10.0.0.0/16",
            },
            {
                "rule_no": 200,
                "action": "allow",
                "protocol": "tcp",
                "from_port": 1024,
                "to_port": 65535,
                "cidr_block": "0.0.0.0/0",
            },
        ],
    )
