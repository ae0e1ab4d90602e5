import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { isRecord } from "../../emulators/kit/json.ts";
import {
  createPipeline,
  createRollout,
  JOB_MS,
  NUMBERED,
  openCloudDeploy,
  PARENT,
  PIPELINE,
  renderedRelease,
  runTarget,
  type Setting,
  statusOf,
} from "./cloud-deploy-setting.ts";

process.env["METADATA_SERVER_DETECTION"] = "none";

let setting: Setting;

beforeEach(async () => {
  setting = await openCloudDeploy();
});

afterEach(async () => {
  await setting.close();
});

type Answer = { readonly status: number; readonly body: unknown };

async function send(method: string, path: string, body?: object): Promise<Answer> {
  const response = await fetch(`${setting.server.url}/v1/${path}`, {
    method,
    ...(body !== undefined && {
      body: JSON.stringify(body),
      headers: { "content-type": "application/json" },
    }),
  });
  return { status: response.status, body: await response.json() };
}

async function setPolicy(policy: object, updateMask?: string): Promise<Answer> {
  return send("POST", `${PIPELINE}:setIamPolicy`, { policy, updateMask });
}

describe("over HTTP", () => {
  test("a release goes from creation to a rollout that is approved, as curl would do it", async () => {
    const run = { location: "projects/acme-prod/locations/us-central1" };
    await send("POST", `${PARENT}/targets?targetId=dev`, { run, requireApproval: true });
    const stages = [{ targetId: "dev" }];
    await send("POST", `${PARENT}/deliveryPipelines?deliveryPipelineId=api`, {
      serialPipeline: { stages },
    });
    const release = { skaffoldConfigUri: "gs://acme-source/source.tar.gz" };
    const created = await send("POST", `${PIPELINE}/releases?releaseId=r1`, release);
    expect(created).toMatchObject({
      status: 200,
      body: {
        done: true,
        response: {
          "@type": "type.googleapis.com/google.cloud.deploy.v1.Release",
          name: `${NUMBERED}/deliveryPipelines/api/releases/r1`,
          renderState: "IN_PROGRESS",
        },
      },
    });
    await setting.clock.advance(1000);
    const name = `${PIPELINE}/releases/r1/rollouts/one`;
    await send("POST", `${PIPELINE}/releases/r1/rollouts?rolloutId=one`, { name, targetId: "dev" });
    expect(await send("POST", `${name}:approve`, { approved: true })).toEqual({
      status: 200,
      body: {},
    });
    await setting.clock.advance(1000);
    expect(await send("GET", `${name}?alt=json`)).toMatchObject({
      body: { state: "SUCCEEDED", approvalState: "APPROVED" },
    });
  });

  test("names with the project's id and its number are one", async () => {
    await createPipeline(setting, [{ targetId: "dev" }]);
    const byId = await send("GET", PIPELINE);
    expect(byId.body).toMatchObject({ name: `${NUMBERED}/deliveryPipelines/api` });
    expect(await send("GET", `${NUMBERED}/deliveryPipelines/api`)).toEqual(byId);
  });

  test("an unknown project gets a number of its own that stays the same", async () => {
    await send("POST", "projects/other/locations/us-central1/targets?targetId=dev", runTarget());
    const first = await send("GET", "projects/other/locations/us-central1/targets/dev");
    const name = isRecord(first.body) ? String(first.body["name"]) : "";
    expect(name).toMatch(/^projects\/\d{12}\//);
    expect(await send("GET", name)).toEqual(first);
  });

  test("the list of rollouts takes the filter and order that gcloud sends", async () => {
    await createPipeline(setting, [{ targetId: "dev" }]);
    await renderedRelease(setting, "r1");
    await createRollout(setting, { release: "r1", target: "dev" });
    await setting.clock.advance(JOB_MS);
    const query = new URLSearchParams({
      filter:
        '(approvalState!="REJECTED" AND approvalState!="NEEDS_APPROVAL") AND state="SUCCEEDED" AND targetId="dev"',
      orderBy: "DeployEndTime desc",
      alt: "json",
      pageSize: "10",
    });
    const listed = await send("GET", `${PIPELINE}/releases/-/rollouts?${query.toString()}`);
    expect(listed).toMatchObject({ status: 200, body: { rollouts: [{ targetId: "dev" }] } });
  });

  test.each([
    "deliveryPipelines/api/automations",
    "deliveryPipelines/api/automationRuns",
    "deployPolicies",
  ])("there are no %s, and a list of them says so", async (path) => {
    await createPipeline(setting, [{ targetId: "dev" }]);
    const { status, body } = await send("GET", `${PARENT}/${path}`);
    expect(status).toBe(200);
    expect(JSON.stringify(body)).not.toContain(PARENT);
  });

  test("a policy is set as gcloud sends it: the fields that its mask names", async () => {
    await createPipeline(setting, [{ targetId: "dev" }]);
    const bindings = [{ role: "roles/viewer", members: ["user:ann@example.com"] }];
    expect(await setPolicy({ bindings, etag: "b2xk" }, "bindings")).toMatchObject({
      body: { bindings },
    });
    expect(await setPolicy({ etag: "b2xk" })).toMatchObject({ status: 409 });
    expect(await setPolicy({ bindings: [] }, "version")).toMatchObject({ body: { bindings } });
    expect(await setPolicy({})).not.toHaveProperty("body.bindings");
  });

  test("the configuration names the supported Skaffold versions", async () => {
    expect(await send("GET", `${PARENT}/config`)).toMatchObject({
      status: 200,
      body: {
        name: `${NUMBERED}/config`,
        supportedVersions: [{ version: "2.14" }, { version: "2.16" }],
        defaultSkaffoldVersion: "2.16",
      },
    });
  });
});

describe("a refusal over HTTP has the body of a google.rpc.Status", () => {
  test.each([
    {
      what: "a duplicate",
      method: "POST",
      path: "targets?targetId=dev",
      body: runTarget(),
      code: 409,
      status: "ALREADY_EXISTS",
    },
    {
      what: "a missing resource",
      method: "GET",
      path: "targets/prod",
      code: 404,
      status: "NOT_FOUND",
    },
    {
      what: "a bad id",
      method: "POST",
      path: "targets?targetId=Dev",
      body: runTarget(),
      code: 400,
      status: "INVALID_ARGUMENT",
    },
    {
      what: "an unknown field",
      method: "POST",
      path: "targets?targetId=new",
      body: { colour: "red" },
      code: 400,
      status: "INVALID_ARGUMENT",
    },
    {
      what: "a stale etag",
      method: "DELETE",
      path: "targets/dev?etag=old",
      code: 409,
      status: "ABORTED",
    },
    {
      what: "a wrong state",
      method: "POST",
      path: "deliveryPipelines/api/releases/r1/rollouts/r1-to-dev:approve",
      body: { approved: true },
      code: 400,
      status: "FAILED_PRECONDITION",
    },
    {
      what: "an automation that is not there",
      method: "GET",
      path: "deliveryPipelines/api/automations/none",
      code: 404,
      status: "NOT_FOUND",
    },
    {
      what: "automations of a pipeline that is not there",
      method: "GET",
      path: "deliveryPipelines/none/automations",
      code: 404,
      status: "NOT_FOUND",
    },
    {
      what: "a deploy policy that is not there",
      method: "GET",
      path: "deployPolicies/none",
      code: 404,
      status: "NOT_FOUND",
    },
    {
      what: "a new deploy policy",
      method: "POST",
      path: "deployPolicies?deployPolicyId=p",
      body: {},
      code: 501,
      status: "UNIMPLEMENTED",
    },
  ])("for $what: $code $status", async ({ method, path, body, code, status }) => {
    await createPipeline(setting, [{ targetId: "dev" }]);
    await renderedRelease(setting, "r1");
    await createRollout(setting, { release: "r1", target: "dev" });
    const answer = await send(method, `${PARENT}/${path}`, body);
    expect(answer.status).toBe(code);
    expect(answer.body).toMatchObject({ error: { code, status } });
    expect(JSON.stringify(answer.body)).toMatch(/"message":"\w/);
  });
});

describe("what the emulator does not have", () => {
  test("is UNIMPLEMENTED by name over gRPC", async () => {
    const { client } = setting;
    const parent = PIPELINE;
    expect(
      await statusOf(client.createAutomation({ parent, automationId: "a", automation: {} })),
    ).toBe("UNIMPLEMENTED");
    const standard = { verify: true };
    const stages = [{ targetId: "dev", strategy: { standard } }];
    const deliveryPipeline = { serialPipeline: { stages } };
    const gke = { cluster: `${PARENT}/clusters/main` };
    const target = { parent: PARENT, targetId: "dev", target: { gke } };
    const calls: readonly (readonly [string, Promise<unknown>])[] = [
      [
        "standard.verify",
        client.createDeliveryPipeline({
          parent: PARENT,
          deliveryPipelineId: "api",
          deliveryPipeline,
        }),
      ],
      ["Target.gke", client.createTarget(target)],
      ["CreateTarget with validate_only", client.createTarget({ ...target, validateOnly: true })],
      ["RollbackTarget", client.rollbackTarget({ name: PIPELINE })],
    ];
    for (const [name, call] of calls) {
      await expect(call).rejects.toThrow(name);
    }
    await expect(
      client.cancelAutomationRun({ name: `${parent}/automationRuns/a` }),
    ).rejects.toThrow("CancelAutomationRun");
  });
});
