/** Whether somebody has a permission on something. */
export type AccessQuestion = {
  /** `user:a@x`, `serviceAccount:s@p.iam.gserviceaccount.com`, or null for nobody. */
  readonly member: string | null;
  /** Such as `run.routes.invoke`. */
  readonly permission: string;
  /** The full name without host, such as `projects/p/locations/l/services/web`. Policies of what it is in count too. */
  readonly resource: string;
};

/** Who may do what. An emulator that is started without it allows everything. */
export type Access = { readonly allows: (question: AccessQuestion) => boolean };
