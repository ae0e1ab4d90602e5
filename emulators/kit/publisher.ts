/** A message to publish. */
export type PublishedMessage = {
  readonly data?: Uint8Array;
  readonly attributes?: Readonly<Record<string, string>>;
  readonly orderingKey?: string;
};

/**
 * How an emulator publishes as the service it stands for. A topic that does not exist gets nothing
 * and is no error, as with the real services' notifications.
 */
export type Publisher = {
  /** `topic` is `projects/P/topics/T`. */
  readonly publish: (topic: string, message: PublishedMessage) => void;
};
