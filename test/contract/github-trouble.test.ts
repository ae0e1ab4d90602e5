import { generateKeyPairSync } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { aDeploymentNotice } from "../support/deployment-notice.ts";
import { DONE, openGithub, REPOSITORY, RUNNING, SHA, WAITING } from "../support/github-setting.ts";
import type { Answer } from "../../shared/ports/notices.ts";
import type { GithubSetting } from "../support/github-setting.ts";
import { until } from "../support/until.ts";

let setting: GithubSetting;

beforeAll(async () => {
  setting = await openGithub();
});

beforeEach(() => {
  setting.reset();
});

afterEach(() => {
  setting.check();
});

afterAll(async () => {
  await setting.close();
});

/** It is told again by somebody who remembers nothing, as after a crash, and all of it is there once. */
async function tellAgain(): Promise<void> {
  expect(await setting.teller()({ ...DONE, thread: null })).toMatchObject({ kind: "told" });
  expect(setting.shown()).toEqual(["web/prod 222: success"]);
  expect(setting.said()).toEqual(["slipway/web/prod 222 success is there"]);
  expect(setting.github.comments(REPOSITORY)).toHaveLength(1);
}

/** Why a channel does not take a notice now, or never; empty where it takes it. */
function reasonOf(answer: Answer): string {
  return answer.kind === "told" ? "" : `${answer.kind}: ${answer.reason}`;
}

describe("an answer that is lost, or a call that fails", () => {
  const method = [
    "list-deployments",
    "create-deployment",
    "list-deployment-statuses",
    "create-deployment-status",
    "list-commit-statuses-for-ref",
    "create-commit-status",
    "list-pull-requests-associated-with-commit",
    "list-comments",
    "create-comment",
  ];
  test.each(method)("of %s makes nothing twice, whoever tells it again", async (name) => {
    setting.faults.add({ method: name, call: 1, kind: "drop-after" });
    expect(await setting.teller()(DONE)).toMatchObject({ kind: "later" });
    await tellAgain();
  });

  test.each([
    { kind: "drop-before" },
    { kind: "status", status: "INTERNAL" },
    { kind: "status", status: "RESOURCE_EXHAUSTED" },
  ] as const)("is tried later after %j", async (fault) => {
    setting.faults.add({ method: "create-deployment", call: 1, ...fault });
    expect(await setting.teller()(DONE)).toMatchObject({ kind: "later" });
    await tellAgain();
  });

  test("is found where it came after nobody waited for it any more", async () => {
    setting.faults.add({ method: "create-deployment", call: 1, kind: "delay", delayMs: 1000 });
    expect(await setting.teller(setting.token, 500)(DONE)).toMatchObject({ kind: "later" });
    await until(
      "the deployment is there",
      async () => Promise.resolve(setting.shown()),
      ({ length }) => length === 1,
    );
    await tellAgain();
  });

  test("keeps what was begun", async () => {
    setting.faults.add({ method: "create-deployment-status", call: 1, kind: "status" });
    const later = await setting.teller()(RUNNING);
    expect(later.kind === "later" ? later.thread : "").toMatch(/^\d+ 2{40}$/);
  });

  test("waits for as long as GitHub says", async () => {
    const fault = { method: "list-deployments", call: 1, kind: "status" } as const;
    setting.faults.add({ ...fault, status: "RESOURCE_EXHAUSTED", delayMs: 120_000 });
    expect(await setting.teller()(RUNNING)).toMatchObject({ kind: "later", wait: 120_000 });
    setting.github.limitUntil((Math.ceil(Date.now() / 1000) + 1800) * 1000);
    const limited = await setting.teller()(RUNNING);
    const wait = limited.kind === "later" ? (limited.wait ?? 0) : 0;
    expect(wait).toBeGreaterThan(1_700_000);
    expect(wait).toBeLessThanOrEqual(1_801_000);
  });
});

