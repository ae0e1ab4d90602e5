import { operation, type Unary } from "./call.ts";

/** An operation of an emulator: `subject` is its state with what surrounds it. */
export type Run<Subject, Request> = (subject: Subject, request: Request, nowMs: number) => unknown;

/** Methods, by name, of operations that each have a request of their own. */
export function methodsOn<Subject>(
  subject: Subject,
  operations: Readonly<Record<string, Run<Subject, never>>>,
): Readonly<Record<string, Unary>> {
  const entries = Object.entries(operations).map(([name, run]): [string, Unary] => [
    name,
    operation<never>((request, call) => run(subject, request, call.clock.now())),
  ]);
  return Object.fromEntries(entries);
}
