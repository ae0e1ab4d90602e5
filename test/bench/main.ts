import { writeFile } from "node:fs/promises";
import { availableParallelism, cpus, totalmem } from "node:os";
import { parseArgs } from "node:util";
import { setup as buildDeployable } from "../support/build-deployable.ts";
import { measureColdStart } from "./cold-start.ts";
import { toTable } from "./figure.ts";
import type { Figure } from "./figure.ts";
import { measureKept } from "./kept.ts";
import { measureLatency } from "./latency.ts";
import { measureOperations } from "./operations.ts";
import { measurePubsub } from "./pubsub.ts";
import { measureSteps } from "./steps.ts";
import { measurePages } from "./pages.ts";
import { measureStart } from "./start.ts";
import { measureThroughput } from "./throughput.ts";
import { measureTransactions } from "./transactions.ts";

/**
 * Everything that is measured, in one run on one machine. A target that is missed is told, and does not
 * make the run fail: who reads it judges. `--json FILE` writes the figures.
 */
const MEASUREMENTS: readonly (readonly [string, () => Promise<readonly Figure[]>])[] = [
  ["the local cloud's start", measureStart],
  ["cold starts", measureColdStart],
  ["pushes to a quiet service", measureLatency],
  ["what is kept on disk", measureKept],
  ["operations of Firestore", measureOperations],
  ["operations of Firestore by step", measureSteps],
  ["pages of a small and of a large installation", measurePages],
  ["events per second", measureThroughput],
  ["transactions of Firestore", measureTransactions],
  ["Pub/Sub from publish to acknowledgement", measurePubsub],
];

const { values } = parseArgs({ options: { json: { type: "string" } } });
// What is measured is what is deployed.
await buildDeployable();
const startMs = performance.now();
const figures: Figure[] = [];
for (const [name, measure] of MEASUREMENTS) {
  process.stderr.write(`measuring ${name} …\n`);
  figures.push(...(await measure()));
}
const machine = {
  processor: cpus()[0]?.model ?? "unknown",
  cores: availableParallelism(),
  memoryGb: Math.round(totalmem() / 2 ** 30),
  node: process.version,
};
const seconds = Math.round((performance.now() - startMs) / 1000);
const lines = [
  `${machine.processor}, ${machine.cores} cores, ${machine.memoryGb} GB, Node ${machine.node}; ${seconds} s`,
  "",
  ...toTable(figures),
];
process.stdout.write(`${lines.join("\n")}\n`);
if (values.json !== undefined) {
  const report = { time: new Date().toISOString(), seconds, machine, figures };
  await writeFile(values.json, `${JSON.stringify(report, null, 2)}\n`);
}
// Google's clients keep their connections, which would keep this process.
process.exit(0);
