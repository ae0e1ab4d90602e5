import { claimsOn, claimText } from "../domain/claims.ts";
import type { Claim } from "../domain/claims.ts";
import type { Service } from "../domain/service.ts";
import type { DecidingPorts } from "../ports/ports.ts";
import type { ListedService, Meeting } from "../ports/store.ts";
import type { Guard } from "./store-events.ts";

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
  const { image, projects, pipelines } = meetingOf(service);
  const found = await Promise.all([
    ...(image === "" ? [] : [store.findByImage(image)]),
    ...projects.map(async (project) => store.findByProject(project)),
    ...pipelines.map(async (pipeline) => store.findByPipeline(pipeline)),
  ]);
  return claimsAmong(found.flat(), service, before);
}

/** Whether a service asks for anything that it did not have, or says otherwise with whom it shares. */
export function asksForMore(service: Service, before: Service | null): boolean {
  return before === null || claimsKey(service) !== claimsKey(before);
}

/** Keeps a service from being stored while others have, in that moment, what it asks for. */
export function claimsGuard(service: Service, before: Service | null): Guard {
  return {
    meeting: meetingOf(service),
    refusal: (others) => {
      const { fresh } = claimsAmong(others, service, before);
      const message = fresh.map((claim) => claimText(claim, service.id)).join("; ");
      return fresh.length === 0 ? null : { kind: "conflict", message };
    },
  };
}

/** Where a service may meet others. */
function meetingOf({ image, environments }: Service): Meeting {
  return {
    image,
    projects: [...new Set(environments.map(({ project }) => project))],
    pipelines: [...new Set(environments.map(({ pipeline }) => pipeline.id))],
  };
}

function claimsKey(service: Service): string {
  const places = service.environments.map(({ project, region, pipeline }) => [
    project,
    region,
    pipeline,
  ]);
  return JSON.stringify([service.image, places, service.sharesWith]);
}

function claimsAmong(
  found: readonly ListedService[],
  service: Service,
  before: Service | null,
): Claims {
  const others = new Map<string, Service>();
  for (const one of found) {
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
