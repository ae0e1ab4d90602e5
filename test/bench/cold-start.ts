import type { ChildProcess } from "node:child_process";
import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LOCAL_EVENTS_ACCOUNT, LOCAL_PEOPLE } from "../../infra/local/settings.ts";
import { setup as buildDeployable } from "../support/build-deployable.ts";
import { environmentOn, handedOn, installDeployable, launch } from "../support/deployed.ts";
import type { Start } from "../support/deployed.ts";
import { startCollector } from "../support/collector.ts";
import { deliveryOf, pushed } from "../support/image-event.ts";
import { smallSpec } from "../support/local-spec.ts";
import { openLocalWorld } from "../support/local-world.ts";
import { toldDelivery } from "../support/told-event.ts";
import type { LocalWorld } from "../support/local-world.ts";
import { signedCommand } from "../support/signed-command.ts";
import { aimed, median, told } from "./figure.ts";
import type { Figure } from "./figure.ts";

const STARTS = 5;
const RATIO_TARGET = 3;
/** What telling a collector may cost the start of a function. */
const TRACED_TARGET = 1.5;

/** Slack gives up after three seconds. Source: https://docs.slack.dev/interactivity/handling-user-interaction */
const SLACK_WAITS = { unit: "ms", target: 3000 } as const;

/** What ours are compared with: a function that does nothing. */
const EMPTY = `import { http } from "@google-cloud/functions-framework";
http("empty", (_request, response) => {
  response.send("done");
});
`;

/** What a function is started with and asked. */
type Cold = Start & {
  readonly path: string;
  readonly request: RequestInit;
  /** The caller's token, when the function's own address is known. */
  readonly token: (own: string) => string;
};

/** Folders with what starts. */
type Folders = {
  readonly ours: string;
  readonly empty: string;
  readonly remove: () => Promise<void>;
};

/**
 * From the start of a process as the platform starts one, on what is deployed, until it has answered its
 * first request, beside a function that does nothing. The event is a push that makes a release and a
 * rollout, and one that is known already; the API is asked for a service, the pages for the overview, chat for a command; on-notice hears of a record. Every kind of start takes its
 * turn in each round.
 */
export async function measureColdStart(): Promise<readonly Figure[]> {
  const folders = await installFolders();
  const world = await openLocalWorld();
  await world.stopTicks();
  try {
    return await measureIn(world, folders);
  } finally {
    await world.close();
    await folders.remove();
  }
}

async function measureIn(world: LocalWorld, folders: Folders): Promise<readonly Figure[]> {
  await world.apply(smallSpec("web"));
  for (let round = 1; round <= STARTS; round += 1) {
    await world.apply(smallSpec(newIn(round)));
  }
  // From here on nobody delivers but the measurement.
  await world.stopDeliveries();
  const known = pushed("web", await world.push("web", "v0"), "v0");
  const environment = await environmentOn(world.file);
  const ours = { folder: folders.ours, environment };
  const push = (notification: object): Cold => pushing(ours, world, notification);
  const empty = { ...push({}), folder: folders.empty, target: "empty" };
  const collector = await startCollector();
  const telling = { ...environment, SLIPWAY_OTLP_ENDPOINT: collector.url };
  const toldOf = { ...push(known), environment: telling };
  const api = asking(ours, world);
  const web = looking(ours, world);
  await timeToAnswer(push(known));
  const notice = hearing(ours, world, await toldDelivery(world, "web"));
  const times = {
    empty: [] as number[],
    known: [] as number[],
    told: [] as number[],
    fresh: [] as number[],
    api: [] as number[],
    web: [] as number[],
    chat: [] as number[],
    notice: [] as number[],
    toldNotice: [] as number[],
    toldChat: [] as number[],
  };
  for (let round = 1; round <= STARTS; round += 1) {
    times.empty.push(await timeToAnswer(empty));
    times.known.push(await timeToAnswer(push(known)));
    times.told.push(await timeToAnswer(toldOf));
    const service = newIn(round);
    const fresh = pushed(service, await world.push(service, "v1"), "v1");
    times.fresh.push(await timeToAnswer(push(fresh)));
    times.api.push(await timeToAnswer(api));
    times.web.push(await timeToAnswer(web));
    times.notice.push(await timeToAnswer(notice));
    times.toldNotice.push(await timeToAnswer({ ...notice, environment: telling }));
    times.chat.push(await timeToAnswer(commanding(ours, world)));
    times.toldChat.push(await timeToAnswer({ ...commanding(ours, world), environment: telling }));
  }
  await collector.close();
  const bare = median(times.empty);
  const [repeat, first] = [median(times.known), median(times.fresh)];
  const [asked, shown] = [median(times.api), median(times.web)];
  const aim = { unit: "x", target: RATIO_TARGET };
  const traced = { unit: "x", target: TRACED_TARGET };
  return [
    told("cold start, empty function", bare, "ms", `to its first answer; median of ${STARTS}`),
    told("cold start, on-image-push, a known image", repeat, "ms"),
    told("cold start, on-image-push, a known image, with traces", median(times.told), "ms"),
    told("cold start, on-image-push, a new image", first, "ms", "to release and rollout created"),
    told("cold start, api, a service", asked, "ms"),
    told("cold start, web, the overview", shown, "ms"),
    aimed("cold start, chat, a command taken", median(times.chat), SLACK_WAITS),
    told("cold start, on-notice, a record", median(times.notice), "ms"),
    aimed("cold start, a known image / empty", repeat / bare, aim),
    aimed("cold start, with traces / without", median(times.told) / repeat, traced),
    aimed("cold start, chat, with traces / without", ratio(times.toldChat, times.chat), traced),
    aimed(
      "cold start, on-notice, with traces / without",
      ratio(times.toldNotice, times.notice),
      traced,
    ),
    aimed("cold start, a new image / empty", first / bare, aim),
    aimed("cold start, api / empty", asked / bare, aim),
    aimed("cold start, web / empty", shown / bare, aim),
  ];
}

