import { describe, expect, test } from "vitest";
import { parseServiceSpec } from "../../shared/wire/spec/parse-service-spec.ts";
import { edit, problemsOf, told, usable } from "./spec-support.ts";
import type { Expected } from "./spec-support.ts";

/*
 * The specifications on which upstream's validator and this one were seen to disagree. Each either agrees now, or
 * is listed with its reason in docs/guides/service-yaml.md, "Stricter and more lenient than the platform".
 */

const HEAD = `service:
  id: web
  name: Web
  owners: [web-team]
  description: Answers requests.
  notionPageID: abc123
build:
  image: us-central1-docker.pkg.dev/example/apps/web
`;

const ENVIRONMENT = `  - id: dev
    projectID: web-dev-1a2b
    category: test
    deploy: {type: manual}
    instances: {resources: {cpu: 1, memory: 1Gi}}
`;

/** Two stages. */
const A = `${HEAD}rollout:
  stages:
    - environment: dev
    - environment: prod
environments:
  - id: dev
    projectID: web-dev-1a2b
    category: test
    deploy: {type: rollout}
    instances: {resources: {cpu: 1, memory: 1Gi}}
  - id: prod
    projectID: web-prod-3c4d
    category: external
    deploy: {type: rollout}
    instances: {resources: {cpu: 1, memory: 1Gi}}
`;

/** One environment by hand. */
const B = `${HEAD}environments:
${ENVIRONMENT}`;

/** The same as a job. */
const J = edit(B, ["  id: web\n", "  id: web\n  kind: job\n"]);

type Change = (text: string) => string;

const replace =
  (from: string, to: string): Change =>
  (text) =>
    edit(text, [from, to]);
const more =
  (lines: string): Change =>
  (text) =>
    `${text}${lines}`;
const DEV = "environments[0]";

test.each([
  ["A", A],
  ["B", B],
  ["J", J],
])("base %s is accepted by both without a word", (_, text) => {
  expect(problemsOf(text)).toEqual(told([]));
});

type Case = readonly [string, string, Change, readonly Expected[]];

/** Upstream refuses: a warning where newer versions began to ask, and nothing where Slipway reads nothing. */
const MORE_LENIENT: readonly Case[] = [
  [
    "svc-desc-missing",
    A,
    replace("  description: Answers requests.\n", ""),
    ["warning service.description |  | is missing"],
  ],
  [
    "svc-desc-empty",
    A,
    replace("description: Answers requests.", 'description: ""'),
    ["warning service.description |  | is missing"],
  ],
  [
    "svc-page-missing-prod",
    A,
    replace("  notionPageID: abc123\n", ""),
    ["warning service.notionPageID |  | is missing"],
  ],
  ["job-domain-null", J, more("    domain: ~\n"), []],
  ["svc-schedule-null", B, more("    schedule: ~\n"), []],
  ["bq-noschema", B, more("    resources: {bigQueryDataset: {tables: [t]}}\n"), []],
  ["bq-schema-object", B, more("    resources: {bigQueryDataset: {tables: [t]}}\n"), []],
  ["readme-bad", B, (text) => text, []],
];

/** Upstream accepts, and something would go wrong later, or be passed over in silence. */
const STRICTER: readonly Case[] = [
  [
    "envs-null-item",
    B,
    (text) => edit(text, [`environments:\n${ENVIRONMENT}`, "environments: [~]\n"]),
    [`error ${DEV} | ~ | is required`],
  ],
  [
    "env-id-upper",
    B,
    (text) => edit(edit(text, ["id: dev", "id: Dev"]), ["web-dev-1a2b", "web-Dev-1a2b"]),
    [
      `error ${DEV}.id | Dev | must be lower-case letters`,
      `error ${DEV}.projectID | web-Dev | must be 6 to 30 lower-case letters`,
    ],
  ],
  [
    "env-id-underscore",
    B,
    (text) => edit(edit(text, ["id: dev", "id: dev_a"]), ["web-dev-1a2b", "web-dev_a-1a2b"]),
    [
      `error ${DEV}.id | dev_a | must be lower-case letters`,
      `error ${DEV}.projectID | web-dev_a | must be 6 to 30 lower-case letters`,
    ],
  ],
  [
    "env-id-dot",
    B,
    (text) => edit(edit(text, ["id: dev", "id: v1.2"]), ["web-dev-1a2b", "web-v1.2-1a2b"]),
    [
      `error ${DEV}.id | v1.2 | must be lower-case letters`,
      `error ${DEV}.projectID | web-v1.2 | must be 6 to 30 lower-case letters`,
    ],
  ],
  [
    "env-id-twice",
    B,
    more(ENVIRONMENT.replace("web-dev-1a2b", "web-dev-9z9z")),
    ["error environments[1].id | dev | is used twice"],
  ],
  [
    "probe-timeout-float",
    B,
    more("    healthProbes: {timeout: 2.5}\n"),
    [`error ${DEV}.healthProbes.timeout | 2.5 | must be a whole number`],
  ],
  [
    "inst-cpu-half",
    B,
    replace("cpu: 1,", "cpu: 1.5,"),
    [`error ${DEV}.instances.resources.cpu | 1.5 | must be 1, 2, 4, 6, 8`],
  ],
  [
    "secret-deep",
    B,
    more("    secretEnv: {A: projects/p/secrets/a/b}\n"),
    [`error ${DEV}.secretEnv.A | projects | must be projects/<project>/secrets/<name>`],
  ],
  [
    "yaml-two-docs",
    A,
    more("---\nfoo: bar\n"),
    ["error file | foo | only the first document of a file is read"],
  ],
];

