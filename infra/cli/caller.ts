import type { GoogleAuth } from "google-auth-library";
import { CliError, EXIT } from "./cli-error.ts";
import { readSettings } from "./settings.ts";

const SCOPES = [
  "https://www.googleapis.com/auth/cloud-platform",
  "https://www.googleapis.com/auth/userinfo.email",
];

/** What to do where nobody is known. */
const SIGN_IN = "run gcloud auth application-default login";

/**
 * Who installs, as a member of policies: whoever the credentials of this machine belong to.
 * @throws CliError when nobody is signed in, or the credentials cannot be used.
 */
export async function callerOf(): Promise<string> {
  const auth = await signedIn();
  const email = await usable(async () => accountOf(auth));
  return email.endsWith(".gserviceaccount.com") ? `serviceAccount:${email}` : `user:${email}`;
}

/** The application default credentials. */
async function signedIn(): Promise<GoogleAuth> {
  const { GoogleAuth: Auth } = await import("google-auth-library");
  const auth = new Auth({ scopes: SCOPES });
  if (readSettings().credentialsFile !== null) {
    await usable(async () => auth.getClient());
    return auth;
  }
  try {
    await auth.getClient();
    return auth;
  } catch (error) {
    throw new CliError(EXIT.usage, `nobody is signed in to Google Cloud: ${SIGN_IN}`, error);
  }
}

async function accountOf(auth: GoogleAuth): Promise<string> {
  const { client_email: account } = await auth.getCredentials();
  if (account !== undefined) {
    return account;
  }
  const { OAuth2Client } = await import("google-auth-library");
  const client = await auth.getClient();
  const { token } = await client.getAccessToken();
  const { email } = await new OAuth2Client().getTokenInfo(token ?? "");
  if (email === undefined) {
    throw new Error("they do not say whose they are");
  }
  return email;
}

async function usable<Answer>(act: () => Promise<Answer>): Promise<Answer> {
  try {
    return await act();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const file = readSettings().credentialsFile;
    const which = file === null ? "" : ` in ${file} (GOOGLE_APPLICATION_CREDENTIALS)`;
    const message = `the credentials for Google Cloud${which} cannot be used: ${reason}. To sign in again, ${SIGN_IN}`;
    throw new CliError(EXIT.usage, message, error);
  }
}
