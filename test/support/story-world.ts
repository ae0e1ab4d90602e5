import { z } from "zod";
import { buildImage, pushImage } from "../../infra/local/image.ts";
import type { ManualClock } from "./manual-clock.ts";
import { LOCAL_PEOPLE, LOCAL_PROJECT, LOCAL_REPOSITORY } from "../../infra/local/settings.ts";
import type { LocalRole } from "../../infra/local/settings.ts";
import { listPolicies, makeResources } from "../../infra/local/sample-resources.ts";
import { send } from "../../infra/local/rest.ts";
import { localInstallation } from "../../infra/local/installation.ts";
import { applySpec } from "../../infra/plan/apply-spec.ts";
import type { Service } from "../../shared/domain/service.ts";
import type { Ports } from "../../shared/ports/ports.ts";
import { startStoryCloud } from "./story-cloud.ts";
import type { StoryCloud } from "./story-cloud.ts";
import { serveStoryFunctions } from "./story-functions.ts";

// Without credentials Google's clients ask the metadata server for some, which is not there.
process.env["METADATA_SERVER_DETECTION"] = "none";

/** An answer of the API. */
export type StoryAnswer = { readonly status: number; readonly body: unknown };

/** Every emulator and every function in this process, on one clock that the test advances. */
export type StoryWorld = {
  readonly clock: ManualClock;
  readonly cloud: StoryCloud;
  readonly ports: Ports;
  /** Applies a specification and makes its databases, plans, jobs and policies. */
  readonly apply: (text: string) => Promise<Service>;
  /** Pushes an image with those labels, and lets the push be handled. */
  readonly push: (image: string, tag: string, labels?: Labels) => Promise<void>;
  /** Puts a tag on an image that reports a version, whether that is there already or not, and gives its digest. */
  readonly put: (image: string, tag: string, contents: Contents) => Promise<string>;
  /** Lets so many milliseconds pass in one step, and a minute's tick come at their end. */
  readonly pass: (ms: number) => Promise<void>;
  /** Makes a call of the API as somebody, and lets what follows from it happen. */
  readonly call: (who: LocalRole, line: string, body?: unknown) => Promise<StoryAnswer>;
  /** Opens or closes an incident of a project's one alert policy, and lets it be heard of. */
  readonly incident: (project: string, verb: "open" | "close") => Promise<void>;
  /** What a database holds; with a text it holds that from now on. */
  readonly content: (place: DatabasePlace, text?: string) => Promise<string>;
  readonly close: () => Promise<void>;
};

type Labels = Readonly<Record<string, string>>;
type Contents = { readonly version: string; readonly labels?: Labels };
type DatabasePlace = { readonly project: string; readonly instance: string };

/** How long what is made for a specification takes to be there. */
const CREATION_MS = 60_000;

/** Starts a world in which nothing is. It is Friday, 2026-11-20T10:00:00Z. */
export async function openStoryWorld(): Promise<StoryWorld> {
  const cloud = await startStoryCloud();
  const functions = await serveStoryFunctions(cloud);
  const { clock, emulators } = cloud;
  const { ports } = functions.wiring;
  async function settle(): Promise<void> {
    await emulators.pubsub.idle();
  }
  async function pass(ms: number): Promise<void> {
    await clock.advance(ms);
    await settle();
    cloud.tick("minute");
    await settle();
  }
  async function put(
    image: string,
    tag: string,
    { version, labels = {} }: Contents,
  ): Promise<string> {
    const files = { "app/version.txt": `${image} ${version}\n` };
    const built = await buildImage({ env: { VERSION: version }, files, labels });
    const url = `${emulators.registry.url}/${LOCAL_PROJECT}/${LOCAL_REPOSITORY}/${image}`;
    const digest = await pushImage(url, built, tag);
    await settle();
    return digest;
  }
  return {
    clock,
    cloud,
    ports,
    pass,
    apply: async (text) => {
      const service = await apply(cloud, ports, text);
      await pass(CREATION_MS);
      return service;
    },
    push: async (image, tag, labels = {}) => {
      await put(image, tag, { version: tag, labels });
    },
    put,
    call: async (who, line, body) => {
      const answer = await call(cloud, functions.api, { who, line, body });
      await settle();
      return answer;
    },
    incident: async (project, verb) => {
      const [policy] = await listPolicies(emulators.monitoring.url, project);
      const url = `${emulators.monitoring.url}/emulator/v1/${policy ?? ""}:${verb}`;
      await send("POST", url, {});
      await settle();
    },
    content: async (place, text) => readContent(emulators.cloudSql.url, place, text),
    close: async () => {
      await functions.close();
      await cloud.close();
    },
  };
}

async function apply({ emulators }: StoryCloud, ports: Ports, text: string): Promise<Service> {
  const cloud = {
    cloudDeploy: emulators.cloudDeploy.grpcAddress,
    storage: emulators.storage.url,
    cloudRun: emulators.cloudRun.grpcAddress,
    // The story has no job on a schedule.
    scheduler: null,
    monitoring: emulators.monitoring.url,
  };
  const installation = localInstallation(ports, cloud, "user:tester@example.com");
  const outcome = await applySpec(installation, text);
  if (outcome.kind === "invalid") {
    throw new Error(`the specification is not valid: ${JSON.stringify(outcome.problems)}`);
  }
  const { cloudSql, gkeBackup, cloudRun, monitoring, loadBalancer } = emulators;
  await makeResources(
    {
      cloudSql: cloudSql.url,
      gkeBackup: gkeBackup.url,
      cloudRun: cloudRun.url,
      monitoring: monitoring.url,
      loadBalancer: loadBalancer.url,
    },
    outcome.service,
  );
  return outcome.service;
}

type Asked = { readonly who: LocalRole; readonly line: string; readonly body: unknown };

async function call(
  { emulators, audience }: StoryCloud,
  api: string,
  { who, line, body }: Asked,
): Promise<StoryAnswer> {
  const [method = "GET", path = "/"] = line.split(" ");
  const token = await emulators.identity.mint({ email: LOCAL_PEOPLE[who], audience });
  const response = await fetch(`${api}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const answer: unknown = await response.json();
  return { status: response.status, body: answer };
}

const Text = z.string();

async function readContent(
  cloudSql: string,
  { project, instance }: DatabasePlace,
  text: string | undefined,
): Promise<string> {
  const url = `${cloudSql}/emulator/v1/projects/${project}/instances/${instance}/content`;
  const response = await fetch(url, text === undefined ? {} : { method: "PUT", body: text });
  if (!response.ok) {
    throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
  }
  return Text.parse(await response.text());
}
