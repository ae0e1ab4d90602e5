import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startFunctionHost } from "../../infra/local/function-host.ts";
import type { FunctionHost } from "../../infra/local/function-host.ts";
import { inPlaceArchive } from "../../infra/local/in-place.ts";
import { present } from "../support/present.ts";

const PEOPLE = ["ann", "bob", "cleo", "dana"];

let folder: string;
let host: FunctionHost;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "slipway-host-"));
  host = startFunctionHost({
    taken: [],
    logFile: join(folder, "functions.log"),
    path: process.env["PATH"],
    onRestart: () => {},
    onDeath: () => {},
  });
});

afterAll(async () => {
  await host.close();
  await rm(folder, { recursive: true });
});

const HOSTED = {
  account: "slipway-api@acme-slipway.iam.gserviceaccount.com",
  archive: inPlaceArchive(),
};

/** Starts the pages for one person, and gives who may sign in there. */
async function signingIn(person: string): Promise<readonly string[]> {
  const environment = {
    SLIPWAY_PROJECT: "acme-slipway",
    SLIPWAY_LOCATION: "europe-west3",
    SLIPWAY_AUDIENCES: "https://api.example.com",
    SLIPWAY_SIGN_IN_AS: `${person}@example.com`,
    // Nobody may sign in so but in a local cloud.
    SLIPWAY_FIRESTORE_ENDPOINT: "127.0.0.1:9",
  };
  const hosted = await host.start({ ...HOSTED, name: person, target: "web", environment });
  const answer = await fetch(`http://${present(hosted, person).address}/`);
  const page = await answer.text();
  return PEOPLE.filter((one) => page.includes(`${one}@example.com`));
}

test("functions that start at once find each its own environment", async () => {
  const found = await Promise.all(PEOPLE.map(signingIn));
  expect(found).toEqual(PEOPLE.map((person) => [person]));
});

test("a function that is not there is refused, by its name, and the others serve on", async () => {
  const environment = { SLIPWAY_PROJECT: "acme-slipway", SLIPWAY_LOCATION: "europe-west3" };
  const asked = host.start({ ...HOSTED, name: "cow", target: "cow", environment });
  await expect(asked).rejects.toThrow(/there is no function cow: there are on-image-push/);
  expect(await signingIn("ann")).toEqual(["ann"]);
});
