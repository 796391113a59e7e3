"""Builds the server's address space, and speaks its terms: node ids, names, engineering units.

Nodes are put in directly: through the library's own services each takes 0.3 ms and more, and a
plant has thousands. Whoever builds runs before the server listens.
"""

from __future__ import annotations

import base64
import re
import uuid
from functools import cache
from typing import Any

from opcua import ua
from opcua.server.address_space import AttributeValue, NodeData

from data.units import canonical, opcua_unit_id
from plc_sim.server_security import SIMULATOR_URI

_NODE = re.compile(r"(?:nsu=(?P<uri>[^;]+)|ns=(?P<index>\d+));(?P<kind>[isgb])=(?P<id>.+)", re.S)
_UNITS_URI = "http://www.opcfoundation.org/UA/units/un/cefact"
_READ = ua.AccessLevel.CurrentRead.mask
_NULL = ua.NodeId()

OBJECTS = ua.NodeId(ua.ObjectIds.ObjectsFolder)
FOLDER = ua.NodeId(ua.ObjectIds.FolderType)
BASE_OBJECT = ua.NodeId(ua.ObjectIds.BaseObjectType)
ORGANIZES = ua.NodeId(ua.ObjectIds.Organizes)
COMPONENT = ua.NodeId(ua.ObjectIds.HasComponent)
PROPERTY = ua.NodeId(ua.ObjectIds.HasProperty)
SUBTYPE = ua.NodeId(ua.ObjectIds.HasSubtype)
_DEFINES = ua.NodeId(ua.ObjectIds.HasTypeDefinition)
_VARIABLE = ua.NodeId(ua.ObjectIds.BaseDataVariableType)
_PROPERTY_TYPE = ua.NodeId(ua.ObjectIds.PropertyType)
# Attribute, value and type.
_COMMON = (
    (ua.AttributeIds.WriteMask, 0, ua.VariantType.UInt32),
    (ua.AttributeIds.UserWriteMask, 0, ua.VariantType.UInt32),
)
_OF_VARIABLES = (
    (ua.AttributeIds.ValueRank, -1, ua.VariantType.Int32),
    (ua.AttributeIds.AccessLevel, _READ, ua.VariantType.Byte),
    (ua.AttributeIds.UserAccessLevel, _READ, ua.VariantType.Byte),
    (ua.AttributeIds.MinimumSamplingInterval, 0.0, ua.VariantType.Double),
    (ua.AttributeIds.Historizing, False, ua.VariantType.Boolean),
)


