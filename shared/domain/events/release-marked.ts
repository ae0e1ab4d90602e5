import { fact } from "../audit-record.ts";
import { putImage, record, refuse } from "../change/change.ts";
import type { Change } from "../change/change.ts";
import { markBad } from "../change/mark-bad.ts";
import type { ServiceEvent } from "../event.ts";
import { entryOf } from "../entry-of.ts";

/** Somebody marks a release's image bad, or takes the mark away. */
export function onReleaseMarked(
  change: Change,
  event: Extract<ServiceEvent, { kind: "release-marked" }>,
): Change {
  const release = entryOf(change.state.releases, event.release);
  if (release === undefined) {
    return refuse(change, { kind: "not-found", message: `there is no release ${event.release}` });
  }
  if (event.isBad) {
    const { by, reason, asOncall } = event;
    return markBad(change, release, { by, reason, at: change.now, asOncall });
  }
  const { image } = release;
  if (image.bad === null) {
    return change;
  }
  if (image.bad.asOncall && !event.asOncall) {
    const message = `${image.bad.by} marked the image of release ${release.id} bad as on-call: only on-call, or whoever access.breakGlass names, may take the mark away`;
    return refuse(change, { kind: "forbidden", message });
  }
  return record(
    putImage(change, { ...image, bad: null }),
    fact("release.unmarked-bad", event.by, {
      release: release.id,
      reason: event.reason,
      details: { digest: image.digest },
    }),
  );
}
