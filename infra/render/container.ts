import { parseMemoryBytes } from "../../shared/wire/spec/memory.ts";
import { conventionalVariables, writtenVariables } from "./conventions.ts";
import type { Place } from "./place.ts";
import { byName } from "./secrets.ts";
import type { SecretParts } from "./secrets.ts";

const MEBIBYTE = 2 ** 20;
const PLAIN_AMOUNT = /^\d+[MG]i$/;

/** An environment variable with a value of its own. */
type Variable = { readonly name: string; readonly value: string };

/** What the container of a service and that of a job have in common. */
export function toContainer(
  place: Place,
  secrets: SecretParts,
  more: Readonly<Record<string, string>> = {},
): Readonly<Record<string, unknown>> {
  const { service, written } = place;
  const { cpu, memory } = written.instances.resources;
  return {
    name: service.id,
    // The repository alone: Cloud Deploy puts the release's image, by digest, in its place.
    image: service.image,
    resources: { limits: { cpu: String(cpu), memory: toAmount(memory) } },
    env: toVariables(place, secrets, more),
    ...(secrets.volumeMounts.length > 0 && { volumeMounts: secrets.volumeMounts }),
  };
}

/**
 * The variables of the specification over those of the platform's conventions. What it takes from resources that
 * Terraform made (a database's address, a generated secret) is not in the specification and so not here.
 */
function toVariables(
  place: Place,
  secrets: SecretParts,
  more: Readonly<Record<string, string>>,
): readonly (Variable | SecretParts["env"][number])[] {
  const variables = { ...conventionalVariables(place), ...more, ...writtenVariables(place) };
  // Cloud Run takes a variable once; where the specification has it twice, the secret is meant.
  const secretNames = new Set(secrets.env.map(({ name }) => name));
  const plain = byName(variables)
    .filter(([name]) => !secretNames.has(name))
    .map(([name, value]) => ({ name, value }));
  return [...plain, ...secrets.env];
}

/** The specification takes `1Gi512Mi` too, which is no quantity to Cloud Run. */
function toAmount(memory: string): string {
  const bytes = parseMemoryBytes(memory);
  return PLAIN_AMOUNT.test(memory) || bytes === null ? memory : `${Math.floor(bytes / MEBIBYTE)}Mi`;
}
