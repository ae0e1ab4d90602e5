import { endedSpans } from "../../domain/trace/promotion-spans.ts";
import type { ServiceState } from "../../domain/state.ts";
import type { ChannelKind } from "../../domain/notices/channel.ts";
import type { AuditRecord } from "../../domain/audit-record.ts";
import type { ChatRequests } from "../../ports/chat-requests.ts";
import type { Answer, Messenger, Telling } from "../../ports/notices.ts";
import type { DecidingPorts, Ports } from "../../ports/ports.ts";
import type { Slack } from "../../ports/slack.ts";
import type { ServiceAggregate, Store, Transaction, Write } from "../../ports/store.ts";
import type { Recorder } from "./recorder.ts";

/** Ports whose calls outside are told of, and what their store has stored. */
export function watchDeciding<Outside extends DecidingPorts>(
  ports: Outside,
  recorder: Recorder,
): Outside {
  return {
    ...ports,
    backups: watched("backups", ports.backups, recorder),
    directory: watched("directory", ports.directory, recorder),
    feed: watched("feed", ports.feed, recorder),
    registry: watched("registry", ports.registry, recorder),
    store: watchedStore(watched("store", ports.store, recorder), recorder),
    work: watched("work", ports.work, recorder),
    telemetry: recorder.telemetry,
  };
}

/** The same for those who act. */
export function watchActing(ports: Ports, recorder: Recorder): Ports {
  return {
    ...watchDeciding(ports, recorder),
    deploy: watched("deploy", ports.deploy, recorder),
    incidents: watched("incidents", ports.incidents, recorder),
    jobs: watched("jobs", ports.jobs, recorder),
    prober: watched("prober", ports.prober, recorder),
    provenance: watched("provenance", ports.provenance, recorder),
    runtime: watched("runtime", ports.runtime, recorder),
  };
}

/** The same for those who tell people. */
export function watchTelling<Outside extends DecidingPorts & { readonly telling: Telling }>(
  ports: Outside,
  recorder: Recorder,
): Outside {
  const { books, messengers } = ports.telling;
  const { slack, webhook, mail, github } = messengers;
  return {
    ...watchDeciding(ports, recorder),
    telling: {
      ...ports.telling,
      books: watched("books", books, recorder),
      messengers: {
        slack: slack && watchedMessenger("slack", slack, recorder),
        webhook: webhook && watchedMessenger("webhook", webhook, recorder),
        mail: mail && watchedMessenger("mail", mail, recorder),
        github: github && watchedMessenger("github", github, recorder),
      },
    },
  };
}

/** That a channel takes nothing is an answer: it is told of as what it means. */
function watchedMessenger<Kind extends ChannelKind>(
  kind: Kind,
  messenger: Messenger<Kind>,
  { call, numbers }: Recorder,
): Messenger<Kind> {
  return {
    can: messenger.can,
    tell: async (channel, message) => {
      let outcome: Answer["kind"] | "failed" = "failed";
      try {
        const answer = await call(
          `${kind}.tell`,
          async () => messenger.tell(channel, message),
          amissIn,
        );
        outcome = answer.kind;
        return answer;
      } finally {
        const attributes = { "slipway.channel": kind, "slipway.outcome": outcome };
        numbers.count("slipway.notices", attributes);
      }
    },
  };
}

function amissIn(answer: Answer): string | null {
  return answer.kind === "told" ? null : answer.reason;
}

/** What chat speaks to beside its ports. */
export type ChatOutside = { readonly slack: Slack; readonly requests: ChatRequests };

/** Chat's calls to Slack, and of what it has taken up. */
export function watchChat<Chat extends ChatOutside>(chat: Chat, recorder: Recorder): Chat {
  return {
    ...chat,
    slack: watched("slack", chat.slack, recorder),
    requests: watched("requests", chat.requests, recorder),
  };
}

/** A port whose every method is a call outside. */
function watched<Port extends object>(name: string, port: Port, { call }: Recorder): Port {
  return new Proxy(port, {
    get: (target, key) => {
      const member: unknown = Reflect.get(target, key);
      return typeof member !== "function" || typeof key === "symbol"
        ? member
        : (...given: readonly unknown[]): unknown =>
            call(`${name}.${key}`, async (): Promise<unknown> =>
              Reflect.apply(member, target, given),
            );
    },
  });
}

/** Keeps what a transaction was to store each time that it was tried, and tells of the last: that was stored. */
function teller(recorder: Recorder): {
  readonly keep: <Value>(
    aggregate: ServiceAggregate | null,
    decided: Transaction<ServiceAggregate, Value>,
  ) => Transaction<ServiceAggregate, Value>;
  readonly tell: () => void;
} {
  const tried: Stored[] = [];
  return {
    keep: (aggregate, decided) => {
      tried.push({ before: aggregate?.state ?? null, write: decided.write });
      return decided;
    },
    tell: () => {
      tell(recorder, tried.at(-1));
    },
  };
}

/** A store that tells what was decided, once it has stored it. */
function watchedStore(store: Store, recorder: Recorder): Store {
  return {
    ...store,
    transact: async (service, named, decide) => {
      const told = teller(recorder);
      const value = await store.transact(service, named, (aggregate) =>
        told.keep(aggregate, decide(aggregate)),
      );
      told.tell();
      return value;
    },
    transactAmong: async (service, asked, decide) => {
      const told = teller(recorder);
      const value = await store.transactAmong(service, asked, (aggregate, others) =>
        told.keep(aggregate, decide(aggregate, others)),
      );
      told.tell();
      return value;
    },
    commit: async (seen, write) => {
      const stored = await store.commit(seen, write);
      if (stored !== null) {
        tell(recorder, { before: seen.state, write });
      }
      return stored;
    },
    transactControl: async (decide) => {
      let records: readonly AuditRecord[] = [];
      const value = await store.transactControl((aggregate) => {
        const decided = decide(aggregate);
        records = decided.write?.history.records ?? [];
        return decided;
      });
      count(recorder, records);
      return value;
    },
  };
}

type Stored = {
  readonly before: ServiceState | null;
  readonly write: Write<ServiceAggregate> | null;
};

function tell(recorder: Recorder, stored: Stored | undefined): void {
  if (stored === undefined || stored.write === null) {
    return;
  }
  const { aggregate, history } = stored.write;
  const { state } = aggregate;
  recorder.decided(endedSpans(stored.before, { state, promotions: history.promotions }));
  count(recorder, history.records);
}

/** That a lease changed hands is nothing to tell of. */
function count({ numbers, stored }: Recorder, records: readonly AuditRecord[]): void {
  for (const { kind } of records) {
    numbers.count("slipway.decisions", { "slipway.kind": kind });
  }
  if (records.length > 0) {
    stored();
  }
}
