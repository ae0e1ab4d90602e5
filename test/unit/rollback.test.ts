import { describe, expect, test } from "vitest";
import { holdId } from "../../shared/domain/ids.ts";
import { days } from "../../shared/domain/time.ts";
import { found, seen, when, within } from "../support/decider.ts";
import {
  again,
  back,
  BACKUP,
  contracted,
  GUARDED,
  marked,
  release,
  request,
  restored,
  SUE,
  through,
  to,
  verdict,
} from "../support/rollback-story.ts";
import { backedUp, effectsSince, inProd, nextToProd, stepsOf } from "../support/step-events.ts";

describe("whether a rollback is safe", () => {
  test("to the proved release before it is, and says so", () => {
    expect(verdict(through({}, 1, 2))).toMatchObject({ verdict: "safe", release: release(1) });
  });

  test.each([
    ["there is none before", through({}, 1), { release: null }, "no earlier release"],
    ["the image is gone", through({}, 1, 2), { hasImage: false }, "no longer has the image"],
    ["it is what runs", through({}, 1, 2), { release: release(2) }, "would leave"],
    [
      "it was marked bad",
      marked(through({}, 1, 2), 1),
      { release: release(1) },
      "was marked bad by user:sue",
    ],
    [
      "it was never there",
      when(through({}, 1, 2), found(3)),
      { release: release(3) },
      "has never proved itself in prod",
    ],
  ])("where %s it is unsafe, with the reason, and refused", (_, story, parts, reason) => {
    const judged = verdict(story, parts);
    expect(judged.verdict).toBe("unsafe");
    expect(judged.reasons.join("; ")).toContain(reason);
    const asked1 = when(story, back(parts));
    expect(asked1.reply).toMatchObject({ kind: "refused" });
    expect(effectsSince(story, asked1)).toEqual([]);
  });

  test("with a promotion in progress it is safe, and says that it cancels that one", () => {
    const story = nextToProd(through({}, 1, 2), 3);
    const judged = verdict(story);
    expect(judged.verdict).toBe("safe");
    expect(judged.reasons.join()).toContain("a rollback cancels promotion");
  });

  test("behind a migration that cannot be undone it takes the data along, or is refused", () => {
    const story = contracted(through(GUARDED, 1, 2));
    const judged = verdict(story);
    expect(judged).toMatchObject({ verdict: "needs-data-restore" });
    expect(judged.points.map(({ backup: id }) => id)).toEqual([`${to(2, 2)}-b1`]);
    expect(when(story, back({})).reply).toMatchObject({ kind: "refused" });
    expect(inProd(when(story, back({ restoreData: true }))).restores).toHaveLength(1);
  });

  test("behind such a migration without a backup from before it is unsafe", () => {
    const story = contracted(through({ migrations: GUARDED.migrations }, 1, 2));
    expect(verdict(story)).toMatchObject({ verdict: "unsafe" });
    expect(verdict(story).reasons.join()).toContain(
      "no backup from before the migration of release",
    );
  });

  test("this side of the migration it is safe, and the data is that from before the current release", () => {
    const story = through(GUARDED, 3, 4).state;
    const floored = contracted(through(GUARDED, 1, 2));
    const later = again(again(floored, 3), 4);
    expect(Object.keys(story.releases)).not.toEqual([]);
    const judged = verdict(later);
    expect(judged).toMatchObject({ verdict: "safe", release: release(3) });
    expect(judged.points.map(({ backup: id }) => id)).toEqual([`${to(4, 4)}-b1`]);
  });

  test("takes back the data of a young backup that served, though another promotion took it", () => {
    const lasting = { ...GUARDED, backup: { ...BACKUP, maxAge: days(1) } };
    const story = through(lasting, 1, 2);
    expect(verdict(story).points.map(({ backup: id }) => id)).toEqual([`${to(1, 1)}-b1`]);
    const floored = verdict(contracted(story));
    expect(floored).toMatchObject({ verdict: "needs-data-restore" });
    expect(floored.points.map(({ backup: id }) => id)).toEqual([`${to(1, 1)}-b1`]);
  });
});

