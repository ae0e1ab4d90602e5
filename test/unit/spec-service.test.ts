import { describe, expect, test } from "vitest";
import { edit, problemsOf, readSpec, told, usable } from "./spec-support.ts";
import type { SpecCase } from "./spec-support.ts";

const base = readSpec("base");

const SERVICE: readonly SpecCase[] = [
  [
    "a service id of 21 characters is too long",
    ["  id: web\n", "  id: abcdefghijklmnopqrstu\n"],
    ["error service.id | abcdefghijklmnopqrstu | at most 20 characters, not 21"],
  ],
  [
    "a service id with an upper-case letter is refused",
    ["  id: web\n", "  id: Web\n"],
    ["error service.id | Web | only lower-case letters, digits and hyphens"],
  ],
  [
    "an empty service id is refused",
    ["  id: web\n", '  id: ""\n'],
    ['error service.id | "" | must not be empty'],
  ],
  [
    "a missing service id is told at the service",
    ["  id: web\n", "  name: Web\n"],
    ["error service.id | name: Web | is required: The service's id"],
  ],
  [
    "a service id that starts with a digit passes upstream and not Cloud Deploy",
    ["  id: web\n", "  id: 2web\n"],
    [
      "warning service.id | 2web | should start with a letter",
      "error environments[0].projectID | web-dev-1a2b | must start with the service's id",
      "error environments[1].projectID | web-prod-3c4d | must start with the service's id",
    ],
  ],
  [
    "an owner with no letters is refused",
    ["[team]", '[team, ""]'],
    ['error service.owners[1] | "" | must not be empty'],
  ],
  ["no owner is refused", ["[team]", "[]"], ["error service.owners | [] | needs at least 1 entry"]],
  [
    "owners that are a text are refused",
    ["[team]", "team"],
    ['error service.owners | team | must be a list, not "team"'],
  ],
  [
    "a missing description is a warning, because older specifications have none",
    ["  description: Answers requests.\n", ""],
    ["warning service.description | id: web | is missing"],
  ],
  [
    "an empty description is a warning",
    ["description: Answers requests.", 'description: ""'],
    ['warning service.description | "" | is missing'],
  ],
  [
    "a production environment without a runbook page is a warning",
    ["  notionPageID: 0123456789abcdef\n", ""],
    ["warning service.notionPageID | id: web | because prod is external"],
  ],
  [
    "an empty page is refused",
    ["0123456789abcdef", '""'],
    ['error service.notionPageID | "" | must not be empty'],
  ],
  [
    "the address of a page is refused",
    ["0123456789abcdef", "https://www.notion.so/x"],
    ["error service.notionPageID | https://www | not its address"],
  ],
  [
    "a page with a query is refused",
    ["0123456789abcdef", "0123?v=1"],
    ["error service.notionPageID | 0123?v=1 | page's id alone"],
  ],
  [
    "another kind passes upstream and is a warning",
    ["  owners", "  kind: Job\n  owners"],
    ['warning service.kind | Job | did you mean "job"?'],
  ],
  ["the protocol h2c is fine", ["  owners", "  protocol: h2c\n  owners"], []],
  [
    "another protocol passes upstream and is a warning",
    ["  owners", "  protocol: grpc\n  owners"],
    ["warning service.protocol | grpc | should be h2c"],
  ],
  ["a custom role is fine", ["roles/run.viewer", "projects/example-1/roles/my_role.x"], []],
  [
    "a role with a digit is refused, as upstream does",
    ["roles/run.viewer", "roles/run.v2"],
    ["error service.iam.roles[0] | roles/run.v2 | without digits"],
  ],
  [
    "a role without its prefix is refused",
    ["roles/run.viewer", "run.viewer"],
    ["error service.iam.roles[0] | run.viewer | must be a role"],
  ],
  [
    "a key of an old generation is a warning",
    ["  owners", "  envVarPrefix: WEB\n  owners"],
    ["warning service.envVarPrefix | envVarPrefix | is an old key"],
  ],
  [
    "an unknown key is a warning that names the near one",
    ["  owners", "  onwers: [a]\n  owners"],
    ['warning service.onwers | onwers | did you mean "owners"?'],
  ],
  [
    "an unknown key that is near to none lists what is known",
    ["  image:", "  platform: linux\n  image:"],
    ["warning build.platform | platform | known here: image, source"],
  ],
];

const BUILD: readonly SpecCase[] = [
  [
    "an image with a tag is a warning that names the repository",
    ["apps/web\n", "apps/web:insiders\n"],
    ["warning build.image | us-central1 | write us-central1-docker.pkg.dev/example/apps/web"],
  ],
  [
    "an image elsewhere cannot be delivered",
    ["us-central1-docker.pkg.dev/example/apps/web", "index.docker.io/example/web"],
    ["error build.image | index | must be a repository of Artifact Registry"],
  ],
  [
    "a missing image cannot be delivered",
    ["  image: us-central1-docker.pkg.dev/example/apps/web\n", "  source: {repo: a, dir: b}\n"],
    ["error build.image | source | it is nothing"],
  ],
  [
    "an image that is none cannot be delivered",
    ["us-central1-docker.pkg.dev/example/apps/web", "Not an image"],
    ["error build.image | Not | must be a repository of Artifact Registry"],
  ],
];

