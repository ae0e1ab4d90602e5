import { afterEach, beforeEach, expect, test } from "vitest";
import { occasions } from "../../emulators/kit/occasions.ts";
import { PIPELINE, serveReleases } from "./kit-releases.ts";

let server: Awaited<ReturnType<typeof serveReleases>>;
beforeEach(async () => {
  server = await serveReleases();
});
afterEach(async () => {
  await server.close();
});

/** The status of a list, or 0 for a connection that was closed. */
async function list(): Promise<number> {
  const answer = await fetch(`${server.url}/v1/${PIPELINE}/releases`).catch(() => null);
  return answer?.status ?? 0;
}

/** The status of a creation. */
async function create(id: string): Promise<number> {
  const url = `${server.url}/v1/${PIPELINE}/releases?releaseId=${id}`;
  const answer = await fetch(url, { method: "POST", body: "{}" }).catch(() => null);
  return answer?.status ?? 0;
}

async function listTimes(count: number): Promise<readonly number[]> {
  const statuses: number[] = [];
  for (let call = 0; call < count; call += 1) {
    statuses.push(await list());
  }
  return statuses;
}

test("a fault comes every so manieth call, so many times, and is told of when it is over", async () => {
  const fault = { method: "ListReleases", call: 2, every: 2, times: 2, kind: "status" } as const;
  server.faults.add(fault);
  expect(await listTimes(6)).toEqual([200, 503, 200, 503, 200, 200]);
  expect(server.faults.list()).toMatchObject([{ what: fault, fired: 2, left: 0 }]);
});

test("a fault without an end stays until it is cleared, and others stay then", async () => {
  const ended = { method: "ListReleases", call: 1, times: null, kind: "drop-before" } as const;
  server.faults.add(ended);
  server.faults.add({ method: "CreateRelease", call: 1, kind: "status" });
  expect(await listTimes(3)).toEqual([0, 0, 0]);
  expect(server.faults.list()[0]).toMatchObject({ fired: 3, left: null });
  expect(server.faults.clear(({ method }) => method === "ListReleases")).toBe(1);
  expect(await list()).toBe(200);
  expect(await create("r1")).toBe(503);
});

test("a fault of any method befalls each of them", async () => {
  server.faults.add({ method: "*", call: 1, times: 2, kind: "status", status: "ABORTED" });
  expect([await list(), await create("r1"), await list()]).toEqual([409, 409, 200]);
});

test("a call may be done and yet be answered with a status", async () => {
  server.faults.add({ method: "CreateRelease", call: 1, kind: "status", isDone: true });
  expect(await create("r1")).toBe(503);
  expect([...server.releases.keys()]).toEqual([`${PIPELINE}/releases/r1`]);
});

test("whatever befalls a call may befall it later, on the clock", async () => {
  server.faults.add({ method: "ListReleases", call: 1, kind: "status", delayMs: 60_000 });
  const answered = list();
  const other = await list();
  await server.clock.advance(60_000);
  expect(new Set([await answered, other])).toEqual(new Set([200, 503]));
});

test("a server tells which methods faults can be of", () => {
  const names = server.faults.methods();
  expect(names).toContain("google.cloud.deploy.v1.CloudDeploy/CreateRelease");
  expect(names).not.toContain("google.cloud.deploy.v1.CloudDeploy/AbandonRelease");
});

test("of two that are due at a call the older happens, and the other at the next", () => {
  const plan = occasions<string>();
  plan.add("older", { first: 1, every: 1, times: 1 });
  plan.add("newer", { first: 1, every: 1, times: 1 });
  const next = (): string | undefined => plan.next(() => true);
  expect([next(), next(), next()]).toEqual(["older", "newer", undefined]);
});

test("what is over is remembered up to a bound, and what is not over is never forgotten", () => {
  const plan = occasions<number>();
  plan.add(-1, { first: 1, every: 1, times: null });
  for (let count = 0; count < 250; count += 1) {
    plan.add(count, { first: 1, every: 1, times: 1 });
    plan.next((what) => what === count);
  }
  const listed = plan.list();
  expect(listed.length).toBeLessThan(110);
  expect(listed[0]).toMatchObject({ what: -1, left: null });
  expect(listed.at(-1)).toMatchObject({ what: 249, left: 0 });
});
