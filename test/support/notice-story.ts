import { noticeOf } from "../../shared/domain/notices/notice.ts";
import type { AuditRecord } from "../../shared/domain/audit-record.ts";
import { newBook } from "../../shared/domain/notices/book.ts";
import { channelName } from "../../shared/domain/notices/channel.ts";
import type { Channel, NotifyRule } from "../../shared/domain/notices/channel.ts";
import type { Service } from "../../shared/domain/service.ts";
import { onNotices } from "../../shared/app/notices.ts";
import type { NoticeHint, NoticePorts } from "../../shared/app/notice-work.ts";
import { TransientError } from "../../shared/ports/errors.ts";
import { aService } from "./builders.ts";
import { memoryCalls, ProcessStopped } from "./memory-calls.ts";
import type { FaultOptions, MemoryCalls } from "./memory-calls.ts";
import { memoryTelling } from "./memory-notices.ts";
import type { Arrived, MemoryTelling } from "./memory-notices.ts";
import { memoryPorts } from "./memory-ports.ts";
import type { MemoryPorts } from "./memory-ports.ts";
import { play, PLAIN_STORY } from "./play.ts";
import { present } from "./present.ts";

function rule(channel: Channel): NotifyRule {
  return { channel, on: [], environments: [], categories: [] };
}

const RULES: readonly NotifyRule[] = [
  rule({ kind: "slack", name: "#alerts" }),
  rule({ kind: "slack", name: "#others" }),
  rule({ kind: "webhook", url: "https://hooks.example.com/web", secret: "notices_web" }),
  rule({ kind: "mail", to: ["web@example.com"] }),
];

/** The channels of the service, in the order of its specification. */
export const CHANNELS: readonly string[] = RULES.map(({ channel }) => channelName(channel));

/** A service with a channel of each kind. */
export const WEB: Service = aService({ notify: RULES });

/** A service that was pushed to, promoted and delivered, and people who were told nothing yet. */
export type Story = {
  readonly memory: MemoryPorts;
  readonly told: MemoryTelling;
  readonly ports: NoticePorts;
  readonly calls: MemoryCalls;
  readonly head: number;
};

/** A story that was told nobody yet, of its own. */
export async function played(): Promise<MemoryPorts> {
  return play({}, { story: PLAIN_STORY, service: WEB });
}

/** The record of one story: telling reads it and changes none of it, but where a channel fails for a day. */
const finished = played();

/** The same story for tellers who start anew, with faults of their own. */
export async function aStory(
  faults: FaultOptions = {},
  kept?: Pick<MemoryTelling, "books" | "arrived">,
  world: Promise<MemoryPorts> = finished,
): Promise<Story> {
  const memory = await world;
  const calls = memoryCalls(faults);
  const told = memoryTelling(calls, {}, kept);
  if (kept === undefined) {
    for (const channel of CHANNELS) {
      const key = `${WEB.id} ${channel}`;
      told.books.set(key, newBook(key, { chain: WEB.id, channel, told: 0 }));
    }
  }
  const own = memoryPorts({ world: memory.world, startMs: memory.clock.now() });
  const head = memory.world.store.records.get(WEB.id)?.length ?? 0;
  return { memory: own, told, calls, head, ports: { ...own.ports, telling: told.telling } };
}

/** A message that says that the chain has grown up to there. */
export function hint(sequence: number, message = `message-${sequence}`): NoticeHint {
  return { message, ends: [{ chain: WEB.id, sequence }] };
}

/** Whether the message was taken; whoever fails is given it again, as Pub/Sub does. */
export async function deliver({ ports }: Story, given: NoticeHint): Promise<boolean> {
  try {
    await onNotices(ports, given);
    return true;
  } catch (error) {
    if (error instanceof TransientError || error instanceof ProcessStopped) {
      return false;
    }
    throw error;
  }
}

/** The ids of what arrived in a channel, as often as they came. */
export function idsIn(arrived: readonly Arrived[], channel: string): readonly string[] {
  return arrived.filter((one) => one.channel === channel).map(({ notice }) => notice.id);
}

/** The last record of the service. */
export function lastRecord({ memory }: Story): AuditRecord {
  return present(memory.world.store.records.get(WEB.id)?.at(-1), "a record");
}

/** What the story has to tell, in its order. */
export function wanted({ memory }: Story): readonly string[] {
  const records = memory.world.store.records.get(WEB.id) ?? [];
  return records.flatMap((record) => noticeOf(record)?.id ?? []);
}
