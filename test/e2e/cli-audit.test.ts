import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { seal } from "../../shared/app/seal.ts";
import { onTick } from "../../shared/app/tick.ts";
import { EMPTY_CHAIN, SYSTEM_CHAIN } from "../../shared/domain/audit-record.ts";
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

/** The chain of a service, and that of the installation itself. */
const CHAINS = ["web", SYSTEM_CHAIN];

/** The records of a chain, to be tampered with. */
function recordsOf(chain: string): AuditRecord[] {
  const { records } = setting.world.memory.world.store;
  return present(records.get(chain), `the records of ${chain}`);
}

/** The last record of a chain. */
function lastOf(chain: string): AuditRecord {
  return present(recordsOf(chain).at(-1), `the last record of ${chain}`);
}

/** Has the document that a chain belongs to say that it ends there. */
function moveHead(chain: string, head: AuditHead): void {
  const { store } = setting.world.memory.world;
  if (chain === SYSTEM_CHAIN) {
    store.control = { ...store.control, chain: { ...store.control.chain, head } };
    return;
  }
  const stored = present(store.services.get(chain), chain);
  store.services.set(chain, { ...stored, chain: { ...stored.chain, head } });
}

/** Writes a chain anew with another reason in its second record, as nobody could tell from itself. */
function rewrite(chain: string): void {
  const facts = recordsOf(chain).map((record, index) =>
    index === 1 ? Object.assign({}, record, { reason: "nothing happened" }) : record,
  );
  const { hash } = setting.world.memory.ports;
  const now = present(facts[0], "a record").time;
  const begun = { head: EMPTY_CHAIN, published: 0 };
  const sealed = seal(hash, begun, { name: chain, facts, now });
  recordsOf(chain).splice(0, facts.length, ...sealed.records);
  moveHead(chain, sealed.chain.head);
}

/** Where every chain ends, as `audit heads` prints it. */
async function keepHeads(): Promise<string> {
  const path = join(setting.folder, "heads.json");
  const heads = CHAINS.map(lastOf).map(({ chain, sequence, hash }) => ({ chain, sequence, hash }));
  await writeFile(path, heads.map((head) => JSON.stringify(head)).join("\n"));
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

/** What `verify` says of a chain, without how many records are in order before. */
async function verify(chain: string, ...words: readonly string[]): Promise<string> {
  const { out } = await setting.run(["audit", "verify", chain, ...words]);
  return present(linesOf(out)[0], "a line").replace(/; \d+ before it.*/, "");
}

test("heads are one chain a line, and nothing is wrong against what was kept", async () => {
  const { memory } = setting.world;
  await onTick(memory.ports, "hour");
  const { out } = await setting.run(["audit", "heads"]);
  expect(linesOf(out).map((line): unknown => JSON.parse(line))).toEqual(
    [SYSTEM_CHAIN, "web"].map(lastOf).map(({ chain, sequence, hash }) => ({
      chain,
      sequence,
      hash,
    })),
  );
  const heads = await keepHeads();
  const feed = await keepFeed(/./);
  const all = await setting.run(["audit", "verify", "--head", heads, "--feed", feed]);
  expect(all).toMatchObject({ code: 0, out: expect.stringContaining("intact  web:") as unknown });
});

describe.each(CHAINS)("the chain %s", (chain) => {
  beforeEach(async () => {
    await onTick(setting.world.memory.ports, "hour");
    await onTick(setting.world.memory.ports, "hour");
  });

  test("that was shortened does not end where its document says", async () => {
    const { sequence } = present(recordsOf(chain).pop(), "the last record");
    expect(await verify(chain)).toBe(
      `broken  ${chain}: at record ${sequence}: it is not there, and its document says that the chain ends at record ${sequence}`,
    );
  });

  test("that was shortened with its document shows against a head and the feed", async () => {
    const [heads, feed] = [await keepHeads(), await keepFeed(/./)];
    const { sequence } = present(recordsOf(chain).pop(), "the last record");
    moveHead(chain, lastOf(chain));
    expect(await verify(chain)).toMatch(/^intact/);
    const told = `broken  ${chain}: at record ${sequence}: it is not there, and record ${sequence} was kept elsewhere`;
    expect(await verify(chain, "--head", heads)).toBe(told);
    expect(await verify(chain, "--feed", feed)).toBe(told);
  });

  test("that was replaced by another service's is known by its records", async () => {
    const { memory } = setting.world;
    await install(memory.ports, aService({ id: serviceId("other") }));
    memory.world.store.records.set(chain, [...recordsOf("other")]);
    moveHead(chain, lastOf("other"));
    expect(await verify(chain)).toBe(`broken  ${chain}: at record 1: it is a record of other`);
  });

  test("that was written anew as a whole shows against a head and the feed", async () => {
    const [heads, feed] = [await keepHeads(), await keepFeed(/./)];
    rewrite(chain);
    expect(await verify(chain)).toMatch(/^intact/);
    expect(await verify(chain, "--head", heads)).toBe(
      `broken  ${chain}: at record ${lastOf(chain).sequence}: another record was kept elsewhere`,
    );
    expect(await verify(chain, "--feed", feed)).toBe(
      `broken  ${chain}: at record 2: another record was kept elsewhere`,
    );
  });

  test("that was written anew as a whole shows against a checkpoint alone", async () => {
    const checkpoints = await keepFeed(/^audit\.checkpoint$/);
    rewrite(chain);
    expect(await verify(chain, "--feed", checkpoints)).toMatch(
      /: at record \d+: another record was kept elsewhere$/,
    );
  });

  test("whose head was moved is not where its document says", async () => {
    const { sequence } = lastOf(chain);
    moveHead(chain, { sequence, hash: "f".repeat(64) });
    expect(await verify(chain)).toBe(
      `broken  ${chain}: at record ${sequence}: its document names another record here`,
    );
  });
});

test.each(["web", "gone"])("%s of which more was kept is looked for", async (chain) => {
  const path = join(setting.folder, "heads.json");
  await writeFile(path, JSON.stringify([{ chain, sequence: 900, hash: "a".repeat(64) }]));
  const { code, out } = await setting.run(["audit", "verify", "--head", path]);
  expect([code, out]).toEqual([1, expect.stringContaining("record 900 was kept elsewhere")]);
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
