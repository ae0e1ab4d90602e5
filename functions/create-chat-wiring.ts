import { openFirestore } from "../shared/adapters/firestore-client.ts";
import { firestoreChatRequests } from "../shared/adapters/firestore-chat-requests.ts";
import { newestSecrets } from "../shared/adapters/newest-secrets.ts";
import { pubsubChat } from "../shared/adapters/pubsub-chat.ts";
import { pubsubPublisher } from "../shared/adapters/pubsub-publisher.ts";
import { slackVerifier } from "../shared/adapters/slack-signature.ts";
import { slackWeb } from "../shared/adapters/slack-web.ts";
import type { Config } from "../shared/config.ts";
import { PermanentError } from "../shared/ports/errors.ts";
import { createDecidingWiring } from "./create-wiring.ts";
import type { ChatWiring } from "./wiring.ts";

/** Builds what chat needs; null where it is not set up. No client is loaded before it is first used. */
export function createChatWiring(config: Config): ChatWiring | null {
  const { chat, endpoints, project, database } = config;
  if (chat === null) {
    return null;
  }
  const deciding = createDecidingWiring(config);
  const { clock } = deciding.ports;
  const secrets = newestSecrets({ endpoint: endpoints.secretManager, clock });
  const open = openFirestore({ project, endpoint: endpoints.firestore, database });
  return {
    ...deciding,
    chat: {
      config: chat,
      verify: slackVerifier({ clock, secrets, secret: chat.signingSecret }),
      slack: slackWeb({
        endpoint: endpoints.slack,
        token: async (isAnew) => {
          const read = isAnew ? secrets.readAnew : secrets.read;
          const token = (await read(chat.token)) ?? "";
          if (token.trim() === "") {
            throw new PermanentError("FAILED_PRECONDITION", `${chat.token} has no version in use`);
          }
          return token.trim();
        },
      }),
      requests: firestoreChatRequests(open, clock),
      handOver: pubsubChat(pubsubPublisher({ project, endpoint: endpoints.pubsub })),
    },
  };
}
