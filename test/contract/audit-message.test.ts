import { describe, expect, test } from "vitest";
import { z } from "zod";

import { EMPTY_CHAIN, fact } from "../../shared/domain/audit-record.ts";
import type { AuditRecord, Fact } from "../../shared/domain/audit-record.ts";
import { environmentId } from "../../shared/domain/ids.ts";
import { imageOf } from "../../shared/domain/release.ts";
import { toAuditView } from "../../shared/wire/api/views.ts";
import { parseAuditMessage, toAuditMessage } from "../../shared/wire/audit-message.ts";
import { aService } from "../support/builders.ts";
import { aPromotion, aRelease, someRecords } from "../support/contracts/samples.ts";
import { present } from "../support/present.ts";

const WEB = aService();
const RELEASE = aRelease(WEB, 1);
const PROMOTION = aPromotion(RELEASE, 1);
const HEX = RELEASE.digest.slice("sha256:".length);
const PURL = `pkg:oci/web@sha256%3A${HEX}?repository_url=${WEB.image}&tag=v1`;
const SOURCE = "//slipway.dev/projects/acme/services/web";

const Json = z.record(z.string(), z.unknown());

function recordOf(told: Fact): AuditRecord {
  return present(someRecords("web", EMPTY_CHAIN, [told])[0], "a record");
}

function eventOf(record: AuditRecord): Readonly<Record<string, unknown>> {
  return Json.parse(JSON.parse(toAuditMessage(record, "acme").body));
}

function deployed(details: Readonly<Record<string, string>>): AuditRecord {
  return recordOf(
    fact("release.deployed", "user:ann@example.com", {
      environment: environmentId("dev"),
      release: RELEASE.id,
      promotion: PROMOTION.id,
      verdicts: PROMOTION.gates,
      details: { image: imageOf(RELEASE), tag: "v1", ...details },
    }),
  );
}

describe("an audit message", () => {
  test("of a fact that CDEvents has no word for is an event of ours around the record", () => {
    const record = recordOf(
      fact("promotion.refused", "user:ann@example.com", {
        environment: environmentId("prod"),
        release: RELEASE.id,
        reason: "order: not yet",
        verdicts: PROMOTION.gates,
      }),
    );
    expect(eventOf(record)).toEqual({
      specversion: "1.0",
      id: "web-1",
      source: SOURCE,
      type: "dev.slipway.promotion.refused.v1",
      subject: RELEASE.id,
      time: "2026-11-20T10:00:00.000Z",
      datacontenttype: "application/json",
      sequence: "000000000001",
      partitionkey: "web",
      data: toAuditView(record),
    });
  });

  test("of a new release is CDEvents' artifact.published", () => {
    const details = { image: imageOf(RELEASE), tag: "v1" };
    const record = recordOf(fact("release.created", "slipway", { release: RELEASE.id, details }));
    const type = "dev.cdevents.artifact.published.0.3.0";
    expect(eventOf(record)).toMatchObject({
      type,
      subject: PURL,
      data: {
        context: {
          specversion: "0.5.1",
          id: "web-1",
          source: SOURCE,
          type,
          timestamp: "2026-11-20T10:00:00.000Z",
        },
        subject: { id: PURL, source: SOURCE, content: { user: "slipway" } },
        customData: toAuditView(record),
        customDataContentType: "application/json",
      },
    });
  });

  test.for([
    [{ kind: "automatic", replaced: "" }, "service.deployed"],
    [{ kind: "manual", replaced: "r-1" }, "service.upgraded"],
    [{ kind: "rollback", replaced: "r-1" }, "service.rolledback"],
  ] as const)("of a release that was deployed with %j is CDEvents' %s", ([details, predicate]) => {
    const record = deployed(details);
    expect(eventOf(record)).toMatchObject({
      type: `dev.cdevents.${predicate}.0.3.0`,
      subject: "web",
      data: {
        subject: {
          id: "web",
          content: { environment: { id: "dev", source: SOURCE }, artifactId: PURL },
        },
        customData: toAuditView(record),
      },
    });
  });

  test("of a promotion that succeeded is an event of ours, for what it deployed was told before", () => {
    const record = recordOf(
      fact("promotion.succeeded", "slipway", {
        environment: environmentId("dev"),
        release: RELEASE.id,
        promotion: PROMOTION.id,
        details: { kind: "automatic", tag: "v1" },
      }),
    );
    expect(eventOf(record)).toMatchObject({
      type: "dev.slipway.promotion.succeeded.v1",
      subject: PROMOTION.id,
      data: toAuditView(record),
    });
  });

  test.for([
    ["incident.opened", "incident.detected"],
    ["incident.closed", "incident.resolved"],
  ] as const)("of %s is CDEvents' %s", ([kind, predicate]) => {
    const record = recordOf(
      fact(kind, "monitoring", {
        environment: environmentId("prod"),
        reason: "5xx ratio",
        details: { incident: "0.abc", severity: "CRITICAL" },
      }),
    );
    expect(eventOf(record)).toMatchObject({
      type: `dev.cdevents.${predicate}.0.3.0`,
      subject: "0.abc",
      data: {
        subject: {
          id: "0.abc",
          source: SOURCE,
          content: {
            description: "5xx ratio",
            environment: { id: "prod", source: SOURCE },
            service: { id: "web", source: SOURCE },
          },
        },
        customData: toAuditView(record),
      },
    });
  });

  test("says in its attributes what a filter needs", () => {
    expect(toAuditMessage(deployed({ kind: "manual", replaced: "" }), "acme").attributes).toEqual({
      "content-type": "application/cloudevents+json",
      service: "web",
      type: "dev.cdevents.service.deployed.0.3.0",
    });
  });

  test.for([
    ["ours", recordOf(fact("service.applied", "slipway"))],
    ["CDEvents'", deployed({ kind: "manual", replaced: "" })],
  ] as const)("gives the whole record back, when the event is %s", ([, record]) => {
    expect(parseAuditMessage(eventOf(record))).toEqual({ ok: true, value: toAuditView(record) });
  });

  test.for([null, {}, { data: {} }, { data: { customData: {} } }, "text"])("is not %j", (body) => {
    expect(parseAuditMessage(body)).toMatchObject({ ok: false });
  });
});
