import { onNotices } from "../shared/app/notices.ts";
import type { NoticeHint, NoticePorts } from "../shared/app/notice-work.ts";
import type { Ports } from "../shared/ports/ports.ts";
import { parseNoticeHint } from "../shared/wire/notice-hint.ts";
import type { MessageFunction } from "./message-function.ts";

/** The topic `slipway-audit`: something is on the record, and people are to be told. */
export const onNoticeFunction: MessageFunction<NoticeHint, NoticePorts & Pick<Ports, "tally">> = {
  name: "on-notice",
  isNoted: false,
  parse: parseNoticeHint,
  run: onNotices,
};
