import { describe, expect, test } from "vitest";
import { decodeMessage, encodeMessage } from "../../emulators/kit/proto-json.ts";
import { loadProtos, statusType } from "../../emulators/kit/protos.ts";

const deploy = loadProtos("@google-cloud/deploy/build/protos/protos.json");
const run = loadProtos("@google-cloud/run/build/protos/protos.json");
const firestore = loadProtos("@google-cloud/firestore-api/build/protos/protos.json");

function throughTheWire(root: typeof deploy, name: string, json: unknown): unknown {
  const type = root.lookupType(name);
  return decodeMessage(type, encodeMessage(type, json));
}

describe("a message in JSON", () => {
  test("comes through the wire in Google's form, without defaults", () => {
    const rollout = {
      name: "n",
      description: "",
      state: "SUCCEEDED",
      approval_state: 1,
      create_time: "2026-11-20T11:00:00.123456789+01:00",
      enqueueTime: null,
      labels: { a: "b" },
      annotations: {},
      phases: [{ id: "stable", deploymentJobs: { deployJob: { id: "deploy" } } }, { id: "x" }],
    };
    expect(throughTheWire(deploy, "google.cloud.deploy.v1.Rollout", rollout)).toEqual({
      name: "n",
      state: "SUCCEEDED",
      approvalState: "NEEDS_APPROVAL",
      createTime: "2026-11-20T10:00:00.123456789Z",
      labels: { a: "b" },
      phases: [{ id: "stable", deploymentJobs: { deployJob: { id: "deploy" } } }, { id: "x" }],
    });
  });

  test("keeps an enum's number that has no name", () => {
    const type = deploy.lookupType("google.cloud.deploy.v1.Rollout");
    const bytes = encodeMessage(type, { state: 99, approvalState: "APPROVED" });
    expect(decodeMessage(type, bytes)).toEqual({ state: 99, approvalState: "APPROVED" });
  });

  test("keeps an explicit default where being set means something", () => {
    const value = {
      fields: { a: { booleanValue: false }, b: { integerValue: "0" }, c: { nullValue: null } },
    };
    expect(throughTheWire(firestore, "google.firestore.v1.Document", value)).toEqual(value);
  });

  test("has 64-bit numbers as text, bytes as base64 and odd doubles by name", () => {
    const fields = {
      big: { integerValue: "-9223372036854775808" },
      bytes: { bytesValue: "AP/+" },
      nan: { doubleValue: "NaN" },
      infinite: { doubleValue: "-Infinity" },
      half: { doubleValue: 0.5 },
      text: { stringValue: "ü" },
      when: { timestampValue: "1969-12-31T23:59:59.999Z" },
    };
    expect(throughTheWire(firestore, "google.firestore.v1.Document", { fields })).toEqual({
      fields,
    });
    const smaller = throughTheWire(firestore, "google.firestore.v1.Value", { integerValue: 42 });
    expect(smaller).toEqual({ integerValue: "42" });
  });

  test("has durations, wrappers and masks in their short forms", () => {
    const request = { filter: "x", updateMask: "a.b,c_d" };
    expect(
      throughTheWire(deploy, "google.cloud.deploy.v1.UpdateTargetRequest", {
        updateMask: request.updateMask,
      }),
    ).toEqual({ updateMask: "a.b,c_d" });
    for (const timeout of ["1.500s", "-0.500s", "3600s", "0s"]) {
      const template = { timeout };
      expect(throughTheWire(run, "google.cloud.run.v2.RevisionTemplate", template)).toEqual(
        template,
      );
    }
    const query = { limit: 0 };
    expect(throughTheWire(firestore, "google.firestore.v1.StructuredQuery", query)).toEqual(query);
  });

  test("holds other messages by their type, and unknown ones as bytes", () => {
    const operation = {
      name: "o",
      metadata: {
        "@type": "type.googleapis.com/google.cloud.deploy.v1.OperationMetadata",
        verb: "create",
      },
      response: { "@type": "type.googleapis.com/made.up.Type", value: "AQI=" },
    };
    expect(throughTheWire(deploy, "google.longrunning.Operation", operation)).toEqual(operation);
    const status = {
      code: 3,
      message: "m",
      details: [
        {
          "@type": "type.googleapis.com/google.rpc.BadRequest",
          fieldViolations: [{ field: "f", description: "d" }],
        },
        { "@type": "type.googleapis.com/google.protobuf.Duration", value: "2s" },
      ],
    };
    expect(decodeMessage(statusType(), encodeMessage(statusType(), status))).toEqual(status);
  });

  test.each([
    [{ bogus: 1 }, `Unknown name "bogus"`],
    [{ phases: [{ bogus: 1 }] }, `Unknown name "bogus" at 'phases[0]'`],
    [{ name: 1 }, "Invalid value at 'name' (TYPE_STRING), 1"],
    [
      { state: "SUCEEDED" },
      "Invalid value at 'state' (type.googleapis.com/google.cloud.deploy.v1.Rollout.State), \"SUCEEDED\"",
    ],
    [
      { createTime: "yesterday" },
      "Invalid value at 'create_time' (type.googleapis.com/google.protobuf.Timestamp)",
    ],
    [{ labels: ["a"] }, "Invalid value at 'labels' (map)"],
    [{ labels: { a: 1 } }, "Invalid value at 'labels[0].value' (TYPE_STRING)"],
    [
      { phases: [{ deploymentJobs: {}, childRolloutJobs: {} }] },
      "Invalid value at 'phases[0]' (oneof), oneof field 'jobs' is already set. Cannot set 'childRolloutJobs'",
    ],
    [{ phases: {} }, "Invalid value at 'phases' (repeated)"],
    [
      { metadata: "x" },
      "Invalid value at 'metadata' (type.googleapis.com/google.cloud.deploy.v1.Metadata)",
    ],
    [{ name: ["a"] }, `Unknown name "name": Proto field is not repeating, cannot start list.`],
    [
      { metadata: { cloudRun: [] } },
      `Unknown name "cloud_run" at 'metadata': Proto field is not repeating, cannot start list.`,
    ],
    [[], "Invalid value at ''"],
  ])("is refused when it is wrong: %j", (json, message) => {
    const type = deploy.lookupType("google.cloud.deploy.v1.Rollout");
    expect(() => encodeMessage(type, json)).toThrow(message);
  });

  test.each([
    ["google.firestore.v1.Value", { integerValue: "9223372036854775808" }],
    ["google.firestore.v1.Value", { integerValue: 1.5 }],
    ["google.firestore.v1.Value", { integerValue: "" }],
    ["google.firestore.v1.Value", { booleanValue: "true" }],
    ["google.firestore.v1.Value", { bytesValue: "not base64!" }],
    ["google.firestore.v1.Value", { doubleValue: "half" }],
    ["google.firestore.v1.StructuredQuery", { offset: 2 ** 31 }],
    ["google.firestore.v1.RunQueryRequest", { newTransaction: 7 }],
  ])("is refused when a number, bytes or a truth value does not fit: %s %j", (name, json) => {
    expect(() => encodeMessage(firestore.lookupType(name), json)).toThrow("Invalid value at");
  });
});

test("a descriptor file that is not installed is named", () => {
  expect(() => loadProtos("@google-cloud/none/protos.json")).toThrow(
    "@google-cloud/none/protos.json",
  );
});