describe("a deployment that somebody deleted", () => {
  test("is made anew", async () => {
    const told = await setting.teller()({ ...RUNNING, thread: `99999 ${SHA}` });
    expect(told.kind).toBe("told");
    expect(setting.shown()).toEqual(["web/prod 222: in_progress"]);
  });
});

describe("a repository", () => {
  test.each([
    [{ isArchived: true }, "the repository is archived"],
    [{ isReachable: false }, "install the app on it"],
    [{ movedTo: 99 }, "has moved: correct build.source.repo"],
  ])("that is %j is the channel's trouble, and says what to do", async (change, reason) => {
    setting.github.change(REPOSITORY, change);
    const answer = await setting.teller()(RUNNING);
    expect(reasonOf(answer)).toMatch(new RegExp(`^later.*${reason}`));
    expect(setting.github.deployments(REPOSITORY)).toEqual([]);
    // GitHub describes these answers of few operations.
    setting.recorder.forget();
  });

  test.each([
    ["elsewhere", { source: "gitlab.com/acme/web" }, "is on gitlab.com"],
    ["nowhere", { source: null }, "names no repository"],
    ["deeper", { source: "github.com/acme/web/more" }, "names no repository"],
    ["without a commit", { commit: null }, "org.opencontainers.image.revision"],
    ["without that commit", { commit: "f".repeat(40) }, "No ref found"],
  ])("%s takes no deployment, and the next ones are told", async (_, parts, reason) => {
    const given = aDeploymentNotice({ state: "RUNNING", commit: SHA, ...parts });
    expect(reasonOf(await setting.teller()(given))).toMatch(new RegExp(`^refused.*${reason}`));
  });
});

describe("an app", () => {
  test("has a token for the one repository, which is used again, and renewed when it was taken back", async () => {
    const tell = setting.teller(setting.app);
    expect((await tell(WAITING)).kind).toBe("told");
    expect((await tell(RUNNING)).kind).toBe("told");
    const tokens = (): number =>
      setting.recorder.calls.filter(({ path }) => path.endsWith("/access_tokens")).length;
    expect(tokens()).toBe(1);
    setting.github.forgetTokens();
    expect((await tell(DONE)).kind).toBe("told");
    expect(tokens()).toBe(2);
    expect(setting.shown()).toEqual(["web/prod 222: queued in_progress success"]);
  });

  test("whose key was replaced takes the new one", async () => {
    const tell = setting.teller(setting.app);
    setting.secrets.key = "no key at all";
    expect(reasonOf(await tell(WAITING))).toMatch(/^later.*put the whole \.pem file into it/);
    setting.reset();
    expect((await tell(WAITING)).kind).toBe("told");
  });

  test.each([["may not write", { deployments: "read" }, "give the app Deployments"]] as const)(
    "that %s says what it lacks",
    async (_, permissions, reason) => {
      setting.github.set({ permissions });
      expect(reasonOf(await setting.teller(setting.app)(WAITING))).toMatch(
        new RegExp(`^later.*${reason}`),
      );
    },
  );

  test("that is suspended says so", async () => {
    setting.github.change(REPOSITORY, { isSuspended: true });
    expect(reasonOf(await setting.teller(setting.app)(WAITING))).toMatch(/^later.*suspended/);
  });

  test("of another key, and a token that is none, are the channel's trouble", async () => {
    setting.secrets.token = "other";
    setting.secrets.key = generateKeyPairSync("rsa", { modulusLength: 2048 })
      .privateKey.export({ type: "pkcs8", format: "pem" })
      .toString();
    for (const identity of [setting.app, setting.token]) {
      expect(reasonOf(await setting.teller(identity)(WAITING))).toMatch(/^later.*put a valid one/);
    }
    setting.secrets.token = null;
    expect(reasonOf(await setting.teller()(WAITING))).toMatch(
      /^later.*there is no token for GitHub/,
    );
  });
});
