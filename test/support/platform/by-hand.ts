import type { Kind } from "../../../infra/platform/resource.ts";
import { HANDS_ON_ACCESS } from "./by-hand-access.ts";
import {
  call,
  called,
  DATABASE,
  DEV,
  onMonitoring,
  onSchedule,
  OWN,
  patch,
  patchWrapped,
  PLACE,
  post,
  remove,
  removeIt,
} from "./by-hand-calls.ts";
import type { Hand } from "./by-hand-calls.ts";

const NOTICES = `${OWN}/subscriptions/slipway-on-notice-slipway-audit`;
const TICKS = `${OWN}/subscriptions/slipway-on-tick-slipway-ticks`;
const MINUTE = `${PLACE}/jobs/slipway-minute`;
const BODIES = [
  "audit",
  "backups",
  "chat",
  "control",
  "decisions",
  "images",
  "notices",
  "promotions",
  "releases",
  "services",
  "specs",
  "sums",
  "timeline",
];

/** What people do to each kind of resource, through the API of the kind. */
export const HANDS: Readonly<Record<Kind, readonly Hand[]>> = {
  ...HANDS_ON_ACCESS,
  topic: [
    {
      what: "deleted",
      change: remove("pubsub", `v1/${OWN}/topics/slipway-audit`),
      shown: [
        `create topic ${OWN}/topics/slipway-audit: `,
        `create grants ${OWN}/topics/slipway-audit: `,
        `create subscription ${NOTICES}: `,
        `create grants ${NOTICES}: `,
      ],
    },
    {
      what: "deleted, and its subscription hears of nothing",
      change: remove("pubsub", `v1/${OWN}/topics/slipway-ticks`),
      shown: [
        `create topic ${OWN}/topics/slipway-ticks: `,
        `create subscription ${TICKS}: `,
        `create grants ${TICKS}: `,
      ],
    },
  ],
  database: [
    {
      what: "without protection and recovery",
      change: patch("firestore", `v1/${DATABASE}`, {
        deleteProtectionState: "DELETE_PROTECTION_DISABLED",
        pointInTimeRecoveryEnablement: "POINT_IN_TIME_RECOVERY_DISABLED",
      }),
      shown: [`update database ${DATABASE}: pointInTimeRecoveryEnablement, deleteProtectionState`],
    },
    {
      what: "deleted, with its indexes and backups",
      change: async (google) => {
        await patch("firestore", `v1/${DATABASE}`, {
          deleteProtectionState: "DELETE_PROTECTION_DISABLED",
        })(google);
        await remove("firestore", `v1/${DATABASE}`)(google);
      },
      shown: [
        `create database ${DATABASE}: `,
        `create index ${DATABASE}/collectionGroups/promotions/fields/id: `,
        `create index ${DATABASE}/collectionGroups/timeline/fields/since: `,
        `create index ${DATABASE}/collectionGroups/audit/fields/happenedAt: `,
        `create index ${DATABASE}/collectionGroups/decisions/fields/expireAt: `,
        `create index ${DATABASE}/collectionGroups/chat/fields/expireAt: `,
        ...BODIES.map((name) => `create index ${DATABASE}/collectionGroups/${name}/fields/body: `),
        `create backup schedule ${DATABASE}/backupSchedules/daily: `,
      ],
    },
  ],
  index: [
    {
      what: "without the index over all services",
      change: patch("firestore", `v1/${DATABASE}/collectionGroups/promotions/fields/id`, {
        indexConfig: {},
      }),
      shown: [
        `update index ${DATABASE}/collectionGroups/promotions/fields/id: indexConfig.indexes`,
      ],
    },
    {
      what: "back at the default",
      change: call("firestore", {
        method: "PATCH",
        path: `v1/${DATABASE}/collectionGroups/audit/fields/body`,
        query: { updateMask: "indexConfig" },
        body: {},
      }),
      shown: [`update index ${DATABASE}/collectionGroups/audit/fields/body: indexConfig.indexes`],
    },
  ],
  "backup schedule": [
    {
      what: "kept for a day alone",
      change: onSchedule(async (google, path) =>
        patch("firestore", path, { retention: "86400s" })(google),
      ),
      shown: [`update backup schedule ${DATABASE}/backupSchedules/daily: retention`],
    },
    {
      what: "deleted",
      change: onSchedule(async (google, path) => remove("firestore", path)(google)),
      shown: [`create backup schedule ${DATABASE}/backupSchedules/daily: `],
    },
  ],
  subscription: [
    {
      what: "pushing elsewhere, and sooner",
      change: patchWrapped(`v1/${TICKS}`, "subscription", {
        ackDeadlineSeconds: 10,
        pushConfig: { pushEndpoint: "https://elsewhere.example.com" },
      }),
      shown: [
        `update subscription ${TICKS}: pushConfig.pushEndpoint, pushConfig.oidcToken, ackDeadlineSeconds`,
      ],
    },
    {
      what: "detached from its topic",
      change: post("pubsub", `v1/${TICKS}:detach`),
      shown: [`create subscription ${TICKS}: `, `create grants ${TICKS}: `],
    },
    {
      what: "deleted",
      change: remove("pubsub", `v1/${TICKS}`),
      shown: [`create subscription ${TICKS}: `, `create grants ${TICKS}: `],
    },
  ],
  job: [
    {
      what: "set to another time",
      change: patch("scheduler", `v1/${MINUTE}`, { schedule: "0 0 1 1 *" }),
      shown: [`update job ${MINUTE}: schedule`],
    },
    {
      what: "paused",
      change: post("scheduler", `v1/${MINUTE}:pause`),
      shown: [`update job ${MINUTE}: state`],
    },
    {
      what: "deleted",
      change: remove("scheduler", `v1/${MINUTE}`),
      shown: [`create job ${MINUTE}: `],
    },
  ],
  channel: [
    {
      what: "turned off",
      change: onMonitoring(
        `${DEV}/notificationChannels`,
        called("Slipway"),
        async (google, _, path) => patch("monitoring", path, { enabled: false })(google),
      ),
      shown: [`update channel ${DEV}/notificationChannels/slipway: enabled`],
    },
    {
      what: "deleted",
      change: onMonitoring(`${DEV}/notificationChannels`, called("Slipway"), removeIt),
      shown: [`create channel ${DEV}/notificationChannels/slipway: `],
    },
  ],
  "alert policy": [
    {
      what: "turned off",
      change: onMonitoring(
        `${OWN}/alertPolicies`,
        called("Slipway: dead letters wait"),
        async (google, _, path) => patch("monitoring", path, { enabled: false })(google),
      ),
      shown: [`update alert policy ${OWN}/alertPolicies/dead-letters: enabled`],
    },
    {
      what: "deleted",
      change: onMonitoring(`${OWN}/alertPolicies`, called("Slipway: dead letters wait"), removeIt),
      shown: [`create alert policy ${OWN}/alertPolicies/dead-letters: `],
    },
  ],
  dashboard: [
    {
      what: "laid out anew",
      change: onMonitoring(`${OWN}/dashboards`, called("Slipway"), async (google, found, path) =>
        google.call("monitoring", {
          method: "PATCH",
          path,
          body: { ...found, mosaicLayout: { columns: 12, tiles: [] } },
        }),
      ),
      shown: [`update dashboard ${OWN}/dashboards/slipway: mosaicLayout.tiles`],
    },
    {
      what: "deleted",
      change: onMonitoring(`${OWN}/dashboards`, called("Slipway"), removeIt),
      shown: [`create dashboard ${OWN}/dashboards/slipway: `],
    },
  ],
};
