import type { ServiceSpec } from "../../shared/wire/spec/schema.ts";
import { keepSecret } from "./keep-secret.ts";

/** What a sample's secrets hold: nothing here reads it. */
const VALUE = "local";

/**
 * Makes the secrets that a sample's instances read, as its owners do: a specification that names one which is not there
 * is refused. @throws Error when one is refused.
 */
export async function makeSecrets(secretManager: string, spec: ServiceSpec): Promise<void> {
  const named = spec.environments.flatMap(({ projectID: project, secretEnv, secretVolumes }) =>
    [...Object.values(secretEnv), ...Object.values(secretVolumes).map(({ secret }) => secret)].map(
      (id) => ({ project, id }),
    ),
  );
  await Promise.all(named.map(async (secret) => keepSecret(secretManager, secret, VALUE)));
}
