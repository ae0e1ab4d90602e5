import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { aDeploymentNotice } from "../support/deployment-notice.ts";
import {
  DONE,
  OLD,
  openGithub,
  REPOSITORY,
  RUNNING,
  SHA,
  WAITING,
} from "../support/github-setting.ts";
import type { GithubSetting } from "../support/github-setting.ts";

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

describe("a promotion", () => {
  test("is one deployment of its commit, which stands as it stands, with links", async () => {
    expect((await setting.tellAll([WAITING, RUNNING, DONE])).kind).toBe("told");
    expect(setting.shown()).toEqual(["web/prod 222: queued in_progress success"]);
    expect(setting.said()).toEqual([
      "slipway/web/prod 222 pending is under way: rollout",
      "slipway/web/prod 222 success is there",
    ]);
    const [{ deployment, statuses } = { deployment: null, statuses: [] }] =
      setting.github.deployments(REPOSITORY);
    expect(deployment).toMatchObject({ production_environment: true });
    expect(deployment?.payload).toEqual({ slipway: { promotion: DONE.notice.promotion } });
    expect(statuses[0]).toMatchObject({
      log_url: DONE.page,
      environment_url: "https://web.example.com",
    });
  });

  test("is not red where a status of another is, nor merged with what came later", async () => {
    await setting.tellAll([aDeploymentNotice({ state: "RUNNING", commit: OLD })]);
    expect(setting.shown()).toEqual(["web/prod 111: in_progress"]);
  });

  test.each([
    ["FAILED", "failure", "failure failed: no pods"],
    ["ROLLED_BACK", "failure", "failure did not prove itself and was taken back: no pods"],
    ["CANCELLED", "inactive", "error was cancelled: no pods"],
  ] as const)("that is %s is shown as %s", async (state, deployed, commit) => {
    await setting.tellAll([aDeploymentNotice({ state, commit: SHA, why: "no pods" })]);
    expect(setting.shown()).toEqual([`web/prod 222: ${deployed}`]);
    expect(setting.said()).toEqual([`slipway/web/prod 222 ${commit}`]);
  });

  test.each(["CANCELLED", "REJECTED", "SUPERSEDED"] as const)(
    "that is %s before anything began leaves the commit as it is",
    async (state) => {
      await setting.tellAll([WAITING, aDeploymentNotice({ state, commit: SHA, hasBegun: false })]);
      expect(setting.shown()).toEqual(["web/prod 222: queued inactive"]);
      expect(setting.said()).toEqual([]);
    },
  );

  test("of a release that another one took the place of is over, and so is its commit's status", async () => {
    const before = aDeploymentNotice({ number: 1, state: "SUCCEEDED", commit: OLD });
    await setting.tellAll([before, RUNNING, DONE]);
    expect(setting.shown()).toEqual([
      "web/prod 111: success inactive",
      "web/prod 222: in_progress success",
    ]);
    expect(setting.said().at(-1)).toBe(
      "slipway/web/prod 111 success was there; another release is now",
    );
    const back = aDeploymentNotice({
      number: 3,
      kind: "rollback",
      state: "SUCCEEDED",
      commit: OLD,
    });
    await setting.tellAll([back]);
    expect(setting.shown()).toEqual([
      "web/prod 111: success inactive",
      "web/prod 222: in_progress success inactive",
      "web/prod 111: success",
    ]);
    expect(setting.said().slice(-2)).toEqual([
      "slipway/web/prod 111 success is there",
      "slipway/web/prod 222 success was there; another release is now",
    ]);
  });

  test("that is told late, when another release is there, is over at once", async () => {
    await setting.tellAll([
      aDeploymentNotice({ state: "SUCCEEDED", commit: SHA, isCurrent: false }),
    ]);
    expect(setting.shown()).toEqual(["web/prod 222: inactive"]);
  });

  test("whose data alone comes back is none, nor is what is no promotion's", async () => {
    const { about } = WAITING;
    await setting.tellAll([
      aDeploymentNotice({ kind: "restore", state: "SUCCEEDED", commit: SHA }),
      { ...WAITING, card: null, about: { ...about, promotion: null, release: null } },
    ]);
    expect(setting.recorder.calls).toEqual([]);
  });

  test("of a shortened commit is of the whole one", async () => {
    const short = { state: "SUCCEEDED", commit: SHA.slice(0, 12) } as const;
    expect((await setting.tellAll([aDeploymentNotice(short)])).kind).toBe("told");
    expect(setting.said()).toEqual(["slipway/web/prod 222 success is there"]);
  });
});

describe("a pull request", () => {
  test("that was merged with what is in production now says so, once", async () => {
    await setting.tellAll([DONE]);
    const again = { number: 4, state: "SUCCEEDED", commit: SHA, brought: [SHA] } as const;
    await setting.tellAll([aDeploymentNotice(again)]);
    expect(
      setting.github.comments(REPOSITORY).map(({ hidden, body }) => [hidden.about, body]),
    ).toEqual([
      [
        "7",
        `This change is in **prod** of web now: [web v1 into prod](${DONE.page ?? ""}).\n\n<!-- slipway web/prod -->`,
      ],
    ]);
  });

  test("that is locked, or was never seen, keeps nothing else from being shown", async () => {
    const brought = [OLD, "9".repeat(40), SHA];
    const answer = await setting.tellAll([
      aDeploymentNotice({ state: "SUCCEEDED", commit: SHA, brought }),
    ]);
    expect(answer.kind === "refused" ? answer.reason : "").toContain("issue is locked");
    expect(setting.shown()).toEqual(["web/prod 222: success"]);
    expect(setting.github.comments(REPOSITORY).map(({ hidden }) => hidden.about)).toEqual(["7"]);
  });
});
