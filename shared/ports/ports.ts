import type { Backups } from "./backups.ts";
import type { Calendar } from "./calendar.ts";
import type { Clock } from "./clock.ts";
import type { Deploy } from "./deploy.ts";
import type { Directory } from "./directory.ts";
import type { Feed } from "./feed.ts";
import type { Hash } from "./hash.ts";
import type { Incidents } from "./incidents.ts";
import type { Jobs } from "./jobs.ts";
import type { Log } from "./log.ts";
import type { Patience } from "./patience.ts";
import type { Prober } from "./prober.ts";
import type { Registry } from "./registry.ts";
import type { Runtime } from "./runtime.ts";
import type { Store } from "./store.ts";
import type { TagReader } from "./tag-reader.ts";
import type { Unique } from "./unique.ts";

/** Everything outside, as the application sees it. */
export type Ports = {
  readonly backups: Backups;
  readonly calendar: Calendar;
  readonly clock: Clock;
  readonly deploy: Deploy;
  readonly directory: Directory;
  readonly feed: Feed;
  readonly hash: Hash;
  readonly incidents: Incidents;
  readonly jobs: Jobs;
  readonly log: Log;
  readonly patience: Patience;
  readonly prober: Prober;
  readonly registry: Registry;
  readonly runtime: Runtime;
  readonly store: Store;
  readonly tags: TagReader;
  readonly unique: Unique;
};