/** Both refuse. */
const REFUSED: readonly Case[] = [
  [
    "probe-timeout-neg",
    B,
    more("    healthProbes: {timeout: -1}\n"),
    [`error ${DEV}.healthProbes.timeout | -1 | must be 1 to 240 seconds`],
  ],
  [
    "dom-nosub",
    B,
    more("    domain: {type: cloudflare, cloudflare: {zone: example.com}}\n"),
    [`error ${DEV}.domain.cloudflare.subdomain | {zone | is required for type cloudflare`],
  ],
  [
    "dom-nozone",
    B,
    more("    domain: {type: cloudflare, cloudflare: {subdomain: web}}\n"),
    [`error ${DEV}.domain.cloudflare.zone | {sub | is required for type cloudflare`],
  ],
  [
    "env-tmpl-open",
    B,
    more('    env: {A: "{{ .ProjectID"}\n'),
    [`error ${DEV}.env.A | "{{ | at line 1, column 1 of the value: the braces are not closed`],
  ],
];

const PROBE_OLD = "is an old key: write healthProbes instead, with healthzProbes: false";

/** Both accept; a warning says what has no effect, or is read in another way than it looks. */
const ACCEPTED: readonly Case[] = [
  [
    "job-old-startup",
    J,
    more("    startupProbe: {disabled: true}\n"),
    [
      `warning ${DEV}.startupProbe | startupProbe | ${PROBE_OLD}`,
      `warning ${DEV}.startupProbe | {dis | has no effect for a job`,
    ],
  ],
  ["cron-fullname", J, more('    schedule: {cron: "0 9 * * Monday"}\n'), []],
  ["cron-fullmonth", J, more('    schedule: {cron: "0 9 * January-December *"}\n'), []],
  ["inst-plus", B, replace("memory: 1Gi", "memory: +1Gi"), []],
  [
    "inst-cpu-octal",
    B,
    replace("cpu: 1, memory: 1Gi", "cpu: 010, memory: 4Gi"),
    [`warning ${DEV}.instances.resources.cpu | 010 | is read as 8`],
  ],
  ["inst-cpu-sep", B, replace("cpu: 1,", "cpu: 0_2,"), []],
  [
    "ratio-old-duration-bad",
    B,
    more(
      "monitoring:\n  alerts:\n    responseCodeRatios:\n      - {id: a, name: A, code: 500, ratio: 0.1, duration: 5s}\n",
    ),
    [
      "warning monitoring.alerts.responseCodeRatios[0].duration | duration | is an old key",
      "warning monitoring.alerts.responseCodeRatios[0].duration | 5s | has no effect",
    ],
  ],
];

describe.each([
  ["is accepted, where upstream refuses", MORE_LENIENT],
  ["is refused, where upstream accepts", STRICTER],
  ["is refused by both", REFUSED],
  ["is accepted by both", ACCEPTED],
] as const)("what %s", (_, cases) => {
  test.each(cases)("%s", (__, base, change, expected) => {
    expect(problemsOf(change(base))).toEqual(told(expected));
  });
});

test("all 28 are here", () => {
  expect([...MORE_LENIENT, ...STRICTER, ...REFUSED, ...ACCEPTED]).toHaveLength(28);
});

describe("what both accept means the same", () => {
  test.each([
    ["010, memory: 4Gi", 8],
    ["0_2, memory: 1Gi", 2],
    ["+2, memory: 1Gi", 2],
    ["0b100, memory: 2Gi", 4],
    ["0o4, memory: 2Gi", 4],
    ["0x4, memory: 2Gi", 4],
    ["08, memory: 4Gi", 8],
    ["1.0, memory: 1Gi", 1],
  ])("a processor count written %s", (written, cpu) => {
    const text = edit(B, ["1, memory: 1Gi", written]);
    expect(usable(text).environments[0]?.instances.resources.cpu).toBe(cpu);
  });

  test("a quoted number is no number", () => {
    expect(parseServiceSpec(edit(B, ["cpu: 1,", 'cpu: "010",'])).spec).toBe(null);
  });

  test("an alert whose older duration is none has the default", () => {
    const alert = "{id: a, name: A, code: 500, ratio: 0.1, duration: 5s}";
    const text = `${B}monitoring: {alerts: {responseCodeRatios: [${alert}]}}\n`;
    expect(usable(text).monitoring.alerts.responseCodeRatios[0]?.durationMinutes).toBe(1);
  });
});
