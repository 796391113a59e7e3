"""What the simulated plant's server shows beside the line file's nodes, by the stock client."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from opcua import Client, ua
from opcua.ua.ua_binary import to_binary

from data.line import Line
from data.line_file import load_line, parse_line
from data.toml_file import Faults
from data.units import opcua_unit_id
from plc_sim.live_values import data_value, encoded
from plc_sim.plant_file import load_plant
from plc_sim.server import SimServer
from plc_sim.signals import Change
from tests.plc_sim.sim_lines import HEAD, START_NS, STATION
from tests.plc_sim.test_sim_server import connected, free_endpoint, node_of, wait_for

MACHINERY = "http://opcfoundation.org/UA/Machinery/"
ENERGY = "http://opcfoundation.org/UA/Machinery/Energy/"
PACKML = "http://opcfoundation.org/UA/PackML/"
ECM = "http://opcfoundation.org/UA/ECM/"
BAD_COMMUNICATION = ua.StatusCodes.BadCommunicationError


class Served:
    """A server without a plant, that the test writes to, and a client of it."""

    def __init__(self, line: Line, server: SimServer, client: Client) -> None:
        self.line, self._server, self._client = line, server, client
        self._second = 0

    def set(self, key: str, value: Any) -> None:
        self._second += 1
        time_ns = START_NS + self._second * 10**9
        self._server.write([Change(self.line.signal_index[key], time_ns, value)])

    def at(self, *path: tuple[str, str]) -> Any:
        """The node at a path of names below Objects; a namespace of "" is OPC UA's own."""
        names = [
            f"{self._client.get_namespace_index(uri) if uri else 0}:{name}" for uri, name in path
        ]
        return self._client.get_objects_node().get_child(names)

    def of_machine(self, station: str, *path: tuple[str, str]) -> Any:
        return self.at((MACHINERY, "Machines"), ("urn:greenline:sim", station), *path)

    def subscribe(self, node: Any) -> list[Any]:
        values: list[Any] = []

        class Handler:
            def datachange_notification(self, node: Any, value: Any, data: Any) -> None:
                values.append(data.monitored_item.Value)

        self._client.create_subscription(50, Handler()).subscribe_data_change(node)
        wait_for(lambda: len(values) == 1)
        return values


@pytest.fixture(scope="module")
def small() -> Iterator[Served]:
    line = load_line("small")
    types = load_plant(line).signal_types
    server = SimServer(line, types, free_endpoint(), 20.0)
    server.start(
        Change(i, START_NS, "Idle" if opc_type == "String" else 0)
        for i, opc_type in enumerate(types)
    )
    try:
        with connected(server.endpoint) as client:
            yield Served(line, server, client)
    finally:
        server.stop()


@pytest.mark.parametrize(
    ("word", "item", "mode", "packml", "unit_mode", "starved", "blocked"),
    [
        ("Execute", "Executing", "Processing", 6, 1, False, False),
        ("Suspended", "NotExecuting", "Processing", 5, 1, True, False),
        ("Blocked", "NotExecuting", "Processing", 5, 1, False, True),
        ("Aborted", "OutOfService", "Maintenance", 9, 2, False, False),
        ("Setup", "NotExecuting", "Setup", 2, 3, False, False),
        ("Off", "NotAvailable", "None", 2, 1, False, False),
        ("never heard of", "", "", 0, 1, False, False),
    ],
)
def test_a_state_in_the_words_of_others(
    small: Served,
    word: str,
    item: str,
    mode: str,
    packml: int,
    unit_mode: int,
    starved: bool,
    blocked: bool,
) -> None:
    small.set("B020.state", word)
    state = small.of_machine("B020", (MACHINERY, "MachineryItemState"), ("", "CurrentState"))
    assert (state.get_value().Text or "") == item
    modes = small.of_machine("B020", (MACHINERY, "MachineryOperationMode"), ("", "CurrentState"))
    assert (modes.get_value().Text or "") == mode
    status = {
        name: small.of_machine("B020", (PACKML, "Status"), (PACKML, name)).get_value()
        for name in ("StateCurrent", "UnitModeCurrent", "EquipmentStarved", "EquipmentBlocked")
    }
    assert list(status.values()) == [packml, unit_mode, starved, blocked]


def test_a_machine_is_one_object_found_both_ways(small: Served) -> None:
    machines = small.at((MACHINERY, "Machines")).get_children()
    assert machines == small.at((PACKML, "PackMLObjects")).get_children()
    assert len(machines) == len(small.line.stations)
    machine = small.of_machine("B010")
    state = small.of_machine("B010", (MACHINERY, "MachineryItemState"))
    blocks = small.of_machine("B010", (MACHINERY, "MachineryBuildingBlocks"))
    assert state in blocks.get_children()
    assert machine.get_type_definition().Identifier == 6  # PackMLBaseObjectType


def test_a_reckoned_value_is_reported_with_its_time_and_status(small: Served) -> None:
    node = small.of_machine("B020", (PACKML, "Admin"), (PACKML, "ProdProcessedCount"))
    values = small.subscribe(node)
    small.set("B020.good_count", 41)
    small.set("B020.reject_count", 2)
    wait_for(lambda: len(values) == 3)
    assert [value.Value.Value for value in values] == [0, 41, 43]
    assert values[1].SourceTimestamp < values[2].SourceTimestamp


CONSUMPTION = ((MACHINERY, "Monitoring"), (MACHINERY, "Consumption"))


