import { fact } from "../audit-record.ts";
import { putEnvironment, putPromotion, putRelease, record } from "../change/change.ts";
import type { Change } from "../change/change.ts";
import { ended } from "../promotion.ts";
import { succeededIn } from "../release.ts";
import { requestPromotion } from "../change/request.ts";
import { environmentState, releaseOf, stageAfter } from "../state.ts";
import { withPaces } from "./pace.ts";
import type { Run } from "./run.ts";

/** Every step is done: the release has proved itself in the environment, and may go on to the next stage. */
export function complete(change: Change, run: Run): Change {
  const { promotion, environment, release } = run;
  const { now } = change;
  const { paces } = environmentState(change.state, environment.id);
  const over = putEnvironment(
    putPromotion(change, ended(promotion, { state: "SUCCEEDED", message: null, at: now })),
    environment.id,
    { paces: withPaces(paces, promotion) },
  );
  const told = record(
    over,
    fact("promotion.succeeded", promotion.requestedBy, {
      environment: environment.id,
      release: release.id,
      promotion: promotion.id,
      reason: promotion.reason,
      details: { kind: promotion.kind, ...(release.tag === null ? {} : { tag: release.tag }) },
    }),
  );
  if (promotion.kind === "restore") {
    return told;
  }
  const provedBefore = succeededIn(release, environment.id);
  const proved = putRelease(told, {
    ...release,
    state: "DEPLOYED",
    // A release that comes back has proved itself before, so its first time stays.
    succeededIn: { ...release.succeededIn, [environment.id]: provedBefore ?? now },
  });
  return promotion.kind === "rollback" ? proved : goOn(proved, run);
}

function goOn(change: Change, run: Run): Change {
  const { promotion, environment, release } = run;
  const { after } = environment.policy.migrations;
  const pending =
    after?.start === "manual"
      ? putEnvironment(change, environment.id, {
          contract: {
            promotion: promotion.id,
            release: release.id,
            job: after.job,
            reversible: after.reversible,
            execution: null,
            startedBy: null,
          },
        })
      : change;
  const next = stageAfter(pending.state.service, environment);
  const { image } = releaseOf(pending.state, release.id);
  if (next === null || next.policy.promotion !== "automatic" || image.bad !== null) {
    return pending;
  }
  return requestPromotion(pending, {
    environment: next,
    release: releaseOf(pending.state, release.id),
    kind: "automatic",
    by: "slipway",
    reason: `succeeded in ${environment.id}`,
    breakGlass: null,
    wait: true,
    restores: [],
  });
}
