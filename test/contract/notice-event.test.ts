import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { expect, test } from "vitest";
import { z } from "zod";
import { cardOf } from "../../shared/domain/notices/card.ts";
import { NOTICE_KINDS } from "../../shared/domain/notices/notice.ts";
import { newServiceState } from "../../shared/domain/state.ts";
import { noticeEventJsonSchema, toNoticeEvent } from "../../shared/wire/notice-event.ts";
import { aPolicy, aService, anEnvironment } from "../support/builders.ts";
import { aRelease } from "../support/contracts/samples.ts";
import { aPromotion } from "../support/gate-case.ts";
import { aMessage } from "../support/notice-message.ts";

const SCHEMA = new URL("../../docs/notice-event.schema.json", import.meta.url);

/** What a receiver should take at most. Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md#payload-size */
const EVENT_BYTES = 20_000;

const ajv = new Ajv2020({ strict: true, allErrors: true });
addFormats.default(ajv);
const check = ajv.compile(
  z.record(z.string(), z.unknown()).parse(JSON.parse(readFileSync(SCHEMA, "utf8"))),
);

function complaintsAbout(event: unknown): readonly string[] {
  return check(event)
    ? []
    : (check.errors ?? []).map(({ message = "", instancePath }) => `${instancePath} ${message}`);
}

test("an event without its id is not valid", () => {
  const event = toNoticeEvent(aMessage());
  expect(complaintsAbout({ ...event, data: { ...event.data, id: undefined } })).toHaveLength(1);
});

test("docs/notice-event.schema.json is what infra/cli/write-schema.ts writes", () => {
  expect(readFileSync(SCHEMA, "utf8")).toBe(
    `${JSON.stringify(noticeEventJsonSchema(), null, 2)}\n`,
  );
});

test.each(NOTICE_KINDS)("an event of %s is valid", (kind) => {
  expect(complaintsAbout(toNoticeEvent(aMessage({ kind })))).toEqual([]);
});

const LONG = "ö".repeat(5000);
const POLICY = aPolicy({
  approvals: {
    required: 1,
    from: Array.from({ length: 100 }, (_, index) => `group:${index}${LONG}` as const),
    notRequester: true,
    notAuthor: false,
  },
});
const SERVICE = aService({ environments: [anEnvironment("prod", { policy: POLICY })] });
const WAITING = {
  ...aPromotion(),
  requestedBy: `user:${LONG}` as const,
  reason: LONG,
  gates: [
    {
      gate: "approval",
      verdict: { kind: "CLOSED", reason: LONG, opensAt: null },
      since: aPromotion().createdAt,
    },
  ],
} as const;

test("an event of a promotion says how it stands, is valid, and small whatever people write", () => {
  const release = aRelease(SERVICE, 1);
  const card = cardOf({ state: newServiceState(SERVICE), promotion: WAITING, release });
  const event = toNoticeEvent(
    aMessage(
      { kind: "waiting", text: LONG, environment: WAITING.environment },
      {
        card,
        title: LONG,
        about: { service: SERVICE, promotion: WAITING, release, isCurrent: false, brought: [] },
      },
    ),
  );
  expect(complaintsAbout(event)).toEqual([]);
  expect(event.data).toMatchObject({
    service: SERVICE.id,
    environment: { id: "prod" },
    release: { id: release.id, tag: release.tag },
    promotion: { id: WAITING.id, state: "WAITING" },
  });
  expect(Buffer.byteLength(JSON.stringify(event))).toBeLessThan(EVENT_BYTES);
});
