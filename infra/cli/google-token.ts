import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { isMachine } from "../../shared/domain/principal.ts";
import { readClaims } from "./id-token.ts";

const run = promisify(execFile);

/** gcloud takes a second to start; beyond this it waits for something that does not come. */
const GCLOUD_TIMEOUT_MS = 20_000;

/**
 * An ID token for the API of whoever is signed in here: the person of gcloud, whose tokens are for gcloud's own client,
 * or else the service account of the Application Default Credentials or of the metadata server, for this audience. Null
 * when there is neither.
 * Sources: https://cloud.google.com/run/docs/authenticating/developers and
 * https://cloud.google.com/docs/authentication/get-id-token
 */
export async function googleToken(audience: string): Promise<string | null> {
  return (await personToken()) ?? (await accountToken(audience));
}

async function personToken(): Promise<string | null> {
  try {
    const options = { timeout: GCLOUD_TIMEOUT_MS };
    const { stdout } = await run("gcloud", ["auth", "print-identity-token", "--quiet"], options);
    const token = stdout.trim();
    const email = readClaims(token)?.email ?? null;
    return email === null || isMachine(email) ? null : token;
  } catch {
    // There is no gcloud, or nobody is signed in.
    return null;
  }
}

async function accountToken(audience: string): Promise<string | null> {
  try {
    const { GoogleAuth } = await import("google-auth-library");
    const client = await new GoogleAuth().getIdTokenClient(audience);
    const token = await client.idTokenProvider.fetchIdToken(audience);
    const email = readClaims(token)?.email ?? null;
    return email !== null && isMachine(email) ? token : null;
  } catch {
    // There are no credentials, or they make no ID tokens.
    return null;
  }
}
