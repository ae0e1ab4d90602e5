import { artifactRegistry } from "../shared/adapters/artifact-registry.ts";
import { canonicalHash } from "../shared/adapters/canonical-hash.ts";
import { cloudDeploy } from "../shared/adapters/cloud-deploy.ts";
import { cloudIdentity } from "../shared/adapters/cloud-identity.ts";
import { cloudRun } from "../shared/adapters/cloud-run.ts";
import { firestoreStore } from "../shared/adapters/firestore-store.ts";
import { idTokenVerifier } from "../shared/adapters/id-token.ts";
import { pinoLog } from "../shared/adapters/pino-log.ts";
import { pubsubFeed } from "../shared/adapters/pubsub-feed.ts";
import { randomUnique } from "../shared/adapters/random-unique.ts";
import { systemClock } from "../shared/adapters/system-clock.ts";
import { tagPolicy } from "../shared/adapters/tag-policy.ts";
import type { Config } from "../shared/config.ts";
import type { Wiring } from "./wiring.ts";

/** Builds the ports that a configuration asks for. No client is loaded before it is first used. */
export function createWiring(config: Config): Wiring {
  const { endpoints, identity, project } = config;
  const clock = systemClock();
  return {
    config,
    ports: {
      clock,
      deploy: cloudDeploy({ endpoint: endpoints.cloudDeploy }),
      directory: cloudIdentity({ endpoint: endpoints.cloudIdentity, clock }),
      feed: pubsubFeed({ project, endpoint: endpoints.pubsub }),
      hash: canonicalHash(),
      log: pinoLog(),
      registry: artifactRegistry({ endpoint: endpoints.artifactRegistry }),
      runtime: cloudRun({ endpoint: endpoints.cloudRun }),
      store: firestoreStore({ project, endpoint: endpoints.firestore, database: null }),
      tags: tagPolicy(),
      unique: randomUnique(),
    },
    verifyToken: idTokenVerifier({ issuers: identity.issuers, jwksUri: identity.jwksUrl, clock }),
  };
}
