import { handle } from "../../shared/app/handle.ts";
import { placeHold } from "../../shared/app/holds.ts";
import { removeService } from "../../shared/app/remove-service.ts";
import { tellUnasked } from "../../shared/app/tell-unasked.ts";
import { environmentId, holdId, serviceId } from "../../shared/domain/ids.ts";
import type { Service } from "../../shared/domain/service.ts";
import { BACKUPS_MAX } from "../../shared/domain/state.ts";
import { after, days, duration, instant, minutes } from "../../shared/domain/time.ts";
import { aDigest, aPolicy, anEnvironment, anImage, aService, aTrust, atMs } from "./builders.ts";
import { throughProduction } from "./guarded-arbitraries.ts";
import { aGuardedService, furnish } from "./guarded-service.ts";
import { NEIGHBOUR } from "./hostile-storm.ts";
import { memoryPorts } from "./memory-ports.ts";
import type { MemoryPorts } from "./memory-ports.ts";
import { comeToRest, happen, install } from "./storm.ts";
import type { Happening } from "./storm.ts";
import { letWorkCome } from "./work-storm.ts";

type Act = Happening | ((memory: MemoryPorts) => Promise<void>);

/** A service, and what happens to it. */
type Story = { readonly service: Service; readonly acts: readonly Act[] };

const WEB = serviceId("web");
const ANN = "user:ann@example.com";
const IMAGES = "us-central1-docker.pkg.dev/slipway/apps/web";

const RELEASED: readonly Act[] = [
  { kind: "push", image: 1 },
  { kind: "roll", isNotified: true },
];

/** Stories in which every kind of fact comes that storms seldom bring, or never. */
const STORIES: Readonly<Record<string, Story>> = {
  "holds that are lifted, run out and are spoken of": {
    service: aService(),
    acts: [
      { kind: "hold", environment: "prod" },
      { kind: "wait", minutes: 2000 },
      { kind: "tick", hand: "day" },
      { kind: "lift" },
      holdForAnHour,
      { kind: "wait", minutes: 61 },
      { kind: "push", image: 1 },
      { kind: "tick", hand: "minute" },
    ],
  },
  "what people refuse, stop and pass": {
    service: aGuardedService(),
    acts: [
      ...RELEASED,
      refuseToWait,
      { kind: "promote", environment: "prod", isGlassBroken: false },
      { kind: "reject" },
      { kind: "promote", environment: "prod", isGlassBroken: false },
      { kind: "cancel", environment: "prod" },
      { kind: "promote", environment: "prod", isGlassBroken: true },
      { kind: "backup", isWell: false },
      { kind: "tick", hand: "minute" },
      { kind: "push", image: 2 },
      { kind: "cancel", environment: "dev" },
      { kind: "push", image: 3 },
      { kind: "roll", isNotified: true },
      { kind: "promote", environment: "prod", isGlassBroken: false },
      { kind: "apply", policy: "no migration" },
      { kind: "apply", policy: "two approvals" },
      { kind: "push", image: 4 },
      { kind: "roll", isNotified: true },
      { kind: "promote", environment: "prod", isGlassBroken: false },
      { kind: "mark", image: 1, isBad: true },
      { kind: "mark", image: 1, isBad: false },
    ],
  },
  "an incident, and a release that does not prove itself": {
    service: aGuardedService(),
    acts: [
      { kind: "incident", does: "open" },
      { kind: "tick", hand: "minute" },
      { kind: "incident", does: "close" },
      ...throughProduction(1),
      ...throughProduction(2).slice(0, 3),
      { kind: "vanish", image: 2 },
      { kind: "promote", environment: "prod", isGlassBroken: false },
      { kind: "approve", by: "sue" },
      ...throughProduction(3).slice(0, -1),
      { kind: "health", isWell: false },
      ...[1, 2, 3, 4, 5, 6].flatMap((): Act[] => [
        { kind: "wait", minutes: 1 },
        { kind: "tick", hand: "minute" },
      ]),
      { kind: "restore" },
      comeToRest,
      { kind: "approve", by: "sue" },
      comeToRest,
    ],
  },
  "what is done by hand, and undone": {
    service: aService(),
    acts: [
      ...RELEASED,
      { kind: "push", image: 2 },
      { kind: "roll", isNotified: true },
      { kind: "by-hand", environment: "dev", isNotified: true },
      { kind: "roll", isNotified: true },
      { kind: "by-hand", environment: "dev", isNotified: true },
      { kind: "roll", isNotified: true },
      { kind: "traffic", environment: "dev" },
      { kind: "tick", hand: "hour" },
    ],
  },
  "an approval that Cloud Deploy asks for": {
    service: aGuardedService(),
    acts: [askInCloudDeploy, ...throughProduction(1), comeToRest],
  },
  "a signature": {
    service: aService({
      environments: [
        anEnvironment("dev", {
          policy: aPolicy({
            promotion: "automatic",
            provenance: {
              required: true,
              grace: duration(0),
              trust: aTrust(),
            },
          }),
        }),
      ],
    }),
    acts: [sign, { kind: "push", image: 1 }, { kind: "tick", hand: "minute" }],
  },
  "backups that grow old": {
    service: aService({
      environments: [
        anEnvironment("dev", {
          hasDatabase: true,
          policy: aPolicy({
            promotion: "automatic",
            backup: { cloudSql: true, gkePlan: null, retain: days(30), maxAge: duration(0) },
          }),
        }),
      ],
    }),
    acts: [
      hasDatabase,
      ...Array.from({ length: BACKUPS_MAX + 1 }, (_, index): Act[] => [
        { kind: "push", image: index + 1 },
        comeToRest,
      ]).flat(),
      { kind: "wait", minutes: 40 * 24 * 60 },
      { kind: "tick", hand: "day" },
      { kind: "tick", hand: "minute" },
    ],
  },
  "an image that is gone, a neighbour that is ill, a message that nobody can read, and the end": {
    service: aService(),
    acts: [
      async ({ ports }) => install(ports, NEIGHBOUR),
      { kind: "neighbour", does: "damage" },
      { kind: "tick", hand: "hour" },
      { kind: "neighbour", does: "heal" },
      { kind: "tick", hand: "hour" },
      loseChannel,
      findChannel,
      misunderstand,
      ignoreOthers,
      { kind: "push", image: 1 },
      comeToRest,
      remove,
      letWorkCome,
    ],
  },
};

