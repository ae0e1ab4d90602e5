import { PermanentError } from "../../../shared/ports/errors.ts";
import type { Google } from "../kinds/google.ts";
import { isObject, textOf } from "../resource.ts";
import { failure, warning } from "./finding.ts";
import type { Check, Finding } from "./finding.ts";

/** What a secret says, or what is wrong with it. */
export type ReadSecret = { readonly value: string; readonly problem: Finding | null };

/** A secret of Slipway's project, what is looked at with it, and what does not go without it. */
export type OwnSecret = {
  readonly project: string;
  readonly id: string;
  readonly topic: Check;
  readonly without: string;
};

/** Reads the newest version of a secret. One that whoever looks may not read is no failure: the functions may. */
export async function readOwnSecret(google: Google, secret: OwnSecret): Promise<ReadSecret> {
  const { project, id, topic } = secret;
  const path = `v1/projects/${project}/secrets/${id}/versions/latest:access`;
  try {
    const found = await google.find("secretmanager", { method: "GET", path });
    const payload = isObject(found?.["payload"]) ? found["payload"] : {};
    const value = Buffer.from(textOf(payload["data"]), "base64").toString().trim();
    return value === "" ? lacking(secret) : { value, problem: null };
  } catch (error) {
    if (error instanceof PermanentError && error.status === "PERMISSION_DENIED") {
      const message = `you may not read the secret ${id}, so it could not be tried`;
      const mend = `ask who may, or: gcloud secrets add-iam-policy-binding ${id} --project=${project} --member=user:YOU --role=roles/secretmanager.secretAccessor`;
      return { value: "", problem: warning(topic, message, mend) };
    }
    if (error instanceof PermanentError && error.status === "FAILED_PRECONDITION") {
      return lacking(secret);
    }
    throw error;
  }
}

function lacking({ project, id, topic, without }: OwnSecret): ReadSecret {
  const message = `the secret ${id} has no version in use, so ${without}`;
  return { value: "", problem: failure(topic, message, addVersion(project, id)) };
}

/** How a secret gets a new version. */
export function addVersion(project: string, id: string): string {
  return `gcloud secrets versions add ${id} --project=${project} --data-file=-`;
}
