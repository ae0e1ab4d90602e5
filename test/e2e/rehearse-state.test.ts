import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openLocalWorld } from "../support/local-world.ts";
import type { LocalWorld } from "../support/local-world.ts";
import { until } from "../support/until.ts";
import { cliIn } from "./cli-setting.ts";
import type { Ran } from "./cli-setting.ts";
import { control } from "./rehearse-setting.ts";

let world: LocalWorld;

beforeAll(async () => {
  world = await openLocalWorld();
});

afterAll(async () => {
  await world.close();
});

async function slipway(...words: readonly string[]): Promise<Ran> {
  return cliIn(world.directory)(words);
}

const SECRETS = "v1/projects/slipway-local/secrets";
const IMAGE = "v2/slipway-local/apps/saved/manifests/v1";

/** What an API of the local cloud answers. */
async function api(name: string, path: string, init: RequestInit = {}): Promise<string> {
  const endpoint = world.file.endpoints[name] ?? "";
  const answer = await fetch(
    `${endpoint.startsWith("http") ? "" : "http://"}${endpoint}/${path}`,
    init,
  );
  return answer.text();
}

async function addSecret(id: string): Promise<void> {
  const body = JSON.stringify({ replication: { automatic: {} } });
  await api("secretManager", `${SECRETS}?secretId=${id}`, { method: "POST", body });
}

async function secrets(): Promise<readonly string[]> {
  const listed = await api("secretManager", SECRETS);
  return ["early", "late"].filter((id) => listed.includes(`/secrets/${id}"`));
}

async function holds(): Promise<readonly string[]> {
  const { out } = await until(
    "holds are listed",
    async () => slipway("hold", "list", "--as", "oncall"),
    ({ code }) => code === 0,
  );
  return ["early", "late"].filter((reason) => out.includes(`${reason} hold`));
}

describe("what the local cloud holds", () => {
  test("is saved while it runs, and is there again with functions, images and time when it is loaded", async () => {
    await addSecret("early");
    const digest = await world.push("saved", "v1");
    await slipway("hold", "msp-testbed", "prod", "--reason", "early hold", "--as", "oncall");
    const saved = await slipway("local", "save", "before");
    expect(saved).toMatchObject({ code: 0, err: "" });
    expect(saved.out).toContain("is saved as before. To go back to it: slipway local load before");
    await addSecret("late");
    await slipway("hold", "msp-testbed", "dev", "--reason", "late hold", "--as", "oncall");
    await control(world, "clock/advance", { method: "POST", body: { byMs: 120_000 } });
    await control(world, "faults", { method: "POST", body: { api: "slack", method: "auth.test" } });
    expect([await secrets(), await holds()]).toEqual([
      ["early", "late"],
      ["early", "late"],
    ]);
    const loaded = await slipway("local", "load", "before");
    expect(loaded).toMatchObject({ code: 0, err: "" });
    expect(loaded.out).toContain("The local cloud holds what was saved as before.");
    expect([await secrets(), await holds()]).toEqual([["early"], ["early"]]);
    const image = await fetch(`${world.file.address}/${IMAGE}`);
    expect(image.headers.get("docker-content-digest")).toBe(digest);
    expect((await slipway("local", "clock", "show")).out).toMatch(/^It is [^,]*Z\.\n$/);
    expect((await control(world, "faults")).json).toEqual({ faults: [] });
  });

  test("is as new after a reset, and what was saved is there all the same", async () => {
    const reset = await slipway("local", "reset");
    expect(reset).toMatchObject({ code: 0, err: "" });
    expect(reset.out).toContain("The local cloud is as new.");
    expect(reset.out).toContain("Still saved: before");
    expect([await secrets(), await holds()]).toEqual([[], []]);
    expect((await slipway("status")).out).toContain("msp-testbed");
    expect((await slipway("local", "load", "before")).code).toBe(0);
    expect(await secrets()).toEqual(["early"]);
  });

  test("is changed by one command at a time, and under names that are folders' as well", async () => {
    const save = async (name: unknown): Promise<number> =>
      (await control(world, "state/save", { method: "POST", body: { name } })).status;
    const names = ["", "..", "../up", "a/b", "UPPER", "a".repeat(64), 5];
    expect(new Set(await Promise.all(names.map(save)))).toEqual(new Set([400]));
    const unknown = await slipway("local", "load", "befor");
    expect(unknown).toMatchObject({ code: 1, out: "" });
    expect(unknown.err).toContain("nothing is saved as befor; there are before");
    const loading = control(world, "state/load", { method: "POST", body: { name: "before" } });
    const second = await until(
      "it is being loaded",
      async () => save("meanwhile"),
      (status) => status === 409,
    );
    expect([second, (await loading).status]).toEqual([409, 200]);
  });
});
