/** Who belongs to which group. */
export type Directory = {
  /**
   * Whether the person is in the group, directly or through other groups. A group that does not exist
   * has no members.
   * @throws TransientError or PermanentError when the directory cannot answer.
   */
  readonly isMember: (group: string, email: string) => Promise<boolean>;
};
