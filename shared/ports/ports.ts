import type { BackupLists, Backups } from "./backups.ts";
import type { Calendar } from "./calendar.ts";
import type { Clock } from "./clock.ts";
import type { Deadline } from "./deadline.ts";
import type { Deploy } from "./deploy.ts";
import type { Directory } from "./directory.ts";
import type { Feed } from "./feed.ts";
import type { Hash } from "./hash.ts";
import type { Incidents } from "./incidents.ts";
import type { Jobs } from "./jobs.ts";
import type { Log } from "./log.ts";
import type { Patience } from "./patience.ts";
import type { Prober } from "./prober.ts";
import type { Provenance } from "./provenance.ts";
import type { Registry } from "./registry.ts";
import type { Runtime } from "./runtime.ts";
import type { Store } from "./store.ts";
import type { TagReader } from "./tag-reader.ts";
import type { Tally } from "./tally.ts";
import type { Telemetry } from "./telemetry.ts";
import type { Unique } from "./unique.ts";
import type { Work } from "./work.ts";

/**
 * What a function needs that decides and cannot act: the state, the clock, who people are, and looks at images and
 * lists of backups. Whatever changes an environment, or needs a right to more than that in it, is not among them.
 */
export type DecidingPorts = {
  readonly backups: BackupLists;
  readonly calendar: Calendar;
  readonly clock: Clock;
  readonly deadline: Deadline;
  readonly directory: Directory;
  readonly feed: Feed;
  readonly hash: Hash;
  readonly log: Log;
  readonly patience: Patience;
  readonly registry: Registry;
  readonly store: Store;
  readonly tags: TagReader;
  readonly telemetry: Telemetry;
  readonly unique: Unique;
  readonly work: Work;
};

/** The rest: what acts on the outside, and what looks into environments. */
type ActingPorts = {
  readonly backups: Backups;
  readonly deploy: Deploy;
  readonly incidents: Incidents;
  readonly jobs: Jobs;
  readonly prober: Prober;
  readonly provenance: Provenance;
  readonly runtime: Runtime;
  readonly tally: Tally;
};

/** Everything outside, as those see it who act. */
export type Ports = DecidingPorts & ActingPorts;
