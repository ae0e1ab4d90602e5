import { afterAll, beforeAll, expect, test } from "vitest";
import { smallSpec } from "../support/local-spec.ts";
import { promote, promotionEnds, tagArrives } from "../support/local-views.ts";
import { openLocalWorld } from "../support/local-world.ts";
import type { LocalWorld } from "../support/local-world.ts";
import { until } from "../support/until.ts";

const REPOSITORY = "example/web";
const FIRST = "1a1a1a1a1a1a";
const SECOND = "2b2b2b2b2b2b";
const THIRD = "3c3c3c3c3c3c";

let world: LocalWorld;

beforeAll(async () => {
  world = await openLocalWorld();
  await world.apply(
    smallSpec("web", [
      "delivery:",
      "  tags: '^(?<commit>[0-9a-f]{12})_(?<build>\\d+)$'",
      "  notify: [{github: true}]",
      "  environments:",
      "    prod: {approvals: {required: 1, from: ['user:alex@example.com']}}",
    ]),
  );
});

afterAll(async () => {
  await world.close();
});

/** How each deployment stands on GitHub, oldest first. */
function shown(): readonly string[] {
  const { github } = world.cloud.emulators;
  return github.deployments(REPOSITORY).map(({ deployment, statuses }) => {
    const { environment, sha } = deployment;
    return `${environment} ${sha.slice(0, 4)} ${statuses[0]?.state ?? "nothing"}`;
  });
}

/** Waits until a deployment stands so. */
async function stands(line: string): Promise<void> {
  await until(
    line,
    async () => Promise.resolve(shown()),
    (lines) => lines.includes(line),
  );
}

/** What each environment says of a commit now. */
function saidOf(commit: string): Readonly<Record<string, string>> {
  const all = world.cloud.emulators.github
    .commitStatuses(REPOSITORY)
    .filter(({ hidden }) => hidden.about.startsWith(commit));
  return Object.fromEntries(all.map(({ context, state }) => [context, state]));
}

async function pushed(commit: string, build: number): Promise<void> {
  const tag = `${commit}_${build}`;
  await world.push("web", tag);
  await tagArrives(world, "web", { environment: "dev", tag });
}

async function approved(id: string): Promise<void> {
  await world.call("approver", `POST /v1/promotions/${id}:approve`, {});
  expect((await promotionEnds(world, id)).state).toBe("SUCCEEDED");
}

test("a push, a promotion, one that gives way and a rollback are seen on GitHub as they stand", async () => {
  await pushed(FIRST, 1);
  await stands("web/dev 1a1a success");
  const first = await promote(world, "web", "prod");
  await stands("web/prod 1a1a queued");
  expect(saidOf(FIRST)).toEqual({ "slipway/web/dev": "success" });
  await approved(first.id);
  await stands("web/prod 1a1a success");
  await until(
    "the commit says so",
    async () => Promise.resolve(saidOf(FIRST)),
    (said) => said["slipway/web/prod"] === "success",
  );

  await pushed(SECOND, 2);
  await stands("web/dev 1a1a inactive");
  const second = await promote(world, "web", "prod");
  await stands("web/prod 2b2b queued");
  await pushed(THIRD, 3);
  const third = await promote(world, "web", "prod");
  await stands("web/prod 2b2b inactive");
  expect((await promotionEnds(world, second.id)).state).toBe("SUPERSEDED");
  expect(saidOf(SECOND)).toEqual({ "slipway/web/dev": "success" });
  await approved(third.id);
  await stands("web/prod 1a1a inactive");

  const back = { reason: "slow" };
  await world.call("oncall", "POST /v1/services/web/environments/prod:rollback", back);
  await stands("web/prod 3c3c inactive");
  expect(shown().filter((line) => line.startsWith("web/prod"))).toEqual([
    "web/prod 1a1a inactive",
    "web/prod 2b2b inactive",
    "web/prod 3c3c inactive",
    "web/prod 1a1a success",
  ]);
});

test("each pull request that came to production has one comment, also that of the release between", async () => {
  const { github } = world.cloud.emulators;
  await until(
    "three comments",
    async () => Promise.resolve(github.comments(REPOSITORY)),
    (comments) => comments.length === 3,
  );
  const comments = github.comments(REPOSITORY);
  expect(new Set(comments.map(({ hidden }) => hidden.about)).size).toBe(3);
  expect(comments[0]?.body).toContain(`This change is in **prod** of web now`);
  expect(comments[0]?.body).toContain(`${world.file.dashboard}/promotions/`);
});

test("the local GitHub's page shows it", async () => {
  const page = await (await fetch(world.file.endpoints["github"] ?? "")).text();
  expect(page).toContain("example/web");
  expect(page).toContain("slipway/web/prod");
  expect(page).toContain("was there; another release is now");
});
