import { afterAll, beforeAll, expect, test } from "vitest";
import { decideOnly } from "../../shared/app/decide-only.ts";
import { tellControl } from "../../shared/app/handle-control.ts";
import { serviceId } from "../../shared/domain/ids.ts";
import type { TroubledChannel } from "../../shared/domain/notices/troubled.ts";
import { aService, START } from "../support/builders.ts";
import { install } from "../support/storm.ts";
import { startWebWorld } from "../support/web-world.ts";
import type { PageAnswer, WebWorld } from "../support/web-world.ts";

let world: WebWorld;
beforeAll(async () => {
  world = await startWebWorld();
  await install(world.api.memory.ports, aService());
});
afterAll(async () => {
  await world.close();
});

async function observe(troubled: readonly TroubledChannel[]): Promise<void> {
  const { ports } = world.api.wiring;
  await decideOnly(ports, serviceId("web"), { kind: "channels-observed", troubled });
}

/** What a page says, without its tags. */
function shown({ text }: PageAnswer): string {
  return text.replaceAll(/<[^>]*>/g, "").replaceAll(/\s+/g, " ");
}

test("a channel that takes nothing is on the overview and on the service's page, with what it said, until it is well", async () => {
  expect((await world.open("viewer", "/services/web")).text).not.toContain("Nobody is told");
  const reason = "Slack, #a: is_archived; bring the channel back, or name <another> one";
  await observe([{ channel: "slack #a", since: START, reason }]);
  const page = await world.open("viewer", "/services/web");
  expect(shown(page)).toContain("Nobody is told by slack #a since");
  expect(shown(page)).toContain("bring the channel back, or name &lt;another&gt; one");
  const overview = await world.open("viewer", "/");
  expect(overview.text).toContain("Notices do not arrive");
  expect(overview.text).toContain("slack #a");
  await observe([]);
  expect((await world.open("viewer", "/")).text).not.toContain("Notices do not arrive");
  expect((await world.open("viewer", "/services/web")).text).not.toContain("Nobody is told");
});

async function observeOwn(troubled: readonly TroubledChannel[]): Promise<void> {
  await tellControl(world.api.wiring.ports, { kind: "channels-observed", troubled });
}

test("a channel of the installation that takes nothing is on the overview and in the list, for whoever may read all", async () => {
  const reason = "the relay says 550; correct mail.from";
  await observeOwn([{ channel: "mail ops@example.com", since: START, reason }]);
  expect(shown(await world.open("viewer", "/"))).toContain(
    "Nobody is told by mail ops@example.com since",
  );
  expect(shown(await world.open("viewer", "/"))).toContain("correct mail.from");
  const { body } = await world.api.call("viewer", "GET /v1/services");
  expect(body).toMatchObject({ channels: [{ channel: "mail ops@example.com", reason }] });
  await observeOwn([]);
  expect((await world.open("viewer", "/")).text).not.toContain("ops@example.com");
  const after = await world.api.call("viewer", "GET /v1/services");
  expect(after.body).toMatchObject({ channels: [] });
});
