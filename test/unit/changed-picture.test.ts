import { describe, expect, test } from "vitest";
import { changedPicture } from "../../functions/web/charts/changed-picture.ts";
import type { AuditRecord } from "../../shared/domain/audit-record.ts";
import { SYSTEM_CHAIN } from "../../shared/domain/audit-record.ts";
import { asPromotionId, environmentId, releaseId, serviceId } from "../../shared/domain/ids.ts";
import type { PlacedEntry } from "../../shared/domain/timeline.ts";
import { instant } from "../../shared/domain/time.ts";
import { aDigest, aService, START } from "../support/builders.ts";

const MINUTE_MS = 60_000;
const SPAN = { from: START, to: instant(START + 60 * MINUTE_MS) };

/** A deployment of that tag, so many minutes after the beginning, that is still there. */
function ran(service: string, tag: string, minute: number): PlacedEntry {
  const since = instant(START + minute * MINUTE_MS);
  const id = asPromotionId(`r-1-to-prod-${service}-${tag}`);
  const release = releaseId(aDigest(1), aService().revision);
  return {
    id,
    service: serviceId(service),
    environment: environmentId("prod"),
    deployment: {
      release,
      promotion: id,
      image: "image",
      tag,
      kind: "manual",
      since,
      steadySince: since,
      backups: [],
    },
    to: null,
  };
}

/** Something that happened so many minutes after the beginning. */
function happened(
  chain: string,
  kind: AuditRecord["kind"],
  minute: number,
  environment: string | null = "prod",
): AuditRecord {
  return {
    id: `${chain}-${minute}`,
    chain,
    sequence: minute,
    previousHash: "",
    hash: "",
    kind,
    by: "user:ann@example.com",
    time: instant(START + minute * MINUTE_MS),
    environment: environment === null ? null : environmentId(environment),
    release: null,
    promotion: null,
    reason: null,
    verdicts: [],
    details: { incident: "i-1" },
  };
}

async function drawn(
  entries: readonly PlacedEntry[],
  happenings: readonly AuditRecord[] = [],
): Promise<string> {
  return String(await changedPicture(SPAN, entries, happenings));
}

/** The names of the lanes, from above. */
function lanesOf(text: string): readonly string[] {
  return [...text.matchAll(/<text class="lane"[^>]*>(?<name>[^<]*)/g)].map(({ groups }) =>
    (groups?.["name"] ?? "").trim(),
  );
}

describe("the picture of what changed anywhere", () => {
  test("has a lane for each place in which something changed, the newest change above", async () => {
    const held = happened("parcels", "hold.placed", 50, null);
    const text = await drawn([ran("shop", "v1", 10), ran("bank", "v2", 40)], [held]);
    expect(lanesOf(text)).toEqual(["parcels", "bank prod", "shop prod"]);
    expect(text).toMatch(/<title>v2, manual, from /);
  });

  test("has twenty lanes at most, and counts the places that it leaves out", async () => {
    const entries = Array.from({ length: 22 }, (_, at) => ran(`s${at}`, "v1", at));
    const text = await drawn(entries);
    expect(lanesOf(text)).toHaveLength(20);
    expect(lanesOf(text)[0]).toBe("s21 prod");
    expect(text).toContain("in 2 more places");
    expect(await drawn(entries.slice(2))).not.toContain("more places");
  });

  test("crosses every lane with the line of an incident, whose band stays in its own", async () => {
    const opened = happened("bank", "incident.opened", 30);
    const closed = happened("bank", "incident.closed", 40);
    const others = happened("shop", "incident.closed", 35);
    const text = await drawn([ran("shop", "v1", 20)], [closed, others, opened]);
    expect(lanesOf(text)).toEqual(["bank prod", "shop prod"]);
    expect(text).toMatch(/<line\s+class="opened"[^>]*y1="18"[^>]*y2="124"/);
    const [, width = "", height = ""] =
      /class="incident"[^>]*width="(?<w>[\d.]+)"[^>]*height="(?<h>\d+)"/.exec(text) ?? [];
    expect(height).toBe("40");
    // Ten of sixty minutes, on what the names leave of the width: the end is the incident's own.
    expect(Number(width)).toBeCloseTo((994 - 110) / 6, 0);
  });

  test("marks what concerns everything in no lane, and shows harmlessly what names there are", async () => {
    const text = await drawn(
      [ran("<b>\u202E", "<script>\u202E", 5)],
      [happened(SYSTEM_CHAIN, "hold.placed", 9, null)],
    );
    expect(text).toContain("hold.placed, ");
    expect(text).not.toMatch(/<b>|<script>|\u202E/);
    const long = await drawn([ran("s".repeat(80), "v1", 5)]);
    expect(lanesOf(long)[0]?.length).toBeLessThan(40);
    expect(long).toContain(`<title>${"s".repeat(80)} prod</title>`);
  });

  test("is not there where nothing changed that it could draw", async () => {
    expect(await drawn([], [happened("shop", "service.applied", 5, null)])).toBe("");
  });
});
