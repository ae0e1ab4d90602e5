import { AsyncLocalStorage } from "node:async_hooks";

/** The variables of a process. */
export type Environment = Readonly<Record<string, string>>;

/** Lets what runs in one process each find an environment of its own. */
export type OwnEnvironments = {
  /** Runs something, and all that it begins, in an environment. */
  readonly within: <Value>(environment: Environment, act: () => Value) => Value;
};

/**
 * From now on whoever reads `process.env` reads the environment that it runs within; outside of all of them, `outside`.
 * A thread for each would do the same, and would load and keep every module once more.
 */
export function openOwnEnvironments(outside: Environment): OwnEnvironments {
  const current = new AsyncLocalStorage<Environment>();
  const own = (): Environment => current.getStore() ?? outside;
  process.env = new Proxy<NodeJS.ProcessEnv>(
    {},
    {
      get: (_, name): unknown => Reflect.get(own(), name),
      has: (_, name) => Reflect.has(own(), name),
      ownKeys: () => Reflect.ownKeys(own()),
      getOwnPropertyDescriptor: (_, name) => {
        const found = Reflect.getOwnPropertyDescriptor(own(), name);
        return found === undefined ? undefined : { ...found, configurable: true };
      },
    },
  );
  return { within: (environment, act) => current.run(environment, act) };
}
