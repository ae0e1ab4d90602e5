import { z } from "zod";

import type { AuditRecord } from "../domain/audit-record.ts";
import { accepted, refused } from "../domain/result.ts";
import { toAuditView } from "./api/views.ts";
import { AuditView } from "./api/schemas.ts";
import { parseImageReference } from "./image-reference.ts";
import type { ImageReference } from "./image-reference.ts";
import type { Parsed } from "./parsed.ts";

type View = z.output<typeof AuditView>;

/** One message of the audit feed, as it is published. */
export type AuditMessage = {
  /** A CloudEvent in JSON. */
  readonly body: string;
  readonly attributes: Readonly<Record<string, string>>;
};

/** The media type of a message's body. */
export const CLOUD_EVENT_TYPE = "application/cloudevents+json";

/**
 * The version of CDEvents whose vocabulary is used.
 * Source: https://github.com/cdevents/spec/tree/v0.5.1
 */
const CDEVENTS_VERSION = "0.5.1";

const SEQUENCE_DIGITS = 12;

/** What an event is called, and what it is about. */
type Told = {
  readonly type: string;
  readonly subject: string;
  readonly data: unknown;
};

/**
 * An audit record as a message of the feed: a CloudEvent in structured JSON. Where CDEvents has a word
 * for the fact its data is that CDEvent, with the whole record in `customData`; otherwise the type is
 * ours and the data is the record. The record has the same form as in the HTTP API. `installation` is
 * the project that Slipway runs in.
 * Source: https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md
 */
export function toAuditMessage(record: AuditRecord, installation: string): AuditMessage {
  const view = toAuditView(record);
  const source = `//slipway.dev/projects/${installation}/services/${record.chain}`;
  const told = toCdEvent(record, { view, source }) ?? toOwnEvent(record, view);
  const event = {
    specversion: "1.0",
    id: record.id,
    source,
    type: told.type,
    subject: told.subject,
    time: view.time,
    datacontenttype: "application/json",
    sequence: String(record.sequence).padStart(SEQUENCE_DIGITS, "0"),
    partitionkey: record.chain,
    data: told.data,
  };
  return {
    body: JSON.stringify(event),
    attributes: { "content-type": CLOUD_EVENT_TYPE, service: record.chain, type: told.type },
  };
}

function toOwnEvent(record: AuditRecord, view: View): Told {
  const subject = record.promotion ?? record.release ?? record.environment ?? record.chain;
  return { type: `dev.slipway.${record.kind}.v1`, subject, data: view };
}

type Context = { readonly view: View; readonly source: string };

function toCdEvent(record: AuditRecord, context: Context): Told | null {
  if (record.kind === "incident.opened" || record.kind === "incident.closed") {
    return toIncidentEvent(record, context);
  }
  const image = parseImageReference(record.details["image"] ?? "");
  if (image === null || image.digest === null) {
    return null;
  }
  const artifactId = toPackageUrl(image, record.details["tag"] ?? null);
  if (record.kind === "release.created") {
    const content = { user: record.by };
    return wrap(context, { subject: artifactId, predicate: "artifact.published", content });
  }
  if (record.kind === "release.deployed" && record.environment !== null) {
    const content = { environment: { id: record.environment, source: context.source }, artifactId };
    return wrap(context, { subject: record.chain, predicate: predicateOf(record), content });
  }
  return null;
}

/** An incident that opened or closed in an environment; the subject is the alert. */
function toIncidentEvent(record: AuditRecord, context: Context): Told {
  const predicate = record.kind === "incident.opened" ? "incident.detected" : "incident.resolved";
  const { source } = context;
  const content = {
    description: record.reason ?? "",
    environment: { id: record.environment ?? record.chain, source },
    service: { id: record.chain, source },
  };
  const subject = record.details["incident"] ?? record.id;
  return wrap(context, { subject, predicate, content });
}

/** The first release in an environment is deployed, a later one an upgrade, a return to an older one a rollback. */
function predicateOf({ details }: AuditRecord): string {
  if (details["kind"] === "rollback") {
    return "service.rolledback";
  }
  return (details["replaced"] ?? "") === "" ? "service.deployed" : "service.upgraded";
}

function wrap(
  { view, source }: Context,
  event: { readonly subject: string; readonly predicate: string; readonly content: object },
): Told {
  const type = `dev.cdevents.${event.predicate}.0.3.0`;
  const data = {
    context: { specversion: CDEVENTS_VERSION, id: view.id, source, type, timestamp: view.time },
    subject: { id: event.subject, source, content: event.content },
    customData: view,
    customDataContentType: "application/json",
  };
  return { type, subject: event.subject, data };
}

/**
 * The image's package URL.
 * Source: https://github.com/package-url/purl-spec/blob/main/types-doc/oci-definition.md
 */
function toPackageUrl({ repository, digest }: ImageReference, tag: string | null): string {
  const name = repository.split("/").at(-1) ?? repository;
  const qualifiers = new URLSearchParams({ repository_url: repository });
  if (tag !== null) {
    qualifiers.set("tag", tag);
  }
  const version = encodeURIComponent(digest ?? "");
  return `pkg:oci/${name.toLowerCase()}@${version}?${decodeURIComponent(qualifiers.toString())}`;
}

const OwnEvent = z.object({ data: AuditView });
const CdEvent = z.object({ data: z.object({ customData: AuditView }) });

/** Reads the record that a message of the feed carries, to be shown or verified. */
export function parseAuditMessage(body: unknown): Parsed<View> {
  const own = OwnEvent.safeParse(body);
  if (own.success) {
    return accepted(own.data.data);
  }
  const wrapped = CdEvent.safeParse(body);
  return wrapped.success
    ? accepted(wrapped.data.data.customData)
    : refused("the event carries no audit record");
}
