import { CliError, EXIT } from "./cli-error.ts";

const SCOPES = [
  "https://www.googleapis.com/auth/cloud-platform",
  "https://www.googleapis.com/auth/userinfo.email",
];

/**
 * Who installs, as a member of policies: whoever the credentials of this machine belong to.
 * @throws CliError when nobody is signed in.
 */
export async function callerOf(): Promise<string> {
  const email = await readAccount();
  if (email === null) {
    const message = "nobody is signed in to Google Cloud: gcloud auth application-default login";
    throw new CliError(EXIT.usage, message);
  }
  return email.endsWith(".gserviceaccount.com") ? `serviceAccount:${email}` : `user:${email}`;
}

/** The account of the application default credentials; null when there are none. */
async function readAccount(): Promise<string | null> {
  const { GoogleAuth, OAuth2Client } = await import("google-auth-library");
  try {
    const auth = new GoogleAuth({ scopes: SCOPES });
    const { client_email: account } = await auth.getCredentials();
    if (account !== undefined) {
      return account;
    }
    const client = await auth.getClient();
    const { token } = await client.getAccessToken();
    const found = await new OAuth2Client().getTokenInfo(token ?? "");
    return found.email ?? null;
  } catch {
    return null;
  }
}
