import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { send } from "../../infra/local/rest.ts";
import { smallSpec } from "../support/local-spec.ts";
import { tagArrives } from "../support/local-views.ts";
import { openLocalWorld } from "../support/local-world.ts";
import type { LocalWorld } from "../support/local-world.ts";
import { edit } from "../unit/spec-support.ts";
import { cliIn, linesOf } from "./cli-setting.ts";
import type { RunCli } from "./cli-setting.ts";

const Plans = z.object({ plans: z.array(z.object({ steps: z.array(z.unknown()) })) });

const PLAN = "projects/shop-prod-1a2b/locations/us-central1/backupPlans/daily";
/** The line of the small specification after which prod gets a database. */
const PROD = "    projectID: shop-prod-1a2b\n";
const DATABASE = "    resources: {postgreSQL: {databases: [shop]}}\n";
const SECRET = "    secretEnv: {TOKEN: token}\n";
/** What is said of what the specification names then and nobody made. */
const LACKING = [
  String.raw`delivery\.environments\.prod\.backup\.cloudSQL: project shop-prod-1a2b has no Cloud SQL instance, so each promotion into prod would fail at its backup: gcloud sql instances create`,
  String.raw`delivery\.environments\.prod\.backup\.gke: there is no backup plan daily in us-central1`,
  String.raw`delivery\.environments\.prod\.migrations\.before\.job: there is no Cloud Run job migrate in us-central1 in project shop-prod-1a2b, so each promotion into prod would fail at its migration: gcloud run jobs create migrate`,
  String.raw`environments\[1\]\.secretEnv\.TOKEN: there is no secret token in project shop-prod-1a2b: gcloud secrets create token`,
];
const TAG = "0123456789ab_7";

let world: LocalWorld;
let run: RunCli;
beforeAll(async () => {
  world = await openLocalWorld();
  run = cliIn(world.directory);
});
afterAll(async () => {
  await world.close();
});

async function write(text: string): Promise<void> {
  const folder = join(world.directory, "services", "shop");
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "service.yaml"), text);
}

describe("on the local cloud, in this order", () => {
  test("plan says what is to be made, and makes nothing", async () => {
    await write(smallSpec("shop"));
    const { code, out } = await run(["plan", "services"]);
    expect(code).toBe(0);
    expect(linesOf(out).at(-1)).toBe("5 to create, 1 unchanged.");
    expect(await run(["status", "shop"])).toMatchObject({ code: 1 });
  });

  test("apply by somebody who may not add services makes nothing", async () => {
    const { code, out, err } = await run(["apply", "services", "--as", "oncall"]);
    expect(code).toBe(1);
    expect(out).not.toContain("create");
    expect(err).toContain("oli@example.com may not add services");
    expect(linesOf((await run(["plan", "services"])).out).at(-1)).toBe("5 to create, 1 unchanged.");
  });

  test("apply makes it, and tells each step", async () => {
    const { code, out, err } = await run(["apply", "services"]);
    expect([code, err]).toEqual([0, ""]);
    expect(out).toMatch(/\+ create +target .*\/targets\/shop-dev-us-central1/);
    expect(linesOf(out).at(-1)).toBe("shop: 5 created, 1 unchanged.");
    expect(await run(["status", "shop"])).toMatchObject({ code: 0 });
    expect((await run(["audit", "tail", "shop"])).out).toMatch(
      /service\.applied +user:dana@example\.com/,
    );
  });

  test("a second time nothing changes", async () => {
    const { code, out } = await run(["apply", "services"]);
    expect(code).toBe(0);
    expect(linesOf(out).at(-1)).toBe("shop: nothing changed.");
  });

  test("what was applied is delivered", async () => {
    await world.push("shop", TAG);
    await tagArrives(world, "shop", { environment: "dev", tag: TAG });
    expect(await run(["promote", "shop", "prod", "--watch"])).toMatchObject({ code: 0 });
    expect((await run(["status", "shop"])).out).toMatch(new RegExp(`prod +${TAG}`));
    expect(await run(["audit", "verify", "shop"])).toMatchObject({ code: 0 });
  });

  test("plan shows each field that changes", async () => {
    await write(edit(smallSpec("shop"), ["  id: shop\n", "  id: shop\n  name: The Shop\n"]));
    const { out } = await run(["plan", "services", "--json"]);
    const { plans } = Plans.parse(JSON.parse(out));
    expect(plans[0]?.steps).toContainEqual(
      expect.objectContaining({
        kind: "target",
        action: "update",
        changes: [{ field: "description", from: "shop in dev", to: "The Shop in dev" }],
      }),
    );
  });

  test("what is named and not there is refused, with what to do", async () => {
    const backup = ["      backup:", "        cloudSQL: auto", `        gke: ${PLAN}`];
    const migrations = ["      migrations: {before: {job: migrate}}"];
    const delivery = ["delivery:", "  environments:", "    prod:", ...backup, ...migrations];
    await write(smallSpec("shop", delivery).replace(PROD, `${PROD}${DATABASE}${SECRET}`));
    const { records } = await auditOfShop();
    for (const command of ["plan", "apply"]) {
      const { code, out } = await run([command, "services"]);
      expect(code).toBe(1);
      for (const line of LACKING) {
        expect(out).toMatch(new RegExp(`:\\d+:\\d+ error ${line}`));
      }
      expect(out).toContain("say --allow-missing: then it is a warning");
    }
    expect((await auditOfShop()).records).toBe(records);
  });

  test("where it comes later it is a warning, and is applied all the same", async () => {
    for (const command of ["plan", "apply"]) {
      const { code, out } = await run([command, "services", "--allow-missing"]);
      expect(code).toBe(0);
      for (const line of LACKING) {
        expect(out).toMatch(new RegExp(`:\\d+:\\d+ warning ${line}`));
      }
      expect(out).not.toContain("--allow-missing");
    }
  });

  test("a specification with mistakes touches nothing", async () => {
    await write(smallSpec("shop").replace("category: test", "category: testing"));
    const { code, out } = await run(["apply", "services"]);
    expect(code).toBe(1);
    expect(out).toMatch(/service\.yaml:\d+:\d+ error environments\[0\]\.category/);
    expect(out).toContain("Nothing was touched.");
  });
});

