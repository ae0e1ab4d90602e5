/** What gets an environment's traffic at one moment. */
export type RunningView = {
  /** Each image with its share, the largest first; empty when nothing serves. */
  readonly images: readonly { readonly image: string; readonly percent: number }[];
  /** Who changed the service last and with which client, as far as it says. */
  readonly by: string | null;
};

/** What runs, in words: the one image, several with their shares, or `nothing`. */
export function runningText({ images }: RunningView): string {
  const [first] = images;
  if (first === undefined) {
    return "nothing";
  }
  return images.length === 1
    ? first.image
    : images.map(({ image, percent }) => `${image} (${percent}%)`).join(" and ");
}
