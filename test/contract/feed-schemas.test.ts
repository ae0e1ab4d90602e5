import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { EMPTY_CHAIN, fact } from "../../shared/domain/audit-record.ts";
import type { Fact } from "../../shared/domain/audit-record.ts";
import { environmentId } from "../../shared/domain/ids.ts";
import { imageOf } from "../../shared/domain/release.ts";
import { toAuditMessage } from "../../shared/wire/audit-message.ts";
import { auditRecordJsonSchema } from "../../shared/wire/audit-schema.ts";
import { aService } from "../support/builders.ts";
import { aRelease, someRecords } from "../support/contracts/samples.ts";
import { brokenBySchema } from "../support/feed-schemas.ts";
import { present } from "../support/present.ts";

const RELEASE = aRelease(aService(), 1);

function bodyOf(told: Fact): string {
  return toAuditMessage(present(someRecords("web", EMPTY_CHAIN, [told])[0], "a record"), "acme")
    .body;
}

const OURS = bodyOf(fact("hold.placed", "user:ann@example.com", { details: { hold: "hold-1" } }));
const THEIRS = bodyOf(
  fact("release.deployed", "user:ann@example.com", {
    environment: environmentId("dev"),
    release: RELEASE.id,
    details: { image: imageOf(RELEASE), tag: "v1", kind: "manual", replaced: "" },
  }),
);

test("docs/audit-record.schema.json is what infra/cli/write-schema.ts writes", () => {
  const path = new URL("../../docs/audit-record.schema.json", import.meta.url);
  const schema = `${JSON.stringify(auditRecordJsonSchema(), null, 2)}\n`;
  expect(readFileSync(path, "utf8")).toBe(schema);
});

test.each([
  ["ours", OURS],
  ["CDEvents'", THEIRS],
])("a message that is %s is valid", (_, body) => {
  expect(brokenBySchema(body)).toEqual([]);
});

test.each([
  ["without an id", OURS, '"id":"web-1","source"', '"source"', "not a CloudEvent"],
  ["of another version", OURS, '"specversion":"1.0"', '"specversion":"2.0"', "not a CloudEvent"],
  ["with a time that is none", OURS, /"time":"[^"]*","kind"/, '"time":"noon","kind"', "/time"],
  ["of a kind that there is not", OURS, '"kind":"hold.placed"', '"kind":"hold.put"', "/kind"],
  ["with a field more", OURS, '"sequence":1,', '"sequence":1,"colour":"red",', "colour"],
  ["without its reason", OURS, '"reason":null,', "", "reason"],
  ["with a detail of another kind", OURS, '"hold":"hold-1"', '"drift":"yes"', "/details"],
  ["with a hash that is none", OURS, /"hash":"\w/, '"hash":"-', "/hash"],
  ["with half an environment", THEIRS, '"environment":{"id":"dev",', '"environment":{', "/subject"],
  [
    "that is another as an event",
    OURS,
    '"datacontenttype":"application/json"',
    '"Type":"x"',
    "not a",
  ],
  [
    "with a field that CDEvents has not",
    THEIRS,
    '"artifactId":',
    '"image":"x","artifactId":',
    "/subject",
  ],
  ["of a type that is nobody's", THEIRS, /service\.deployed/g, "service.put", "has no schema"],
  ["with a record in it that is none", THEIRS, '"kind":"release.deployed"', '"kind":"x"', "/kind"],
])("a message %s is found", (_, body, before, after, told) => {
  const changed = body.replace(before, after);
  expect(changed).not.toBe(body);
  expect(brokenBySchema(changed).join("\n")).toContain(told);
});
