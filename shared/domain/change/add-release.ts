import { fact } from "../audit-record.ts";
import { imageOf, pushedAtOf, releaseCommit } from "../release.ts";
import type { Release } from "../release.ts";
import { putImage, putRelease, record } from "./change.ts";
import type { Change } from "./change.ts";

/** Adds a release that was not there before, and what is known of its image. */
export function addRelease(change: Change, release: Release): Change {
  const commit = releaseCommit(release);
  return record(
    putImage(putRelease(change, release), release.image),
    fact("release.created", release.createdBy, {
      release: release.id,
      details: {
        image: imageOf(release),
        pushed: pushedAtOf(release),
        ...(release.tag === null ? {} : { tag: release.tag }),
        ...(commit === null ? {} : { commit }),
      },
    }),
  );
}
