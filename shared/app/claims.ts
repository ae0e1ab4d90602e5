import { claimsOn } from "../domain/claims.ts";
import type { Claim } from "../domain/claims.ts";
import type { Service } from "../domain/service.ts";
import type { DecidingPorts } from "../ports/ports.ts";

/** What a service has in common with others without both saying so: what it asks for now, and what it had before. */
export type Claims = { readonly fresh: readonly Claim[]; readonly known: readonly Claim[] };

/**
 * What a service would have in common with others that are applied, where one of them does not say that they share.
 * One whose document cannot be read keeps no other from being applied.
 */
export async function openClaims(
  { store }: Pick<DecidingPorts, "store">,
  service: Service,
  before: Service | null,
): Promise<Claims> {
  const projects = new Set(service.environments.map(({ project }) => project));
  const pipelines = new Set(service.environments.map(({ pipeline }) => pipeline.id));
  const found = await Promise.all([
    ...(service.image === "" ? [] : [store.findByImage(service.image)]),
    ...[...projects].map(async (project) => store.findByProject(project)),
    ...[...pipelines].map(async (pipeline) => store.findByPipeline(pipeline)),
  ]);
  const others = new Map<string, Service>();
  for (const one of found.flat()) {
    if (one.kind === "readable") {
      others.set(one.seen.state.service.id, one.seen.state.service);
    }
  }
  const all = [...others.values()].flatMap((other) =>
    claimsOn(other, service)
      .filter(({ silent }) => silent.length > 0)
      .map((claim) => ({ claim, isKnown: before !== null && isHeld(claim, other, before) })),
  );
  return {
    fresh: all.flatMap(({ claim, isKnown }) => (isKnown ? [] : [claim])),
    known: all.flatMap(({ claim, isKnown }) => (isKnown ? [claim] : [])),
  };
}

function isHeld({ kind, what }: Claim, other: Service, before: Service): boolean {
  return claimsOn(other, before).some((held) => held.kind === kind && held.what === what);
}
