import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { serviceId } from "../../shared/domain/ids.ts";
import { startApiWorld } from "../support/api-world.ts";
import type { ApiWorld } from "../support/api-world.ts";
import { anImage } from "../support/builders.ts";
import { imageOf, smallSpec } from "../support/local-spec.ts";
import { ApplyView } from "../../shared/wire/api/specification.ts";
import { present } from "../support/present.ts";
import {
  CI,
  docsWithImageOfWeb,
  kindsOf,
  listWith,
  placementOf,
  put,
  RELEASER,
} from "./specification-setting.ts";

let api: ApiWorld;
beforeEach(async () => {
  api = await startApiWorld();
});
afterEach(async () => api.close());

function holds(): readonly string[] {
  const web = api.memory.world.store.services.get(serviceId("web"));
  return present(web, "the service").state.holds.map(({ id }) => id);
}

describe("a specification that is sent for the first time", () => {
  test("is recorded, and the images that are there already are taken up", async () => {
    api.memory.world.images.set(imageOf("web"), [anImage(1)]);
    const { status, body } = await put(api, "deployer", smallSpec("web"));
    expect(body).toMatchObject({
      service: "web",
      revision: "0a1b2c",
      rights: [],
      steps: [{ kind: "service", name: "services/web", action: "create", changes: [] }],
    });
    expect(status).toBe(200);
    const { body: releases } = await api.call("viewer", "GET /v1/services/web/releases");
    expect(releases).toMatchObject({ releases: [{ service: "web" }] });
    expect((await kindsOf(api))[0]).toBe("service.applied");
  });

  test("is only looked at with validateOnly", async () => {
    const { status, body } = await put(api, "deployer", smallSpec("web"), { validateOnly: true });
    expect(status).toBe(200);
    expect(body).toMatchObject({ steps: [{ action: "create" }] });
    expect(api.memory.world.store.services.size).toBe(0);
  });

  test("is checked without a placement, and not applied", async () => {
    const only = { specification: smallSpec("web"), validateOnly: true };
    const checked = await api.call("deployer", "PUT /v1/services/web", only);
    expect(checked).toMatchObject({ status: 200, body: { revision: null } });
    const sent = await api.call("deployer", "PUT /v1/services/web", {
      specification: smallSpec("web"),
    });
    expect(sent.status).toBe(400);
    expect(JSON.stringify(sent.body)).toContain("slipway apply makes the resources");
  });

  test.each(["viewer", "approver", "oncall", "stranger@example.org", CI])(
    "by %s is refused, since only deployers add services",
    async (who) => {
      expect((await put(api, who, RELEASER)).status).toBe(403);
      expect(api.memory.world.store.services.size).toBe(0);
    },
  );

  test("is refused with every mistake, its line and its column", async () => {
    const text = smallSpec("web").replace("category: test", "category: testing");
    const { status, body } = await put(api, "deployer", text);
    expect(status).toBe(400);
    expect(body).toMatchObject({
      error: {
        details: [
          {
            "@type": "slipway/Problems",
            problems: listWith({
              severity: "error",
              path: "environments[0].category",
              line: 12,
              column: 15,
            }),
          },
        ],
      },
    });
    expect(api.memory.world.store.services.size).toBe(0);
  });

  test.each([
    ["of another service", smallSpec("docs"), {}, "names web"],
    [
      "with an archive elsewhere",
      smallSpec("web"),
      { source: "gs://evil/web.tar.gz" },
      "slipway-sources",
    ],
    [
      "of a bucket that begins alike",
      smallSpec("web"),
      { source: "gs://slipway-sources-2/services/web/0a1b2c.tar.gz" },
      "slipway-sources",
    ],
    [
      "with another service's archive",
      smallSpec("web"),
      { source: "gs://slipway-sources/services/docs/0a1b2c.tar.gz" },
      "services/web/0a1b2c",
    ],
    ["with somebody's pipeline", smallSpec("web"), { pipelineProject: "evil" }, "web-prod-1a2b"],
  ])("%s is refused", async (_, specification, parts, told) => {
    const { status, body } = await api.call("deployer", "PUT /v1/services/web", {
      specification,
      placement: { ...placementOf(), ...parts },
    });
    expect(status).toBe(400);
    expect(JSON.stringify(body)).toContain(told);
  });

  test("that suspends its rollout holds its stages in the same decision", async () => {
    const suspended = smallSpec("web").replace("rollout:", "rollout:\n  suspended: true");
    api.memory.world.images.set(imageOf("web"), [anImage(1)]);
    await put(api, "deployer", suspended);
    expect(holds()).toEqual(["hold-suspended-web-dev", "hold-suspended-web-prod"]);
    expect(api.memory.world.cloudDeploy.rollouts.size).toBe(0);
    const { body } = await put(api, "deployer", smallSpec("web"));
    expect(body).toMatchObject({
      steps: [{ kind: "service" }, { action: "delete" }, { action: "delete" }],
    });
    expect(holds()).toEqual([]);
  });
});

