import { describe, expect, test } from "vitest";
import type { Principal } from "../../shared/domain/policy.ts";
import { askedOf } from "../../shared/domain/rights/question.ts";
import type { Question } from "../../shared/domain/rights/question.ts";
import { RELATIONS } from "../../shared/domain/rights/relation.ts";
import type { InstallationAccess, Relation } from "../../shared/domain/rights/relation.ts";
import { INSTALLATION_RIGHTS, RIGHTS } from "../../shared/domain/rights/table.ts";
import type { InstallationRight, Right } from "../../shared/domain/rights/table.ts";
import type { Category, Service } from "../../shared/domain/service.ts";
import { aPolicy, aService, anEnvironment } from "../support/builders.ts";
import { present } from "../support/present.ts";

const CATEGORIES: readonly Category[] = ["test", "internal", "external"];

/**
 * One letter for each of RELATIONS, in their order: viewer, deployer, approver, on-call; owner, releaser; named to
 * promote, to approve, to break the glass; named in another environment. `y` has the right and `.` has not; the
 * others have it unless somebody is named: `p` to promote, `a` to approve, `o` to promote or as owner.
 */
const EXPECTED: Readonly<Record<Right, Readonly<Record<Category, string>>>> = {
  read: { test: "yyyyyyyyyy", internal: "yyyyyyyyyy", external: "yyyyyyyyyy" },
  "make-release": { test: ".p.yyyy...", internal: ".p.yyyy...", external: ".o.yyyy..." },
  promote: { test: ".p.yy.y...", internal: ".p.yy.y...", external: ".o.yy.y..." },
  cancel: { test: ".p.yy.y.y.", internal: ".p.yy.y.y.", external: ".o.yy.y.y." },
  "roll-back": { test: ".p.yy.y.y.", internal: ".p.yy.y.y.", external: ".o.yy.y.y." },
  "break-glass": { test: ".p.yy.y.y.", internal: "...y....y.", external: "...y....y." },
  approve: { test: "..a....y..", internal: "..a....y..", external: "..a....y.." },
  restore: { test: ".p.yy.y.y.", internal: "..ay...yy.", external: "..ay...yy." },
  copy: { test: ".payy.yyy.", internal: ".payy.yyy.", external: ".oayy.yyy." },
  stop: { test: ".payy.yyy.", internal: ".payy.yyy.", external: ".oayy.yyy." },
  apply: { test: ".y.yyyy...", internal: ".y.yyyy...", external: ".y.yyyy..." },
  overrule: { test: "...y....y.", internal: "...y....y.", external: "...y....y." },
};

/** Whether viewer, deployer, approver and on-call have a right over the whole installation. */
const EXPECTED_OF_INSTALLATION: Readonly<Record<InstallationRight, string>> = {
  "read-all": "yyyy",
  "stop-all": ".y.y",
  "overrule-all": "...y",
  govern: ".y.y",
  "add-service": ".y..",
};

const SELF: Principal = "user:self@example.com";
const OTHER: Principal = "user:other@example.com";

/** The relations by which somebody else may be named as well. */
const NAMEABLE: readonly Relation[] = ["promoter", "named-approver", "owner"];
const NAMED_SETS: readonly (readonly Relation[])[] = [0, 1, 2, 3, 4, 5, 6, 7].map((bits) =>
  NAMEABLE.filter((_, index) => Math.floor(bits / 2 ** index) % 2 === 1),
);

type World = { readonly access: InstallationAccess; readonly service: Service };

/** A service with the environment `here`, in which the caller is `self` and others are `named`. */
function worldOf(category: Category, self: Relation | null, named: readonly Relation[]): World {
  const who = (relation: Relation): readonly Principal[] => [
    ...(named.includes(relation) ? [OTHER] : []),
    ...(relation === self ? [SELF] : []),
  ];
  const access = {
    promote: who("promoter"),
    approve: who("named-approver"),
    breakGlass: who("glass-breaker"),
  };
  const elsewhere = { promote: who("named-elsewhere"), approve: [], breakGlass: [] };
  return {
    access: {
      viewer: who("viewer"),
      deployer: who("deployer"),
      approver: who("approver"),
      oncall: who("oncall"),
      owners: [{ owner: "web", principals: who("owner") }],
    },
    service: aService({
      releaser: who("releaser")[0] ?? null,
      environments: [
        anEnvironment("here", { category, policy: aPolicy({ access }) }),
        anEnvironment("there", { policy: aPolicy({ access: elsewhere }) }),
      ],
    }),
  };
}

/** Whether the caller, who is named directly or not at all, is among those who have the right. */
function isAllowed(access: InstallationAccess, question: Question): boolean {
  const { how, places } = askedOf(access, question);
  const held = places.map(({ by }) => by.some(({ principals }) => principals.includes(SELF)));
  return how === "some" ? held.includes(true) : held.length > 0 && !held.includes(false);
}

function isExpected(letter: string, self: Relation, named: readonly Relation[]): boolean {
  const others = new Set([...named, self]);
  switch (letter) {
    case "y":
      return true;
    case "p":
      return !others.has("promoter");
    case "a":
      return !others.has("named-approver");
    case "o":
      return !others.has("promoter") && !others.has("owner");
    default:
      return false;
  }
}

describe.each(RIGHTS)("the right to %s", (right) => {
  test.each(CATEGORIES)(
    "in %s is had by whom the table says, whoever else is named",
    (category) => {
      const row = EXPECTED[right][category];
      expect(row).toHaveLength(RELATIONS.length);
      for (const [index, self] of RELATIONS.entries()) {
        for (const named of NAMED_SETS) {
          const { access, service } = worldOf(category, self, named);
          const where = present(service.environments[0], "here");
          const isHeld = isAllowed(access, { right, service, where });
          const told = `${self} in ${category} while ${named.join(" and ")} are named`;
          expect(isHeld, told).toBe(isExpected(row.charAt(index), self, named));
        }
      }
    },
  );

  test.each(CATEGORIES)("in %s is had by no stranger", (category) => {
    for (const named of NAMED_SETS) {
      const { access, service } = worldOf(category, null, named);
      const where = present(service.environments[0], "here");
      expect(isAllowed(access, { right, service, where })).toBe(false);
    }
  });
});

describe.each(INSTALLATION_RIGHTS)("the right to %s", (right) => {
  test("is had by the roles that the table says, and by nobody else", () => {
    const row = EXPECTED_OF_INSTALLATION[right];
    for (const [index, self] of RELATIONS.entries()) {
      const { access } = worldOf("test", self, []);
      expect(isAllowed(access, { right }), self).toBe(row.charAt(index) === "y");
    }
  });
});
