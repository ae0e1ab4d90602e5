import { addSpreads, NO_SPREAD } from "./spread.ts";
import type { Spread } from "./spread.ts";

/**
 * What was counted in an environment in a week.
 * The words follow DORA's four keys: https://dora.dev/guides/dora-metrics-four-keys/
 */
export type Tally = {
  /** Releases that went forward and were rolled out. A rollback and a restore bring no change. */
  readonly deployments: number;
  /** Changes whose rollout began and did not succeed. */
  readonly aborted: number;
  /**
   * Changes that failed, each counted once: the promotion failed after its rollout had begun, or somebody rolled the
   * change back. A change that a gate, a backup or a migration stopped before the rollout never was in production.
   */
  readonly failures: number;
  /** From the push of an image to its deployment. Another revision with the image that ran before is no new image. */
  readonly lead: Spread;
  /** From the failure, or the incident that showed it, until a rollback or a promotion forward succeeded. */
  readonly restore: Spread;
  /** How long promotions waited from their request for a gate to open for the last time, by gate. */
  readonly blocked: Readonly<Record<string, Spread>>;
};

/** Nothing was counted. */
export const NO_TALLY: Tally = {
  deployments: 0,
  aborted: 0,
  failures: 0,
  lead: NO_SPREAD,
  restore: NO_SPREAD,
  blocked: {},
};

/** Both together. */
export function addTallies(one: Tally, other: Tally): Tally {
  const blocked = { ...one.blocked };
  for (const [gate, spread] of Object.entries(other.blocked)) {
    blocked[gate] = addSpreads(blocked[gate] ?? NO_SPREAD, spread);
  }
  return {
    deployments: one.deployments + other.deployments,
    aborted: one.aborted + other.aborted,
    failures: one.failures + other.failures,
    lead: addSpreads(one.lead, other.lead),
    restore: addSpreads(one.restore, other.restore),
    blocked,
  };
}
