/** How long things take in the local cloud, in milliseconds. */
export type Lengths = {
  /** Cloud Deploy renders a release. */
  readonly renderMs: number;
  /** Cloud Deploy runs a job, such as the deployment of a rollout. */
  readonly jobMs: number;
  /** A revision of Cloud Run becomes ready. */
  readonly readyMs: number;
  /** A task of a job of Cloud Run runs. */
  readonly taskMs: number;
  /** An instance or a plan is made. */
  readonly createMs: number;
  readonly backupMs: number;
  /** A restore. */
  readonly restoreMs: number;
};

/** The paces by name. */
export const PACES = ["fast", "real"] as const;

/** `fast`: just long enough to be seen. `real`: as it feels on Google Cloud. */
export type Pace = (typeof PACES)[number];

/**
 * How long things take at each pace. What is real is what people see there: Google promises no lengths, and they differ
 * with images and data.
 */
export const LENGTHS: Readonly<Record<Pace, Lengths>> = {
  fast: {
    renderMs: 100,
    jobMs: 150,
    readyMs: 50,
    taskMs: 150,
    createMs: 50,
    backupMs: 400,
    restoreMs: 900,
  },
  real: {
    renderMs: 60_000,
    jobMs: 40_000,
    readyMs: 10_000,
    taskMs: 30_000,
    createMs: 10_000,
    backupMs: 180_000,
    restoreMs: 300_000,
  },
};

/** A pace that may be changed while the local cloud runs. What has begun ends when it was to. */
export type PaceSetting = {
  readonly get: () => Pace;
  readonly set: (pace: Pace) => void;
};

/** A pace to begin with. */
export function paceSetting(first: Pace): PaceSetting {
  let pace = first;
  return {
    get: () => pace,
    set: (next) => {
      pace = next;
    },
  };
}
