import { afterAll, beforeAll, expect, test } from "vitest";
import { planInstallation } from "../../infra/platform/installer.ts";
import type { InstallationPlan, Installer } from "../../infra/platform/installer.ts";
import { KINDS } from "../../infra/platform/resource.ts";
import { HANDS } from "../support/platform/by-hand.ts";
import { startGoogleCloud } from "../support/platform/google-cloud.ts";
import type { GoogleCloud } from "../support/platform/google-cloud.ts";
import { anInstaller, applyPlan, INSTALLED, pending } from "../support/platform/installing.ts";

let cloud: GoogleCloud;
let installer: Installer;

beforeAll(async () => {
  cloud = await startGoogleCloud(INSTALLED);
  installer = await anInstaller(cloud);
  await applyPlan(installer, await planInstallation(installer));
});

afterAll(async () => {
  await cloud.close();
});

/** What is to be done: `<action> <key>: <fields>`. */
function shownIn({ changes }: InstallationPlan): readonly string[] {
  return changes
    .filter(({ action }) => action !== "unchanged")
    .map(
      ({ action, key, changes: fields }) =>
        `${action} ${key}: ${fields.map(({ field }) => field).join(", ")}`,
    );
}

const all = KINDS.flatMap((kind) => HANDS[kind].map((hand) => ({ kind, ...hand })));

test("what is installed is complete", async () => {
  expect(pending(await planInstallation(installer))).toEqual([]);
});

test("every kind is changed by hand in a test that follows", () => {
  for (const kind of KINDS) {
    const shown = HANDS[kind].flatMap((hand) => hand.shown);
    expect(
      shown.filter((line) => line.includes(` ${kind} `)),
      kind,
    ).not.toEqual([]);
  }
});

test.each(all)(
  "$kind, $what: the plan shows it and apply repairs it",
  async ({ change, shown }) => {
    await change(installer.google);
    const drifted = await planInstallation(installer);
    expect(drifted.obstacles).toEqual([]);
    expect(shownIn(drifted).toSorted()).toEqual(shown.toSorted());
    expect(await applyPlan(installer, drifted)).toEqual([]);
    expect(pending(await planInstallation(installer))).toEqual([]);
  },
);

test("a subscription that has dead letters and no topic is left to a person", async () => {
  const { google } = installer;
  const topic = "v1/projects/acme-slipway/topics/slipway-dead";
  await google.call("pubsub", { method: "DELETE", path: topic });
  const { obstacles } = await planInstallation(installer);
  expect(obstacles.map(({ what }) => what)).toEqual([
    "subscription projects/acme-slipway/subscriptions/slipway-dead has topic _deleted-topic_, which cannot be changed to projects/acme-slipway/topics/slipway-dead",
  ]);
  expect(obstacles[0]?.mend).toBe(
    "read what waits in it (gcloud pubsub subscriptions pull slipway-dead --project=acme-slipway --limit=100), then gcloud pubsub subscriptions delete slipway-dead --project=acme-slipway, and apply again",
  );
  const subscription = "v1/projects/acme-slipway/subscriptions/slipway-dead";
  await google.call("pubsub", { method: "DELETE", path: subscription });
  expect(await applyPlan(installer, await planInstallation(installer))).toEqual([]);
  expect(pending(await planInstallation(installer))).toEqual([]);
});

test("whoever deletes the bucket with the mark has to say that the database is taken over", async () => {
  const bucket = "storage/v1/b/acme-slipway-sources";
  await installer.google.call("storage", { method: "DELETE", path: bucket });
  const { obstacles } = await planInstallation(installer);
  expect(obstacles.map(({ mend }) => mend)).toEqual([expect.stringContaining("--take-over")]);
  const taking = { ...installer, takesOver: true };
  const plan = await planInstallation(taking);
  expect(shownIn(plan)).toEqual([
    "create bucket acme-slipway-sources: ",
    "create grants acme-slipway-sources: ",
  ]);
  expect(await applyPlan(taking, plan)).toEqual([]);
  const second = await planInstallation(installer);
  expect(second.obstacles).toEqual([]);
  expect(pending(second)).toEqual([]);
  expect(second.mark).toEqual({ version: "0-1-0", state: "complete" });
});
