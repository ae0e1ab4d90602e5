/** A google.protobuf.Duration in JSON, such as `1.5s`, in milliseconds. */
export function toMs(duration: string): number {
  return Number(duration.slice(0, -1)) * 1_000;
}
