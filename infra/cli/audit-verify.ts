import { Command } from "commander";
import { verifyChain } from "../../shared/adapters/canonical-hash.ts";
import { EMPTY_CHAIN, SYSTEM_CHAIN } from "../../shared/domain/audit-record.ts";
import type { AuditHead } from "../../shared/domain/audit-record.ts";
import { openApi } from "./api.ts";
import type { Api } from "./api.ts";
import { recordsAfter } from "./audit-records.ts";
import { CliError, EXIT } from "./cli-error.ts";
import type { GlobalOptions } from "./options.ts";
import { print, printJson } from "./output.ts";
import { listServices } from "./pages.ts";
import { count } from "./problem-text.ts";

/** A chain that was walked to its end, or to the first record that does not fit. */
type Verdict = {
  readonly chain: string;
  /** The last record that is in order. */
  readonly head: AuditHead;
  readonly broken: { readonly sequence: number; readonly reason: string } | null;
};

/** `slipway audit verify`: proves that no record is missing, added or changed. */
export function auditVerifyCommand(): Command {
  return new Command("verify")
    .summary("prove that no record is missing, added or changed")
    .description("Read every record. Check its number, its hash and the hash of the record before.")
    .argument("[service]", "a service; if left out, every chain")
    .action(async (service: string | undefined, _: unknown, command: Command) => {
      const options = command.optsWithGlobals<GlobalOptions>();
      const api = await openApi(options);
      const verdicts: Verdict[] = [];
      for (const chain of service === undefined ? await listChains(api) : [service]) {
        const verdict = await verify(api, chain);
        verdicts.push(verdict);
        if (options.json !== true) {
          show(verdict);
        }
      }
      if (options.json === true) {
        printJson({ chains: verdicts });
      }
      if (verdicts.some(({ broken }) => broken !== null)) {
        throw new CliError(EXIT.refused, "");
      }
    });
}

async function listChains(api: Api): Promise<readonly string[]> {
  const services = await listServices(api);
  return [SYSTEM_CHAIN, ...services.map(({ id }) => id)];
}

async function verify(api: Api, chain: string): Promise<Verdict> {
  let head = EMPTY_CHAIN;
  for await (const page of recordsAfter(api, chain, 0)) {
    // Record by record: a broken one is named after the last that is in order.
    for (const record of page) {
      const checked = verifyChain(head, [record]);
      if (!checked.ok) {
        return { chain, head, broken: checked.refusal };
      }
      head = checked.value;
    }
  }
  return { chain, head, broken: null };
}

function show({ chain, head, broken }: Verdict): void {
  if (broken === null) {
    print({ text: "intact", tone: "good" }, `  ${chain}: ${count(head.sequence, "record")}`);
  } else {
    print(
      { text: "broken", tone: "bad" },
      `  ${chain}: at record ${broken.sequence}: ${broken.reason}; ${head.sequence} before it are in order`,
    );
  }
}
