import { setImmediate } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { manualClock } from "../support/manual-clock.ts";
import type { ManualClock } from "../support/manual-clock.ts";
import { LOOKUP_MAX, membershipOf } from "../../shared/app/membership.ts";
import { askRight } from "../../shared/app/rights.ts";
import type { Caller, RightsDesk } from "../../shared/app/rights.ts";
import type { Principal } from "../../shared/domain/policy.ts";
import type { Question } from "../../shared/domain/rights/question.ts";
import type { InstallationAccess } from "../../shared/domain/rights/relation.ts";
import { PermanentError, TransientError } from "../../shared/ports/errors.ts";
import type { Patience } from "../../shared/ports/patience.ts";
import { aPolicy, aService, anEnvironment } from "../support/builders.ts";
import { memoryPorts } from "../support/memory-ports.ts";
import { present } from "../support/present.ts";

const GROUPS: Readonly<Record<string, readonly string[]>> = {
  "eng@example.com": ["ann@example.com", "bot@p.iam.gserviceaccount.com"],
  "sre@example.com": ["sue@example.com"],
};

const ACCESS: InstallationAccess = {
  viewer: [],
  deployer: [],
  approver: [],
  oncall: ["user:oli@example.com", "group:rota@example.com"],
  owners: [],
};

type Asked = {
  readonly groups: string[];
  readonly desk: RightsDesk;
  readonly logged: () => number;
};

/** A desk whose directory cannot tell the members of the groups that are down. */
function deskFor(
  email: string,
  down: Readonly<Record<string, Error>> = {},
  parts: Partial<Caller> & { readonly slow?: Readonly<Record<string, number>> } = {},
): Asked {
  const { slow = {}, ...about } = parts;
  const { ports, logs } = memoryPorts();
  const patience = timed(clock);
  const groups: string[] = [];
  const directory = {
    isMember: async (group: string, member: string): Promise<boolean> => {
      groups.push(group);
      await answersAfter(clock, slow[group] ?? 0);
      const failure = down[group];
      if (failure !== undefined) {
        throw failure;
      }
      return GROUPS[group]?.includes(member) ?? false;
    },
  };
  return {
    groups,
    logged: () => logs.filter(({ message }) => message === "group cannot be looked up").length,
    desk: {
      access: ACCESS,
      caller: { email, isManaged: true, ...about },
      members: membershipOf({ ...ports, directory, patience }, email),
    },
  };
}

const clock = manualClock();

/** Waits by a clock that a test advances. */
function timed({ at, now }: ManualClock): Patience {
  return {
    within: async (limit, act) => {
      const { promise, reject } = Promise.withResolvers<never>();
      const timer = at(now() + limit, () => {
        reject(new TransientError("DEADLINE_EXCEEDED", `no answer within ${limit} ms`));
      });
      try {
        return await Promise.race([act(), promise]);
      } finally {
        timer.cancel();
      }
    },
  };
}

async function answersAfter({ at, now }: ManualClock, waitMs: number): Promise<void> {
  if (waitMs > 0) {
    await new Promise<void>((resolve) => {
      at(now() + waitMs, resolve);
    });
  }
}

function question(
  right: "promote" | "approve" | "break-glass",
  named: readonly Principal[],
): Question {
  const access = { promote: named, approve: named, breakGlass: named };
  const service = aService({
    environments: [anEnvironment("prod", { category: "external", policy: aPolicy({ access }) })],
  });
  return { right, service, where: present(service.environments[0], "prod") };
}

const BOTH: readonly Principal[] = ["group:eng@example.com", "group:sre@example.com"];
const BUSY = new TransientError("UNAVAILABLE", "group eng: busy");
const LACKING = new PermanentError("UNIMPLEMENTED", "group eng: not in this edition");

describe("a caller who is named directly", () => {
  test.each(["ann@example.com", "oli@example.com"])("as %s needs no look-up", async (email) => {
    const { desk, groups } = deskFor(email);
    const asked = question("promote", [...BOTH, "user:ann@example.com"]);
    expect(await askRight(desk, asked)).toMatchObject({ ok: true });
    expect(groups).toEqual([]);
  });

  test("is let in though every group is out of reach", async () => {
    const down = { "eng@example.com": BUSY, "sre@example.com": BUSY, "rota@example.com": BUSY };
    const { desk } = deskFor("Ann@Example.com", down);
    expect(
      await askRight(desk, question("promote", [...BOTH, "user:ANN@example.com"])),
    ).toMatchObject({ ok: true });
  });
});

