import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { startApiWorld } from "../support/api-world.ts";
import type { ApiWorld } from "../support/api-world.ts";
import { anEnvironment, aPolicy, aService } from "../support/builders.ts";
import { present } from "../support/present.ts";
import { happen, install } from "../support/storm.ts";
import { releaseOf } from "./api-recovery-setting.ts";

const PROMOTE = "POST /v1/services/web/environments/prod:promote";
const FIRST = releaseOf(1);
const HOUR_MS = 3_600_000;
/** So many releases that the state forgets the first. */
const RELEASES = 9;

let api: ApiWorld;
beforeEach(async () => {
  api = await startApiWorld();
  const policy = aPolicy({ alerts: { block: ["CRITICAL"], warn: [] } });
  const prod = anEnvironment("prod", { stage: 1, category: "internal", policy });
  await install(api.memory.ports, aService({ environments: [anEnvironment("dev"), prod] }));
  for (let image = 1; image <= RELEASES; image += 1) {
    await happen(api.memory, { kind: "push", image });
    await happen(api.memory, { kind: "roll", isNotified: true });
  }
  // Whatever was read of incidents is too old to start a promotion on.
  api.memory.clock.advance(HOUR_MS);
});
afterEach(async () => api.close());

function stored(): { readonly releases: object } {
  const [service] = api.memory.world.store.services.values();
  return present(service, "the service").state;
}

describe("an older release that is promoted while nobody has read the incidents for long", () => {
  test.each([
    ["by id", { release: FIRST }],
    ["by tag", { release: "v1" }],
    ["without waiting", { release: FIRST, wait: false }],
  ])("%s is taken up at the first time, and goes there", async (_name, body) => {
    expect(Object.keys(stored().releases)).not.toContain(FIRST);
    const { status, body: promotion } = await api.call("deployer", PROMOTE, body);
    expect([status, promotion]).toMatchObject([202, { release: FIRST, state: "WAITING" }]);
    const again = await api.call("deployer", PROMOTE, body);
    expect(again).toMatchObject({ status: 202, body: { release: FIRST, state: "RUNNING" } });
    await happen(api.memory, { kind: "roll", isNotified: true });
    const { body: service } = await api.call("viewer", "GET /v1/services/web");
    expect(service).toMatchObject({ environments: [{}, { current: { release: FIRST } }] });
  });

  test("is tried out and explained as well", async () => {
    const tried = await api.call("deployer", PROMOTE, { release: FIRST, validateOnly: true });
    expect(tried).toMatchObject({ status: 200, body: { release: FIRST } });
    const path = "/v1/services/web/environments/prod";
    const asked = await api.call("viewer", `GET ${path}:explain?release=${FIRST}`);
    expect(asked).toMatchObject({ status: 200, body: { release: { id: FIRST } } });
  });

  test("is none when there is no such release, the first time and the second", async () => {
    for (const release of [FIRST.replace("r-1", "r-f"), "v99"]) {
      const answers = [
        await api.call("deployer", PROMOTE, { release }),
        await api.call("deployer", PROMOTE, { release }),
      ];
      expect(answers.map(({ status }) => status)).toEqual([404, 404]);
    }
  });
});
