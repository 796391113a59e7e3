// A client that looks at any OPC UA server in the terms of the companion specifications.
//
// node browse.js, with one line of JSON on standard input:
//   url, folder (for certificates), seconds (how long to listen), nodes: ids as a line file writes
//   them ("nsu=URI;s=NAME"), for the encrypted channel: user, password, token_ms; attempts: other
//   logins ({user, password}; {} is anonymous in the open), each tried first
//
// It prints one line of JSON:
//   certificate: SHA-256 of the server's, machines: what stands under Objects/Machines, packml: the
//   names under Objects/PackMLObjects, meters: every energy measurement found from Objects with its
//   values and units, signals: of each node its unit, how many values came and some of them,
//   attempts: how each ended
"use strict";
const crypto = require("crypto");
const path = require("path");
const {
  AttributeIds, ClientMonitoredItemGroup, ClientSubscription, MessageSecurityMode, NodeClass,
  OPCUACertificateManager, OPCUAClient, SecurityPolicy, TimestampsToReturn, UserTokenType,
  makeBrowsePath, resolveNodeId,
} = require("node-opcua");

const DI = "http://opcfoundation.org/UA/DI/";
const MACHINERY = "http://opcfoundation.org/UA/Machinery/";
const ENERGY = "http://opcfoundation.org/UA/Machinery/Energy/";
const ECM = "http://opcfoundation.org/UA/ECM/";
const PACKML = "http://opcfoundation.org/UA/PackML/";
const KEPT_VALUES = 20;

class Browser {
  constructor(session, namespaces) {
    this.session = session;
    this.namespaces = namespaces;
  }

  // "MACHINERY:Monitoring" in the form of a relative path of this server.
  path(...names) {
    return names.map(([uri, name]) => `/${uri ? this.namespaces.indexOf(uri) : 0}:${name}`).join("");
  }

  // Node ids at the ends of many paths, null where a path leads nowhere.
  async find(starts) {
    const paths = starts.map(([start, ...names]) => makeBrowsePath(start, this.path(...names)));
    const results = await this.session.translateBrowsePath(paths);
    return results.map((r) => (r.targets && r.targets.length ? r.targets[0].targetId : null));
  }

  async values(ids) {
    const reads = ids.map((nodeId) => ({
      nodeId: nodeId || resolveNodeId("i=0"), attributeId: AttributeIds.Value,
    }));
    const results = await this.session.read(reads);
    return results.map((r) => plain(r.value.value));
  }

  async children(nodeId) {
    const result = await this.session.browse({
      nodeId, referenceTypeId: "HierarchicalReferences", includeSubtypes: true,
      browseDirection: 0, resultMask: 63,
    });
    return result.references || [];
  }
}

function plain(value) {
  if (value === null || value === undefined) return null;
  if (value.unitId !== undefined) return { id: value.unitId, name: value.displayName.text };
  if (value.text !== undefined) return value.text;
  return typeof value === "object" ? value.toString() : value;
}

async function machines(browser) {
  const objects = resolveNodeId("ObjectsFolder");
  const [root] = await browser.find([[objects, [MACHINERY, "Machines"]]]);
  const fields = {
    manufacturer: [[DI, "Identification"], [DI, "Manufacturer"]],
    serial: [[DI, "Identification"], [DI, "SerialNumber"]],
    uri: [[DI, "Identification"], [DI, "ProductInstanceUri"]],
    location: [[DI, "Identification"], [MACHINERY, "Location"]],
    state: [[MACHINERY, "MachineryItemState"], ["", "CurrentState"]],
    state_id: [[MACHINERY, "MachineryItemState"], ["", "CurrentState"], ["", "Id"]],
    state_number: [[MACHINERY, "MachineryItemState"], ["", "CurrentState"], ["", "Number"]],
    mode: [[MACHINERY, "MachineryOperationMode"], ["", "CurrentState"]],
    packml_state: [[PACKML, "Status"], [PACKML, "StateCurrent"]],
    unit_mode: [[PACKML, "Status"], [PACKML, "UnitModeCurrent"]],
    starved: [[PACKML, "Status"], [PACKML, "EquipmentStarved"]],
    blocked: [[PACKML, "Status"], [PACKML, "EquipmentBlocked"]],
    processed: [[PACKML, "Admin"], [PACKML, "ProdProcessedCount"]],
    defective: [[PACKML, "Admin"], [PACKML, "ProdDefectiveCount"]],
    power_w: [
      [MACHINERY, "Monitoring"], [MACHINERY, "Consumption"], [ENERGY, "Electricity"],
      [ENERGY, "Main"], [ECM, "AcActivePowerTotal"],
    ],
  };
  const found = {};
  for (const reference of await browser.children(root)) {
    const starts = Object.values(fields).map((names) => [reference.nodeId, ...names]);
    const ids = await browser.find(starts);
    const values = await browser.values(ids);
    const machine = {};
    Object.keys(fields).forEach((name, i) => { machine[name] = ids[i] ? values[i] : null; });
    found[reference.browseName.name] = machine;
  }
  return found;
}

