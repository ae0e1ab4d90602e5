import { describe, expect, test } from "vitest";

import { createCloudAccess } from "../../emulators/kit/access/cloud-access.ts";
import { predefinedRoles, ROLES_SOURCE } from "../../emulators/kit/access/roles.ts";
import { memoryPersistence } from "../support/memory-persistence.ts";

const PROJECT = "projects/acme";
const SERVICE = `${PROJECT}/locations/us-central1/services/web`;
const ANN = "user:ann@example.com";
const ROBOT = "serviceAccount:robot@acme.iam.gserviceaccount.com";

function open(): {
  readonly access: ReturnType<typeof createCloudAccess>;
  readonly bind: (resource: string, role: string, ...members: readonly string[]) => void;
  readonly can: (member: string | null, permission: string, resource?: string) => boolean;
} {
  const access = createCloudAccess();
  return {
    access,
    bind: (resource, role, ...members) => {
      access.policies.set(resource, { bindings: [{ role, members }] });
    },
    can: (member, permission, resource = SERVICE) =>
      access.allows({ member, permission, resource }),
  };
}

describe("who may do what", () => {
  test("nobody may do anything before a policy says so", () => {
    const { can } = open();
    expect(can(ANN, "run.services.get")).toBe(false);
  });

  test("a role gives its permissions on its resource and on what is in it, and no others", () => {
    const { bind, can } = open();
    bind(SERVICE, "roles/run.invoker", ANN);
    expect(can(ANN, "run.routes.invoke")).toBe(true);
    expect(can(ANN, "run.routes.invoke", `${SERVICE}/revisions/r1`)).toBe(true);
    expect(can(ANN, "run.services.get")).toBe(false);
    expect(can(ANN, "run.routes.invoke", `${SERVICE}x`)).toBe(false);
    expect(can(ANN, "run.routes.invoke", PROJECT)).toBe(false);
    expect(can(ROBOT, "run.routes.invoke")).toBe(false);
  });

  test("a policy of the project counts for everything in it", () => {
    const { bind, can } = open();
    bind(PROJECT, "roles/run.viewer", ROBOT);
    expect(can(ROBOT, "run.services.get")).toBe(true);
    expect(can(ROBOT, "run.services.get", SERVICE.replace("acme", "other"))).toBe(false);
  });

  test.each([
    ["allUsers", [null, ANN, ROBOT], []],
    ["allAuthenticatedUsers", [ANN, ROBOT], [null]],
    ["user:Ann@Example.com", [ANN, "user:ANN@example.com"], [ROBOT, null, "user:bob@example.com"]],
    ["domain:example.com", [ANN], [ROBOT, "user:eve@notexample.com", null]],
    ["group:eng@example.com", [ANN], [ROBOT, null]],
    ["deleted:user:ann@example.com?uid=123", [], [ANN]],
    ["principalSet://iam.googleapis.com/projects/1/x", [], [ANN, ROBOT]],
  ])("%s stands for whom it names", (member, those, others) => {
    const { access, bind, can } = open();
    access.use({
      isInGroup: (group, address) => group === "eng@example.com" && address === "ann@example.com",
    });
    bind(SERVICE, "roles/run.invoker", member);
    expect(those.filter((each) => !can(each, "run.routes.invoke"))).toEqual([]);
    expect(others.filter((each) => can(each, "run.routes.invoke"))).toEqual([]);
  });

  test("a custom role gives what it is made of, as long as it is there", () => {
    const { access, bind, can } = open();
    const role = `${PROJECT}/roles/caller`;
    expect(() => bind(PROJECT, role, ANN)).toThrow(`Role ${role} is not supported`);
    const roles = new Map([[role, new Set(["run.routes.invoke"])]]);
    access.use({ customRole: (name) => roles.get(name) ?? null });
    bind(PROJECT, role, ANN);
    expect(can(ANN, "run.routes.invoke")).toBe(true);
    roles.delete(role);
    expect(can(ANN, "run.routes.invoke")).toBe(false);
  });

  test("a project's number and its id are one, and an account is in its own project", () => {
    const { access, bind, can } = open();
    access.use({ projectId: (project) => (project === "123" ? "acme" : project) });
    bind(PROJECT, "roles/iam.serviceAccountUser", ANN);
    expect(can(ANN, "iam.serviceAccounts.actAs", "projects/123/serviceAccounts/1")).toBe(true);
    const robot = "projects/-/serviceAccounts/robot@acme.iam.gserviceaccount.com";
    expect(can(ANN, "iam.serviceAccounts.actAs", robot)).toBe(true);
    const other = "projects/-/serviceAccounts/robot@other.iam.gserviceaccount.com";
    expect(can(ANN, "iam.serviceAccounts.actAs", other)).toBe(false);
  });

  test("a bucket's name does not say its project, so the storage says it", () => {
    const { access, bind, can } = open();
    const bucket = "projects/_/buckets/b";
    bind(PROJECT, "roles/storage.objectViewer", ANN);
    expect(can(ANN, "storage.objects.get", `${bucket}/objects/o`)).toBe(false);
    access.use({ parentOf: (name) => (name === bucket ? PROJECT : null) });
    expect(can(ANN, "storage.objects.get", `${bucket}/objects/o`)).toBe(true);
  });
});

