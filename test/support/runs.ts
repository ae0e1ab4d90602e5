/**
 * How often a storm is let loose: as often as it says, or as `STORM_RUNS` says where somebody wants to be surer than
 * each change has to be: `STORM_RUNS=3000 npx vitest run --project property`.
 */
export function runs(count: number): number {
  const wanted = Number(process.env["STORM_RUNS"] ?? "");
  return Number.isSafeInteger(wanted) && wanted > 0 ? wanted : count;
}
