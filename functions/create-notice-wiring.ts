import { firestoreNotices } from "../shared/adapters/firestore-notices.ts";
import { githubMessenger } from "../shared/adapters/github-messenger.ts";
import type { GithubIdentity } from "../shared/adapters/github-tokens.ts";
import { mailMessenger } from "../shared/adapters/mail-messenger.ts";
import { secretReader } from "../shared/adapters/secret-reader.ts";
import type { SecretReader } from "../shared/adapters/secret-reader.ts";
import { slackMessenger } from "../shared/adapters/slack-messenger.ts";
import { webhookMessenger } from "../shared/adapters/webhook-messenger.ts";
import type { Config } from "../shared/config.ts";
import type { GithubConfig } from "../shared/wire/github-config.ts";
import type { Messengers } from "../shared/ports/notices.ts";
import { createDecidingWiring } from "./create-wiring.ts";
import type { NoticeWiring } from "./wiring.ts";

/** The version of a secret that is read: a new one is taken up within minutes, without a new deployment. */
const NEWEST = "latest";

/** Builds the ports of the function that tells people: the deciding ones, and ways to tell. No client is loaded here. */
export function createNoticeWiring(config: Config): NoticeWiring {
  const { endpoints, notices, project, database } = config;
  const deciding = createDecidingWiring(config);
  const { clock } = deciding.ports;
  const read = secretReader({ endpoint: endpoints.secretManager, clock });
  const { slackToken, github } = notices;
  const messengers: Messengers = {
    slack:
      slackToken === null
        ? null
        : slackMessenger({
            endpoint: endpoints.slack,
            token: async () => read(slackToken, NEWEST),
            clock,
          }),
    webhook: webhookMessenger({
      secret: async (id) => read(`projects/${project}/secrets/${id}`, NEWEST),
      reach: { kind: notices.webhookReach },
      clock,
    }),
    mail:
      notices.mail === null
        ? null
        : mailMessenger({
            relay: notices.mail,
            project,
            password: passwordOf(notices.mail.passwordSecret, read),
          }),
    github:
      github === null
        ? null
        : githubMessenger({
            endpoint: github.endpoint,
            host: github.host,
            identity: identityOf(github, async (secret) => read(secret, NEWEST)),
            clock,
          }),
  };
  return {
    ...deciding,
    ports: {
      ...deciding.ports,
      tally: new Map(),
      telling: {
        books: firestoreNotices({ project, endpoint: endpoints.firestore, database }),
        messengers,
        installation: { byDefault: notices.byDefault, everywhere: notices.everywhere },
        pages: notices.pages,
      },
    },
  };
}

function passwordOf(secret: string | null, read: SecretReader): () => Promise<string | null> {
  return async () => (secret === null ? null : ((await read(secret, NEWEST))?.trim() ?? null));
}

function identityOf(
  { app, secret }: GithubConfig,
  read: (secret: string) => Promise<string | null>,
): GithubIdentity {
  return app === null
    ? { kind: "token", token: async () => read(secret) }
    : { kind: "app", app, key: async () => read(secret) };
}
