import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { serviceId } from "../../shared/domain/ids.ts";
import { anEnvironment, aService } from "../support/builders.ts";
import { happen, install } from "../support/storm.ts";
import { startWebWorld } from "../support/web-world.ts";
import type { WebWorld } from "../support/web-world.ts";

const HOSTILE = "<script>alert(1)</script>\u202Eevil\n\"'&";

let web: WebWorld;

beforeAll(async () => {
  web = await startWebWorld();
  const { ports } = web.api.memory;
  await install(ports, aService({ owners: ["payments"] }));
  const names = Array.from({ length: 60 }, (_, index) => `s${String(index).padStart(2, "0")}`);
  for (const name of names) {
    const environments = [anEnvironment("dev")];
    const image = `us-central1-docker.pkg.dev/p/apps/${name}`;
    await install(ports, aService({ id: serviceId(name), name, image, environments }));
  }
  await happen(web.api.memory, { kind: "push", image: 1 });
  await happen(web.api.memory, { kind: "roll", isNotified: true });
});
afterAll(async () => web.close());

function servicesOn(text: string): readonly string[] {
  return [...text.matchAll(/href="\/services\/(?<id>[^"/]+)"/g)].map(
    ({ groups }) => groups?.["id"] ?? "",
  );
}

describe("the overview", () => {
  test("shows what runs and since when, page by page", async () => {
    const { status, text, headers } = await web.open("viewer", "/");
    expect(status).toBe(200);
    expect(servicesOn(text)).toHaveLength(50);
    const [next = ""] = /href="(?<path>\/\?[^"]*)" rel="next"/.exec(text)?.slice(1) ?? [];
    const second = await web.open("viewer", next.replaceAll("&amp;", "&"));
    expect(servicesOn(second.text)).toHaveLength(11);
    expect(second.text).toMatch(
      /<code><bdi class="whole">[^<]+<\/bdi><\/code>\s*<span class="quiet"><time datetime="2026-/,
    );
    expect(second.text).not.toContain('rel="next"');
    expect(headers.get("cache-control")).toBe("no-store");
  });

  test("costs one list of services for a page, and for a search, whatever it passes over", async () => {
    const { calls } = web.api.memory;
    const made = async (path: string): Promise<readonly string[]> => {
      const before = calls.made.length;
      await web.open("viewer", path);
      return calls.made.slice(before);
    };
    // What concerns no single service is one document, which the whole overview reads beside the list.
    expect((await made("/")).toSorted()).toEqual(["store.listServices", "store.readControl"]);
    for (const query of ["text=web", "owner=payments", "category=internal", "state=empty"]) {
      expect(await made(`/?${query}`), query).toEqual(["store.listServices"]);
    }
    // Whether everything is held stands nowhere in a service's own document.
    expect(await made("/?state=held")).toEqual(["store.readControl", "store.listServices"]);
    expect((await made("/services/web")).toSorted()).toEqual([
      "store.promotions",
      "store.read",
      "store.releases",
    ]);
  });

  test.for([
    ["?text=WEB", ["web"]],
    ["?text=s0&category=test", Array.from({ length: 10 }, (_, index) => `s0${index}`)],
    ["?owner=payments", ["web"]],
    ["?owner=pay", []],
    ["?state=waiting", []],
    ["?text=web&state=empty", ["web"]],
    ["?category=internal&state=incident", []],
  ] as const)("finds with %s what is like that", async ([query, ids]) => {
    const { text } = await web.open("viewer", `/${query}`);
    expect(servicesOn(text)).toEqual(ids);
  });

  test("names what failed where nothing runs yet, finds it, and tells the API the same", async () => {
    const { memory } = web.api;
    await happen(memory, { kind: "promote", environment: "prod", isGlassBroken: false });
    await happen(memory, { kind: "break", isNotified: true });
    const { text } = await web.open("viewer", "/?state=failed");
    expect(servicesOn(text)).toEqual(["web"]);
    const [cell = ""] = /Failed[^]*?<\/td>/.exec(text) ?? [];
    expect(cell).toMatch(
      /nothing runs yet; [^]*v1[^]*href="\/promotions\/r-[^"]+-to-prod-0001">failed</,
    );
    expect(cell).not.toContain("Empty");
    const { body } = await web.api.call("viewer", "GET /v1/services/web");
    expect(body).toMatchObject({
      environments: [{ failed: null }, { current: null, failed: { tag: "v1" } }],
    });
  });

  test("takes no harm from what stands in its address", async () => {
    const { status, text } = await web.open(
      "viewer",
      `/?text=${encodeURIComponent(HOSTILE)}&state=x`,
    );
    expect(status).toBe(200);
    expect(text).not.toContain("<script>alert");
    const { status: badToken } = await web.open("viewer", "/?page=nonsense");
    expect(badToken).toBe(400);
  });

  test("is one request with its stylesheet, well below 50 kB, and may run no script of another", async () => {
    const { text, headers } = await web.open("viewer", "/");
    const [sheet = ""] = /\/assets\/style\.[^"]+/.exec(text) ?? [];
    const style = await fetch(`${web.url}${sheet}`);
    expect(style.headers.get("cache-control")).toContain("immutable");
    expect(style.headers.get("content-type")).toContain("text/css");
    expect(Number(style.headers.get("content-length") ?? 0)).toBeLessThan(20_000);
    expect(headers.get("content-security-policy")).toContain("default-src 'none'");
    expect(headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
    expect(text).not.toMatch(/ style="| on\w+="|<style|<script(?! src="\/assets\/)/);
  });
});