/** The names of the stories. */
export const FEED_STORIES: readonly string[] = Object.keys(STORIES);

/** The world after a story. */
export async function tellFeedStory(name: string): Promise<MemoryPorts> {
  const memory = memoryPorts();
  const story = STORIES[name];
  furnish(memory);
  if (story !== undefined) {
    await install(memory.ports, story.service);
    for (const act of story.acts) {
      await (typeof act === "function" ? act(memory) : happen(memory, act));
    }
  }
  return memory;
}

async function holdForAnHour({ ports, clock }: MemoryPorts): Promise<void> {
  await placeHold(ports, {
    id: holdId("hold-2"),
    scope: { kind: "service", service: WEB },
    reason: "an hour",
    by: ANN,
    asOncall: false,
    createdAt: clock.now(),
    until: after(clock.now(), minutes(60)),
  });
}

async function refuseToWait({ ports }: MemoryPorts): Promise<void> {
  await handle(ports, WEB, {
    kind: "promotion-requested",
    environment: environmentId("prod"),
    release: null,
    by: ANN,
    reason: null,
    breakGlass: null,
    wait: false,
  });
}

async function askInCloudDeploy({ world }: MemoryPorts): Promise<void> {
  world.cloudDeploy.approvals.add(anEnvironment("prod").target);
}

async function sign({ world }: MemoryPorts): Promise<void> {
  const image = anImage(1, { uploadedAt: atMs(-1), updatedAt: atMs(-1) });
  const signature = anImage(9, { tags: [`${aDigest(1).replace(":", "-")}.sig`] });
  world.images.set(IMAGES, [image, signature]);
}

async function hasDatabase({ world }: MemoryPorts): Promise<void> {
  world.backups.databases.set("web-dev-0a1b", ["web"]);
}

async function misunderstand({ ports }: MemoryPorts): Promise<void> {
  const reason = "on-image-push: the data is not JSON";
  await tellUnasked(ports, { kind: "message-refused", id: "7", reason, besides: 0 });
}

async function ignoreOthers({ ports }: MemoryPorts): Promise<void> {
  await tellUnasked(ports, { kind: "image-unowned", image: `${IMAGES}-other`, besides: 0 });
}

async function remove({ ports }: MemoryPorts): Promise<void> {
  const seen = await ports.store.read(WEB);
  if (seen !== null) {
    await removeService(ports, seen, { by: ANN, reason: "moved", isTried: false });
  }
}

/** A channel of the service has taken nothing for a day. */
async function loseChannel({ ports }: MemoryPorts): Promise<void> {
  const lost = { channel: "slack #alerts", since: instant(0), reason: "is_archived" };
  await handle(ports, WEB, { kind: "channels-observed", troubled: [lost] });
}

/** The channel takes notices again. */
async function findChannel({ ports }: MemoryPorts): Promise<void> {
  await handle(ports, WEB, { kind: "channels-observed", troubled: [] });
}
