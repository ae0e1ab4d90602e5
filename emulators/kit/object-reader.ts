/** Where an emulator reads objects of Cloud Storage. */
export type ObjectReader = {
  /** The bytes of `gs://bucket/object`, or null when there is no such object. */
  readonly read: (uri: string) => Uint8Array | null;
};