describe("a rollback", () => {
  test("holds the environment, marks what it leaves bad, and starts in full beside closed gates", () => {
    const story = through({}, 1, 2);
    const rolled = when(story, back({ hold: holdId("hold-9") }));
    expect(rolled.state.holds).toMatchObject([
      { id: "hold-9", by: SUE, scope: { environment: "prod" } },
    ]);
    expect(rolled.state.releases[release(2)]?.image.bad).toMatchObject({ by: SUE });
    expect(inProd(rolled)).toMatchObject({
      kind: "rollback",
      state: "RUNNING",
      release: release(1),
    });
    expect(rolled.effects.at(-1)).toMatchObject({
      kind: "create-rollout",
      startingPhase: "stable",
    });
  });

  test("asked for a second time is the same one, and goes on undisturbed", () => {
    const rolled = when(through({}, 1, 2), back({ hold: holdId("hold-9") }));
    const twice = when(rolled, back({ hold: holdId("hold-10") }));
    expect(twice.reply).toEqual({ kind: "promotion", promotion: inProd(rolled).id });
    expect(twice.state).toBe(rolled.state);
    expect(effectsSince(rolled, twice)).toEqual([]);
  });

  test("stops a rollout in flight, waits until it has stopped, and puts what ran before it back", () => {
    const story = nextToProd(through({}, 1, 2), 3);
    const asking = when(story, back({}));
    expect(effectsSince(story, asking)).toEqual(["cancel-rollout"]);
    expect(within(asking, "prod").waiting).toMatchObject([{ kind: "rollback" }]);
    const stopped = when(asking, seen(asking, "prod", { state: "CANCELLED" }));
    expect(within(stopped, "prod").active).toMatchObject({ kind: "rollback", release: release(2) });
  });

  test("while a release is on its way in marks that one bad, and not the one that ran", () => {
    const story = when(nextToProd(through({}, 1, 2), 3), back({ hold: holdId("hold-1") }));
    const bad = story.facts.filter(({ kind }) => kind === "release.marked-bad");
    expect(bad.map((told) => told.release)).toEqual([release(3)]);
  });

  test("ends at once what has not begun its rollout, and takes the place of what waits", () => {
    const story = nextToProd(through(GUARDED, 1, 2), 3);
    const running = inProd(story);
    const rolled = when(story, back({}));
    expect(rolled.ended.at(-1)).toMatchObject({ id: running.id, state: "CANCELLED" });
    expect(inProd(rolled)).toMatchObject({ kind: "rollback", state: "RUNNING" });
  });

  test("with its data backs up first, restores, and then deploys", () => {
    const story = contracted(through(GUARDED, 1, 2));
    const asking = when(story, back({ restoreData: true }));
    expect(effectsSince(story, asking)).toEqual(["take-backup"]);
    const restoring = backedUp(asking);
    expect(effectsSince(asking, restoring)).toEqual(["restore-backup"]);
    const done = when(restoring, restored(restoring, "SUCCEEDED"));
    expect(effectsSince(restoring, done)).toEqual(["create-rollout"]);
    const failed = when(restoring, restored(restoring, "FAILED"));
    expect(failed.ended.at(-1)).toMatchObject({ kind: "rollback", state: "FAILED" });
    expect(effectsSince(restoring, failed)).toEqual([]);
  });
});

describe("a restore", () => {
  test("takes a fresh backup first, however young another is, and is recorded once", () => {
    const lasting = { backup: { ...BACKUP, maxAge: days(1) } };
    const story = through(lasting, 1);
    const asking = when(story, request(story), request(story));
    expect(effectsSince(story, asking)).toEqual(["take-backup"]);
    const requests = asking.facts.slice(story.facts.length);
    expect(requests.filter(({ kind }) => kind === "promotion.requested")).toHaveLength(1);
    expect(stepsOf(inProd(asking))).toEqual([
      "gates SUCCEEDED",
      "backup RUNNING",
      "restore PENDING",
    ]);
  });

  test("ends without touching the release", () => {
    const story = through({ backup: BACKUP }, 1);
    const restoring = backedUp(when(story, request(story)));
    const done = when(restoring, restored(restoring, "SUCCEEDED"));
    expect(done.ended.at(-1)).toMatchObject({ kind: "restore", state: "SUCCEEDED" });
    expect(within(done, "prod").current).toEqual(within(story, "prod").current);
  });
});
