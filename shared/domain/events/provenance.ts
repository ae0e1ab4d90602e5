import { fact } from "../audit-record.ts";
import { putImage, record } from "../change/change.ts";
import type { Change } from "../change/change.ts";
import { entryOf } from "../entry-of.ts";
import type { ReleaseId } from "../ids.ts";
import { withReading } from "../provenance.ts";
import type { ProvenanceReading } from "../provenance.ts";

/** The image's signatures were looked at. If one is trusted, the record says so and names the signer. */
export function onProvenanceObserved(
  change: Change,
  id: ReleaseId,
  reading: ProvenanceReading,
): Change {
  const release = entryOf(change.state.releases, id);
  if (release === undefined) {
    return change;
  }
  const { image } = release;
  const provenance = withReading(image.provenance, reading);
  if (provenance === image.provenance) {
    return change;
  }
  const read = putImage(change, { ...image, provenance });
  const { verdict } = reading;
  return verdict.kind === "verified"
    ? record(
        read,
        fact("release.verified", "slipway", {
          release: id,
          reason: `signed by ${verdict.by}`,
          details: { digest: release.digest },
        }),
      )
    : read;
}
