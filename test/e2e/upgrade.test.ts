import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { SCHEMA_VERSION } from "../../shared/wire/state-document.ts";
import { smallSpec } from "../support/local-spec.ts";
import {
  allEnd,
  promote,
  readPromotions,
  readRecords,
  readReleases,
  tagArrives,
} from "../support/local-views.ts";
import { openLocalWorld } from "../support/local-world.ts";
import type { LocalWorld } from "../support/local-world.ts";
import { startNewerVersion } from "../support/newer-version.ts";
import type { NewerVersion } from "../support/newer-version.ts";

let world: LocalWorld;

beforeAll(async () => {
  world = await openLocalWorld();
  for (const id of ["web", "other", "third"]) {
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

async function unreadable(of: LocalWorld): Promise<readonly (readonly [string, string | null])[]> {
  const { body } = await of.call("viewer", "GET /v1/services");
  const { services } = Listed.parse(body);
  return services.filter((one) => one.unreadable !== null).map((one) => [one.id, one.unreadable]);
}

test("an older instance leaves a newer document alone, says so, and serves all others", async () => {
  await writtenBy("web", SCHEMA_VERSION + 1);
  await world.push("web", "v2");
  await world.push("other", "v2");
  await tagArrives(world, "other", { environment: "dev", tag: "v2" });
  expect(await unreadable(world)).toEqual([["web", SAID]]);
  const promotion = "POST /v1/services/web/environments/prod:promote";
  const refused = await world.call("deployer", promotion, { reason: "upgrade" });
  expect(refused.status).toBe(409);
  expect(JSON.stringify(refused.body)).toContain(SAID);
  expect(await promote(world, "other", "prod")).toMatchObject({ environment: "prod" });
});

test("what it could not take is given to whoever can read the document, and nothing is lost", async () => {
  await writtenBy("web", SCHEMA_VERSION);
  await tagArrives(world, "web", { environment: "dev", tag: "v2" });
  expect(await unreadable(world)).toEqual([]);
});

test("instances of two versions serve side by side, and each push is taken once", async () => {
  const newer: NewerVersion = await startNewerVersion(world);
  try {
    for (const tag of ["v3", "v4"]) {
      await Promise.all(["web", "third"].map(async (id) => world.push(id, tag)));
      for (const id of ["web", "third"]) {
        await tagArrives(newer.world, id, { environment: "dev", tag });
      }
    }
    // From its first decision of the newer version on, a service is the newer one's alone.
    expect(await unreadable(newer.world)).toEqual([]);
    await promote(newer.world, "third", "prod");
    await tagArrives(newer.world, "third", { environment: "prod", tag: "v4" });
    expect((await unreadable(world)).map(([id]) => id)).toContain("third");
    for (const [id, tags] of [
      ["web", ["v4", "v3", "v2", "v1"]],
      ["third", ["v4", "v3", "v1"]],
    ] as const) {
      await allEnd(newer.world, id);
      expect((await readReleases(newer.world, id)).map(({ tag }) => tag)).toEqual(tags);
      const promotions = await readPromotions(newer.world, id);
      const toDev = promotions.filter(({ environment }) => environment === "dev");
      expect(toDev.map(({ state }) => state)).toEqual(tags.map(() => "SUCCEEDED"));
      const numbers = (await readRecords(newer.world, id)).map(({ sequence }) => sequence);
      expect(numbers).toEqual(numbers.map((_, at) => at + 1));
    }
  } finally {
    await newer.close();
  }
});
