import { execFileSync, spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { DEPLOYABLE } from "../../infra/build/current.ts";
import { endpointsEnvironment } from "../../infra/local/functions-environment.ts";
import type { LocalFile } from "../../infra/local/local-file.ts";
import { choosePorts } from "../../infra/local/ports.ts";
import {
  GCLOUD_AUDIENCE,
  LOCAL_DATABASE,
  LOCAL_EVENTS_ACCOUNT,
  LOCAL_LOCATION,
  LOCAL_OWNERS,
  LOCAL_PEOPLE,
  LOCAL_PROJECT,
} from "../../infra/local/settings.ts";
import { LOCAL_SLACK } from "../../infra/local/slack-secrets.ts";
import type { NotifyRule } from "../../shared/domain/notices/channel.ts";
import { notifyRulesText } from "../../shared/wire/notice-config.ts";
import { until } from "./until.ts";

/** The deployable, built in a folder of its own as Google's buildpack builds it. */
export type Installed = {
  readonly folder: string;
  /** What the build said. */
  readonly told: string;
  readonly remove: () => Promise<void>;
};

/** Copies the deployable and does the buildpack's steps there: `npm ci`, then its `gcp-build`. */
export async function installDeployable(): Promise<Installed> {
  const folder = await mkdtemp(join(tmpdir(), "slipway-deployed-"));
  await cp(DEPLOYABLE, folder, { recursive: true });
  // What the lockfile names was installed with the repository, so that npm has it at hand.
  runNpm(folder, "ci", "--omit=dev", "--prefer-offline");
  const told = runNpm(folder, "run", "gcp-build");
  return {
    folder,
    told,
    remove: async () => rm(folder, { recursive: true }),
  };
}

function runNpm(folder: string, ...words: readonly string[]): string {
  return execFileSync("npm", ["--silent", ...words], {
    cwd: folder,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
}

/** A function that runs alone in a process, as in Google's cloud. */
export type Deployed = {
  readonly url: string;
  readonly process: ChildProcess;
  /** Ends it, and gives what it wrote. */
  readonly stop: () => Promise<string>;
};

/** How a function is started. */
export type Start = {
  readonly folder: string;
  readonly target: string;
  readonly environment: Readonly<Record<string, string>>;
};

/** Starts a function as the buildpack's image does, without waiting for it. */
export async function launch({ folder, target, environment }: Start): Promise<Deployed> {
  const { web: port } = await choosePorts(null);
  const child = spawn("/bin/bash", ["-c", "exec node_modules/.bin/functions-framework"], {
    cwd: folder,
    env: {
      ...environment,
      FUNCTION_TARGET: target,
      FUNCTION_SIGNATURE_TYPE: "http",
      PORT: String(port),
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const wrote = Promise.all([text(child.stdout), text(child.stderr)]);
  return {
    url: `http://127.0.0.1:${port}`,
    process: child,
    stop: async () => {
      child.kill("SIGKILL");
      return (await wrote).join("");
    },
  };
}

/** Starts a function and waits until it listens, as the platform's probe does. @throws Error when it ends instead. */
export async function deploy(start: Start): Promise<Deployed> {
  const deployed = await launch(start);
  const isListening = await until(
    `${start.target} listens`,
    async () =>
      deployed.process.exitCode === null
        ? fetch(`${deployed.url}/openapi.json`).then(
            () => true,
            () => false,
          )
        : null,
    (state) => state !== false,
  );
  if (isListening !== true) {
    throw new Error(`${start.target} ended: ${await deployed.stop()}`);
  }
  return deployed;
}

/** A request to a function, and by whom. */
export type Asked = { readonly path: string; readonly init: RequestInit; readonly email: string };

/** Starts a function alone, sends it one request, and ends it; gives the answer's body. @throws Error when it is refused. */
export async function answerAlone(
  start: Start,
  file: LocalFile,
  { path, init, email }: Asked,
): Promise<unknown> {
  const deployed = await deploy(start);
  const audience = start.target === "api" ? file.audience : `${deployed.url}/`;
  const headers = {
    "content-type": "application/json",
    authorization: `Bearer ${handedOn(file, email, audience)}`,
    ...Object.fromEntries(new Headers(init.headers)),
  };
  try {
    const response = await fetch(`${deployed.url}${path}`, { ...init, headers });
    const isJson = response.headers.get("content-type")?.startsWith("application/json") === true;
    const body: unknown = await (isJson ? response.json() : response.text());
    if (!response.ok) {
      throw new Error(`${start.target} answered ${response.status}: ${JSON.stringify(body)}`);
    }
    return body;
  } finally {
    await deployed.stop();
  }
}

/**
 * The names of the files of the bundle that a function has loaded from the cache when it has answered a request.
 * `tokenFor` gives the caller's token for an audience.
 */
export async function filesLoaded(
  start: Start,
  { path, ...init }: RequestInit & { readonly path: string },
  tokenFor: (audience: string) => string,
): Promise<ReadonlySet<string>> {
  const environment = { ...start.environment, NODE_DEBUG_NATIVE: "COMPILE_CACHE" };
  const deployed = await deploy({ ...start, environment });
  const token = tokenFor(`${deployed.url}${path}`);
  const headers = { "content-type": "application/json", authorization: `Bearer ${token}` };
  const response = await fetch(`${deployed.url}${path}`, { ...init, headers });
  const answer = await response.text();
  const wrote = await deployed.stop();
  if (!response.ok) {
    throw new Error(`${start.target} answered ${response.status}: ${answer}`);
  }
  const accepted = [...wrote.matchAll(/ESM file:\S+\/(?<name>\S+)-\S{8}\.js was accepted/g)];
  return new Set(accepted.map((match) => match.groups?.["name"] ?? ""));
}

/** How a function's process ended by itself, and what it wrote. */
export async function ending(
  start: Start,
): Promise<{ readonly code: number; readonly wrote: string }> {
  const { process: child, stop } = await launch(start);
  if (child.exitCode === null) {
    await once(child, "exit");
  }
  return { code: child.exitCode ?? 0, wrote: await stop() };
}

/** What an installation has that is told of everything in one channel. */
const TO_ONE_CHANNEL: NotifyRule = {
  channel: { kind: "slack", name: "slipway" },
  on: [],
  environments: [],
  categories: [],
};

/** The environment of a function that works on a local cloud, behind Cloud Run's check of the caller. */
export async function environmentOn(file: LocalFile): Promise<Readonly<Record<string, string>>> {
  const addresses = Object.entries({ ...file.endpoints, api: file.api });
  const known: Readonly<Record<string, number>> = Object.fromEntries(
    addresses.map(([name, address]) => [name, Number(address.split(":").at(-1))]),
  );
  const ports = { ...(await choosePorts(null)), ...known };
  return {
    ...endpointsEnvironment(ports, { trustedRoot: "{}", clock: "/nowhere/clock.json" }),
    PATH: process.env["PATH"] ?? "",
    HOME: process.env["HOME"] ?? "",
    NODE_ENV: "production",
    SLIPWAY_PROJECT: LOCAL_PROJECT,
    SLIPWAY_LOCATION: LOCAL_LOCATION,
    SLIPWAY_DATABASE: LOCAL_DATABASE,
    SLIPWAY_VIEWERS: `user:${LOCAL_PEOPLE.viewer}`,
    SLIPWAY_DEPLOYERS: `user:${LOCAL_PEOPLE.deployer}`,
    SLIPWAY_APPROVERS: `user:${LOCAL_PEOPLE.approver}`,
    SLIPWAY_ONCALL: `user:${LOCAL_PEOPLE.oncall}`,
    SLIPWAY_OWNERS: Object.entries(LOCAL_OWNERS)
      .map(([owner, principal]) => `${owner}=${principal}`)
      .join(","),
    SLIPWAY_AUDIENCES: file.api,
    SLIPWAY_PEOPLE_AUDIENCES: GCLOUD_AUDIENCE,
    SLIPWAY_EDGE: "checked",
    SLIPWAY_PUSH_ACCOUNTS: LOCAL_EVENTS_ACCOUNT,
    SLIPWAY_SLACK_SIGNING_SECRET: `projects/${LOCAL_PROJECT}/secrets/${LOCAL_SLACK.secrets.signing}`,
    SLIPWAY_SLACK_TOKEN: `projects/${LOCAL_PROJECT}/secrets/${LOCAL_SLACK.secrets.token}`,
    SLIPWAY_NOTIFY: notifyRulesText([TO_ONE_CHANNEL]),
    SLIPWAY_SLACK_TEAM: LOCAL_SLACK.team,
  };
}

/** The token of a caller as Cloud Run hands it on, for an audience: what a function in Google's cloud sees. */
export function handedOn({ endpoints }: LocalFile, email: string, audience: string): string {
  const iat = Math.floor(Date.now() / 1000);
  const claims = {
    iss: endpoints["identity"],
    aud: audience,
    iat,
    exp: iat + 3600,
    email,
    email_verified: true,
  };
  const parts = [{ alg: "RS256" }, claims].map((part) =>
    Buffer.from(JSON.stringify(part)).toString("base64url"),
  );
  return [...parts, "SIGNATURE_REMOVED_BY_GOOGLE"].join(".");
}
