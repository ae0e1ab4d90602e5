import { onDeployNotification } from "../../shared/app/deploy-notification.ts";
import { handle } from "../../shared/app/handle.ts";
import { liftHold, placeHold } from "../../shared/app/holds.ts";
import { onImagePush } from "../../shared/app/image-push.ts";
import { onTick } from "../../shared/app/tick.ts";
import type { TickKind } from "../../shared/domain/control.ts";
import { BREAKABLE } from "../../shared/domain/gates/verdict.ts";
import { environmentId, holdId, serviceId } from "../../shared/domain/ids.ts";
import type { Service } from "../../shared/domain/service.ts";
import type { Ports } from "../../shared/ports/ports.ts";
import { aDigest, anEnvironment, anImage, atMs } from "./builders.ts";
import { happenGuarded } from "./guarded-storm.ts";
import type { GuardedHappening } from "./guarded-storm.ts";
import {
  changeNeighbour,
  healNeighbour,
  label,
  strike,
  tolerant,
  vanish,
} from "./hostile-storm.ts";
import type { HostileHappening } from "./hostile-storm.ts";
import type { MemoryPorts } from "./memory-ports.ts";
import { happenInRegistry } from "./registry-storm.ts";
import type { RegistryHappening } from "./registry-storm.ts";
import { happenToWork, letWorkCome, wish } from "./work-storm.ts";
import type { WorkHappening } from "./work-storm.ts";

/** Something that happens to an installation in a test. */
export type Happening =
  | { readonly kind: "push"; readonly image: number }
  | {
      readonly kind: "promote";
      readonly environment: "dev" | "prod";
      readonly isGlassBroken: boolean;
    }
  | { readonly kind: "cancel"; readonly environment: "dev" | "prod" }
  | { readonly kind: "hold"; readonly environment: "dev" | "prod" | null }
  | { readonly kind: "lift" }
  | { readonly kind: "roll"; readonly isNotified: boolean }
  | { readonly kind: "break"; readonly isNotified: boolean }
  | { readonly kind: "tick"; readonly hand: TickKind }
  | { readonly kind: "by-hand"; readonly environment: "dev" | "prod"; readonly isNotified: boolean }
  | { readonly kind: "traffic"; readonly environment: "dev" | "prod" }
  | GuardedHappening
  | RegistryHappening
  | WorkHappening
  | HostileHappening
  | { readonly kind: "wait"; readonly minutes: number };

const WEB = serviceId("web");
const ANN = "user:ann@example.com";

/** Applies the specification, as every installation begins. */
export async function install(ports: Ports, service: Service): Promise<void> {
  await handle(ports, service.id, { kind: "service-applied", service, by: ANN });
}

/** Lets something happen, once. */
export async function happen(memory: MemoryPorts, happening: Happening): Promise<void> {
  await tolerant(memory, async () => letHappen(memory, happening));
}

async function letHappen(memory: MemoryPorts, happening: Happening): Promise<void> {
  const { ports, clock } = memory;
  switch (happening.kind) {
    case "push":
      return push(memory, happening.image);
    case "promote":
      return promote(memory, happening);
    case "cancel":
      return cancel(memory, happening.environment);
    case "hold":
      return hold(memory, happening.environment);
    case "lift":
      await liftHold(ports, { hold: holdId("hold-1"), by: ANN, asOncall: false });
      return letWorkCome(memory);
    case "roll":
      return roll(memory, happening.isNotified);
    case "break":
      return breakRollout(memory, happening.isNotified);
    case "tick":
      return strike(memory, happening.hand);
    case "wait":
      clock.advance(happening.minutes * 60_000);
      return;
    case "by-hand":
      return rollBackByHand(memory, happening);
    case "traffic":
      moveTraffic(memory, happening.environment);
      return;
    case "work":
      return happenToWork(memory, happening);
    case "retag":
    case "mark":
    case "revise":
      // A moment of its own, so that what comes first can be told.
      clock.advance(1);
      return happenInRegistry(memory, happening);
    case "label":
      label(memory, happening.image, happening.label);
      return push(memory, happening.image);
    case "vanish":
      vanish(memory, happening.image);
      return;
    case "neighbour":
      changeNeighbour(memory, happening.does);
      return;
    case "incident":
    case "apply":
    case "retry":
    case "approve":
    case "reject":
    case "rollback":
    case "restore":
    case "contract":
    case "backup":
    case "job":
    case "health":
      await happenGuarded(memory, happening);
  }
}

