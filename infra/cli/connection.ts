import { CliError, EXIT } from "./cli-error.ts";
import { timeOf } from "./clock.ts";
import { googleToken } from "./google-token.ts";
import { localToken } from "./id-token.ts";
import { findLocalFile } from "./local-file.ts";
import type { LocalFile } from "./local-file.ts";
import type { GlobalOptions } from "./options.ts";
import { readSettings } from "./settings.ts";

/** Where the API is, and who asks. */
export type Connection = { readonly api: string; readonly token: string };

const NOWHERE =
  "no Slipway is known here: start the local cloud with npm start, or name an API with --api URL and --token TOKEN (or SLIPWAY_API and SLIPWAY_TOKEN)";
const NOBODY =
  "nobody is signed in: run gcloud auth login, or give a token with --token or SLIPWAY_TOKEN. For a service account set up Application Default Credentials, or get a token with gcloud auth print-identity-token --include-email --audiences=";

/**
 * Finds the API and an identity: the flags, then the environment, then the local cloud that runs here, whose tokens
 * are for its own API only, and for another API whoever is signed in at Google.
 * @throws CliError when either is missing.
 */
export async function connect(options: GlobalOptions): Promise<Connection> {
  const settings = readSettings();
  const local = await findLocalFile(process.cwd());
  const api = checkUrl(options.api ?? settings.api ?? local?.api ?? null);
  const given = options.token ?? (options.as === undefined ? settings.token : null);
  return { api, token: given ?? (await foundToken(api, local, options)) };
}

async function foundToken(
  api: string,
  local: LocalFile | null,
  options: GlobalOptions,
): Promise<string> {
  if (local !== null && api === checkUrl(local.api)) {
    return tokenOf(local, options);
  }
  if (options.as !== undefined) {
    throw new CliError(EXIT.usage, notLocal(api));
  }
  const token = await googleToken(api);
  if (token === null) {
    throw new CliError(EXIT.usage, `${NOBODY}${api}`);
  }
  return token;
}

/** The token of the person whom the options name. @throws CliError */
export async function tokenOf(local: LocalFile, options: GlobalOptions): Promise<string> {
  return localToken(local, options.as ?? "deployer", timeOf(local));
}

/** The URL without a slash at its end. */
function checkUrl(url: string | null): string {
  if (url === null) {
    throw new CliError(EXIT.usage, NOWHERE);
  }
  if (!/^https?:\/\//.test(url) || !URL.canParse(url)) {
    throw new CliError(EXIT.usage, `${url} is not a URL such as https://slipway.example.com`);
  }
  return url.replace(/\/+$/, "");
}

function notLocal(api: string): string {
  return `--as is for the local cloud alone, and ${api} is another API: use --token`;
}
