import { describe, expect, test } from "vitest";
import { parseImageReference } from "../../shared/wire/image-reference.ts";
import { markIn, momentIn } from "../../shared/adapters/backup-service.ts";
import { canonicalHash } from "../../shared/adapters/canonical-hash.ts";
import { tagPolicy } from "../../shared/adapters/tag-policy.ts";
import { withBoundedTexts } from "../../shared/app/bounded-event.ts";
import { fact } from "../../shared/domain/audit-record.ts";
import { environmentId } from "../../shared/domain/ids.ts";
import { sizeOf } from "../../shared/domain/size.ts";
import { shorten } from "../../shared/domain/text.ts";
import { AlertPage } from "../../shared/wire/alert.ts";
import * as Bodies from "../../shared/wire/api/bodies.ts";
import { parseAuditMessage } from "../../shared/wire/audit-message.ts";
import { parseDeployNotification } from "../../shared/wire/deploy-notification.ts";
import { parseDelivery, parseJson } from "../../shared/wire/envelope.ts";
import { GkeBackupPage } from "../../shared/wire/gke-backup.ts";
import {
  describeImage,
  parseAuthors,
  parseCommit,
  readManifest,
} from "../../shared/wire/image-manifest.ts";
import { parseImagePush } from "../../shared/wire/image-push.ts";
import { parseIncident } from "../../shared/wire/incident.ts";
import { parseDuration } from "../../shared/wire/spec/duration.ts";
import { parseServiceSpec } from "../../shared/wire/spec/parse-service-spec.ts";
import { complainAboutPrincipal } from "../../shared/wire/spec/principal.ts";
import { compileTagPattern, complainAboutRange } from "../../shared/wire/spec/tag-pattern.ts";
import { readStored } from "../../shared/wire/state-document.ts";
import { ServiceAggregateValue } from "../../shared/wire/state/aggregate.ts";
import { parseTick } from "../../shared/wire/tick.ts";

const FULL = 64 * 1024;

/** Texts on which a parser that looks again and again at what it has seen takes long: by their length. */
const WORST: readonly (readonly [string, (length: number) => string])[] = [
  ["one letter", (length) => "a".repeat(length)],
  ["spaces", (length) => " ".repeat(length)],
  ["dots", (length) => ".".repeat(length)],
  ["hyphens", (length) => "-".repeat(length)],
  ["at signs", (length) => "a@".repeat(length / 2)],
  ["nearly addresses", (length) => `${"a.b-c@".repeat(length / 6)}!`],
  ["digits", (length) => "1".repeat(length)],
  ["nearly durations", (length) => `${"1h".repeat(length / 2)}x`],
  ["nearly versions", (length) => `${"1.2.3-".repeat(length / 6)}!`],
  ["ranges", (length) => ">=1 || ".repeat(length / 7)],
  ["brackets", (length) => "[".repeat(length)],
  ["braces", (length) => "{".repeat(length)],
  ["brackets in pairs", (length) => `${"[".repeat(length / 2)}${"]".repeat(length / 2)}`],
  ["braces of JSON", (length) => `${'{"a":'.repeat(length / 6)}1${"}".repeat(length / 6)}`],
  ["lists in YAML", (length) => "- ".repeat(length / 2)],
  ["keys in YAML", (length) => "a: {".repeat(length / 4)],
  ["lines", (length) => "a: 1\n".repeat(length / 5)],
  ["aliases", (length) => `a: &a [1]\nb: [${"*a,".repeat(length / 3)}1]\n`],
  ["quotes", (length) => '"'.repeat(length)],
  ["backslashes", (length) => "\\".repeat(length)],
  ["parentheses", (length) => "(".repeat(length)],
  ["paths", (length) => "a/".repeat(length / 2)],
  ["templates", (length) => "{{ ".repeat(length / 3)],
  ["halves of characters", (length) => "\ud800".repeat(length)],
];

const read = tagPolicy();

function message(text: string): Parameters<typeof parseTick>[0] {
  return {
    id: "1",
    publishTime: text,
    attributes: { Action: text, DeliveryPipelineId: text, RolloutId: text },
    text,
  };
}

