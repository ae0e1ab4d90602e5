import { type CloudAccess, createCloudAccess } from "../../emulators/kit/access/cloud-access.ts";
import { type ManualClock, manualClock } from "../support/manual-clock.ts";
import { knownProjects } from "../../emulators/kit/projects.ts";
import type { Persistence } from "../../emulators/kit/persistence.ts";
import { startIam } from "../../emulators/iam/server.ts";
import type { RunningServer } from "../../emulators/kit/server.ts";

/** The project of the tests, and one beside it. */
export const PROJECTS = knownProjects([
  { projectId: "acme", number: "123456789012", displayName: "Acme" },
  { projectId: "poor", billingAccount: null },
]);

/** An answer of a REST API, parsed. */
export type Answer = { readonly status: number; readonly body: Readonly<Record<string, unknown>> };

/** IAM with an engine of access, and a way to ask it. */
export type IamSetting = {
  readonly clock: ManualClock;
  readonly access: CloudAccess;
  readonly iam: RunningServer;
  readonly ask: (method: string, path: string, body?: unknown) => Promise<Answer>;
};

/**
 * Starts IAM for one project. Its engine knows accounts and roles, and IAM itself lets everybody in: callers are
 * checked in tests of their own.
 */
export async function openIam(persistence?: Persistence): Promise<IamSetting> {
  const clock = manualClock();
  const access = createCloudAccess(persistence);
  access.use({ identify: () => ({ member: "user:ann@example.com" }) });
  access.policies.set("projects/acme", {
    bindings: [{ role: "roles/owner", members: ["user:ann@example.com"] }],
  });
  const iam = await startIam({ clock, access, projects: PROJECTS, persistence });
  const ask = asking(() => iam.url);
  return { clock, access, iam, ask };
}

/** Asks a server as a person who is known. */
export function asking(url: () => string): IamSetting["ask"] {
  return async (method, path, body) => {
    const response = await fetch(`${url()}/${path}`, {
      method,
      headers: { authorization: "Bearer ann" },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const parsed: unknown = await response.json();
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- every answer of these APIs is an object
    return { status: response.status, body: parsed as Answer["body"] };
  };
}
