import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { startIdentity } from "../../emulators/identity/server.ts";
import type { Identity } from "../../emulators/identity/server.ts";
import { cloudIdentity, MEMBERSHIP_FRESH_MS } from "../../shared/adapters/cloud-identity.ts";
import { directoryContract, GROUPS } from "../support/contracts/directory-contract.ts";
import { memoryClock } from "../support/memory-clock.ts";
import { memoryPorts } from "../support/memory-ports.ts";

const INITIAL = Object.entries(GROUPS).map(([email, members]) => ({ email, members }));
const SRE = "sre@example.com";
const ANN = "ann@example.com";
const CHECK = "CheckTransitiveMembership";
const LOOKUP = "LookupMembershipName";

directoryContract("in memory", async () => {
  const { ports, world } = memoryPorts();
  for (const { email, members } of INITIAL) {
    world.groups.set(email, members);
  }
  return { directory: ports.directory, close: async () => {} };
});

directoryContract("at Cloud Identity", async () => {
  const server = await startIdentity({ groups: INITIAL });
  const directory = cloudIdentity({ endpoint: server.url, clock: memoryClock() });
  return { directory, close: server.close };
});

describe("Cloud Identity's answers", () => {
  let server: Identity;
  beforeEach(async () => {
    server = await startIdentity({ groups: INITIAL });
  });
  afterEach(async () => server.close());

  test("are believed for a while, and asked for again after", async () => {
    const clock = memoryClock();
    const directory = cloudIdentity({ endpoint: server.url, clock });
    expect(await directory.isMember(SRE, ANN)).toBe(true);
    server.setGroups([]);
    clock.advance(MEMBERSHIP_FRESH_MS - 1);
    expect(await directory.isMember(SRE, ANN)).toBe(true);
    clock.advance(1);
    expect(await directory.isMember(SRE, ANN)).toBe(false);
  });

  test("that do not come count as no answer, after some attempts", async () => {
    for (const call of [1, 2, 3]) {
      server.faults.add({ method: CHECK, call, kind: "status", status: "UNAVAILABLE" });
    }
    const directory = cloudIdentity({ endpoint: server.url, clock: memoryClock() });
    await expect(directory.isMember(SRE, ANN)).rejects.toMatchObject({
      name: "TransientError",
      status: "UNAVAILABLE",
      message: `group ${SRE}: A fault was planned for google.apps.cloudidentity.groups.v1.MembershipsService/${CHECK}`,
    });
    expect(server.faults.calls(CHECK)).toBe(3);
    expect(await directory.isMember(SRE, ANN)).toBe(true);
  });

  test("that say that the edition has no search are asked of the group itself", async () => {
    const status = "PERMISSION_DENIED";
    for (const call of [1, 2, 3]) {
      server.faults.add({ method: CHECK, call, kind: "status", status });
    }
    const directory = cloudIdentity({ endpoint: server.url, clock: memoryClock() });
    expect(await directory.isMember(SRE, ANN)).toBe(true);
    expect(await directory.isMember(SRE, "bob@example.com")).toBe(false);
    // Ann is in it through another group, which only the search would find.
    expect(await directory.isMember("all@example.com", ANN)).toBe(false);
    expect(server.faults.calls(LOOKUP)).toBe(3);
  });

  test("that refuse the group itself, too, are none", async () => {
    for (const method of [CHECK, LOOKUP]) {
      server.faults.add({ method, call: 1, kind: "status", status: "PERMISSION_DENIED" });
    }
    const directory = cloudIdentity({ endpoint: server.url, clock: memoryClock() });
    await expect(directory.isMember(SRE, ANN)).rejects.toMatchObject({
      name: "PermanentError",
      status: "PERMISSION_DENIED",
    });
    expect(await directory.isMember(SRE, ANN)).toBe(true);
  });

  test("that fail for good fail at once", async () => {
    server.faults.add({ method: CHECK, call: 1, kind: "status", status: "UNIMPLEMENTED" });
    const directory = cloudIdentity({ endpoint: server.url, clock: memoryClock() });
    await expect(directory.isMember(SRE, ANN)).rejects.toMatchObject({ name: "PermanentError" });
    expect(server.faults.calls(CHECK)).toBe(1);
  });
});
