import { fact } from "../audit-record.ts";
import { putRelease, record, refuse } from "../change/change.ts";
import type { Change } from "../change/change.ts";
import { endPromotion } from "../change/end.ts";
import type { ServiceEvent } from "../event.ts";
import type { ReleaseId } from "../ids.ts";
import type { BadMark } from "../release.ts";
import { openPromotions } from "../state.ts";

/** Marks a release bad: no automatic promotion takes it anywhere any more, and waiting ones end. */
export function markBad(change: Change, id: ReleaseId, bad: BadMark): Change {
  const release = change.state.releases[id];
  if (release === undefined || !isStronger(bad, release.bad)) {
    return change;
  }
  let next = record(
    putRelease(change, { ...release, bad }),
    fact("release.marked-bad", bad.by, { release: id, reason: bad.reason }),
  );
  for (const promotion of openPromotions(next.state)) {
    if (
      promotion.release === id &&
      promotion.state === "WAITING" &&
      promotion.kind === "automatic"
    ) {
      const message = `release ${id} was marked bad: ${bad.reason}`;
      next = endPromotion(next, promotion, { state: "CANCELLED", message, by: bad.by });
    }
  }
  return next;
}

/** A second mark says nothing new, unless it is on-call's and the first is not: then it takes more to take it away. */
function isStronger(bad: BadMark, standing: BadMark | null): boolean {
  return standing === null || (bad.asOncall && !standing.asOncall);
}

/** Somebody marks a release bad, or takes the mark away. */
export function onReleaseMarked(
  change: Change,
  event: Extract<ServiceEvent, { kind: "release-marked" }>,
): Change {
  const release = change.state.releases[event.release];
  if (release === undefined) {
    return refuse(change, { kind: "not-found", message: `there is no release ${event.release}` });
  }
  if (event.isBad) {
    const { by, reason, asOncall } = event;
    return markBad(change, release.id, { by, reason, at: change.now, asOncall });
  }
  if (release.bad === null) {
    return change;
  }
  if (release.bad.asOncall && !event.asOncall) {
    const message = `${release.bad.by} marked release ${release.id} bad as on-call: on-call takes the mark away, or whom access.breakGlass names`;
    return refuse(change, { kind: "forbidden", message });
  }
  return record(
    putRelease(change, { ...release, bad: null }),
    fact("release.unmarked-bad", event.by, { release: release.id, reason: event.reason }),
  );
}
