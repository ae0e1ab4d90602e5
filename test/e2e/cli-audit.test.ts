import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { seal } from "../../shared/app/seal.ts";
import { onTick } from "../../shared/app/tick.ts";
import { EMPTY_CHAIN } from "../../shared/domain/audit-record.ts";
import type { AuditHead, AuditRecord } from "../../shared/domain/audit-record.ts";
import { serviceId } from "../../shared/domain/ids.ts";
import { toAuditMessage } from "../../shared/wire/audit-message.ts";
import { aService } from "../support/builders.ts";
import { present } from "../support/present.ts";
import { install } from "../support/storm.ts";
import { linesOf, openCli } from "./cli-setting.ts";
import type { CliSetting } from "./cli-setting.ts";

let setting: CliSetting;
beforeEach(async () => {
  setting = await openCli();
});
afterEach(async () => {
  await setting.close();
});

/** The records of `web`, to be tampered with. */
function records(): AuditRecord[] {
  return present(setting.world.memory.world.store.records.get("web"), "the records of web");
}

/** Has the service's document say that its chain ends there. */
function moveHead(head: AuditHead): void {
  const { services } = setting.world.memory.world.store;
  const stored = present(services.get("web"), "web");
  services.set("web", { ...stored, chain: { ...stored.chain, head } });
}

/** Writes the chain anew with another reason in its second record, as nobody could tell from itself. */
function rewrite(): void {
  const facts = records().map((record, index) =>
    index === 1 ? Object.assign({}, record, { reason: "nothing happened" }) : record,
  );
  const { hash } = setting.world.memory.ports;
  const chain = { head: EMPTY_CHAIN, published: 0 };
  const now = present(facts[0], "a record").time;
  const sealed = seal(hash, chain, { name: "web", facts, now });
  records().splice(0, facts.length, ...sealed.records);
  moveHead(sealed.chain.head);
}

async function keepHeads(): Promise<string> {
  const path = join(setting.folder, "heads.json");
  await writeFile(path, (await setting.run(["audit", "heads"])).out);
  return path;
}

/** What a subscription of the feed has, as gcloud prints it. */
async function keepFeed(kinds: RegExp): Promise<string> {
  const messages = setting.world.memory.world.published
    .filter(({ kind }) => kinds.test(kind))
    .map((record) => toAuditMessage(record, "slipway").body)
    .map((body) => ({ message: { data: Buffer.from(body).toString("base64") } }));
  const path = join(setting.folder, "feed.json");
  await writeFile(path, JSON.stringify(messages));
  return path;
}

/** What `verify` says of `web`, without how many records are in order before. */
async function verify(...words: readonly string[]): Promise<string> {
  const { out } = await setting.run(["audit", "verify", "web", ...words]);
  return present(linesOf(out)[0], "a line").replace(/; \d+ before it.*/, "");
}

test("heads are one chain a line, and nothing is wrong against what was kept", async () => {
  const heads = await keepHeads();
  const { out } = await setting.run(["audit", "heads"]);
  const { sequence, hash } = present(records().at(-1), "the last record");
  expect(linesOf(out).map((line): unknown => JSON.parse(line))).toEqual([
    expect.objectContaining({ chain: "_slipway" }),
    { chain: "web", sequence, hash },
  ]);
  const all = await setting.run([
    "audit",
    "verify",
    "--head",
    heads,
    "--feed",
    await keepFeed(/./),
  ]);
  expect(all).toMatchObject({ code: 0, out: expect.stringContaining("intact  web:") as unknown });
});

describe("a chain", () => {
  test("that was shortened does not end where the document says", async () => {
    const last = present(records().pop(), "the last record");
    expect(await verify()).toBe(
      `broken  web: at record ${last.sequence}: it is not there, and the service's document says that the chain ends at record ${last.sequence}`,
    );
  });

  test("that was shortened with its document shows against a head", async () => {
    const heads = await keepHeads();
    const last = present(records().pop(), "the last record");
    moveHead(present(records().at(-1), "the last that is left"));
    expect(await verify()).toMatch(/^intact/);
    expect(await verify("--head", heads)).toBe(
      `broken  web: at record ${last.sequence}: it is not there, and record ${last.sequence} was kept elsewhere`,
    );
  });

  test("that was replaced by another service's is known by its records", async () => {
    const { memory } = setting.world;
    await install(memory.ports, aService({ id: serviceId("other") }));
    const others = present(memory.world.store.records.get("other"), "the other's records");
    memory.world.store.records.set("web", [...others]);
    moveHead(present(others.at(-1), "the other's last"));
    expect(await verify()).toBe("broken  web: at record 1: it is a record of other");
  });

  test("that was written anew as a whole shows against a head, the feed, and a checkpoint", async () => {
    await onTick(setting.world.memory.ports, "hour");
    const heads = await keepHeads();
    const feed = await keepFeed(/^(?!audit)/);
    rewrite();
    expect(await verify()).toMatch(/^intact/);
    const last = present(records().at(-1), "the last record").sequence;
    expect(await verify("--head", heads)).toBe(
      `broken  web: at record ${last}: another record was kept elsewhere`,
    );
    expect(await verify("--feed", feed)).toBe(
      "broken  web: at record 2: another record was kept elsewhere",
    );
    const checkpoint = await keepFeed(/^audit\.checkpoint$/);
    expect(await verify("--feed", checkpoint)).toMatch(/: another record was kept elsewhere$/);
  });

  test("whose head was moved is not where the document says", async () => {
    const { sequence } = present(records().at(-1), "the last record");
    moveHead({ sequence, hash: "f".repeat(64) });
    expect(await verify()).toBe(
      `broken  web: at record ${sequence}: the service's document names another record here`,
    );
  });

  test.each(["web", "gone"])("%s of which more was kept is looked for", async (chain) => {
    const path = join(setting.folder, "heads.json");
    await writeFile(path, JSON.stringify([{ chain, sequence: 900, hash: "a".repeat(64) }]));
    const { code, out } = await setting.run(["audit", "verify", "--head", path]);
    expect([code, out]).toEqual([1, expect.stringContaining("record 900 was kept elsewhere")]);
  });
});

test.each([
  ["missing.json", null, "missing.json cannot be read"],
  ["words.json", "{}\nwords", "line 2 is not JSON"],
  ["other.json", '[{"chain": "web"}]', "item 1 is no head, record or message of the feed"],
])("a file %s is refused, with what is wrong", async (name, text, reason) => {
  const path = join(setting.folder, name);
  if (text !== null) {
    await writeFile(path, text);
  }
  const { code, err } = await setting.run(["audit", "verify", "--head", path]);
  expect([code, err]).toEqual([2, expect.stringContaining(reason)]);
});
