import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { environmentId, promotionId } from "../../../shared/domain/ids.ts";
import type { Release } from "../../../shared/domain/release.ts";
import type { RolloutKey, RolloutView } from "../../../shared/domain/rollout.ts";
import type { PipelineRef } from "../../../shared/domain/service.ts";
import type { Deploy } from "../../../shared/ports/deploy.ts";
import { aDigest, aService } from "../builders.ts";
import { present } from "../present.ts";
import { aRelease } from "./samples.ts";

/**
 * A Cloud Deploy to be tried out. Its pipeline has the targets `plain`, `canary` (phases `canary-10` and
 * `stable`) and `guarded`, which asks for an approval.
 */
export type OpenDeploy = {
  readonly deploy: Deploy;
  readonly pipeline: PipelineRef;
  /** Lets it render and start what can start. */
  readonly settle: () => Promise<void>;
  /** Lets the phases under way end. */
  readonly finish: () => Promise<void>;
  /** Has the rollout that `create` makes fail with a message. */
  readonly spoil: (
    rollout: { readonly id: string; readonly target: string; readonly message: string },
    create: () => Promise<void>,
  ) => Promise<void>;
  readonly close: () => Promise<void>;
};

const WEB = aService();
const DESCRIPTION = "asked for by ann@example.com";

/** Which of a target's rollouts, and with which phase it begins. */
type Beginning = { readonly attempt: number; readonly startingPhase: string | null };

