import { type PolicyKeeper, policyApi, policyMethods } from "../kit/access/policy-methods.ts";
import { operation, type Api, type Unary } from "../kit/server.ts";
import type { Exchange } from "./exchange.ts";
import { acknowledgeMessages, modifyAckDeadline, seek } from "./operations-messages.ts";
import {
  createSubscription,
  deleteSubscription,
  detachSubscription,
  getSubscription,
  listSubscriptions,
  modifyPushConfig,
  updateSubscription,
} from "./operations-subscriptions.ts";
import {
  createTopic,
  deleteTopic,
  getTopic,
  listNoSnapshots,
  listTopics,
  listTopicSubscriptions,
  publish,
  updateTopic,
} from "./operations-topics.ts";
import { pull, type PullRequest } from "./pull.ts";
import { type PubsubState, requireSubscription, requireTopic } from "./state.ts";
import { streamingPull } from "./streaming-pull.ts";

const PROTOS = "@google-cloud/pubsub/build/protos/protos.json";

/** The services of google.pubsub.v1 over one exchange. */
export function toApis(exchange: Exchange, keeper: PolicyKeeper): readonly Api[] {
  const { state, settle, changed } = exchange;
  const reading = operating(exchange, () => undefined);
  const changing = operating(exchange, settle);
  const moving = operating(exchange, changed);
  const publisher = {
    CreateTopic: changing(createTopic),
    UpdateTopic: changing(updateTopic),
    Publish: moving(publish),
    GetTopic: reading(getTopic),
    ListTopics: reading(listTopics),
    ListTopicSubscriptions: reading(listTopicSubscriptions),
    DeleteTopic: changing(forgetting(keeper, deleteTopic)),
    DetachSubscription: changing(detachSubscription),
    ListTopicSnapshots: reading(listNoSnapshots),
  };
  const subscriber = {
    CreateSubscription: changing(createSubscription),
    GetSubscription: reading(getSubscription),
    UpdateSubscription: changing(updateSubscription),
    ListSubscriptions: reading(listSubscriptions),
    DeleteSubscription: changing(forgetting(keeper, deleteSubscription)),
    ModifyAckDeadline: moving(modifyAckDeadline),
    Acknowledge: moving(acknowledgeMessages),
    Pull: operation<PullRequest>((request, call) => pull(exchange, request, call.signal)),
    ModifyPushConfig: changing(modifyPushConfig),
    Seek: changing(seek),
    ListSnapshots: operation(() => ({})),
  };
  const schemas = { ListSchemas: operation(() => ({})) };
  const bidi = { StreamingPull: streamingPull(exchange) };
  return [
    { protos: PROTOS, service: "google.pubsub.v1.Publisher", unary: publisher },
    { protos: PROTOS, service: "google.pubsub.v1.Subscriber", unary: subscriber, bidi },
    // Whoever looks for snapshots and schemas finds none, since nobody can make any.
    { protos: PROTOS, service: "google.pubsub.v1.SchemaService", unary: schemas },
    toPolicyApi(state, keeper),
  ];
}

// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- each operation has its own request
type Operating = <Request extends object>(
  run: (state: PubsubState, request: Request, nowMs: number) => unknown,
) => Unary;

/** Makes operations of functions over the state; after each, `then` lets others know of the change. */
function operating({ state, clock }: Exchange, then: () => void): Operating {
  return (run) =>
    operation((request: Parameters<typeof run>[1]) => {
      const answer = run(state, request, clock.now());
      then();
      return answer;
    });
}

/** The policies of topics and subscriptions. */
function toPolicyApi(state: PubsubState, keeper: PolicyKeeper): Api {
  const methods = policyMethods(keeper, (resource) => locate(state, resource));
  return policyApi(methods, ["projects/*/topics/*", "projects/*/subscriptions/*"]);
}

type Deletion = { readonly topic?: string; readonly subscription?: string };

/** The policy of what is deleted ends with it. */
function forgetting(
  keeper: PolicyKeeper,
  remove: (state: PubsubState, request: Deletion) => unknown,
): typeof remove {
  return (state, request) => {
    const answer = remove(state, request);
    keeper.forget(request.topic ?? request.subscription ?? "");
    return answer;
  };
}

/** A topic, or else a subscription; the refusal says which it would be. */
function locate(state: PubsubState, resource: string): string {
  return resource.split("/")[2] === "subscriptions"
    ? requireSubscription(state, resource).config.name
    : requireTopic(state, resource).config.name;
}