/** Lets time pass and the clock tick until nothing is in flight any more but what waits for a person. */
export async function comeToRest(memory: MemoryPorts): Promise<void> {
  const ROUNDS = 12;
  healNeighbour(memory.world);
  for (let round = 1; round <= ROUNDS; round += 1) {
    memory.clock.advance(11 * 60_000);
    memory.cloudDeploy.finishAll();
    memory.backups.finishAll();
    memory.jobs.finishAll();
    await onTick(memory.ports, "minute");
  }
}

/** More than the images that storms know. */
const PUSHES_MAX = 100;

async function push({ ports, world }: MemoryPorts, number: number): Promise<void> {
  const repository = "us-central1-docker.pkg.dev/slipway/apps/web";
  // Pushed before the story began, however late its message comes.
  const pushedAt = atMs(number - PUSHES_MAX);
  const image = anImage(number, { uploadedAt: pushedAt, updatedAt: pushedAt });
  const images = world.images.get(repository) ?? [];
  const [tag = ""] = image.tags;
  const known = images.find(({ digest }) => digest === image.digest);
  if (known?.tags.includes(tag) !== true) {
    const others = images.filter(({ digest }) => digest !== image.digest);
    const tags = [...(known?.tags ?? []), tag];
    world.images.set(repository, [...others, { ...(known ?? image), tags }]);
  }
  const message = { repository, digest: image.digest, tag, publishedAt: image.updatedAt };
  await onImagePush(ports, { action: "INSERT", ...message });
}

async function promote(
  memory: MemoryPorts,
  wanted: Extract<Happening, { kind: "promote" }>,
): Promise<void> {
  const reason = "because";
  await wish(memory, {
    kind: "promotion-requested",
    environment: environmentId(wanted.environment),
    release: null,
    by: ANN,
    reason,
    breakGlass: wanted.isGlassBroken ? { by: ANN, reason, gates: BREAKABLE } : null,
    wait: true,
  });
}

async function cancel(memory: MemoryPorts, environment: string): Promise<void> {
  const state = memory.world.store.services.get(WEB)?.state.environments[environment];
  const promotion = state?.active ?? state?.waiting[0];
  if (promotion !== undefined && promotion !== null) {
    const { id } = promotion;
    const event = { kind: "cancellation-requested" as const, promotion: id, by: ANN, reason: null };
    await wish(memory, event);
  }
}

async function hold(memory: MemoryPorts, environment: string | null): Promise<void> {
  const { ports, clock } = memory;
  await placeHold(ports, {
    id: holdId("hold-1"),
    scope:
      environment === null
        ? { kind: "all" }
        : { kind: "environment", service: WEB, environment: environmentId(environment) },
    reason: "wait",
    by: ANN,
    asOncall: false,
    createdAt: clock.now(),
    until: null,
  });
  await letWorkCome(memory);
}

async function roll(memory: MemoryPorts, isNotified: boolean): Promise<void> {
  const moved = memory.cloudDeploy.finishAll();
  if (isNotified) {
    for (const { pipeline, id, release } of moved) {
      await tolerant(memory, async () => {
        await onDeployNotification(memory.ports, { pipeline, rollout: id, release });
      });
    }
  }
}

/** Somebody rolls a target back beside Slipway. */
async function rollBackByHand(
  { ports, cloudDeploy }: MemoryPorts,
  { environment, isNotified }: Extract<Happening, { kind: "by-hand" }>,
): Promise<void> {
  const { pipeline, target } = anEnvironment(environment);
  const rollout = cloudDeploy.rollBack(pipeline, target);
  if (rollout !== null && isNotified) {
    const { id, release } = rollout;
    await onDeployNotification(ports, { pipeline: pipeline.id, rollout: id, release });
  }
}

/** Somebody moves the traffic to another image. */
function moveTraffic({ cloudDeploy, world }: MemoryPorts, environment: string): void {
  const { pipeline, target } = anEnvironment(environment);
  if (world.cloudDeploy.running.has(`${pipeline.id}/${target}`)) {
    cloudDeploy.moveTraffic(pipeline, target, `web@${aDigest(98)}`);
  }
}

async function breakRollout(memory: MemoryPorts, isNotified: boolean): Promise<void> {
  const running = [...memory.world.cloudDeploy.rollouts.values()].find(
    ({ state, target }) => state === "IN_PROGRESS" && target.startsWith(`${WEB}-`),
  );
  if (running !== undefined) {
    memory.cloudDeploy.fail(running.id, "it broke");
    if (isNotified) {
      const { pipeline, id, release } = running;
      await onDeployNotification(memory.ports, { pipeline, rollout: id, release });
    }
  }
}
