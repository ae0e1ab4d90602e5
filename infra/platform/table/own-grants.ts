import { keyOf } from "../resource.ts";
import { incidentProjects, noticeSecrets } from "../settings.ts";
import type { Platform } from "../settings.ts";
import { agentMember } from "./agents.ts";
import {
  API_FUNCTION,
  CHAT_FUNCTION,
  installedFunctions,
  repositoryName,
  WEB_FUNCTION,
} from "./functions.ts";
import type { Grant } from "./grant.ts";
import {
  accountMember,
  functionName,
  OWN_TOPICS,
  runServiceName,
  secretName,
  topicName,
} from "./names.ts";
import { deliveries, subscriptionId } from "./topics.ts";

/** Source: https://cloud.google.com/run/docs/authenticating/public */
const ANYBODY = "allUsers";

/** What accounts may do in Slipway's own project. */
export function ownGrants(platform: Platform, names: readonly string[]): readonly Grant[] {
  const functions = installedFunctions(platform, names);
  return [
    ...stateGrants(platform),
    ...topicGrants(platform),
    ...deliveryGrants(platform, functions),
    ...invokerGrants(platform, functions),
    ...visitorGrants(platform, functions),
    ...chatGrants(platform),
    ...noticeGrants(platform),
    ...telemetryGrants(platform),
  ];
}

/** By the secrets Slack and chat know each other. */
function chatGrants(platform: Platform): readonly Grant[] {
  const { project, chat, slackToken } = platform;
  return chat === null
    ? []
    : [...new Set([chat.signingSecret, ...(slackToken === null ? [] : [slackToken])])].map(
        (id) => ({
          on: secretName(project, id),
          project,
          role: "roles/secretmanager.secretAccessor",
          members: [accountMember(platform, "slipway-api")],
          why: "Chat checks Slack's signature, and speaks to Slack.",
          needs: [],
        }),
      );
}

/** The accounts that keep the state. Who tells people keeps there what it told, and says what it could not read. */
function keepers(platform: Platform): readonly string[] {
  return [...deciders(platform), accountMember(platform, "slipway-notice")];
}

function deciders(platform: Platform): readonly string[] {
  return [accountMember(platform, "slipway-run"), accountMember(platform, "slipway-api")];
}

/** Who tells people reads what it takes to tell them. */
function noticeGrants(platform: Platform): readonly Grant[] {
  const { project } = platform;
  return noticeSecrets(platform).map((id) => ({
    on: secretName(project, id),
    project,
    role: "roles/secretmanager.secretAccessor",
    members: [accountMember(platform, "slipway-notice")],
    why: "Who tells people shows by it who speaks.",
    needs: [],
  }));
}

function stateGrants(platform: Platform): readonly Grant[] {
  const { project } = platform;
  const on = `projects/${project}`;
  const build = [accountMember(platform, "slipway-build")];
  return [
    {
      on,
      project,
      role: `projects/${project}/roles/slipwayState`,
      members: keepers(platform),
      why: "Functions read and write the state.",
      needs: [],
    },
    ...["roles/logging.logWriter", "roles/storage.objectViewer"].map((role) => ({
      on,
      project,
      role,
      members: build,
      why: "Cloud Build reads the functions' sources and writes its log.",
      needs: [],
    })),
    {
      on: repositoryName(platform),
      project,
      role: "roles/artifactregistry.writer",
      members: build,
      why: "Cloud Build stores the functions' containers.",
      needs: [keyOf({ kind: "repository", name: repositoryName(platform) })],
    },
  ];
}