describe.each([
  ["for now", BUSY],
  ["for good", LACKING],
])("a group that cannot be looked up %s", (_, failure) => {
  const down = { "eng@example.com": failure };

  test("locks out nobody of another group, and is logged", async () => {
    const { desk, logged } = deskFor("sue@example.com", down);
    expect(await askRight(desk, question("promote", BOTH))).toMatchObject({ ok: true });
    expect(logged()).toBe(1);
  });

  test("has no members: they are refused, and told to try again", async () => {
    const { desk } = deskFor("ann@example.com", down);
    expect(await askRight(desk, question("promote", BOTH))).toMatchObject({
      ok: false,
      refusal: expect.stringMatching(
        /^ann@example\.com may not promote .* group:eng@example\.com could not be looked up: try again later$/,
      ) as unknown,
    });
  });
});

describe("a group that does not answer", () => {
  test.each([
    ["just in time", LOOKUP_MAX - 1, true],
    ["too late", LOOKUP_MAX + 1, false],
  ])("until %s, is waited for no longer than that", async (_, waitMs, ok) => {
    const slow = { "eng@example.com": waitMs };
    const { desk, logged } = deskFor("ann@example.com", {}, { slow });
    const answer = askRight(desk, question("promote", BOTH));
    for (const step of [LOOKUP_MAX - 1, 1, 1]) {
      await setImmediate();
      await clock.advance(step);
    }
    expect(await answer).toMatchObject({ ok });
    expect(logged()).toBe(ok ? 0 : 1);
  });

  test("holds up nobody of another group", async () => {
    const { desk } = deskFor("sue@example.com", {}, { slow: { "eng@example.com": 86_400_000 } });
    const answer = askRight(desk, question("promote", BOTH));
    await setImmediate();
    await clock.advance(LOOKUP_MAX);
    expect(await answer).toMatchObject({ ok: true });
  });
});

describe("a group", () => {
  test("is asked once for all questions of a request, also when it cannot answer", async () => {
    const { desk, groups, logged } = deskFor("ann@example.com", { "eng@example.com": BUSY });
    await askRight(desk, question("promote", BOTH));
    const second = await askRight(desk, question("approve", BOTH));
    expect(second).toMatchObject({
      ok: false,
      refusal: expect.stringContaining("looked up") as unknown,
    });
    expect(groups.toSorted()).toEqual(["eng@example.com", "rota@example.com", "sre@example.com"]);
    expect(logged()).toBe(1);
  });

  test("is asked once for a question, however often it is named", async () => {
    const { desk, groups } = deskFor("eve@example.com");
    const twice: readonly Principal[] = ["group:eng@example.com", "group:ENG@example.com"];
    expect(await askRight(desk, question("break-glass", twice))).toMatchObject({ ok: false });
    expect(groups.toSorted()).toEqual(["eng@example.com", "rota@example.com"]);
  });
});

describe("a service account", () => {
  const BOT = "bot@p.iam.gserviceaccount.com";

  test("promotes as a member of a group", async () => {
    const { desk } = deskFor(BOT, {}, { isManaged: false });
    expect(await askRight(desk, question("promote", BOTH))).toMatchObject({ ok: true });
  });

  test("approves as a member of none, only where it is named itself", async () => {
    const { desk } = deskFor(BOT, {}, { isManaged: false });
    expect(await askRight(desk, question("approve", BOTH))).toMatchObject({ ok: false });
    const itself = question("approve", [`user:${BOT}`]);
    expect(await askRight(desk, itself)).toMatchObject({ ok: true });
  });
});

describe("a domain", () => {
  test.each([
    ["an account that its organisation manages", "eve@example.com", true, true],
    ["a private account with such an address", "eve@example.com", false, false],
    ["an account of a domain within it", "eve@team.example.com", true, false],
    ["an account of a domain that ends like it", "eve@badexample.com", true, false],
    ["an address with another in front", "eve@example.com@evil.example.org", true, false],
    ["an address that only looks alike", "eve@ex\u0430mple.com", true, false],
  ])("lets in %s: %s", async (_, email, isManaged, isLetIn) => {
    const { desk } = deskFor(email, {}, { isManaged });
    const { ok } = await askRight(desk, question("promote", ["domain:example.com"]));
    expect(ok).toBe(isLetIn);
  });
});

describe("a service without environments", () => {
  test("lets nobody do anything", async () => {
    const { desk } = deskFor("oli@example.com");
    const service = aService({ environments: [] });
    for (const where of ["anywhere", "arrival", "whole"] as const) {
      expect(await askRight(desk, { right: "stop", service, where })).toMatchObject({ ok: false });
    }
  });
});
