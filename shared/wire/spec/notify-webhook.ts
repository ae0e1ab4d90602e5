import { text } from "./fields.ts";

/** How long an address may be. */
const WEBHOOK_URL_LENGTH_MAX = 500;

/** Plain HTTP leads to this machine alone, where a local cloud is. */
const LOOPBACK: ReadonlySet<string> = new Set(["127.0.0.1", "localhost", "[::1]"]);

/** Source: https://cloud.google.com/secret-manager/docs/reference/rest/v1/projects.secrets/create */
const SECRET_ID = /^[A-Za-z0-9_-]{1,255}$/;

/** The address of a webhook. */
const webhookUrl = text(
  "An address that takes events, signed as Standard Webhooks says. Only https, and only on the internet.",
  complainAboutUrl,
).meta({ examples: ["https://hooks.example.com/slipway"] });

/** The secret by which events are signed. */
const webhookSecret = text(
  "The id of a secret in Slipway's project, by which the webhook's events are signed. It begins with notices_<service>, which it is when left out.",
  (id) => (SECRET_ID.test(id) ? null : "must be the id of a secret of Slipway's project"),
).meta({ examples: ["notices_web"] });

function complainAboutUrl(written: string): string | null {
  const url = URL.canParse(written) ? new URL(written) : null;
  if (url === null || written.length > WEBHOOK_URL_LENGTH_MAX) {
    return "must be an address, such as https://hooks.example.com/slipway";
  }
  const isLocal = url.protocol === "http:" && LOOPBACK.has(url.hostname);
  if (url.protocol !== "https:" && !isLocal) {
    return "must begin with https://";
  }
  return url.username === "" && url.password === "" && url.hash === ""
    ? null
    : "must have no name, password or fragment in it: the secret signs the events";
}

/** The secret of a service that names none. No service's id has an underscore, so none can name another's. */
export function secretOfService(service: string): string {
  return `notices_${service}`;
}

/** Whether a service may sign with a secret: one with its name in it, so that nobody signs as somebody else. */
export function isSecretOf(service: string, secret: string): boolean {
  const own = secretOfService(service);
  return secret === own || secret.startsWith(`${own}_`);
}

/** The secret by which the installation's own events are signed where its file names none. */
export const OWN_WEBHOOK_SECRET = "notices";

/** What an entry has that says where a webhook is. */
export const WEBHOOK_FIELDS = { webhook: webhookUrl.optional(), secret: webhookSecret.optional() };
