import { type PolicyKeeper, policyApi, policyMethods } from "../kit/access/policy-methods.ts";
import { operation, type Api, type Unary } from "../kit/server.ts";
import { acknowledgeMessages, modifyAckDeadline, publish } from "./operations-messages.ts";
import {
  createSubscription,
  createTopic,
  deleteSubscription,
  deleteTopic,
  detachSubscription,
  listSubscriptions,
  listTopics,
  listTopicSubscriptions,
  modifyPushConfig,
  updateSubscription,
  updateTopic,
} from "./operations-resources.ts";
import { pull, type Exchange, type PullRequest } from "./pull.ts";
import { type PubsubState, requireSubscription, requireTopic } from "./state.ts";
import { streamingPull } from "./streaming-pull.ts";

const PROTOS = "@google-cloud/pubsub/build/protos/protos.json";

type Named = { readonly topic?: string; readonly subscription?: string };

/** The services of google.pubsub.v1 over one exchange. */
export function toApis(exchange: Exchange, keeper: PolicyKeeper): readonly Api[] {
  const { state, clock, delivery } = exchange;
  /** Makes an operation of a function over the state; what has changed is delivered. */
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- each operation has its own request
  function on<Request extends object>(
    run: (state: PubsubState, request: Request, nowMs: number) => unknown,
  ): Unary {
    return operation<Request>((request) => {
      const answer = run(state, request, clock.now());
      delivery.run();
      return answer;
    });
  }
  /** The policy of what is deleted ends with it. */
  const deleting = (remove: (state: PubsubState, request: Named) => unknown): Unary =>
    on((_, request: Named) => {
      const answer = remove(state, request);
      keeper.forget(request.topic ?? request.subscription ?? "");
      return answer;
    });
  const publisher = {
    CreateTopic: on(createTopic),
    UpdateTopic: on(updateTopic),
    Publish: on(publish),
    GetTopic: on((_, { topic }: Named) => requireTopic(state, topic).config),
    ListTopics: on(listTopics),
    ListTopicSubscriptions: on(listTopicSubscriptions),
    DeleteTopic: deleting(deleteTopic),
    DetachSubscription: on(detachSubscription),
  };
  const subscriber = {
    CreateSubscription: on(createSubscription),
    GetSubscription: on(
      (_, { subscription }: Named) => requireSubscription(state, subscription).config,
    ),
    UpdateSubscription: on(updateSubscription),
    ListSubscriptions: on(listSubscriptions),
    DeleteSubscription: deleting(deleteSubscription),
    ModifyAckDeadline: on(modifyAckDeadline),
    Acknowledge: on(acknowledgeMessages),
    Pull: operation<PullRequest>((request, call) => pull(exchange, request, call.signal)),
    ModifyPushConfig: on(modifyPushConfig),
    ListSnapshots: operation(() => ({})),
  };
  const bidi = { StreamingPull: streamingPull(exchange) };
  // The system tests of Google's client clean these up before they begin. Nobody can make any.
  const schemas = { ListSchemas: operation(() => ({})) };
  const policies = policyMethods(keeper, (resource) => locate(state, resource));
  return [
    { protos: PROTOS, service: "google.pubsub.v1.Publisher", unary: publisher },
    { protos: PROTOS, service: "google.pubsub.v1.Subscriber", unary: subscriber, bidi },
    { protos: PROTOS, service: "google.pubsub.v1.SchemaService", unary: schemas },
    policyApi(policies, [
      "/v1/{resource=projects/*/topics/*}",
      "/v1/{resource=projects/*/subscriptions/*}",
    ]),
  ];
}

/** A topic, or else a subscription; the refusal says which it would be. */
function locate(state: PubsubState, resource: string): string {
  return resource.split("/")[2] === "subscriptions"
    ? requireSubscription(state, resource).config.name
    : requireTopic(state, resource).config.name;
}
