import { LOCAL_PROJECT } from "../../infra/local/settings.ts";
import { isTold } from "../../shared/domain/notices/notice.ts";
import { toAuditMessage } from "../../shared/wire/audit-message.ts";
import { deliveryOf } from "./image-event.ts";
import type { LocalWorld } from "./local-world.ts";
import { present } from "./present.ts";

/** How many records are looked through. */
const LOOKED_AT = 50;

/** The delivery of the first record of a service that people are told of, as the feed has it. */
export async function toldDelivery({ ports }: LocalWorld, service: string): Promise<string> {
  const records = await ports.store.records(service, 0, LOOKED_AT);
  const record = present(
    records.find(({ kind }) => isTold(kind)),
    "a record that is told",
  );
  return deliveryOf("told", toAuditMessage(record, LOCAL_PROJECT).body);
}