describe("policies", () => {
  test("are kept with one binding a role, in order, and none that is empty", () => {
    const { access } = open();
    access.policies.set(SERVICE, {
      bindings: [
        { role: "roles/run.viewer", members: [ROBOT] },
        { role: "roles/run.invoker", members: [] },
        { role: "roles/run.viewer", members: [ANN, ROBOT] },
      ],
    });
    expect(access.policies.get(SERVICE).bindings).toEqual([
      { role: "roles/run.viewer", members: [ROBOT, ANN] },
    ]);
  });

  test("are not written over by who has not seen the last one", () => {
    const { access } = open();
    const { etag } = access.policies.get(SERVICE);
    const next = access.policies.set(SERVICE, { etag });
    expect(() => access.policies.set(SERVICE, { etag })).toThrow("concurrent policy changes");
    expect(() => access.policies.set(SERVICE, { etag: next.etag })).not.toThrow();
    for (let round = 0; round < 20; round += 1) {
      const forUrls = access.policies.get(SERVICE).etag.replaceAll("+", "-").replaceAll("/", "_");
      expect(() => access.policies.set(SERVICE, { etag: forUrls })).not.toThrow();
    }
    expect(() => access.policies.set(SERVICE, {})).not.toThrow();
  });

  test.each([
    [
      "a member of no kind",
      { role: "roles/run.viewer", members: ["ann@example.com"] },
      "unknown type",
    ],
    ["a role of no form", { role: "viewer", members: [ANN] }, "is not supported"],
    ["a role that is not there", { role: "roles/run.king", members: [ANN] }, "is not supported"],
    [
      "a condition",
      { role: "roles/run.viewer", members: [ANN], condition: { title: "t", expression: "false" } },
      '"t" of the binding of roles/run.viewer',
    ],
  ])("are refused with %s", (_, binding, reason) => {
    const { access } = open();
    expect(() => access.policies.set(SERVICE, { bindings: [binding] })).toThrow(reason);
    expect(access.policies.get(SERVICE)).toEqual({ etag: "ACAB" });
  });

  test("take a condition that always holds", () => {
    const { access, can } = open();
    const condition = { title: "always", expression: "true" };
    const binding = { role: "roles/run.invoker", members: [ANN], condition };
    access.policies.set(SERVICE, { bindings: [binding] });
    expect(can(ANN, "run.routes.invoke")).toBe(true);
  });

  test("have at most 1,500 members", () => {
    const { access } = open();
    const many = Array.from({ length: 1500 }, (_, index) => `user:u${index}@example.com`);
    const role = "roles/run.invoker";
    access.policies.set(SERVICE, { bindings: [{ role, members: many }] });
    expect(() =>
      access.policies.set(SERVICE, { bindings: [{ role, members: [...many, ANN] }] }),
    ).toThrow("(1501)");
  });

  test("survive a restart", () => {
    const persistence = memoryPersistence();
    const bindings = [{ role: "roles/run.invoker", members: [ANN] }];
    const first = createCloudAccess(persistence);
    const policy = first.policies.set(SERVICE, { bindings });
    const second = createCloudAccess(persistence);
    expect(second.policies.get(SERVICE)).toEqual(policy);
  });
});

describe("the recording", () => {
  test("has what was used and refused, each once", () => {
    const { access, bind, can } = open();
    bind(PROJECT, "roles/run.invoker", ROBOT);
    can(ROBOT, "run.routes.invoke");
    can(ROBOT, "run.routes.invoke");
    can(ANN, "run.routes.invoke");
    access.grants({ member: ROBOT, permission: "run.jobs.run", resource: SERVICE });
    const recording = access.recording();
    const used = { permission: "run.routes.invoke", resource: SERVICE };
    expect(recording.used).toEqual([{ member: ROBOT, ...used }]);
    expect(recording.refused).toEqual([{ member: ANN, ...used }]);
    recording.reset();
    expect(access.recording().used).toEqual([]);
  });
});

test("predefined roles say where they come from, and none is empty", () => {
  expect(ROLES_SOURCE.source).toMatch(/^https:.* at [0-9a-f]{40}$/);
  expect(predefinedRoles().filter(({ permissions }) => permissions.size === 0)).toEqual([]);
});
