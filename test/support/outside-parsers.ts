import { isStripped, readStripped } from "../../shared/adapters/stripped-token.ts";
import { oneLine } from "../../shared/adapters/one-line.ts";
import { readPageToken } from "../../shared/adapters/page-token.ts";
import { systemClock } from "../../shared/adapters/system-clock.ts";
import {
  isMachine,
  normalAddress,
  normalPrincipal,
  personOf,
} from "../../shared/domain/principal.ts";
import { namesRelease } from "../../shared/domain/reported-version.ts";
import { PermanentError } from "../../shared/ports/errors.ts";
import { fixedWidthTime } from "../../shared/wire/fixed-width-time.ts";
import { readImageRepository } from "../../shared/wire/image-repository.ts";
import {
  AttachedManifest,
  Envelope,
  LogBody,
  LogBundle,
  readPayload,
  readStatement,
  signedFormOf,
  TimestampBundle,
  toRepository,
} from "../../shared/wire/image-signature.ts";
import { toPlainJson, toRow } from "../../shared/wire/plain-text.ts";
import { parseWakeUp } from "../../shared/wire/wake-up.ts";
import { aCandidate, aReleaseOf, aService } from "./builders.ts";
import { parseImageReference } from "../../shared/wire/image-reference.ts";
import { markIn, momentIn } from "../../shared/adapters/backup-service.ts";
import { canonicalHash } from "../../shared/adapters/canonical-hash.ts";
import { withBoundedTexts } from "../../shared/app/bounded-event.ts";
import { fact } from "../../shared/domain/audit-record.ts";
import { environmentId } from "../../shared/domain/ids.ts";
import { sizeOf } from "../../shared/domain/size.ts";
import { shorten } from "../../shared/domain/text.ts";
import { AlertPage } from "../../shared/wire/alert.ts";
import * as Bodies from "../../shared/wire/api/bodies.ts";
import { parseAuditMessage } from "../../shared/wire/audit-message.ts";
import { parseChatButton } from "../../shared/wire/chat-actions.ts";
import { promotionIn } from "../../shared/wire/github.ts";
import { parseChatCommand } from "../../shared/wire/slack/command.ts";
import { parseHandedOver } from "../../shared/wire/slack/handed-over.ts";
import { parseSlackRequest } from "../../shared/wire/slack/request.ts";
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
import { readStored } from "../../shared/wire/state-document.ts";
import { ServiceAggregateValue } from "../../shared/wire/state/aggregate.ts";
import { parseNoticeHint } from "../../shared/wire/notice-hint.ts";
import { parseTick } from "../../shared/wire/tick.ts";

function message(text: string): Parameters<typeof parseTick>[0] {
  return {
    id: "1",
    publishTime: text,
    attempt: null,
    attributes: { Action: text, DeliveryPipelineId: text, RolloutId: text },
    text,
  };
}

/** Whatever reads what comes from outside, given a text in every place that may hold one. */
export const PARSERS: readonly (readonly [string, (text: string) => unknown])[] = [
  [
    "a delivery",
    (text) =>
      parseDelivery({ message: { data: text, messageId: text, attributes: { [text]: text } } }),
  ],
  ["JSON", (text) => [parseJson(text), promotionIn(text)]],
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
  ["a hint that people are to be told", (text) => parseNoticeHint(message(text))],
  [
    "a stored document",
    (text) =>
      readStored(ServiceAggregateValue, {
        schemaVersion: 1,
        body: { state: { holds: text, newest: text } },
      }),
  ],
  ["a request", (text) => readBodies(text)],
  ["a moment", fixedWidthTime],
  ["an image's repository", readImageRepository],
  [
    "a wake-up",
    (text) => parseWakeUp(message(JSON.stringify({ kind: "service", service: text, look: text }))),
  ],
  [
    "a button",
    (text) => [
      parseChatButton({ actionId: text, value: text }),
      parseChatButton({ actionId: "approve", value: JSON.stringify({ promotion: text }) }),
    ],
  ],
  ["a command in chat", parseChatCommand],
  [
    "a request of Slack's",
    (text) => [
      parseSlackRequest(text),
      parseSlackRequest(new URLSearchParams({ payload: text }).toString()),
      parseSlackRequest(new URLSearchParams({ command: "/slipway", text }).toString()),
    ],
  ],
  [
    "a request that was handed over",
    (text) => [
      parseHandedOver(message(text)),
      parseHandedOver(message(JSON.stringify({ timestamp: text, signature: text, body: text }))),
    ],
  ],
  [
    "what lies beside an image",
    (text) =>
      AttachedManifest.safeParse({
        layers: [{ mediaType: text, digest: text, annotations: { [text]: text } }],
        manifests: [{ digest: text }],
      }),
  ],
  ["the form of a signature", signedFormOf],
  [
    "a signature",
    (text) => [
      readPayload({
        critical: {
          image: { "docker-manifest-digest": text },
          type: "cosign container image signature",
        },
      }),
      LogBundle.safeParse({ SignedEntryTimestamp: text, Payload: { body: text } }),
      LogBody.safeParse({ kind: text }),
      TimestampBundle.safeParse({ SignedRFC3161Timestamp: text }),
      Envelope.safeParse({ payloadType: text, payload: text, signatures: [{ sig: text }] }),
    ],
  ],
  [
    "a statement",
    (text) => [
      readStatement(text, text),
      ...STATEMENTS.map((type) =>
        readStatement("application/vnd.in-toto+json", statementOf(type, text)),
      ),
    ],
  ],
  ["a repository of sources", toRepository],
  ["a page token", pageToken],
  [
    "a token",
    (text) => [
      isStripped(text),
      readStripped(`${text}.${text}.SIGNATURE_REMOVED_BY_GOOGLE`, TOKENS),
      readStripped(text, TOKENS),
    ],
  ],
  [
    "an address",
    (text) => [
      normalAddress(text),
      normalPrincipal(`user:${text}`),
      normalPrincipal(`domain:${text}`),
      personOf(text),
      isMachine(text),
    ],
  ],
  ["a reported version", (text) => namesRelease(text, RELEASE)],
  [
    "a row of a terminal",
    (text) => [toRow(text), toPlainJson(JSON.stringify(text)), oneLine(text)],
  ],
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

const WEB = aService();
const RELEASE = aReleaseOf(
  WEB,
  aCandidate(1, { commit: "0123456789abcdef", otherTags: ["1.4.0"] }),
);

const STATEMENTS = [
  "https://slsa.dev/provenance/v1",
  "https://sigstore.dev/cosign/sign/v1",
  "https://spdx.dev/Document",
] as const;

function statementOf(predicateType: string, text: string): object {
  const builder = { id: text };
  const predicate = {
    builder,
    runDetails: { builder },
    invocation: { configSource: { uri: text } },
    buildDefinition: { externalParameters: { workflow: { repository: text } } },
  };
  return { subject: [{ digest: { sha256: text, [text]: text } }], predicateType, predicate };
}

const TOKENS = {
  issuers: ["https://accounts.google.com"],
  audiences: ["https://api.example.com"],
  peopleAudiences: [],
  clock: systemClock(),
};

function pageToken(text: string): unknown {
  try {
    return readPageToken("services", text, 1);
  } catch (error) {
    if (error instanceof PermanentError) {
      return null;
    }
    throw error;
  }
}

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
