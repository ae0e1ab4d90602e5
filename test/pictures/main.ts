import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";
import { LOCAL_PEOPLE } from "../../infra/local/settings.ts";
import { onIncident } from "../../shared/app/incident.ts";
import { finish, release } from "../e2e/api-recovery-setting.ts";
import { PEOPLE, startApiWorld } from "../support/api-world.ts";
import { startBrowser, visit } from "../support/browser.ts";
import { anEnvironment, aPolicy, aService } from "../support/builders.ts";
import { promotionEnds, tagArrives } from "../support/local-views.ts";
import { openLocalWorld } from "../support/local-world.ts";
import { install } from "../support/storm.ts";
import { LOCAL_PAGES, serveWebWorld } from "../support/web-world.ts";

/** The pictures of the README, made of the product as it runs: `npm run pictures`. */
const FOLDER = fileURLToPath(new URL("../../docs/pictures/", import.meta.url));

const WIDTH = 1200;
const HOUR_MS = 3_600_000;

async function take(page: Page, name: string, height: number): Promise<void> {
  await page.setViewportSize({ width: WIDTH, height });
  await writeFile(join(FOLDER, `${name}.png`), await page.screenshot());
}

/** The samples in the local cloud, each at another point of its way. */
async function overview(browser: Browser): Promise<void> {
  const world = await openLocalWorld();
  const images = {
    "msp-example": "msp-testbed",
    "approval-demo": "approval-demo",
    "parcel-tracker": "parcel-tracker",
  };
  for (const [image, service] of Object.entries(images)) {
    await world.push(image, "5f2c9a1b7d3e_128");
    await tagArrives(world, service, { environment: "dev", tag: "5f2c9a1b7d3e_128" });
  }
  const promote = async (service: string, environment: string): Promise<string> => {
    const line = `POST /v1/services/${service}/environments/${environment}:promote`;
    const { body } = await world.call("deployer", line, {});
    return /"id":"(?<id>r-[^"]+)"/.exec(JSON.stringify(body))?.groups?.["id"] ?? "";
  };
  await promotionEnds(world, await promote("msp-testbed", "prod"));
  await promote("approval-demo", "prod");
  const held = {
    service: "parcel-tracker",
    environment: "prod",
    reason: "the carriers' test week",
  };
  await world.call("oncall", "POST /v1/holds", held);
  const entry = { url: world.file.dashboard, person: LOCAL_PEOPLE.viewer };
  const { page } = await visit(browser, entry);
  await page.reload();
  await take(page, "overview", 560);
  await world.close();
}

/** A day of one service: releases, an incident a quarter of an hour after one, and the rollback. */
async function timeline(browser: Browser): Promise<void> {
  const api = await startApiWorld(LOCAL_PAGES);
  const { memory } = api;
  const policy = aPolicy({ alerts: { block: ["CRITICAL"], warn: [] } });
  const environments = [anEnvironment("dev"), anEnvironment("prod", { stage: 1, policy })];
  await install(memory.ports, aService({ environments }));
  for (const [number, hours] of [
    [1, 1],
    [2, 5],
    [3, 4],
    [4, 6],
  ] as const) {
    memory.clock.advance(hours * HOUR_MS);
    await release(api, number);
  }
  memory.clock.advance(HOUR_MS / 4);
  memory.incidents.open("web-prod-0a1b", { policy: "Too many server errors" });
  await onIncident(memory.ports, "web-prod-0a1b");
  memory.clock.advance(HOUR_MS / 2);
  await api.call("oncall", "POST /v1/services/web/environments/prod:rollback", {
    reason: "errors since the last release",
  });
  await finish(api);
  memory.clock.advance(HOUR_MS / 4);
  memory.incidents.close("web-prod-0a1b");
  await onIncident(memory.ports, "web-prod-0a1b");
  memory.clock.advance(3 * HOUR_MS);
  const web = await serveWebWorld(api);
  const { page } = await visit(browser, { url: web.url, person: PEOPLE.viewer });
  await page.goto(`${web.url}/services/web/timeline?span=day`);
  await take(page, "timeline", 560);
  await web.close();
}

await mkdir(FOLDER, { recursive: true });
const chromium = await startBrowser();
await overview(chromium);
await timeline(chromium);
await chromium.close();
