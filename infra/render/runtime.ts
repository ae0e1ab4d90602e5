import type { RuntimeSpec } from "../../shared/wire/spec/runtime-section.ts";
import type { EnvironmentSpec, Place } from "./place.ts";
import { entryOf } from "../../shared/domain/entry-of.ts";

const RUN = "run.googleapis.com";

/** What `runtime` says of an environment, if anything. */
export function runtimeOf({ spec, environment }: Place): RuntimeSpec | undefined {
  return entryOf(spec.delivery.environments, environment.id)?.runtime;
}

/**
 * The annotations of a template, of a revision's or an execution's, that say where and with what it runs.
 * Source: https://cloud.google.com/run/docs/reference/yaml/v1 and
 * https://cloud.google.com/run/docs/configuring/vpc-direct-vpc
 */
export function templateAnnotations(
  place: Place,
  aliases: string | null,
): Readonly<Record<string, string>> {
  const runtime = runtimeOf(place);
  const generation = generationOf(place.written);
  const instances = runtime?.cloudSqlInstances ?? [];
  return {
    ...(generation !== null && { [`${RUN}/execution-environment`]: generation }),
    ...(runtime?.startupBoost === true && { [`${RUN}/startup-cpu-boost`]: "true" }),
    ...(aliases !== null && { [`${RUN}/secrets`]: aliases }),
    ...(instances.length > 0 && { [`${RUN}/cloudsql-instances`]: instances.join(",") }),
    ...networkAnnotations(runtime?.network),
  };
}

/** The platform leaves a generation out that Cloud Run does not know. */
function generationOf({ instances }: EnvironmentSpec): string | null {
  const { cloudRunGeneration } = instances.resources;
  return cloudRunGeneration === 1 || cloudRunGeneration === 2 ? `gen${cloudRunGeneration}` : null;
}

function networkAnnotations(network: RuntimeSpec["network"]): Readonly<Record<string, string>> {
  if (network === undefined) {
    return {};
  }
  const { connector, tags, egress } = network;
  const direct = {
    ...(network.network !== undefined && { network: network.network }),
    ...(network.subnetwork !== undefined && { subnetwork: network.subnetwork }),
    ...(tags.length > 0 && { tags }),
  };
  return {
    [`${RUN}/vpc-access-egress`]: egress,
    ...(connector === undefined
      ? { [`${RUN}/network-interfaces`]: JSON.stringify([direct]) }
      : { [`${RUN}/vpc-access-connector`]: connector }),
  };
}