function ratio(one: readonly number[], other: readonly number[]): number {
  return median(one) / median(other);
}

/** The service whose first image is pushed in a round. */
function newIn(round: number): string {
  return `cold-${round}`;
}

/** The deployable as the platform builds it, and a function that does nothing on the same packages. */
async function installFolders(): Promise<Folders> {
  await buildDeployable();
  const installed = await installDeployable();
  const empty = await mkdtemp(join(tmpdir(), "slipway-empty-"));
  await writeFile(join(empty, "index.js"), EMPTY);
  await writeFile(join(empty, "package.json"), '{"type": "module", "main": "index.js"}');
  await symlink(join(installed.folder, "node_modules"), join(empty, "node_modules"));
  return {
    ours: installed.folder,
    empty,
    remove: async () => {
      await rm(empty, { recursive: true });
      await installed.remove();
    },
  };
}

type Where = Omit<Start, "target">;

/** A command that chat takes and hands over, which it has to within the time that Slack waits. */
function commanding(where: Where, { cloud }: LocalWorld): Cold {
  return {
    ...where,
    target: "chat",
    path: "/",
    request: signedCommand(cloud.emulators.slack, "status web"),
    token: () => "none",
  };
}

function pushing(where: Where, { file }: LocalWorld, notification: object): Cold {
  const body = deliveryOf("cold", notification);
  return {
    ...where,
    target: "on-image-push",
    path: "/",
    request: { method: "POST", body },
    token: (own) => handedOn(file, LOCAL_EVENTS_ACCOUNT, own),
  };
}

/** The delivery of a record that people are told of. */
function hearing(where: Where, { file }: LocalWorld, body: string): Cold {
  return {
    ...where,
    target: "on-notice",
    path: "/",
    request: { method: "POST", body },
    token: (own) => handedOn(file, LOCAL_EVENTS_ACCOUNT, own),
  };
}

function asking(where: Where, { file }: LocalWorld): Cold {
  return {
    ...where,
    target: "api",
    path: "/v1/services/web",
    request: {},
    token: () => handedOn(file, LOCAL_PEOPLE.viewer, file.audience),
  };
}

function looking(where: Where, { file }: LocalWorld): Cold {
  return {
    ...where,
    target: "web",
    path: "/",
    request: { headers: { cookie: `slipway-person=${LOCAL_PEOPLE.viewer}` } },
    token: () => handedOn(file, LOCAL_PEOPLE.viewer, file.audience),
  };
}

async function timeToAnswer(cold: Cold): Promise<number> {
  const startMs = performance.now();
  const { url, process: child, stop } = await launch(cold);
  const headers = new Headers(cold.request.headers);
  headers.set("content-type", headers.get("content-type") ?? "application/json");
  headers.set("authorization", `Bearer ${cold.token(`${url}/`)}`);
  try {
    await answered(`${url}${cold.path}`, { ...cold.request, headers }, child);
    return performance.now() - startMs;
  } finally {
    await stop();
  }
}

const RETRY_AFTER_MS = 2;

/** Posts until there is an answer; the process needs a while until it listens. */
async function answered(url: string, request: RequestInit, child: ChildProcess): Promise<void> {
  for (;;) {
    if (child.exitCode !== null) {
      throw new Error(`the function's process ended with ${child.exitCode}`);
    }
    try {
      const response = await fetch(url, request);
      const text = await response.text();
      if (!response.ok) {
        throw new TypeError(`the function answered ${response.status}: ${text}`);
      }
      return;
    } catch (error) {
      if (error instanceof TypeError && error.message.startsWith("the function answered")) {
        throw error;
      }
    }
    await new Promise((resolve) => {
      setTimeout(resolve, RETRY_AFTER_MS);
    });
  }
}
