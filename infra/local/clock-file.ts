import { join } from "node:path";

/** Where it is said where the local cloud's clock stands, for the processes of its functions and commands. */
export function clockFile(directory: string): string {
  return join(directory, ".slipway", "clock.json");
}
