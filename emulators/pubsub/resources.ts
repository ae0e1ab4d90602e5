import { type Collection, collection, type Kind } from "../kit/collection.ts";
import { describedFields } from "../kit/collection-fields.ts";
import { idOf, type Place } from "../kit/collection-names.ts";
import { toCamelCase } from "../kit/field-names.ts";
import { badRequest, googleError } from "../kit/google-error.ts";
import { textAt } from "../kit/access/rules.ts";
import {
  completeSettings,
  type SubscriptionDraft,
  type SubscriptionOwn,
} from "./subscription-settings.ts";

/** The descriptors of the API. */
export const PROTOS = "@google-cloud/pubsub/build/protos/protos.json";

/** google.pubsub.v1.Topic in JSON, as far as it is covered. */
type Topic = { readonly labels?: Readonly<Record<string, string>>; readonly state?: string };

/** The kinds of resources. */
export type Kinds = {
  readonly topics: Collection<Topic, object>;
  readonly subscriptions: Collection<SubscriptionDraft, SubscriptionOwn>;
};

/** What a subscription's `topic` says once its topic was deleted. */
const DELETED_TOPIC = "_deleted-topic_";

/** Of lists. */
export const PAGES = { defaultSize: 100, maxSize: 1_000 };

/** What both kinds have. Source: https://cloud.google.com/pubsub/docs/pubsub-basics#resource_names */
const USUAL: Pick<Kind<object, object>, "ids" | "verbs" | "pages" | "refusals"> = {
  ids: {
    pattern: /^(?!goog)[A-Za-z][\w.~+%-]{2,254}$/,
    rule: "a name in the project, whose id has 3 to 255 characters, begins with a letter and not with goog",
    isInName: true,
  },
  verbs: [],
  pages: PAGES,
  refusals: {
    notFound: (name) => googleError("NOT_FOUND", `Resource not found (resource=${idOf(name)}).`),
    taken: (name) =>
      googleError(
        "ALREADY_EXISTS",
        `Resource already exists in the project (resource=${idOf(name)}).`,
      ),
  },
};

const NOT_OF_TOPICS = [
  "ingestionDataSourceSettings",
  "kmsKeyName",
  "messageRetentionDuration",
  "messageStoragePolicy",
  "messageTransforms",
  "satisfiesPzs",
  "schemaSettings",
  "tags",
];
const NOT_EMULATED = [
  "bigqueryConfig",
  "bigtableConfig",
  "cloudStorageConfig",
  "enableExactlyOnceDelivery",
  "messageTransforms",
  "tags",
];

const CHANGEABLE_OF_TOPICS = /^labels$/;
const CHANGEABLE =
  /^(?:ackDeadlineSeconds|deadLetterPolicy|expirationPolicy|labels|messageRetentionDuration|pushConfig|retainAckedMessages|retryPolicy)$/;

/** No topic and no subscription at first. */
export function openKinds(hooks: {
  /** Has the names of subscriptions that were changed. */
  readonly touched: Set<string>;
  /** Drops all that a subscription has. */
  readonly empty: (subscription: string) => void;
  readonly onDelete: (name: string) => void;
}): Kinds {
  const { touched, empty, onDelete } = hooks;
  const topics = collection<Topic, object>({
    type: "Topic",
    pattern: "projects/*/topics/*",
    permission: "pubsub.topics",
    fields: describedFields(PROTOS, "google.pubsub.v1.Topic", { notEmulated: NOT_OF_TOPICS }),
    ...USUAL,
    create: () => ({ state: "ACTIVE" }),
    update: (_next, _before, place) => {
      checkMask(place, CHANGEABLE_OF_TOPICS);
      return {};
    },
    // Its subscriptions stay, with what they have.
    remove: ({ name }) => {
      const left = [...subscriptions.records.values()].filter(({ topic }) => topic === name);
      left.forEach((one) => subscriptions.change(one, { topic: DELETED_TOPIC }));
      onDelete(name);
      return null;
    },
  });
  function checked(draft: SubscriptionDraft, { name }: Place): ReturnType<typeof completeSettings> {
    const config = completeSettings(draft);
    if (config.deadLetterPolicy !== undefined) {
      topics.find(config.deadLetterPolicy.deadLetterTopic);
    }
    touched.add(name);
    return config;
  }
  const subscriptions: Kinds["subscriptions"] = collection<SubscriptionDraft, SubscriptionOwn>({
    type: "Subscription",
    pattern: "projects/*/subscriptions/*",
    permission: "pubsub.subscriptions",
    fields: describedFields(PROTOS, "google.pubsub.v1.Subscription", { notEmulated: NOT_EMULATED }),
    ...USUAL,
    create: (draft, place) => {
      topics.find(draft.topic);
      return checked(draft, place);
    },
    update: (next, _before, place) => {
      checkMask(place, CHANGEABLE);
      return checked(next, place);
    },
    remove: ({ name }) => {
      empty(name);
      onDelete(name);
      return null;
    },
  });
  return { topics, subscriptions };
}

/** Every path of an update's mask must be changeable. @throws GoogleError INVALID_ARGUMENT */
function checkMask({ request }: Place, changeable: RegExp): void {
  const paths = textAt(request, "updateMask").split(",");
  const fixed = paths.find((path) => !changeable.test(toCamelCase(path.split(".")[0] ?? "")));
  if (fixed !== undefined) {
    throw badRequest(
      "update_mask",
      `Invalid update_mask provided: ${fixed === "" ? "nothing" : fixed} is not a known updatable field`,
    );
  }
}
