import { putImage } from "../change/change.ts";
import type { Change } from "../change/change.ts";
import { entryOf } from "../entry-of.ts";
import type { ReleaseId } from "../ids.ts";
import { withOtherTags } from "../image.ts";

/** The registry showed the tags of a release's image: each tag names the image, even if no message told of the tag. */
export function onTagsObserved(
  change: Change,
  { release, tags }: { readonly release: ReleaseId; readonly tags: readonly string[] },
): Change {
  const image = entryOf(change.state.releases, release)?.image;
  if (image === undefined) {
    return change;
  }
  const told = new Set(image.tags.map(({ tag }) => tag));
  const named = withOtherTags(
    image,
    tags.filter((tag) => !told.has(tag)),
  );
  return named === image ? change : putImage(change, named);
}
