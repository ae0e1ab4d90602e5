import { assert } from "../../shared/domain/assert.ts";
import type { Environment, Service } from "../../shared/domain/service.ts";
import type { ServiceSpec } from "../../shared/wire/spec/schema.ts";
import { entryOf } from "../../shared/domain/entry-of.ts";

/** What a service.yaml says of one environment. */
export type EnvironmentSpec = ServiceSpec["environments"][number];

/** One environment to render: what is written of it, and what it is called. */
export type Place = {
  readonly spec: ServiceSpec;
  readonly service: Service;
  readonly written: EnvironmentSpec;
  readonly environment: Environment;
};

/** The environments of a service in its own order: stages first. */
export function placesOf(spec: ServiceSpec, service: Service): readonly Place[] {
  return service.environments.map((environment) => {
    const written = spec.environments.find(({ id }) => id === environment.id);
    assert(written !== undefined, `the specification has environment ${environment.id}`);
    return { spec, service, written, environment };
  });
}

/**
 * The labels of what is rendered. They follow from what the revision of the specification covers and nothing
 * else, so that one revision is one archive. Cloud Deploy adds its own, `managed-by` among them.
 */
export function labelsOf({ spec, service, environment }: Place): Readonly<Record<string, string>> {
  return {
    ...entryOf(spec.delivery.environments, environment.id)?.runtime?.labels,
    "slipway-environment": environment.id,
    "slipway-revision": service.revision,
    "slipway-service": service.id,
  };
}
