import type { ChatWiring, DecidingWiring, NoticeWiring, Wiring } from "./wiring.ts";
import type { Recorder } from "../shared/adapters/telemetry/recorder.ts";

/** The wiring of functions that act, whose work is told of where the configuration says so. Nothing is loaded where it does not. */
export async function watchedActing(wiring: Wiring): Promise<Wiring> {
  const recorder = await openRecorder(wiring);
  if (recorder === null) {
    return wiring;
  }
  const { watchActing } = await import("../shared/adapters/telemetry/watched-ports.ts");
  return { ...wiring, ports: watchActing(wiring.ports, recorder) };
}

/** The same for functions that decide. */
export async function watchedDeciding(wiring: DecidingWiring): Promise<DecidingWiring> {
  const recorder = await openRecorder(wiring);
  if (recorder === null) {
    return wiring;
  }
  const { watchDeciding } = await import("../shared/adapters/telemetry/watched-ports.ts");
  return { ...wiring, ports: watchDeciding(wiring.ports, recorder) };
}

/** The same for chat. */
export async function watchedChat(wiring: ChatWiring): Promise<ChatWiring> {
  const recorder = await openRecorder(wiring);
  if (recorder === null) {
    return wiring;
  }
  const { watchChat, watchDeciding } =
    await import("../shared/adapters/telemetry/watched-ports.ts");
  const { ports, chat } = wiring;
  return {
    ...wiring,
    ports: watchDeciding(ports, recorder),
    chat: watchChat(chat, recorder),
  };
}

/** The same for who tells people. */
export async function watchedTelling(wiring: NoticeWiring): Promise<NoticeWiring> {
  const recorder = await openRecorder(wiring);
  if (recorder === null) {
    return wiring;
  }
  const { watchTelling } = await import("../shared/adapters/telemetry/watched-ports.ts");
  return { ...wiring, ports: watchTelling(wiring.ports, recorder) };
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
