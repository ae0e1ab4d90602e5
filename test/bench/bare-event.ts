import type { DeployCalls, FirestoreCalls, OtherCalls } from "./bare-clients.ts";

/** A document as it was read: where it is, and what is in it. */
export type Copy = { readonly id: string; readonly fields: Readonly<Record<string, unknown>> };

/** What one event wrote to Firestore in one of its commits. */
export type Commit = {
  readonly service: Readonly<Record<string, unknown>>;
  readonly history: Readonly<Record<string, readonly Copy[]>>;
};

/** Everything that the events of one kind have in common: copied from an event that our function handled. */
export type Sample = {
  readonly image: string;
  /** Where the image's files are in the registry, and its digest. */
  readonly files: string;
  readonly digest: string;
  /** The commits, in their order; none for an event that changed nothing. */
  readonly commits: readonly Commit[];
  readonly release: Readonly<Record<string, unknown>>;
  readonly pipeline: string;
  readonly target: string;
  readonly description: string;
  /** The messages of each call of publish, as base64. */
  readonly published: readonly (readonly string[])[];
};

/** One event of a round: ids that no other event has. */
export type BareEvent = { readonly service: string; readonly release: string };

/** The clients that an event's calls are made with. */
export type Clients = FirestoreCalls & DeployCalls & OtherCalls;

/** Makes the calls of an event about a new image: no decisions, no checks. */
export async function handleNewImage(
  clients: Clients,
  sample: Sample,
  event: BareEvent,
): Promise<void> {
  const [first, second, third] = sample.commits;
  await clients.findService(event.service);
  await clients.readImage(sample.image);
  await clients.inspectImage(sample);
  await clients.readRelease(event.service, event.release);
  await clients.readControl();
  await clients.commit(event.service, first);
  await clients.createRelease(sample, event.release);
  await clients.createRollout(sample, event.release);
  await clients.publish(sample.published[0] ?? []);
  await clients.commit(event.service, second);
  await clients.publish(sample.published[1] ?? []);
  await clients.commit(event.service, third);
  await clients.keepEvent(event.release);
}

/** Makes the calls of an event about an image that is known: nothing changes but what is kept of events. */
export async function handleKnownImage(
  clients: Clients,
  sample: Sample,
  event: BareEvent,
): Promise<void> {
  await clients.findService(event.service);
  await clients.readImage(sample.image);
  await clients.keepEvent(event.release);
}