// Every object of EnergyMeasurementType that can be reached from Objects, by its place.
async function meters(browser) {
  const type = `ns=${browser.namespaces.indexOf(ECM)};i=1006`;
  const found = {};
  const seen = new Set();
  const open = [[resolveNodeId("ObjectsFolder"), ""]];
  while (open.length) {
    const [nodeId, place] = open.pop();
    for (const reference of await browser.children(nodeId)) {
      const id = reference.nodeId.toString();
      const here = `${place}/${reference.browseName.name}`;
      if (seen.has(id) || id === "ns=0;i=2253" || reference.nodeClass !== NodeClass.Object) continue;
      seen.add(id);
      if (reference.typeDefinition.toString() === type) found[here] = await meter(browser, reference);
      else open.push([reference.nodeId, here]);
    }
  }
  return found;
}

async function meter(browser, reference) {
  const variables = (await browser.children(reference.nodeId)).filter(
    (r) => r.browseName.namespaceIndex === browser.namespaces.indexOf(ECM));
  const ids = variables.map((r) => r.nodeId);
  const units = await browser.find(ids.map((id) => [id, ["", "EngineeringUnits"]]));
  const values = await browser.values(ids);
  const unitValues = await browser.values(units);
  const found = {};
  variables.forEach((r, i) => {
    found[r.browseName.name] = { value: values[i], unit: units[i] ? unitValues[i] : null };
  });
  return found;
}

function resolved(node, namespaces) {
  const [, uri, rest] = /^nsu=([^;]+);(.*)$/s.exec(node) || [];
  return uri ? resolveNodeId(`ns=${namespaces.indexOf(uri)};${rest}`) : resolveNodeId(node);
}

async function listen(session, browser, nodes, seconds) {
  const ids = nodes.map((node) => resolved(node, browser.namespaces));
  const units = await browser.find(ids.map((id) => [id, ["", "EngineeringUnits"]]));
  const unitValues = await browser.values(units);
  const signals = nodes.map((node, i) => (
    { unit: units[i] ? unitValues[i] : null, count: 0, values: [], bad: 0 }));
  const subscription = ClientSubscription.create(session, {
    requestedPublishingInterval: 100, requestedLifetimeCount: 1000, requestedMaxKeepAliveCount: 20,
    maxNotificationsPerPublish: 0, publishingEnabled: true, priority: 0,
  });
  await new Promise((done) => subscription.once("started", done));
  const items = ids.map((nodeId) => ({ nodeId, attributeId: AttributeIds.Value }));
  const group = ClientMonitoredItemGroup.create(
    subscription, items, { samplingInterval: 50, queueSize: 100, discardOldest: true },
    TimestampsToReturn.Both);
  group.on("changed", (item, dataValue, i) => {
    const signal = signals[i];
    const value = plain(dataValue.value.value);
    signal.count += 1;
    if (!dataValue.statusCode.isGood()) signal.bad += 1;
    if (signal.values.length < KEPT_VALUES && !signal.values.includes(value)) signal.values.push(value);
  });
  await new Promise((done) => setTimeout(done, 1000 * seconds));
  await subscription.terminate();
  return Object.fromEntries(nodes.map((node, i) => [node, signals[i]]));
}

async function login(url, certificates, { user, password, token_ms }) {
  const secured = user !== undefined;
  const client = OPCUAClient.create({
    clientCertificateManager: certificates, endpointMustExist: false, keepSessionAlive: true,
    securityMode: secured ? MessageSecurityMode.SignAndEncrypt : MessageSecurityMode.None,
    securityPolicy: secured ? SecurityPolicy.Basic256Sha256 : SecurityPolicy.None,
    connectionStrategy: { maxRetry: 0 },
    defaultSecureTokenLifetime: token_ms || 600000,
  });
  await client.connect(url);
  try {
    const session = await client.createSession(secured
      ? { type: UserTokenType.UserName, userName: user, password } : undefined);
    return { client, session };
  } catch (error) {
    await client.disconnect();
    throw error;
  }
}

async function outcome(url, certificates, attempt) {
  try {
    const { client, session } = await login(url, certificates, attempt);
    await session.close();
    await client.disconnect();
    return "let in";
  } catch (error) {
    return error.message;
  }
}

async function main(options) {
  const certificates = new OPCUACertificateManager({
    rootFolder: path.join(options.folder, "client"), automaticallyAcceptUnknownCertificate: true,
  });
  await certificates.initialize();
  const attempts = [];
  for (const attempt of options.attempts || []) {
    attempts.push(await outcome(options.url, certificates, attempt));
  }
  const { client, session } = await login(options.url, certificates, options);
  const browser = new Browser(session, await session.readNamespaceArray());
  const [packml] = await browser.find(
    [[resolveNodeId("ObjectsFolder"), [PACKML, "PackMLObjects"]]]);
  const certificate = client.serverCertificate;
  const result = {
    attempts,
    certificate: certificate && crypto.createHash("sha256").update(certificate).digest("hex"),
    machines: await machines(browser),
    packml: (await browser.children(packml)).map((r) => r.browseName.name),
    meters: await meters(browser),
    signals: await listen(session, browser, options.nodes, options.seconds),
  };
  await session.close();
  await client.disconnect();
  return result;
}

let text = "";
process.stdin.on("data", (data) => { text += data; });
process.stdin.on("end", () => {
  main(JSON.parse(text)).then(
    (result) => { process.stdout.write(JSON.stringify(result) + "\n", () => process.exit(0)); },
    (error) => { process.stderr.write(error.message + "\n"); process.exit(1); });
});
