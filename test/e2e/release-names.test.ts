import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { releaseId } from "../../shared/domain/ids.ts";
import { aCandidate, aDigest, anImage, aPut, aService } from "../support/builders.ts";
import { openCli } from "./cli-setting.ts";
import type { CliSetting } from "./cli-setting.ts";

const PLACE = "/v1/services/web/environments/prod";
const RELEASES = "/v1/services/web/releases";
const FIRST = idOf(0x1);
/** Its digest begins as the first one's does. */
const LOOKALIKE = 0x1_0001;
const REASON = "for the record";

/** All that the first release goes by. */
const NAMES = [
  FIRST,
  "v1",
  "first-of-all",
  "1.4.0",
  aDigest(1),
  aDigest(1).slice("sha256:".length, "sha256:".length + 12),
  FIRST.slice(0, "r-1000".length),
] as const;

let setting: CliSetting;

beforeAll(async () => {
  setting = await openCli();
  // Without tags there, so that no look takes them up in another order.
  const images = [1, 2, 3].map((number) => anImage(number, { tags: [] }));
  setting.world.memory.world.images.set(aService().image, images);
  await put(1, "first-of-all", 2);
  await toProd();
  // Without a name a rollback goes to the second, and a promotion takes the third.
  for (const number of [2, 3]) {
    await put(number, `v${number}`, number + 1);
    await toProd();
  }
});
afterAll(async () => {
  await setting.close();
});

function idOf(number: number): string {
  return releaseId(aDigest(number), aService().revision);
}

async function put(number: number, tag: string, afterMs: number): Promise<void> {
  const otherTags = number === 1 ? ["1.4.0"] : [];
  const candidate = aCandidate(number, { put: aPut(tag, afterMs), otherTags });
  await setting.tell({ kind: "image-found", candidate, by: "registry" });
}

/** Brings what is on its way to dev there, and on to production. */
async function toProd(): Promise<void> {
  await setting.finishRollouts();
  await api("POST", `${PLACE}:promote`, {});
  await setting.finishRollouts();
}

/** What answers a deployer's call. @throws Error with the answer unless the call succeeds. */
async function api(method: string, path: string, body?: object): Promise<unknown> {
  const answer = await setting.world.call("deployer", `${method} ${path}`, body);
  if (answer.status >= 300) {
    throw new Error(`${answer.status} ${JSON.stringify(answer.body)}`);
  }
  return answer.body;
}

/** What a deployer's command prints with `--json`, which exits with 0. */
async function cli(...words: readonly string[]): Promise<unknown> {
  const { code, out, err } = await setting.run([...words, "--as", "deployer", "--json"]);
  expect([code, err]).toEqual([0, ""]);
  return JSON.parse(out);
}

const CALLS: readonly (readonly [string, (name: string) => Promise<unknown>, object])[] = [
  ["promote", (release) => tried("promote", release), { release: FIRST }],
  ["roll back", (release) => tried("rollback", release), { verdict: "safe", release: FIRST }],
  [
    "explain",
    (name) => api("GET", `${PLACE}:explain?release=${encodeURIComponent(name)}`),
    { release: { id: FIRST } },
  ],
  [
    "show what changes with",
    (name) => api("GET", `${PLACE}/changes?release=${encodeURIComponent(name)}`),
    { direction: "BACKWARD" },
  ],
  ["mark bad", (name) => marked("markBad", name), { id: FIRST, bad: { reason: REASON } }],
  ["mark good", (name) => marked("unmarkBad", name), { id: FIRST, bad: null }],
  [
    "show",
    (name) => api("GET", `${RELEASES}/${encodeURIComponent(name)}`),
    { id: FIRST, tags: [{ tag: "first-of-all" }, { tag: "v1" }], otherTags: ["1.4.0"] },
  ],
];

async function tried(verb: string, release: string): Promise<unknown> {
  return api("POST", `${PLACE}:${verb}`, { release, reason: REASON, validateOnly: true });
}

async function marked(verb: string, name: string): Promise<unknown> {
  return api("POST", `${RELEASES}/${encodeURIComponent(name)}:${verb}`, { reason: REASON });
}

const COMMANDS: readonly (readonly [string, (name: string) => readonly string[], object])[] = [
  [
    "promote",
    (name) => ["promote", "web", "prod", "--release", name, "--validate-only"],
    { release: FIRST },
  ],
  [
    "rollback",
    (name) => ["rollback", "web", "prod", "--release", name, "--reason", REASON, "--dry-run"],
    { verdict: "safe", release: FIRST },
  ],
  ["explain", (name) => ["explain", "web", "prod", "--release", name], { release: { id: FIRST } }],
  ["changes", (name) => ["changes", "web", "prod", name], { direction: "BACKWARD" }],
  [
    "mark --bad",
    (name) => ["mark", "web", name, "--bad", "--reason", REASON],
    { id: FIRST, bad: { reason: REASON } },
  ],
  [
    "mark --good",
    (name) => ["mark", "web", name, "--good", "--reason", REASON],
    { id: FIRST, bad: null },
  ],
  ["wait", (name) => ["wait", "web", "prod", "--release", name], { release: FIRST }],
];

describe("a release may be named by id, tag, digest or a part of them", () => {
  test.each(CALLS)("to the API, to %s it", async (_verb, call, expected) => {
    for (const name of NAMES) {
      expect([name, await call(name)]).toMatchObject([name, expected]);
    }
  });

  test.each(COMMANDS)("on the command line, to %s it", async (_verb, command, expected) => {
    for (const name of ["first-of-all", FIRST.slice(0, "r-1000".length)]) {
      expect([name, await cli(...command(name))]).toMatchObject([name, expected]);
    }
  });
});

describe("a name that could be several releases", () => {
  beforeAll(async () => {
    await put(LOOKALIKE, "lookalike", 9);
    await setting.finishRollouts();
  });

  const both = new RegExp(`1000 could be any of .*${FIRST}.*give more of the id`);

  test.each(CALLS)("is refused by the API with what it could be, to %s it", async (_verb, call) => {
    const refused = await call("1000").catch(String);
    expect(refused).toMatch(both);
    expect(refused).toContain("Error: 400");
    expect(refused).toContain(idOf(LOOKALIKE));
  });

  test.each(COMMANDS)("is refused by the command line, to %s it", async (_verb, command) => {
    const { code, out, err } = await setting.run([...command("1000"), "--as", "deployer"]);
    expect([code, out]).toEqual([1, ""]);
    expect(err).toMatch(both);
    expect(err).toContain(idOf(LOOKALIKE));
  });

  test("is none when it says more", async () => {
    const more = aDigest(LOOKALIKE).slice("sha256:".length, "sha256:".length + 6);
    expect(await api("GET", `${RELEASES}/${more}`)).toMatchObject({ id: idOf(LOOKALIKE) });
    expect(await api("GET", `${RELEASES}/100000`)).toMatchObject({ id: FIRST });
  });
});
