import { handle } from "../../shared/app/handle.ts";
import { lookForImages } from "../../shared/app/look-for-images.ts";
import type { Actor } from "../../shared/domain/release.ts";
import type { Service } from "../../shared/domain/service.ts";
import { PermanentError, TransientError } from "../../shared/ports/errors.ts";
import type { Ports } from "../../shared/ports/ports.ts";
import type { SeenService, ServiceAggregate } from "../../shared/ports/store.ts";
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
    const { reply, seen } = await handle(ports, service.id, {
      kind: "service-applied",
      service,
      by,
    });
    if (reply.kind === "refused") {
      throw new PermanentError("FAILED_PRECONDITION", `${name}: ${reply.refusal.message}`);
    }
    await lookAtOnce(ports, seen ?? (await ports.store.read(service.id)));
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

/**
 * Takes up the images that are in the registry already. The service is recorded by now, so a registry that does not
 * answer changes nothing: the hour's tick looks again.
 */
async function lookAtOnce(ports: Ports, seen: SeenService | null): Promise<void> {
  if (seen === null) {
    return;
  }
  try {
    await lookForImages(ports, seen);
  } catch (error) {
    if (!(error instanceof TransientError || error instanceof PermanentError)) {
      throw error;
    }
    ports.log.warn("registry could not be searched", {
      service: seen.state.service.id,
      cause: error.message,
    });
  }
}

function listOf({ environments }: Service): string {
  return environments.map(({ id }) => id).join(", ");
}
