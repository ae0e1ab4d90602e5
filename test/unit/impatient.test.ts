import { describe, expect, test } from "vitest";
import { LOOK_WAIT_MAX } from "../../shared/domain/change/impatient.ts";
import { WAIT_MAX } from "../../shared/domain/change/request.ts";
import { environmentId, releaseId } from "../../shared/domain/ids.ts";
import { after } from "../../shared/domain/time.ts";
import { aDigest, anEnvironment, aPolicy, aService } from "../support/builders.ts";
import { afterMs, asked, deployed, found, given, when, within } from "../support/decider.ts";
import type { Story } from "../support/decider.ts";

const policy = aPolicy({ alerts: { block: ["CRITICAL"], warn: [] } });
const guarded = aService({
  environments: [anEnvironment("dev"), anEnvironment("prod", { stage: 1, policy })],
});
const inDev = deployed(when(given(guarded), found(1)), "dev");
const PROD = environmentId("prod");
const READ = { kind: "incidents-observed" as const, environment: PROD, open: [] };

function waitingIn(story: Story): ReturnType<typeof within>["waiting"][number] | undefined {
  return within(story, "prod").waiting[0];
}

describe("a promotion that is asked for without waiting, while nobody has read the incidents", () => {
  const story = when(inDev, asked("prod", { wait: false }));

  test("is taken up, and waits so long as it takes to look", () => {
    expect(story.reply.kind).toBe("promotion");
    expect(story.effects.at(-1)?.kind).toBe("read-incidents");
    const waiting = waitingIn(story);
    expect(waiting?.deadline).toBe(after(story.now, LOOK_WAIT_MAX));
  });

  test("starts once they are read and none is open", () => {
    expect(within(when(story, READ), "prod").active?.release).toBe(
      releaseId(aDigest(1), guarded.revision),
    );
  });

  test("waits one millisecond before the end of its minute, and is cancelled at the end", () => {
    // The tick comes a second after the wait.
    expect(waitingIn(afterMs(story, LOOK_WAIT_MAX - 1001))?.state).toBe("WAITING");
    const over = afterMs(story, LOOK_WAIT_MAX - 1000);
    expect(waitingIn(over)).toBeUndefined();
    expect(over.ended.at(-1)).toMatchObject({
      state: "CANCELLED",
      requestedBy: "user:ann@example.com",
    });
  });

  test("waits as long as any when somebody asks again who would wait", () => {
    const patient = when(story, asked("prod", { wait: true }));
    const waiting = waitingIn(patient);
    expect(waiting?.deadline).toBe(after(waiting?.createdAt ?? patient.now, WAIT_MAX));
  });
});

test("what is known to be closed refuses at once, whatever else nobody has looked at", () => {
  const story = when(
    given(guarded),
    found(1),
    asked("prod", {
      release: releaseId(aDigest(1), guarded.revision),
      wait: false,
    }),
  );
  expect(story.reply).toMatchObject({ kind: "refused", refusal: { kind: "gates-closed" } });
  expect(waitingIn(story)).toBeUndefined();
});

test("incidents that were read and are open refuse at once", () => {
  const incident = { id: "1", policy: "5xx", severity: "CRITICAL" as const, openedAt: inDev.now };
  const story = when(inDev, { ...READ, open: [incident] }, asked("prod", { wait: false }));
  expect(story.reply).toMatchObject({ kind: "refused", refusal: { kind: "gates-closed" } });
});

test("incidents that cannot be read refuse at once: that is known", () => {
  const unreadable = { kind: "incidents-unreadable" as const, environment: PROD, reason: "denied" };
  const story = when(inDev, unreadable, asked("prod", { wait: false }));
  expect(story.reply).toMatchObject({ kind: "refused", refusal: { kind: "gates-closed" } });
});
