import { PermanentError } from "../../shared/ports/errors.ts";
import type { Service } from "../../shared/domain/service.ts";
import { changeOf } from "../../shared/domain/apply-plan.ts";
import type { FieldChange } from "../../shared/domain/apply-plan.ts";

/** Labels or annotations. */
export type Pairs = Readonly<Record<string, string>>;

/** Which specification manages a resource of Cloud Deploy. */
export type Ownership = { readonly labels: Pairs; readonly annotations: Pairs };

const OWNER_LABEL = "slipway-service";

/** The marks of a resource that a service's specification manages, and the revision that asked for it last. */
export function ownershipOf(service: Service): Ownership {
  return {
    labels: { "managed-by": "slipway", [OWNER_LABEL]: service.id },
    annotations: { "slipway.dev/revision": service.revision },
  };
}

/** The fields that a resource of Cloud Deploy and our wish for it have in common. */
export type Described = {
  readonly description?: string | null;
  readonly labels?: Pairs | null;
  readonly annotations?: Pairs | null;
};

/** The changes that the common fields need. Labels and annotations of others stay as they are. */
export function describedChanges(there: Described, wanted: Described): readonly FieldChange[] {
  return [
    ...changeOf("description", there.description ?? "", wanted.description ?? ""),
    ...pairChanges("labels", there.labels ?? {}, wanted.labels ?? {}),
    ...pairChanges("annotations", there.annotations ?? {}, wanted.annotations ?? {}),
  ];
}

/** The common fields with our marks over those of others. */
export function withMarks(there: Described, wanted: Described): Required<Described> {
  return {
    description: wanted.description ?? "",
    labels: { ...there.labels, ...wanted.labels },
    annotations: { ...there.annotations, ...wanted.annotations },
  };
}

/**
 * Refuses to touch what another service's specification manages: ids are made of a service's and an
 * environment's id, and `a` with `b-c` has those of `a-b` with `c`.
 * @throws PermanentError
 */
export function refuseForeign(name: string, there: Described, service: Service): void {
  const owner = there.labels?.[OWNER_LABEL] ?? service.id;
  if (owner !== service.id) {
    const message = `${name} belongs to service ${owner}: rename the environment or the service`;
    throw new PermanentError("FAILED_PRECONDITION", message);
  }
}

function pairChanges(field: string, there: Pairs, wanted: Pairs): readonly FieldChange[] {
  const missing = Object.entries(wanted).filter(([key, value]) => there[key] !== value);
  const now = missing.flatMap(([key]) => {
    const value = there[key];
    return value === undefined ? [] : [[key, value] as const];
  });
  return changeOf(field, show(now), show(missing));
}

function show(pairs: readonly (readonly [string, string])[]): string {
  return pairs.map(([key, value]) => `${key}=${value}`).join(", ");
}
