import { expect, test } from "vitest";
import { environmentId, serviceId } from "../../shared/domain/ids.ts";
import type { WakeUp } from "../../shared/domain/wake-up.ts";
import { parseWakeUp, toWakeUpText } from "../../shared/wire/wake-up.ts";

const WEB = serviceId("web");
const WAKE_UPS: readonly WakeUp[] = [
  { kind: "service", service: WEB, look: null },
  { kind: "service", service: WEB, look: environmentId("prod") },
  { kind: "all" },
];

function read(text: string): ReturnType<typeof parseWakeUp> {
  return parseWakeUp({ id: "1", attributes: {}, publishTime: null, attempt: null, text });
}

test.each(WAKE_UPS)("the wake-up %j is read as it was written", (wakeUp) => {
  expect(read(toWakeUpText(wakeUp))).toEqual({ ok: true, value: wakeUp });
});

test.each([
  ["no JSON", "web"],
  ["nothing", ""],
  ["of no kind", '{"service":"web","look":null}'],
  ["of another kind", '{"kind":"day"}'],
  ["of a service that can have no such id", '{"kind":"service","service":"../web","look":null}'],
  [
    "of a service with too long an id",
    `{"kind":"service","service":"${"a".repeat(21)}","look":null}`,
  ],
  ["that does not say what to look at", '{"kind":"service","service":"web"}'],
])("a wake-up that is %s is refused", (_, text) => {
  expect(read(text).ok).toBe(false);
});
