import type { Problem } from "../../shared/wire/spec/problem.ts";
import { print } from "./output.ts";

/** Prints problems as `file:line:column severity path: message`, which editors can jump to. */
export function printProblems(file: string, problems: readonly Problem[]): void {
  for (const { line, column, severity, path, message } of problems) {
    const tone = severity === "error" ? "bad" : "waiting";
    const place = path === "" ? "" : `${path}: `;
    print(`${file}:${line}:${column} `, { text: severity, tone }, ` ${place}${message}`);
  }
}

/** `2 errors, 1 warning`. */
export function countProblems(problems: readonly Problem[]): string {
  const errors = problems.filter(({ severity }) => severity === "error").length;
  return `${count(errors, "error")}, ${count(problems.length - errors, "warning")}`;
}

/** `1 file`, `2 files`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
