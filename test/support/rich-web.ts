import { onImagePush } from "../../shared/app/image-push.ts";
import { onIncident } from "../../shared/app/incident.ts";
import { onTick } from "../../shared/app/tick.ts";
import { handle } from "../../shared/app/handle.ts";
import type { Service } from "../../shared/domain/service.ts";
import { PEOPLE, startApiWorld } from "./api-world.ts";
import type { ApiWorld } from "./api-world.ts";
import { aDigest, anImage } from "./builders.ts";
import { present } from "./present.ts";
import { bank, NAMED, shop, SHOP_JOBS, simple } from "./rich-services.ts";
import type { Words } from "./rich-services.ts";
import { LOCAL_PAGES, serveWebWorld } from "./web-world.ts";
import type { WebWorld } from "./web-world.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** More than the images that are pushed. */
const PUSHES_MAX = 100;

/** Every text as it is. */
const PLAIN_WORDS: Words = { say: (text) => text, shout: (text) => text };

/** Everybody who may sign in: one for each role, and those whom specifications name. */
export const EVERYBODY: readonly string[] = [...Object.values(PEOPLE), ...Object.values(NAMED)];

/**
 * The pages on a world in memory in which everything is there that a page can show: what runs, waits, is held, has
 * drifted, has an incident, failed, was rolled back, cannot be read, was removed; backups, marks, a migration that waits.
 */
export async function startRichWeb(words: Words = PLAIN_WORDS): Promise<WebWorld> {
  const api = await startApiWorld({
    ...LOCAL_PAGES,
    SLIPWAY_SIGN_IN_AS: EVERYBODY.join(","),
  });
  await openShop(api, words);
  await openBank(api, words);
  await addOthers(api, words);
  await placeHolds(api, words);
  await noteDecisions(api, words);
  return serveWebWorld(api);
}

/** A shop whose third release is followed by an incident, with a migration that waits, and two that are marked bad. */
async function openShop(api: ApiWorld, words: Words): Promise<void> {
  const { memory } = api;
  const { backups, jobs, descriptions } = memory.world;
  const { say, shout } = words;
  const service = shop(words);
  backups.databases.set("shop-prod-0a1b", ["orders"]);
  for (const job of SHOP_JOBS) {
    jobs.images.set(job, service.image);
  }
  const about = { kind: "runnable" as const, authors: [shout("kim@example.com")] };
  for (const number of [1, 2, 3, 4, 5, 6]) {
    const commit = shout(number.toString(16).repeat(40));
    descriptions.set(`${service.image}@${aDigest(number)}`, { ...about, commit });
  }
  await apply(api, service, shout("service:\n  id: shop\nreplicas: 2"));
  await release(api, service, 1);
  await release(api, service, 2);
  const next = shop(words, "1b2c3d");
  await apply(api, next, shout("service:\n  id: shop\nreplicas: 3"));
  await release(api, next, 3);
  memory.clock.advance(15 * MINUTE_MS);
  memory.incidents.open("shop-prod-0a1b", { policy: shout("Too many server errors") });
  await onIncident(memory.ports, "shop-prod-0a1b");
  for (const [number, who] of [
    [4, "deployer"],
    [5, "oncall"],
    [6, null],
  ] as const) {
    await push(api, next, number);
    await finish(api);
    if (who !== null) {
      const line = `POST /v1/services/shop/releases/v${number}:markBad`;
      await api.call(who, line, { reason: say("loses orders") });
    }
  }
}

/** A bank whose release waits for an approval, and whose staging has drifted. */
async function openBank(api: ApiWorld, words: Words): Promise<void> {
  const { memory } = api;
  const { say, shout } = words;
  const service = bank(words);
  for (const number of [11, 12]) {
    const about = { kind: "runnable" as const, commit: null, authors: ["kim@example.com"] };
    memory.world.descriptions.set(`${service.image}@${aDigest(number)}`, about);
  }
  await apply(api, service, shout("service:\n  id: bank"));
  for (const number of [11, 12]) {
    await push(api, service, number);
    await finish(api);
    await promote(api, service, { environment: "staging", reason: say("tried in dev") });
    await finish(api);
    await promote(api, service, { environment: "prod", reason: say("for the new rates") });
    if (number === 11) {
      const [open] =
        memory.world.store.services.get("bank")?.state.environments["prod"]?.waiting ?? [];
      const line = `POST /v1/promotions/${open?.id ?? ""}:approve`;
      await api.callAs(NAMED.approver, line, { comment: say("looked at it") });
      await finish(api);
    }
  }
  const staging = service.environments.find(({ id }) => id === "staging");
  if (staging !== undefined) {
    memory.cloudDeploy.moveTraffic(staging.pipeline, staging.target, shout("bank@by-hand"));
  }
  await onTick(memory.ports, "hour");
}

