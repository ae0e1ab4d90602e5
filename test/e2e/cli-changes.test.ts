import { afterEach, beforeEach, expect, test } from "vitest";
import { specRevision } from "../../shared/domain/ids.ts";
import type { Service } from "../../shared/domain/service.ts";
import { aCandidate, anEnvironment, anImage, aPolicy, aService } from "../support/builders.ts";
import { openCli } from "./cli-setting.ts";
import type { CliSetting } from "./cli-setting.ts";

const COMMIT = "0123456789abcdef0123456789abcdef01234567";

/** Begins a command to the terminal; turns the direction of writing. */
const ESCAPE = "\u{1B}";
const REVERSING = "\u{202E}";

let setting: CliSetting;
beforeEach(async () => {
  setting = await openCli();
});
afterEach(async () => {
  await setting.close();
});

function serviceOf(revision: string): Service {
  const approvals = { required: 1, from: [], notRequester: true, notAuthor: false };
  const after = { job: "contract", start: "manual", reversible: false } as const;
  const policy = aPolicy({ approvals, migrations: { before: null, after } });
  return aService({
    revision: specRevision(revision),
    fingerprint: revision,
    source: { repo: "github.com/example/web", dir: null },
    environments: [
      anEnvironment("dev"),
      anEnvironment("prod", { stage: 1, category: "external", policy }),
    ],
  });
}

test("changes, promote, approve and explain show what goes there, hostile labels too", async () => {
  const { run, tell, finishRollouts, world } = setting;
  const by = "user:ann@example.com";
  const first = serviceOf("111111");
  world.memory.world.images.set(first.image, [anImage(1), anImage(2)]);
  await tell({ kind: "service-applied", service: first, by, text: "memory: 1Gi\n" });
  await finishRollouts();
  const hostile = `eve${ESCAPE}[2J${REVERSING}@example.com`;
  const candidate = aCandidate(2, { commit: COMMIT, authors: [hostile] });
  await tell({ kind: "image-found", candidate, by: "registry" });
  await finishRollouts();
  await finishRollouts();

  const shown = await run(["changes", "web", "prod"]);
  expect(shown).toMatchObject({ code: 0, err: "" });
  expect(shown.out).toMatch(/^Nothing runs in prod yet: v2 is the first\./);
  expect(shown.out).toContain(
    "Migration contract waits to be started after the rollout; it cannot",
  );
  expect(shown.out).toContain("0123456789ab ");
  expect(shown.out).not.toContain(ESCAPE);
  expect(shown.out).not.toContain(REVERSING);

  const json = await run(["changes", "web", "prod", "v1", "--json"]);
  expect(JSON.parse(json.out)).toMatchObject({ direction: "FIRST", to: { tag: "v1" } });

  const preview = await run(["promote", "web", "prod", "--validate-only"]);
  expect(preview.out).toMatch(/CLOSED approval: 0 of 1 approvals[^]*v2 is the first/);
  const { out } = await run(["promote", "web", "prod"]);
  const id = /r-\S+-to-prod-\d+/.exec(out)?.[0] ?? "";
  const asked = await run(["approve", id, "--validate-only"]);
  expect(asked.out).toContain("v2 is the first");
  expect((await run(["promotion", id])).out).toMatch(/^WAITING/);
});
