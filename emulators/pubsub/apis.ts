import { type PolicyKeeper, policyApi, policyMethods } from "../kit/access/policy-methods.ts";
import { textAt } from "../kit/access/rules.ts";
import type { Message, Run } from "../kit/call.ts";
import { parentOf, wordsOf } from "../kit/collection-names.ts";
import { paginate, type PageRequest } from "../kit/page.ts";
import { operation, type Api, type Unary } from "../kit/server.ts";
import { acknowledgeMessages, modifyAckDeadline, publish } from "./backlog.ts";
import { pull, type Exchange, type PullRequest } from "./pull.ts";
import { type Kinds, PAGES, PROTOS } from "./resources.ts";
import { streamingPull } from "./streaming-pull.ts";
import { completeSettings, type PushConfigJson } from "./subscription-settings.ts";
import type { PubsubState } from "./state.ts";

type OfSubscription = { readonly subscription?: string };

/** The services of google.pubsub.v1 over one exchange. What a method has changed is delivered. */
export function toApis(exchange: Exchange, keeper: PolicyKeeper): readonly Api[] {
  const { state, clock, delivery } = exchange;
  const { topics, subscriptions } = state;
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- each operation has its own request
  function on<Request extends object>(run: Run<PubsubState, Request>): Unary {
    return operation<Request>((request) => {
      const answer = run(state, request, clock.now());
      delivery.run();
      return answer;
    });
  }
  const publisher = {
    ...methodsOf(topics, on),
    Publish: on(publish),
    ListTopicSubscriptions: on(listTopicSubscriptions),
    DetachSubscription: on((_, { subscription }: OfSubscription) => {
      const { name } = subscriptions.change(subscriptions.find(subscription), { detached: true });
      state.empty(name);
      return {};
    }),
  };
  const subscriber = {
    ...methodsOf(subscriptions, on),
    ModifyAckDeadline: on(modifyAckDeadline),
    Acknowledge: on(acknowledgeMessages),
    Pull: operation<PullRequest>((request, call) => pull(exchange, request, call.signal)),
    ModifyPushConfig: on(modifyPushConfig),
    ListSnapshots: operation(() => ({})),
  };
  const bidi = { StreamingPull: streamingPull(exchange) };
  // The system tests of Google's client clean these up before they begin. Nobody can make any.
  const schemas = { ListSchemas: operation(() => ({})) };
  // The refusal of what is not there says which kind it would be.
  const policies = policyMethods(keeper, (resource) => {
    const { find } = resource.split("/")[2] === "subscriptions" ? subscriptions : topics;
    return find(resource).name;
  });
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

/**
 * The methods of a kind, whose requests have another form than most: that of a creation is the resource itself, and
 * others name it in a field of its kind.
 */
function methodsOf(
  { kind, run }: Pick<Kinds["topics"] | Kinds["subscriptions"], "kind" | "run">,
  on: (run: Run<PubsubState, Message>) => Unary,
): Readonly<Record<string, Unary>> {
  const { type } = kind;
  const { field } = wordsOf(kind);
  return {
    [`Create${type}`]: on((_, request, nowMs) =>
      run.create({ parent: parentOf(textAt(request, "name")), [field]: request }, nowMs),
    ),
    [`Get${type}`]: on((_, request, nowMs) => run.get({ name: request[field] }, nowMs)),
    [`List${type}s`]: on((_, request, nowMs) =>
      run.list({ ...request, parent: request["project"] }, nowMs),
    ),
    [`Update${type}`]: on((_, request, nowMs) => run.update(request, nowMs)),
    [`Delete${type}`]: on((_, request, nowMs) => run.delete({ name: request[field] }, nowMs)),
  };
}

/** Publisher.ListTopicSubscriptions */
function listTopicSubscriptions(
  { topics, subscriptions }: PubsubState,
  request: PageRequest & { readonly topic?: string },
): object {
  const { name } = topics.find(request.topic);
  const names = [...subscriptions.records.values()]
    .filter(({ topic, detached }) => topic === name && detached !== true)
    .map((one) => one.name);
  const { items, nextPageToken } = paginate(names, request, PAGES);
  return { subscriptions: items, nextPageToken };
}

/** Subscriber.ModifyPushConfig. An empty configuration makes it a subscription to pull from. */
function modifyPushConfig(
  { subscriptions, touched }: PubsubState,
  request: OfSubscription & { readonly pushConfig?: PushConfigJson },
): object {
  const current = subscriptions.find(request.subscription);
  const { pushConfig = {} } = request;
  const { name } = subscriptions.change(current, completeSettings({ ...current, pushConfig }));
  touched.add(name);
  return {};
}