describe("a specification that changes", () => {
  beforeEach(async () => {
    await put(api, "deployer", RELEASER);
  });
  const changed = RELEASER.replace("memory: 512Mi", "memory: 1Gi");

  test("nothing is not recorded again", async () => {
    const before = await kindsOf(api);
    const { body } = await put(api, CI, RELEASER);
    expect(body).toMatchObject({ steps: [{ action: "unchanged" }] });
    expect(await kindsOf(api)).toEqual(before);
  });

  test("what is delivered may be sent by CI, and says what changes", async () => {
    const { status, body } = await put(api, CI, changed, { revision: "3d4e5f" });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      rights: [],
      steps: [{ action: "update", changes: [{ field: "revision", from: "0a1b2c", to: "3d4e5f" }] }],
    });
    const { body: audit } = await api.call("viewer", "GET /v1/audit?service=web");
    expect(JSON.stringify(audit)).toContain(CI);
  });

  test.each([
    ["its owners", RELEASER.replace("[testers]", "[others]"), "owners"],
    ["a category", RELEASER.replace("category: internal", "category: test"), "prod: category"],
    [
      "who may promote",
      `${RELEASER}delivery: {environments: {prod: {access: {promote: ['user:eve@example.com']}}}}\n`,
      "prod: access",
    ],
    [
      "a gate",
      `${RELEASER}delivery: {environments: {prod: {alerts: {block: []}}}}\n`,
      "prod: alerts",
    ],
    ["its image", RELEASER.replace(imageOf("web"), imageOf("other")), "image"],
    ["a project", RELEASER.replace("web-prod-1a2b", "web-prod-9z9z"), "prod: place"],
  ])("%s is no matter for CI, and loud when a deployer does it", async (_, text, key) => {
    const refused = await put(api, CI, text, { revision: "3d4e5f" });
    expect(refused.status).toBe(403);
    expect(JSON.stringify(refused.body)).toContain(`the specification changes ${key}`);
    const { status, body } = await put(api, "deployer", text, { revision: "3d4e5f" });
    expect(status).toBe(200);
    expect(ApplyView.parse(body).rights).toContain(key);
    expect(await kindsOf(api)).toContain("rights.changed");
  });

  test("by somebody who may not read it is answered like one that is not there", async () => {
    const known = await put(api, "stranger@example.org", changed);
    const unknown = await put(api, "stranger@example.org", smallSpec("docs"), { id: "docs" });
    expect(known.status).toBe(403);
    expect(JSON.stringify(known.body)).toBe(JSON.stringify(unknown.body));
  });
});

describe("a service that claims what another has", () => {
  test("is refused at the place in its file, unless both say that they share", async () => {
    await put(api, "deployer", smallSpec("web"));
    const refused = await put(api, "deployer", docsWithImageOfWeb(""), { id: "docs" });
    expect(refused.status).toBe(400);
    expect(refused.body).toMatchObject({
      error: {
        details: [{ problems: listWith({ severity: "error", path: "build.image", line: 5 }) }],
      },
    });
    const half = await put(api, "deployer", docsWithImageOfWeb("delivery: {sharesWith: [web]}\n"), {
      id: "docs",
    });
    expect(half.status).toBe(400);
    expect(JSON.stringify(half.body)).toContain("add docs to delivery.sharesWith of web");
    await put(api, "deployer", `${smallSpec("web")}delivery: {sharesWith: [docs]}\n`);
    const both = await put(api, "deployer", docsWithImageOfWeb("delivery: {sharesWith: [web]}\n"), {
      id: "docs",
    });
    expect(both.status).toBe(200);
  });

  test("by its project and region is refused, and by its project alone is not", async () => {
    await put(api, "deployer", smallSpec("web").replace("web-dev-1a2b", "web-dev-prod-1a2b"));
    const near = smallSpec("web-dev");
    const refused = await put(api, "deployer", near, { id: "web-dev" });
    expect(refused.status).toBe(400);
    expect(refused.body).toMatchObject({
      error: { details: [{ problems: listWith({ path: "environments[1].projectID" }) }] },
    });
    expect(JSON.stringify(refused.body)).toContain("in us-central1 belongs to service web");
    const far = near.replaceAll(
      /(?<project>projectID: .*)\n/g,
      "$<project>\n    locations: {gcpRegion: europe-west3, gcpLocation: europe}\n",
    );
    const { body } = await put(api, "deployer", far, { id: "web-dev" });
    expect(body).toMatchObject({ service: "web-dev" });
  });

  test("what both had before is a warning when either is applied again", async () => {
    await put(api, "deployer", `${smallSpec("web")}delivery: {sharesWith: [docs]}\n`);
    await put(api, "deployer", docsWithImageOfWeb("delivery: {sharesWith: [web]}\n"), {
      id: "docs",
    });
    const { status, body } = await put(api, "deployer", docsWithImageOfWeb(""), { id: "docs" });
    expect([status, body]).toMatchObject([
      200,
      { problems: listWith({ severity: "warning", path: "build.image" }) },
    ]);
  });
});
