import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { SCHEMA_VERSION } from "../../shared/wire/state-document.ts";
import { smallSpec } from "../support/local-spec.ts";
import { tagArrives } from "../support/local-views.ts";
import { openLocalWorld } from "../support/local-world.ts";
import type { LocalWorld } from "../support/local-world.ts";

let world: LocalWorld;

beforeAll(async () => {
  world = await openLocalWorld();
  for (const id of ["web", "other"]) {
    await world.apply(smallSpec(id));
    await world.push(id, "v1");
    await tagArrives(world, id, { environment: "dev", tag: "v1" });
  }
  // Nothing but its message brings a push to a service now.
  await world.stopTicks();
});

afterAll(async () => {
  await world.close();
});

/** Leaves the document of a service as an instance of another version leaves it. */
async function writtenBy(service: string, schemaVersion: number): Promise<void> {
  const { endpoints, project, database } = world.file;
  const name = `projects/${project}/databases/${database}/documents/services/${service}`;
  const url = `http://${endpoints["firestore"]}/v1/${name}?updateMask.fieldPaths=schemaVersion`;
  const body = JSON.stringify({ fields: { schemaVersion: { integerValue: schemaVersion } } });
  const answer = await fetch(url, { method: "PATCH", body });
  expect(answer.status, await answer.text()).toBe(200);
}

const Listed = z.object({
  services: z.array(z.object({ id: z.string(), unreadable: z.string().nullable() })),
});

const SAID = `it has schema version ${SCHEMA_VERSION + 1}, and this version of Slipway reads up to ${SCHEMA_VERSION}: update Slipway`;

async function unreadable(): Promise<readonly (readonly [string, string | null])[]> {
  const { body } = await world.call("viewer", "GET /v1/services");
  const { services } = Listed.parse(body);
  return services.filter((one) => one.unreadable !== null).map((one) => [one.id, one.unreadable]);
}

test("an older instance leaves a newer document alone, says so, and serves all others", async () => {
  await writtenBy("web", SCHEMA_VERSION + 1);
  await world.push("web", "v2");
  await world.push("other", "v2");
  await tagArrives(world, "other", { environment: "dev", tag: "v2" });
  expect(await unreadable()).toEqual([["web", SAID]]);
  const promotion = "POST /v1/services/web/environments/prod:promote";
  const refused = await world.call("deployer", promotion, { reason: "upgrade" });
  expect(refused.status).toBe(409);
  expect(JSON.stringify(refused.body)).toContain(SAID);
  const held = await world.call("oncall", "POST /v1/services/other/environments/prod:promote", {});
  expect(held.status).toBe(202);
});

test("what it could not take is given to whoever can read the document, and nothing is lost", async () => {
  await writtenBy("web", SCHEMA_VERSION);
  await tagArrives(world, "web", { environment: "dev", tag: "v2" });
  expect(await unreadable()).toEqual([]);
});
