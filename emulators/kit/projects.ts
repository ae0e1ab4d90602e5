import { createHash } from "node:crypto";

/** A project of a cloud, as it is told to the emulators that ask about projects. */
export type Project = {
  readonly projectId: string;
  /** Derived from the id when left out. */
  readonly number?: string | undefined;
  readonly displayName?: string | undefined;
  /** The billing account, such as `billingAccounts/012345-567890-ABCDEF`; null for a project that nobody pays for. */
  readonly billingAccount?: string | null | undefined;
};

/** A project with all that is known of it. */
export type KnownProject = {
  readonly projectId: string;
  readonly number: string;
  readonly displayName: string;
  readonly billingAccount: string | null;
};

/** The projects of a cloud. */
export type Projects = {
  /** By id or number, with or without `projects/`; null for one that is not there. */
  readonly find: (name: string) => KnownProject | null;
  readonly all: () => readonly KnownProject[];
};

const BILLING_ACCOUNT = "billingAccounts/000000-000000-000001";

/** Indexes projects by id and number. */
export function knownProjects(projects: readonly Project[]): Projects {
  const known = projects.map((project) => ({
    projectId: project.projectId,
    number: project.number ?? numberFor(project.projectId),
    displayName: project.displayName ?? project.projectId,
    billingAccount: project.billingAccount === undefined ? BILLING_ACCOUNT : project.billingAccount,
  }));
  const byName = new Map(
    known.flatMap((project) => [
      [project.projectId, project],
      [project.number, project],
    ]),
  );
  return { find: (name) => byName.get(name.replace(/^projects\//, "")) ?? null, all: () => known };
}

/** Twelve digits that always are the same for one id. */
export function numberFor(projectId: string): string {
  const digest = createHash("sha256").update(projectId).digest("hex");
  return `1${(BigInt(`0x${digest}`) % 10n ** 11n).toString().padStart(11, "0")}`;
}