/** What every Cloud Deploy must do. */
export function deployContract(name: string, open: () => Promise<OpenDeploy>): void {
  describe(`Cloud Deploy ${name}`, () => {
    let opened: OpenDeploy;
    beforeEach(async () => {
      opened = await open();
    });
    afterEach(async () => opened.close());

    const release = aRelease(WEB, 1);
    const other = aRelease(WEB, 2);

    async function start(
      of: Release,
      target: string,
      { attempt = 1, startingPhase = null }: Partial<Beginning> = {},
    ): Promise<RolloutKey> {
      const key = keyOf(of, target, attempt);
      await opened.deploy.createRelease(opened.pipeline, of);
      const wanted = { target, description: DESCRIPTION, startingPhase };
      await opened.deploy.createRollout(opened.pipeline, key, wanted);
      await opened.settle();
      return key;
    }

    async function read(key: RolloutKey): Promise<RolloutView> {
      return present(await opened.deploy.getRollout(opened.pipeline, key), key.rollout);
    }

    async function stateOf(key: RolloutKey): Promise<string> {
      return (await read(key)).state;
    }

    async function deployed(of: Release, target: string): Promise<void> {
      const key = await start(of, target);
      await opened.finish();
      const { nextPhase } = await read(key);
      if (nextPhase !== null) {
        await opened.deploy.advanceRollout(opened.pipeline, key, nextPhase);
        await opened.finish();
      }
      expect(await stateOf(key)).toBe("SUCCEEDED");
    }

    test("a rollout goes from its start to its success", async () => {
      const key = await start(release, "plain");
      const started = {
        id: key.rollout,
        release: release.id,
        target: "plain",
        state: "IN_PROGRESS",
        rawState: "IN_PROGRESS",
        failure: null,
        nextPhase: null,
        createdAt: expect.any(Number) as unknown,
      };
      expect(await read(key)).toMatchObject({ ...started, endedAt: null });
      await opened.finish();
      expect(await read(key)).toMatchObject({
        ...started,
        state: "SUCCEEDED",
        rawState: "SUCCEEDED",
        endedAt: expect.any(Number) as unknown,
      });
    });

    test("creating the same again changes nothing", async () => {
      const key = await start(release, "plain");
      await start(release, "plain");
      await opened.finish();
      await start(release, "plain");
      expect(await stateOf(key)).toBe("SUCCEEDED");
      const listed = await opened.deploy.listRollouts(opened.pipeline, release.id, 10);
      expect(listed.map(({ id }) => id)).toEqual([key.rollout]);
    });

    test("a release of another image under the same id is refused", async () => {
      await start(release, "plain");
      const impostor = { ...release, digest: aDigest(7) };
      await expect(opened.deploy.createRelease(opened.pipeline, impostor)).rejects.toMatchObject({
        name: "PermanentError",
        status: "ALREADY_EXISTS",
      });
    });

    test("a rollout to another target under the same id is refused", async () => {
      const key = await start(release, "plain");
      const attempt = opened.deploy.createRollout(opened.pipeline, key, {
        target: "guarded",
        description: DESCRIPTION,
        startingPhase: null,
      });
      await expect(attempt).rejects.toMatchObject({
        name: "PermanentError",
        status: "ALREADY_EXISTS",
      });
      expect((await read(key)).target).toBe("plain");
    });

    test("a rollout of a release that is not there is refused", async () => {
      const attempt = opened.deploy.createRollout(opened.pipeline, keyOf(release, "plain"), {
        target: "plain",
        description: DESCRIPTION,
        startingPhase: null,
      });
      await expect(attempt).rejects.toMatchObject({ name: "PermanentError", status: "NOT_FOUND" });
    });

    test("a rollout that is not there is null", async () => {
      await opened.deploy.createRelease(opened.pipeline, release);
      const key = keyOf(release, "plain");
      expect(await opened.deploy.getRollout(opened.pipeline, key)).toBeNull();
      expect(await opened.deploy.listRollouts(opened.pipeline, release.id, 10)).toEqual([]);
    });

    test("rollouts of a release come newest first, at most as many as asked for", async () => {
      const first = await start(release, "plain");
      await opened.finish();
      const second = await start(release, "plain", { attempt: 2 });
      const third = await start(release, "guarded");
      const listed = await opened.deploy.listRollouts(opened.pipeline, release.id, 2);
      expect(listed.map(({ id }) => id)).toEqual([third.rollout, second.rollout]);
      expect(await stateOf(first)).toBe("SUCCEEDED");
      const there = await opened.deploy.targetRollouts(opened.pipeline, "plain", 2);
      expect(there.map(({ id }) => id)).toEqual([second.rollout, first.rollout]);
    });

    test("a target has one rollout under way, and the next waits for its end", async () => {
      const first = await start(release, "plain");
      const second = await start(other, "plain");
      expect([await stateOf(first), await stateOf(second)]).toEqual(["IN_PROGRESS", "PENDING"]);
      await opened.finish();
      expect([await stateOf(first), await stateOf(second)]).toEqual(["SUCCEEDED", "IN_PROGRESS"]);
    });

    test("a phase that waits is named, and advancing it twice is advancing it once", async () => {
      await deployed(release, "canary");
      const key = await start(other, "canary");
      expect((await read(key)).nextPhase).toBeNull();
      await opened.finish();
      expect(await read(key)).toMatchObject({ state: "IN_PROGRESS", nextPhase: "stable" });
      await opened.deploy.advanceRollout(opened.pipeline, key, "stable");
      expect((await read(key)).nextPhase).toBeNull();
      await opened.deploy.advanceRollout(opened.pipeline, key, "stable");
      await opened.finish();
      expect(await stateOf(key)).toBe("SUCCEEDED");
      await opened.deploy.advanceRollout(opened.pipeline, key, "stable");
      expect(await stateOf(key)).toBe("SUCCEEDED");
    });

    test("a rollout that begins with a later phase leaves out those before", async () => {
      await deployed(release, "canary");
      const key = await start(other, "canary", { startingPhase: "stable" });
      expect(await read(key)).toMatchObject({ state: "IN_PROGRESS", nextPhase: null });
      await opened.finish();
      expect(await read(key)).toMatchObject({ state: "SUCCEEDED", nextPhase: null });
    });

    test("a rollout cannot begin with a phase that it does not have", async () => {
      await deployed(release, "plain");
      const attempt = start(other, "plain", { startingPhase: "canary-10" });
      await expect(attempt).rejects.toMatchObject({
        name: "PermanentError",
        status: "INVALID_ARGUMENT",
      });
    });

    test("a phase cannot begin before its time", async () => {
      await deployed(release, "canary");
      const key = await start(other, "canary");
      const attempt = opened.deploy.advanceRollout(opened.pipeline, key, "stable");
      await expect(attempt).rejects.toMatchObject({
        name: "PermanentError",
        status: "FAILED_PRECONDITION",
      });
    });

    test("an approval lets a guarded rollout go, once", async () => {
      const key = await start(release, "guarded");
      expect(await stateOf(key)).toBe("PENDING_APPROVAL");
      await opened.deploy.approveRollout(opened.pipeline, key, true);
      await opened.deploy.approveRollout(opened.pipeline, key, true);
      await opened.finish();
      expect(await stateOf(key)).toBe("SUCCEEDED");
    });

    test("a rejection ends a guarded rollout", async () => {
      const key = await start(release, "guarded");
      await opened.deploy.approveRollout(opened.pipeline, key, false);
      expect(await stateOf(key)).toBe("APPROVAL_REJECTED");
      await opened.deploy.approveRollout(opened.pipeline, key, false);
      expect(await stateOf(key)).toBe("APPROVAL_REJECTED");
    });

    test("a rollout is cancelled, once and for all", async () => {
      const key = await start(release, "plain");
      await opened.deploy.cancelRollout(opened.pipeline, key);
      await opened.deploy.cancelRollout(opened.pipeline, key);
      await opened.finish();
      expect(await stateOf(key)).toBe("CANCELLED");
      await opened.deploy.cancelRollout(opened.pipeline, key);
      expect(await stateOf(key)).toBe("CANCELLED");
    });

    test("cancelling what has ended changes nothing", async () => {
      const key = await start(release, "plain");
      await opened.finish();
      await opened.deploy.cancelRollout(opened.pipeline, key);
      expect(await stateOf(key)).toBe("SUCCEEDED");
    });

    test("a rollout that fails says why", async () => {
      const message = "the container failed to start";
      const spoiled = { id: keyOf(release, "plain").rollout, target: "plain", message };
      await opened.spoil(spoiled, async () => {
        await start(release, "plain");
      });
      const { state, failure } = await read(keyOf(release, "plain"));
      expect(state).toBe("FAILED");
      expect(failure).toContain(message);
    });

    test("steering a rollout that is not there is refused", async () => {
      await opened.deploy.createRelease(opened.pipeline, release);
      const key = keyOf(release, "plain");
      for (const attempt of [
        opened.deploy.cancelRollout(opened.pipeline, key),
        opened.deploy.approveRollout(opened.pipeline, key, true),
        opened.deploy.advanceRollout(opened.pipeline, key, "stable"),
      ]) {
        await expect(attempt).rejects.toMatchObject({
          name: "PermanentError",
          status: "NOT_FOUND",
        });
      }
    });
  });
}

function keyOf(of: Release, target: string, attempt = 1): RolloutKey {
  return { rollout: promotionId(of.id, environmentId(target), attempt), release: of.id };
}
