/** One role for some members on one thing. */
export type Grant = {
  /** What the policy is of: a full name, or a bucket's. */
  readonly on: string;
  readonly project: string;
  readonly role: string;
  readonly members: readonly string[];
  readonly why: string;
  /** What has to be there first, beside the accounts. */
  readonly needs: readonly string[];
};
