import { AUDIT_DETAILS } from "../../shared/domain/audit-details.ts";
import type { AuditRecord } from "../../shared/domain/audit-record.ts";
import { captures, textOf } from "./tidy-files.ts";
import type { TextFile } from "./tidy-files.ts";

/** The guide of the audit feed, which describes each kind of record and its details. */
export const AUDIT_GUIDE = "docs/guides/audit-feed.md";

/** Kinds whose details have further names: what is in them depends on the service, as the guide says. */
const OPEN_KINDS: ReadonlySet<string> = new Set(["service.applied"]);

/** The names of the details of each kind of record that the guide describes. */
export function describedRecords(guide: string): ReadonlyMap<string, ReadonlySet<string>> {
  const [, section = ""] = guide.split("## The kinds of record");
  const [kinds = ""] = section.split(/^## /m);
  const items = kinds.split(/^- /m).slice(1);
  return new Map(
    items.map((item) => {
      const [kind = ""] = captures(item, /^`([\w.-]+)`/g);
      const [text = ""] = item.split(/\n\n/);
      const [, ...details] = text.split("Details:");
      return [kind, new Set(captures(details.join(" "), /`(\w+)`/g))] as const;
    }),
  );
}

/** A word that a description of details uses and that names none of them. */
const NO_DETAILS: ReadonlySet<string> = new Set(["_slipway"]);

/** The guide describes every kind of record with its details as the table has them, and no other. */
export function undescribedRecords(files: readonly TextFile[]): readonly string[] {
  const described = describedRecords(textOf(files, AUDIT_GUIDE));
  const table = new Map<string, readonly string[] | null>(Object.entries(AUDIT_DETAILS));
  return [
    ...[...table].flatMap(([kind, names]) => {
      const told = described.get(kind);
      return told === undefined
        ? [`${AUDIT_GUIDE} does not describe ${kind}`]
        : untrueDetails(kind, names ?? [...told], told);
    }),
    ...[...described.keys()]
      .filter((kind) => !table.has(kind))
      .map((kind) => `${AUDIT_GUIDE} describes ${kind}, which nothing records`),
  ];
}

function untrueDetails(
  kind: string,
  names: readonly string[],
  told: ReadonlySet<string>,
): readonly string[] {
  return [
    ...names
      .filter((name) => !told.has(name))
      .map((name) => `${AUDIT_GUIDE} does not name ${name} of ${kind}`),
    ...[...told]
      .filter((name) => !names.includes(name) && !NO_DETAILS.has(name))
      .map((name) => `${AUDIT_GUIDE} names ${name} of ${kind}, which it never has`),
  ];
}

/** The details of records that the guide does not name, each once. */
export function undescribedDetails(
  guide: string,
  records: readonly Pick<AuditRecord, "kind" | "details">[],
): readonly string[] {
  const described = describedRecords(guide);
  const missing = records
    .filter(({ kind }) => !OPEN_KINDS.has(kind))
    .flatMap(({ kind, details }) =>
      Object.keys(details)
        .filter((name) => described.get(kind)?.has(name) !== true)
        .map((name) => `${AUDIT_GUIDE} does not name ${name} of ${kind}`),
    );
  return [...new Set(missing)];
}
