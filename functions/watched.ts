import type { ChatWiring, DecidingWiring, NoticeWiring, Wiring } from "./wiring.ts";
import type { Recorder } from "../shared/adapters/telemetry/recorder.ts";
import type * as Watching from "../shared/adapters/telemetry/watched-ports.ts";

/** The wiring of functions that act, whose work is told of where the configuration says so. Nothing is loaded where it does not. */
export async function watchedActing(wiring: Wiring): Promise<Wiring> {
  return watched(wiring, ({ watchActing }, recorder) => ({
    ...wiring,
    ports: watchActing(wiring.ports, recorder),
  }));
}

/** The same for functions that decide. */
export async function watchedDeciding(wiring: DecidingWiring): Promise<DecidingWiring> {
  return watched(wiring, ({ watchDeciding }, recorder) => ({
    ...wiring,
    ports: watchDeciding(wiring.ports, recorder),
  }));
}

/** The same for chat. */
export async function watchedChat(wiring: ChatWiring): Promise<ChatWiring> {
  return watched(wiring, ({ watchChat, watchDeciding }, recorder) => ({
    ...wiring,
    ports: watchDeciding(wiring.ports, recorder),
    chat: watchChat(wiring.chat, recorder),
  }));
}

/** The same for who tells people. */
export async function watchedTelling(wiring: NoticeWiring): Promise<NoticeWiring> {
  return watched(wiring, ({ watchTelling }, recorder) => ({
    ...wiring,
    ports: watchTelling(wiring.ports, recorder),
  }));
}

async function watched<Own extends DecidingWiring>(
  wiring: Own,
  watch: (watching: typeof Watching, recorder: Recorder) => Own,
): Promise<Own> {
  const recorder = await openRecorder(wiring);
  return recorder === null
    ? wiring
    : watch(await import("../shared/adapters/telemetry/watched-ports.ts"), recorder);
}

async function openRecorder({ config, ports }: DecidingWiring): Promise<Recorder | null> {
  const { telemetry, project, endpoints } = config;
  if (telemetry === null) {
    return null;
  }
  const [watch, { secretReader }] = await Promise.all([
    import("../shared/adapters/telemetry/watch.ts"),
    import("../shared/adapters/secret-reader.ts"),
  ]);
  const { clock, log } = ports;
  const secrets = secretReader({ endpoint: endpoints.secretManager, clock });
  return watch.openRecorder({ project, telemetry, clock, log, secrets });
}
