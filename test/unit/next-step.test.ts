import { describe, expect, test } from "vitest";
import type { NextStep } from "../../shared/domain/next-step.ts";
import { helpText, toChatWords, toCommand, toPage } from "../../shared/wire/next-step.ts";

const THERE = { service: "web", environment: "prod" };
const RELEASE = { ...THERE, release: "r-1" };
const PLACE = "/services/web/environments/prod";

/** Every step, with how it is taken on the terminal, in chat and on the pages; null where it is not. */
const STEPS: readonly (readonly [NextStep, string, string | null, string | null])[] = [
  [{ kind: "list-services" }, "slipway status", "/slipway status", "/"],
  [{ kind: "list-promotions" }, "slipway promotions SERVICE", "/slipway status", "/"],
  [{ kind: "list-holds" }, "slipway hold list", "/slipway status", "/holds"],
  [
    { kind: "list-releases", service: "web" },
    "slipway releases web",
    "/slipway timeline web",
    "/services/web",
  ],
  [{ kind: "list-backups", ...THERE }, "slipway backups web prod", null, PLACE],
  [
    { kind: "changes", ...THERE },
    "slipway changes web prod",
    "/slipway changes web prod",
    `${PLACE}#changes`,
  ],
  [
    { kind: "lift", hold: "hold-1" },
    "slipway hold lift hold-1",
    "/slipway lift hold-1",
    "/holds/hold-1/lift",
  ],
  [
    { kind: "approve", promotion: "p" },
    "slipway approve p",
    "/slipway approve p",
    "/promotions/p/approve",
  ],
  [
    { kind: "cancel", promotion: "p" },
    "slipway cancel p",
    "/slipway cancel p",
    "/promotions/p/cancel",
  ],
  [{ kind: "retry", promotion: "p" }, "slipway retry p", null, "/promotions/p/retry"],
  [{ kind: "look", promotion: "p" }, "slipway promotion p", null, "/promotions/p"],
  [{ kind: "follow", promotion: "p" }, "slipway promotion p --watch", null, "/promotions/p"],
  [
    { kind: "unmark", service: "web", release: "r-1" },
    "slipway mark web r-1 --good --reason TEXT",
    null,
    "/services/web/releases/r-1/unmark",
  ],
  [
    { kind: "explain", ...RELEASE },
    "slipway explain web prod --release r-1",
    "/slipway explain web prod r-1",
    `${PLACE}?release=r-1`,
  ],
  [
    { kind: "promote", ...RELEASE },
    "slipway promote web prod --release r-1",
    "/slipway promote web prod r-1",
    `${PLACE}/promote?release=r-1`,
  ],
  [
    { kind: "roll-back-with-data", ...RELEASE },
    "slipway rollback web prod --release r-1 --restore-data --reason TEXT",
    null,
    `${PLACE}/rollback?release=r-1&data=yes`,
  ],
  [
    { kind: "break-glass", gates: ["hold", "soak"], ...RELEASE },
    "slipway promote web prod --release r-1 --break-glass hold,soak --reason TEXT",
    null,
    `${PLACE}/promote?release=r-1`,
  ],
  [{ kind: "outside", command: "cosign sign x" }, "cosign sign x", "cosign sign x", null],
];

describe("a step that somebody can take", () => {
  test.each(STEPS)("is written as it is done there: %j", (step, command, words, path) => {
    expect(toCommand(step)).toBe(command);
    expect(toChatWords(step)).toBe(words);
    expect(toPage(step)?.path ?? null).toBe(path);
  });

  test("that is taken on a page is named there", () => {
    const pages = STEPS.flatMap(([step]) => toPage(step) ?? []);
    expect(pages.every(({ name }) => /^[A-Z][a-z]/.test(name))).toBe(true);
  });

  test("is said to whoever was refused", () => {
    const help = { how: "list them", step: { kind: "list-services" as const } };
    expect(helpText(help)).toBe("list them: slipway status");
  });
});
