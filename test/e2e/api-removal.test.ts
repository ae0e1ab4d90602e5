import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { onTick } from "../../shared/app/tick.ts";
import { startApiWorld } from "../support/api-world.ts";
import type { ApiWorld } from "../support/api-world.ts";
import { anImage } from "../support/builders.ts";
import { imageOf, smallSpec } from "../support/local-spec.ts";
import { kindsOf, put } from "./specification-setting.ts";

let api: ApiWorld;
beforeEach(async () => {
  api = await startApiWorld();
});
afterEach(async () => api.close());

async function deliver(): Promise<void> {
  api.memory.world.images.set(imageOf("web"), [anImage(1)]);
  await onTick(api.memory.ports, "hour");
}

describe("the end of a service", () => {
  beforeEach(async () => {
    await put(api, "deployer", smallSpec("web"));
  });

  test("is refused while something is under way, and says what", async () => {
    await deliver();
    const { status, body } = await api.call("deployer", "DELETE /v1/services/web");
    expect(status).toBe(409);
    expect(JSON.stringify(body)).toContain("-to-dev-0001");
  });

  test("leaves its record readable and says what remains; no push finds it any more", async () => {
    await deliver();
    api.memory.cloudDeploy.finishAll();
    await onTick(api.memory.ports, "minute");
    const tried = await api.call("deployer", "DELETE /v1/services/web?validateOnly=true");
    expect(tried.status).toBe(200);
    const { status, body } = await api.call("deployer", "DELETE /v1/services/web?reason=moved");
    expect(status).toBe(200);
    expect(body).toEqual(tried.body);
    expect(JSON.stringify(body)).toContain("services/web-dev-us-central1, which runs v1");
    const { body: shown } = await api.call("viewer", "GET /v1/services/web");
    expect(shown).toMatchObject({
      id: "web",
      removeTime: new Date(api.memory.clock.now()).toISOString(),
      environments: [{ current: { tag: "v1" } }, {}],
    });
    expect((await kindsOf(api)).at(-1)).toBe("service.removed");
    expect(await api.memory.ports.store.findByImage(imageOf("web"))).toEqual([]);
    const promoted = await api.call(
      "deployer",
      "POST /v1/services/web/environments/prod:promote",
      {},
    );
    expect(promoted.status).toBe(409);
    expect(JSON.stringify(promoted.body)).toContain("was removed");
    const before = structuredClone(api.memory.world.store);
    await onTick(api.memory.ports, "hour");
    expect(api.memory.world.store.services).toEqual(before.services);
  });

  test("is no matter for anybody but deployers", async () => {
    expect((await api.call("oncall", "DELETE /v1/services/web")).status).toBe(403);
    expect((await api.call("stranger", "DELETE /v1/services/web")).status).toBe(404);
  });

  test("is taken back by applying again", async () => {
    await api.call("deployer", "DELETE /v1/services/web");
    const { body } = await put(api, "deployer", smallSpec("web"));
    expect(body).toMatchObject({ steps: [{ action: "create" }] });
    const { body: shown } = await api.call("viewer", "GET /v1/services/web");
    expect(shown).toMatchObject({ removeTime: null });
    expect(await api.memory.ports.store.findByImage(imageOf("web"))).toHaveLength(1);
  });
});