/** How much is on the record of the service that is applied in order. */
async function auditOfShop(): Promise<{ readonly records: number }> {
  return { records: linesOf((await run(["audit", "tail", "shop"])).out).length };
}

async function writeAs(folder: string, text: string): Promise<string> {
  const path = join(world.directory, folder);
  await mkdir(path, { recursive: true });
  await writeFile(join(path, "service.yaml"), text);
  return folder;
}

describe("specifications that are beside each other", () => {
  test("are refused by validate, plan and apply where two have one id, and nothing is touched", async () => {
    const one = await writeAs("twins/one", smallSpec("twin"));
    const two = await writeAs("twins/two", smallSpec("twin"));
    for (const command of ["validate", "plan", "apply"]) {
      const { code, out } = await run([command, one, two]);
      expect([command, code]).toEqual([command, 1]);
      expect(out).toContain(`${one}/service.yaml:2:7 error service.id: is the id in ${two}`);
      expect(out).toContain(`${two}/service.yaml:2:7 error service.id: is the id in ${one}`);
    }
    expect(await run(["status", "twin"])).toMatchObject({ code: 1 });
    expect(await run(["validate", one])).toMatchObject({ code: 0 });
  });

  test("are refused an image that an applied service has", async () => {
    const shop = smallSpec("shop");
    await write(shop);
    expect(await run(["apply", "services"])).toMatchObject({ code: 0 });
    const image = /image: (\S+)/.exec(shop)?.[1] ?? "";
    const text = smallSpec("other");
    const other = await writeAs("other", edit(text, [/image: (\S+)/.exec(text)?.[1] ?? "", image]));
    for (const command of ["plan", "apply"]) {
      const { code, out } = await run([command, other]);
      expect(code).toBe(1);
      expect(out).toMatch(
        /service\.yaml:5:\d+ error build\.image: image .* belongs to service shop/,
      );
    }
  });

  test("are ended by remove, which says what remains, and begun again by apply", async () => {
    const tried = await run(["remove", "shop", "--dry-run"]);
    expect(tried.out).toMatch(/^shop would be removed\. /);
    expect(await run(["remove", "shop", "--as", "viewer"])).toMatchObject({ code: 1 });
    const { code, out } = await run(["remove", "shop", "--reason", "moved"]);
    expect(code).toBe(0);
    expect(out).toMatch(/Cloud Run service projects\/shop-dev-1a2b\/.*, which runs /);
    expect((await run(["status", "shop"])).out).toContain("removed");
    expect((await run(["apply", "services"])).code).toBe(0);
    expect((await run(["status", "shop"])).out).not.toContain("removed");
  });

  test("of another registry are refused by validate as by plan", async () => {
    const text = smallSpec("hub");
    const image = /image: (\S+)/.exec(text)?.[1] ?? "";
    const hub = await writeAs("hub", edit(text, [image, "index.docker.io/example/hub"]));
    const said = await Promise.all(
      ["validate", "plan"].map(async (command) => {
        const { code, out } = await run([command, hub]);
        return { code, line: linesOf(out).find((line) => line.includes(" error ")) ?? "" };
      }),
    );
    expect(said[0]).toEqual(said[1]);
    expect(said[0]?.code).toBe(1);
    expect(said[0]?.line).toMatch(/error build\.image: must be a repository of Artifact Registry/);
  });
});

test.each([
  [["--location", "europe-west99"], "gcloud functions regions list shows them"],
  [["--deploy-account", "deployer"], "it must be a service account's address such as"],
  [["--pipeline-project", "acme"], "Allowed choices are own, last-stage"],
  [["--scoping-project", "no project"], "SLIPWAY_SCOPING_PROJECT"],
  [["--project", "acme-slipway"], "name the API of the installation"],
])("the flag %s is refused with what to do, and nothing is touched", async (flag, told) => {
  const folder = await writeAs("flags", smallSpec("flags"));
  for (const command of ["plan", "apply"]) {
    const { code, out, err } = await run([command, folder, ...flag]);
    expect([code, out]).toEqual([2, ""]);
    expect(err).toContain(told);
  }
  expect(await run(["status", "flags"])).toMatchObject({ code: 1 });
});

test("an API that is off is told with the command that turns it on", async () => {
  const folder = await writeAs("off", smallSpec("off"));
  const service = `${world.file.endpoints["serviceUsage"] ?? ""}/v1/projects/slipway-local/services/clouddeploy.googleapis.com`;
  await send("POST", `${service}:disable`, { disableDependentServices: true });
  const said = await run(["plan", folder]);
  await send("POST", `${service}:enable`, {});
  expect(said.code).toBe(1);
  expect(said.err).toContain(
    "the API clouddeploy.googleapis.com is off in project slipway-local, in which your calls count: gcloud services enable clouddeploy.googleapis.com --project=slipway-local",
  );
});
