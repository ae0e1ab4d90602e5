import { describe, expect, test } from "vitest";
import { edit, problemsOf, readSpec, told, usable } from "./spec-support.ts";
import type { SpecCase } from "./spec-support.ts";

const base = readSpec("base");
const DEV = "environments[0]";
const PROD = "environments[1]";
const DEV_DEPLOY = "    category: test\n    deploy: {type: rollout}";

/** The base with an environment outside the stages, whose deploy is given. */
function withDeploy(deploy: string): string {
  return edit(base, [
    "environments:\n",
    `environments:\n  - id: aside\n    projectID: web-aside-1a2b\n    category: test\n    deploy: ${deploy}\n    instances: {resources: {cpu: 1, memory: 512Mi}}\n`,
  ]);
}

function withLocations(locations: string): string {
  return edit(base, [
    "    category: external",
    `    category: external\n    locations: ${locations}`,
  ]);
}

describe("category and deploy", () => {
  const cases: readonly SpecCase[] = [
    [
      "a missing category does not stop the other checks of the environment",
      [DEV_DEPLOY, "    deploy: {type: rolout}"],
      [
        `error ${DEV}.category | id: dev | is required: one of test, internal, external`,
        `error ${DEV}.deploy.type | rolout | did you mean "rollout"?`,
      ],
    ],
    [
      "an unknown category is refused",
      ["category: test", "category: production"],
      [`error ${DEV}.category | production | must be one of test, internal, external`],
    ],
    [
      "a missing deploy is refused",
      [DEV_DEPLOY, "    category: test"],
      [`error ${DEV}.deploy | id: dev | is required: How images reach`],
    ],
    [
      "an empty deploy has no type",
      [DEV_DEPLOY, "    category: test\n    deploy: {}"],
      [`error ${DEV}.deploy.type | {} | is required: one of manual, subscription, rollout`],
    ],
    [
      "a stage that is no rollout is refused",
      [DEV_DEPLOY, "    category: test\n    deploy: {type: manual}"],
      [
        `error ${DEV}.deploy.type | manual | must be rollout, not manual, because rollout.stages names dev`,
      ],
    ],
    [
      "a rollout that is no stage is refused",
      ["    - environment: dev\n", ""],
      [
        `error ${DEV}.deploy.type | rollout | rollout.stages does not name dev`,
        "warning environments[1].category | external | waits here for an approval",
      ],
    ],
    [
      "a path below an environment's id is refused",
      ["  - id: dev\n", "  - id: dev/x\n"],
      [`error ${DEV}.id | dev/x | must be lower-case letters, digits and hyphens`],
    ],
    [
      "a line feed in an environment's id is refused",
      ["  - id: dev\n", '  - id: "dev\\n"\n'],
      [`error ${DEV}.id | "dev | must be one line without control characters`],
    ],
    [
      "blocks of the other types have no effect on a rollout",
      [DEV_DEPLOY, "    category: test\n    deploy: {type: rollout, manual: {tag: x}}"],
      [`warning ${DEV}.deploy.manual | {tag | has no effect`],
    ],
  ];
  test.each(cases)("%s", (_name, change, expected) => {
    expect(problemsOf(edit(base, change))).toEqual(told(expected));
  });

  test.each([
    ["type manual without a block deploys insiders", "{type: manual}", "insiders"],
    [
      "type subscription follows its tag",
      "{type: subscription, subscription: {tag: main}}",
      "main",
    ],
  ])("%s", (_name, deploy, tag) => {
    expect(problemsOf(withDeploy(deploy))).toEqual(told([]));
    expect(usable(withDeploy(deploy)).environments[0]?.deploy).toMatchObject({ tag });
  });

  test("type manual with an empty block has an empty tag, as upstream reads it", () => {
    const text = withDeploy("{type: manual, manual: {}}");
    expect(problemsOf(text)).toEqual(told([`warning ${DEV}.deploy.manual | {} | has no tag`]));
    expect(usable(text).environments[0]?.deploy).toEqual({ type: "manual", tag: "" });
  });

  test.each([
    [
      "a manual tag that can move is a warning",
      "{type: manual, manual: {tag: main}}",
      "warning",
      ".manual.tag",
      "can move",
    ],
    [
      "type manual with a subscription is refused",
      "{type: manual, subscription: {tag: x}}",
      "error",
      ".subscription",
      "must not be there",
    ],
    [
      "type subscription with manual is refused",
      "{type: subscription, manual: {tag: x}}",
      "error",
      ".manual",
      "must not be there",
    ],
    [
      "type subscription without a block is refused",
      "{type: subscription}",
      "error",
      ".subscription.tag",
      "is required",
    ],
    [
      "type subscription without a tag is refused",
      "{type: subscription, subscription: {}}",
      "error",
      ".subscription.tag",
      "is required",
    ],
    [
      "type subscription with an empty tag is refused",
      '{type: subscription, subscription: {tag: ""}}',
      "error",
      ".subscription.tag",
      "is required",
    ],
  ] as const)("%s", (_name, deploy, severity, path, message) => {
    expect(problemsOf(withDeploy(deploy))).toEqual(
      told([`${severity} ${DEV}.deploy${path} |  | ${message}`]),
    );
  });
});

