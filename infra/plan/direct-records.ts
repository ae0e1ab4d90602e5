import { applyService, planApply, tryEvents } from "../../shared/app/apply-service.ts";
import { openClaims } from "../../shared/app/claims.ts";
import type { Refusal } from "../../shared/domain/refusal.ts";
import type { Actor } from "../../shared/domain/release.ts";
import { accepted, refused } from "../../shared/domain/result.ts";
import { PermanentError } from "../../shared/ports/errors.ts";
import type { DecidingPorts } from "../../shared/ports/ports.ts";
import { claimProblems } from "../../shared/wire/spec/claim-problems.ts";
import { type PlacedSpec, readPlaced } from "../../shared/wire/spec/placed-service.ts";
import { serviceId } from "../../shared/domain/ids.ts";
import type { Records } from "./records.ts";

/**
 * Records in the name of somebody who needs no right: for the local cloud's own samples, and tests. It decides as
 * the API does.
 */
export function directRecords(ports: DecidingPorts, by: Actor): Records {
  // What is tried is recorded next, and need not be read again.
  let last: { readonly key: string; readonly placed: PlacedSpec } | null = null;
  return {
    submit: async ({ service: id, text, placement, isTried }) => {
      const key = JSON.stringify([text, placement]);
      last = last?.key === key ? last : { key, placed: readPlaced(text, placement) };
      const { service, isSuspended, problems } = last.placed;
      if (service === null) {
        return refused(problems);
      }
      const seen = await ports.store.read(serviceId(id));
      const before = seen === null || seen.state.removedAt !== null ? null : seen.state.service;
      const claims = await openClaims(ports, service, before);
      if (claims.fresh.length > 0) {
        return refused(claimProblems(text, service, { claims: claims.fresh, severity: "error" }));
      }
      const shared = claimProblems(text, service, { claims: claims.known, severity: "warning" });
      const plan = planApply(seen, { service, isSuspended, by, text }, ports.clock.now());
      const wanted = { service, events: plan.events };
      if (isTried) {
        refuse(id, await tryEvents(ports, seen, wanted));
      } else {
        const applied = await applyService(ports, seen, wanted);
        refuse(id, applied.ok ? null : applied.refusal);
      }
      return accepted({ steps: plan.steps, problems: shared });
    },
  };
}

function refuse(id: string, refusal: Refusal | null): void {
  if (refusal !== null) {
    throw new PermanentError("FAILED_PRECONDITION", `services/${id}: ${refusal.message}`);
  }
}
