/** Gives names that nobody else has: for leases and holds, never for what a cause can name. */
export type Unique = {
  /** Eight or more lower-case letters and digits, new at each call. */
  readonly next: () => string;
};
