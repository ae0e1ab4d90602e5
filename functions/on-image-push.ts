import { onImagePush } from "../shared/app/image-push.ts";
import { parseImagePush } from "../shared/wire/image-push.ts";
import type { ImagePushMessage } from "../shared/wire/image-push.ts";
import type { MessageFunction } from "./message-function.ts";

/** Artifact Registry's topic `gcr`: an image was pushed, tagged or deleted. */
export const onImagePushFunction: MessageFunction<ImagePushMessage> = {
  name: "on-image-push",
  isNoted: true,
  parse: parseImagePush,
  run: onImagePush,
};
