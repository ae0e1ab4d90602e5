import { operation, type Unary } from "./call.ts";

/** What is done around every call. */
export type Hooks = {
  /** Brings the state up to now. */
  readonly settle: () => void;
  /** Waits for what is due next. */
  readonly changed: () => void;
};

/** An operation of an emulator: `subject` is its state with what surrounds it. */
export type Run<Subject, Request> = (subject: Subject, request: Request, nowMs: number) => unknown;

/** Makes methods of an emulator's operations: of those that only read, and of those that write. */
export type OperationsOn<Subject> = {
  readonly reads: <Request extends object>(read: Run<Subject, Request>) => Unary;
  readonly writes: <Request extends object>(write: Run<Subject, Request>) => Unary;
};

/** Before each operation the state is brought up to now; after one that writes, `changed` is called. */
export function operationsOn<Subject>(
  subject: Subject,
  { settle, changed }: Hooks,
): OperationsOn<Subject> {
  return {
    reads: <Request extends object>(read: Run<Subject, Request>) =>
      operation<Request>((request, call) => {
        settle();
        return read(subject, request, call.clock.now());
      }),
    writes: <Request extends object>(write: Run<Subject, Request>) =>
      operation<Request>((request, call) => {
        settle();
        const answer = write(subject, request, call.clock.now());
        changed();
        return answer;
      }),
  };
}

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