function topicGrants(platform: Platform): readonly Grant[] {
  const publish = (id: string, members: readonly string[], why: string): Grant => {
    const on = topicName(platform, id);
    return {
      on,
      project: platform.project,
      role: "roles/pubsub.publisher",
      members,
      why,
      needs: [keyOf({ kind: "topic", name: on })],
    };
  };
  const monitors = incidentProjects(platform).map((project) =>
    agentMember(platform, project, "monitoring"),
  );
  return [
    publish(OWN_TOPICS.audit, keepers(platform), "Functions publish what is on the record."),
    publish(
      OWN_TOPICS.work,
      [accountMember(platform, "slipway-api")],
      "Those who decide say that there is work.",
    ),
    ...(platform.chat === null
      ? []
      : [
          publish(
            OWN_TOPICS.chat,
            [accountMember(platform, "slipway-api")],
            "Chat hands over what takes longer than Slack waits.",
          ),
        ]),
    publish(
      OWN_TOPICS.dead,
      [agentMember(platform, platform.project, "pubsub")],
      "Pub/Sub puts dead letters there.",
    ),
    ...(monitors.length === 0
      ? []
      : [publish(OWN_TOPICS.incidents, monitors, "Cloud Monitoring tells of incidents.")]),
  ];
}

/** To move a message to the dead letters, Pub/Sub takes it off the subscription itself. */
function deliveryGrants(platform: Platform, functions: readonly string[]): readonly Grant[] {
  const { project } = platform;
  return deliveries(platform)
    .filter((delivery) => functions.includes(delivery.function))
    .map((delivery) => {
      const on = `projects/${project}/subscriptions/${subscriptionId(platform, delivery)}`;
      return {
        on,
        project,
        role: "roles/pubsub.subscriber",
        members: [agentMember(platform, project, "pubsub")],
        why: "Pub/Sub takes dead letters off the subscription.",
        needs: [keyOf({ kind: "subscription", name: on })],
      };
    });
}

/**
 * Who may call the functions: push subscriptions the message functions, people and accounts the API, and
 * Identity-Aware Proxy the pages. So nobody gets past the proxy, and nobody in while it is off.
 * Source: https://cloud.google.com/run/docs/securing/identity-aware-proxy-cloud-run
 */
function invokerGrants(platform: Platform, functions: readonly string[]): readonly Grant[] {
  return functions.flatMap((name) => {
    const members = invokersOf(platform, name);
    return members.length === 0
      ? []
      : [
          {
            on: runServiceName(platform, name),
            project: platform.project,
            role: "roles/run.invoker",
            members,
            why: members.includes(ANYBODY)
              ? "Slack has no token of Google's, so anybody may call chat; it believes Slack's signature alone."
              : "Cloud Run lets nobody else in.",
            needs: [keyOf({ kind: "function", name: functionName(platform, name) })],
          },
        ];
  });
}

function invokersOf(platform: Platform, name: string): readonly string[] {
  switch (name) {
    case API_FUNCTION:
      return [...new Set([...everybody(platform), ...platform.callers])].toSorted();
    case WEB_FUNCTION:
      return [agentMember(platform, platform.project, "iap")];
    case CHAT_FUNCTION:
      return [ANYBODY];
    default:
      return [accountMember(platform, "slipway-events")];
  }
}

/** Whom Identity-Aware Proxy lets through to the pages; what each of them may do there, the pages know. */
function visitorGrants(platform: Platform, functions: readonly string[]): readonly Grant[] {
  const { project } = platform;
  const members = everybody(platform);
  return members.length === 0 || !functions.includes(WEB_FUNCTION)
    ? []
    : [
        {
          on: `projects/${project}`,
          project,
          role: "roles/iap.httpsResourceAccessor",
          members,
          why: "Identity-Aware Proxy lets people through to the pages.",
          needs: [],
        },
      ];
}

/** Who tells of traces shows the collector its headers. */
function telemetryGrants(platform: Platform): readonly Grant[] {
  const { project, telemetry } = platform;
  const secret = telemetry?.headersSecret ?? null;
  return secret === null
    ? []
    : [
        {
          on: `projects/${project}/secrets/${secret}`,
          project,
          role: "roles/secretmanager.secretAccessor",
          members: keepers(platform),
          why: "Functions show the headers to the collector of traces.",
          needs: [],
        },
      ];
}

/** Everybody whom the settings name, once. */
function everybody({ people }: Platform): readonly string[] {
  const { viewers, deployers, approvers, oncall, owners } = people;
  const named = owners.map((item) => item.slice(item.indexOf("=") + 1));
  return [...new Set([...viewers, ...deployers, ...approvers, ...oncall, ...named])].toSorted();
}