/** Services that are under way, failed, empty, unreadable, removed, and gone back. */
async function addOthers(api: ApiWorld, words: Words): Promise<void> {
  const { memory } = api;
  const { say, shout } = words;
  const named = (id: string, name: string): Service => simple(id, shout(name));
  const [back, failed, moving] = [
    named("back", "Went back"),
    named("failed", "Failed"),
    named("moving", "Moving"),
  ];
  for (const service of [back, failed, moving, named("empty", "Empty"), named("gone", "Gone")]) {
    await apply(api, service, shout("service: {}"));
  }
  await release(api, back, 21);
  await release(api, back, 22);
  const why = { reason: say("errors since noon") };
  await api.call("oncall", "POST /v1/services/back/environments/prod:rollback", why);
  await finish(api);
  await push(api, failed, 31);
  await breakRollouts(api, words);
  await push(api, moving, 41);
  await api.call("deployer", "DELETE /v1/services/gone", { reason: say("not needed") });
  await apply(api, named("torn", "Torn"), "service: {}");
  memory.world.store.damaged.set("torn", shout("its document has no field state"));
}

async function placeHolds({ call, memory }: ApiWorld, { say }: Words): Promise<void> {
  const until = new Date(memory.clock.now() + 2 * HOUR_MS).toISOString();
  const holds = [
    ["oncall", { service: "bank", environment: "prod", reason: say("rates move at noon"), until }],
    ["deployer", { service: "moving", reason: say("inventory") }],
    ["oncall", { service: "back", reason: say("until somebody knows more") }],
  ] as const;
  for (const [who, hold] of holds) {
    await call(who, "POST /v1/holds", hold);
  }
}

/** What became of four events that came in. */
async function noteDecisions({ memory }: ApiWorld, { shout }: Words): Promise<void> {
  const told = {
    decided: "pushed v6",
    ignored: "no service has this image",
    refused: "the message has no digest",
    failed: "there is no repository apps",
  } as const;
  for (const outcome of ["decided", "ignored", "refused", "failed"] as const) {
    await memory.ports.store.noteDecision({
      id: `on-image-push-${outcome}`,
      at: memory.clock.now(),
      trigger: "on-image-push",
      outcome,
      why: shout(told[outcome]),
    });
  }
}

async function apply({ memory }: ApiWorld, service: Service, text: string): Promise<void> {
  const by = `user:${PEOPLE.deployer}`;
  await handle(memory.ports, service.id, { kind: "service-applied", service, by, text });
}

/** Pushes the numbered image of the service that has that id. */
export async function pushTo(api: ApiWorld, id: string, number: number): Promise<void> {
  const { services } = api.memory.world.store;
  await push(api, present(services.get(id)?.state.service, `a service ${id}`), number);
}

/** Pushes the numbered image of a service. */
async function push(
  { memory: { ports, world, clock } }: ApiWorld,
  { image: repository }: Service,
  number: number,
): Promise<void> {
  clock.advance(20 * MINUTE_MS);
  const at = new Date(clock.now() - (PUSHES_MAX - number)).toISOString().replace("Z", "000000Z");
  const image = anImage(number, { uploadedAt: at, updatedAt: at });
  const [tag = ""] = image.tags;
  world.images.set(repository, [...(world.images.get(repository) ?? []), image]);
  const { digest } = image;
  await onImagePush(ports, { action: "INSERT", repository, digest, tag, publishedAt: at });
}

/** Pushes the numbered image of a service of two stages, and brings it through to production. */
async function release(api: ApiWorld, service: Service, number: number): Promise<void> {
  await push(api, service, number);
  await finish(api);
  await promote(api, service, { environment: "prod", reason: null });
  await finish(api);
}

async function promote(
  { callAs }: ApiWorld,
  { id }: Service,
  { environment, reason }: { readonly environment: string; readonly reason: string | null },
): Promise<void> {
  const by = id === "bank" && environment === "prod" ? NAMED.promoter : PEOPLE.deployer;
  const line = `POST /v1/services/${id}/environments/${environment}:promote`;
  await callAs(by, line, reason === null ? {} : { reason });
}

/** Lets everything that is under way outside end, and Slipway see it. */
async function finish({ memory }: ApiWorld): Promise<void> {
  const ROUNDS = 4;
  for (let round = 1; round <= ROUNDS; round += 1) {
    memory.clock.advance(MINUTE_MS);
    memory.backups.finishAll();
    memory.jobs.finishAll();
    memory.cloudDeploy.finishAll();
    await onTick(memory.ports, "minute");
  }
}

/** Fails the rollouts that are under way. */
async function breakRollouts({ memory }: ApiWorld, { shout }: Words): Promise<void> {
  for (const { id, state } of memory.world.cloudDeploy.rollouts.values()) {
    if (state === "IN_PROGRESS") {
      memory.cloudDeploy.fail(id, shout("the container did not start"));
    }
  }
  await onTick(memory.ports, "minute");
}
