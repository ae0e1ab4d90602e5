import type { z } from "zod";
import type { Instant } from "../../../shared/domain/time.ts";
import type { GateView } from "../../../shared/wire/api/schemas.ts";
import { sign } from "./badges.ts";
import type { Sign } from "./badges.ts";
import { NOTHING, plain } from "./html.ts";
import type { Html } from "./html.ts";
import { stamp } from "./moments.ts";
import { table } from "./table.ts";

/** A gate as it is shown: its verdict, and what would open it where that is told. */
export type ShownGate = z.output<typeof GateView> & { readonly opensWhen?: string | null };

const VERDICTS: Readonly<Record<ShownGate["verdict"], Sign>> = {
  OPEN: { tone: "good", word: "Open" },
  WARNING: { tone: "wait", word: "Warning" },
  CLOSED: { tone: "stop", word: "Closed" },
};

/** Every gate's verdict, why it is so, and when or by what it opens. */
export function gateTable(gates: readonly ShownGate[], now: Instant): Html {
  return gates.length === 0
    ? NOTHING
    : table({
        caption: "Gates",
        className: "gates",
        keys: gates.map(({ gate }) => gate),
        headings: ["Gate", "Verdict", "Why", "Opens"],
        rows: gates.map((gate) => [
          plain(gate.gate),
          sign(VERDICTS[gate.verdict]),
          plain(gate.reason ?? ""),
          opening(gate, now),
        ]),
      });
}

function opening({ opensAt, opensWhen = null }: ShownGate, now: Instant): Html {
  if (opensAt !== null) {
    return stamp(opensAt, now);
  }
  return opensWhen === null ? NOTHING : plain(opensWhen);
}
