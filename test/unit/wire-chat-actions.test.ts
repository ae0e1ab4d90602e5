import { expect, test } from "vitest";
import { asPromotionId, asReleaseId, environmentId, serviceId } from "../../shared/domain/ids.ts";
import { parseChatButton, toChatButton } from "../../shared/wire/chat-actions.ts";
import type { ChatAction } from "../../shared/wire/chat-actions.ts";

const PROMOTION = asPromotionId("r-0123456789abcdef-a1b2c3-to-prod-0001");
const PLACE = { service: serviceId("web"), environment: environmentId("prod") };
const ACTIONS: readonly ChatAction[] = [
  { kind: "approve", promotion: PROMOTION },
  { kind: "reject", promotion: PROMOTION },
  { kind: "promote", ...PLACE, release: asReleaseId("r-0123456789abcdef-a1b2c3") },
  { kind: "roll-back", ...PLACE },
];

test.each(ACTIONS)("the button of %j says so when it is pressed", (action) => {
  expect(parseChatButton(toChatButton(action))).toEqual({ ok: true, value: action });
});

test("a button's id is the kind of its action", () => {
  expect(ACTIONS.map((action) => toChatButton(action).actionId)).toEqual([
    "approve",
    "reject",
    "promote",
    "roll-back",
  ]);
});

test.each([
  ["of another app", "open_modal", '{"promotion":"p"}'],
  ["without a value", "approve", ""],
  ["whose value is no object", "approve", "null"],
  ["whose value is a text", "approve", '"p"'],
  ["that says less", "promote", '{"service":"web","environment":"prod"}'],
  ["that says more", "approve", '{"promotion":"p","by":"user:ann@example.com"}'],
  ["about nothing", "approve", '{"promotion":""}'],
  ["about what can have no such id", "approve", JSON.stringify({ promotion: "p".repeat(64) })],
  [
    "that claims another kind in its value",
    "approve",
    '{"kind":"roll-back","promotion":"p","x":1}',
  ],
])("a button %s is refused", (_, actionId, value) => {
  expect(parseChatButton({ actionId, value }).ok).toBe(false);
});
