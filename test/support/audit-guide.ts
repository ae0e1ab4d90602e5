import type { AuditRecord } from "../../shared/domain/audit-record.ts";
import { captures, textOf } from "./tidy-files.ts";
import type { TextFile } from "./tidy-files.ts";

/** The guide of the audit feed, which describes each kind of record and its details. */
export const AUDIT_GUIDE = "docs/guides/audit-feed.md";

const KINDS = "shared/domain/audit-record.ts";

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

/** The guide describes every kind of record, and no other. */
export function undescribedRecords(files: readonly TextFile[]): readonly string[] {
  const [union = ""] = captures(textOf(files, KINDS), /^export type FactKind =([^;]*);/gm);
  const kinds = captures(union, /"([\w.-]+)"/g);
  const described = [...describedRecords(textOf(files, AUDIT_GUIDE)).keys()];
  return [
    ...(kinds.length === 0 ? [`${KINDS} has no kinds`] : []),
    ...kinds
      .filter((kind) => !described.includes(kind))
      .map((kind) => `${AUDIT_GUIDE} does not describe ${kind}`),
    ...described
      .filter((kind) => !kinds.includes(kind))
      .map((kind) => `${AUDIT_GUIDE} describes ${kind}, which nothing records`),
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
