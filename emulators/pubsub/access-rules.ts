import { allOf, needs, policyRules, type Rule, type Rules } from "../kit/access/rules.ts";

/** A message on a stream names its subscription only at the start. */
const consuming: Rule = (request) =>
  needs(
    "pubsub.subscriptions.consume",
    "subscription",
  )(request).filter(({ resource }) => resource !== "");

/**
 * The permission of each method. A subscription to a topic needs one on that topic too.
 * Source: https://cloud.google.com/pubsub/docs/access-control#required_permissions
 */
export const RULES: Rules = {
  CreateTopic: needs("pubsub.topics.create", "name"),
  UpdateTopic: needs("pubsub.topics.update", "topic.name"),
  Publish: needs("pubsub.topics.publish", "topic"),
  GetTopic: needs("pubsub.topics.get", "topic"),
  ListTopics: needs("pubsub.topics.list", "project"),
  ListTopicSubscriptions: needs("pubsub.topics.get", "topic"),
  DeleteTopic: needs("pubsub.topics.delete", "topic"),
  DetachSubscription: needs("pubsub.subscriptions.update", "subscription"),
  CreateSubscription: allOf(
    needs("pubsub.subscriptions.create", "name"),
    needs("pubsub.topics.attachSubscription", "topic"),
  ),
  GetSubscription: needs("pubsub.subscriptions.get", "subscription"),
  UpdateSubscription: needs("pubsub.subscriptions.update", "subscription.name"),
  ListSubscriptions: needs("pubsub.subscriptions.list", "project"),
  DeleteSubscription: needs("pubsub.subscriptions.delete", "subscription"),
  ModifyAckDeadline: consuming,
  Acknowledge: consuming,
  Pull: consuming,
  StreamingPull: consuming,
  ModifyPushConfig: needs("pubsub.subscriptions.update", "subscription"),
  ListSnapshots: needs("pubsub.snapshots.list", "project"),
  ListSchemas: needs("pubsub.schemas.list", "parent"),
  ...policyRules((name) => `pubsub.${name.split("/")[2] ?? "topics"}`),
};
