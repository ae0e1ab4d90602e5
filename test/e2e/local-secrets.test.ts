import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { askAs } from "../support/ask-as.ts";
import { openLocalWorld } from "../support/local-world.ts";
import type { LocalWorld } from "../support/local-world.ts";

let world: LocalWorld;

beforeAll(async () => {
  world = await openLocalWorld({ isKept: true });
});

afterAll(async () => {
  await world.close();
});

/** Every file and folder below one, with who may do what, as `ls` counts it. */
async function modesIn(folder: string): Promise<readonly string[]> {
  const names = [".", ...(await readdir(folder, { recursive: true }))];
  return Promise.all(
    names.map(async (name) => {
      const found = await stat(join(folder, name));
      const mode = (found.mode & 0o777).toString(8);
      return `${found.isDirectory() ? "folder" : "file"} ${mode}`;
    }),
  );
}

test("no server of the local cloud answers a page whose name leads to this machine", async () => {
  const { functions, api, dashboard } = world.file;
  // The load balancer is asked by the domains of services, and has nothing for another name.
  const { loadBalancer = "", ...endpoints } = world.file.endpoints;
  expect(await askAs(loadBalancer, { host: "evil.example.com" })).toMatchObject({ status: 404 });
  const servers = [...Object.values(endpoints), ...Object.values(functions), api, dashboard].map(
    (address) => (address.startsWith("http") ? address : `http://${address}`),
  );
  for (const url of servers) {
    const { status, text } = await askAs(url, { host: "evil.example.com" });
    expect({ url, status }).toEqual({ url, status: 403 });
    expect(text).toContain("PERMISSION_DENIED");
  }
});

test("what the local cloud keeps is its owner's alone", async () => {
  await world.stop();
  const folder = join(world.directory, ".slipway");
  expect(await readdir(join(folder, "data"))).toContain("state.sqlite");
  expect(new Set(await modesIn(folder))).toEqual(new Set(["folder 700", "file 600"]));
});
