import { artifactRegistry } from "../shared/adapters/artifact-registry.ts";
import { callerReader } from "../shared/adapters/caller.ts";
import { canonicalHash } from "../shared/adapters/canonical-hash.ts";
import { cloudDeploy } from "../shared/adapters/cloud-deploy.ts";
import { cloudIdentity } from "../shared/adapters/cloud-identity.ts";
import { cloudRunJobs } from "../shared/adapters/cloud-run-jobs.ts";
import { cloudRun } from "../shared/adapters/cloud-run.ts";
import { firestoreStore } from "../shared/adapters/firestore-store.ts";
import { googleBackups } from "../shared/adapters/google-backups.ts";
import { httpProber } from "../shared/adapters/http-prober.ts";
import { monitoringIncidents } from "../shared/adapters/monitoring-incidents.ts";
import { pinoLog } from "../shared/adapters/pino-log.ts";
import { pubsubFeed } from "../shared/adapters/pubsub-feed.ts";
import { pubsubPublisher } from "../shared/adapters/pubsub-publisher.ts";
import { pubsubWork } from "../shared/adapters/pubsub-work.ts";
import { randomUnique } from "../shared/adapters/random-unique.ts";
import { sigstoreProvenance } from "../shared/adapters/sigstore-provenance.ts";
import { followedClock } from "../shared/adapters/followed-clock.ts";
import { systemClock } from "../shared/adapters/system-clock.ts";
import { systemPatience } from "../shared/adapters/system-patience.ts";
import { tagPolicy } from "../shared/adapters/tag-policy.ts";
import { temporalCalendar } from "../shared/adapters/temporal-calendar.ts";
import { NO_DEADLINE } from "../shared/app/deadline.ts";
import { NO_TELEMETRY } from "../shared/app/no-telemetry.ts";
import type { Config } from "../shared/config.ts";
import type { DecidingWiring, Wiring } from "./wiring.ts";

/** Builds the ports that a configuration asks for. No client is loaded before it is first used. */
export function createWiring(config: Config): Wiring {
  const { endpoints } = config;
  const deciding = createDecidingWiring(config);
  const { clock } = deciding.ports;
  return {
    ...deciding,
    ports: {
      ...deciding.ports,
      backups: googleBackups(endpoints),
      deploy: cloudDeploy({ endpoint: endpoints.cloudDeploy }),
      incidents: monitoringIncidents({ endpoint: endpoints.monitoring, scoping: config.scoping }),
      jobs: cloudRunJobs({ endpoint: endpoints.cloudRun }),
      prober: httpProber({ ...endpoints, clock }),
      provenance: sigstoreProvenance({
        registry: endpoints.artifactRegistry,
        kms: null,
        trustedRoot: config.trustedRoot,
      }),
      runtime: cloudRun({ endpoint: endpoints.cloudRun }),
      tally: new Map(),
    },
  };
}

/** Builds the ports of a function that decides: what acts is not there, whatever its code would do with it. */
export function createDecidingWiring(config: Config): DecidingWiring {
  const { endpoints, identity, project, clockFile } = config;
  const clock = clockFile === null ? systemClock() : followedClock(clockFile);
  const publish = pubsubPublisher({ project, endpoint: endpoints.pubsub });
  const { databases, observe, list, recoveryWindow } = googleBackups(endpoints);
  return {
    config,
    ports: {
      backups: { databases, observe, list, recoveryWindow },
      calendar: temporalCalendar(),
      deadline: NO_DEADLINE,
      clock,
      directory: cloudIdentity({ endpoint: endpoints.cloudIdentity, clock }),
      feed: pubsubFeed({ project, publish }),
      hash: canonicalHash(),
      log: pinoLog(),
      patience: systemPatience(),
      registry: artifactRegistry({ endpoint: endpoints.artifactRegistry }),
      store: firestoreStore({ project, endpoint: endpoints.firestore, database: config.database }),
      tags: tagPolicy(),
      telemetry: NO_TELEMETRY,
      unique: randomUnique(),
      work: pubsubWork(publish),
    },
    readCaller: callerReader({ ...identity, clock }),
  };
}