class Space:
    """The nodes of a server, as they are built."""

    def __init__(self, server: Any) -> None:
        self._server = server
        self._nodes = server.iserver.aspace
        self._namespaces: dict[str, int] = {}
        # Attributes that are the same for many nodes are one object.
        self._common = _constants(_COMMON)
        self._of_variables = _constants(_OF_VARIABLES)
        self._data_types: dict[str, AttributeValue] = {}

    def namespace(self, uri: str) -> int:
        """Index of a namespace, registered on first use."""
        if uri not in self._namespaces:
            self._namespaces[uri] = self._server.register_namespace(uri)
        return self._namespaces[uri]

    def node_id(self, text: str) -> Any:
        """The id that a line file's node names; raises ValueError where no server can have it."""
        found = _NODE.fullmatch(text)
        if found is None or found["index"] == "0":
            raise ValueError(text)
        if found["uri"]:
            index = self.namespace(found["uri"])
        else:
            index = int(found["index"])
            while len(self._server.get_namespace_array()) <= index:
                count = len(self._server.get_namespace_array())
                self.namespace(f"{SIMULATOR_URI}:{count}")
        return _identifier(found["kind"], found["id"], index)

    def own_id(self, name: str) -> Any:
        """The id of a node of the simulator's own."""
        return ua.NodeId(name, 1)

    def __contains__(self, node_id: Any) -> bool:
        return node_id in self._nodes

    def folder(self, parent: Any, node_id: Any, name: Any) -> Any:
        """A folder that the parent organizes; gives its id."""
        return self.object(parent, node_id, name, type_id=FOLDER, reference=ORGANIZES)

    def object(
        self,
        parent: Any,
        node_id: Any,
        name: Any,
        *,
        type_id: Any = BASE_OBJECT,
        reference: Any = COMPONENT,
    ) -> Any:
        """An object of a type; gives its id."""
        node = self._node(node_id, name, ua.NodeClass.Object)
        node.attributes[ua.AttributeIds.EventNotifier] = _constant(0, ua.VariantType.Byte)
        self._place(node, parent, reference, type_id)
        return node_id

    def part(self, parent: Any, namespace: int, label: str, type_id: Any) -> Any:
        """A component of an object of ours, with an id made of the parent's; gives its id."""
        node_id = self.own_id(f"{parent.Identifier}/{label}")
        return self.object(parent, node_id, ua.QualifiedName(label, namespace), type_id=type_id)

    def object_type(self, parent: Any, uri: str, number: int, label: str) -> Any:
        """A type below another one; gives its id."""
        namespace = self.namespace(uri)
        name, node_id = ua.QualifiedName(label, namespace), ua.NodeId(number, namespace)
        node = self._node(node_id, name, ua.NodeClass.ObjectType)
        node.attributes[ua.AttributeIds.IsAbstract] = _constant(False, ua.VariantType.Boolean)
        self._place(node, parent, SUBTYPE, _NULL)
        return node_id

    def named_variable(
        self, parent: Any, namespace: int, label: str, value: AttributeValue, opc_type: str
    ) -> Any:
        """A variable of an object of ours, with an id made of the parent's; gives its id."""
        node_id = self.own_id(f"{parent.Identifier}/{label}")
        return self.variable(parent, node_id, ua.QualifiedName(label, namespace), value, opc_type)

    def variable(
        self, parent: Any, node_id: Any, name: Any, value: AttributeValue, opc_type: str
    ) -> Any:
        """A variable that shows a value, which other nodes may show too; gives its id."""
        self._variable(parent, node_id, name, value, opc_type, COMPONENT, _VARIABLE)
        return node_id

    def property(self, parent: Any, name: Any, value: Any, opc_type: str) -> None:
        """A property with a value that stays as it is; its id is made of the parent's."""
        kind = getattr(ua.VariantType, opc_type, ua.VariantType.ExtensionObject)
        self.live_property(parent, name, _constant(value, kind), opc_type)

    def live_property(self, parent: Any, name: Any, value: AttributeValue, opc_type: str) -> None:
        """A property with a value that changes."""
        node_id = self.own_id(f"{_path(parent)}/{name.Name}")
        self._variable(parent, node_id, name, value, opc_type, PROPERTY, _PROPERTY_TYPE)

    def unit(self, variable: Any, information: Any) -> None:
        """The EngineeringUnits of a variable."""
        self.property(
            variable, ua.QualifiedName("EngineeringUnits", 0), information, "EUInformation"
        )

    def refer(self, source: Any, target: Any, reference: Any) -> None:
        """One more reference between two nodes that are there, in both directions."""
        one, other = self._nodes[source], self._nodes[target]
        one.references.append(_Reference(other, reference, True))
        other.references.append(_Reference(one, reference, False))

    def _variable(
        self,
        parent: Any,
        node_id: Any,
        name: Any,
        value: AttributeValue,
        opc_type: str,
        reference: Any,
        type_id: Any,
    ) -> None:
        node = self._node(node_id, name, ua.NodeClass.Variable)
        node.attributes |= self._of_variables
        node.attributes[ua.AttributeIds.DataType] = self._data_type(opc_type)
        node.attributes[ua.AttributeIds.Value] = value
        self._place(node, parent, reference, type_id)

    def _data_type(self, opc_type: str) -> AttributeValue:
        if opc_type not in self._data_types:
            data_type = ua.NodeId(getattr(ua.ObjectIds, opc_type))
            self._data_types[opc_type] = _constant(data_type, ua.VariantType.NodeId)
        return self._data_types[opc_type]

    def _node(self, node_id: Any, name: Any, node_class: Any) -> NodeData:
        if node_id in self._nodes:
            raise ValueError(f"two nodes with the id {node_id}")
        node = NodeData(node_id)
        text = _constant(ua.LocalizedText(name.Name), ua.VariantType.LocalizedText)
        node.attributes = self._common | {
            ua.AttributeIds.NodeId: _constant(node_id, ua.VariantType.NodeId),
            ua.AttributeIds.NodeClass: _constant(node_class, ua.VariantType.Int32),
            ua.AttributeIds.BrowseName: _constant(name, ua.VariantType.QualifiedName),
            ua.AttributeIds.DisplayName: text,
            ua.AttributeIds.Description: text,
        }
        return node

    def _place(self, node: NodeData, parent: Any, reference: Any, type_id: Any) -> None:
        self._nodes[node.nodeid] = node
        if type_id != _NULL:
            node.references.append(_Reference(self._nodes[type_id], _DEFINES, True))
        self.refer(parent, node.nodeid, reference)


