import { describe, expect, test } from "vitest";
import type { AccessPolicy, Principal } from "../../shared/domain/policy.ts";
import { askedOf } from "../../shared/domain/rights/question.ts";
import type { Where } from "../../shared/domain/rights/question.ts";
import { namedIn, ownersOf } from "../../shared/domain/rights/relation.ts";
import type { InstallationAccess } from "../../shared/domain/rights/relation.ts";
import { refusalWords } from "../../shared/domain/rights/words.ts";
import type { Category, Environment, Service } from "../../shared/domain/service.ts";
import { aPolicy, aService, anEnvironment } from "../support/builders.ts";
import { present } from "../support/present.ts";

const NOBODY: InstallationAccess = {
  viewer: [],
  deployer: [],
  approver: [],
  oncall: [],
  owners: [],
};
const ANN: Principal = "user:ann@example.com";

function named(access: Partial<AccessPolicy>): { readonly access: AccessPolicy } {
  return { access: { promote: [], approve: [], breakGlass: [], ...access } };
}

function stage(id: string, category: Category, parts: Partial<Environment> = {}): Environment {
  return anEnvironment(id, { category, ...parts });
}

function approversIn(environment: Environment): readonly Principal[] {
  return namedIn({ access: NOBODY, service: aService(), environment }, "named-approver");
}

/** The environments that a question comes down to. */
function placesOf(environments: readonly Environment[], where: Where): readonly string[] {
  const service = aService({ environments });
  const { places } = askedOf(NOBODY, { right: "stop", service, where });
  return places.map(({ place }) => place?.environment.id ?? "");
}

const dev = stage("dev", "test");
const qa = stage("qa", "internal", { stage: 1, policy: aPolicy() });
const eu = stage("eu", "external", { stage: 2, policy: aPolicy() });
const us = stage("us", "external", { stage: 3, policy: aPolicy() });
const side = stage("side", "internal", {
  stage: null,
  policy: aPolicy({ promotion: "automatic" }),
});

describe("a question about a service", () => {
  test.each([
    ["the only environment", [dev], ["dev"]],
    ["the internal one", [dev, qa], ["qa"]],
    ["all external ones", [dev, qa, eu, us], ["eu", "us"]],
  ] as const)("as a whole is asked in %s", (_, environments, places) => {
    expect(placesOf(environments, "whole")).toEqual(places);
  });

  test.each([
    ["the first stage", [dev, qa, eu], ["dev"]],
    ["each environment to which it goes by itself", [dev, qa, side], ["dev", "side"]],
    ["the first environment where it goes nowhere by itself", [qa, eu], ["qa"]],
  ] as const)("about the arrival of a release is asked in %s", (_, environments, places) => {
    expect(placesOf(environments, "arrival")).toEqual(places);
  });

  test("as a whole takes every place, anywhere takes one", () => {
    const service = aService({ environments: [dev, eu, us] });
    expect(askedOf(NOBODY, { right: "stop", service, where: "whole" }).how).toBe("every");
    expect(askedOf(NOBODY, { right: "stop", service, where: "anywhere" }).how).toBe("some");
  });
});

describe("an approver", () => {
  test("is whom approvals.from names, and then nobody whom access.approve names besides", () => {
    const access = named({ approve: ["group:sre@example.com"] });
    const approvals = { required: 1, from: [ANN], notRequester: true, notAuthor: false };
    const both = stage("prod", "external", { policy: aPolicy({ ...access, approvals }) });
    const alone = stage("prod", "external", { policy: aPolicy(access) });
    expect(approversIn(both)).toEqual([ANN]);
    expect(approversIn(alone)).toEqual(["group:sre@example.com"]);
  });
});

describe("the owners of a service", () => {
  const owners = [
    { owner: "team-a", principals: ["group:a@example.com" as const] },
    { owner: "team-b", principals: ["group:b@example.com" as const] },
    { owner: "Team-A ", principals: [ANN] },
  ];
  const access = { ...NOBODY, owners };

  test.each([
    [
      "the name that the specification gives, without case",
      ["TEAM-A"],
      ["group:a@example.com", ANN],
    ],
    ["none that is not mapped", ["team-c"], []],
    ["a name that objects have anyway", ["constructor", "__proto__"], []],
    ["nobody", [], []],
  ])("are found by %s", (_, names, found) => {
    expect(ownersOf(access, aService({ owners: names }))).toEqual(found);
  });
});

describe("a refusal", () => {
  const environment = stage("prod", "external", {
    policy: aPolicy(named({ promote: ["group:eng@example.com"], breakGlass: [ANN] })),
  });
  const service = aService({ environments: [environment] });

  function wordsFor(
    right: "promote" | "break-glass" | "approve",
    access: InstallationAccess = NOBODY,
    about: Service = service,
  ): string {
    const where = present(about.environments[0], "prod");
    const question = { right, service: about, where };
    return refusalWords("bob@example.com", question, askedOf(access, question).places);
  }

  test("names whom the specification names, under which key, and how to be one of them", () => {
    expect(wordsFor("promote")).toBe(
      "bob@example.com may not promote into prod of web. Who may: prod's access.promote (group:eng@example.com). To get the right, get named under delivery.environments.prod in service.yaml and have it applied",
    );
  });

  test("names the installation's roles without the people in them", () => {
    const words = wordsFor("break-glass", { ...NOBODY, oncall: ["user:oli@example.com"] });
    expect(words).toContain("the installation's on-call; prod's access.breakGlass (user:ann");
    expect(words).not.toContain("oli");
  });

  test("says where nobody may", () => {
    expect(wordsFor("approve")).toContain("Nobody may, because nobody is named for it");
  });

  test("tells the first of many names, and counts the others", () => {
    const names = Array.from({ length: 7 }, (_, index): Principal => `user:p${index}@example.com`);
    const many = stage("prod", "external", { policy: aPolicy(named({ promote: names })) });
    expect(wordsFor("promote", NOBODY, aService({ environments: [many] }))).toContain(
      "user:p4@example.com and 2 more)",
    );
  });
});