describe("stages", () => {
  const cases: readonly SpecCase[] = [
    [
      "no stage is refused",
      ["    - environment: dev\n    - environment: prod\n", "    []\n"],
      [
        "error rollout.stages | [] | needs at least one stage",
        `error ${DEV}.deploy.type | rollout | does not name dev`,
        `error ${PROD}.deploy.type | rollout | does not name prod`,
      ],
    ],
    [
      "an unknown environment is refused, with the near one",
      ["    - environment: dev\n", "    - environment: dev\n    - environment: pord\n"],
      ['error rollout.stages[1].environment | pord | did you mean "prod"?'],
    ],
    [
      "an environment with two places is refused",
      ["    - environment: dev\n", "    - environment: dev\n    - environment: dev\n"],
      ["error rollout.stages[1].environment | dev | a second time"],
    ],
    [
      "the account of the build must look like one",
      ["rollout:\n", "rollout:\n  serviceAccount: build\n"],
      ["warning rollout.serviceAccount | build | address of a service account"],
    ],
    [
      "the account of the build may be any service account",
      ["rollout:\n", "rollout:\n  serviceAccount: ci@p.iam.gserviceaccount.com\n"],
      [],
    ],
  ];
  test.each(cases)("%s", (_name, change, expected) => {
    expect(problemsOf(edit(base, change))).toEqual(told(expected));
  });

  test("a stage without an environment is refused", () => {
    expect(
      problemsOf(edit(base, ["    - environment: prod\n", "    - environment: prod\n    - {}\n"])),
    ).toEqual(told(["error rollout.stages[2].environment | {} | is required"]));
  });

  test("stages in different regions are a warning, because upstream deploys all to the last one", () => {
    const region =
      "    category: test\n    locations: {gcpRegion: europe-west2, gcpLocation: EUROPE}";
    expect(problemsOf(edit(base, ["    category: test", region]))).toEqual(
      told([
        `warning ${DEV}.locations.gcpRegion | europe-west2 | is europe-west2, but the last stage prod is in us-central1`,
      ]),
    );
  });

  test("the first tag of a rollout is insiders unless it is named", () => {
    expect(usable(base).rollout).toMatchObject({ initialImageTag: "insiders", suspended: false });
  });
});

describe("locations", () => {
  test.each([
    "us-central1",
    "us-west1",
    "asia-northeast1",
    "australia-southeast1",
    "europe-west2",
    "europe-west3",
    "northamerica-northeast1",
  ])("the region %s is allowed", (region) => {
    const text = withLocations(`{gcpRegion: ${region}, gcpLocation: Europe}`);
    expect(usable(text).environments[1]?.locations).toEqual({
      gcpRegion: region,
      gcpLocation: "Europe",
    });
  });

  test("another region is refused, with the near one", () => {
    expect(problemsOf(withLocations("{gcpRegion: us-cental1, gcpLocation: us}"))).toEqual(
      told([`error ${PROD}.locations.gcpRegion | us-cental1 | did you mean "us-central1"?`]),
    );
  });

  test("another location is refused", () => {
    expect(problemsOf(withLocations("{gcpRegion: us-central1, gcpLocation: asia}"))).toEqual(
      told([`error ${PROD}.locations.gcpLocation | asia | must be one of us, europe`]),
    );
  });

  test("locations need both keys, or are left out for us-central1 and US", () => {
    expect(problemsOf(withLocations("{gcpRegion: us-central1}"))).toEqual(
      told([`error ${PROD}.locations.gcpLocation | {gcp | is required`]),
    );
    expect(usable(base).environments[0]?.locations).toEqual({
      gcpRegion: "us-central1",
      gcpLocation: "US",
    });
  });
});
