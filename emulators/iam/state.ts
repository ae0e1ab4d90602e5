import { createHash } from "node:crypto";
import { z } from "zod";
import type { PolicyKeeper } from "../kit/access/policy-methods.ts";
import { googleError } from "../kit/google-error.ts";
import type { Projects } from "../kit/projects.ts";

/** What the names of the methods begin with. */
export const SERVICE = "google.iam.admin.v1.IAM";

/** The two fields of a list that say which page is meant. */
export const PAGE = { pageSize: z.int().optional(), pageToken: z.string().optional() };

/** A service account as the API has it, but for its etag. */
export type Account = {
  /** `projects/P/serviceAccounts/EMAIL` */
  readonly name: string;
  readonly projectId: string;
  readonly uniqueId: string;
  readonly email: string;
  readonly oauth2ClientId: string;
  readonly displayName: string;
  readonly description: string;
  readonly disabled: boolean;
};

/** A custom role as the API has it, but for its etag; also one that was deleted. */
export type CustomRole = {
  /** `projects/P/roles/ID` */
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly includedPermissions: readonly string[];
  readonly stage: string;
  /** When it was deleted; the API says only that it was. */
  readonly deletedMs: number | null;
};

/** Everything that the emulator knows, with what surrounds it. */
export type Iam = {
  /** By unique id. */
  readonly accounts: Map<string, Account>;
  /** By name. */
  readonly roles: Map<string, CustomRole>;
  /** Counts accounts, so that each gets an id of its own. */
  readonly counts: Map<"accounts", number>;
  readonly keeper: PolicyKeeper;
  /** Null takes every project for one that is there. */
  readonly projects: Projects | null;
};

/** A resource as the API shows it: without what is empty, and with the fingerprint of its content, in base64 as IAM has it. */
export function shown<Content extends object>(content: Content): Content & { etag: string } {
  const digest = createHash("sha256").update(JSON.stringify(content)).digest();
  const etag = Buffer.concat([Buffer.from([7, 6]), digest.subarray(0, 6)]).toString("base64");
  const empty = Object.entries(content).filter(([, value]) => isEmpty(value));
  const nothing = Object.fromEntries(empty.map(([name]) => [name, undefined]));
  return { ...content, ...nothing, etag };
}

function isEmpty(value: unknown): boolean {
  return value === "" || value === false || (Array.isArray(value) && value.length === 0);
}

/** Refuses a change of a version that is not the present one. @throws GoogleError ABORTED */
export function checkEtag(content: object, etag: string | undefined, what: string): void {
  if ((etag ?? "") !== "" && etag !== shown(content).etag) {
    const reason = `There were concurrent changes to the ${what}. Read it again and retry.`;
    throw googleError("ABORTED", reason);
  }
}

/** The number by which an account is known for ever: 21 digits, another for each that is made. */
export function uniqueIdFor(email: string, count: number): string {
  const digest = createHash("sha256").update(`${email}#${count}`).digest("hex");
  return `1${(BigInt(`0x${digest}`) % 10n ** 20n).toString().padStart(20, "0")}`;
}