const ROWS: readonly SpecCase[] = [
  [
    "a line feed in the service's id is refused",
    ["  id: web\n", '  id: "web\\n"\n'],
    ['error service.id | "web | must be one line without control characters'],
  ],
  [
    "a path in the service's id is refused",
    ["  id: web\n", "  id: ../web\n"],
    ["error service.id | ../web | only lower-case letters, digits and hyphens"],
  ],
  [
    "a line feed in the service's name is refused",
    ["  id: web\n", '  id: web\n  name: "a\\nb"\n'],
    ['error service.name | "a | must be one line without control characters'],
  ],
  [
    "a name that turns its direction is refused",
    ["  id: web\n", '  id: web\n  name: "a\\u202eb"\n'],
    ['error service.name | "a | must be one line without control characters'],
  ],
  [
    "a name of a separated line is refused",
    ["  id: web\n", '  id: web\n  name: "a\\u2028b"\n'],
    ['error service.name | "a | must be one line without control characters'],
  ],
  [
    "half a character is refused",
    ["  id: web\n", '  id: web\n  name: "a\\ud800"\n'],
    ['error service.name | "a | must be one line without control characters'],
  ],
  [
    "a path in an environment's id is refused",
    ["  - id: dev\n", "  - id: ../dev\n"],
    ["error environments[0].id | ../dev | must be lower-case letters, digits and hyphens"],
  ],
  [
    "a path in a project's id is refused",
    ["projectID: web-dev-1a2b", "projectID: web-dev-1a2b/../x"],
    ["error environments[0].projectID | web | must be 6 to 30 lower-case letters"],
  ],
  [
    "a line feed in a project's id is refused",
    ["projectID: web-dev-1a2b", 'projectID: "web-dev-1a2b\\n"'],
    ['error environments[0].projectID | "web | must be one line without control characters'],
  ],
  [
    "a project's id that ends in a hyphen is refused",
    ["projectID: web-dev-1a2b", "projectID: web-dev-1a2-"],
    ["error environments[0].projectID | web | no hyphen last"],
  ],
];

const NAMES: readonly SpecCase[] = [
  [
    "a display name of 30 characters fits",
    ["  id: web\n", "  id: web\n  name: 23 letters and a number\n"],
    [],
  ],
  [
    "a display name of 31 characters is refused where the environment is named",
    ["  id: web\n", "  id: web\n  name: 24 letters and a number.\n"],
    ["error environments[1].id | prod | 31 characters long, of at most 30"],
  ],
  [
    "a project that does not start with the service is refused",
    ["web-dev-1a2b", "app-dev-1a2b"],
    ["error environments[0].projectID | app-dev-1a2b | must start with the service's id"],
  ],
  [
    "a project without the environment is refused",
    ["web-dev-1a2b", "web-test-1a2b"],
    ["error environments[0].projectID | web-test-1a2b | must contain the environment's id"],
  ],
  ["a project of 30 characters fits", ["web-dev-1a2b", "web-dev-12345678901234567890xx"], []],
  [
    "a project of 31 characters is refused",
    ["web-dev-1a2b", "web-dev-12345678901234567890xxx"],
    ["error environments[0].projectID | web-dev-1 | at most 30 characters, not 31"],
  ],
  ["a suffix of two characters is enough", ["web-dev-1a2b", "web-dev-1a"], []],
  [
    "a suffix of one character is a warning",
    ["web-dev-1a2b", "web-dev-1"],
    ["warning environments[0].projectID | web-dev-1 | at least 2 characters"],
  ],
  [
    "an environment id that is used twice is an error, though upstream lets it pass",
    ["  - id: prod\n    projectID: web-prod-3c4d", "  - id: dev\n    projectID: web-dev-3c4d"],
    [
      "error rollout.stages[1].environment | prod | no environment of this file",
      "error environments[1].id | dev | is used twice",
      "warning environments[1].category | external | waits here for an approval",
    ],
  ],
  [
    "an environment id with an underscore is refused, because targets are named after it",
    ["  - id: dev", "  - id: dev_1"],
    ["error environments[0].id | dev_1 | lower-case letters, digits and hyphens"],
  ],
  [
    "a missing environment id is told at the environment",
    ["  - id: dev\n    projectID", "  - projectID"],
    ["error environments[0].id | projectID | is required"],
  ],
];

describe("service and build", () => {
  test.each([...SERVICE, ...BUILD])("%s", (_name, change, expected) => {
    expect(problemsOf(edit(base, change))).toEqual(told(expected));
  });

  test("a service id of 20 characters fits", () => {
    const text = base.replace("id: web\n", "id: abcdefghijklmnopqrst\n");
    expect(
      problemsOf(text.replaceAll("projectID: web-", "projectID: abcdefghijklmnopqrst-")),
    ).toEqual(told([]));
  });

  test("a missing service is told once, and environments are still judged", () => {
    const start = base.indexOf("build:");
    expect(problemsOf(base.slice(start).replace("category: test", "category: x"))).toEqual(
      told([
        "error service | build: | is required",
        "error environments[0].category | x | must be one of test, internal, external",
      ]),
    );
  });

  test("without environments there is a warning", () => {
    expect(
      problemsOf("service: {id: web, description: x, owners: [a]}\nbuild: {image: gcr.io/a/b}\n"),
    ).toEqual(told(["warning environments | service | no environment"]));
  });

  test("the defaults of the service are filled in", () => {
    expect(usable(base).service).toMatchObject({
      kind: "service",
      iam: { services: [], permissions: [] },
    });
    expect(usable(base).monitoring.alerts).toEqual({ responseCodeRatios: [], customAlerts: [] });
  });
});

describe("names that must fit each other", () => {
  test.each([...NAMES, ...ROWS])("%s", (_name, change, expected) => {
    expect(problemsOf(edit(base, change))).toEqual(told(expected));
  });

  test("two environments in one project are a warning", () => {
    const text = edit(edit(base, ["web-dev-1a2b", "web-dev-prod-1a"]), [
      "web-prod-3c4d",
      "web-dev-prod-1a",
    ]);
    expect(problemsOf(text)).toEqual(
      told(["warning environments[1].projectID | web-dev-prod-1a | is the project of dev too"]),
    );
  });
});
