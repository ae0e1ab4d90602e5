import { handle } from "../../shared/app/handle.ts";
import type { Actor } from "../../shared/domain/release.ts";
import type { Service } from "../../shared/domain/service.ts";
import { PermanentError } from "../../shared/ports/errors.ts";
import type { Ports } from "../../shared/ports/ports.ts";
import type { ServiceAggregate } from "../../shared/ports/store.ts";
import { changeOf } from "./ownership.ts";
import { creation, unchanged } from "./step.ts";
import type { PlannedStep } from "./step.ts";

/**
 * The step that records the service, so that its images are delivered from then on. `stored` is what is on
 * record now.
 */
export function planRecord(
  ports: Ports,
  { service, by }: { readonly service: Service; readonly by: Actor },
  stored: ServiceAggregate | null,
): PlannedStep {
  const name = `services/${service.id}`;
  const perform = async (): Promise<void> => {
    const { reply } = await handle(ports, service.id, { kind: "service-applied", service, by });
    if (reply.kind === "refused") {
      throw new PermanentError("FAILED_PRECONDITION", `${name}: ${reply.refusal.message}`);
    }
  };
  if (stored === null || stored.state.appliedAt === null) {
    return creation("service", name, perform);
  }
  const before = stored.state.service;
  if (before.fingerprint === service.fingerprint) {
    return unchanged("service", name);
  }
  const changes = [
    ...changeOf("revision", before.revision, service.revision),
    ...changeOf("image", before.image, service.image),
    ...changeOf("environments", listOf(before), listOf(service)),
  ];
  const shown =
    changes.length > 0 ? changes : [{ field: "policy", from: "before", to: "as written now" }];
  return { kind: "service", name, action: "update", changes: shown, notes: [], perform };
}

function listOf({ environments }: Service): string {
  return environments.map(({ id }) => id).join(", ");
}
