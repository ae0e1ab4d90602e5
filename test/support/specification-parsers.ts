import {
  complainAboutDate,
  complainAboutTimeOfDay,
  complainAboutTimeZone,
} from "../../shared/wire/spec/calendar.ts";
import { parseCron } from "../../shared/wire/spec/cron.ts";
import { parseMemoryBytes } from "../../shared/wire/spec/memory.ts";
import { parseOtlpHeaders } from "../../shared/wire/otlp-headers.ts";
import { readPlaced } from "../../shared/wire/spec/placed-service.ts";
import {
  complainAboutMountPath,
  complainAboutSecret,
} from "../../shared/wire/spec/secret-reference.ts";
import {
  complainAboutSubjectPattern,
  compileSubjectPattern,
} from "../../shared/wire/spec/subject-pattern.ts";
import { findTemplateFlaw } from "../../shared/wire/spec/template/fill-template.ts";
import { tagPolicy } from "../../shared/adapters/tag-policy.ts";
import { parseDuration, parseGoDuration } from "../../shared/wire/spec/duration.ts";
import { parseServiceSpec } from "../../shared/wire/spec/parse-service-spec.ts";
import { complainAboutPrincipal, parsePrincipal } from "../../shared/wire/spec/principal.ts";
import {
  compileTagPattern,
  complainAboutRange,
  complainAboutTagPattern,
} from "../../shared/wire/spec/tag-pattern.ts";

const read = tagPolicy();

/** Of the text, so much goes in each place that all of it is no longer than a specification may be. */
const PLACES = 8;

function matches(text: string): unknown {
  const compiled = compileSubjectPattern(String.raw`https://github\.com/(a|a)*/.*`);
  return compiled.ok && compiled.value(text);
}

/** A specification whose texts are that one, wherever a text may be. */
function specWith(text: string): string {
  const written = JSON.stringify(text.slice(0, text.length / PLACES));
  return `
service: {id: ${written}, name: ${written}, owners: [${written}], description: ${written}, notionPageID: ${written}}
build: {image: ${written}, source: {repo: ${written}, dir: ${written}}}
rollout: {stages: [{environment: ${written}}], initialImageTag: ${written}, serviceAccount: ${written}}
environments:
  - id: ${written}
    projectID: ${written}
    category: ${written}
    deploy: {type: ${written}, manual: {tag: ${written}}, subscription: {tag: ${written}}}
    domain: {type: cloudflare, cloudflare: {subdomain: ${written}, zone: ${written}}}
    instances: {resources: {cpu: ${written}, memory: ${written}}, scaling: {maxCount: ${written}}}
    env: {A: ${written}}
    secretEnv: {B: ${written}}
    secretVolumes: {c: {mountPath: ${written}, secret: ${written}}}
    schedule: {cron: ${written}}
    resources: {postgreSQL: {databases: [${written}]}, bigQueryDataset: {datasetID: ${written}, tables: [${written}]}}
monitoring: {alerts: {customAlerts: [{name: ${written}, condition: {type: mql, query: ${written}}}]}}
delivery:
  tags: ${written}
  environments: {${written}: {soak: ${written}, windows: {timeZone: ${written}, freezes: [{from: ${written}, to: ${written}}]}}}
`;
}

/** Whatever reads a part of a specification, given a text in every place that may hold one. */
export const SPECIFICATION_PARSERS: readonly (readonly [string, (text: string) => unknown])[] = [
  ["a collector's headers", (text) => [parseOtlpHeaders(text), parseOtlpHeaders(`a=${text}`)]],
  ["a specification", parseServiceSpec],
  [
    "a specification with that name",
    (text) => parseServiceSpec(`service: {id: a, name: ${JSON.stringify(text)}}\n`),
  ],
  ["a pattern", (text) => [compileTagPattern(text), complainAboutTagPattern(text)]],
  ["a tag", (text) => read.read({ kind: "pattern", pattern: "^(a|a)*$" }, text)],
  ["a version", (text) => read.read({ kind: "semver", range: ">=1.2 <3" }, text)],
  ["a range", complainAboutRange],
  ["a length of time", (text) => [parseDuration(text), parseGoDuration(text)]],
  ["a size of memory", parseMemoryBytes],
  ["a schedule", parseCron],
  ["hours", (text) => [complainAboutTimeOfDay(text), complainAboutDate(text)]],
  ["a time zone", complainAboutTimeZone],
  ["a secret", (text) => [complainAboutSecret(text), complainAboutMountPath(text)]],
  ["a template", findTemplateFlaw],
  [
    "a template with that text",
    (text) => findTemplateFlaw(`{{ printf "%s" ${JSON.stringify(text)} }}`),
  ],
  ["a specification with that text in many places", (text) => readPlaced(specWith(text), null)],
  ["a pattern of signers", (text) => [complainAboutSubjectPattern(text), matches(text)]],
  [
    "a principal",
    (text) => [
      complainAboutPrincipal(text),
      complainAboutPrincipal(`user:${text}`),
      parsePrincipal(text),
    ],
  ],
];
