/** What a look at a running service showed. */
export type ProbeView = {
  /** Whether the health path answered with success. */
  readonly isHealthy: boolean;
  /** What the version path answered, trimmed; null when it did not answer with success. */
  readonly version: string | null;
  /** Whether nothing was learned of the service, because Slipway was not let in or could not reach it. */
  readonly isBlocked: boolean;
  /** What was asked and answered, in a line. */
  readonly detail: string;
};
