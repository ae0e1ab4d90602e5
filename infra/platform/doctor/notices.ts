import { parseWebhookKeys } from "../../../shared/adapters/webhook-signature.ts";
import type { Google } from "../kinds/google.ts";
import { noticeSecrets, signingSecrets } from "../settings.ts";
import type { Settings } from "../settings.ts";
import { failure, well } from "./finding.ts";
import type { Finding } from "./finding.ts";
import { addVersion, readOwnSecret } from "./own-secret.ts";

/** Whether the secrets are there by which people are told, and those that sign are what a signature needs. */
export async function noticeFindings(
  google: Google,
  settings: Settings,
): Promise<readonly Finding[]> {
  const ids = noticeSecrets(settings);
  const found = await Promise.all(ids.map(async (id) => findingOf(google, settings, id)));
  const problems = found.flatMap((one) => one ?? []);
  return problems.length > 0
    ? problems
    : [well("notices", `${ids.length} secrets by which people are told are in use`)];
}

async function findingOf(google: Google, settings: Settings, id: string): Promise<Finding | null> {
  const { project } = settings;
  const about = { project, id, topic: "notices", without: "nobody is told with it" } as const;
  const { value, problem } = await readOwnSecret(google, about);
  // The others are shown to those whom they are for: Slack, the relay and GitHub say what they think of them.
  if (problem !== null || !signingSecrets(settings).includes(id)) {
    return problem;
  }
  const keys = parseWebhookKeys(value);
  return keys.ok
    ? null
    : failure("notices", `the secret ${id} ${keys.refusal}`, addVersion(project, id));
}
