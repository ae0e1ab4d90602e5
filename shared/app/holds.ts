import type { ServiceEvent } from "../domain/event.ts";
import { noHold } from "../domain/events/hold.ts";
import { isExpired } from "../domain/hold.ts";
import type { Hold, HoldScope } from "../domain/hold.ts";
import { stepOf } from "../domain/promotion.ts";
import type { Promotion } from "../domain/promotion.ts";
import type { Refusal } from "../domain/refusal.ts";
import type { Service } from "../domain/service.ts";
import { openPromotions } from "../domain/state.ts";
import type { DecidingPorts } from "../ports/ports.ts";
import type { ListedService, ServiceAggregate } from "../ports/store.ts";
import { decideOnly, wake } from "./decide-only.ts";
import { readGlobalHolds } from "./global-holds.ts";
import { handleControl } from "./handle-control.ts";
import { eachService } from "./service-pages.ts";
import type { Handled } from "./store-events.ts";

/** Puts a hold on. @returns why it was refused, or null. */
export async function placeHold(ports: DecidingPorts, hold: Hold): Promise<Refusal | null> {
  const event = { kind: "hold-placed" as const, hold };
  return hold.scope.kind === "all"
    ? handleControl(ports, event)
    : refusalOf(await decideOnly(ports, hold.scope.service, event));
}

/** The open promotions that a hold of that scope would stop; nothing is stored. */
export async function previewHold(
  ports: DecidingPorts,
  scope: HoldScope,
): Promise<readonly Promotion[]> {
  const services = await servicesUnder(ports, scope);
  return services
    .flatMap(({ state }) => openPromotions(state))
    .filter(
      (promotion) =>
        isStoppable(promotion) &&
        (scope.kind !== "environment" || scope.environment === promotion.environment),
    );
}

async function servicesUnder(
  ports: DecidingPorts,
  scope: HoldScope,
): Promise<readonly ServiceAggregate[]> {
  if (scope.kind !== "all") {
    const aggregate = await ports.store.read(scope.service);
    return aggregate === null ? [] : [aggregate];
  }
  const services: ServiceAggregate[] = [];
  for await (const found of eachService(ports, { inFlight: true })) {
    services.push(...readableOf(found));
  }
  return services;
}

/** A service that cannot be read has nothing to show; the sweeps tell of it. */
function readableOf(found: ListedService): readonly ServiceAggregate[] {
  return found.kind === "readable" ? [found.seen] : [];
}

/** A hold stops what waits, and what has not begun its rollout; never a rollback. */
function isStoppable(promotion: Promotion): boolean {
  const isBefore = stepOf(promotion, "rollout")?.state === "PENDING";
  return promotion.kind !== "rollback" && (promotion.state === "WAITING" || isBefore);
}

/** A hold, and the service that carries it; null for a hold on everything. */
export type HeldBy = { readonly hold: Hold; readonly service: Service | null };

/** Every hold in force, those on everything first. */
export async function listHolds(ports: DecidingPorts): Promise<readonly HeldBy[]> {
  const global = await readGlobalHolds(ports);
  const held = await ports.store.listHeld();
  const now = ports.clock.now();
  const ofServices = held
    .flatMap(readableOf)
    .flatMap(({ state: { holds, service } }) => holds.map((hold) => ({ hold, service })));
  return [...global.map((hold) => ({ hold, service: null })), ...ofServices].filter(
    ({ hold }) => !isExpired(hold, now),
  );
}

/** Which hold somebody lifts, and whether they may lift what on-call placed. */
export type Lift = Omit<Extract<ServiceEvent, { kind: "hold-lifted" }>, "kind">;

/** Lifts a hold; those who act are woken to try again what waited for it. @returns why it was refused, or null. */
export async function liftHold(ports: DecidingPorts, wish: Lift): Promise<Refusal | null> {
  const found = (await listHolds(ports)).find(({ hold }) => hold.id === wish.hold);
  if (found === undefined) {
    return noHold(wish.hold);
  }
  const { hold } = found;
  const event = { kind: "hold-lifted" as const, ...wish };
  if (hold.scope.kind !== "all") {
    return refusalOf(await decideOnly(ports, hold.scope.service, event));
  }
  const refusal = await handleControl(ports, event);
  await wake(ports, { kind: "all" });
  return refusal;
}

function refusalOf({ reply }: Handled): Refusal | null {
  return reply.kind === "refused" ? reply.refusal : null;
}
