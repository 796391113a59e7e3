// An OPC UA server whose energy is known in closed form.
//
// node server.js OPTIONS, where OPTIONS is JSON:
//   port, folder (for certificates), step_ms, levels_w: power in W, one level after the other,
//   namespaces (registered before ours), max_items_per_call, max_items_per_subscription, extra
//   (more Doubles, X0 ...), token_ms (lifetime of a channel token), user, password
//
// It prints one JSON line when it answers ({"ready": url}), and one for each line that it reads:
//   start: from the next full 100 ms on, power steps through its levels ({"started_ms": ...})
//   set NAME TYPE VALUE: sets a variable ({"set": NAME})
// It ends when its standard input does.
"use strict";
const path = require("path");
const readline = require("readline");
const {
  DataType, OPCUACertificateManager, OPCUAServer, MessageSecurityMode, SecurityPolicy,
  StatusCodes, Variant, VariantArrayType, makeAccessLevelFlag,
} = require("node-opcua");

const options = {
  step_ms: 1000, levels_w: [36000, 108000, 0, 72000, 18000], namespaces: [], extra: 0,
  max_items_per_call: 0, max_items_per_subscription: 0, token_ms: 600000,
  ...JSON.parse(process.argv[2]),
};
const OURS = "urn:peer:line";
const TICK_MS = 100;
const say = (line) => process.stdout.write(JSON.stringify(line) + "\n");

// Whole joules since the start, and the level, at ms after it: exact in a double.
function levelAt(ms) {
  return options.levels_w[Math.floor(ms / options.step_ms) % options.levels_w.length];
}
function millijoulesAt(ms) {
  let sum = 0;
  for (let at = 0; at < ms; at += options.step_ms) {
    sum += levelAt(at) * Math.min(options.step_ms, ms - at);
  }
  return sum;
}

function addVariables(namespace, parent, start) {
  const variables = {};
  const add = (name, dataType, value, more = {}) => {
    variables[name] = namespace.addVariable({
      organizedBy: parent, browseName: name, nodeId: "s=" + name, dataType,
      minimumSamplingInterval: 0, ...more,
    });
    variables[name].setValueFromSource(
      { dataType, arrayType: VariantArrayType.Scalar, value }, StatusCodes.Good, start);
  };
  add("Power", DataType.Double, 0);
  add("Energy", DataType.Double, 0);
  add("EnergyCount", DataType.UInt32, 0);
  add("State", DataType.String, "Idle");
  add("VIN", DataType.String, "");
  add("Big", DataType.Int64, [0x10000000, 1]);  // 2^60 + 1
  add("Label", DataType.LocalizedText, { locale: "en", text: "label" });
  add("Single", DataType.Float, 1.5);
  add("Flag", DataType.Boolean, true);
  add("Forbidden", DataType.Double, 1, {
    accessLevel: makeAccessLevelFlag(""), userAccessLevel: makeAccessLevelFlag(""),
  });
  for (let i = 0; i < options.extra; i++) add("X" + i, DataType.Double, i);
  return variables;
}

function run(variables) {
  const begin = Math.ceil((Date.now() + 1) / 100) * 100;
  let next = 0;
  let level = null;
  let vehicle = 0;
  const set = (name, dataType, value, ms) => variables[name].setValueFromSource(
    { dataType, value }, StatusCodes.Good, new Date(begin + ms));
  const advance = () => {
    for (; begin + next <= Date.now(); next += TICK_MS) {
      const wattHours = millijoulesAt(next) / 3.6e6;
      if (next % options.step_ms === 0) {
        level = levelAt(next);
        set("Power", DataType.Double, level, next);
        set("State", DataType.String, level > 0 ? "Execute" : "Idle", next);
        if (level > 0) set("VIN", DataType.String, "V" + String(++vehicle).padStart(6, "0"), next);
      }
      set("Energy", DataType.Double, wattHours, next);
      set("EnergyCount", DataType.UInt32, Math.floor(wattHours), next);
    }
  };
  setInterval(advance, 20);
  say({ started_ms: begin });
}

async function main() {
  const certificates = new OPCUACertificateManager({
    rootFolder: path.join(options.folder, "pki"), automaticallyAcceptUnknownCertificate: true,
  });
  await certificates.initialize();
  const server = new OPCUAServer({
    port: options.port, host: "127.0.0.1", hostname: "127.0.0.1",
    serverCertificateManager: certificates,
    userCertificateManager: certificates,
    securityPolicies: [SecurityPolicy.None, SecurityPolicy.Basic256Sha256],
    securityModes: [MessageSecurityMode.None, MessageSecurityMode.SignAndEncrypt],
    allowAnonymous: !options.user,
    userManager: {
      isValidUser: (user, password) => user === options.user && password === options.password,
    },
    disableDiscovery: true,
    defaultSecureTokenLifetime: options.token_ms,
    serverCapabilities: {
      maxMonitoredItemsPerSubscription: options.max_items_per_subscription || 100000,
      operationLimits: { maxMonitoredItemsPerCall: options.max_items_per_call || 10000 },
    },
  });
  await server.initialize();
  const space = server.engine.addressSpace;
  for (const uri of options.namespaces) space.registerNamespace(uri);
  const namespace = space.registerNamespace(OURS);
  const folder = namespace.addFolder("ObjectsFolder", { browseName: "Peer" });
  const variables = addVariables(namespace, folder, new Date());
  await server.start();
  const commands = readline.createInterface({ input: process.stdin });
  commands.on("line", (line) => {
    const [verb, name, type, ...rest] = line.split(" ");
    if (verb === "start") run(variables);
    else if (verb === "set") {
      const text = rest.join(" ");
      const value = type === "String" ? text : JSON.parse(text);
      variables[name].setValueFromSource(new Variant({ dataType: DataType[type], value }));
      say({ set: name });
    }
  });
  commands.on("close", () => process.exit(0));
  say({ ready: `opc.tcp://127.0.0.1:${options.port}` });
}

main().catch((error) => {
  process.stderr.write(error.stack + "\n");
  process.exit(1);
});
