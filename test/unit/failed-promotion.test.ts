import { describe, expect, test } from "vitest";
import { statusLines } from "../../functions/chat/commands/status.ts";
import { attentionOf } from "../../shared/domain/attention.ts";
import { FAILURE_LENGTH_MAX } from "../../shared/domain/failed-promotion.ts";
import type { FailedPromotion } from "../../shared/domain/failed-promotion.ts";
import { environmentId } from "../../shared/domain/ids.ts";
import { toServiceView } from "../../shared/wire/api/views.ts";
import { aService } from "../support/builders.ts";
import { deployed, found, given, seen, when, within } from "../support/decider.ts";
import type { Story } from "../support/decider.ts";
import { present } from "../support/present.ts";

const service = aService();

/** The image of that number is pushed, and its rollout to the first stage fails. */
function failing(story: Story, number: number, failure: string, first = "dev"): Story {
  const pushed = when(story, found(number));
  return when(pushed, seen(pushed, first, { state: "FAILED", failure }));
}

/** What is kept of a failure in the first stage. */
function kept({ state }: Story): FailedPromotion | undefined {
  return state.failed["dev"];
}

function attentions(story: Story): readonly string[] {
  return attentionOf(story.state, present(service.environments[0], "dev"), story.now);
}

describe("an environment in which a promotion failed", () => {
  test("says which and why, while nothing runs there", () => {
    const story = failing(given(service), 1, "the container did not start");
    expect(within(story, "dev").current).toBeNull();
    expect(kept(story)).toMatchObject({
      promotion: story.ended.at(-1)?.id,
      tag: "v1",
      at: story.now,
    });
    expect(kept(story)?.reason).toContain("the container did not start");
    expect(attentions(story)).toEqual(["failed", "empty"]);
  });

  test("says so while the one before runs, and the last one counts", () => {
    const there = deployed(when(given(service), found(1)), "dev");
    const story = failing(failing(there, 2, "no memory"), 3, "no image");
    expect(within(story, "dev").current?.tag).toBe("v1");
    expect(kept(story)?.tag).toBe("v3");
    expect(attentions(story)).toEqual(["failed"]);
  });

  test("says so in chat, the newest that failed beside what runs", () => {
    const there = deployed(when(given(service), found(1)), "dev");
    const { state, now } = failing(there, 2, "no <memory>");
    const [, dev, prod] = statusLines(toServiceView(state, now));
    expect(dev).toMatch(/dev: `v1` since .*`v2` failed: .*no &lt;memory&gt;/);
    expect(prod).not.toContain("failed");
  });

  test("says so no more once something was deployed", () => {
    const story = deployed(when(failing(given(service), 1, "no memory"), found(2)), "dev");
    expect(within(story, "dev").current?.tag).toBe("v2");
    expect(story.state.failed).toEqual({});
    expect(attentions(story)).toEqual([]);
  });

  test("keeps a bounded part of the reason", () => {
    const story = failing(given(service), 1, "x".repeat(5000));
    expect(kept(story)?.reason).toHaveLength(FAILURE_LENGTH_MAX);
  });

  test("is not one in which somebody cancelled it", () => {
    const pushed = when(given(service), found(1));
    const id = present(within(pushed, "dev").active, "a promotion").id;
    const by = "user:ann@example.com";
    const asked = when(pushed, { kind: "cancellation-requested", promotion: id, by, reason: null });
    const over = when(asked, seen(asked, "dev", { state: "CANCELLED" }));
    expect(over.ended.at(-1)?.state).toBe("CANCELLED");
    expect(kept(over)).toBeUndefined();
  });

  test("is forgotten when its environment is gone and another one fails", () => {
    const [dev, ...others] = service.environments;
    const gone = { ...present(dev, "dev"), id: environmentId("gone") };
    const before = failing(given({ ...service, environments: [gone, ...others] }), 1, "x", "gone");
    expect(Object.keys(before.state.failed)).toEqual(["gone"]);
    const again = { ...service, fingerprint: "again" };
    const applied = when(before, {
      kind: "service-applied",
      service: again,
      by: "user:ann@example.com",
    });
    expect(Object.keys(failing(applied, 2, "x").state.failed)).toEqual(["dev"]);
  });
});
