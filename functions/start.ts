import { pinoLog } from "../shared/adapters/pino-log.ts";
import { readProcessConfig } from "../shared/config.ts";
import type { Config } from "../shared/config.ts";
import { registerFunctions } from "./register.ts";
import { watchedActing, watchedChat, watchedDeciding, watchedTelling } from "./watched.ts";
import type { ChatWiring, DecidingWiring, NoticeWiring, Wiring, Wirings } from "./wiring.ts";

/**
 * Reads the configuration and registers the functions. Clients are made with the first request. A wrong
 * configuration ends the process: the platform then refuses the deployment, and what ran before goes on.
 * `cacheRefusal` says why nothing compiled is used, if so.
 */
export function startFunctions(cacheRefusal: string | null): void {
  const log = pinoLog();
  if (cacheRefusal !== null) {
    log.warn("compile cache not used", { reason: cacheRefusal });
  }
  try {
    registerFunctions(wireOnce(readProcessConfig()));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    log.error("the functions cannot start", { reason });
    process.exit(1);
  }
}

/** A wiring is made with the first request and kept as long as the instance lives. */
function wireOnce(config: Config): Wirings {
  let acting: Promise<Wiring> | null = null;
  let deciding: Promise<DecidingWiring> | null = null;
  let chat: Promise<ChatWiring | null> | null = null;
  let telling: Promise<NoticeWiring> | null = null;
  return {
    acting: async () => {
      acting ??= import("./create-wiring.ts").then(async ({ createWiring }) =>
        watchedActing(createWiring(config)),
      );
      return acting;
    },
    deciding: async () => {
      deciding ??= import("./create-wiring.ts").then(async ({ createDecidingWiring }) =>
        watchedDeciding(createDecidingWiring(config)),
      );
      return deciding;
    },
    chat: async () => {
      chat ??= import("./create-chat-wiring.ts").then(async ({ createChatWiring }) => {
        const wiring = createChatWiring(config);
        return wiring === null ? null : watchedChat(wiring);
      });
      return chat;
    },
    telling: async () => {
      telling ??= import("./create-notice-wiring.ts").then(async ({ createNoticeWiring }) =>
        watchedTelling(createNoticeWiring(config)),
      );
      return telling;
    },
  };
}