def test_meters_in_the_terms_of_others(small: Served) -> None:
    main = (*CONSUMPTION, (ENERGY, "Electricity"), (ENERGY, "Main"))
    power = small.of_machine("B010", *main, (ECM, "AcActivePowerTotal"))
    shop = (("urn:greenline:sim", "Small body workshop"), ("urn:greenline:sim", "Body workshop"))
    feeder = small.at(*shop, *main, (ECM, "AcActivePowerTotal"))
    energy = small.at(*shop, *main, (ECM, "AcActiveEnergyTotalImportLp"))
    gas = small.at(*shop, *CONSUMPTION, (ENERGY, "NaturalGas"), (ENERGY, "Main"), (ECM, "Volume"))
    small.set("P_B010.value", 1500.0)  # sent in W
    small.set("P_BODY.value", 310.5)  # sent in kW
    small.set("E_BODY.value", 12.5)  # kWh
    small.set("G_BODY.value", 7.5)
    assert [node.get_value() for node in (power, feeder, energy, gas)] == [1500, 310500, 12500, 7.5]
    for node, unit in ((power, "W"), (feeder, "W"), (energy, "Wh"), (gas, "m3")):
        units = {p.get_browse_name().Name: p.get_value() for p in node.get_properties()}
        assert units["EngineeringUnits"].UnitId == opcua_unit_id(unit)
        assert node.get_data_type_as_variant_type() == ua.VariantType.Float
    assert (
        power.get_child([f"{power.get_browse_name().NamespaceIndex}:MeasurementID"]).get_value()
        == 1412
    )


def test_the_same_value_has_the_subscribers_of_both_nodes(small: Served) -> None:
    main = (*CONSUMPTION, (ENERGY, "Electricity"), (ENERGY, "Main"))
    values = small.subscribe(small.of_machine("B030", *main, (ECM, "AcActivePowerTotal")))
    for watts in (700.0, 700.0):
        small.set("P_B030.value", watts)
    wait_for(lambda: len(values) == 3)
    assert [value.Value.Value for value in values] == [0, 700, 700]


def test_a_bad_status_reaches_who_reads_and_who_listens(small: Served) -> None:
    server, index = small._server, small.line.signal_index["P_BODY.value"]
    node = node_of(small._client, small.line, "P_BODY.value")
    values = small.subscribe(node)
    server.write([Change(index, START_NS + 10**9, None, BAD_COMMUNICATION)])
    wait_for(lambda: len(values) == 2)
    assert values[1].StatusCode.value == BAD_COMMUNICATION
    assert values[1].Value.Value is None
    with pytest.raises(ua.UaStatusCodeError, match="BadCommunicationError"):
        node.get_value()


TYPES = {
    "Boolean": st.booleans(),
    "Int16": st.integers(-(2**15), 2**15 - 1),
    "UInt32": st.integers(0, 2**32 - 1),
    "Int64": st.integers(-(2**63), 2**63 - 1),
    "Float": st.floats(width=32, allow_nan=False),
    "Double": st.floats(allow_nan=True),
    "String": st.text("aZ 密码é"),
    "LocalizedText": st.builds(ua.LocalizedText, st.text("aZ 密码é", min_size=1)),
}


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from(sorted(TYPES)).flatmap(lambda t: st.tuples(st.just(t), TYPES[t] | st.none())),
    st.integers(0, 4 * 10**18),
    st.sampled_from([0, BAD_COMMUNICATION, ua.StatusCodes.UncertainLastUsableValue]),
    st.none() | st.integers(0, 4 * 10**18),
)
def test_packed_values_are_those_of_the_library(
    typed: tuple[str, Any], time_ns: int, status: int, server_ns: int | None
) -> None:
    opc_type, value = typed
    whole = data_value(value, opc_type, time_ns, status, server_ns)
    assert encoded(value, opc_type, time_ns, status, server_ns) == to_binary("DataValue", whole)


GAUGES = """
[[signal]]
source = "plc"
for = "{subject}"
role = "{role}"
node = "ns=2;s={subject}.{role}"
unit = "{unit}"
scale = {scale}
"""


def test_weather_and_process_values_have_a_folder_and_a_unit() -> None:
    text = HEAD + STATION.format(id="S0", places=1)
    wanted = {
        ("plant", "outdoor_temperature"): ("degC", 1.0, "degC"),
        ("body", "irradiance"): ("kW/m2", 0.001, "W/m2"),
        ("S0", "process_value"): ("bar", 0.01, "kPa"),
    }
    for (subject, role), (unit, scale, _) in wanted.items():
        text += GAUGES.format(subject=subject, role=role, unit=unit, scale=scale)
    line = parse_line(text, "line")
    server = SimServer(line, ("Double",) * len(line.signals), free_endpoint(), 1.0)
    server.start([Change(i, START_NS, 0) for i in range(len(line.signals))])
    try:
        with connected(server.endpoint) as client:
            for (subject, role), (_, _, sent) in wanted.items():
                node = client.get_node(f"ns=2;s={subject}.{role}")
                assert node.get_parent().nodeid.Identifier.rsplit("/")[-1] in (subject, "Line")
                assert node.get_properties()[0].get_value().UnitId == opcua_unit_id(sent)
    finally:
        server.stop()


def test_two_signals_at_one_node_are_a_fault() -> None:
    text = HEAD + STATION.format(id="S0", places=1)
    twice = text.replace("ns=2;s={station}.VIN", "ns=2;s={station}.State")
    assert twice != text
    line = parse_line(twice, "line")
    with pytest.raises(Faults, match="twice"):
        SimServer(line, ("String",) * len(line.signals), free_endpoint(), 1.0)
