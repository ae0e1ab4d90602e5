import type { LocalWorld } from "../support/local-world.ts";

/** How often each call was made, and how many documents were read and written. */
export type CallCounts = Readonly<Record<string, number>>;

const FIRESTORE = ["RunQuery", "BatchGetDocuments", "BeginTransaction", "Commit", "Rollback"];
const CLOUD_DEPLOY = ["CreateRelease", "GetRelease", "CreateRollout", "GetRollout", "GetOperation"];

/** What the emulators counted since they were started. */
export function countCalls({ cloud }: LocalWorld): CallCounts {
  const { firestore, registry, cloudDeploy, pubsub } = cloud.emulators;
  const { reads, writes } = firestore.usage();
  const servers = [
    { faults: firestore.faults, methods: FIRESTORE },
    { faults: registry.faults, methods: ["GetDockerImage"] },
    { faults: cloudDeploy.faults, methods: CLOUD_DEPLOY },
    { faults: pubsub.faults, methods: ["Publish"] },
  ];
  const calls = servers.flatMap(({ faults, methods }) =>
    methods.map((method) => [method, faults.calls(method)] as const),
  );
  return { ...Object.fromEntries(calls), reads, writes };
}

/** What came between two counts. */
export function callsBetween(before: CallCounts, after: CallCounts): CallCounts {
  return Object.fromEntries(
    Object.entries(after).map(([name, count]) => [name, count - (before[name] ?? 0)]),
  );
}
