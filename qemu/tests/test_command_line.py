"""A machine in QEMU's words: topology, nodes, distances, declared performance."""

import dataclasses
import unittest

import support
from emulated.command_line import Files, qemu_command
from emulated.machine import Device, Machine, Node, Performance
from emulated.node_arguments import cpu_places

FILES = Files(kernel="/kernel", initramfs=3, mailbox=4, console=5, channel=6)


def words(machine: Machine) -> list[str]:
    return qemu_command(machine, "tcg", FILES)


def value(machine: Machine, option: str) -> str:
    command = words(machine)
    return command[command.index(option) + 1]


class Topology(unittest.TestCase):
    def test_each_node_is_a_socket(self) -> None:
        machine = support.machine_of((2, 512), (2, 512))
        self.assertEqual(value(machine, "-smp"), "4,sockets=2,dies=1,cores=2,threads=1")

    def test_nodes_of_one_socket_are_its_dies(self) -> None:
        machine = support.machine_of((2, 512), (2, 512), (2, 512), (2, 512), sockets=[0, 0, 1, 1])
        self.assertEqual(value(machine, "-smp"), "8,sockets=2,dies=2,cores=2,threads=1")

    def test_uneven_nodes_take_as_many_sockets_as_it_needs(self) -> None:
        self.assertEqual(value(support.machine_of((4, 512), (2, 512)), "-smp"), "6,sockets=3,dies=1,cores=2,threads=1")
        self.assertEqual(value(support.machine_of((3, 512), (2, 512)), "-smp"), "5,sockets=5,dies=1,cores=1,threads=1")

    def test_nodes_without_cpus_do_not_count(self) -> None:
        machine = support.machine_of((2, 512), (0, 512))
        self.assertEqual(value(machine, "-smp"), "2,sockets=1,dies=1,cores=2,threads=1")
        self.assertIn("node,nodeid=1,memdev=node1", words(machine))

    def test_a_node_without_memory_has_only_cpus(self) -> None:
        self.assertIn("node,nodeid=1,cpus=2,cpus=3", words(support.machine_of((2, 512), (2, 0))))


class Gaps(unittest.TestCase):
    def machine(self) -> Machine:
        nodes = (Node(2, 512 << 20, 0), Node(0, 0, 1, absent=True), Node(2, 512 << 20, 2))
        return dataclasses.replace(support.machine_of((1, 512)), nodes=nodes)

    def test_an_absent_node_has_places_for_cpus_and_none_of_them_filled(self) -> None:
        self.assertEqual(cpu_places(self.machine()), [0, 0, 1, 1, 2, 2, 1, 1, 1, 1])
        self.assertEqual(value(self.machine(), "-smp"), "2,maxcpus=10,sockets=5,cores=2,threads=1")
        cpus = [word for word in words(self.machine()) if word.startswith("max-x86_64-cpu")]
        place = "max-x86_64-cpu,socket-id=2,die-id=0"
        self.assertEqual(cpus, [f"{place},core-id=0,thread-id=0", f"{place},core-id=1,thread-id=0"])

    def test_every_place_is_on_a_node(self) -> None:
        self.assertIn("node,nodeid=1,cpus=2,cpus=3,cpus=6,cpus=7,cpus=8,cpus=9", words(self.machine()))


class AddedLater(unittest.TestCase):
    def test_hot_added_memory_is_not_there_at_the_start(self) -> None:
        nodes = (Node(2, 512 << 20, 0), Node(2, 256 << 20, 1, hot_added=True))
        machine = dataclasses.replace(support.machine_of((1, 512)), nodes=nodes)
        self.assertEqual(value(machine, "-m"), "512M,slots=1,maxmem=768M")
        self.assertIn("pc-dimm,memdev=node1,node=1", words(machine))
        self.assertIn("node,nodeid=1,cpus=2,cpus=3", words(machine))
        self.assertIn("memhp_default_state=online_movable", value(machine, "-append"))

    def test_devices_are_behind_bridges_of_their_node(self) -> None:
        devices = (Device(1, "block"), Device(0, "network"))
        machine = dataclasses.replace(support.machine_of((1, 512), (1, 512)), devices=devices)
        bridges = [word for word in words(machine) if word.startswith("pxb-pcie")]
        self.assertEqual(len(bridges), 2)
        self.assertIn("id=bridge0", bridges[0])
        self.assertIn("numa_node=1", bridges[0])
        self.assertIn("nvme,bus=port0,drive=disk0,serial=0", words(machine))


class Firmware(unittest.TestCase):
    def test_distances_are_said_in_both_directions(self) -> None:
        machine = dataclasses.replace(support.machine_of((1, 512), (1, 512)), distances=((10, 30), (20, 10)))
        self.assertIn("dist,src=0,dst=1,val=30", words(machine))
        self.assertIn("dist,src=1,dst=0,val=20", words(machine))

    def test_missing_distances_are_not_said(self) -> None:
        self.assertFalse([word for word in words(support.machine_of((1, 512), (1, 512))) if word.startswith("dist")])

    def test_declared_performance(self) -> None:
        declared = Performance(latency=((80, 250),), bandwidth=((40000, 8000),))
        machine = dataclasses.replace(support.machine_of((2, 512), (0, 512)), performance=declared)
        self.assertEqual(value(machine, "-machine"), "q35,hmat=on")
        self.assertIn("node,nodeid=1,memdev=node1,initiator=0", words(machine))
        pair = "hmat-lb,initiator=0,target=1,hierarchy=memory"
        self.assertIn(f"{pair},data-type=access-latency,latency=250", words(machine))
        self.assertIn(f"{pair},data-type=access-bandwidth,bandwidth=8000M", words(machine))


if __name__ == "__main__":
    unittest.main()
