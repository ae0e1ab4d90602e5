import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { PEOPLE } from "../support/api-world.ts";
import { LOCAL_PAGES, serveWebWorld } from "../support/web-world.ts";
import type { PageAnswer, WebWorld } from "../support/web-world.ts";
import { finish, release, releaseOf, startRecovery } from "./api-recovery-setting.ts";

const PROD = "/services/web/environments/prod";
const WHY = { reason: "errors <b>since</b> noon" };

let web: WebWorld;

beforeAll(async () => {
  web = await serveWebWorld(await startRecovery(LOCAL_PAGES));
});
afterAll(async () => web.close());

/** Sends a page's form, and then the form by which what was shown is meant. */
async function mean(
  who: keyof typeof PEOPLE,
  page: string,
  fields: Readonly<Record<string, string>>,
): Promise<PageAnswer> {
  return web.send(who, { page }, { ...fields, confirmed: "yes" });
}

async function prod(): Promise<unknown> {
  const { body } = await web.api.call("viewer", "GET /v1/services/web");
  return body;
}

describe("what people do on pages", () => {
  test("is shown before it is done, and nothing is stored by looking", async () => {
    const before = await prod();
    const { status, text } = await web.send("deployer", { page: `${PROD}/rollback` }, WHY);
    expect(status).toBe(200);
    expect(text).toContain("Nothing has been done yet");
    expect(text).toContain("errors &lt;b&gt;since&lt;/b&gt; noon");
    expect(await prod()).toEqual(before);
  });

  test.for([
    ["viewer", `${PROD}/promote`, {}],
    ["viewer", `${PROD}/rollback`, WHY],
    ["viewer", `${PROD}/hold`, WHY],
    ["viewer", `${PROD}/restore`, { ...WHY, backup: "b-1" }],
    ["viewer", `${PROD}/migrate`, {}],
    ["viewer", "/holds/new", WHY],
  ] as const)("is refused to a %s at %s, form or no form", async ([who, page, fields]) => {
    expect((await web.open(who, page)).status).toBe(403);
    const sent = await web.send(who, { page: "/", action: page }, { ...fields, confirmed: "yes" });
    expect(sent.status).toBe(403);
    expect(sent.text).toContain(PEOPLE[who]);
  });

  test("brings data only where they may bring it, and offers nothing else", async () => {
    const { text } = await web.open("deployer", `${PROD}/restore`);
    expect([...text.matchAll(/<option value="(\w+)"/g)].map(([, into]) => into)).toEqual(["dev"]);
    const fields = { ...WHY, backup: "b-1", into: "prod" };
    expect((await mean("deployer", `${PROD}/restore`, fields)).status).toBe(403);
  });

  test("is asked for again, with what was filled in, where it cannot be done so", async () => {
    const page = `${PROD}/promote`;
    const { status, text } = await web.send("deployer", { page }, { release: "r-none", ...WHY });
    expect(status).toBe(404);
    expect(text).toMatch(/role="alert"[^>]*><bdi>[^<]*r-none/);
    expect(text).toContain('<a href="/services/web"');
    expect(text).not.toContain("slipway releases");
    expect(text).toContain('value="r-none"');
  });

  test("breaks no glass for whoever has not that right, whatever their form says", async () => {
    expect((await web.open("deployer", `${PROD}/promote`)).text).not.toContain("breakGlass");
    expect((await web.open("oncall", `${PROD}/promote`)).text).toContain("breakGlass");
    const page = `${PROD}/promote`;
    const sent = await web.send("deployer", { page }, { ...WHY, breakGlass: "yes" });
    expect(sent.status).toBe(403);
  });

  test("starts a migration only after it was told whether it can be undone, and only the one that was shown", async () => {
    const { text } = await web.open("deployer", `${PROD}/migrate`);
    expect(text).toMatch(/Cannot be undone[^]*>Safe<[^]*>Safe only with its data<[^]*<form/);
    const stale = { promotion: "r-other-to-prod-0001" };
    const other = await web.send("deployer", { page: `${PROD}/migrate` }, stale);
    expect(other.status).toBe(409);
    expect(other.text).toContain("another migration waits in prod by now");
    const { status, headers } = await web.send("deployer", { page: `${PROD}/migrate` }, {});
    expect([status, headers.get("location")]).toEqual([303, "/services/web"]);
    expect((await web.open("viewer", "/services/web")).text).toMatch(
      /migration .*runs, started by/s,
    );
    expect((await web.open("deployer", `${PROD}/migrate`)).status).toBe(409);
    await finish(web.api);
    const after = await web.open("deployer", `${PROD}/migrate`);
    expect(after.text).toContain("no migration waits to be started in prod");
    expect(await prod()).toMatchObject({
      environments: [{}, { rollbackFloor: { release: releaseOf(2) } }],
    });
  });

  test("says what data is lost before a rollback takes it, and then takes it", async () => {
    const fields = { ...WHY, restoreData: "yes", hold: "yes" };
    const { text } = await web.send("oncall", { page: `${PROD}/rollback` }, fields);
    expect(text).toMatch(/what was written in prod since [-\d]{10} [:\d]{8} UTC is lost/);
    const { status, headers } = await mean("oncall", `${PROD}/rollback`, fields);
    expect(status).toBe(303);
    const path = headers.get("location") ?? "";
    await finish(web.api);
    const done = await web.open("viewer", path);
    expect(done.text).toContain("Succeeded");
    expect(done.text).toMatch(/restore of/);
    const console = "https://console.cloud.google.com/deploy/delivery-pipelines/us-central1/";
    expect(done.text).toMatch(
      new RegExp(
        `href="${console}web-us-central1-rollout/releases/[^/"]+/rollouts/[^/"]+\\?project=slipway"`,
      ),
    );
    expect(await prod()).toMatchObject({
      environments: [{}, { holds: [{ by: `user:${PEOPLE.oncall}` }] }],
    });
  });

  test("is taken from the form of the person to whom the page was shown alone", async () => {
    const { text, headers } = await web.open("oncall", "/holds/new");
    const token = /name="formToken"\s+value="(?<token>[^"]+)"/.exec(text)?.groups?.["token"] ?? "";
    const cookie = headers.getSetCookie().join("; ");
    const sent = await fetch(`${web.url}/holds/new`, {
      method: "POST",
      headers: { cookie: `slipway-person=${PEOPLE.deployer}; ${cookie}`, origin: web.url },
      body: new URLSearchParams({ formToken: token, confirmed: "yes", ...WHY }),
    });
    expect(sent.status).toBe(403);
    expect(await sent.text()).toContain("this form is not one that a page of Slipway made for you");
  });

  test("marks a release and takes the mark away", async () => {
    await release(web.api, 3);
    const { text } = await web.open("oncall", "/services/web");
    const [page = ""] = /\/services\/web\/releases\/[^"]+\/mark/.exec(text) ?? [];
    expect((await web.send("oncall", { page }, WHY)).status).toBe(303);
    const marked = await web.open("viewer", "/services/web");
    expect(marked.text).toContain("errors &lt;b&gt;since&lt;/b&gt; noon");
    expect(marked.text).not.toContain("/unmark");
    expect((await web.send("oncall", { page: page.replace(/mark$/, "unmark") }, WHY)).status).toBe(
      303,
    );
  });
});

describe("the audit page", () => {
  test("shows records in order and that their chain is intact", async () => {
    const { text } = await web.open("viewer", "/audit?service=web");
    expect(text).toContain("Intact");
    expect(text).toContain("promotion.succeeded");
    expect((await web.open("stranger", "/audit?service=web")).status).toBe(404);
    expect((await web.open("stranger", "/audit")).status).toBe(403);
  });

  test("names the record that somebody has changed", async () => {
    const { records } = web.api.memory.world.store;
    const [first, second, ...others] = records.get("web") ?? [];
    if (first === undefined || second === undefined) {
      throw new Error("the service has a record");
    }
    const changed = { ...second, by: "user:mallory@example.com" };
    records.set("web", [first, changed, ...others]);
    expect((await web.open("viewer", "/audit?service=web")).text).toMatch(
      /Broken[^]*At record 2[^]*the audit feed[^]*<th[^>]*>\s*<span class="badge bad"/i,
    );
    records.set("web", [first, ...others]);
    expect((await web.open("viewer", "/audit?service=web")).text).toMatch(/Broken[^]*At record 3/);
  });
});
