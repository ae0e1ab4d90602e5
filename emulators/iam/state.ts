import { createHash } from "node:crypto";
import type { PolicyKeeper } from "../kit/access/policy-methods.ts";
import type { Projects } from "../kit/projects.ts";

/** A service account, also one that was deleted, as long as it can be brought back. */
export type AccountRecord = {
  /** `projects/P/serviceAccounts/EMAIL` */
  readonly name: string;
  readonly projectId: string;
  readonly email: string;
  readonly uniqueId: string;
  readonly displayName: string;
  readonly description: string;
  readonly disabled: boolean;
  readonly revision: number;
  /** Before this time it is "not there" for whoever asks. */
  readonly visibleMs: number;
  readonly deletedMs: number | null;
};

/** A custom role, also one that was deleted. */
export type RoleRecord = {
  /** `projects/P/roles/ID` */
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly stage: string;
  readonly permissions: readonly string[];
  readonly revision: number;
  readonly visibleMs: number;
  readonly deletedMs: number | null;
};

/** How long new things take to be seen, in milliseconds. */
export type Delays = { readonly accountMs: number; readonly roleMs: number };

/** Everything that the emulator knows. */
export type IamState = {
  /** By unique id. */
  readonly accounts: Map<string, AccountRecord>;
  /** By name. */
  readonly roles: Map<string, RoleRecord>;
  /** Counts accounts, so that each gets an id of its own. */
  readonly counts: Map<"accounts", number>;
};

/** The state with what surrounds it. */
export type Iam = {
  readonly state: IamState;
  readonly keeper: PolicyKeeper;
  /** Null takes every project for one that is there. */
  readonly projects: Projects | null;
  readonly delays: () => Delays;
};

/** A state with nothing in it. */
export function emptyState(): IamState {
  return { accounts: new Map(), roles: new Map(), counts: new Map() };
}

/** The fingerprint of one revision, in base64 as IAM has it. */
export function etagOf(name: string, revision: number): string {
  const digest = createHash("sha256").update(`${name}@${revision}`).digest();
  return Buffer.concat([Buffer.from([7, 6]), digest.subarray(0, 6)]).toString("base64");
}

/** The number by which an account is known for ever: 21 digits, another for each that is made. */
export function uniqueIdFor(email: string, count: number): string {
  const digest = createHash("sha256").update(`${email}#${count}`).digest("hex");
  return `1${(BigInt(`0x${digest}`) % 10n ** 20n).toString().padStart(20, "0")}`;
}