@cache
def engineering_unit(unit: str) -> Any | None:
    """OPC UA's description of a unit that is known; None where no UNECE code names it."""
    unit_id = opcua_unit_id(unit)
    return None if unit_id is None else unit_information(canonical(unit), unit_id)


def unit_information(text: str, unit_id: int) -> Any:
    """OPC UA's description of a unit by its id."""
    information = ua.EUInformation()
    information.NamespaceUri = _UNITS_URI
    information.UnitId = unit_id
    information.DisplayName = information.Description = ua.LocalizedText(text)
    return information


def _constant(value: Any, kind: Any) -> AttributeValue:
    return AttributeValue(ua.DataValue(ua.Variant(value, kind)))


def _constants(values: tuple[tuple[Any, Any, Any], ...]) -> dict[Any, AttributeValue]:
    return {attribute: _constant(value, kind) for attribute, value, kind in values}


class _Reference(ua.ReferenceDescription):  # type: ignore[misc]  # the library is untyped
    """How a reference to a node is told to clients."""

    def __init__(self, target: NodeData, reference: Any, is_forward: bool) -> None:
        # Not the library's own: most of its time goes into defaults that nobody sees.
        self.ReferenceTypeId = reference
        self.IsForward = is_forward
        self.NodeId = target.nodeid
        self.NodeClass = _value(target, ua.AttributeIds.NodeClass)
        self.BrowseName = _value(target, ua.AttributeIds.BrowseName)
        self.DisplayName = _value(target, ua.AttributeIds.DisplayName)
        self.TypeDefinition = _type_definition(target)


def _type_definition(node: NodeData) -> Any:
    of_type = (known.NodeId for known in node.references if known.ReferenceTypeId == _DEFINES)
    return next(of_type, _NULL)


def _value(node: NodeData, attribute: Any) -> Any:
    return node.attributes[attribute].value.Value.Value


def _path(node_id: Any) -> str:
    """A node's own name, for the ids of its properties."""
    if node_id.NamespaceIndex == 1:
        return str(node_id.Identifier)
    return f"Node/{node_id.NamespaceIndex}/{node_id.Identifier}"


def _identifier(kind: str, text: str, index: int) -> Any:
    match kind:
        case "i":
            return ua.NodeId(int(text), index)
        case "g":
            return ua.NodeId(uuid.UUID(text), index, ua.NodeIdType.Guid)
        case "b":
            return ua.NodeId(base64.b64decode(text), index, ua.NodeIdType.ByteString)
        case _:
            return ua.NodeId(text, index, ua.NodeIdType.String)
