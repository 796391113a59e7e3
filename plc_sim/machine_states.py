"""Our states in the words of OPC 40001-1 (Machinery) and of PackML (OPC 30050)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from data.line import STATES

MACHINERY_URI = "http://opcfoundation.org/UA/Machinery/"
PACKML_URI = "http://opcfoundation.org/UA/PackML/"


@dataclass(frozen=True, slots=True)
class States:
    """A state machine: node ids and numbers of its states, and the one that each of ours is.

    One of ours that ``of_ours`` leaves out: this machine is in none of its states.
    """

    uri: str
    type_name: str
    type_id: int
    ids: Mapping[str, int]
    numbers: Mapping[str, int]
    of_ours: Mapping[str, str]

    def name(self, ours: str) -> str:
        """The name of its state, "" for none."""
        return self.of_ours.get(ours, "")

    def number(self, ours: str) -> int:
        """The number of its state, 0 for none."""
        return self.numbers.get(self.name(ours), 0)


ITEM_STATE = States(
    MACHINERY_URI,
    "MachineryItemState_StateMachineType",
    1002,
    {"NotAvailable": 5005, "OutOfService": 5004, "NotExecuting": 5007, "Executing": 5006},
    {"NotAvailable": 0, "OutOfService": 1, "NotExecuting": 2, "Executing": 3},
    dict.fromkeys(STATES, "NotExecuting")
    | dict.fromkeys(("off", "standby", "unknown"), "NotAvailable")
    | {"failed": "OutOfService", "processing": "Executing"},
)
OPERATION_MODE = States(
    MACHINERY_URI,
    "MachineryOperationModeStateMachineType",
    1008,
    {"None": 5024, "Maintenance": 5025, "Setup": 5027, "Processing": 5026},
    {"None": 0, "Maintenance": 1, "Setup": 2, "Processing": 3},
    dict.fromkeys(STATES, "Processing")
    | dict.fromkeys(("off", "standby", "unknown"), "None")
    | {"failed": "Maintenance", "setup": "Setup"},
)

_PACKML = {
    "off": "Stopped",
    "standby": "Idle",
    "warming_up": "Starting",
    "idle": "Idle",
    "starved": "Suspended",
    "blocked": "Suspended",
    "processing": "Execute",
    "setup": "Stopped",
    "failed": "Aborted",
    "stopped": "Stopped",
    "held": "Held",
}
# Of the PackTag StateCurrent (ISA-TR88.00.02).
_PACKML_NUMBERS = {
    "Stopped": 2,
    "Starting": 3,
    "Idle": 4,
    "Suspended": 5,
    "Execute": 6,
    "Aborted": 9,
    "Held": 11,
}
_EXECUTE_IDS = {"Starting": 29, "Idle": 28, "Suspended": 31, "Execute": 36, "Held": 34}
# PackML's state machines lie one in the other.
BASE_MACHINE = States(
    PACKML_URI,
    "PackMLBaseStateMachineType",
    3,
    {"Cleared": 71, "Aborted": 62},
    {"Cleared": 1, "Aborted": _PACKML_NUMBERS["Aborted"]},
    {ours: "Aborted" if word == "Aborted" else "Cleared" for ours, word in _PACKML.items()},
)
MACHINE_STATE = States(
    PACKML_URI,
    "PackMLMachineStateMachineType",
    2,
    {"Stopped": 53, "Running": 75},
    {"Running": 1, "Stopped": _PACKML_NUMBERS["Stopped"]},
    {
        ours: word if word == "Stopped" else "Running"
        for ours, word in _PACKML.items()
        if word != "Aborted"
    },
)
EXECUTE_STATE = States(
    PACKML_URI,
    "PackMLExecuteStateMachineType",
    1,
    _EXECUTE_IDS,
    {word: _PACKML_NUMBERS[word] for word in _EXECUTE_IDS},
    {ours: word for ours, word in _PACKML.items() if word in _EXECUTE_IDS},
)


def packml_number(ours: str) -> int:
    """PackML's StateCurrent, 0 where the state is unknown."""
    return _PACKML_NUMBERS.get(_PACKML.get(ours, ""), 0)


def unit_mode(ours: str) -> int:
    """PackML's unit mode: 1 production, 2 maintenance, 3 manual."""
    return {"failed": 2, "setup": 3}.get(ours, 1)