/** Whatever reads what comes from outside, given a text in every place that may hold one. */
const PARSERS: readonly (readonly [string, (text: string) => unknown])[] = [
  [
    "a delivery",
    (text) =>
      parseDelivery({ message: { data: text, messageId: text, attributes: { [text]: text } } }),
  ],
  ["JSON", parseJson],
  ["a push", (text) => parseImagePush(message(text))],
  [
    "a push of that tag",
    (text) =>
      parseImagePush(message(JSON.stringify({ action: "INSERT", tag: text, digest: text }))),
  ],
  ["a notification", (text) => parseDeployNotification(message(text))],
  [
    "an incident",
    (text) =>
      parseIncident(
        message(JSON.stringify({ version: text, incident: { scoping_project_id: text } })),
      ),
  ],
  ["a tick", (text) => parseTick(message(JSON.stringify({ kind: text })))],
  ["a reference", parseImageReference],
  [
    "a manifest",
    (text) =>
      readManifest({ mediaType: text, artifactType: text, config: { mediaType: text } }, text),
  ],
  ["a configuration", (text) => describeImage({ os: text, config: { Labels: { [text]: text } } })],
  ["authors", parseAuthors],
  ["a commit", parseCommit],
  [
    "alerts",
    (text) =>
      AlertPage.safeParse({
        alerts: [{ name: text, openTime: text, policy: { displayName: text } }],
      }),
  ],
  [
    "backups",
    (text) =>
      GkeBackupPage.safeParse({ backups: [{ name: text, description: text, createTime: text }] }),
  ],
  ["a mark", (text) => [markIn(text), momentIn(text)]],
  ["a record of the feed", (text) => parseAuditMessage({ data: { id: text } })],
  [
    "a stored document",
    (text) =>
      readStored(ServiceAggregateValue, {
        schemaVersion: 1,
        body: { state: { holds: text, newest: text } },
      }),
  ],
  ["a request", (text) => readBodies(text)],
  ["a specification", parseServiceSpec],
  [
    "a specification with that name",
    (text) => parseServiceSpec(`service: {id: a, name: ${JSON.stringify(text)}}\n`),
  ],
  ["a pattern", compileTagPattern],
  ["a tag", (text) => read.read({ kind: "pattern", pattern: "^(a|a)*$" }, text)],
  ["a version", (text) => read.read({ kind: "semver", range: ">=1.2 <3" }, text)],
  ["a range", complainAboutRange],
  ["a length of time", parseDuration],
  ["a principal", (text) => [complainAboutPrincipal(text), complainAboutPrincipal(`user:${text}`)]],
  ["a text to keep", (text) => [shorten(text, 500), sizeOf(text)]],
  [
    "an event",
    (text) =>
      withBoundedTexts({
        kind: "running-observed",
        environment: environmentId("dev"),
        image: text,
        by: text,
      }),
  ],
  [
    "a record",
    (text) =>
      canonicalHash().ofRecord({
        ...fact("message.refused", text, { reason: text, details: { [text]: text } }),
        id: text,
        chain: text,
        sequence: 1,
        time: momentIn("2026-11-20T10:00:00Z") ?? fail(),
        previousHash: text,
      }),
  ],
];

function fail(): never {
  throw new Error("a moment");
}

function readBodies(text: string): unknown {
  const body = {
    release: text,
    reason: text,
    backup: text,
    into: text,
    image: text,
    service: text,
    environment: text,
    until: text,
    comment: text,
    pageToken: text,
    pageSize: text,
    after: text,
  };
  return Object.values(Bodies).map((schema) => schema.safeParse(body));
}

/** What one run takes of the processor, in milliseconds. Time in which others ran does not count. */
function costMs(act: () => unknown): number {
  const before = process.cpuUsage();
  act();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

const ATTEMPTS = 12;
const COST_MAX_MS = 10;
/** Four times the text may take four times as long, and some more; what looks back at everything takes sixteen times. */
const GROWTH_MAX = 8;

/** Whether a parser takes under 10 ms, or else time that grows as the text does. The best of some attempts counts. */
function isLinear(parse: (text: string) => unknown, worst: (length: number) => string): boolean {
  const [full, part] = [worst(FULL), worst(FULL / 4)];
  let [fullMs, partMs] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const oneMs = costMs(() => parse(full));
    fullMs = Math.min(fullMs, oneMs);
    if (fullMs < COST_MAX_MS) {
      return true;
    }
    const otherMs = costMs(() => parse(part));
    partMs = Math.min(partMs, otherMs);
    if (fullMs < partMs * GROWTH_MAX) {
      return true;
    }
  }
  return false;
}

const lookingBack = (text: string): boolean => /a+!/.test(text.slice(0, text.length / 8));

/** Some of these take a second on a busy machine. */
const TIMEOUT_MS = 60_000;

describe("64 KB of the worst", () => {
  test.each(PARSERS)(
    "are read in linear time, and never throw: %s",
    (_name, parse) => {
      const slow = WORST.filter(([, worst]) => !isLinear(parse, worst)).map(([name]) => name);
      expect(slow).toEqual([]);
    },
    TIMEOUT_MS,
  );

  test(
    "a parser that looks back at all it has seen is noticed",
    () => {
      expect(isLinear(lookingBack, (length) => "a".repeat(length))).toBe(false);
    },
    TIMEOUT_MS,
  );
});
