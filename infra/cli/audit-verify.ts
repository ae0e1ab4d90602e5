import { Command } from "commander";
import { EMPTY_CHAIN, SYSTEM_CHAIN } from "../../shared/domain/audit-record.ts";
import type { AuditHead } from "../../shared/domain/audit-record.ts";
import { openApi } from "./api.ts";
import type { Api } from "./api.ts";
import { recordsAfter } from "./audit-records.ts";
import { checkChain } from "./check-chain.ts";
import type { Verdict } from "./check-chain.ts";
import { CliError, EXIT } from "./cli-error.ts";
import { readKept } from "./kept-heads.ts";
import type { Kept } from "./kept-heads.ts";
import type { GlobalOptions } from "./options.ts";
import { print, printJson } from "./output.ts";
import { listHeads } from "./pages.ts";
import { count } from "./problem-text.ts";

type Options = GlobalOptions & { readonly head?: string; readonly feed?: string };

/** The ends of chains by their documents, and what was kept of them elsewhere. */
type Against = {
  readonly claimed: ReadonlyMap<string, AuditHead | null>;
  readonly kept: ReadonlyMap<string, Kept>;
};

/** `slipway audit verify`: proves that no record is missing, added or changed. */
export function auditVerifyCommand(): Command {
  return new Command("verify")
    .summary("prove that no record is missing, added or changed")
    .description(
      "Read every record. Check its number, its hash, the hash of the record before, and that the chain ends where the service's own document says. A chain that was written anew as a whole shows only against what was kept elsewhere: give a file with --head or --feed.",
    )
    .argument("[service]", "a service; if left out, every chain")
    .option("--head <file>", "heads that `slipway audit heads` printed before")
    .option("--feed <file>", "messages of the audit feed, as JSON: a list, or one a line")
    .action(async (service: string | undefined, _: unknown, command: Command) => {
      const options = command.optsWithGlobals<Options>();
      const api = await openApi(options);
      const against = await readAgainst(api, options);
      const verdicts: Verdict[] = [];
      for (const chain of service === undefined ? chainsOf(against) : [service]) {
        const verdict = await verify(api, chain, against);
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

async function readAgainst(api: Api, { head, feed }: Options): Promise<Against> {
  const kept = await readKept([head, feed].filter((path) => path !== undefined));
  const claimed = (await listHeads(api)).map(({ chain, sequence, hash }) => {
    return [chain, sequence === null || hash === null ? null : { sequence, hash }] as const;
  });
  return { kept, claimed: new Map(claimed) };
}

/** A chain of which something was kept is looked for even where no service has it any more. */
function chainsOf({ claimed, kept }: Against): readonly string[] {
  return [...new Set([SYSTEM_CHAIN, ...claimed.keys(), ...kept.keys()])];
}

async function verify(api: Api, chain: string, { claimed, kept }: Against): Promise<Verdict> {
  const own = kept.get(chain) ?? new Map<number, string>();
  if (!claimed.has(chain) && own.size > 0) {
    const last = Math.max(...own.keys());
    const reason = `there is no such service, or you may not read it, and record ${last} was kept elsewhere`;
    return { chain, head: EMPTY_CHAIN, broken: { sequence: 1, reason } };
  }
  return checkChain({
    chain,
    pages: recordsAfter(api, chain, 0),
    claimed: claimed.get(chain) ?? null,
    kept: own,
  });
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
