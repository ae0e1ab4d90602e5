import { isObject, OWNER_LABEL } from "./resource.ts";
import type { Fields } from "./resource.ts";
import { findBucket } from "./kinds/bucket-kind.ts";
import type { Google } from "./kinds/google.ts";
import type { Obstacle } from "./engine/plan.ts";
import { versionLabel } from "./table/functions.ts";
import { sourcesBucket } from "./table/names.ts";
import type { Platform } from "./settings.ts";

const VERSION_LABEL = "slipway-version";
const STATE_LABEL = "slipway-state";

/** How far an installation is, as the labels of its bucket say. */
export type Mark = {
  /** As a label has it, such as `0-1-0`; null before the first. */
  readonly version: string | null;
  readonly state: "applying" | "complete" | null;
};

/** Reads the mark of an installation. @throws TransientError or PermanentError */
export async function readMark(google: Google, platform: Platform): Promise<Mark> {
  const { project } = platform;
  const found = await findBucket(google, { name: sourcesBucket(platform), project });
  const labels: Fields = isObject(found?.["labels"]) ? found["labels"] : {};
  const version = labels[VERSION_LABEL];
  const state = labels[STATE_LABEL];
  return {
    version: typeof version === "string" ? version : null,
    state: state === "applying" || state === "complete" ? state : null,
  };
}

/** Writes the mark, if it is another. @throws TransientError or PermanentError */
export async function writeMark(
  google: Google,
  platform: Platform,
  state: "applying" | "complete",
): Promise<void> {
  const version = versionLabel(platform.version);
  const there = await readMark(google, platform);
  if (there.version === version && there.state === state) {
    return;
  }
  await google.call("storage", {
    method: "PATCH",
    path: `storage/v1/b/${sourcesBucket(platform)}`,
    body: {
      labels: {
        [OWNER_LABEL]: platform.project,
        [VERSION_LABEL]: version,
        [STATE_LABEL]: state,
      },
    },
  });
}

/** What keeps this version from going on with what is there: a half-made one of another version, or a newer one. */
export function markObstacles(mark: Mark, version: string): readonly Obstacle[] {
  const own = versionLabel(version);
  if (mark.version === null || mark.version === own) {
    return [];
  }
  if (mark.state === "applying") {
    return [
      {
        what: `version ${mark.version} of Slipway began an installation here and did not finish it`,
        mend: "finish it with that version (slipway install apply), or say --take-over to finish it with this one",
      },
    ];
  }
  if (compareVersions(mark.version, own) > 0) {
    return [
      {
        what: `version ${mark.version} of Slipway is installed here, and this is version ${own}, which is older`,
        mend: `use version ${mark.version}, or say --take-over to go back to version ${own}`,
      },
    ];
  }
  return [];
}

/** Versions as labels have them, by their numbers. */
function compareVersions(one: string, other: string): number {
  const [left, right] = [one, other].map((version) => version.split("-").map(Number));
  for (let index = 0; index < 3; index += 1) {
    const difference = (left?.[index] ?? 0) - (right?.[index] ?? 0);
    if (difference !== 0 && !Number.isNaN(difference)) {
      return difference;
    }
  }
  return 0;
}
